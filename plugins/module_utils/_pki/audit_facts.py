# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an audit wants to know of a certificate beside its names and dates: how it was signed, what for, and whose it says it is."""

from __future__ import annotations

from ansible_collections.interlock.cluster.plugins.module_utils import _deps
from ansible_collections.interlock.cluster.plugins.module_utils._pki import authority, facts


def audited(certificate):
    """facts.certificate_facts, and beside them:

    signature (hash by name, "sha256", None where the algorithm has none of its own), both_sides (whether it may be a TLS server and
    a client), subject_key_id, authority_key_id (hex or None), authority_serial (whether the authority key identifier names its
    issuer by serial number, which breaks every path once that is renewed), self_signed.
    """
    x509 = _deps.x509
    usage = facts.extension(certificate, x509.ExtendedKeyUsage)
    subject_key = facts.extension(certificate, x509.SubjectKeyIdentifier)
    authority_key = facts.extension(certificate, x509.AuthorityKeyIdentifier)
    identifier = authority_key.key_identifier if authority_key else None
    return dict(
        facts.certificate_facts(certificate),
        signature=_signature(certificate),
        both_sides=usage is None or authority.allows_both_sides(usage),
        subject_key_id=subject_key.digest.hex() if subject_key else None,
        authority_key_id=identifier.hex() if identifier else None,
        authority_serial=bool(authority_key) and authority_key.authority_cert_serial_number is not None,
        self_signed=certificate.subject == certificate.issuer,
    )


def broken_link(path):
    """In words, the first certificate of a path that the next one did not issue; None when all did. Signatures are verified."""
    for lower, upper in zip(path, path[1:]):
        if not authority.issued_by(lower, upper):
            return "%s was not issued by %s, which follows it" % (facts.label(lower), facts.label(upper))
    return None


def names_as_issuer(lower, upper):
    """Whether the facts of one certificate name those of another as its issuer, as path building looks for it."""
    if lower["issuer"] != upper["subject"]:
        return False
    return None in (lower["authority_key_id"], upper["subject_key_id"]) or lower["authority_key_id"] == upper["subject_key_id"]


def _signature(certificate):
    try:
        algorithm = certificate.signature_hash_algorithm
    except _deps.UnsupportedAlgorithm:
        return "unknown"
    return algorithm.name if algorithm else None
