# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The certificate authority of a cluster: made once, or checked when it was made elsewhere."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from ansible_collections.interlock.cluster.plugins.module_utils import _deps
from ansible_collections.interlock.cluster.plugins.module_utils._errors import InterlockError
from ansible_collections.interlock.cluster.plugins.module_utils._pki import facts, keys, names

# Clocks of a cluster differ: a certificate dated "now" would be refused by the node that is a second behind.
BACKDATED = datetime.timedelta(hours=1)
LONGEST_VALIDITY_DAYS = 36500


class AuthorityError(InterlockError):
    """A CA that may not or cannot issue certificates."""


@dataclass(frozen=True)
class Authority:
    """A CA that can issue. chain: the certificates above it, nearest first, empty for a self-signed CA."""

    key: object
    certificate: object
    chain: tuple
    generation: int


def create(subject, key_type, validity_days, generation, now, serial):
    """A new self-signed CA. subject: RFC 4514; now: aware datetime; serial: see node_certificate.serial_from.

    Raises names.NamesError, keys.KeyTypeError or AuthorityError for what cannot be made.
    """
    name = names.for_generation(names.parse_subject(subject), generation)
    lifetime = validity(validity_days)
    key = keys.generate(key_type)
    x509 = _deps.x509
    skid = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    builder = (
        x509.CertificateBuilder(subject_name=name, issuer_name=name, public_key=key.public_key(), serial_number=serial)
        .not_valid_before(now.replace(microsecond=0) - BACKDATED)
        .not_valid_after(now.replace(microsecond=0) + lifetime)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(key_usage("key_cert_sign", "crl_sign"), critical=True)
        .add_extension(skid, critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(skid), critical=False)
    )
    return Authority(key, builder.sign(key, signature_hash(key)), (), generation)


def check(key, certificate, chain, now, where):
    """Raise AuthorityError when this key and certificate may not issue node certificates at the time now.

    where: the file or directory for the message. chain: the certificates above it, nearest first.
    """
    if not keys.matches(key, certificate):
        raise AuthorityError(
            "the private key does not belong to the CA certificate %s" % facts.label(certificate),
            where,
            "Put back the two files that belong together.",
        )
    _check_strength(key, where)
    check_public(certificate, chain, now, where)


def check_public(certificate, chain, now, where):
    """Raise AuthorityError when a CA whose key is elsewhere may not have issued node certificates at the time now."""
    for issuer in (certificate,) + tuple(chain):
        _check_is_ca(issuer, where)
        _check_dates(issuer, now, where)
    _check_strength(certificate.public_key(), where)
    _check_extended_key_usage(certificate, where)
    _check_links((certificate,) + tuple(chain), where)


def order_chain(certificate, others):
    """The certificates above a CA, nearest first, from an unordered lot; the CA itself may be among them.

    Raises AuthorityError when one of them is not above the CA.
    """
    ordered, left = [certificate], [other for other in others if other != certificate]
    while left:
        above = next((other for other in left if issued_by(ordered[-1], other)), None)
        if above is None:
            raise AuthorityError(
                "%s is not above the CA %s" % (facts.label(left[0]), facts.label(certificate)),
                remedy="Give only the certificates that lead from the CA up to its root.",
            )
        ordered.append(above)
        left = [other for other in left if other != above]
    return tuple(ordered[1:])


def issued_by(certificate, issuer):
    """Whether issuer's key signed the certificate under issuer's name (two CAs may have one name)."""
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, _deps.InvalidSignature, _deps.UnsupportedAlgorithm):
        return False
    return True


def validity(days):
    """A validity in days as a timedelta. Raises AuthorityError outside 1 to 36500."""
    if not 1 <= days <= LONGEST_VALIDITY_DAYS:
        raise AuthorityError("a validity of %d days cannot be used" % days, remedy="Use 1 to %d days." % LONGEST_VALIDITY_DAYS)
    return datetime.timedelta(days=days)


def signature_hash(key):
    """The hash to sign with: SHA-384 for a P-384 key, SHA-256 for all others."""
    return _deps.hashes.SHA384() if keys.describe(key) == "ec-p384" else _deps.hashes.SHA256()


def key_usage(*wanted):
    """A KeyUsage extension with exactly the wanted bits (names of x509.KeyUsage)."""
    bits = (
        "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
        "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
    )  # fmt: skip
    return _deps.x509.KeyUsage(**{bit: bit in wanted for bit in bits})


def _check_is_ca(certificate, where):
    if not facts.is_ca(certificate):
        raise AuthorityError(
            "the certificate %s is not a CA's (basicConstraints does not say CA:TRUE)" % facts.label(certificate),
            where,
            "Give the certificate of the CA itself, not one that it issued.",
        )
    usage = facts.extension(certificate, _deps.x509.KeyUsage)
    if usage is not None and not usage.key_cert_sign:
        raise AuthorityError(
            "the CA certificate %s may not sign certificates (keyUsage lacks keyCertSign)" % facts.label(certificate),
            where,
            "Use a CA whose keyUsage has keyCertSign.",
        )


def _check_dates(certificate, now, where):
    if now > certificate.not_valid_after_utc:
        raise AuthorityError(
            "the CA certificate %s expired on %s" % (facts.label(certificate), facts.timestamp(certificate.not_valid_after_utc)),
            where,
            "Nothing it issues is accepted any more; the cluster needs a new CA.",
        )
    if now < certificate.not_valid_before_utc:
        raise AuthorityError(
            "the CA certificate %s is valid from %s only, and the clock here says %s"
            % (facts.label(certificate), facts.timestamp(certificate.not_valid_before_utc), facts.timestamp(now)),
            where,
            "Set the clock right, or wait until then.",
        )


def _check_strength(key, where):
    kind = keys.describe(key)
    if kind in ("ec-p256", "ec-p384", "ec-secp521r1") or (kind.startswith("rsa-") and key.key_size >= 2048):
        return
    raise AuthorityError(
        "the CA key is %s, which not every engine and client accepts" % kind,
        where,
        "Use a CA with an RSA key of at least 2048 bits or an EC key on P-256, P-384 or P-521.",
    )


def _check_extended_key_usage(certificate, where):
    usage = facts.extension(certificate, _deps.x509.ExtendedKeyUsage)
    if usage is not None and not allows_both_sides(usage):
        raise AuthorityError(
            "the CA certificate %s is limited to other purposes (extended key usage)" % facts.label(certificate),
            where,
            "Use a CA without extended key usage, or one that has serverAuth and clientAuth.",
        )


def allows_both_sides(usage):
    """Whether an ExtendedKeyUsage lets its holder act as TLS server and client; nodes are both."""
    purposes = _deps.ExtendedKeyUsageOID
    held = set(usage)
    return purposes.ANY_EXTENDED_KEY_USAGE in held or {purposes.SERVER_AUTH, purposes.CLIENT_AUTH} <= held


def _check_links(path, where):
    for lower, upper in zip(path, path[1:]):
        if not issued_by(lower, upper):
            raise AuthorityError(
                "the chain is broken: %s was not issued by %s" % (facts.label(lower), facts.label(upper)),
                where,
                "Order the chain from the CA's issuer up to the root.",
            )
