# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""node_key, ca_sign and what is written of them: a key that never leaves its node, signed by a CA on another host."""

from __future__ import annotations

import datetime
import stat

import pytest
from ansible_collections.interlock.cluster.plugins.module_utils._ansible.ca_directory import CaDirectory
from ansible_collections.interlock.cluster.plugins.module_utils._pki import keys, node_certificate
from ansible_collections.interlock.cluster.plugins.module_utils._stores import pem
from ansible_collections.interlock.cluster.tests.unit.support.playbooks import run_playbook
from ansible_collections.interlock.cluster.tests.unit.support.tls_server import transport_layer
from cryptography import x509

NOW = datetime.datetime.now(datetime.timezone.utc)
PASSPHRASE = "correct horse battery"
NAMES = {"common_name": "es1", "dns": ["localhost"], "ip": ["127.0.0.1"]}


class Cluster:
    """A node's directory, and the CA of another host."""

    def __init__(self, top, certificates):
        self.top, self.certificates = top, certificates
        self.ca = certificates.authority("CN=logs CA", now=NOW)
        self.directory = CaDirectory(str(top / "ca"))
        self.directory.add(self.ca, PASSPHRASE, "created", NOW)
        self.certs = top / "node" / "certs"
        self.waiting, self.key, self.certificate, self.trusted = (
            self.certs / name for name in (".request.key", "transport.key", "transport.crt", "transport.ca.crt"))

    def run(self, tasks, *options):
        return run_playbook(self.top, [{"hosts": "node", "gather_facts": False, "tasks": tasks}], {"node": {}, "vault": {}}, "--diff", "-vvv", *options)

    def ask(self, key, **changed):
        return {"name": "ask", "register": "asked", "interlock.cluster.certificate_request": dict(
            NAMES, private_key=str(key), private_key_origin="node", **changed)}

    def sign(self, **changed):
        return {"name": "sign", "register": "signed", "delegate_to": "vault", "interlock.cluster.ca_sign": dict(
            NAMES, directory=str(self.top / "ca"), passphrase=PASSPHRASE, request="{{ asked.content }}", **changed)}

    def write(self, key, **changed):
        return {"name": "write", "interlock.cluster.node_certificate": dict(
            NAMES, **dict(dict(format="pem", private_key_origin="node", private_key=str(self.key), certificate=str(self.certificate),
                               certificate_authorities=str(self.trusted), ca_certificate=pem.dump_certificates([self.ca.certificate]).decode(),
                               signed_certificate="{{ signed.certificate }}", signed_key_path=str(key)), **changed))}

    def converge(self):
        return self.run([self.ask(self.waiting), self.sign(), self.write(self.waiting)])


@pytest.fixture
def cluster(tmp_path, certificates):
    (tmp_path / "node").mkdir()
    return Cluster(tmp_path, certificates)


def served(cluster):
    """(certificate, key) as they stand on the node."""
    return (pem.load_certificates(cluster.certificate.read_bytes(), "crt")[0], pem.load_key(cluster.key.read_bytes(), None, "key"))


def test_ask_sign_write(cluster):
    outcome = cluster.converge()
    assert [outcome.only("node", name)[0] for name in ("ask", "sign", "write")] == ["ok"] * 3, outcome.output[-3000:]
    certificate, key = served(cluster)
    assert keys.matches(key, certificate) and stat.S_IMODE(cluster.key.stat().st_mode) == 0o600
    assert pem.load_certificates(cluster.trusted.read_bytes(), "ca") == (cluster.ca.certificate,)
    assert pem.load_certificates(cluster.certificate.read_bytes(), "crt") == (certificate, cluster.ca.certificate)
    assert [entry["sha256"] for entry in cluster.directory.ledger()[0]] == [outcome.only("node", "sign")[1]["facts"]["sha256"]]
    for line in [*cluster.key.read_text().splitlines()[1:-1], PASSPHRASE, "PRIVATE KEY"]:
        assert line not in outcome.output, "nothing tells of the key"


def test_a_check_run_makes_nothing(cluster):
    outcome = cluster.run([cluster.ask(cluster.waiting)], "--check")
    status, result = outcome.only("node", "ask")
    assert (status, result["changed"], result["content"]) == ("ok", True, None) and not cluster.waiting.exists()


def test_a_renewal_keeps_the_key_and_needs_only_a_certificate(cluster):
    cluster.converge()
    certificate, key = served(cluster)
    more = dict(NAMES, dns=["localhost", "es1.example"])
    renewing = [cluster.ask(cluster.key, **{"dns": more["dns"]}), cluster.sign(dns=more["dns"]), cluster.write(cluster.key, dns=more["dns"])]
    outcome = cluster.run(renewing)
    assert outcome.only("node", "ask")[1]["changed"] is False
    assert outcome.only("node", "write")[1]["reasons"] == ["a certificate that was signed elsewhere is given", "SAN es1.example missing"]
    renewed, kept = served(cluster)
    assert renewed.serial_number != certificate.serial_number and keys.matches(kept, certificate)


def test_another_type_is_a_new_key(cluster):
    cluster.run([cluster.ask(cluster.waiting)])
    before = cluster.waiting.read_bytes()
    outcome = cluster.run([cluster.ask(cluster.waiting, key_type="rsa-2048"), cluster.ask(cluster.waiting, key_type="rsa-2048")])
    asked = [result["reasons"] for _status, result in outcome.of("node", "ask")]
    assert asked == [["the key is ec-p256, rsa-2048 is wanted"], []] and cluster.waiting.read_bytes() != before


def test_without_a_signed_certificate_nothing_can_be_written(cluster):
    outcome = cluster.run([cluster.write(cluster.waiting, signed_certificate=None)])
    status, result = outcome.only("node", "write")
    assert status == "failed" and "the key of this node is nowhere else" in result["msg"] and not cluster.certificate.exists()


def test_the_ca_signs_its_own_names_for_the_key_of_the_request(cluster):
    cluster.run([cluster.ask(cluster.waiting, dns=["evil.example"]), cluster.sign(), cluster.write(cluster.waiting)])
    certificate, _key = served(cluster)
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["localhost"]


def test_a_request_that_is_none_is_refused(cluster):
    sign = cluster.sign()
    sign["interlock.cluster.ca_sign"]["request"] = "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n"
    status, result = cluster.run([sign]).only("node", "sign")
    assert status == "failed" and "cannot be read" in result["msg"] and cluster.directory.ledger()[0] == []


def test_in_check_mode_the_ca_signs_nothing(cluster):
    cluster.run([cluster.ask(cluster.waiting)])
    outcome = cluster.run([cluster.ask(cluster.waiting), cluster.sign()], "--check")
    assert outcome.only("node", "sign")[1]["certificate"] is None and cluster.directory.ledger()[0] == []


def test_the_node_itself_is_the_member_that_is_let_in(cluster):
    outcome = cluster.converge()
    certificate, key = served(cluster)
    issued = node_certificate.Issued(key, certificate, (cluster.ca.certificate,))
    authority = pem.dump_certificates([cluster.ca.certificate]).decode()
    with transport_layer(cluster.top, issued, cluster.ca.certificate) as port:
        prove = {"host": "127.0.0.1", "port": port, "private_key": str(cluster.key), "certificate": str(cluster.certificate),
                 "trusted": [authority], "timeout": 0}
        held = {"private_key": str(cluster.key), "generations": [
            {"generation": 1, "authority": authority, "certificate": "{{ signed.certificate }}"}]}
        outcome = cluster.run([
            {"name": "prove", "interlock.cluster.elasticsearch_tls_proof": prove},
            cluster.ask(cluster.key), cluster.sign(common_name="interlock proof", dns=["interlock-proof.invalid"], ip=[], validity_days=1),
            {"name": "rotation", "interlock.cluster.ca_rotation_proof": {
                "host": "127.0.0.1", "port": port, "plaintext_protocol": "elasticsearch", "held": held, "serves": 1, "accepts": [1]}}])
    status, result = outcome.only("node", "prove")
    assert status == "ok" and result["proof"]["member_accepted"] and result["proof"]["foreign_refused"], result
    status, result = outcome.only("node", "rotation")
    assert status == "ok" and result["state"]["generation"] == 1, result
    assert "PRIVATE KEY" not in "".join(line for line in outcome.output.splitlines() if "not trust" not in line)
