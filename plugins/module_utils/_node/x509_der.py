# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a certificate says, read from its DER form (RFC 5280) on a host that has the standard library only.

The fields and their formats are those of _pki/facts.py, so that what a port serves and what is on disk compare directly.
Nothing here verifies a signature.
"""

from __future__ import annotations

import hashlib
import ipaddress
from datetime import datetime

from ansible_collections.interlock.cluster.plugins.module_utils._node import der

_ATTRIBUTES = {  # RFC 4514, section 3
    "2.5.4.3": "CN", "2.5.4.7": "L", "2.5.4.8": "ST", "2.5.4.10": "O", "2.5.4.11": "OU", "2.5.4.6": "C",
    "2.5.4.9": "STREET", "0.9.2342.19200300.100.1.25": "DC", "0.9.2342.19200300.100.1.1": "UID",
}
_ENCODINGS = {der.BMP_STRING: "utf-16-be", der.UNIVERSAL_STRING: "utf-32-be"}
_RSA_KEYS = ("1.2.840.113549.1.1.1", "1.2.840.113549.1.1.10")
_EC_KEY = "1.2.840.10045.2.1"
_CURVES = {
    "1.2.840.10045.3.1.7": "p256", "1.3.132.0.34": "p384", "1.3.132.0.35": "secp521r1", "1.3.132.0.10": "secp256k1",
    "1.3.132.0.33": "secp224r1", "1.2.840.10045.3.1.1": "secp192r1",
    "1.3.36.3.3.2.8.1.1.7": "brainpoolP256r1", "1.3.36.3.3.2.8.1.1.11": "brainpoolP384r1", "1.3.36.3.3.2.8.1.1.13": "brainpoolP512r1",
}
_OTHER_KEYS = {"1.3.101.112": "ed25519", "1.3.101.113": "ed448", "1.2.840.10040.4.1": "dsa"}
_PURPOSES = {  # RFC 5280, section 4.2.1.12
    "1.3.6.1.5.5.7.3.1": "serverAuth", "1.3.6.1.5.5.7.3.2": "clientAuth", "1.3.6.1.5.5.7.3.3": "codeSigning",
    "1.3.6.1.5.5.7.3.4": "emailProtection", "1.3.6.1.5.5.7.3.8": "timeStamping", "1.3.6.1.5.5.7.3.9": "OCSPSigning",
    "2.5.29.37.0": "anyExtendedKeyUsage",
}
_SUBJECT_KEY_ID, _SAN, _BASIC_CONSTRAINTS, _AUTHORITY_KEY_ID, _EXTENDED_KEY_USAGE = (
    "2.5.29.14", "2.5.29.17", "2.5.29.19", "2.5.29.35", "2.5.29.37")


def certificate_facts(certificate):
    """The public data of a certificate (DER bytes) as plain types. Raises DerError, and nothing else, for other bytes.

    subject, issuer (RFC 4514), serial (lower-case hex), not_before, not_after (ISO 8601, Z), sha256 (lower-case hex),
    san_dns, san_ip (lists), key_type ("ec-p256", "rsa-2048", ..), is_ca, extended_key_usage (list of names, None without
    the extension), subject_key_id, authority_key_id (lower-case hex or None).
    """
    outer = der.Elements(der.only(certificate, der.SEQUENCE))
    body = outer.enter(der.SEQUENCE)
    if body.next_is(0xA0):
        body.take(0xA0)  # the version; the extensions tell all that depends on it
    serial = der.integer(body.take(der.INTEGER))
    body.take(der.SEQUENCE)  # the signature algorithm
    issuer = _name(body.enter(der.SEQUENCE))
    validity = body.enter(der.SEQUENCE)
    not_before, not_after = _time(validity), _time(validity)
    subject = _name(body.enter(der.SEQUENCE))
    key_type = _key_type(body.enter(der.SEQUENCE))
    facts = {
        "subject": subject,
        "issuer": issuer,
        "serial": "%x" % serial,
        "not_before": not_before,
        "not_after": not_after,
        "sha256": hashlib.sha256(certificate).hexdigest(),
        "key_type": key_type,
    }
    facts.update(_from_extensions(_extensions(body)))
    return facts


def distinguished_name(encoded):
    """A DER-encoded name as RFC 4514 text, "(empty)" when there is nothing in it. Raises DerError."""
    return _name(der.Elements(der.only(encoded, der.SEQUENCE)))


def _name(relative_names):
    parts = []
    while relative_names:
        attributes, pairs = relative_names.enter(der.SET), []
        while attributes:
            attribute = attributes.enter(der.SEQUENCE)
            kind = der.oid(attribute.take(der.OID))
            pairs.append("%s=%s" % (_ATTRIBUTES.get(kind, kind), _escaped(*attribute.take_any())))
        parts.append("+".join(pairs))
    return ",".join(reversed(parts)) or "(empty)"


def _escaped(tag, content):
    """An attribute value with the escapes of RFC 4514, section 2.4; the hex form where it is no text."""
    try:
        if tag == der.BIT_STRING:
            raise UnicodeError
        text = content.decode(_ENCODINGS.get(tag, "utf-8"))
    except UnicodeError:
        return "#" + content.hex()
    for character in '\\"+,;<>':
        text = text.replace(character, "\\" + character)
    text = text.replace("\0", "\\00")
    if text[:1] == "#" or (text[:1] == " " and len(text) > 1):
        text = "\\" + text
    return text[:-1] + "\\ " if text[-1:] == " " else text


def _time(elements):
    tag, content = elements.take_any()
    if tag not in (der.UTC_TIME, der.GENERALIZED_TIME):
        raise der.DerError("DER tag 0x%02x found where a time belongs" % tag)
    digits = content[:-1]
    if content[-1:] != b"Z" or len(digits) != (12 if tag == der.UTC_TIME else 14) or not digits.isdigit():
        raise der.DerError("a time is not written as RFC 5280 demands")
    text = digits.decode("ascii")
    if tag == der.UTC_TIME:
        text = ("20" if text < "50" else "19") + text
    try:
        moment = datetime(int(text[:4]), *(int(text[at:at + 2]) for at in range(4, 14, 2)))
    except ValueError:
        raise der.DerError("a time names a moment that does not exist")
    return moment.isoformat() + "Z"


def public_key_type(encoded):
    """The type of a public key (DER bytes, SubjectPublicKeyInfo) as in certificate_facts(). Raises DerError."""
    return _key_type(der.Elements(der.only(encoded, der.SEQUENCE)))


def _key_type(public_key):
    algorithm = public_key.enter(der.SEQUENCE)
    kind = der.oid(algorithm.take(der.OID))
    bits = public_key.take(der.BIT_STRING)
    if kind in _RSA_KEYS:
        modulus = der.Elements(der.only(der.whole_octets(bits), der.SEQUENCE)).take(der.INTEGER)
        return "rsa-%d" % der.integer(modulus).bit_length()
    if kind == _EC_KEY and algorithm.next_is(der.OID):
        curve = der.oid(algorithm.take(der.OID))
        return "ec-%s" % _CURVES[curve] if curve in _CURVES else "unknown"
    return _OTHER_KEYS.get(kind, "unknown")


def _extensions(body):
    """The extensions by their dotted name, as DER."""
    found = {}
    while body and not body.next_is(0xA3):
        body.take_any()  # the unique identifiers of X.509 v2
    if not body:
        return found
    listed = der.Elements(der.only(body.take(0xA3), der.SEQUENCE))
    body.end()
    while listed:
        extension = listed.enter(der.SEQUENCE)
        kind = der.oid(extension.take(der.OID))
        if extension.next_is(der.BOOLEAN):
            extension.take(der.BOOLEAN)
        if kind in found:
            raise der.DerError("the extension %s is there twice" % kind)
        found[kind] = extension.take(der.OCTET_STRING)
    return found


def _from_extensions(extensions):
    names = _subject_alternative_names(extensions[_SAN]) if _SAN in extensions else ([], [])
    return {
        "san_dns": names[0],
        "san_ip": names[1],
        "is_ca": _BASIC_CONSTRAINTS in extensions and _is_ca(extensions[_BASIC_CONSTRAINTS]),
        "extended_key_usage": _purposes(extensions[_EXTENDED_KEY_USAGE]) if _EXTENDED_KEY_USAGE in extensions else None,
        "subject_key_id": der.only(extensions[_SUBJECT_KEY_ID], der.OCTET_STRING).hex() if _SUBJECT_KEY_ID in extensions else None,
        "authority_key_id": _authority_key_id(extensions[_AUTHORITY_KEY_ID]) if _AUTHORITY_KEY_ID in extensions else None,
    }


def _subject_alternative_names(extension):
    names, dns, ip = der.Elements(der.only(extension, der.SEQUENCE)), [], []
    while names:
        tag, content = names.take_any()
        if tag == 0x82:
            dns.append(_ascii(content).rstrip(".").lower())
        elif tag == 0x87:
            if len(content) not in (4, 16):
                raise der.DerError("an address in the subject alternative name has %d bytes" % len(content))
            ip.append(str(ipaddress.ip_address(content)))
    return dns, ip


def _ascii(content):
    try:
        return content.decode("ascii")
    except UnicodeDecodeError:
        raise der.DerError("a DNS name is not ASCII")


def _is_ca(extension):
    constraints = der.Elements(der.only(extension, der.SEQUENCE))
    return constraints.next_is(der.BOOLEAN) and der.boolean(constraints.take(der.BOOLEAN))


def _purposes(extension):
    listed, purposes = der.Elements(der.only(extension, der.SEQUENCE)), []
    while listed:
        purpose = der.oid(listed.take(der.OID))
        purposes.append(_PURPOSES.get(purpose, purpose))
    return purposes


def _authority_key_id(extension):
    parts = der.Elements(der.only(extension, der.SEQUENCE))
    return parts.take(0x80).hex() if parts.next_is(0x80) else None
