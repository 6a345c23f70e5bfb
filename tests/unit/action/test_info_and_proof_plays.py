# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The actions that look at a node and judge: elasticsearch_tls_info, -plan, -proof, -report, elasticsearch_health, report.

One run of ansible-playbook -vvv. A node is a directory, a process that only bears the name, and servers of this test on loopback.
"""

from __future__ import annotations

import contextlib
import datetime
import json
import os
import pathlib
import subprocess

import pytest
from ansible_collections.interlock.cluster.plugins.module_utils._ansible.ca_directory import CaDirectory
from ansible_collections.interlock.cluster.plugins.module_utils._engines import elasticsearch as engine
from ansible_collections.interlock.cluster.plugins.module_utils._node.service import MARKER
from ansible_collections.interlock.cluster.plugins.module_utils._pki import facts
from ansible_collections.interlock.cluster.plugins.module_utils._stores import elasticsearch_keystore as keystores
from ansible_collections.interlock.cluster.plugins.module_utils._stores import pem
from ansible_collections.interlock.cluster.tests.unit.support.playbooks import run_playbook
from ansible_collections.interlock.cluster.tests.unit.support.scripted_api import UNAUTHORIZED, scripted_api
from ansible_collections.interlock.cluster.tests.unit.support.tls_server import transport_layer

PASSPHRASE, ELASTIC, KEYSTORE = "kno4 of the CA here", "kno4-of-elastic", "kno4-of-the-keystore"
NOW = datetime.datetime.now(datetime.timezone.utc)
ANSWERS = pathlib.Path(__file__).parents[1] / "module_utils" / "_engines" / "files" / "api-7.17.28-plaintext.json"
YML = b"cluster.name: orders\nnode.name: es1\nthe.api.key: kno4-in-the-file\n"


def live_answers():
    """What a plaintext node of 7.17.28 answers, as the script of a scripted API."""
    script = {"GET /_cluster/health": [(200, {})]}
    for name, answer in json.loads(ANSWERS.read_text(encoding="utf-8")).items():
        script["GET " + getattr(engine, name).partition("?")[0]] = [(answer["status"], answer["answer"])]
    return script


class Estate:
    """Nodes as directories, a CA, and the tasks to run."""

    def __init__(self, top, certificates):
        self.top, self.tasks = top, {}
        self.ca = certificates.authority("CN=logs CA", now=NOW)
        CaDirectory(str(top / "ca")).add(self.ca, PASSPHRASE, "created", NOW)
        request = certificates.request("node-1", dns=("localhost",), ip=("127.0.0.1",))
        self.issued = certificates.issue(self.ca, request, NOW)
        self.elsewhere = certificates.issue(self.ca, certificates.request("node-2", ip=("192.0.2.1",)), NOW)

    def node(self, name, pid=None, password=""):
        """A node's directory; with a pid its process runs."""
        config = self.top / name
        config.mkdir()
        (config / "elasticsearch.yml").write_bytes(YML)
        entries = {"keystore.seed": b"s" * 20, "other": b"kno4-other"}
        keystore = keystores.Keystore(entries, 4, password_protected=bool(password))
        (config / "elasticsearch.keystore").write_bytes(keystores.dump(keystore, password, os.urandom))
        if pid:
            (config / "es.pid").write_text(str(pid))
        return config

    def info(self, name, check=False, **options):
        """A task elasticsearch_tls_info on a node."""
        config = str(self.top / name)
        given = {"config_dir": config, "home": "/nonexistent", "password": ELASTIC, "settings": {"xpack.security.enabled": True},
                 "authorities": [pem.dump_certificates([self.ca.certificate]).decode()], "issuer": pem.dump_certificates([self.ca.certificate]).decode(),
                 "service": {"manager": "archive", "home": "/nonexistent", "config_dir": config, "pid_file": config + "/es.pid"}}
        self.add(name, "info", "elasticsearch_tls_info", dict(given, **options), check, register="info")

    def prove(self, name, port, check=False, **options):
        """A task elasticsearch_tls_proof against a port."""
        given = {"host": "127.0.0.1", "port": port, "ca_directory": str(self.top / "ca"), "ca_passphrase": PASSPHRASE, "timeout": 0}
        self.add(name, "proof", "elasticsearch_tls_proof", dict(given, **options), check)

    def add(self, host, name, module, options, check=False, **keywords):
        task = {"name": name, "interlock.cluster." + module: options, "check_mode": check, "ignore_errors": True}
        self.tasks.setdefault(host, []).append(dict(task, **keywords))


def add_infos(estate, pid, stack):
    """The nodes to look at."""
    for name, options in (("fresh", {"check": True}), ("protected", {}), ("refusing", {"check": True})):
        estate.node(name, pid if name == "refusing" else None, KEYSTORE if name == "protected" else "")
        if name == "refusing":
            api = stack.enter_context(scripted_api())
            api.script = {"GET /_cluster/health": [UNAUTHORIZED]}
            port = stack.enter_context(transport_layer(estate.top, estate.issued, estate.ca.certificate))
            options = {"http_port": api.port, "transport_port": port}
        estate.info(name, **options)
    estate.node("running", pid)
    api = stack.enter_context(scripted_api())
    api.script = live_answers()
    estate.info("running", http_port=api.port, transport_port=stack.enter_context(transport_layer(estate.top)))
    estate.add("running", "plan", "elasticsearch_tls_plan", {"nodes": {"running": "{{ info.node }}"}, "ca_problem": "it is lost", "password_length": 3})


def add_proofs(estate, stack):
    """The ports to prove something about."""
    mutual = stack.enter_context(transport_layer(estate.top, estate.issued, estate.ca.certificate))
    open_to_all = stack.enter_context(transport_layer(estate.top, estate.issued))
    plain = stack.enter_context(transport_layer(estate.top))
    elsewhere = stack.enter_context(transport_layer(estate.top, estate.elsewhere, estate.ca.certificate))
    estate.prove("mutual", mutual, sha256=facts.fingerprint(estate.issued.certificate))
    estate.prove("in check mode", plain, check=True)
    estate.prove("open", open_to_all)
    estate.prove("open and meant so", open_to_all, demand_client_certificate=False)
    estate.prove("plaintext", plain)
    estate.prove("elsewhere", elsewhere)
    estate.prove("elsewhere and meant so", elsewhere, verify_name=False)
    estate.prove("another certificate", mutual, sha256="00" * 32)
    estate.prove("wrong passphrase", mutual, ca_passphrase="kno4")


def add_health(estate, pid, stack):
    """A cluster to wait for that is there, one that is not complete, and one whose process ended."""
    api = stack.enter_context(scripted_api())
    api.script = {"GET /_cluster/health": [(200, {"status": "green", "initializing_shards": 0, "unassigned_shards": 0})],
                  "GET /_nodes/_all/name": [(200, {"nodes": {"x": {"name": "es1"}}})]}
    for name, running, options in (("complete", pid, {"expected_nodes": ["es1"]}), ("incomplete", pid, {"expected_nodes": ["es1", "es2"], "timeout": 0}),
                                   ("ended", None, {})):
        config = estate.node(name, running)
        (config / "es.log").write_text("the reason why\n")
        connection = {"port": api.port if running else 1, "password": ELASTIC}
        engine = "opensearch" if name == "incomplete" else "elasticsearch"
        service = {"engine": engine, "manager": "archive", "home": "/nonexistent", "config_dir": str(config), "pid_file": str(config / "es.pid")}
        estate.add(name, "health", "elasticsearch_health", dict(options, connection=connection, service=service, logs=[str(config / "es.log")]))


def add_reports(estate):
    """Tables; nothing is run on any node for them."""
    served = {"serial": "0123456789abcdef", "issuer": "CN=logs CA", "not_after": "2030-01-01T00:00:00Z"}
    proof = {"served": served, "member_accepted": True, "plaintext_refused": True, "no_certificate_refused": False, "foreign_refused": None}
    outcomes = {"one": {"proof": proof, "stopped_at": 10.0, "healthy_at": 29.5, "switched": ["x"]},
                "two": {"proof": {}, "stopped_at": 12.0, "healthy_at": 30.0, "switched": []}}

    def count(number):
        return {"primaries": {"docs": {"count": number}}}

    before, after = {"orders": 10, "gone": 2}, {"orders": count(9), "new": count(5)}
    estate.add("reports", "lost", "elasticsearch_tls_report", {"outcomes": outcomes, "documents_before": before, "documents_after": after})
    estate.add("reports", "kept", "elasticsearch_tls_report", {
        "outcomes": {"one": dict(outcomes["one"], stopped_at=None, switched=[])}, "documents_before": {"orders": 10}, "documents_after": {"orders": count(10)}})
    estate.add("reports", "not counted", "elasticsearch_tls_report", {"outcomes": outcomes, "documents_before": {"orders": 10}})
    estate.add("reports", "table", "report", {"title": "Title", "rows": [{"a": 1}], "notes": ["a note"]})


@pytest.fixture(scope="module")
def estate(tmp_path_factory, certificates):
    return Estate(tmp_path_factory.mktemp("info"), certificates)


@pytest.fixture(scope="module")
def outcome(estate):
    with contextlib.ExitStack() as stack:
        process = stack.enter_context(subprocess.Popen(["sh", "-c", "read line", MARKER], stdin=subprocess.PIPE))
        stack.callback(process.stdin.close)
        add_infos(estate, process.pid, stack)
        add_proofs(estate, stack)
        add_health(estate, process.pid, stack)
        add_reports(estate)
        hosts = {name.replace(" ", "_"): {} for name in estate.tasks}
        plays = [{"hosts": name.replace(" ", "_"), "gather_facts": False, "tasks": tasks} for name, tasks in estate.tasks.items()]
        return run_playbook(estate.top, plays, hosts, "-vvv", "--diff")


def node(outcome, name):
    status, result = outcome.only(name, "info")
    assert (status, result["changed"]) == ("ok", False), result
    return result["node"]


def test_a_node_that_is_down(outcome):
    found = node(outcome, "fresh")
    assert (found["live"]["running"], found["name"], found["certificate"]["verdict"]) == (False, "es1", "issue")
    assert found["problems"] == [] and found["settings"] == ["xpack.security.enabled"]


def test_a_problem_of_a_node_is_no_failure_of_the_task(outcome, estate):
    assert node(outcome, "protected")["problems"] == [
        "%s: the keystore is protected by a password and none was given. Give the keystore password." % (estate.top / "protected/elasticsearch.keystore")]


def test_a_node_that_runs_in_plaintext(outcome):
    live = node(outcome, "running")["live"]
    assert (live["running"], live["transport_tls"], live["security"], live["scheme"], live["health"]) == (True, False, False, "http", "green")
    assert list(live["members"]) == ["es1"] and live["documents"] == {"orders": 1} and len(live["clients"]) == 3


def test_a_node_that_speaks_tls_and_refuses_the_password(outcome, estate):
    found = node(outcome, "refusing")
    assert (found["live"]["transport_tls"], found["live"]["denied"], found["switching_security_on"]) == (True, True, False)
    assert found["live"]["served"]["sha256"] == facts.fingerprint(estate.issued.certificate)


def test_the_plan_is_shown_and_fails_on_nothing(outcome):
    status, result = outcome.only("running", "plan")
    assert (status, result["changed"], result["plan"]["kind"]) == ("ok", False, "full")
    assert result["report"][0] == "Cluster orders: a full-cluster restart"
    problems = result["plan"]["problems"]
    assert problems[0] == "the CA: it is lost" and any("elasticsearch_tls_elastic_password has 3 characters" in text for text in problems)
    assert "\n".join(result["report"]) in outcome.output


def test_a_transport_layer_of_mutual_tls_is_proved(outcome, estate):
    status, result = outcome.only("mutual", "proof")
    assert (status, result["changed"]) == ("ok", False)
    proof = result["proof"]
    assert proof["served"]["sha256"] == facts.fingerprint(estate.issued.certificate)
    expected = ("chain_trusted", "member_accepted", "plaintext_refused", "no_certificate_refused", "foreign_refused")
    assert {name: proof[name] for name in expected} == dict.fromkeys(expected, True)


def test_what_is_meant_so_is_no_failure(outcome):
    assert outcome.only("open_and_meant_so", "proof")[1]["proof"]["no_certificate_refused"] is False
    assert outcome.only("elsewhere_and_meant_so", "proof")[1]["proof"]["chain_trusted"] is False
    status, result = outcome.only("in_check_mode", "proof")
    assert (status, result["msg"]) == ("skipped", "nothing to prove in check mode")


@pytest.mark.parametrize("name, message", [
    ("open", "a peer without a certificate is let in; a peer with a certificate of a foreign CA is not refused"),
    ("plaintext", "it does not speak TLS ("),
    ("elsewhere", "its certificate does not verify: "),
    ("another_certificate", "and not the one in its keystore. Look at the node's log, and at the certificate it serves."),
    ("wrong_passphrase", "ca/generation-1/ca.key: the passphrase of the private key is wrong"),
])
def test_what_is_not_as_it_must_be_fails(outcome, name, message):
    status, result = outcome.only(name, "proof")
    assert status == "failed" and message in result["msg"]
    assert name == "wrong_passphrase" or result["msg"].startswith("127.0.0.1:")


def test_every_proof_is_in_the_ledger(outcome, estate):
    entries, _damaged = CaDirectory(str(estate.top / "ca")).ledger()
    assert {entry["subject"] for entry in entries} == {"CN=interlock proof"} and len(entries) == 7


def test_waiting_for_a_cluster(outcome):
    status, result = outcome.only("complete", "health")
    assert (status, result["reached"], result["nodes"]) == ("ok", True, ["es1"]) and "invocation" not in result
    assert "complete: health green, 1 nodes are back" in outcome.output
    status, result = outcome.only("incomplete", "health")
    assert status == "failed" and "after 0 seconds: health green, 1 nodes are back, missing: es2. Look at the node's log; a larger" in result["msg"]
    assert "opensearch_tls_wait_timeout" in result["msg"], "the variable is that of the engine"
    status, result = outcome.only("ended", "health")
    assert status == "failed" and result["msg"].startswith("the process is not running. The last lines of its logs:\n  ")
    assert "es.log: the reason why" in result["msg"]


def test_the_closing_report(outcome):
    lost = outcome.only("reports", "lost")[1]
    assert lost["outage_seconds"] == 20.0 and lost["changed"] is False
    assert lost["lost"] == ["The index gone had 2 documents before and has none now.", "The index orders had 10 documents before and has 9 now."]
    assert lost["lines"][4].split() == ["one", "0123456789ab", "CN=logs", "CA", "2030-01-01", "yes", "yes", "NO", "?"]
    assert lost["lines"][6:] == ["  documents before/after: 12/9", "  seconds of outage: 20.0 (first stop to health restored)",
                                 "  previous versions are kept beside the files, as .NAME.interlock-previous:",
                                 *lost["lines"][9:10], *["  " + text for text in lost["lost"]]]
    kept = outcome.only("reports", "kept")[1]
    assert (kept["lost"], kept["outage_seconds"], kept["lines"][5:]) == ([], None, ["  documents before/after: 10/10"])
    assert "  documents before: 10; afterwards they could not be counted" in outcome.only("reports", "not counted")[1]["lines"]
    assert outcome.only("reports", "table")[1]["lines"] == ["", "Title", "  a", "  -", "  1", "  a note"]


def test_no_secret_is_printed_or_returned(outcome):
    everything = outcome.output + json.dumps(outcome.results)
    assert "<mutual> EXEC" in everything
    for secret in ("kno4", "PRIVATE KEY"):
        assert secret not in everything
