# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the levels of an OpenSearch node are made of, and how they are told from files and from what a node shows."""

from __future__ import annotations

import pytest
from ansible_collections.interlock.cluster.plugins.module_utils._engines import opensearch as engine
from ansible_collections.interlock.cluster.plugins.module_utils._stores import pem, settings_file

WANTED = {
    "keystore": "certs/node.keystore.p12", "truststore": "certs/node.truststore.p12", "protocols": ["TLSv1.3", "TLSv1.2"],
    "hostname_verification": True, "admin_dn": "CN=opensearch-admin", "reload": "auto",
    "nodes_dn": ["CN=os1", "CN=os2"],
}
PEM = dict(WANTED, format="pem", private_key="certs/node-key.pem", certificate="certs/node.pem", certificate_authorities="certs/ca.pem")
LEVELS = range(engine.DUAL, engine.FULL + 1)


@pytest.mark.parametrize("level", LEVELS)
def test_a_file_that_has_the_settings_of_a_level_is_on_it(level):
    settings, absent = engine.level_settings(level, WANTED, "2.19.4")
    merged = settings_file.merge(b"plugins.security.disabled: true\n", settings, absent)
    assert engine.level_on_disk(settings_file.read(merged.content)) == level


@pytest.mark.parametrize("before", LEVELS)
@pytest.mark.parametrize("after", LEVELS)
def test_a_level_leaves_nothing_of_another_behind(before, after):
    content = settings_file.merge(b"", *engine.level_settings(before, WANTED, "2.19.4")).content
    content = settings_file.merge(content, *engine.level_settings(after, WANTED, "2.19.4")).content
    kept = {name for name in settings_file.read(content) if not name.startswith(engine.HTTP)}
    assert kept == {name for name in engine.level_settings(after, WANTED, "2.19.4")[0] if not name.startswith(engine.HTTP)}


@pytest.mark.parametrize("before, after", [(WANTED, PEM), (PEM, WANTED)])
def test_pem_files_and_stores_never_stand_beside_each_other(before, after):
    content = settings_file.merge(b"", *engine.level_settings(engine.FULL, before, "2.19.4")).content
    content = settings_file.merge(content, *engine.level_settings(engine.FULL, after, "2.19.4")).content
    assert settings_file.read(content) == engine.level_settings(engine.FULL, after, "2.19.4")[0]


DEMO_BLOCK = {
    "plugins.security.disabled": True, "plugins.security.ssl.transport.enabled": False, "plugins.security.audit.type": "internal_opensearch",
    "plugins.security.restapi.roles_enabled": ["all_access"], "plugins.security.system_indices.enabled": True,
    "plugins.security.allow_unsafe_democertificates": True, "plugins.security.ssl.http.crl.validate": False,
    "opendistro_security.audit.enable_rest": True, "cluster.name": "logs",
}


def test_settings_that_no_level_below_full_takes_out_and_the_plugin_does_not_know_there_are_told():
    names = ["plugins.security.audit.type", "plugins.security.restapi.roles_enabled", "opendistro_security.audit.enable_rest"]
    assert engine.unknown_before_full(DEMO_BLOCK, WANTED, "2.19.4") == names
    extra = {name: DEMO_BLOCK[name] for name in names}
    assert engine.unknown_before_full(DEMO_BLOCK, dict(WANTED, extra=extra), "2.19.4") == []
    content = settings_file.merge(b"", DEMO_BLOCK).content
    content = settings_file.merge(content, *engine.level_settings(engine.DUAL, dict(WANTED, extra=extra), "2.19.4")).content
    assert not {*names, engine.UNSAFE_DEMO, "plugins.security.ssl.transport.enabled"}.intersection(settings_file.read(content))


@pytest.mark.parametrize("level", LEVELS)
def test_a_node_starts_beside_files_of_the_demo_with_full_security_too(level):
    settings, absent = engine.level_settings(level, dict(WANTED, demo=True), "2.19.4")
    assert (settings.get(engine.UNSAFE_DEMO) is True, engine.UNSAFE_DEMO in absent) == (level == engine.FULL, level != engine.FULL)
    assert engine.UNSAFE_DEMO in engine.level_settings(level, WANTED, "2.19.4")[1]


@pytest.mark.parametrize("level", [engine.HTTPS, engine.FULL])
def test_clients_may_have_a_certificate_and_a_run_asks_without_one(level):
    assert engine.level_settings(level, WANTED, "2.19.4")[0][engine.HTTP + "clientauth_mode"] == "OPTIONAL"


def test_pem_files_are_those_of_both_layers():
    settings = engine.level_settings(engine.FULL, PEM, "2.19.4")[0]
    for layer in (engine.TRANSPORT, engine.HTTP):
        assert [settings[layer + name] for name in ("pemkey_filepath", "pemcert_filepath", "pemtrustedcas_filepath")] == [
            "certs/node-key.pem", "certs/node.pem", "certs/ca.pem"]


@pytest.mark.parametrize("version, wanted, other", [
    ("2.19.4", engine.CORE_NAMES, engine.TRANSPORT), ("2.14.0", engine.CORE_NAMES, engine.TRANSPORT), ("2.13.0", engine.TRANSPORT, engine.CORE_NAMES),
])
def test_what_is_asked_of_a_name_stands_where_the_version_looks_first(version, wanted, other):
    settings, absent = engine.level_settings(engine.DUAL, WANTED, version)
    assert settings[wanted + "enforce_hostname_verification"] is True and settings[wanted + "resolve_hostname"] is False
    assert {other + "enforce_hostname_verification", other + "resolve_hostname"}.issubset(absent)


@pytest.mark.parametrize("level", [engine.DUAL, engine.STRICT, engine.HTTPS])
def test_what_the_plugin_knows_only_with_full_security_is_not_written_before(level):
    settings, absent = engine.level_settings(level, WANTED, "2.19.4")
    for name in (engine.NODES_DN, engine.ADMIN_DN, engine.WATCHER, "plugins.security.allow_default_init_securityindex"):
        assert name not in settings and name in absent


@pytest.mark.parametrize("version, reload, expected", [
    ("2.19.4", "auto", engine.WATCHER), ("2.19.1", "watcher", engine.WATCHER), ("3.1.0", "auto", engine.WATCHER),
    ("2.19.0", "auto", engine.RELOAD_API), ("2.11.1", "watcher", engine.RELOAD_API), ("2.19.4", "api", engine.RELOAD_API),
])
def test_certificates_are_reloaded_one_way_and_never_both(version, reload, expected):
    settings, absent = engine.level_settings(engine.FULL, dict(WANTED, reload=reload), version)
    assert settings.get(expected) is True
    assert ({engine.WATCHER, engine.RELOAD_API} - {expected}).issubset(absent)


@pytest.mark.parametrize("version, there", [("2.18.0", False), ("2.19.0", True), ("3.0.0", True)])
def test_the_check_of_names_on_reload_is_switched_off_where_there_is_one(version, there):
    settings, _absent = engine.level_settings(engine.FULL, WANTED, version)
    assert (settings.get(engine.TRANSPORT + "enforce_cert_reload_dn_verification") is False) == there


@pytest.mark.parametrize("version, verdict, dns, end, expected", [
    ("2.18.0", "issue", ["OS1"], "2027-01-02", []),
    ("2.18.0", "issue", ["os1", "more"], "2027-01-02", ["other names"]),
    ("2.11.1", "issue", ["os1"], "2026-12-31", ["an earlier end"]),
    ("2.11.1", "keep", ["other"], "2026-12-31", []),
    ("2.19.0", "issue", ["other"], "2026-12-31", []),
])
def test_what_a_running_node_refuses_of_a_certificate_takes_a_restart(version, verdict, dns, end, expected):
    facts = {"san_dns": ["os1"], "san_ip": ["10.0.0.1"], "not_after": "2027-01-01"}
    assert engine.restart_for(version, {"verdict": verdict, "facts": facts}, {"dns": dns, "ip": ["10.0.0.1"]}, end, False) == expected
    assert engine.restart_for(version, {"verdict": verdict, "facts": None}, {"dns": dns, "ip": []}, end, True) == []


@pytest.mark.parametrize("version, expected", [("2.11.1", ["a store"]), ("2.18.0", ["a store"]), ("2.19.0", [])])
def test_a_running_node_reads_no_store_before_2_19(version, expected):
    facts = {"san_dns": ["os1"], "san_ip": [], "not_after": "2027-01-01"}
    assert engine.restart_for(version, {"verdict": "issue", "facts": facts}, {"dns": ["os1"], "ip": []}, "2028-01-01", True) == expected


@pytest.mark.parametrize("version, works", [
    ("2.13.0", True), ("2.14.0", False), ("2.17.1", False), ("2.18.0", True), ("2.19.4", True), ("3.0.0", True), ("2.11.1", True),
])
def test_versions_whose_dual_mode_cannot_be_switched_off_are_known(version, works):
    assert engine.switches_dual_mode(version) == works


@pytest.mark.parametrize("name, expected", [
    ("os1", "CN=os1"), ("os1.example.com", "CN=os1.example.com"), ("a, b", "CN=a\\, b"), ("a+b", "CN=a\\+b"), ("#1", "CN=\\#1"),
])
def test_a_node_is_known_by_its_whole_subject_as_rfc_4514_writes_it(name, expected):
    assert engine.node_dn(name) == expected


@pytest.mark.parametrize("running, tls, plain, scheme, secured, expected", [
    (False, None, None, None, False, None),
    (True, None, None, "http", False, None),
    (True, False, None, "http", False, engine.PLAIN),
    (True, True, True, "http", False, engine.DUAL),
    (True, True, False, "http", False, engine.STRICT),
    (True, True, None, "http", False, engine.STRICT),
    (True, True, False, "https", False, engine.HTTPS),
    (True, True, None, "https", True, engine.FULL),
])
def test_the_level_is_what_the_node_shows(running, tls, plain, scheme, secured, expected):
    assert engine.live_level(running, tls, plain, scheme, secured) == expected


@pytest.mark.parametrize("status, answer, expected", [
    (400, {"error": "no handler found for uri [/_plugins/_security/health] and method [GET]"}, False),
    (200, {"message": None, "mode": "strict", "status": "UP"}, True),
    (503, "OpenSearch Security not initialized.", True),
    (503, {"error": "no cluster manager"}, False),
    (401, "Unauthorized", True),
])
def test_a_node_is_secured_when_its_plugin_asks_who_is_there(status, answer, expected):
    assert engine.is_secured({"answers": {engine.API_SECURITY: {"status": status, "answer": answer}}}) == expected


def test_the_demo_installer_is_known_by_its_files_and_its_settings():
    settings = {engine.UNSAFE_DEMO: "true", engine.ADMIN_DN: ["CN=kirk, OU=client, O=client, L=test, C=de"]}
    assert engine.demo_traces(settings, ["esnode.pem"]) == ["esnode.pem", engine.UNSAFE_DEMO, engine.ADMIN_DN]
    assert engine.demo_traces({engine.ADMIN_DN: "CN=kirk,OU=client,O=client,L=test,C=de"}, []) == [engine.ADMIN_DN]
    assert engine.demo_traces({engine.ADMIN_DN: ["CN=opensearch-admin"]}, []) == []


def test_files_of_the_demo_are_known_by_what_is_in_them(certificates):
    demo, own = (certificates.authority(subject) for subject in (engine.DEMO_AUTHORITY, "CN=logs CA"))
    theirs, ours = (certificates.issue(ca, certificates.request("node-0.example.com")) for ca in (demo, own))
    contents = {"root-ca.pem": demo.certificate, "esnode.pem": theirs.certificate, "esnode-key.pem": theirs.key, "kirk.pem": ours.certificate,
                "kirk-key.pem": ours.key}
    contents = {name: pem.dump_key(what) if "key" in name else pem.dump_certificates([what]) for name, what in contents.items()}
    assert engine.demo_files(contents) == ["esnode-key.pem", "esnode.pem", "root-ca.pem"]
    assert engine.demo_files(dict(contents, **{"root-ca.pem": pem.dump_certificates([own.certificate])})) == ["esnode-key.pem", "esnode.pem"]
    assert engine.demo_files({"root-ca.pem": pem.dump_certificates([own.certificate, demo.certificate])}) == []
    assert engine.demo_files({"root-ca.pem": b"a text", "esnode-key.pem": contents["esnode-key.pem"]}) == []


STOCK = '$2a$12$VcCDgh2NDk07JGN0rjGbM.Ad41qVR/YFJcgHp0UGns5JDymv..TOG'
READALL = "$2a$12$ae4ycwzwvLtZxwZ82RmiEunBbIPiAmGZduBAjKN0TXdwQFtCwARz2"


@pytest.mark.parametrize("users, demo, others", [
    ('---\n_meta:\n  type: "internalusers"\n\n## Demo users\n\nadmin:\n  hash: "%s"\n  reserved: true\n' % STOCK, ["admin"], []),
    ('admin:\n  hash: "$2y$12$0123456789012345678901"\nreadall:\n  reserved: false\n  hash: %s\n' % READALL, ["readall"], ["admin"]),
    ('"app": {hash: "$2y$12$0123456789012345678901"}\n\'admin\': # ours\n  hash: \'%s\'\n' % STOCK, ["admin"], ["app"]),
    ('#admin:\n#  hash: "%s"\napp:\n  # hash: "%s"\n  hash: "$2y$12$0123456789012345678901"\n' % (STOCK, READALL), [], ["app"]),
    (engine.NO_USERS.decode(), [], []),
    ("", [], []),
])
def test_users_of_the_demo_are_known_by_the_hashes_of_their_passwords(users, demo, others):
    assert engine.users(users.encode()) == (demo, others)


def test_the_answers_of_a_node_are_understood_with_the_cluster_setting_of_dual_mode():
    answers = {
        engine.API_NODE: {"status": 200, "answer": {"cluster_name": "logs", "nodes": {"x": {
            "name": "os1", "version": "2.19.4", "settings": {}, "transport": {"publish_address": "10.0.0.1:9300"}}}}},
        engine.API_HEALTH: {"status": 200, "answer": {"status": "green", "relocating_shards": 0}},
        engine.API_MANAGER: {"status": 200, "answer": {"nodes": {"x": {"name": "os2"}}}},
        engine.API_SETTINGS: {"status": 200, "answer": {"persistent": {engine.DUAL_MODE: "false"}, "transient": {}}},
        "/_stats/docs?expand_wildcards=open,hidden&filter_path=indices.*.primaries.docs.count": {"status": 200, "answer": {"indices": {
            "orders": {"primaries": {"docs": {"count": 7}}}, ".opendistro_security": {"primaries": {"docs": {"count": 9}}}}}},
    }
    found = engine.live_facts({"answers": answers})
    assert (found["name"], found["cluster_name"], found["health"], found["master"]) == ("os1", "logs", "green", "os2")
    assert found["dual_mode"] == "false" and found["documents"] == {"orders": 7}


def test_the_version_is_told_by_the_jar():
    assert engine.version_of(["jackson.jar", "opensearch-cli-2.19.4.jar", "opensearch-2.19.4.jar"]) == "2.19.4"
    assert engine.version_of(None) is None
