# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import hashlib
import json

import pytest
from ansible_collections.interlock.cluster.plugins.module_utils._pki import facts, keys
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding


def test_the_facts_of_a_certificate_are_plain_data(certificates):
    issued = certificates.issue(certificates.authority(), certificates.request(dns=["Node-1", "b.example"], ip=["10.0.0.7", "2001:DB8::1"]))
    found = facts.certificate_facts(issued.certificate)
    assert found == {
        "subject": "CN=node-1",
        "issuer": "CN=logs CA",
        "serial": "%x" % issued.certificate.serial_number,
        "not_before": "2026-06-01T11:00:00Z",
        "not_after": "2029-05-31T12:00:00Z",
        "sha256": hashlib.sha256(issued.certificate.public_bytes(Encoding.DER)).hexdigest(),
        "san_dns": ["node-1", "b.example"],
        "san_ip": ["10.0.0.7", "2001:db8::1"],
        "key_type": "ec-p256",
        "is_ca": False,
    }
    assert json.loads(json.dumps(found)) == found


def test_the_facts_of_a_ca(certificates):
    found = facts.certificate_facts(certificates.authority().certificate)
    assert (found["is_ca"], found["san_dns"], found["san_ip"]) == (True, [], [])


def test_a_certificate_without_basic_constraints_is_no_ca(certificates):
    assert not facts.is_ca(certificates.by_hand("CN=x", keys.generate("ec-p256")))


def test_the_ledger_keeps_who_issued_what_and_when(certificates):
    authority = certificates.authority()
    issued = certificates.issue(authority)
    entry = facts.ledger_entry(issued, 3, certificates.now)
    known = facts.certificate_facts(issued.certificate)
    for name in ("serial", "subject", "san_dns", "san_ip", "not_before", "not_after", "sha256"):
        assert entry.pop(name) == known[name]
    assert entry == {"issuer_sha256": facts.fingerprint(authority.certificate), "generation": 3, "issued_at": "2026-06-01T12:00:00Z"}


def test_extensions_that_cannot_be_decoded_are_an_error_with_the_certificates_name(certificates):
    broken = x509.UnrecognizedExtension(x509.BasicConstraints.oid, b"\x30\x03garbage")
    certificate = certificates.by_hand("CN=broken", keys.generate("ec-p256"), extensions=[(broken, True)])
    with pytest.raises(facts.CertificateError, match="CN=broken"):
        facts.certificate_facts(certificate)


def test_a_label_tells_two_of_one_name_apart(certificates):
    labels = {facts.label(certificates.authority().certificate) for _count in range(2)}
    assert len(labels) == 2 and all(label.startswith("CN=logs CA (sha256 ") for label in labels)
