# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Issue the certificate of a node: what goes into it, and for how long."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from ansible_collections.interlock.cluster.plugins.module_utils import _deps
from ansible_collections.interlock.cluster.plugins.module_utils._errors import InterlockError
from ansible_collections.interlock.cluster.plugins.module_utils._pki import authority as authorities
from ansible_collections.interlock.cluster.plugins.module_utils._pki import facts, keys, names


# What a certificate is for, by its extended key usage: a node is server and client, a web server only one, an application the other.
NODE, SERVER, CLIENT = "node", "server", "client"
PROFILES = (NODE, SERVER, CLIENT)


class RequestError(InterlockError):
    """A certificate that cannot be issued as asked for."""


@dataclass(frozen=True)
class Request:
    """What a node's certificate shall be. dns, ip: the subject alternative names; key_type: one of keys.KEY_TYPES;
    profile: one of PROFILES. A client is known by its subject and needs no name."""

    common_name: str
    dns: tuple
    ip: tuple
    key_type: str
    validity_days: int
    profile: str = NODE


@dataclass(frozen=True)
class Issued:
    """A node's key and certificate. chain: the issuing CA and what is above it; capped: the CA ends before the validity asked for."""

    key: object
    certificate: object
    chain: tuple
    capped: bool = False


def issue(authority, request, now, serial):
    """Make a key and its certificate. now: aware datetime; serial: see serial_from.

    The certificate begins an hour ago and ends after validity_days, never outside the CA's own dates (RFC 5280 lets the
    path end with its first expired certificate). Raises RequestError, names.NamesError, keys.KeyTypeError.
    """
    key = keys.generate(request.key_type)
    certificate, capped = sign(authority, request, key.public_key(), now, serial)
    return Issued(key, certificate, (authority.certificate,) + tuple(authority.chain), capped)


def sign(authority, request, public_key, now, serial):
    """The certificate for a key that stays where it is, and whether the CA's end cut its validity short."""
    x509 = _deps.x509
    issuer = authority.certificate
    begin, end, capped = _validity(issuer, request.validity_days, now.replace(microsecond=0))
    builder = (
        x509.CertificateBuilder(
            subject_name=names.common_name(request.common_name),
            issuer_name=issuer.subject,
            public_key=public_key,
            serial_number=serial,
        )
        .not_valid_before(begin)
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(key_usage(public_key), critical=True)
        .add_extension(x509.ExtendedKeyUsage(purposes(request.profile)), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
        .add_extension(_authority_key_identifier(issuer), critical=False)
    )
    named = general_names(request)
    if named:
        builder = builder.add_extension(x509.SubjectAlternativeName(named), critical=False)
    return builder.sign(authority.key, authorities.signature_hash(authority.key)), capped


def purposes(profile):
    """The extended key usage of a profile."""
    server, client = _deps.ExtendedKeyUsageOID.SERVER_AUTH, _deps.ExtendedKeyUsageOID.CLIENT_AUTH
    return {NODE: [server, client], SERVER: [server], CLIENT: [client]}[profile]


def usage_problem(usage, profile):
    """Why an ExtendedKeyUsage, or None for a certificate without, is not right for a profile; None when it is.

    None at all means any (RFC 5280, 4.2.1.12). More than is needed does a server no harm. A client could pose as a server with it.
    """
    server = _deps.ExtendedKeyUsageOID.SERVER_AUTH
    held = None if usage is None or _deps.ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE in usage else set(usage)
    if held is not None and not held.issuperset(purposes(profile)):
        return "lacks %s" % {NODE: "serverAuth or clientAuth", SERVER: "serverAuth", CLIENT: "clientAuth"}[profile]
    if profile == CLIENT and (held is None or server in held):
        return "allows serverAuth, which a client must not have"
    return None


def serial_from(random):
    """A serial number of 159 random bits: positive and at most 20 octets in DER (RFC 5280, 4.1.2.2).

    random: a function from a number of bytes to as many random bytes.
    """
    return int.from_bytes(random(20), "big") >> 1 or 1


def _validity(issuer, days, now):
    wanted_end = now + authorities.validity(days)
    begin = max(now - authorities.BACKDATED, issuer.not_valid_before_utc)
    end = min(wanted_end, issuer.not_valid_after_utc)
    if not begin <= now <= end:
        raise RequestError(
            "the CA %s is valid from %s to %s and cannot issue at %s"
            % (
                facts.label(issuer),
                facts.timestamp(issuer.not_valid_before_utc),
                facts.timestamp(issuer.not_valid_after_utc),
                facts.timestamp(now),
            ),
            remedy="Check the clock of this host; an expired CA has to be replaced.",
        )
    return begin, end, end < wanted_end


def general_names(request):
    """The subject alternative names of a Request. Raises RequestError when there would be none, unless it is a client's."""
    x509 = _deps.x509
    wanted = [x509.DNSName(name) for name in names.unique(names.dns_name(name) for name in request.dns)]
    wanted += [x509.IPAddress(ipaddress.ip_address(address)) for address in names.unique(names.ip_address(ip) for ip in request.ip)]
    if not wanted and request.profile != CLIENT:
        raise RequestError(
            "the certificate for %s would have no subject alternative name" % request.common_name,
            remedy="Give at least one DNS name or address that it is reached by.",
        )
    return wanted


def key_usage(public_key):
    """What a node's key is for: RSA keys also encipher in TLS 1.2."""
    if keys.describe(public_key).startswith("rsa-"):
        return authorities.key_usage("digital_signature", "key_encipherment")
    return authorities.key_usage("digital_signature")


def _authority_key_identifier(issuer):
    """Key id only: an identifier with issuer and serial breaks every path once the CA is renewed."""
    x509 = _deps.x509
    skid = facts.extension(issuer, x509.SubjectKeyIdentifier)
    if skid is not None:
        return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(skid)
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.public_key())
