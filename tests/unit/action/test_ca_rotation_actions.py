# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ca_rotation, ca_rotation_plan and ca_rotation_proof in a play: a server of today's Python is taken from one CA to the next.

The server stands for a process that has its files in memory: it is started anew where a node would reload. What engines really do
is shown on real ones by the molecule scenario rotation.
"""

from __future__ import annotations

import contextlib
import datetime
import os

import pytest
from ansible_collections.interlock.cluster.plugins.action import ca_rotation_plan, ca_rotation_proof
from ansible_collections.interlock.cluster.plugins.module_utils._ansible import ca_rotation
from ansible_collections.interlock.cluster.plugins.module_utils._ansible.ca_directory import CaDirectory
from ansible_collections.interlock.cluster.plugins.module_utils._ansible.ca_lifecycle import Clock
from ansible_collections.interlock.cluster.plugins.module_utils._ansible.ca_results import report
from ansible_collections.interlock.cluster.plugins.module_utils._pki import node_certificate
from ansible_collections.interlock.cluster.tests.unit.support.playbooks import run_playbook
from ansible_collections.interlock.cluster.tests.unit.support.tls_server import transport_layer
NOW = datetime.datetime.now(datetime.timezone.utc)
PASSPHRASE = "correct horse battery"


@pytest.fixture(scope="module")
def directory(tmp_path_factory, certificates):
    made = CaDirectory(str(tmp_path_factory.mktemp("rotation") / "ca"))
    made.add(certificates.authority(now=NOW), PASSPHRASE, "created", NOW)
    ca_rotation.prepare(made, ca_rotation.Wishes(passphrase=PASSPHRASE), False, Clock(NOW, os.urandom))
    return made


def issued_by(directory, certificates, number):
    issued = node_certificate.issue(directory.load(PASSPHRASE, NOW, number), certificates.request(), NOW, certificates.serial())
    directory.append(issued, number, NOW)
    return issued


# The plan

def facts(ca, number):
    return next(entry["facts"] for entry in ca["generations"] if entry["generation"] == number)


def seen(ca, served=1, accepts=(1,), **also):
    state = {"reachable": True, "speaks_tls": True, "error": None, "served": {}, "generation": served, "serves_other": None,
             "accepts": [{"generation": number, "accepted": number in accepts, "detail": ""} for number in (1, 2)]}
    return dict({"name": "n1", "members": ["n1"], "trusted": [facts(ca, number) for number in accepts], "problems": [], "state": state, "error": None},
                **also)


def planned(ca, nodes, **options):
    return ca_rotation_plan.plan_of(dict({"ca": ca, "nodes": nodes, "begin": False, "abort": False, "until": "retire", "excluded": [],
                                          "trust_inventory": False}, **options))


@pytest.fixture(scope="module")
def ca(directory):
    return report(directory, None, NOW)


def test_the_plan_names_step_nodes_certificates_and_proof(ca):
    plan = planned(ca, {"h1": seen(ca)})
    assert (plan["step"], plan["target"], plan["leaving"], plan["same_key"], plan["problems"]) == ("trust", 2, 1, False, [])
    assert plan["trusted"] == ca["certificates"] and plan["proof"] == {"serves": None, "accepts": [1, 2], "refuses": []}
    assert plan["nodes"] == {"h1": {"due": True, "why": "its process does not accept certificates of generation 2 yet"}}
    through = planned(ca, {"h1": seen(ca, 2, (1, 2))})
    assert (through["step"], through["trusted"], through["proof"]) == ("drop", ca["certificates"][1:], {"serves": 2, "accepts": [2], "refuses": [1]})


@pytest.mark.parametrize("also, problem", [
    ({"state": None, "error": "no handshake"}, "h1: no handshake"),
    ({"state": {"reachable": False, "speaks_tls": None, "error": "Connection refused", "generation": None, "serves_other": None, "accepts": []}},
     "h1: does not speak TLS (Connection refused). Secure the cluster, or start the node, first."),
    ({"trusted": [{"sha256": "00", "subject": "CN=remote"}]},
     "h1: its truststore holds CN=remote, which is no CA of this directory. Take it out, or adopt it."),
    ({"problems": ["is odd"]}, "h1: is odd"),
    ({"members": ["n1", "n9"]}, "the cluster has nodes that are not in this play: n9"),
    ({"members": None}, "no node tells who the members of the cluster are"),
])
def test_the_plan_tells_what_stands_against_it(ca, also, problem):
    assert [found.startswith(problem) for found in planned(ca, {"h1": seen(ca, **also)})["problems"]] == [True]


@pytest.mark.parametrize("asks, step", [(True, "drop"), (False, "retire")])
def test_a_port_that_asks_no_client_is_judged_by_what_its_files_trust(ca, asks, step):
    node = seen(ca, served=2, accepts=(1, 2), trusted=[facts(ca, 2)], asks_clients=asks)
    assert planned(ca, {"n1": node})["step"] == step
    node = seen(ca, served=1, accepts=(1, 2), trusted=[facts(ca, 1)], asks_clients=asks)
    assert planned(ca, {"n1": node})["step"] == "trust"


def test_the_plan_without_a_ca(ca):
    plan = planned({"exists": False, "problems": []}, {"h1": seen(ca)}, begin=True)
    assert plan["step"] == "none" and plan["problems"] == ["the CA: there is no CA yet. Secure the cluster first."]
    assert planned({"msg": "cannot be read"}, {"h1": seen(ca)})["problems"] == ["the CA: cannot be read"]


def test_hosts_of_several_clusters_are_refused(ca):
    nodes = {"h1": seen(ca, directory="/ca/logs"), "h2": seen(ca, directory="/ca/sessions"), "h3": seen(ca, directory="/ca/logs")}
    plan = planned(ca, nodes, begin=True)
    assert (plan["step"], plan["problems"]) == ("none", ["the hosts have CAs of their own (/ca/logs, /ca/sessions). Run the playbook for one "
                                                         "cluster at a time: -e cluster=GROUP"])
    assert planned(ca, {host: nodes[host] for host in ("h1", "h3")})["step"] == "trust"


def test_the_report_says_step_and_reasons(ca):
    options = {"until": "begin"}
    lines = ca_rotation_plan.report(planned(ca, {"h1": seen(ca, problems=["is odd"])}, **options), options)
    assert lines == ["Rotation of the CA: phase 1 of 3, every node trusts both CAs (from generation 1 to 2)", "  not now: this run goes until begin",
                     "  h1: its process does not accept certificates of generation 2 yet", "  PROBLEM: h1: is odd"]


# The proof

@pytest.mark.parametrize("options, missing", [
    ({"serves": 1}, []), ({"accepts": [1]}, []), ({"refuses": [2]}, []), ({}, []),
    ({"serves": 2}, ["it serves a certificate of generation 1 and not of generation 2"]),
    ({"accepts": [1, 2]}, ["it does not accept certificates of generation 2"]),
    ({"refuses": [1, 2]}, ["it still accepts certificates of generation 1"]),
])
def test_what_a_port_lacks(ca, options, missing):
    wanted = dict({"serves": None, "accepts": [], "refuses": []}, **options)
    assert ca_rotation_proof.lacks(seen(ca)["state"], wanted) == missing
    silent = {"speaks_tls": False, "error": None, "accepts": []}
    assert bool(ca_rotation_proof.lacks(silent, wanted)) == bool(options)


@pytest.mark.parametrize("asked, told", [(None, None), ([], None), (["CN=logs CA"], True), (["CN=other"], False)])
def test_an_expired_ca_is_told_by_its_name(certificates, asked, told):
    assert ca_rotation_proof.listed(certificates.authority().certificate, {"client_certificate_authorities": asked}) is told


# In a play

@pytest.fixture(scope="module")
def outcome(tmp_path_factory, directory, certificates):
    top = tmp_path_factory.mktemp("plays")
    common = {"host": "127.0.0.1", "plaintext_protocol": "none", "ca_directory": directory.path, "ca_passphrase": PASSPHRASE}
    with contextlib.ExitStack() as stack:
        port = stack.enter_context(transport_layer(top, issued_by(directory, certificates, 1)))
        proof = dict(common, port=port)
        tasks = [
            {"name": "look", "interlock.cluster.ca_rotation_proof": proof, "check_mode": True},
            {"name": "wait in vain", "interlock.cluster.ca_rotation_proof": dict(proof, serves=2, timeout=2), "ignore_errors": True},
            {"name": "archive", "interlock.cluster.ca_rotation": {"directory": directory.path, "state": "archived", "generation": 2}, "check_mode": True},
            {"name": "plan", "interlock.cluster.ca_rotation_plan": {"ca": {"exists": False}, "nodes": {"h1": {"name": "n1"}}}},
        ]
        return run_playbook(top, [{"hosts": "all", "gather_facts": False, "tasks": tasks}], {"h1": {}}, "-vvv")


def test_a_look_tells_who_issued_what_is_served(outcome):
    status, result = outcome.only("h1", "look")
    assert (status, result["changed"], result["state"]["generation"], result["state"]["serves_other"]) == ("ok", False, 1, None)
    assert [entry["generation"] for entry in result["state"]["accepts"]] == [1, 2]


def test_a_wait_in_vain_says_what_is_missing(outcome):
    status, result = outcome.only("h1", "wait in vain")
    assert status == "failed"
    assert "it serves a certificate of generation 1 and not of generation 2 after" in result["msg"]


def test_the_others_in_a_play(outcome):
    assert outcome.only("h1", "archive")[1]["changed"] is True
    assert outcome.only("h1", "plan")[1]["plan"]["problems"] == ["the CA: there is no CA yet. Secure the cluster first."]


def test_no_secret_is_told(outcome):
    assert PASSPHRASE not in outcome.output and "PRIVATE KEY-----" not in outcome.output
