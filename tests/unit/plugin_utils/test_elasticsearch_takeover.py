# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A node that other means secured, as verdicts: what would be packed anew, what goes, and no secret among it."""

from __future__ import annotations

import json
import os

import pytest
from ansible_collections.interlock.cluster.plugins.module_utils._engines import elasticsearch as engine
from ansible_collections.interlock.cluster.plugins.module_utils._stores import elasticsearch_keystore as keystores
from ansible_collections.interlock.cluster.plugins.module_utils._stores import pem, pkcs12, settings_file
from ansible_collections.interlock.cluster.plugins.plugin_utils import _elasticsearch_takeover as takeover
from ansible_collections.interlock.cluster.plugins.plugin_utils._elasticsearch_node import Layout, assess_node

LAYOUT = Layout("/etc/es", "/usr/share/es", "certs/key.p12", "certs/trust.p12")
SECRET, T = "kno4-of-the-shared-store", "xpack.security.transport.ssl."
SETTINGS = ("cluster.name: orders\nnode.name: es1\nnetwork.host: 10.0.0.7\nxpack.security.enabled: true\n" + T + "enabled: true\n"
            + T + "verification_mode: certificate\n")
WANTED = {"xpack.security.enabled": True, T + "enabled": True, T + "verification_mode": "full", T + "keystore.path": "certs/key.p12",
          T + "truststore.path": "certs/trust.p12"}


def secure(**entries):
    values = dict({"keystore.seed": b"s" * 20}, **{name: value.encode() for name, value in entries.items()})
    return keystores.dump(keystores.Keystore(values, 4), "", os.urandom)


@pytest.fixture(scope="module")
def ca(certificates):
    return certificates.authority("CN=made by hand")


@pytest.fixture(scope="module")
def shared(certificates, ca):
    """A node as certutil leaves it, but with two stores: (contents, the issued certificate)."""
    issued = certificates.issue(ca)
    entry = pkcs12.KeyEntry(issued.key, issued.certificate, issued.chain)
    text = SETTINGS + T + "keystore.path: shared.p12\n" + T + "truststore.path: trust.p12\n"
    return {LAYOUT.settings: text.encode(), LAYOUT.secure_settings: secure(**dict.fromkeys(engine.TRANSPORT.store_passwords, SECRET)),
            "/etc/es/shared.p12": pkcs12.dump_keystore(entry, "instance", SECRET),
            "/etc/es/trust.p12": pkcs12.dump_truststore([ca.certificate], SECRET)}, issued


@pytest.fixture(scope="module")
def in_pem(certificates, ca):
    """The same in PEM, with an encrypted key whose passphrase is in plain settings."""
    issued = certificates.issue(ca)
    text = SETTINGS + "".join("%s%s: %s\n" % (T, name, value) for name, value in (
        ("key", "n.key"), ("certificate", "n.crt"), ("certificate_authorities", "[ca.crt]"), ("key_passphrase", SECRET)))
    return {LAYOUT.settings: text.encode(), LAYOUT.secure_settings: secure(), "/etc/es/n.key": pem.dump_key(issued.key, SECRET),
            "/etc/es/n.crt": pem.dump_certificates([issued.certificate]), "/etc/es/ca.crt": pem.dump_certificates([ca.certificate])}, issued


@pytest.fixture
def assess(certificates, files):
    def run(contents, **options):
        given = dict(inventory_hostname="es1", ansible_host=None, home="/usr/share/es", config_dir="/etc/es", password=None, keystore_password=None,
                     store_password=None, settings=WANTED, settings_absent=[], san_dns=[], san_ip=[], key_type="ec-p256", authorities=[], issuer=None,
                     validity_days=1095, renew_days=30, renew=False, reissue=False, takeover=True, http=None,
                     service={"manager": "archive", "user": "es", "name": "es.service"})
        found = {"host": {"now": 1790000000.5, "hostname": "es1"}, "directories": {LAYOUT.library: ["elasticsearch-8.19.0.jar"]},
                 "free_space": {}, "unreadable": [], "clock_offset": 0,
                 "process": {"running": False, "started_at": None, "listeners": None, "passphrase_file": None}}
        missing = [path for path in (*LAYOUT.files, *options.pop("missing", ())) if path not in contents]
        verdicts = assess_node(files(contents, *missing), found, dict(given, **options), LAYOUT, certificates.now)
        assert "kno4" not in json.dumps(verdicts) and "PRIVATE" not in json.dumps(verdicts)
        return verdicts

    return run


@pytest.mark.parametrize("layout", ["shared", "in_pem"])
def test_what_is_told_of_it(assess, request, ca, layout):
    contents, issued = request.getfixturevalue(layout)
    found = assess(contents)
    taken = found["takeover"]
    assert found["problems"] == []
    assert (taken["foreign"], taken["verification_mode"], taken["issuer"]) == (True, "certificate", "CN=made by hand")
    assert taken["paths"] == taken["left_over"] == [path for path in contents if path not in (LAYOUT.settings, LAYOUT.secure_settings)]
    assert taken["certificate"]["serial"] == "%x" % issued.certificate.serial_number
    assert [(known["subject"], known["issues"]) for known in taken["trusted"]] == [("CN=made by hand", True)]
    assert pem.load_certificates(taken["trusted"][0]["pem"].encode(), "x") == (ca.certificate,)
    assert found["certificate"]["verdict"] == "issue" and "which other means made" in found["certificate"]["reasons"][0]
    assert taken["settings"][T + "verification_mode"] == "certificate" and "verification_mode" not in str(found["settings"])
    assert {change["name"]: change["action"] for change in found["secure_settings"]} == dict.fromkeys(
        (engine.TRANSPORT.keystore_password, engine.TRANSPORT.truststore_password), "replace" if layout == "shared" else "add")


@pytest.mark.parametrize("layout", ["shared", "in_pem"])
def test_what_is_packed_anew(request, files, ca, layout):
    contents, issued = request.getfixturevalue(layout)
    settings = settings_file.read(contents[LAYOUT.settings])
    stores = takeover.stores_of(settings, "/etc/es", ("certs/key.p12",))
    entries = takeover.entries_of(contents[LAYOUT.secure_settings], None, LAYOUT.secure_settings)
    entry, trusted = takeover.open_stores(stores, files(contents), entries)
    assert (entry.certificate, trusted) == (issued.certificate, [ca.certificate])
    assert entry.key.public_key() == issued.key.public_key()


def test_an_ordinary_run_names_the_way(assess, shared):
    problems = assess(shared[0], takeover=False)["problems"]
    assert problems == ["/etc/es/elasticsearch.yml: its transport layer has the stores /etc/es/shared.p12, /etc/es/trust.p12, which other means made. "
                        "Take the cluster over with the playbook takeover."]


def test_a_node_that_is_through_is_left_to_what_comes_after(assess, shared):
    text = SETTINGS + T + "keystore.path: certs/key.p12\n" + T + "truststore.path: certs/trust.p12\n"
    found = assess(dict(shared[0], **{LAYOUT.settings: text.encode()}))
    assert (found["takeover"]["foreign"], found["certificate"]["verdict"], found["settings"], found["secure_settings"]) == (False, "keep", [], [])
    assert found["problems"] == []


def test_a_store_that_the_http_layer_shares_stays_and_is_warned_of(assess, shared):
    text = shared[0][LAYOUT.settings] + b"xpack.security.http.ssl.enabled: true\nxpack.security.http.ssl.keystore.path: shared.p12\n"
    found = assess(dict(shared[0], **{LAYOUT.settings: text}))
    assert found["takeover"]["left_over"] == ["/etc/es/trust.p12"]
    assert found["warnings"] == [
        "/etc/es/elasticsearch.yml: xpack.security.http.ssl.keystore.path names shared.p12, a file of the transport layer. Whoever has a certificate "
        "of that CA with clientAuth is a member of the cluster: give the other layer a CA of its own."]


def test_what_a_run_that_died_left_is_put_aside_by_the_next(assess, shared):
    text = SETTINGS + T + "keystore.path: certs/key.p12\n" + T + "truststore.path: certs/trust.p12\n"
    contents = dict(shared[0], **{LAYOUT.settings: text.encode(), LAYOUT.previous_settings: shared[0][LAYOUT.settings]})
    taken = assess(contents)["takeover"]
    assert (taken["foreign"], taken["left_over"]) == (False, ["/etc/es/shared.p12", "/etc/es/trust.p12"])


BROKEN = {
    "a wrong password": ({LAYOUT.secure_settings: secure(**{engine.TRANSPORT.keystore_password: "other", engine.TRANSPORT.truststore_password: "other"})}, (),
                         "/etc/es/shared.p12: the password is wrong"),
    "a store that is not there": ({}, ("/etc/es/shared.p12",), "/etc/es/shared.p12: is not there, and the settings name it"),
    "a placeholder": ({LAYOUT.settings: (SETTINGS + T + "keystore.path: ${STORE}\n").encode()}, (),
                      "the value of xpack.security.transport.ssl.keystore.path is a placeholder"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_what_cannot_be_taken_over(assess, shared, case):
    changed, missing, problem = BROKEN[case]
    contents = {path: content for path, content in dict(shared[0], **changed).items() if path not in missing}
    problems = assess(contents, missing=missing)["problems"]
    assert any(text.startswith(problem) for text in problems), problems
