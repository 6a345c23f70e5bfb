# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""kibana_settings, kibana_keystore, trust_bundle, kibana_tls_info and client certificates, in one run of ansible-playbook -vvv --diff."""

from __future__ import annotations

import datetime
import json
import os

import pytest
from ansible_collections.interlock.cluster.plugins.module_utils._ansible.ca_directory import CaDirectory
from ansible_collections.interlock.cluster.plugins.module_utils._pki import authority
from ansible_collections.interlock.cluster.plugins.module_utils._pki.node_certificate import serial_from
from ansible_collections.interlock.cluster.plugins.module_utils._stores import kibana_keystore, pem, pkcs12
from ansible_collections.interlock.cluster.tests.unit.support.playbooks import run_playbook
from cryptography import x509

NOW = datetime.datetime.now(datetime.timezone.utc)
PASSPHRASE, SECRET, OLD, STORE = "kno4 of the CA here", "kno4-of-kibana", "kno4-in-the-clear", "kno4-of-the-store"
YML = b"# ours\nelasticsearch.hosts: [http://es1:9200]\nelasticsearch.password: %s\nxpack.security.encryptionKey: kno4-key\nempty:\n" % OLD.encode()
RUNS = (("check", True), ("do", False), ("again", False))


def tasks(top):
    """Every module with its options, as check, do, and do again."""
    ca = {"ca_directory": str(top / "ca")}
    issuing = dict(ca, ca_passphrase=PASSPHRASE, profile="client", common_name="orders")
    steps = {
        "settings": ("kibana_settings", {
            "path": str(top / "kibana.yml"), "settings": {"elasticsearch.hosts": ["https://es1:9200"], "xpack.security.encryptionKey": SECRET},
            "absent": ["elasticsearch.password", "empty"]}),
        "keystore": ("kibana_keystore", {
            "path": str(top / "kibana.keystore"), "entries": {"elasticsearch.password": SECRET},
            "missing_entries": {"xpack.security.encryptionKey": SECRET, "xpack.reporting.encryptionKey": SECRET, "there": SECRET},
            "settings_file": str(top / "kibana.yml"), "absent": ["gone"]}),
        "bundle": ("trust_bundle", dict(ca, path=str(top / "ca.crt"))),
        "java_bundle": ("trust_bundle", dict(ca, path=str(top / "ca.p12"), format="pkcs12", password=STORE)),
        "client": ("node_certificate", dict(
            issuing, format="pem", private_key=str(top / "tls" / "client.key"), certificate=str(top / "tls" / "client.crt"))),
        "java_client": ("node_certificate", dict(issuing, keystore=str(top / "tls" / "client.p12"), password=STORE)),
        "info": ("kibana_tls_info", dict(
            ca, config_dir=str(top), home=str(top), address="127.0.0.1", port=1, hosts=["https://127.0.0.1:1"], common_name="kb1", password=SECRET)),
        "leaf": ("trust_bundle", {"path": str(top / "leaf.crt"), "certificates": ["{{ lookup('file', '%s') }}" % (top / "tls" / "client.crt")]}),
    }
    return [{"name": "%s %s" % (run, name), "interlock.cluster." + module: options, "check_mode": check, "ignore_errors": True}
            for name, (module, options) in steps.items() for run, check in RUNS]


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    top = tmp_path_factory.mktemp("kibana")
    made = [authority.create("CN=orders CA", "ec-p256", 30, number, NOW, serial_from(os.urandom)) for number in (1, 2)]
    directory = CaDirectory(str(top / "ca"))
    for number, one in enumerate(made):
        directory.add(one, PASSPHRASE, "created", NOW, issues=number == 0)
    (top / "kibana.yml").write_bytes(YML)
    keystore = kibana_keystore.Keystore({"gone": "kno4", "there": "kno4-there", "kept": "kno4-kept"})
    (top / "kibana.keystore").write_bytes(kibana_keystore.dump(keystore, "", os.urandom))
    outcome = run_playbook(top, [{"hosts": "all", "gather_facts": False, "tasks": tasks(top)}], {"kb1": {}}, "-vvv", "--diff")
    return top, outcome


@pytest.mark.parametrize("name", ["settings", "keystore", "bundle", "java_bundle", "client", "java_client"])
def test_check_tells_what_is_done_and_a_second_run_does_nothing(done, name):
    _top, outcome = done
    results = [outcome.only("kb1", "%s %s" % (run, name)) for run, _check in RUNS]
    assert [(status, result.get("changed")) for status, result in results] == [("ok", True), ("ok", True), ("ok", False)], results


def test_the_settings(done):
    top, outcome = done
    assert (top / "kibana.yml").read_bytes() == (
        b'# ours\nelasticsearch.hosts: ["https://es1:9200"]\nxpack.security.encryptionKey: %s\n' % SECRET.encode())
    changes = {change["name"]: change["after"] for change in outcome.only("kb1", "do settings")[1]["changes"]}
    assert changes["xpack.security.encryptionKey"] == "(hidden)"


def test_an_encryption_key_that_is_in_use_stays(done):
    top, _outcome = done
    assert kibana_keystore.load((top / "kibana.keystore").read_bytes()).entries == {
        "elasticsearch.password": SECRET, "xpack.reporting.encryptionKey": SECRET, "there": "kno4-there", "kept": "kno4-kept"}


def test_a_bundle_has_every_generation(done):
    top, outcome = done
    assert len(pem.load_certificates((top / "ca.crt").read_bytes(), "ca.crt")) == 2
    assert len(pkcs12.load_truststore((top / "ca.p12").read_bytes(), STORE, "ca.p12")) == 2
    assert len(outcome.only("kb1", "do bundle")[1]["added"]) == 2


def test_no_leaf_is_trusted(done):
    top, outcome = done
    assert "is no CA certificate" in outcome.only("kb1", "do leaf")[1]["msg"] and not (top / "leaf.crt").exists()


def test_a_client_cannot_pose_as_a_server(done):
    top, _outcome = done
    entry = pkcs12.load_keystore((top / "tls" / "client.p12").read_bytes(), STORE, "client.p12")
    for certificate in (entry.certificate, pem.load_certificates((top / "tls" / "client.crt").read_bytes(), "client.crt")[0]):
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        assert list(usage) == [x509.oid.ExtendedKeyUsageOID.CLIENT_AUTH]
    assert not (top / "tls" / "ca.p12").exists()


def test_the_verdict(done):
    _top, outcome = done
    node = outcome.only("kb1", "do info")[1]["node"]
    assert node["kind"] == "restart" and not node["resume"]
    assert any(reason.startswith("certificate: ") for reason in node["reasons"])
    assert len(node["problems"]) == 1 and "https://127.0.0.1:1 cannot be reached from here" in node["problems"][0]


def test_no_secret_is_shown(done):
    _top, outcome = done
    shown = outcome.output + json.dumps(outcome.results)
    for secret in (PASSPHRASE, SECRET, OLD, STORE, "kno4", "PRIVATE KEY"):
        assert secret not in shown, secret
