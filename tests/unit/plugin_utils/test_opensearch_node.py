# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What opensearch_tls_info says of one read of a node: its level, what drifts, and no secret."""

from __future__ import annotations

import datetime
import json
import os

import pytest
from ansible_collections.interlock.cluster.plugins.module_utils._engines import opensearch as engine
from ansible_collections.interlock.cluster.plugins.module_utils._stores import elasticsearch_keystore as keystores
from ansible_collections.interlock.cluster.plugins.module_utils._stores import pem, settings_file
from ansible_collections.interlock.cluster.plugins.plugin_utils._opensearch_node import Layout, assess_node

LAYOUT = Layout("/etc/os", "/usr/share/os", "certs/node.keystore.p12", "certs/node.truststore.p12")
PLAIN = b"cluster.name: logs\nnode.name: os1\nnetwork.host: 10.0.0.7\nplugins.security.disabled: true\n"
WANTED = {"format": "pkcs12", "keystore": LAYOUT.keystore, "truststore": LAYOUT.truststore, "private_key": "certs/node-key.pem",
          "certificate": "certs/node.pem", "certificate_authorities": "certs/ca.pem", "protocols": ["TLSv1.3"], "hostname_verification": True,
          "admin_dn": "CN=opensearch-admin", "reload": "auto"}
PASSWORD, SECRETS = "kno4-of-the-stores", ("kno4", "hidden value", "PRIVATE KEY")


def keystore(**entries):
    values = dict({"keystore.seed": b"s" * 20, "other": b"hidden value"}, **entries)
    return keystores.dump(keystores.Keystore(values, 4, keystores.OPENSEARCH), "", os.urandom)


def complete():
    names = [engine.KEYSTORE_PASSWORD, engine.TRUSTSTORE_PASSWORD, *engine.COPIED_PASSWORDS]
    return keystore(**dict.fromkeys(names, PASSWORD.encode()))


@pytest.fixture(scope="module")
def ca(certificates):
    return certificates.authority()


@pytest.fixture
def assess(certificates, ca, files):
    """assess(contents, found) -> verdicts; no secret may be among them."""
    def run(contents, takes_plaintext=None, layout=LAYOUT, wanted=None, also=(), **found):
        rest = dict({"host": {"now": 1.0, "hostname": "os1"}, "unreadable": [], "clock_offset": 0, "free_space": {"/etc/os": 4711},
                     "directories": {LAYOUT.library: ["opensearch-2.19.4.jar"], LAYOUT.plugins: [engine.PLUGIN], "/etc/os": []},
                     "process": {"running": False, "started_at": None, "listeners": None, "passphrase_file": None}}, **found)
        authority = pem.dump_certificates([ca.certificate]).decode()
        others = [pem.dump_certificates([one.certificate]).decode() for one in also]
        options = dict(inventory_hostname="inventoried", ansible_host=None, home="/usr/share/os", config_dir="/etc/os", wanted=wanted or WANTED,
                       keystore_password=None, store_password=None, authorities=[*others, authority], issuer=authority, san_dns=[], san_ip=[],
                       key_type="ec-p256", validity_days=1095, renew_days=30, renew=False, reissue=False, given=None, external=False,
                       service={"manager": "archive", "user": "os", "name": "x"})
        missing = [path for path in layout.files if path not in contents]
        verdicts = assess_node(files(contents, *missing), rest, takes_plaintext, options, layout, certificates.now)
        text = json.dumps(verdicts)
        assert not [secret for secret in SECRETS if secret in text]
        return verdicts

    return run


def test_a_plaintext_node_that_has_nothing_yet(assess):
    found = assess({LAYOUT.settings: PLAIN, LAYOUT.secure_settings: keystore()})
    assert (found["name"], found["dn"], found["version"], found["level_on_disk"]) == ("os1", "CN=os1", "2.19.4", "plain")
    assert found["certificate"]["verdict"] == "issue" and found["san"]["ip"] == ["10.0.0.7"]
    assert sorted(change["name"] for change in found["secure_settings"]) == sorted(
        [engine.KEYSTORE_PASSWORD, engine.TRUSTSTORE_PASSWORD, *engine.COPIED_PASSWORDS])
    assert engine.DUAL_MODE in found["drift"]["dual"] and engine.DUAL_MODE not in found["drift"]["strict"]
    assert found["problems"] == [] and found["reload"] == "watcher"


def test_a_node_that_is_as_it_should_be_has_nothing_due(assess, certificates, ca):
    issued = certificates.issue(ca, certificates.request("os1", dns=("os1",), ip=("10.0.0.7",)))
    settings, absent = engine.level_settings(engine.FULL, dict(WANTED, nodes_dn=["CN=os1"]), "2.19.4")
    content = settings_file.merge(PLAIN, settings, absent).content
    where = LAYOUT.certificate
    found = assess({LAYOUT.settings: content, LAYOUT.secure_settings: complete(), **where.key_files(issued, "os1", PASSWORD),
                    **where.trust_files((ca.certificate,), PASSWORD)})
    assert (found["level_on_disk"], found["drift"]["full"], found["secure_settings"]) == ("full", [], [])
    assert found["certificate"]["verdict"] == "keep" and found["nodes_dn"] == ["CN=os1"]


def test_pem_files_need_no_password_and_leave_none_behind(assess, certificates, ca):
    wanted = dict(WANTED, format="pem")
    layout = Layout.of("/etc/os", "/usr/share/os", wanted)
    issued = certificates.issue(ca, certificates.request("os1", dns=("os1",), ip=("10.0.0.7",)))
    content = settings_file.merge(PLAIN, *engine.level_settings(engine.FULL, dict(wanted, nodes_dn=["CN=os1"]), "2.19.4")).content
    where = layout.certificate
    assert where.paths == ["/etc/os/certs/node-key.pem", "/etc/os/certs/node.pem", "/etc/os/certs/ca.pem"]
    files = {layout.settings: content, **where.key_files(issued, "os1", None), **where.trust_files((ca.certificate,), None)}
    found = assess({**files, layout.secure_settings: keystore()}, layout=layout, wanted=wanted)
    assert (found["certificate"]["verdict"], found["drift"]["full"], found["secure_settings"]) == ("keep", [], [])
    found = assess({**files, layout.secure_settings: complete()}, layout=layout, wanted=wanted)
    assert {change["action"] for change in found["secure_settings"]} == {"remove"} and len(found["secure_settings"]) == 4


def test_a_ca_that_has_expired_is_not_to_be_trusted_any_more(assess, certificates, ca):
    old = certificates.authority("CN=old CA", days=30, now=certificates.now - datetime.timedelta(days=40))
    issued = certificates.issue(ca, certificates.request("os1", dns=("os1",), ip=("10.0.0.7",)))
    where = LAYOUT.certificate
    files = {LAYOUT.settings: PLAIN, LAYOUT.secure_settings: complete(), **where.key_files(issued, "os1", PASSWORD)}
    found = assess({**files, **where.trust_files((old.certificate, ca.certificate), PASSWORD)}, also=[old])
    assert (found["certificate"]["verdict"], found["expired_trust"]) == ("trust", ["CN=old CA"])
    found = assess({**files, **where.trust_files((ca.certificate,), PASSWORD)}, also=[old])
    assert (found["certificate"]["verdict"], found["expired_trust"]) == ("keep", [])


@pytest.mark.parametrize("speaks, plain, scheme, health, level", [
    (False, None, "http", (400, {}), "plain"),
    (True, True, "http", (400, {}), "dual"),
    (True, False, "http", (400, {}), "strict"),
    (True, False, "https", (400, {}), "https"),
    (True, None, "https", (200, {"mode": "strict", "status": "UP"}), "full"),
])
def test_the_level_is_told_by_what_the_ports_do(assess, speaks, plain, scheme, health, level):
    api = {"scheme": scheme, "host": "10.0.0.7", "unreachable": None,
           "answers": {engine.API_SECURITY: {"status": health[0], "answer": health[1]}}}
    found = assess({LAYOUT.settings: PLAIN, LAYOUT.secure_settings: keystore()}, plain, api=api,
                   process={"running": True, "started_at": 1.0, "listeners": [["10.0.0.7", 9300]], "passphrase_file": None},
                   transport={"reachable": True, "host": "10.0.0.7", "speaks_tls": speaks, "certificate": None, "certificate_pem": None})
    assert found["live"]["level"] == level


@pytest.mark.parametrize("contents, directories, phrase", [
    ({}, {}, "opensearch_tls_config_dir"),
    ({LAYOUT.settings: PLAIN}, {LAYOUT.plugins: ["repository-s3"]}, "opensearch-security is not installed"),
    ({LAYOUT.settings: b"a: [", LAYOUT.secure_settings: None}, {}, "opensearch.yml"),
])
def test_what_stands_against_a_change_is_told_with_what_to_do(assess, contents, directories, phrase):
    given = dict({LAYOUT.secure_settings: keystore()}, **{path: text for path, text in contents.items() if text is not None})
    found = assess(given, directories=dict({LAYOUT.library: ["opensearch-2.19.4.jar"], "/etc/os": []}, **directories))
    assert any(phrase in problem for problem in found["problems"]), found["problems"]


def test_what_the_demo_installer_left_is_told(assess, certificates):
    demo = certificates.authority(engine.DEMO_AUTHORITY)
    theirs = certificates.issue(demo, certificates.request("node-0.example.com"))
    users = b'admin:\n  hash: "$2a$12$VcCDgh2NDk07JGN0rjGbM.Ad41qVR/YFJcgHp0UGns5JDymv..TOG"\n'
    authority = pem.dump_certificates([demo.certificate])
    files = {LAYOUT.settings: PLAIN, LAYOUT.secure_settings: keystore(), LAYOUT.users: users, LAYOUT.demo_authority: authority,
             "/etc/os/esnode.pem": pem.dump_certificates([theirs.certificate])}
    found = assess(files)
    assert found["demo_names"] == ["node-0.example.com", "localhost"]
    assert found["demo"] == found["demo_files"] == ["esnode.pem", "root-ca.pem"]
    assert (found["demo_users"], found["other_users"]) == (["admin"], []) and found["demo_authority"] == authority.decode()
    assert engine.UNSAFE_DEMO in found["drift"]["full"]
    found = assess(dict(files, **{LAYOUT.settings: PLAIN + b"plugins.security.ssl.http.pemtrustedcas_filepath: root-ca.pem\n"}))
    assert found["demo_files"] == ["esnode.pem"] and "root-ca.pem" in found["demo"]


def test_what_is_named_like_the_demo_and_is_the_operators_own_is_no_trace_of_it(assess, ca):
    found = assess({LAYOUT.settings: PLAIN, LAYOUT.secure_settings: keystore(), LAYOUT.demo_authority: pem.dump_certificates([ca.certificate])})
    assert (found["demo"], found["demo_files"], found["demo_authority"], found["demo_names"]) == ([], [], None, [])
    assert engine.UNSAFE_DEMO not in found["drift"]["full"]
