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


class RequestError(InterlockError):
    """A certificate that cannot be issued as asked for."""


@dataclass(frozen=True)
class Request:
    """What a node's certificate shall be. dns, ip: the subject alternative names; key_type: one of keys.KEY_TYPES."""

    common_name: str
    dns: tuple
    ip: tuple
    key_type: str
    validity_days: int


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
    purposes = _deps.ExtendedKeyUsageOID
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
        .add_extension(x509.ExtendedKeyUsage([purposes.SERVER_AUTH, purposes.CLIENT_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(general_names(request)), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
        .add_extension(_authority_key_identifier(issuer), critical=False)
    )
    return builder.sign(authority.key, authorities.signature_hash(authority.key)), capped


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
    """The subject alternative names of a Request. Raises RequestError when there would be none."""
    x509 = _deps.x509
    wanted = [x509.DNSName(name) for name in names.unique(names.dns_name(name) for name in request.dns)]
    wanted += [x509.IPAddress(ipaddress.ip_address(address)) for address in names.unique(names.ip_address(ip) for ip in request.ip)]
    if not wanted:
        raise RequestError(
            "the certificate for %s would have no subject alternative name" % request.common_name,
            remedy="Give at least one DNS name or address that the other nodes reach it by.",
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
