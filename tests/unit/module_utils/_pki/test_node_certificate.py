# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import datetime
import ipaddress
import subprocess

import pytest
from ansible_collections.interlock.cluster.plugins.module_utils._errors import InterlockError
from ansible_collections.interlock.cluster.plugins.module_utils._pki import authority, keys, node_certificate
from ansible_collections.interlock.cluster.plugins.module_utils._pki.assessment import Current, Wanted, assess
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given, settings
from hypothesis import strategies as st

DAY = datetime.timedelta(days=1)
HOUR = datetime.timedelta(hours=1)


def extension(certificate, kind):
    found = certificate.extensions.get_extension_for_class(kind)
    return found.value, found.critical


def verified_by_openssl(directory, issued, purpose, root=None, untrusted=()):
    """What openssl verify says, the strict checks of RFC 5280 included."""
    directory.mkdir(exist_ok=True)
    files = {"root.pem": [root or issued.chain[-1]], "untrusted.pem": list(untrusted), "leaf.pem": [issued.certificate]}
    for name, certificates in files.items():
        (directory / name).write_bytes(b"".join(certificate.public_bytes(Encoding.PEM) for certificate in certificates))
    command = ["openssl", "verify", "-x509_strict", "-attime", "1780315200", "-purpose", purpose, "-CAfile", "root.pem"]
    command += ["-untrusted", "untrusted.pem"] if untrusted else []
    found = subprocess.run([*command, "leaf.pem"], cwd=directory, capture_output=True, text=True, check=False)
    return found.returncode == 0, found.stdout + found.stderr


def test_a_certificate_is_of_the_decided_form(certificates):
    issuer = certificates.authority()
    issued = certificates.issue(issuer, certificates.request("node-1", ["Node-1", "node-1", "b.example"], ["10.0.0.7", "::1"]))
    certificate = issued.certificate
    assert certificate.subject.rfc4514_string() == "CN=node-1"
    assert certificate.issuer == issuer.certificate.subject
    assert extension(certificate, x509.BasicConstraints) == (x509.BasicConstraints(ca=False, path_length=None), True)
    assert extension(certificate, x509.KeyUsage) == (authority.key_usage("digital_signature"), True)
    purposes = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])
    assert extension(certificate, x509.ExtendedKeyUsage) == (purposes, False)
    addresses = [x509.IPAddress(ipaddress.ip_address(address)) for address in ("10.0.0.7", "::1")]
    names = x509.SubjectAlternativeName([x509.DNSName("node-1"), x509.DNSName("b.example"), *addresses])
    assert extension(certificate, x509.SubjectAlternativeName) == (names, False)
    assert extension(certificate, x509.SubjectKeyIdentifier) == (x509.SubjectKeyIdentifier.from_public_key(issued.key.public_key()), False)
    assert keys.matches(issued.key, certificate)
    assert issued.chain == (issuer.certificate,)


def test_an_rsa_certificate_may_encipher_keys(certificates):
    issued = certificates.issue(certificates.authority(), certificates.request(key_type="rsa-2048"))
    assert extension(issued.certificate, x509.KeyUsage) == (authority.key_usage("digital_signature", "key_encipherment"), True)


def test_the_authority_key_identifier_is_the_issuers_own_and_nothing_else(certificates):
    key = keys.generate("ec-p256")
    own = x509.SubjectKeyIdentifier(b"not the hash of the key")
    extensions = [(x509.BasicConstraints(ca=True, path_length=None), True), (own, False)]
    issuer = authority.Authority(key, certificates.by_hand("CN=old CA", key, extensions=extensions), (), 1)
    found, _critical = extension(certificates.issue(issuer).certificate, x509.AuthorityKeyIdentifier)
    assert found == x509.AuthorityKeyIdentifier(b"not the hash of the key", None, None)


def test_the_authority_key_identifier_for_an_issuer_without_identifier(certificates):
    key = keys.generate("ec-p256")
    extensions = [(x509.BasicConstraints(ca=True, path_length=None), True)]
    issuer = authority.Authority(key, certificates.by_hand("CN=old CA", key, extensions=extensions), (), 1)
    found, _critical = extension(certificates.issue(issuer).certificate, x509.AuthorityKeyIdentifier)
    assert found == x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())


@pytest.mark.parametrize(
    ("ca_days", "ca_age", "days", "begins_before", "ends_after", "capped"),
    [
        (3650, 0 * DAY, 1095, HOUR, 1095 * DAY, False),
        (100, 0 * DAY, 1095, HOUR, 100 * DAY, True),
        (1095, 0 * DAY, 1095, HOUR, 1095 * DAY, False),
        (1095, 1 * DAY, 1095, HOUR, 1094 * DAY, True),
        (10, 10 * DAY, 1095, HOUR, 0 * DAY, True),
    ],
)
def test_the_validity_stays_within_the_issuers(certificates, ca_days, ca_age, days, begins_before, ends_after, capped):
    issuer = certificates.authority(days=ca_days, now=certificates.now - ca_age)
    issued = certificates.issue(issuer, certificates.request(validity_days=days))
    assert issued.certificate.not_valid_before_utc == certificates.now - begins_before
    assert issued.certificate.not_valid_after_utc == certificates.now + ends_after
    assert issued.capped is capped


def test_a_certificate_does_not_begin_before_its_issuer(certificates):
    key = keys.generate("ec-p256")
    begin = certificates.now - datetime.timedelta(minutes=5)
    extensions = [(x509.BasicConstraints(ca=True, path_length=None), True)]
    issuer = authority.Authority(key, certificates.by_hand("CN=young", key, extensions=extensions, begin=begin), (), 1)
    assert certificates.issue(issuer).certificate.not_valid_before_utc == begin


@pytest.mark.parametrize("age", [-2 * HOUR, 11 * DAY])
def test_an_issuer_outside_its_dates_issues_nothing(certificates, age):
    issuer = certificates.authority(days=10, now=certificates.now - age)
    with pytest.raises(node_certificate.RequestError, match="cannot issue at 2026-06-01T12:00:00Z"):
        certificates.issue(issuer)


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        (dict(dns=[], ip=[]), "would have no subject alternative name"),
        (dict(common_name=""), "the common name '' has 0 bytes"),
        (dict(common_name="n" * 65), "has 65 bytes"),
        (dict(dns=["a b"]), "'a b' is not a DNS name"),
        (dict(ip=["10.0.0.300"]), "'10.0.0.300' is not an IP address"),
        (dict(validity_days=0), "a validity of 0 days"),
        (dict(key_type="dsa"), "the key type 'dsa'"),
    ],
)
def test_what_cannot_be_issued_is_refused(certificates, request_, message):
    with pytest.raises(InterlockError) as caught:
        certificates.issue(certificates.authority(), certificates.request(**request_))
    assert message in str(caught.value)


@pytest.mark.parametrize("key_type", ["ec-p256", "ec-p384", "rsa-2048"])
def test_openssl_accepts_the_certificate_as_server_and_as_client(certificates, tmp_path, key_type):
    issued = certificates.issue(certificates.authority(key_type=key_type), certificates.request(key_type=key_type))
    for purpose in ("sslserver", "sslclient"):
        accepted, said = verified_by_openssl(tmp_path, issued, purpose)
        assert accepted, said


def test_openssl_accepts_the_chain_of_an_intermediate(certificates, tmp_path):
    key, intermediate, root = certificates.chained()
    issued = certificates.issue(authority.Authority(key, intermediate, (root,), 1))
    assert issued.chain == (intermediate, root)
    files = dict(root=root, untrusted=[intermediate])
    # By hand the upper two have no key identifiers, which the strict check asks for; the path itself is what matters here.
    _accepted, said = verified_by_openssl(tmp_path, issued, "sslserver", **files)
    assert "unable to get local issuer" not in said


def test_openssl_refuses_the_certificate_of_another_ca_of_the_same_name(certificates, tmp_path):
    issued = certificates.issue(certificates.authority())
    accepted, _said = verified_by_openssl(tmp_path, issued, "sslserver", root=certificates.authority().certificate)
    assert not accepted


def test_a_renewed_ca_keeps_its_leaves(certificates, tmp_path):
    """Same key, name and identifier: a leaf of the old certificate verifies under the new one."""
    old = certificates.authority(days=2000)
    issued = certificates.issue(old)
    skid = extension(old.certificate, x509.SubjectKeyIdentifier)[0]
    extensions = [
        (x509.BasicConstraints(ca=True, path_length=None), True),
        (authority.key_usage("key_cert_sign", "crl_sign"), True),
        (skid, False),
        (x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(skid), False),
    ]
    renewed = certificates.by_hand("CN=logs CA", old.key, extensions=extensions, end=certificates.now + 4000 * DAY)
    accepted, said = verified_by_openssl(tmp_path, issued, "sslserver", root=renewed)
    assert accepted, said


@pytest.mark.parametrize(
    ("octets", "serial"),
    [(b"\x00" * 20, 1), (b"\xff" * 20, 2**159 - 1), (b"\x80" + b"\x00" * 19, 2**158), (b"\x00" * 19 + b"\x01", 1)],
)
def test_extreme_serials(octets, serial):
    assert node_certificate.serial_from(lambda count: octets[:count]) == serial


@given(st.binary(min_size=20, max_size=20))
def test_a_serial_is_positive_and_at_most_20_octets_in_der(octets):
    serial = node_certificate.serial_from(lambda count: octets[:count])
    assert serial > 0
    # DER's INTEGER is signed: the first bit of the first octet has to be free.
    assert serial.bit_length() // 8 + 1 <= 20


LABELS = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?", fullmatch=True)
HOSTS = st.lists(LABELS, min_size=1, max_size=4).map(".".join).filter(lambda name: not name.replace(".", "").isdigit())
REQUESTS = st.builds(
    node_certificate.Request,
    common_name=st.text("abcdefghijklmnopqrstuvwxyzÄ,+= ", min_size=1, max_size=32),
    dns=st.lists(HOSTS, min_size=1, max_size=5).map(tuple),
    ip=st.lists(st.ip_addresses().map(lambda address: address.exploded), max_size=5).map(tuple),
    key_type=st.sampled_from(["ec-p256", "ec-p384"]),
    validity_days=st.integers(31, 5000),
)


@settings(max_examples=60, deadline=None)
@given(wish=REQUESTS, ca_days=st.integers(1, 5000), octets=st.binary(min_size=20, max_size=20))
def test_what_was_just_issued_is_what_was_wanted(certificates, wish, ca_days, octets):
    issuer = certificates.authority(days=ca_days)
    issued = node_certificate.issue(issuer, wish, certificates.now, node_certificate.serial_from(lambda count: octets))
    issued.certificate.verify_directly_issued_by(issuer.certificate)
    current = Current(issued.certificate, keys.describe(issued.key), issued.chain, issued.chain)
    assert assess(current, Wanted(wish, (issuer.certificate,), issuer.certificate), certificates.now) == []
    assert issued.certificate.not_valid_after_utc <= issuer.certificate.not_valid_after_utc
