# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""certificate_request, and node_certificate with what was signed for it: a node's key never comes to the control node's disk."""

from __future__ import annotations

import datetime
import os

import pytest
from ansible_collections.interlock.cluster.plugins.module_utils._ansible.ca_directory import CaDirectory
from ansible_collections.interlock.cluster.plugins.module_utils._pki import authority, node_certificate
from ansible_collections.interlock.cluster.plugins.module_utils._stores import elasticsearch_keystore as keystores
from ansible_collections.interlock.cluster.plugins.module_utils._stores import pem, pkcs12
from ansible_collections.interlock.cluster.tests.unit.support.playbooks import run_playbook
from ansible_collections.interlock.cluster.tests.unit.support.tls_server import transport_layer
from cryptography import x509

NOW = datetime.datetime.now(datetime.timezone.utc)
PASSWORD = "kno4-of-the-stores"
NAMES = {"common_name": "es1", "dns": ["es1.example.com"], "ip": ["10.0.0.7"]}


class Node:
    """A node's directory, a folder of requests, and a company that signs."""

    def __init__(self, top, certificates):
        self.top, self.certificates = top, certificates
        self.ca = certificates.authority("CN=company CA", now=NOW)
        public = authority.Authority(None, self.ca.certificate, (), 1)
        CaDirectory(str(top / "ca")).add(public, None, "external", NOW)
        self.key, self.request = top / "node" / ".request.key", top / "requests" / "es1.csr"

    def run(self, tasks, *options):
        return run_playbook(self.top, [{"hosts": "node", "gather_facts": False, "tasks": tasks}], {"node": {}}, "--diff", "-vvv", *options)

    def ask(self, *options, **changed):
        arguments = dict(NAMES, private_key=str(self.key), request=str(self.request), **changed)
        return self.run([{"name": "ask", "interlock.cluster.certificate_request": arguments}], *options)

    def give(self, certificate, *options):
        stores = {"keystore": str(self.top / "node" / "k.p12"), "truststore": str(self.top / "node" / "t.p12"), "password": PASSWORD}
        arguments = dict(NAMES, **stores, ca_directory=str(self.top / "ca"), signed_certificate=pem.dump_certificates([certificate]).decode(),
                         signed_key_path=str(self.key))
        return self.run([{"name": "give", "interlock.cluster.node_certificate": arguments}], *options)

    def sign(self):
        """The company's signature under what is asked for."""
        signing = x509.load_pem_x509_csr(self.request.read_bytes())
        request = self.certificates.request("es1", dns=NAMES["dns"], ip=NAMES["ip"])
        return node_certificate.sign(self.ca, request, signing.public_key(), NOW, node_certificate.serial_from(os.urandom))[0]


@pytest.fixture
def node(tmp_path, certificates):
    return Node(tmp_path, certificates)


def test_ask_sign_give(node):
    assert node.ask("--check").only("node", "ask")[1]["changed"] and not node.request.exists() and not node.key.exists()
    asked = node.ask()
    assert asked.only("node", "ask")[1]["changed"] and node.key.stat().st_mode & 0o777 == 0o600
    secret = node.key.read_text().splitlines()[1]
    assert not node.ask().only("node", "ask")[1]["changed"], "key and request stay while they are waited for"
    signed = node.sign()
    predicted, given, again = node.give(signed, "--check"), node.give(signed), node.give(signed)
    assert [outcome.only("node", "give")[1]["changed"] for outcome in (predicted, given, again)] == [True, True, False]
    entry = pkcs12.load_keystore((node.top / "node" / "k.p12").read_bytes(), PASSWORD, "k")
    assert (entry.certificate, entry.chain) == (signed, (node.ca.certificate,))
    assert pkcs12.load_truststore((node.top / "node" / "t.p12").read_bytes(), PASSWORD, "t") == (node.ca.certificate,)
    for outcome in (asked, predicted, given):
        assert secret not in outcome.output and PASSWORD not in outcome.output


def test_the_proof_takes_the_node_for_the_member(node):
    """Nothing can be issued where the CA's key is elsewhere."""
    setting = {"path": str(node.top / "node" / "elasticsearch.keystore"), "name": "x.secure_password"}
    node.ask(dns=["localhost"], ip=["127.0.0.1"])
    key = pem.load_key(node.key.read_bytes(), None, "key")
    request = node.certificates.request("es1", dns=("localhost",), ip=("127.0.0.1",))
    issued = node_certificate.Issued(key, node_certificate.sign(node.ca, request, key.public_key(), NOW, 7)[0], (node.ca.certificate,))
    (node.top / "node" / "k.p12").write_bytes(pkcs12.dump_keystore(pkcs12.KeyEntry(key, issued.certificate, issued.chain), "es1", PASSWORD))
    entries = {"keystore.seed": b"s" * 20, setting["name"]: PASSWORD.encode()}
    (node.top / "node" / "elasticsearch.keystore").write_bytes(keystores.dump(keystores.Keystore(entries, 4), "", os.urandom))
    with transport_layer(node.top, issued, node.ca.certificate) as port:
        common = {"host": "127.0.0.1", "port": port, "ca_directory": str(node.top / "ca"), "timeout": 0}
        whole = dict(common, keystore=str(node.top / "node" / "k.p12"), keystore_setting=setting)
        tasks = [{"name": name, "interlock.cluster.elasticsearch_tls_proof": options, "ignore_errors": True}
                 for name, options in (("proof", whole), ("without", common))]
        outcome = node.run(tasks)
    status, result = outcome.only("node", "proof")
    assert status == "ok" and result["proof"]["member_accepted"] and result["proof"]["foreign_refused"], result
    assert "the node's own certificate is needed" in outcome.only("node", "without")[1]["msg"]
    assert PASSWORD not in outcome.output


def test_other_names_are_asked_for_with_the_same_key_and_a_fresh_key_when_told(node):
    node.ask()
    key, request = node.key.read_bytes(), node.request.read_bytes()
    assert node.ask(ip=["10.0.0.8"]).only("node", "ask")[1]["changed"]
    assert node.key.read_bytes() == key and node.request.read_bytes() != request
    node.ask(fresh=True)
    assert node.key.read_bytes() != key


def test_what_may_not_be_used_changes_nothing(node, certificates):
    node.ask()
    status, result = node.give(certificates.issue(certificates.authority("CN=other", now=NOW), now=NOW).certificate).only("node", "give")
    assert status == "failed" and "does not belong to the private key" in result["msg"] and "leads to no CA" in result["msg"]
    assert not (node.top / "node" / "k.p12").exists()
