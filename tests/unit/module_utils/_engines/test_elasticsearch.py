# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Elasticsearch calls things and what its answers mean. The files hold answers of real nodes, shortened."""

from __future__ import annotations

import copy
import json
import pathlib

import pytest
from ansible_collections.interlock.cluster.plugins.module_utils._engines import elasticsearch as engine

FILES = pathlib.Path(__file__).parent / "files"
SECURED, PLAINTEXT = "api-8.19.0-secured.json", "api-7.17.28-plaintext.json"


def answers(name):
    """The answers in a file, by path as node_info gives them."""
    content = json.loads((FILES / name).read_text(encoding="utf-8"))
    return {getattr(engine, path): answer for path, answer in content.items()}


def facts(found):
    return engine.live_facts({"answers": found})


def test_the_files_hold_an_answer_to_every_question():
    for name in (SECURED, PLAINTEXT):
        assert set(answers(name)) == set(engine.API_PATHS)
    assert engine.API_PATHS[-1] == engine.API_SNAPSHOTS, "a slow repository must not cost the other answers"


@pytest.mark.parametrize("names, version", [
    (["elasticsearch-core-8.19.0.jar", "elasticsearch-8.19.0.jar", "lucene-core-9.12.1.jar"], "8.19.0"),
    (["elasticsearch-7.17.28.jar"], "7.17.28"),
    (["elasticsearch-9.2.0-SNAPSHOT.jar"], "9.2.0-SNAPSHOT"),
    (["elasticsearch-x-content-8.19.0.jar", "opensearch-2.19.1.jar"], None),
    ([], None),
    (None, None),
])
def test_the_version_from_the_installation(names, version):
    assert engine.version_of(names) == version


@pytest.mark.parametrize("version, supported", [
    ("7.16.3", False), ("7.17.0", True), ("7.17.28", True), ("8.0.0", True), ("8.19.0", True), ("9.2.0", True), ("9.2.0-SNAPSHOT", True),
    ("6.8.23", False), ("10.0.0", False),
])
def test_supported_versions(version, supported):
    assert engine.is_supported(version) is supported


@pytest.mark.parametrize("settings, security, encrypted", [
    ({}, None, False),
    ({engine.SECURITY: False}, False, False),
    ({engine.SECURITY: "true"}, True, False),
    ({engine.SECURITY: True, engine.TRANSPORT_TLS: True}, True, True),
    ({engine.SECURITY: True, engine.TRANSPORT_TLS: "false"}, True, False),
    ({engine.SECURITY: False, engine.TRANSPORT_TLS: True}, False, False),
    ({engine.TRANSPORT_TLS: True}, None, False),
])
def test_what_a_settings_file_switches_on(settings, security, encrypted):
    assert engine.security_enabled(settings) is security
    assert engine.transport_encrypted(settings) is encrypted


@pytest.mark.parametrize("settings, names", [
    ({}, []),
    ({"network.host": "10.0.0.7"}, ["10.0.0.7"]),
    ({"network.host": ["_site_", "es1.example.com"]}, ["es1.example.com"]),
    ({"network.host": "_local_, 10.0.0.7"}, ["10.0.0.7"]),
    ({"network.host": "0.0.0.0"}, []),
    ({"network.host": "${HOSTNAME}"}, []),
    ({"network.host": "10.0.0.7", "network.publish_host": "es1"}, ["es1"]),
    ({"network.publish_host": "es1", "transport.publish_host": "es1-transport"}, ["es1-transport"]),
    ({"transport.host": "10.1.0.7", "network.host": "10.0.0.7"}, ["10.1.0.7"]),
    ({"network.bind_host": ["::", "fe80::1"]}, ["fe80::1"]),
    ({"transport.publish_host": "_site_", "network.host": "10.0.0.7"}, ["10.0.0.7"]),
])
def test_names_the_transport_layer_is_published_under(settings, names):
    assert engine.publish_names(settings) == names


@pytest.mark.parametrize("settings, address", [
    ({}, None), ({"network.host": "10.0.0.7"}, "10.0.0.7"), ({"http.host": "10.2.0.7", "network.host": "10.0.0.7"}, "10.2.0.7"),
    ({"http.host": "_local_", "network.bind_host": "10.0.0.7"}, "10.0.0.7"), ({"http.bind_host": ["0.0.0.0"]}, None),
])
def test_where_the_http_layer_is_bound(settings, address):
    assert engine.http_address(settings) == address


@pytest.mark.parametrize("seeds, hosts", [
    (None, []), ("es1, es2:9300", ["es1", "es2"]), (["10.0.0.7:9300", "[::1]:9300", "::1", "[fe80::1]"], ["10.0.0.7", "::1", "::1", "fe80::1"]),
    (["${SEED}", "es3"], ["es3"]),
])
def test_seed_hosts(seeds, hosts):
    assert engine.seed_hosts({} if seeds is None else {"discovery.seed_hosts": seeds}) == hosts


@pytest.mark.parametrize("settings, told", [
    ({}, False),
    ({"discovery.seed_hosts": []}, False),
    ({"discovery.seed_hosts": ""}, False),
    ({"cluster.initial_master_nodes": ["es1"]}, False),
    ({"discovery.seed_hosts": "${SEEDS}"}, True),
    ({"discovery.seed_hosts": ["10.0.0.8"]}, True),
    ({"discovery.seed_providers": "file"}, True),
    ({"discovery.zen.ping.unicast.hosts": ["10.0.0.8"]}, True),
    ({"discovery.zen.hosts_provider": "ec2"}, True),
])
def test_whether_a_node_is_told_where_the_others_are(settings, told):
    assert engine.finds_others(settings) is told


def test_seed_hosts_that_mean_this_node():
    settings = {"discovery.seed_hosts": ["ES1.example.com:9300", "es2", "10.0.0.7", "other.example.com"]}
    assert engine.own_seeds(settings, ["Es1", "10.0.0.7", None, "OTHER.example.com"]) == ["ES1.example.com", "10.0.0.7", "other.example.com"]


@pytest.mark.parametrize("value, items", [(None, []), ("", []), ("a, b", ["a", "b"]), (["a ", 1], ["a", "1"]), (9300, ["9300"])])
def test_lists(value, items):
    assert engine.as_list(value) == items


@pytest.mark.parametrize("address, host, names", [
    ("10.0.0.7:9300", "10.0.0.7", ["10.0.0.7"]), ("es1/10.0.0.7:9300", "10.0.0.7", ["es1", "10.0.0.7"]), ("[::1]:9300", "::1", ["::1"]),
    ("es1/[fe80::1]:9300", "fe80::1", ["es1", "fe80::1"]),
])
def test_publish_addresses(address, host, names):
    assert (engine.host_of(address), engine.names_of(address)) == (host, names)


@pytest.mark.parametrize("settings, cluster, path", [
    ({}, None, "/es/logs/elasticsearch.log"), ({"cluster.name": "orders"}, None, "/es/logs/orders.log"),
    ({"path.logs": "/var/log/es", "cluster.name": "x"}, "live", "/var/log/es/live.log"),
    ({"path.logs": "${ES_HOME}/log"}, "a", "/es/log/a.log"),
])
def test_the_log_file(settings, cluster, path):
    assert engine.log_file(settings, "/es", cluster) == path


def test_a_secured_cluster():
    found = facts(answers(SECURED))
    assert found == {
        "denied": False, "security": True, "name": "es1", "version": "8.19.0", "cluster_name": "orders", "transport_names": ["127.0.1.1"],
        "http_names": ["127.0.1.1"],
        "health": "green", "relocating": 0, "duplicates": [], "allocation": {"persistent": None, "transient": None},
        "members": {name: {"version": "8.19.0", "address": "127.0.1.%s:9300" % name[-1], "roles": []} for name in ("es1", "es2", "es3")},
        "documents": {"couriers": 12, "orders": 10000},
        "clients": [{"address": "127.0.0.1", "agent": "Python-urllib/3.11", "connections": 1}], "remotes": [],
        "master": "es3", "last_snapshot": None,
    }


def test_the_latest_snapshot():
    found = answers(SECURED)
    found[engine.API_SNAPSHOTS]["answer"] = {"snapshots": [{"start_time_in_millis": 1790000000500}]}
    assert facts(found)["last_snapshot"] == 1790000000.5


LIVE = {"name": "es1", "members": None, "transport_names": []}


@pytest.mark.parametrize("settings, live, peers", [
    ({}, LIVE, []),
    ({"discovery.seed_hosts": "10.0.0.1, es2:9400,[::1]:9301,::2, _local_, es3:9300-9305"}, LIVE,
     ["10.0.0.1:9300", "[::1]:9301", "[::2]:9300", "es2:9400", "es3:9300"]),
    ({"discovery.seed_hosts": ["10.0.0.1", "10.0.0.2"], "network.host": "10.0.0.1"}, LIVE, ["10.0.0.2:9300"]),
    ({"discovery.seed_hosts": ["es1", "es2"]}, dict(LIVE, transport_names=["es1", "10.0.0.1"], members={
        "es1": {"address": "10.0.0.1:9300"}, "es2": {"address": "10.0.0.2:9300"}}), ["10.0.0.2:9300", "es2:9300"]),
])
def test_where_the_peers_are(settings, live, peers):
    assert engine.peer_addresses(settings, live, 9300) == peers


@pytest.mark.parametrize("settings, wanted, found", [
    ({}, ["keystore.path"], []),
    ({"keystore.path": "x", "keystore.type": "PKCS12"}, ["keystore.path"], []),
    ({"certificate": "x", "key": "y"}, ["keystore.path"], ["key", "certificate"]),
    ({"keystore.password": "x", "certificate_authorities": "y"}, ["keystore.path", "truststore.path"], ["keystore.password", "certificate_authorities"]),
    ({"keystore.path": "x", "truststore.path": "y"}, ["certificate", "certificate_authorities"], ["keystore.path", "truststore.path"]),
    ({"certificate": "x"}, ["verification_mode"], []),
])
def test_settings_that_contradict(settings, wanted, found):
    prefixed = {engine.TRANSPORT.prefix + name: value for name, value in settings.items()}
    assert engine.contradictions(prefixed, {engine.TRANSPORT.prefix + name: "v" for name in wanted}) == [engine.TRANSPORT.prefix + name for name in found]


def test_a_plaintext_node():
    found = facts(answers(PLAINTEXT))
    assert (found["security"], found["denied"], found["version"]) == (False, False, "7.17.28"), "7.17 is not secure unless told so"
    assert found["allocation"] == {"persistent": "all", "transient": "new_primaries"}
    assert found["clients"] == [
        {"address": "10.0.0.9", "agent": "Kibana/7.17.28", "connections": 1},
        {"address": "127.0.0.1", "agent": "elasticsearch-java/7.17.28", "connections": 1},
        {"address": "127.0.0.1", "agent": "unnamed client", "connections": 1},
    ], "neither who has gone nor ourselves"
    assert found["remotes"] == [{"name": "dr", "connected": False, "seeds": ["127.0.0.1:9372"]}]
    assert found["documents"] == {"orders": 1}


@pytest.mark.parametrize("name, value, security", [
    (SECURED, None, True), (SECURED, "false", False), (PLAINTEXT, None, False), (PLAINTEXT, "true", True),
])
def test_whether_security_is_live(name, value, security):
    found = answers(name)
    node = next(iter(found[engine.API_NODE]["answer"]["nodes"].values()))
    node["settings"].pop(engine.SECURITY, None)
    if value:
        node["settings"][engine.SECURITY] = value
    assert facts(found)["security"] is security


@pytest.mark.parametrize("status", [401, 403])
def test_a_node_that_refuses_the_password_is_secure(status):
    found = facts({path: {"status": status, "answer": None} for path in engine.API_PATHS})
    assert (found["denied"], found["security"], found["members"], found["health"], found["clients"]) == (True, True, None, None, [])


def test_without_answers_nothing_is_known():
    for found in ({}, {path: {"status": 503, "answer": {"error": {}}} for path in engine.API_PATHS}):
        known = facts(found)
        assert {key for key, value in known.items() if value not in (None, [], False)} == set()


def test_an_empty_cluster_has_no_documents_and_that_is_known():
    found = answers(PLAINTEXT)
    found[engine.API_DOCUMENTS]["answer"] = {}
    assert facts(found)["documents"] == {}
    del found[engine.API_DOCUMENTS]
    assert facts(found)["documents"] is None


def test_two_nodes_of_one_name():
    found = answers(SECURED)
    nodes = found[engine.API_MEMBERS]["answer"]["nodes"]
    nodes["another"] = copy.deepcopy(next(iter(nodes.values())))
    assert facts(found)["duplicates"] == ["es1"]


def test_connections_of_one_client_are_counted():
    found = answers(PLAINTEXT)
    clients = next(iter(found[engine.API_CLIENTS]["answer"]["nodes"].values()))["http"]["clients"]
    kibana = next(client for client in clients if client.get("agent", "").startswith("Kibana"))
    clients += [dict(kibana, id=1), dict(kibana, id=2, request_count=0)]
    assert {"address": "10.0.0.9", "agent": "Kibana/7.17.28", "connections": 2} in facts(found)["clients"]


def test_a_remote_cluster_behind_a_proxy():
    found = answers(SECURED)
    found[engine.API_REMOTES]["answer"] = {"far": {"connected": True, "mode": "proxy", "proxy_address": "far.example.com:9400"}}
    assert facts(found)["remotes"] == [{"name": "far", "connected": True, "seeds": ["far.example.com:9400"]}]
