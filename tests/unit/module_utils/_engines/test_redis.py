# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stages, parameters of each step, the plan, and what it refuses."""

from __future__ import annotations

import pytest
from ansible_collections.interlock.cluster.plugins.module_utils._engines import redis as engine
from ansible_collections.interlock.cluster.plugins.module_utils._engines import redis_plan, redis_sentinel
from ansible_collections.interlock.cluster.plugins.module_utils._stores.redis_conf import Conf
from ansible_collections.interlock.cluster.tests.unit.support import redis_nodes as some

CLUSTER_LINKED = dict(some.LINKED, **{"tls-cluster": "yes", "cluster-announce-bus-port": "16379", "cluster-announce-tls-port": "6380",
                                      "cluster-announce-port": "6379"})

VALID = {"not_before": "1969-01-01T00:00:00Z", "not_after": "1971-01-01T00:00:00Z"}


def plan(nodes, mode="preferred"):
    return redis_plan.plan(nodes, redis_plan.Options(mode))


def moves(nodes, mode="preferred"):
    return [move["name"] for move in plan(nodes, mode)["moves"]]


@pytest.mark.parametrize(
    ("config", "port", "stage"),
    [({}, 6379, engine.PLAIN), (some.OPEN, 6379, engine.OPEN), (some.LINKED, 6379, engine.OPEN), (some.LINKED, 6380, engine.LINKED),
     (some.CLOSED, 6380, engine.CLOSED)],
)
def test_stage_of_a_replica(config, port, stage):
    nodes = some.pair(config, config, port)
    assert engine.stage(nodes["r2"], nodes) == stage


def test_a_bus_in_plaintext_is_not_linked():
    nodes = some.clustered(some.LINKED)
    assert {engine.stage(node, nodes) for node in nodes.values()} == {engine.OPEN}


def test_listen_announces_the_real_bus_port_first():
    node = some.clustered()["c1"]
    assert engine.listen(node)["cluster-announce-bus-port"] == "16379"
    assert engine.listen(node)["tls-port"] == "6380"
    assert engine.listen(some.clustered(dict(some.OPEN, **{"cluster-announce-bus-port": "16379"}))["c1"]) == {}


@pytest.mark.parametrize(
    ("config", "port"),
    [({}, 16379), ({"cluster-port": "7000"}, 7000), ({"port": "0", "tls-port": "6380", "cluster-announce-bus-port": "16379"}, 16379)],
)
def test_bus_port(config, port):
    assert engine.bus_port(some.clustered(config)["c1"]) == port


def test_a_parameter_that_the_version_does_not_know_is_left_out_while_it_is_default():
    node = some.node()
    assert engine.missing(node, {"tls-auth-clients-user": "off", "port": "6379"}) == {}
    assert engine.missing(node, {"tls-auth-clients-user": "CN"}) == {"tls-auth-clients-user": "CN"}


@pytest.mark.parametrize(
    ("nodes", "mode", "due"),
    [
        (some.pair(), "preferred", ["listen", "link"]),
        (some.pair(), "none", []),
        (some.pair(some.OPEN, some.OPEN), "preferred", ["link"]),
        (some.pair(some.LINKED, some.LINKED, 6379), "preferred", ["link"]),  # died between tls-replication and REPLICAOF
        (some.pair(some.LINKED, some.LINKED, 6380), "preferred", []),
        (some.pair(some.LINKED, some.LINKED, 6380), "required", ["close"]),
        (some.pair(some.CLOSED, some.LINKED, 6380), "required", ["close"]),
        (some.pair(some.CLOSED, some.CLOSED, 6380), "required", []),
        (some.pair(some.CLOSED, some.CLOSED, 6380), "preferred", ["reopen"]),
        (some.pair(some.LINKED, some.LINKED, 6380), "none", ["unlink", "unlisten"]),
        (some.pair(some.OPEN, some.OPEN, 6379), "none", ["unlisten"]),
        (some.clustered(), "preferred", ["listen", "link"]),
        (some.clustered(CLUSTER_LINKED), "preferred", []),
        (some.clustered(CLUSTER_LINKED), "required", ["close"]),
    ],
)
def test_moves(nodes, mode, due):
    found = plan(nodes, mode)
    assert ([move["name"] for move in found["moves"]], found["problems"]) == (due, [])
    assert found["kind"] == ("change" if due else "none")


def test_from_7_2_on_the_tls_port_is_announced_only_when_the_bus_has_switched():
    plain, opened, linked = (some.clustered(config)["c1"] for config in ({}, dict(some.OPEN, **{"cluster-announce-tls-port": "6379"}), CLUSTER_LINKED))
    for node in (plain, opened, linked):
        node["live"]["version"] = "7.2.0"
    assert engine.listen(plain)["cluster-announce-tls-port"] == "6379"
    assert engine.announce(opened, True) == {"cluster-announce-tls-port": "6380", "cluster-announce-port": "6379"}
    assert engine.announce(linked, False)["cluster-announce-tls-port"] == "6379" and "cluster-announce-tls-port" not in engine.listen(linked)
    linked["live"]["config"]["cluster-announce-tls-port"] = "6379"  # died between the switch and the announcement
    assert engine.stage(linked, {"c1": linked}) == engine.OPEN
    plain["live"]["version"] = "7.0.15"
    assert "cluster-announce-tls-port" not in engine.listen(plain)


OURS = ("/t/client.crt", "/t/client.key")


def test_a_pair_for_outgoing_connections_is_set_and_taken_out_again_and_that_of_others_is_left_alone():
    both = dict(zip(engine.CLIENT_MATERIAL, OURS))
    assert engine.client_pair(OURS, True, None) == both
    assert engine.client_pair(OURS, False, None, both) == dict.fromkeys(engine.CLIENT_MATERIAL, "")
    assert engine.client_pair(OURS, False, dict.fromkeys(engine.CLIENT_MATERIAL, "/theirs"), None) == {}
    node = some.node(config=some.LINKED)
    assert set(engine.material(node)) == set(engine.MATERIAL)
    node["parameters"].update(both)
    assert engine.material(node)["tls-client-key-file"] == "/t/client.key"


KEEP = {"verdict": "keep", "reasons": [], "warnings": [], "facts": None, "foreign": []}
DUE = dict(KEEP, verdict="issue", reasons=["expires in 3 days"])


@pytest.mark.parametrize(("certificate", "client", "loaded", "verdict", "together"), [
    (KEEP, None, True, "keep", False), (KEEP, KEEP, True, "keep", False), (KEEP, DUE, False, "keep", False), (KEEP, DUE, True, "issue", True),
    (dict(KEEP, verdict="refuse"), DUE, True, "refuse", False)])
def test_a_pair_that_is_in_use_is_made_anew_together_with_the_other(certificate, client, loaded, verdict, together):
    found = engine.together(certificate, client, loaded)
    assert (found["verdict"], found["together"]) == (verdict, together)


def test_a_new_pair_for_outgoing_connections_is_loaded():
    nodes = some.pair(some.LINKED, some.LINKED, 6380)
    nodes["r1"]["client_certificate"] = DUE
    assert moves(nodes) == ["reload", "relink"] and plan(nodes)["issue"] == ["r1"]
    assert "r1: pair for outgoing connections: expires in 3 days" in "\n".join(redis_plan.report(plan(nodes), nodes))
    nodes["r1"]["client_certificate"] = dict(KEEP, verdict="refuse", reasons=["issued by another CA"])
    assert any("r1: certificate: issued by another CA" in problem for problem in plan(nodes)["problems"])


def test_a_server_without_tls_is_never_given_a_tls_port():
    nodes = some.pair()
    nodes["r2"]["server"]["has_tls"] = False
    assert [problem for problem in plan(nodes)["problems"] if problem.startswith("r2: Redis 7.0.15 was built without TLS")]
    assert plan(nodes, "none")["problems"] == []
    nodes["r2"]["server"]["has_tls"] = None
    assert plan(nodes)["problems"] == [] and any("r2: it could not be looked into" in warning for warning in plan(nodes)["warnings"])
    nodes["r2"]["server"]["has_tls"] = True
    assert not any("looked into" in warning for warning in plan(nodes)["warnings"])


def test_a_port_that_somebody_else_has_is_not_taken():
    nodes = some.pair()
    nodes["r1"]["server"]["taken"] = True
    nodes["r2"]["sentinel"] = some.sentinel(taken=True)
    found = plan(nodes)["problems"]
    assert found[0].startswith("r1: something else answers at port 6380 of 10.0.0.1") and found[0].endswith("redis_tls_secure_port.")
    assert found[1].startswith("r2: something else answers at port 26380") and found[1].endswith("redis_tls_sentinel_secure_port.")
    assert plan(nodes, "none")["problems"] == []


def test_a_user_who_may_not_do_what_a_step_takes_is_found_before_it():
    nodes = some.pair()
    nodes["r2"]["live"]["denied"] = ["client|kill", "replicaof"]
    (problem,) = plan(nodes)["problems"]
    assert problem.startswith("r2: ") and "client|kill, replicaof" in problem and "ACL SETUSER NAME +client|kill +replicaof" in problem


def test_who_reads_a_clusters_data_as_a_replica_and_is_none_is_refused():
    nodes = some.clustered()
    nodes["c2"]["live"]["replicas"] = 1
    (problem,) = plan(nodes)["problems"]
    assert problem.startswith("c2: 1 connections read its data as a replica does, and the cluster knows 0 replicas")
    nodes["c2"]["live"]["cluster"]["nodes"][0]["master"] = "c2"
    assert plan(nodes)["problems"] == []


def test_certificates_that_are_users_beside_clients_without_one_are_warned_of():
    nodes = some.pair()
    nodes["r1"]["live"]["config"]["tls-auth-clients-user"] = "off"
    nodes["r1"]["parameters"].update({"tls-auth-clients-user": "CN", "tls-auth-clients": "optional"})
    assert any("nopass" in warning for warning in plan(nodes)["warnings"])
    nodes["r1"]["parameters"]["tls-auth-clients"] = "yes"
    assert not any("nopass" in warning for warning in plan(nodes)["warnings"])
    nodes["r2"]["parameters"]["tls-auth-clients-user"] = "CN"
    assert any("r2: Redis 7.0.15 has no TLS parameter tls-auth-clients-user" in problem for problem in plan(nodes)["problems"])


def test_a_step_whose_file_was_not_written_is_done_again():
    nodes = some.pair(some.CLOSED, some.CLOSED, 6380)
    nodes["r2"]["server"]["drift"] = ["port"]
    assert [(move["name"], move["again"]) for move in plan(nodes, "required")["moves"]] == [("close", True)]
    nodes["r2"]["server"]["drift"] = ["tls-replication"]
    assert moves(nodes, "required") == ["link"]


def test_a_new_certificate_is_loaded():
    nodes = some.pair(some.LINKED, some.LINKED, 6380)
    nodes["r1"]["certificate"].update(verdict="issue", reasons=["expires in 3 days"])
    assert moves(nodes) == ["reload", "relink"]
    nodes["r1"]["certificate"].update(verdict="keep", facts=dict(VALID, sha256="new"))
    nodes["r1"]["server"]["serves"] = {"certificate": dict(VALID, sha256="old")}
    assert moves(nodes) == ["reload", "relink"]
    nodes["r1"]["server"]["serves"] = {"certificate": dict(VALID, sha256="new")}
    assert moves(nodes) == []


@pytest.mark.parametrize("changed", [{"not_after": "1969-12-31T23:59:59Z"}, {"not_before": "1970-01-01T00:00:01Z"}])
def test_material_that_is_not_valid_is_not_loaded(changed):
    nodes = some.pair(some.LINKED, some.LINKED, 6380)
    nodes["r1"]["certificate"].update(facts=dict(VALID, sha256="new", **changed))
    nodes["r1"]["server"]["serves"] = {"certificate": dict(VALID, sha256="old")}
    assert any("r1: the certificate in its file is valid from" in problem for problem in plan(nodes)["problems"])
    assert plan(nodes, "none")["problems"] == []  # the way out of TLS stays open
    nodes["r1"]["certificate"].update(verdict="issue", reasons=["expired"])
    assert plan(nodes)["problems"] == []


def test_links_that_are_down_because_everything_has_expired_forbid_no_renewal():
    nodes = some.pair(some.LINKED, some.LINKED, 6380)
    nodes["r2"]["live"]["master"]["link_up"] = False
    served = {"certificate": dict(VALID, sha256="old")}
    for node in nodes.values():
        node["server"]["serves"], node["certificate"]["facts"] = served, dict(VALID, sha256="new")
    assert any("has no link to its master" in problem for problem in plan(nodes, "keep")["problems"])
    served["certificate"]["not_after"] = "1969-12-31T23:59:59Z"
    assert (plan(nodes, "keep")["problems"], moves(nodes, "keep")) == ([], ["reload", "relink"])


def test_certificates_alone():
    """The plan of renew and rotate_ca: the mode stays as it is, and whatever else is due is a problem."""
    nodes = some.pair(some.CLOSED, some.CLOSED, 6380)
    nodes["r1"]["certificate"].update(verdict="issue", reasons=["expires in 3 days"])
    found = plan(nodes, "keep")
    assert (found["mode"], [move["name"] for move in found["moves"]], found["problems"]) == ("required", ["reload", "relink"], [])
    assert plan(some.pair(some.LINKED, some.LINKED, 6380), "keep")["mode"] == "preferred"
    assert "r1, r2 are not on TLS yet" in plan(some.pair(), "keep")["problems"][0]
    nodes["r2"]["live"]["config"]["tls-auth-clients"] = "no"
    assert any("the step listen is due" in problem for problem in plan(nodes, "keep")["problems"])


def test_a_sentinel_whose_host_gets_a_certificate_restarts():
    nodes = some.pair(some.CLOSED, some.CLOSED, 6380)
    nodes["r1"]["certificate"].update(verdict="issue", reasons=["expires in 3 days"])
    target = dict(some.PARAMETERS, port="0", **{"tls-port": "26380", "tls-replication": "yes"})
    nodes["r1"]["sentinel"] = some.sentinel(6380, config=target)
    nodes["r2"]["sentinel"] = some.sentinel(6380, config=target)
    restarts = plan(nodes, "required")["sentinels"]
    assert (restarts["r1"]["reasons"], restarts["r2"]["reasons"]) == (["it gets a new certificate"], [])


def stranger(nodes):
    nodes["c1"]["live"]["cluster"]["nodes"][2]["id"] = "elsewhere"


def broken(nodes):
    nodes["c2"]["live"]["cluster"]["nodes"][0]["flags"].append("fail")


def change_live(name, **changes):
    return lambda nodes: nodes[name]["live"].update(changes)


REFUSED = {
    "a jump": (some.pair(), "required", lambda nodes: None, "reached through preferred only"),
    "a jump back": (some.pair(some.CLOSED, some.CLOSED, 6380), "none", lambda nodes: None, "reached through preferred only"),
    "Redis 6": (some.pair(), "preferred", change_live("r1", version="6.2.14", config={}), "cluster-port and cluster-announce-tls-port"),
    "an old Valkey": (some.pair(), "preferred", change_live("r1", product="valkey", version="7.1.0"), "Valkey 7.1.0 cannot be changed"),
    "a server that is down": (some.pair(), "preferred", lambda nodes: nodes["r1"].update(live=None), "does not answer"),
    "another master": (some.pair(), "preferred", change_live("r2", master={"host": "10.9.9.9", "port": 6379, "link_up": True}),
                       "no server of this play"),
    "more replicas": (some.pair(), "preferred", change_live("r1", replicas=2), "has 2 replicas, of which 1"),
    "a link that is down": (some.pair(), "preferred", change_live("r2", master={"host": "10.0.0.1", "port": 6379, "link_up": False}),
                            "has no link to its master"),
    "a foreign port": (some.pair(), "preferred", lambda nodes: nodes["r1"]["live"]["config"].update(port="7000"), "redis_tls_port is 6379"),
    "address translation": (some.clustered(), "preferred", lambda nodes: nodes["c1"]["live"]["config"].update({"cluster-announce-port": "1"}),
                            "address translation"),
    "a node that is not in the play": (some.clustered(), "preferred", stranger, "not in this play: 10.0.0.3:6379"),
    "a failed node": (some.clustered(), "preferred", broken, "c2 sees 10.0.0.1:6379 fail. Restore the cluster first"),
    "slots that nobody has": (some.clustered(), "preferred", lambda nodes: nodes["c1"]["live"]["cluster"].update(slots=9), "only 9 of 16384"),
    "a certificate of another CA": (some.pair(some.LINKED, some.LINKED, 6380), "preferred",
                                    lambda nodes: nodes["r1"]["certificate"].update(verdict="refuse", reasons=["x"]), "rotation of the CA"),
    "an unknown parameter": (some.pair(), "preferred", lambda nodes: nodes["r1"]["parameters"].update({"tls-auth-clients-user": "CN"}),
                             "has no TLS parameter tls-auth-clients-user"),
    "a Sentinel of no host of the play": (
        some.pair(), "preferred",
        change_live("r1", clients=[{"peer": "10.0.0.9:4", "local": "10.0.0.1:6379", "name": "sentinel-abcdef01-cmd", "user": "default"}]),
        "r1: watched by Sentinels that are not in this play (from 10.0.0.9)"),
    "servers of one machine": (some.pair(), "preferred", lambda nodes: [node.update(place="boot 1 2 redis.key") for node in nodes.values()],
                               "r1, r2: are servers of one machine"),
    "writes that want every replica": (some.pair(), "preferred",
                                       lambda nodes: nodes["r1"]["live"]["config"].update({"min-replicas-to-write": "1"}),
                                       "r1: wants 1 replicas for a write"),
}
UNREACHED = {
    "renamed commands": ("10.0.0.1 port 6379: ERR unknown command 'CONFIG', with args.", ["CONFIG"], "(its file renames CONFIG)"),
    "expired": ("10.0.0.1 port 6380: the connection broke: Connection reset by peer.", [], "Its certificate has expired"),
    "down": ("10.0.0.1 port 6379: no connection: Connection refused.", ["DEBUG"], "Start it, or correct redis_tls_address"),
}


@pytest.mark.parametrize(("said", "renamed", "told"), UNREACHED.values(), ids=UNREACHED.keys())
def test_a_server_that_does_not_answer_by_what_it_said(said, renamed, told):
    nodes = some.pair()
    nodes["r1"]["live"] = None
    nodes["r1"]["server"].update(unreachable=said, renamed=renamed)
    if "reset" in said:
        nodes["r1"]["server"]["serves"] = {"certificate": dict(VALID, not_after="1969-12-31T23:59:59Z", sha256="old")}
    assert any(told in problem for problem in plan(nodes)["problems"])


def test_a_password_wants_everything_known_even_when_nothing_else_is_due():
    nodes = some.pair(some.LINKED, some.LINKED, 6380)
    nodes["r1"]["live"]["replicas"] = 2
    assert plan(nodes)["problems"] == []
    changing = redis_plan.plan(nodes, redis_plan.Options("preferred", password=True))["problems"]
    assert any("has 2 replicas, of which 1" in problem for problem in changing)
    nodes["r2"]["server"]["default_user"] = "includes"
    assert any('r2: a file that its configuration includes has a line "user default"' in problem for problem in redis_plan.plan(
        nodes, redis_plan.Options("preferred", password=True))["problems"])


@pytest.mark.parametrize(("value", "text"), [(True, "yes"), (False, "no"), (5, "5"), ("optional", "optional")])
def test_values_as_yaml_gives_them(value, text):
    assert engine.text(value) == text


@pytest.mark.parametrize(("nodes", "mode", "change", "text"), REFUSED.values(), ids=REFUSED.keys())
def test_refused(nodes, mode, change, text):
    change(nodes)
    assert any(text in problem for problem in plan(nodes, mode)["problems"]), plan(nodes, mode)["problems"]


def test_an_interrupted_switch_of_the_bus_is_finished_though_nodes_see_each_other_as_failed():
    nodes = some.clustered(dict(some.OPEN, **{"cluster-announce-bus-port": "16379"}))
    nodes["c1"]["live"]["config"].update(CLUSTER_LINKED)
    broken(nodes)
    assert plan(nodes)["problems"] == [] and moves(nodes) == ["link"]


def test_clients_that_will_be_ended_are_told():
    nodes = some.pair(some.LINKED, some.LINKED, 6380)
    nodes["r1"]["live"]["clients"] = [{"peer": "10.1.1.1:5", "local": "10.0.0.1:6379", "name": "", "user": "default"},
                                      {"peer": "10.1.1.2:5", "local": "10.0.0.1:6380", "name": "", "user": "default"}]
    found = plan(nodes, "required")["warnings"]
    assert len(found) == 1 and "1 plaintext connection of 10.1.1.1" in found[0]


# files

def test_the_file_gets_cluster_port_before_a_restart_needs_it():
    live = some.clustered(CLUSTER_LINKED)["c1"]["live"]
    known = {name: [value] for name, value in CLUSTER_LINKED.items()}
    assert engine.to_persist(live, known) == {"cluster-port": ["16379"]}


def test_what_is_default_and_stands_nowhere_is_not_written():
    assert engine.to_persist(some.node()["live"], {}) == {}
    assert engine.to_persist(some.node()["live"], {"port": ["7000"], "tls-port": ["6380"]}) == {"port": ["6379"], "tls-port": ["0"]}


def test_replicaof_follows_the_process():
    replica, primary = some.pair(port=6380)["r2"]["live"], some.node()["live"]
    assert engine.to_persist(replica, {"replicaof": ["10.0.0.1", "6379"]}) == {"replicaof": ["10.0.0.1", "6380"]}
    assert engine.to_persist(primary, {"replicaof": ["10.0.0.1", "6379"]}) == {"replicaof": None}
    assert engine.to_persist(primary, {"replicaof": ["no", "one"]}) == {}


# Sentinels

SENTINEL = """port 26379
sentinel monitor orders 10.0.0.1 6379 2
sentinel auth-pass orders x
sentinel monitor others 10.7.7.7 6379 2
sentinel myid abc
sentinel known-replica orders 10.0.0.2 6379
sentinel known-sentinel orders 10.0.0.2 26379 def
sentinel known-replica others 10.7.7.8 6379
"""


def with_sentinels(parameters=None, port=6379, **changes):
    nodes = some.pair(parameters, parameters, port)
    for node in nodes.values():
        node["sentinel"] = some.sentinel(port, **changes)
    return nodes


def test_sentinels_stop_while_replication_moves():
    found = plan(with_sentinels())
    assert found["problems"] == [] and found["stop_sentinels"] is True
    assert ["10.0.0.1", 6379, 6380] in found["sentinels"]["r1"]["target"]["places"]
    assert any("no automatic failover" in warning for warning in found["warnings"])


def test_a_sentinel_that_was_left_stopped_is_started():
    done = with_sentinels(some.LINKED, 6380, config=dict(some.OPEN, **{"tls-port": "26380", "port": "26379", "tls-replication": "yes"}))
    assert plan(done)["kind"] == "none"
    done["r2"]["sentinel"]["running"] = False
    found = plan(done)
    assert (found["kind"], found["moves"], found["sentinels"]["r2"]["reasons"]) == ("change", [], ["it does not run"])


def test_a_sentinel_of_the_play_is_known_by_its_number():
    nodes = with_sentinels(id="abcdef0123456789")
    nodes["r1"]["live"]["clients"] = [{"peer": "10.0.0.2:4", "local": "10.0.0.1:6379", "name": "sentinel-abcdef01-pubsub", "user": "default"}]
    found = plan(nodes)
    assert found["problems"] == [] and found["sentinels"]["r1"]["others"] == {"orders": 1}


def test_a_sentinel_more_than_the_play_knows_is_refused():
    nodes = with_sentinels(peers={"orders": ["a", "b", "c"]})
    assert any("knows 3 others" in problem for problem in plan(nodes)["problems"])


def test_the_file_of_a_sentinel():
    nodes = with_sentinels()
    target = redis_sentinel.wanted(nodes["r1"], "preferred", nodes)
    conf = Conf(SENTINEL.encode(), "sentinel.conf")
    drop, replace = redis_sentinel.changes(target, conf.sentinel("monitor"))
    text = conf.merged(redis_sentinel.settings(target, conf.effective({})), drop=drop, replace=replace).decode()
    assert "sentinel monitor orders 10.0.0.1 6380 2\n" in text and "sentinel monitor others 10.7.7.7 6379 2\n" in text
    assert "sentinel myid abc" in text and "auth-pass orders x" in text and "known-replica others" in text
    assert "known-replica orders" not in text and "known-sentinel" not in text
    assert "tls-port 26380\n" in text and "tls-replication yes\n" in text and text.startswith("port 26379\n")


def test_the_file_of_a_sentinel_keeps_the_master_that_a_failover_has_made():
    nodes = with_sentinels()
    target = redis_sentinel.wanted(nodes["r1"], "preferred", nodes)
    conf = Conf(SENTINEL.replace("orders 10.0.0.1 6379 2", "orders 10.0.0.2 6379 2").encode(), "sentinel.conf")
    drop, replace = redis_sentinel.changes(target, conf.sentinel("monitor"))
    assert "sentinel monitor orders 10.0.0.2 6380 2\n" in conf.merged({}, drop=drop, replace=replace).decode()


def test_what_a_sentinels_file_says_of_its_masters():
    orders, others = redis_sentinel.monitors_of(Conf((SENTINEL + "sentinel auth-user orders watch\n").encode(), "sentinel.conf"))
    assert orders == {"name": "orders", "host": "10.0.0.1", "port": 6379, "user": "watch", "replicas": [["10.0.0.2", 6379]]}
    assert (others["user"], others["replicas"]) == (None, [["10.7.7.8", 6379]])


@pytest.mark.parametrize(("monitors", "primary_is", "replica_is", "told"), [
    ({"s1": ("10.0.0.1", [["10.0.0.2", 6379]])}, "master", "slave", []),
    ({"s1": ("10.7.7.7", [["10.7.7.8", 6379]])}, "master", "slave", []),
    # it has promoted a replica and says so nowhere yet
    ({"s1": ("10.0.0.1", [["10.0.0.2", 6379]])}, "master", "master", ["s1 knows r2 as a replica of r1, and it is a master"]),
    # it says so, and the old master has not heard of it
    ({"s1": ("10.0.0.2", [["10.0.0.1", 6379]])}, "master", "master", ["s1 knows r1 as a replica of r2, and it is a master"]),
    # it slept through a failover
    ({"s1": ("10.0.0.1", [])}, "slave", "master", ["s1 watches r1 as the master of orders, and it is a replica"]),
    ({"s1": ("10.0.0.1", []), "s2": ("10.0.0.2", [])}, "master", "master", ["the Sentinels watch r1 and r2 as the master of orders"]),
])
def test_a_failover_that_is_not_over_is_seen(monitors, primary_is, replica_is, told):
    nodes = some.pair()
    for name, role in (("r1", primary_is), ("r2", replica_is)):
        nodes[name]["live"]["role"] = role
    known = {name: [{"name": "orders", "host": host, "port": 6379, "replicas": replicas}] for name, (host, replicas) in monitors.items()}
    found = redis_sentinel.disagreement(known, nodes)
    assert len(found) == len(told) and all(text in phrase for text, phrase in zip(told, found)), found


def test_nothing_is_begun_during_a_failover():
    nodes = with_sentinels()
    nodes["r1"]["sentinel"]["monitors"][0]["replicas"] = [["10.0.0.2", 6379]]
    nodes["r2"]["live"]["role"] = "master"
    nodes["r2"]["sentinel"]["running"] = False
    (problem,) = [problem for problem in plan(nodes)["problems"] if "failover" in problem]
    assert "knows r2 as a replica of r1" in problem and "start first the Sentinels that do not run: r2" in problem
