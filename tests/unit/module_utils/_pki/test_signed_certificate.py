# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Certificates that are signed elsewhere: what is asked for, and each reason not to take what comes back."""

from __future__ import annotations

import datetime
import ipaddress

import pytest
from ansible_collections.interlock.cluster.plugins.module_utils._pki import authority, keys, signed_certificate
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import ExtendedKeyUsageOID, ObjectIdentifier

DAY = datetime.timedelta(days=1)
BOTH = (ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH)


class Company:
    """A company's CA and a node's key."""

    def __init__(self, certificates):
        self.certificates, self.now = certificates, certificates.now
        self.key, self.intermediate, self.root = certificates.chained()
        self.node_key = keys.generate("ec-p256")
        self.request = certificates.request("es1", dns=("es1.example.com",), ip=("10.0.0.7",))

    def sign(self, names=("es1.example.com", "10.0.0.7"), usage=BOTH, extensions=(), key=None, **dates):
        san = [x509.DNSName(name) if "." in name and not name[0].isdigit() else x509.IPAddress(ipaddress.ip_address(name)) for name in names]
        listed = [(x509.SubjectAlternativeName(san), False), *extensions]
        listed += [(x509.ExtendedKeyUsage(usage), False)] if usage else []
        return self.certificates.by_hand("CN=es1", key or self.node_key, ("CN=intermediate", self.key), listed, **dates)

    def problems(self, *given, authorities=None):
        trusted = (self.intermediate,) if authorities is None else authorities
        return signed_certificate.problems(given, self.node_key, self.request, trusted, self.now)


@pytest.fixture(scope="module")
def company(certificates):
    return Company(certificates)


def constraints(ca):
    return [(x509.BasicConstraints(ca=ca, path_length=None), True)]


def policy(oid):
    return [(x509.CertificatePolicies([x509.PolicyInformation(ObjectIdentifier(oid), None)]), False)]


GOOD = {
    "as asked for": {}, "no extended key usage": {"usage": None}, "any purpose": {"usage": [ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE]},
    "more names": {"names": ("es1.example.com", "10.0.0.7", "10.0.0.8")}, "the company's own policy": {"extensions": policy("1.3.6.1.4.1.99999.1")},
    "key usage": {"extensions": [(authority.key_usage("digital_signature"), True)]},
}
BAD = {
    "of another key": ({"key": keys.generate("ec-p256")}, "does not belong to the private key"),
    "a CA's": ({"extensions": constraints(True)}, "is a CA's"),
    "name missing": ({"names": ("10.0.0.7",)}, "SAN lacks es1.example.com"),
    "address missing": ({"names": ("es1.example.com",)}, "SAN lacks 10.0.0.7"),
    "server only": ({"usage": BOTH[:1]}, "lacks serverAuth or clientAuth"),
    "no signatures": ({"extensions": [(authority.key_usage("key_encipherment"), True)]}, "lacks digitalSignature"),
    "expired": ({"end": datetime.datetime(2026, 5, 31, tzinfo=datetime.timezone.utc)}, "expired on 2026-05-31"),
    "not yet valid": ({"begin": datetime.datetime(2026, 6, 2, tzinfo=datetime.timezone.utc)}, "not valid before 2026-06-02"),
    "public by policy": ({"extensions": policy("2.23.140.1.2.1")}, "public CA"),
    "public by timestamps": ({"extensions": [
        (x509.UnrecognizedExtension(ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2"), b"\x04\x02\x00\x00"), False)]}, "public CA"),
    "AKI by serial": ({"extensions": [(x509.AuthorityKeyIdentifier(b"k" * 20, [x509.DirectoryName(x509.Name([]))], 7), False)]}, "by serial number"),
}


@pytest.mark.parametrize("made", GOOD.values(), ids=GOOD)
def test_a_good_one_is_taken(company, made):
    leaf = company.sign(**made)
    assert company.problems(leaf) == company.problems(leaf, company.intermediate, company.root) == []


@pytest.mark.parametrize(("made", "expected"), BAD.values(), ids=BAD)
def test_each_reason_by_itself(company, made, expected):
    (found,) = company.problems(company.sign(**made))
    assert expected in found


def test_everything_at_once_and_the_key_of_which_nothing_is_known(company):
    leaf = company.sign(names=("10.0.0.7",), usage=BOTH[:1])
    assert len(company.problems(leaf)) == 2
    assert len(signed_certificate.problems((leaf,), None, company.request, (), company.now)) == 2


def test_weak_keys_and_signatures(company):
    weak = keys._deps.rsa.generate_private_key(public_exponent=65537, key_size=1024)
    leaf = company.sign(key=weak)
    found = signed_certificate.problems((leaf,), weak, company.request, (company.intermediate,), company.now)
    assert len(found) == 1 and "rsa-1024" in found[0]
    assert isinstance(leaf.signature_hash_algorithm, hashes.SHA256)


class TestChains:
    def test_the_chain_in_order_whatever_order_it_is_given_in(self, company):
        leaf = company.sign()
        expected = (company.intermediate, company.root)
        assert signed_certificate.chain_of((leaf, company.root, company.intermediate), ()) == expected
        assert signed_certificate.chain_of((leaf, company.root), (company.intermediate,)) == expected
        assert signed_certificate.chain_of((leaf,), (company.root,)) == ()

    def test_one_that_leads_to_the_trusted_root(self, company):
        assert company.problems(company.sign(), company.intermediate, authorities=(company.root,)) == []

    def test_one_that_is_not_complete(self, company):
        (found,) = company.problems(company.sign(), authorities=(company.root,))
        assert "its chain ends at CN=es1, which was issued by CN=intermediate, and leads to no CA that the nodes trust (CN=root)" in found

    def test_one_of_another_ca(self, company):
        other = company.certificates.authority("CN=intermediate")
        (found,) = company.problems(company.sign(), authorities=(other.certificate,))
        assert "leads to no CA" in found

    def test_something_that_does_not_belong(self, company):
        other = company.certificates.authority("CN=other")
        (found,) = company.problems(company.sign(), other.certificate)
        assert "CN=other was given with it and is not above it" in found


class TestRequests:
    def test_what_is_asked_for(self, company):
        signing = signed_certificate.signing_request(company.node_key, company.request)
        assert signing.is_signature_valid and keys.matches(company.node_key, signing)
        assert signing.extensions.get_extension_for_class(x509.SubjectAlternativeName).value.get_values_for_type(x509.DNSName) == ["es1.example.com"]
        assert list(signing.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value) == list(BOTH)
        assert signing.extensions.get_extension_for_class(x509.BasicConstraints).value.ca is False

    def test_one_that_stands_is_recognised(self, company):
        signing = signed_certificate.signing_request(company.node_key, company.request)
        other = company.certificates.request("es1", dns=("es1.example.com",), ip=("10.0.0.8",))
        assert signed_certificate.requested(signing, company.node_key, company.request)
        assert not signed_certificate.requested(signing, company.node_key, other)
        assert not signed_certificate.requested(signing, keys.generate("ec-p256"), company.request)
