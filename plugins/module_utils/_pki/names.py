# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names in certificates: subjects as RFC 4514 writes them, DNS names and addresses as they are compared."""

from __future__ import annotations

import ipaddress
import re

from ansible_collections.interlock.cluster.plugins.module_utils import _deps
from ansible_collections.interlock.cluster.plugins.module_utils._errors import InterlockError

# ub-common-name of RFC 5280, appendix A.1; cryptography counts bytes of UTF-8 where the RFC counts characters.
COMMON_NAME_LIMIT = 64
# The underscore is no host name character, but machine names in the field have it and TLS libraries take it.
_DNS_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\Z")
# RFC 4514 has no spaces beside its separators and capital attribute names; people and openssl write them otherwise.
_ATTRIBUTE = re.compile(r"(?:\A\s*|\s*(?<!\\)([,+])\s*)([A-Za-z]+|[0-9.]+)\s*=\s*")
_GENERATION_MARK = re.compile(r" G[0-9]+\Z")


class NamesError(InterlockError):
    """A name that cannot stand in a certificate."""


def parse_subject(text):
    """The x509.Name that an RFC 4514 string means ("CN=logs CA,O=Example"); "cn=logs CA, o=Example" is taken too. Raises NamesError."""
    remedy = "Write it as RFC 4514 has it, for example CN=logs CA,O=Example; a common name has at most 64 bytes."
    try:
        name = _deps.x509.Name.from_rfc4514_string(_ATTRIBUTE.sub(_exact, text))
    except ValueError as error:
        detail = " (%s)" % error if str(error) else ""
        raise NamesError("the subject %r cannot be read%s" % (text, detail), remedy=remedy)
    if not name.rdns:
        raise NamesError("the subject is empty", remedy=remedy)
    return name


def _exact(match):
    return "%s%s=" % (match.group(1) or "", match.group(2).upper())


def common_name(text):
    """A name that holds a common name only. Raises NamesError."""
    try:
        return _deps.x509.Name([_deps.x509.NameAttribute(_deps.NameOID.COMMON_NAME, text)])
    except ValueError:
        raise NamesError(
            "the common name %r has %d bytes" % (text, len(text.encode("utf-8"))),
            remedy="A common name has 1 to %d bytes; give another one." % COMMON_NAME_LIMIT,
        )


def fitted(base, ending):
    """base and ending as one common name, base cut off where it is too long."""
    return base.encode("utf-8")[: COMMON_NAME_LIMIT - len(ending)].decode("utf-8", "ignore") + ending


def for_generation(name, generation):
    """The subject of a CA's generation: the first as it is, later ones marked " G2", " G3" in the common name.

    A new key under an old name breaks path building, so every new key gets a new name.
    """
    if generation == 1:
        return name
    attributes = list(name)
    index = next((at for at, attribute in enumerate(attributes) if attribute.oid == _deps.NameOID.COMMON_NAME), None)
    if index is None:
        return _deps.x509.Name(list(name.rdns) + list(common_name("G%d" % generation).rdns))
    base = _GENERATION_MARK.sub("", attributes[index].value)
    marked = _deps.x509.NameAttribute(_deps.NameOID.COMMON_NAME, fitted(base, " G%d" % generation))
    return _deps.x509.Name([_replaced(rdn, attributes[index], marked) for rdn in name.rdns])


def _replaced(rdn, old, new):
    return _deps.x509.RelativeDistinguishedName([new if attribute is old else attribute for attribute in rdn])


def text(name):
    """A subject or issuer as one line for people: RFC 4514, "(empty)" when there is none."""
    return name.rfc4514_string() or "(empty)"


def dns_name(value):
    """A DNS name as it is written and compared: lower case, no final dot. Raises NamesError for what is none."""
    name = folded(value)
    if _is_address(name):
        raise NamesError("%r is an address, not a DNS name" % value, remedy="List it with the IP addresses.")
    labels = name[2:].split(".") if name.startswith("*.") else name.split(".")
    if len(name) > 253 or not all(_DNS_LABEL.match(label) for label in labels):
        raise NamesError("%r is not a DNS name" % value, remedy="Give a host name; write an international one in its xn-- form.")
    return name


def folded(value):
    """A DNS name of a certificate made elsewhere, folded for comparison only."""
    return str(value).rstrip(".").lower()


def ip_address(value):
    """An IPv4 or IPv6 address in its canonical text. Raises NamesError, also for an address with a zone (fe80::1%eth0)."""
    try:
        if "%" in str(value):
            raise ValueError("zone")
        return str(ipaddress.ip_address(str(value)))
    except ValueError:
        raise NamesError(
            "%r is not an IP address that a certificate can hold" % value, remedy="Give an address without zone or prefix length."
        )


def _is_address(value):
    try:
        return bool(ipaddress.ip_address(value))
    except ValueError:
        return False


def unique(values):
    """The values in their order, each once."""
    return tuple(dict.fromkeys(values))


def split(values):
    """(DNS names, IP addresses) of a mixed list, each once and in order."""
    dns, ip = [], []
    for value in values:
        try:
            address = str(ipaddress.ip_address(value.strip("[]")))
        except ValueError:
            if value not in dns:
                dns.append(value)
        else:
            if address not in ip:
                ip.append(address)
    return dns, ip
