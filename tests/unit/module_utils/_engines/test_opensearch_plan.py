# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which step is next for an OpenSearch cluster, and what forbids it."""

from __future__ import annotations

import copy
import itertools

import pytest
from ansible_collections.interlock.cluster.plugins.module_utils._engines import opensearch as engine
from ansible_collections.interlock.cluster.plugins.module_utils._engines import opensearch_plan as planner
from ansible_collections.interlock.cluster.plugins.module_utils._engines.opensearch_plan import Options, plan

WANTED = {
    "keystore": "certs/node.keystore.p12", "truststore": "certs/node.truststore.p12", "protocols": ["TLSv1.3"],
    "hostname_verification": True, "admin_dn": "CN=opensearch-admin", "reload": "auto",
}
OPTIONS = Options(WANTED, password_length=20)
HOSTS = ("os1", "os2", "os3")
CERTIFICATE = {"verdict": "keep", "reasons": [], "warnings": [], "facts": {"sha256": "aa"}, "foreign": []}
MEMBERS = {host: {"version": "2.19.4", "address": "10.0.0.%s:9300" % host[-1], "roles": ["cluster_manager", "data"]} for host in HOSTS}


def node(name, level, **other):
    """A node that is on a level, with its files on it as well."""
    number = None if level is None else engine.LEVELS.index(level)
    live = {
        "running": level is not None, "level": level, "transport_tls": None if number is None else number >= engine.DUAL,
        "scheme": None if number is None else "https" if number >= engine.HTTPS else "http", "dual_mode": None, "denied": False,
        "members": dict(MEMBERS) if level is not None else None, "duplicates": [], "master": "os2", "health": "green", "relocating": 0,
        "allocation": {"persistent": None, "transient": None}, "documents": {"orders": 10}, "clients": [], "unreachable": None,
        "listening": [9200, 9300], "transport_host": "10.0.0.%s" % name[-1],
        "served": {"sha256": "aa"} if number else None,
    }
    found = {
        "name": name, "dn": "CN=%s" % name, "version": "2.19.4", "cluster_name": "logs", "live": live, "level_on_disk": level or "plain",
        "drift": {"full": []}, "unknown_before_full": [], "nodes_dn": ["CN=%s" % host for host in HOSTS] if level == "full" else [], "seed_hosts": [],
        "finds_others": True,
        "certificate": dict(CERTIFICATE), "san": {"dns": [name], "ip": []}, "secure_settings": [], "manifest": None, "demo": [],
        "demo_files": [], "restart_for": [],
        "demo_users": [], "other_users": [], "expired_trust": [], "peers": {}, "clock_offset": 0, "free_bytes": None, "problems": [], "warnings": [],
    }
    found["live"].update(other.pop("live", {}))
    found.update(other)
    return found


def cluster(*levels, **other):
    """{host: node} with these levels."""
    return {host: node(host, level, **copy.deepcopy(other)) for host, level in zip(HOSTS, levels)}


@pytest.mark.parametrize("levels, step, touched", [
    (("plain", "plain", "plain"), "dual", {"os1", "os2", "os3"}),
    (("dual", "plain", "plain"), "dual", {"os2", "os3"}),
    (("dual", "dual", "dual"), "strict", {"os1", "os2", "os3"}),
    (("strict", "dual", "dual"), "strict", {"os2", "os3"}),
    (("strict", "strict", "strict"), "https", {"os1", "os2", "os3"}),
    (("https", "strict", "strict"), "https", {"os2", "os3"}),
    (("https", "https", "https"), "full", {"os1", "os2", "os3"}),
    (("full", "https", "https"), "full", {"os2", "os3"}),
    (("full", "full", "full"), "none", set()),
    (("full", "full", "plain"), "join", {"os3"}),
    (("full", None, "full"), "join", {"os2"}),
    (("strict", "strict", "plain"), "join", {"os3"}),
])
def test_the_lowest_level_decides(levels, step, touched):
    found = plan(cluster(*levels), OPTIONS)
    assert (found["step"], {host for host, item in found["nodes"].items() if item["due"]}) == (step, touched)
    assert found["problems"] == []


def test_dual_mode_is_not_switched_off_before_every_node_speaks_tls():
    for levels in itertools.product(("plain", "dual", None), repeat=3):
        if "plain" in levels or None in levels:
            assert plan(cluster(*levels), OPTIONS)["step"] != "strict", levels


def test_no_step_restarts_a_node_to_a_level_that_is_not_next_to_that_of_another():
    for levels in itertools.product(("plain", "dual", "strict", "https", "full"), repeat=3):
        found = plan(cluster(*levels), OPTIONS)
        if found["kind"] != "rolling":
            continue
        others = [engine.LEVELS.index(level) for level in levels if level != "plain"]
        # dual and plain nodes understand each other, and so do those that speak TLS alone
        assert found["level"] != engine.DUAL or max(others, default=0) <= engine.DUAL, levels
        assert found["level"] == engine.DUAL or engine.DUAL not in others, levels


def test_a_node_that_would_start_in_dual_mode_again_is_not_left_so():
    nodes = cluster("strict", "strict", "strict", level_on_disk="strict")
    nodes["os2"]["level_on_disk"] = "dual"
    found = plan(nodes, OPTIONS)
    assert found["step"] == "strict" and engine.DUAL_MODE in found["nodes"]["os2"]["absent"]


def test_the_elected_manager_comes_last_and_nodes_that_cannot_be_elected_first():
    nodes = cluster("plain", "plain", "plain")
    for item in nodes.values():
        item["live"]["members"]["os3"] = dict(MEMBERS["os3"], roles=["data"])
    assert plan(nodes, OPTIONS)["order"] == ["os3", "os1", "os2"]


def test_the_cluster_setting_is_forgotten_at_the_end():
    nodes = cluster("full", "full", "full", live={"dual_mode": "false"})
    assert plan(nodes, OPTIONS)["step"] == "forget"


def test_a_new_node_is_told_to_the_running_ones_before_it_is_started():
    nodes = cluster("full", "full", None)
    for host in ("os1", "os2"):
        nodes[host]["nodes_dn"] = ["CN=os1", "CN=os2"]
        nodes[host]["live"]["members"].pop("os3")
    found = plan(nodes, OPTIONS)
    assert found["step"] == "nodes_dn" and [host for host, item in found["nodes"].items() if item["stop"]] == []
    assert found["problems"] == []
    for host in ("os1", "os2"):
        nodes[host]["nodes_dn"] = found["nodes_dn"]
    found = plan(nodes, OPTIONS)
    assert (found["step"], found["order"], found["nodes"]["os3"]["members"]) == ("join", ["os3"], ["os1", "os2", "os3"])
    assert found["problems"] == []


def test_names_that_were_added_to_nodes_dn_stay_and_come_to_a_new_node_too():
    nodes = cluster("full", "full", "plain")
    nodes["os1"]["nodes_dn"].append("CN=remote")
    found = plan(nodes, OPTIONS)
    assert (found["step"], found["nodes_dn"]) == ("join", ["CN=os1", "CN=os2", "CN=os3", "CN=remote"])
    assert found["nodes"]["os3"]["settings"][engine.NODES_DN] == found["nodes_dn"]
    for item in nodes.values():
        item["certificate"]["verdict"] = "refuse"
    assert plan(nodes, Options(WANTED, restart="full", password_length=20))["nodes_dn"] == ["CN=os1", "CN=os2", "CN=os3"]


@pytest.mark.parametrize("more", ["CN=os*", ["CN=os*", "CN=os1"]])
def test_names_of_the_operators_settings_come_beside_those_of_the_nodes_and_are_due_once(more):
    options = Options(dict(WANTED, extra={engine.NODES_DN: more}), password_length=20)
    nodes = cluster("full", "full", "full")
    found = plan(nodes, options)
    assert (found["step"], found["nodes_dn"]) == ("nodes_dn", ["CN=os*", "CN=os1", "CN=os2", "CN=os3"])
    for item in nodes.values():
        item["nodes_dn"] = found["nodes_dn"]
    assert plan(nodes, options)["step"] == "none"
    assert plan(cluster("https", "https", "https"), options)["nodes"]["os1"]["settings"][engine.NODES_DN] == found["nodes_dn"]
    assert engine.NODES_DN not in engine.level_settings(engine.FULL, options.wanted, "2.19.4")[0]


def test_a_node_that_is_brought_in_does_not_wait_for_those_whose_turn_comes_later():
    nodes = cluster("full", None, None, nodes_dn=["CN=%s" % host for host in HOSTS])
    nodes["os1"]["live"].update(members={"os1": MEMBERS["os1"]}, health="red")
    found = plan(nodes, OPTIONS)
    assert (found["step"], found["order"], found["problems"]) == ("join", ["os3", "os2"], [])
    assert found["nodes"]["os3"]["members"] == ["os1", "os3"] and found["nodes"]["os2"]["members"] == list(HOSTS)
    assert found["before"]["health"] == "red", "shards that only these two have are there when both are"


def test_what_was_begun_is_ended_first():
    nodes = cluster("dual", None, "plain")
    nodes["os2"]["manifest"] = {"state": "switched", "files": ["x"], "context": {"restart": "rolling", "level": 1, "before": {
        "members": list(HOSTS), "health": "green", "allocation": "all", "documents": {}}}}
    found = plan(nodes, OPTIONS)
    assert (found["step"], found["kind"], found["level"], found["order"]) == ("resume", "rolling", engine.DUAL, ["os2"])
    assert found["before"]["allocation"] == "all" and not found["nodes"]["os2"]["stage"]
    assert all(item["members"] == list(HOSTS) for item in found["nodes"].values())


def test_a_way_back_is_ended_before_anything_else():
    nodes = cluster("dual", "plain", "plain")
    nodes["os2"]["manifest"] = {"state": "switched", "files": ["x"], "context": {"restart": "rolling", "back": True}}
    found = plan(nodes, OPTIONS)
    assert (found["step"], found["kind"]) == ("back", "back") and found["nodes"]["os2"]["due"] and not found["nodes"]["os1"]["due"]


def test_a_node_that_was_being_brought_in_is_known_as_such_when_that_is_finished_or_taken_back():
    nodes = cluster("full", "full", None)
    assert [item["joins"] for item in plan(nodes, OPTIONS)["nodes"].values()] == [False, False, True]
    for context, step in (({}, "resume"), ({"back": True}, "back")):
        nodes["os3"]["manifest"] = {"state": "switched", "files": ["x"], "context": dict(context, restart="rolling", joins=True)}
        found = plan(nodes, OPTIONS)
        assert found["step"] == step and [item["joins"] for item in found["nodes"].values()] == [False, False, True]


@pytest.mark.parametrize("change, step", [
    ({"certificate": dict(CERTIFICATE, verdict="issue", reasons=["expires in 3 days"])}, "certificates"),
    ({"certificate": dict(CERTIFICATE, facts={"sha256": "bb"})}, "certificates"),
    ({"drift": {"full": ["plugins.security.ssl.http.clientauth_mode"]}}, "drift"),
    ({"secure_settings": [{"name": "x", "action": "add"}]}, "drift"),
    ({"certificate": dict(CERTIFICATE, verdict="issue", reasons=["SAN a missing"]), "restart_for": ["other names"]}, "drift"),
    ({"demo": ["esnode.pem"], "demo_files": ["esnode.pem"]}, "demo"),
    ({"demo": ["esnode.pem"], "demo_files": []}, "none"),
])
def test_what_is_due_at_the_top(change, step):
    nodes = cluster("full", "full", "full")
    nodes["os3"].update(change)
    found = plan(nodes, OPTIONS)
    assert found["step"] == step and found["nodes"]["os3"]["due"] == (step != "none") and not found["nodes"]["os1"]["due"]


def test_one_full_cluster_restart_goes_all_the_way():
    found = plan(cluster("plain", "plain", "plain"), Options(WANTED, restart="full", password_length=20))
    assert (found["step"], found["kind"], found["level"]) == ("together", "full", engine.FULL)
    assert all(item["stop"] and item["stage"] for item in found["nodes"].values()) and found["problems"] == []


def test_the_files_of_the_demo_stay_until_their_successors_are_proved():
    nodes = cluster("full", "full", "full", demo=["esnode.pem", engine.UNSAFE_DEMO],
                    certificate=dict(CERTIFICATE, verdict="refuse", reasons=["another CA"]))
    assert any("opensearch_tls_restart: full" in problem for problem in plan(nodes, OPTIONS)["problems"])
    found = plan(nodes, Options(WANTED, restart="full", password_length=20))
    assert found["step"] == "together" and found["problems"] == []
    assert found["nodes"]["os1"]["settings"][engine.UNSAFE_DEMO] is True


def test_files_that_the_demo_left_are_gone_before_full_security():
    for level, step in (("plain", "dual"), ("strict", "https"), ("https", "demo")):
        found = plan(cluster(level, level, level, demo=["esnode.pem"], demo_files=["esnode.pem"]), OPTIONS)
        assert found["step"] == step and found["problems"] == []
        assert step == "demo" or engine.UNSAFE_DEMO not in found["nodes"]["os1"]["settings"]
    found = plan(cluster("plain", "plain", "plain", demo=["esnode.pem"]), Options(WANTED, restart="full", password_length=20))
    assert found["nodes"]["os1"]["settings"][engine.UNSAFE_DEMO] is True


@pytest.mark.parametrize("level, problems", [("plain", 3), ("strict", 3), ("https", 0), ("full", 0)])
def test_a_setting_that_a_node_would_not_start_with_is_refused_with_what_to_do(level, problems):
    found = plan(cluster(level, level, level, unknown_before_full=["plugins.security.audit.type"]), OPTIONS)["problems"]
    assert len(found) == problems and all("plugins.security.audit.type" in one and "opensearch_tls_settings" in one for one in found)


@pytest.mark.parametrize("change, phrase", [
    ({"version": "2.15.0"}, "2.14 to 2.17"),
    ({"version": "1.3.20"}, "not supported"),
    ({"clock_offset": 4000}, "clock"),
    ({"free_bytes": 1000}, "are free"),
    ({"seed_hosts": ["elsewhere"]}, "elsewhere"),
    ({"finds_others": False}, 'os1: its opensearch.yml does not tell where the other nodes are, so it would stay alone after its restart. Write this into '
                              'it first, no restart is needed for that: discovery.seed_hosts: ["10.0.0.2:9300", "10.0.0.3:9300"]'),
    ({"problems": ["the plugin is not installed"]}, "not installed"),
    ({"live": {"health": "yellow"}}, "health is yellow"),
    ({"live": {"health": "red"}}, "health is red"),
    ({"live": {"relocating": 2}}, "relocating"),
    ({"live": {"members": dict(MEMBERS, other=MEMBERS["os1"])}}, "not in this play: other"),
    ({"live": {"members": None}}, "does not tell about the cluster"),
    ({"live": {"members": None, "unreachable": "[SSL: CERTIFICATE_VERIFY_FAILED] self-signed"}}, "correct that"),
    ({"dn": WANTED["admin_dn"]}, "name of the administrator"),
])
def test_what_forbids_the_first_step(change, phrase):
    found = plan(cluster("plain", "plain", "plain", **change), OPTIONS)
    assert any(phrase in problem for problem in found["problems"]), found["problems"]


@pytest.mark.parametrize("options, phrase", [
    (Options(WANTED, restart="never", password_length=20), "opensearch_tls_restart is never"),
    (Options(WANTED), "opensearch_tls_admin_password is not set"),
])
def test_what_the_operator_forbids_or_forgot(options, phrase):
    assert any(phrase in problem for problem in plan(cluster("plain", "plain", "plain"), options)["problems"])


def test_an_old_version_may_take_the_full_restart():
    nodes = cluster("plain", "plain", "plain", version="2.15.0")
    nodes["os1"]["finds_others"] = False  # the others find it, when all of them start
    assert plan(nodes, Options(WANTED, restart="full", password_length=20))["problems"] == []
    nodes["os2"]["finds_others"] = nodes["os3"]["finds_others"] = False
    assert len(plan(nodes, Options(WANTED, restart="full", password_length=20))["problems"]) == 3


@pytest.mark.parametrize("demo, foreign", [(["esnode.pem"], 0), ([], 3)])
def test_the_demo_certificates_are_replaced_by_those_of_a_ca_that_is_made_for_it(demo, foreign):
    other = dict(CERTIFICATE, verdict="refuse", reasons=["of another CA"], foreign=[{"how": "serves"}])
    found = plan(cluster("full", "full", "full", demo=demo, certificate=other), Options(WANTED, restart="full", password_length=20))
    assert (found["step"], found["issue"], len(found["foreign_authorities"])) == ("together", True, foreign)


@pytest.mark.parametrize("kept, found", [("keep", True), ("issue", False)])
def test_a_node_that_would_not_start_for_an_expired_ca_is_not_restarted(kept, found):
    nodes = cluster("https", "https", "https", expired_trust=["CN=old"], certificate=dict(CERTIFICATE, verdict=kept))
    assert any("expired (CN=old)" in problem for problem in plan(nodes, OPTIONS)["problems"]) == found
    nodes = cluster("full", "full", "full", expired_trust=["CN=old"])
    assert plan(nodes, OPTIONS)["problems"] == []


@pytest.mark.parametrize("context, kind", [({}, "reload"), ({"restart": "rolling"}, "rolling"), ({"restart": "full"}, "full")])
def test_a_switch_that_was_begun_is_ended_the_way_it_was_meant(context, kind):
    nodes = cluster("full", "full", "full")
    nodes["os2"]["manifest"] = {"state": "switching", "context": context, "files": ["x"]}
    found = plan(nodes, OPTIONS)
    assert (found["step"], found["kind"], found["order"]) == ("resume", kind, ["os2"])


FULL_RESTART = {"restart": "full", "level": engine.FULL, "before": {"members": list(HOSTS)}}


def interrupted(*found):
    """A cluster with what an interrupted full-cluster restart left: (level, state of the manifest, context) of each node."""
    nodes = cluster(*(level for level, _state, _context in found))
    for item, (_level, state, context) in zip(nodes.values(), found):
        item["manifest"] = {"state": state, "files": ["x"], "context": context} if state else None
    return nodes


@pytest.mark.parametrize("found, stopped", [
    ([("plain", "switching", FULL_RESTART), ("plain", "sealed", {}), ("plain", "sealed", {})], ["os1", "os2", "os3"]),
    ([("plain", "sealed", FULL_RESTART), ("plain", "sealed", {}), ("plain", "sealed", {})], ["os1", "os2", "os3"]),
    ([(None, "switched", FULL_RESTART), ("plain", "switched", FULL_RESTART), ("plain", "switching", FULL_RESTART)], ["os2", "os3"]),
    ([("full", "switched", {}), ("full", "switched", FULL_RESTART), (None, "switched", FULL_RESTART)], []),
    ([("full", "switching", FULL_RESTART), ("full", "sealed", {}), ("full", "sealed", {})], ["os1", "os2", "os3"]),
], ids=["while marking", "before the first mark", "while starting", "while forgetting", "from full to full security"])
def test_a_full_cluster_restart_is_finished_on_every_node_however_far_each_of_them_is(found, stopped):
    planned = plan(interrupted(*found), OPTIONS)
    assert (planned["step"], planned["kind"], sorted(planned["order"]), planned["level"]) == ("resume", "full", list(HOSTS), engine.FULL)
    assert [host for host, item in planned["nodes"].items() if item["stop"]] == stopped


def test_a_full_cluster_restart_is_taken_back_on_every_node():
    back = dict(FULL_RESTART, back=True)
    planned = plan(interrupted(("plain", "sealed", back), (None, "switched", FULL_RESTART), ("full", "switched", FULL_RESTART)), OPTIONS)
    assert (planned["step"], sorted(planned["order"]), planned["restart"]) == ("back", list(HOSTS), "full")
    assert [item["switched"] for item in planned["nodes"].values()] == [False, True, True]
    nodes = cluster("plain", "plain", "plain")
    nodes["os2"]["manifest"] = {"state": "sealed", "files": [], "context": back}
    assert plan(nodes, OPTIONS)["order"] == ["os2"]


def test_a_node_is_asked_in_either_scheme_as_its_files_may_go_back_to_the_other():
    back = plan(interrupted((None, "switched", dict(FULL_RESTART, back=True)), ("full", None, {}), ("plain", None, {})), OPTIONS)
    assert [item["scheme_before"] for item in back["nodes"].values()] == ["http_or_https", "https_or_http", "http_or_https"]
    resumed = plan(interrupted(*[(None, "switched", FULL_RESTART)] * 3), OPTIONS)
    assert {(item["scheme_before"], item["scheme_after"]) for item in resumed["nodes"].values()} == {("https_or_http", "https")}


def test_a_node_that_is_down_before_the_first_step_is_a_problem():
    found = plan(cluster("plain", None, "plain"), OPTIONS)
    assert found["step"] == "none" and any("os2: is not running" in problem for problem in found["problems"])


def test_users_of_the_demo_are_replaced_before_the_security_index_is_made_and_never_after():
    before = plan(cluster("https", "https", "https", demo_users=["admin"]), OPTIONS)
    assert all(item["empty_users"] for item in before["nodes"].values()) and any("demo" in warning for warning in before["warnings"])
    after = plan(cluster("full", "full", "full", demo_users=["admin"], drift={"full": ["x"]}), OPTIONS)
    assert not any(item["empty_users"] for item in after["nodes"].values())


@pytest.mark.parametrize("levels, problems", [(("plain",) * 3, 3), (("https",) * 3, 3), (("full", "https", "https"), 0), (("full",) * 3, 0)])
def test_users_of_the_demo_beside_others_are_refused_as_long_as_the_security_index_is_to_be_made(levels, problems):
    found = plan(cluster(*levels, demo_users=["readall"], other_users=["app"]), OPTIONS)["problems"]
    assert len(found) == problems and all("(readall)" in one and "(app)" in one for one in found)


def test_the_report_names_levels_reasons_and_order():
    nodes = cluster("dual", "plain", "plain")
    lines = planner.report(plan(nodes, OPTIONS), nodes)
    assert lines[0].startswith("Cluster logs: a rolling restart into dual mode")
    assert "  os1 (os1): dual" in lines and "  one after the other: os3, os2" in lines
