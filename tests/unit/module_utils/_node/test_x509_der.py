# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the reader for nodes makes of certificates, against what cryptography makes of them."""

from __future__ import annotations

import datetime
import ipaddress

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.interlock.cluster.plugins.module_utils._node import der
from ansible_collections.interlock.cluster.plugins.module_utils._node.x509_der import certificate_facts, distinguished_name
from ansible_collections.interlock.cluster.plugins.module_utils._pki import facts as pki_facts

SIGNER = ec.generate_private_key(ec.SECP256R1())
KEYS = {
    "ec-p256": SIGNER,
    "ec-p384": ec.generate_private_key(ec.SECP384R1()),
    "ec-secp521r1": ec.generate_private_key(ec.SECP521R1()),
    "ec-secp256k1": ec.generate_private_key(ec.SECP256K1()),
    "ec-brainpoolP256r1": ec.generate_private_key(ec.BrainpoolP256R1()),
    "rsa-1024": rsa.generate_private_key(65537, 1024),
    "rsa-2048": rsa.generate_private_key(65537, 2048),
    "ed25519": ed25519.Ed25519PrivateKey.generate(),
    "ed448": ed448.Ed448PrivateKey.generate(),
    "dsa": dsa.generate_private_key(1024),
}
PURPOSES = {
    ExtendedKeyUsageOID.SERVER_AUTH: "serverAuth", ExtendedKeyUsageOID.CLIENT_AUTH: "clientAuth",
    ExtendedKeyUsageOID.CODE_SIGNING: "codeSigning", ExtendedKeyUsageOID.EMAIL_PROTECTION: "emailProtection",
    ExtendedKeyUsageOID.TIME_STAMPING: "timeStamping", ExtendedKeyUsageOID.OCSP_SIGNING: "OCSPSigning",
    ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE: "anyExtendedKeyUsage",
}
START = datetime.datetime(2026, 1, 2, 3, 4, 5)
END = datetime.datetime(2029, 6, 7, 8, 9, 10)


def name(*attributes):
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in attributes])


def certificate(subject=None, key=SIGNER, serial=0x1F00D, not_before=START, not_after=END, extensions=()):
    builder = x509.CertificateBuilder().subject_name(subject or name((NameOID.COMMON_NAME, "es1")))
    builder = builder.issuer_name(name((NameOID.COMMON_NAME, "logs CA"), (NameOID.ORGANIZATION_NAME, "Example")))
    builder = builder.public_key(key.public_key()).serial_number(serial).not_valid_before(not_before).not_valid_after(not_after)
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    return builder.sign(SIGNER, hashes.SHA256())


def encoded(made):
    return made.public_bytes(serialization.Encoding.DER)


def san(*dns, ip=()):
    return x509.SubjectAlternativeName([x509.DNSName(each) for each in dns] + [x509.IPAddress(ipaddress.ip_address(each)) for each in ip])


def expected(made):
    """The same facts from cryptography: the shared ones as the control process has them, the rest by its own classes."""
    found = dict.fromkeys(("extended_key_usage", "subject_key_id", "authority_key_id"))
    for extension in made.extensions:
        if isinstance(extension.value, x509.ExtendedKeyUsage):
            found["extended_key_usage"] = [PURPOSES.get(usage, usage.dotted_string) for usage in extension.value]
        elif isinstance(extension.value, x509.SubjectKeyIdentifier):
            found["subject_key_id"] = extension.value.digest.hex()
        elif isinstance(extension.value, x509.AuthorityKeyIdentifier):
            found["authority_key_id"] = None if extension.value.key_identifier is None else extension.value.key_identifier.hex()
    return dict(pki_facts.certificate_facts(made), **found)


ODD_NAME = name(
    (NameOID.COUNTRY_NAME, "DE"), (NameOID.ORGANIZATION_NAME, 'A "quoted", <odd>; one+two\\three'),
    (NameOID.ORGANIZATIONAL_UNIT_NAME, " #space "), (NameOID.COMMON_NAME, "#käse"), (NameOID.EMAIL_ADDRESS, "a@example.com"),
    (NameOID.DOMAIN_COMPONENT, "example"), (NameOID.USER_ID, "7"), (NameOID.STREET_ADDRESS, "x\0y"),
)
MULTIVALUED = x509.Name([x509.RelativeDistinguishedName([
    x509.NameAttribute(NameOID.COMMON_NAME, "es1"), x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "node")])])
WIDE = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "žluť", x509.name._ASN1Type.BMPString),
                  x509.NameAttribute(NameOID.ORGANIZATION_NAME, "žluť", x509.name._ASN1Type.UniversalString)])
CASES = {
    "plain": {},
    "small serial": {"serial": 1},
    "serial of 20 octets": {"serial": (1 << 158) + 5},
    "an odd name": {"subject": ODD_NAME},
    "a name of two attributes in one": {"subject": MULTIVALUED},
    "wide characters": {"subject": WIDE},
    "no name": {"subject": x509.Name([])},
    "beyond 2049": {"not_after": datetime.datetime(2051, 1, 1)},
    "before 2000": {"not_before": datetime.datetime(1999, 12, 31, 23, 59, 59)},
    "names and addresses": {"extensions": [
        san("es1.Example.com", "es1", "*.example.com", ip=("10.0.0.7", "::1", "2001:db8::7", "::ffff:10.0.0.7"))]},
    "other kinds of names": {"extensions": [x509.SubjectAlternativeName([
        x509.UniformResourceIdentifier("urn:x"), x509.RFC822Name("a@example.com"), x509.DirectoryName(name((NameOID.COMMON_NAME, "d"))),
        x509.RegisteredID(ObjectIdentifier("1.2.3")), x509.DNSName("es1.")])]},
    "a CA": {"extensions": [x509.BasicConstraints(True, 0), x509.SubjectKeyIdentifier(b"\x01\x02")]},
    "no CA": {"extensions": [x509.BasicConstraints(False, None)]},
    "purposes": {"extensions": [x509.ExtendedKeyUsage([
        *PURPOSES, ObjectIdentifier("1.3.6.1.4.1.311.10.3.4"), ObjectIdentifier("2.999.1")])]},
    "authority key": {"extensions": [x509.AuthorityKeyIdentifier(b"\xaa\xbb", None, None)]},
    "authority by name and serial": {"extensions": [x509.AuthorityKeyIdentifier(
        None, [x509.DirectoryName(name((NameOID.COMMON_NAME, "d")))], 7)]},
}


@pytest.mark.parametrize("arguments", CASES.values(), ids=CASES.keys())
def test_the_facts_are_those_cryptography_finds(arguments):
    made = certificate(**arguments)
    assert certificate_facts(encoded(made)) == expected(made)


@pytest.mark.parametrize("key_type", KEYS)
def test_key_types(key_type):
    made = certificate(key=KEYS[key_type])
    assert certificate_facts(encoded(made)) == expected(made)
    assert certificate_facts(encoded(made))["key_type"] == key_type


def test_a_key_of_an_unknown_kind_is_unknown_and_the_rest_is_read():
    known = encoded(certificate())
    strange = known.replace(bytes.fromhex("06072a8648ce3d0201"), bytes.fromhex("06072a8648ce3d0277"))
    assert strange != known
    assert certificate_facts(strange)["key_type"] == "unknown"
    assert certificate_facts(strange)["subject"] == "CN=es1"


def test_a_text_that_is_none_is_told_in_hex():
    latin = encoded(certificate(subject=name((NameOID.COMMON_NAME, "Käse")))).replace(b"\x0c\x05K\xc3\xa4se", b"\x14\x05K\xe4\xe4se")
    assert certificate_facts(latin)["subject"] == "CN=#4be4e47365"


def test_a_name_alone():
    for made in (ODD_NAME, MULTIVALUED, WIDE):
        assert distinguished_name(made.public_bytes()) == made.rfc4514_string()
    assert distinguished_name(x509.Name([]).public_bytes()) == "(empty)"


GOOD = encoded(certificate(extensions=[
    san("es1.example.com", ip=("10.0.0.7",)), x509.BasicConstraints(True, None), x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]),
    x509.SubjectKeyIdentifier(b"\x01\x02"), x509.AuthorityKeyIdentifier(b"\xaa\xbb", None, None)]))


def test_a_cut_off_certificate_is_refused():
    for length in range(len(GOOD)):
        with pytest.raises(der.DerError):
            certificate_facts(GOOD[:length])


BAD = {
    "trailing bytes": GOOD + b"\0",
    "an IPv4 address of five bytes": GOOD.replace(b"\x87\x04\x0a\0\0\x07", b"\x87\x05\x0a\0\0\x07"),
    "a DNS name that is not ASCII": GOOD.replace(b"es1.example", b"es\xff.example"),
    "a month 13": GOOD.replace(b"260102030405Z", b"261302030405Z"),
    "a time without zone": GOOD.replace(b"260102030405Z", b"2601020304050"),
    "a time of spaces": GOOD.replace(b"260102030405Z", b"26010203040 Z"),
    "a half-true BOOLEAN": GOOD.replace(b"\x30\x03\x01\x01\xff", b"\x30\x03\x01\x01\x01"),
    "an extension twice": GOOD.replace(bytes.fromhex("0603551d25"), bytes.fromhex("0603551d11")),
    "a serial number that is no INTEGER": GOOD.replace(b"\x02\x03\x01\xf0\x0d", b"\x04\x03\x01\xf0\x0d"),
    "an indefinite length": b"\x30\x80" + GOOD[4:] + b"\0\0",
    "a length longer than need be": b"\x30\x83\x00" + GOOD[2:],
    "a tag of the long form": b"\x3f\x30\x00",
}


@pytest.mark.parametrize("content", BAD.values(), ids=BAD.keys())
def test_what_is_not_a_certificate_is_refused(content):
    assert content != GOOD
    with pytest.raises(der.DerError):
        certificate_facts(content)


@given(st.binary(max_size=400))
def test_arbitrary_bytes_raise_nothing_else(content):
    for read in (certificate_facts, distinguished_name):
        try:
            read(content)
        except der.DerError:
            pass


@settings(max_examples=400)
@given(st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), min_size=1, max_size=4))
def test_a_damaged_certificate_is_refused_or_read_as_cryptography_reads_it(changes):
    damaged = bytearray(GOOD)
    for at, octet in changes:
        damaged[at] = octet
    try:
        found = certificate_facts(bytes(damaged))
    except der.DerError:
        return
    try:
        wanted = expected(x509.load_der_x509_certificate(bytes(damaged)))
    except Exception:  # pylint: disable=broad-except
        return  # cryptography looks at parts that carry no facts as well
    assert wanted["key_type"] in (found.pop("key_type"), "unknown")
    wanted.pop("key_type")
    assert found == wanted


@given(st.text(max_size=40))
def test_any_common_name_is_escaped_alike(text):
    try:
        subject = name((NameOID.ORGANIZATION_NAME, text))
    except ValueError:
        return
    assert distinguished_name(subject.public_bytes()) == (subject.rfc4514_string() or "(empty)")


@given(st.lists(st.integers(0, 2**40), min_size=0, max_size=6), st.integers(0, 2), st.integers(0, 39))
def test_object_identifiers(arcs, first, second):
    dotted = ".".join(str(arc) for arc in [first, second] + arcs)
    made = x509.ExtendedKeyUsage([ObjectIdentifier(dotted)]).public_bytes()
    assert der.oid(der.only(der.only(made, der.SEQUENCE), der.OID)) == dotted


@pytest.mark.parametrize("content", [b"", b"\x80", b"\x2a\x80\x01", b"\x2a\x86", b"\x2a" * 64])
def test_what_is_no_object_identifier(content):
    with pytest.raises(der.DerError):
        der.oid(content)
