# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The least that has to be done, for every state a node can be found in."""

from __future__ import annotations

import itertools

import pytest
from ansible_collections.interlock.cluster.plugins.module_utils._engines import elasticsearch_plan
from ansible_collections.interlock.cluster.plugins.module_utils._engines.elasticsearch_plan import Options, plan

OPTIONS = Options(password_length=12)

STATES = {
    "down": {"running": False, "transport_tls": None, "served": None},
    "plaintext": {"running": True, "transport_tls": False, "served": None},
    "no answer": {"running": True, "transport_tls": None, "served": None},
    "tls": {"running": True, "transport_tls": True, "served": {"sha256": "aa"}},
}
CHANGES = {
    "nothing": {},
    "certificate": {"certificate": {"verdict": "issue", "reasons": ["expired on 2026-01-01"]}},
    "trust": {"certificate": {"verdict": "trust", "reasons": ["truststore lacks a CA"]}},
    "settings": {"settings": ["xpack.security.enabled"]},
    "store password": {"secure_settings": [{"name": "xpack.security.transport.ssl.keystore.secure_password", "action": "add"}]},
    "left over": {"secure_settings": [{"name": "bootstrap.password", "action": "remove"}]},
    "other file": {"certificate": {"facts": {"sha256": "bb"}}},
    "refused": {"certificate": {"verdict": "refuse", "reasons": ["issued by another CA"]}},
}
# (kind, stage, stop) by state and change
NOTHING, RELOAD, ROLLING = ("none", False, False), ("reload", True, False), ("rolling", True, True)
EXPECTED = {
    "down": dict.fromkeys(CHANGES, ("full", True, False)) | dict.fromkeys(("nothing", "other file", "refused"), NOTHING),
    "plaintext": dict.fromkeys(CHANGES, ("full", True, True)) | dict.fromkeys(("nothing", "other file", "refused"), ("full", False, True)),
    "tls": {"nothing": NOTHING, "refused": NOTHING, "certificate": RELOAD, "trust": RELOAD, "left over": RELOAD, "settings": ROLLING,
            "store password": ROLLING, "other file": ("reload", False, False)},
}
EXPECTED["no answer"] = EXPECTED["plaintext"]
WORDS = {"full": "a full-cluster restart", "rolling": "a rolling restart", "reload": "a hot reload, no restart"}

MANIFESTS = {
    "none": None,
    "open": ("open", {}),
    "sealed": ("sealed", {}),
    "switched": ("switched", {}),
    "remembering only": ("switched", {"before": {"members": ["es1"], "health": "green", "allocation": None, "documents": None}}),
}
PENDING = {
    "switching": ("switching", {}),
    "committed": ("switching", {"restart": "full"}),
    "not yet committed": ("sealed", {"restart": "full"}),
    "not yet proved": ("switched", {"restart": "full"}),
    "rolling, committed": ("switching", {"restart": "rolling"}),
    "rolling, not yet committed": ("sealed", {"restart": "rolling"}),
    "rolling, not yet proved": ("switched", {"restart": "rolling"}),
    "reload, committed": ("switching", {"restart": "reload"}),
    "reload, not yet proved": ("switched", {"restart": "reload"}),
}


def manifest(description):
    return description and {"state": description[0], "context": description[1], "files": []}


def planned(node, options=OPTIONS):
    """(the plan of a cluster of this node alone, the part about the node)."""
    found = plan({"one": node}, options)
    return found, found["nodes"]["one"]


@pytest.mark.parametrize("kept", MANIFESTS)
@pytest.mark.parametrize("state, change", list(itertools.product(STATES, CHANGES)))
def test_what_one_node_needs(nodes, state, change, kept):
    node = nodes.secured(live=STATES[state], manifest=manifest(MANIFESTS[kept]), **CHANGES[change])
    found, part = planned(node)
    assert (part["kind"], part["stage"], part["stop"]) == EXPECTED[state][change]
    assert found["kind"] == part["kind"] and not found["resume"] and found["quiesce"]
    assert bool(part["reasons"]) == (part["kind"] != "none")
    assert part["settle"] is (kept != "none" and not part["stage"])
    assert found["issue"] is (change == "certificate")
    assert found["store_password"] is (change == "left over")


@pytest.mark.parametrize("begun", PENDING)
@pytest.mark.parametrize("state, change", list(itertools.product(STATES, CHANGES)))
def test_what_was_begun_is_finished_first(nodes, state, change, begun):
    node = nodes.secured(live=STATES[state], manifest=manifest(PENDING[begun]), **CHANGES[change])
    found, part = planned(node)
    status, context = PENDING[begun]
    kind = context.get("restart", "full")
    runs_the_old = state != "down" and kind != "reload" and bool(context) and status != "switched"
    stop = runs_the_old or (kind == "full" and state in ("plaintext", "no answer"))
    assert (found["kind"], part["kind"], part["stage"], part["stop"], part["settle"]) == (kind, kind, False, stop, False)
    assert (found["resume"], found["quiesce"], found["issue"], found["back"]) == (True, kind != "full", False, False)
    assert part["reasons"] == ["%s was begun and is not finished" % WORDS[kind]]


@pytest.mark.parametrize("context", [{}, {"restart": "full"}])
@pytest.mark.parametrize("state, change", list(itertools.product(STATES, CHANGES)))
def test_what_was_being_taken_back_is_staged_anew(nodes, state, change, context):
    node = nodes.secured(live=STATES[state], manifest=manifest(("reverting", context)), **CHANGES[change])
    found, part = planned(node)
    kind, stop = {"down": ("full", False), "tls": ("rolling", True)}.get(state, ("full", True))
    assert (part["kind"], part["stage"], part["stop"], part["settle"], found["resume"]) == (kind, True, stop, False, False)
    assert part["reasons"][0] == "an interrupted change is taken back first"


def test_the_reasons_of_a_node(nodes):
    _found, part = planned(nodes.plaintext(
        certificate={"reasons": ["a", "b"]}, settings=["x", "y"],
        secure_settings=[{"name": "s", "action": "add"}, {"name": "t", "action": "remove"}]))
    assert part["reasons"] == ["certificate: a", "certificate: b", "settings: x, y", "secure settings: add s, remove t",
                               "the transport layer speaks plaintext"]
    _found, part = planned(nodes.secured(certificate={"facts": {"sha256": "bb"}}))
    assert part["reasons"] == ["it does not serve the certificate in its keystore yet"]


def test_a_plaintext_cluster_as_a_whole(nodes):
    found = plan(nodes.cluster(nodes.plaintext), OPTIONS)
    assert {key: found[key] for key in ("kind", "resume", "quiesce", "issue", "store_password", "problems", "warnings")} == {
        "kind": "full", "resume": False, "quiesce": True, "issue": True, "store_password": True, "problems": [], "warnings": []}
    assert found["before"] == {"members": ["es1", "es2", "es3"], "health": "green", "allocation": None, "documents": {"orders": 10}}
    assert {host: (item["name"], item["stop"]) for host, item in found["nodes"].items()} == {
        "one": ("es1", True), "two": ("es2", True), "three": ("es3", True)}
    assert found["ca_subject"] == "CN=orders transport CA"


def test_a_secured_cluster_needs_nothing(nodes):
    found = plan(nodes.cluster(nodes.secured), OPTIONS)
    assert (found["kind"], found["issue"], found["store_password"], found["problems"], found["warnings"]) == ("none", False, False, [], [])
    assert all(item == {"name": item["name"], "kind": "none", "stage": False, "stop": False, "reasons": [], "settle": False}
               for item in found["nodes"].values())


def test_the_kind_of_the_cluster_is_that_of_the_node_that_needs_most(nodes):
    cluster = nodes.cluster(nodes.secured)
    order = [("one", CHANGES["certificate"], "reload"), ("two", CHANGES["settings"], "rolling"), ("three", {"live": STATES["plaintext"]}, "full")]
    for host, change, kind in order:
        cluster[host] = nodes.secured(name=cluster[host]["name"], **change)
        assert plan(cluster, OPTIONS)["kind"] == kind
    assert [item["kind"] for item in plan(cluster, OPTIONS)["nodes"].values()] == ["reload", "none", "full"]


def test_a_rolling_restart_can_be_made_a_full_one(nodes):
    cluster = nodes.cluster(nodes.secured, **CHANGES["settings"])
    assert plan(cluster, OPTIONS)["kind"] == "rolling"
    found = plan(cluster, Options(password_length=12, restart="full"))
    assert (found["kind"], found["problems"]) == ("full", [])
    assert plan(nodes.cluster(nodes.secured), Options(restart="full"))["kind"] == "none"


@pytest.mark.parametrize("state, change", list(itertools.product(STATES, CHANGES)))
def test_a_rehearsal_restarts_one_node_after_the_other_and_leaves_plaintext(nodes, state, change):
    node = nodes.secured(live=dict(STATES[state], security=False), **CHANGES[change])
    found, part = planned(node, Options(password_length=12, rehearse=True))
    due = change not in ("nothing", "other file", "refused")
    if state in ("plaintext", "no answer"):
        assert (part["kind"], part["stage"], part["stop"]) == (("rolling", True, True) if due else NOTHING)
        assert found["store_password"] is False, "there is no security index to store it in"
    elif state == "tls":
        told = "there is nothing to rehearse where TLS is spoken already: one. Unset elasticsearch_tls_rehearse."
        assert (told in found["problems"]) is (part["kind"] != "none")


def test_the_order_of_a_rolling_restart(nodes):
    """What was begun comes first, then what cannot become master; the elected master is last."""
    cluster = nodes.cluster(nodes.secured, **CHANGES["settings"])
    cluster["four"] = nodes.secured(name="es4", **CHANGES["settings"])
    cluster["five"] = nodes.secured(name="es5", **CHANGES["settings"])
    cluster["six"] = nodes.secured(name="es6")
    members = {"es%d" % number: {"roles": ["data"] if number == 4 else ["master", "data"]} for number in range(1, 7)}
    for node in cluster.values():
        node["live"].update(members=members, master="es1")
    cluster["five"]["manifest"] = manifest(("switching", {"restart": "rolling"}))
    found = plan(cluster, OPTIONS)
    assert (found["kind"], found["order"]) == ("rolling", ["five", "four", "two", "three", "one"])
    assert "  one after the other: five, four, two, three, one" in elasticsearch_plan.report(found, cluster)


def test_an_interrupted_rolling_restart_goes_on_with_what_it_remembered(nodes):
    before = {"members": ["es1", "es2", "es3"], "health": "green", "allocation": "all", "documents": {}}
    cluster = nodes.cluster(nodes.secured, live={"members": {"es1": {}, "es3": {}}, "health": "yellow"}, **CHANGES["settings"])
    cluster["two"] = nodes.secured(name="es2", live=STATES["down"], manifest=manifest(("switched", {"restart": "rolling", "before": before})))
    found = plan(cluster, OPTIONS)
    assert (found["kind"], found["resume"], found["before"], found["problems"]) == ("rolling", True, before, [])
    assert found["order"][0] == "two" and [found["nodes"][host]["stop"] for host in ("one", "two", "three")] == [True, False, True]


TLS_PEER = {"10.0.0.9:9300": {"reachable": True, "error": None, "speaks_tls": True}}


@pytest.mark.parametrize("live", [STATES["down"] | {"members": None}, {"members": {"es1": {}}}])
def test_a_new_node_joins_an_encrypted_cluster_alone(nodes, live):
    """With only itself in the play: nobody else is stopped, and the password of elastic is that of the cluster."""
    node = nodes.plaintext(live=live, peers=TLS_PEER, seed_hosts=["10.0.0.9"])
    found = plan({"one": node}, OPTIONS)
    assert (found["kind"], found["joining"], found["store_password"], found["problems"]) == ("full", ["one"], False, [])
    assert found["before"]["members"] == ["es1"] and not found["quiesce"]
    lines = elasticsearch_plan.report(found, {"one": node})
    assert lines[:2] == ["Cluster orders: nodes are brought into the encrypted cluster; those that are in it go on running",
                         "  one (es1): start (joins the encrypted cluster, no other node is restarted)"]


def test_a_plaintext_peer_is_not_joined_alone(nodes):
    node = nodes.plaintext(live={"members": {"es1": {}, "es9": {}}}, peers={"10.0.0.9:9300": {"reachable": True, "error": None, "speaks_tls": None}})
    found = plan({"one": node}, OPTIONS)
    assert found["joining"] == [] and any("es9" in problem for problem in found["problems"])


def test_members_that_need_a_restart_wait_until_the_others_have_joined(nodes):
    cluster = mixed(nodes)
    cluster["two"]["settings"] = ["xpack.security.transport.ssl.verification_mode"]
    found = plan(cluster, OPTIONS)
    assert [(item["kind"], item["stop"]) for item in found["nodes"].values()] == [("full", True), ("none", False), ("none", False)]
    assert found["warnings"] == ["two: settings: xpack.security.transport.ssl.verification_mode. Run the playbook again for that when every "
                                 "node has joined."]


def mixed(nodes):
    """One node is plaintext yet and sees itself alone, the others have formed their cluster."""
    cluster = nodes.cluster(nodes.secured, live={"members": {"es2": {}, "es3": {}}, "health": "yellow"})
    cluster["one"] = nodes.plaintext(live={"members": {"es1": {}}, "health": "red", "relocating": 7})
    return cluster


def test_a_mixed_cluster_is_brought_along(nodes):
    found = plan(mixed(nodes), OPTIONS)
    assert (found["kind"], found["quiesce"], found["resume"], found["problems"]) == ("full", False, False, [])
    assert found["spokesman"] in ("two", "three")
    assert found["before"] == {"members": ["es1", "es2", "es3"], "health": "yellow", "allocation": None, "documents": {"orders": 10}}
    assert [item["stop"] for item in found["nodes"].values()] == [True, False, False]


def test_a_secured_cluster_with_a_node_down_has_nothing_to_do_but_is_warned_of(nodes):
    cluster = nodes.cluster(nodes.secured)
    cluster["two"]["live"].update(STATES["down"])
    found = plan(cluster, OPTIONS)
    assert (found["kind"], found["problems"], found["warnings"]) == ("none", [], ["two: is not running"])


def test_an_interrupted_restart_is_resumed_with_what_it_remembered(nodes):
    before = {"members": ["es1", "es2", "es3"], "health": "green", "allocation": "all", "documents": {"orders": 7}}
    cluster = nodes.cluster(nodes.secured, live=STATES["down"])
    cluster["two"]["manifest"] = manifest(("switching", {"restart": "full", "before": before}))
    cluster["three"] = nodes.plaintext(name="es3", live={"members": None, "unreachable": "no"}, manifest=manifest(("sealed", {})))
    found = plan(cluster, OPTIONS)
    assert (found["kind"], found["resume"], found["quiesce"], found["before"], found["problems"]) == ("full", True, False, before, [])
    assert {host: (item["kind"], item["stage"], item["stop"]) for host, item in found["nodes"].items()} == {
        "one": ("none", False, False), "two": ("full", False, False), "three": ("full", True, True)}
    assert elasticsearch_plan.report(found, cluster)[0] == "Cluster orders: a full-cluster restart (finishing an interrupted one)"


def test_a_resumed_run_keeps_the_way_back_of_nodes_that_were_through(nodes):
    cluster = nodes.cluster(nodes.secured, manifest=manifest(("switched", {})))
    cluster["two"]["manifest"] = manifest(("switched", {"restart": "full"}))
    assert [item["settle"] for item in plan(cluster, OPTIONS)["nodes"].values()] == [False, False, False]


def test_a_new_change_settles_what_an_earlier_one_kept_elsewhere(nodes):
    """Else the way back from a failed reload of one node would lead the others to before they were secured."""
    cluster = nodes.cluster(nodes.secured, manifest=manifest(("switched", {})))
    cluster["two"] = nodes.secured(name="es2", manifest=manifest(("switched", {})), **CHANGES["certificate"])
    assert [item["settle"] for item in plan(cluster, OPTIONS)["nodes"].values()] == [True, False, True]


@pytest.mark.parametrize("lives, spokesman", [
    ([{}, {}, {}], "one"),
    ([{"members": None}, {"members": {"es2": {}}}, {}], "three"),
    ([{}, {"transport_tls": True, "members": {"es2": {}}}, {}], "two"),
    ([{"transport_tls": True, "members": None}, {"transport_tls": True, "members": {"es2": {}, "es3": {}}}, {}], "two"),
    ([{"members": None}, {"members": None}, {"members": None}], "one"),
])
def test_the_spokesman(nodes, lives, spokesman):
    cluster = nodes.cluster(nodes.plaintext)
    for node, live in zip(cluster.values(), lives):
        node["live"].update(live)
    assert plan(cluster, OPTIONS)["spokesman"] == spokesman


@pytest.mark.parametrize("live, before", [
    ({}, {"members": ["es1", "es2", "es3"], "health": "green", "allocation": None, "documents": {"orders": 10}}),
    ({"allocation": {"persistent": "all", "transient": "none"}, "health": "yellow"},
     {"members": ["es1", "es2", "es3"], "health": "yellow", "allocation": "all", "documents": {"orders": 10}}),
    ({"allocation": None, "documents": None}, {"members": ["es1", "es2", "es3"], "health": "green", "allocation": None, "documents": None}),
    ({"members": None, "health": None}, {"members": ["es1", "es2", "es3"], "health": "green", "allocation": None, "documents": None}),
])
def test_what_has_to_be_as_before(nodes, live, before):
    assert plan(nodes.cluster(nodes.plaintext, live=live), OPTIONS)["before"] == before


def test_foreign_authorities_are_named_with_their_host(nodes):
    cluster = nodes.cluster(nodes.plaintext)
    cluster["two"]["certificate"]["foreign"] = [{"how": "holds", "issuer": "CN=old"}]
    assert plan(cluster, OPTIONS)["foreign_authorities"] == [{"how": "holds", "issuer": "CN=old", "host": "two"}]


@pytest.mark.parametrize("name, subject", [(None, "CN=Elasticsearch transport CA"), ("o" * 90, "CN=%s transport CA" % ("o" * 51)), (7, "CN=7 transport CA")])
def test_the_subject_of_a_new_ca(nodes, name, subject):
    assert plan({"one": nodes.plaintext(cluster_name=name)}, OPTIONS)["ca_subject"] == subject


def test_the_report(nodes):
    cluster = nodes.cluster(nodes.secured)
    assert elasticsearch_plan.report(plan(cluster, OPTIONS), cluster) == ["Cluster orders: nothing to do"]
    cluster["two"] = nodes.plaintext(name="es2", cluster_name=None, warnings=["odd"], problems=["worse"])
    lines = elasticsearch_plan.report(plan(cluster, OPTIONS), cluster)
    assert lines == [
        "Cluster orders: nodes are brought into the encrypted cluster; those that are in it go on running",
        "  one (es1): none",
        "  two (es2): full",
        "      certificate: there is no certificate yet",
        "      settings: xpack.security.enabled",
        "      secure settings: add bootstrap.password",
        "      the transport layer speaks plaintext",
        "  three (es3): none",
        "  warning: two: odd",
        "  PROBLEM: two: worse",
    ]
    assert elasticsearch_plan.report(plan({"one": nodes.secured(cluster_name=None, **CHANGES["certificate"])}, OPTIONS), {
        "one": nodes.secured(cluster_name=None)})[0] == "Cluster ?: a hot reload, no restart"
    assert elasticsearch_plan.report(plan({"one": nodes.secured(**CHANGES["settings"])}, OPTIONS), cluster)[0] == "Cluster orders: a rolling restart"
