# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a certificate says, as public data: for results, the ledger, comparisons and messages."""

from __future__ import annotations

from datetime import timezone

from ansible_collections.interlock.cluster.plugins.module_utils import _deps
from ansible_collections.interlock.cluster.plugins.module_utils._errors import InterlockError
from ansible_collections.interlock.cluster.plugins.module_utils._pki import keys, names


class CertificateError(InterlockError):
    """A certificate that cannot be decoded."""


def certificate_facts(certificate):
    """The public data of a certificate as plain types.

    subject, issuer (RFC 4514), serial (lower-case hex), not_before, not_after (ISO 8601, Z), sha256 (lower-case hex),
    san_dns, san_ip (lists), key_type (see keys.describe), is_ca.
    """
    return {
        "subject": names.text(certificate.subject),
        "issuer": names.text(certificate.issuer),
        "serial": "%x" % certificate.serial_number,
        "not_before": timestamp(certificate.not_valid_before_utc),
        "not_after": timestamp(certificate.not_valid_after_utc),
        "sha256": fingerprint(certificate),
        "san_dns": list(san_dns(certificate)),
        "san_ip": list(san_ip(certificate)),
        "key_type": keys.of_certificate(certificate),
        "is_ca": is_ca(certificate),
    }


def ledger_entry(issued, generation, now):
    """The line a CA's ledger keeps of a certificate it issued (see node_certificate.Issued); public data only."""
    known = certificate_facts(issued.certificate)
    entry = {name: known[name] for name in ("serial", "subject", "san_dns", "san_ip", "not_before", "not_after", "sha256")}
    entry.update(issuer_sha256=fingerprint(issued.chain[0]), generation=generation, issued_at=timestamp(now))
    return entry


def timestamp(moment):
    """An aware datetime as ISO 8601 in UTC, whole seconds."""
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def fingerprint(certificate):
    """SHA-256 over the DER form, lower-case hex without colons."""
    return certificate.fingerprint(_deps.hashes.SHA256()).hex()


def label(certificate):
    """A certificate's name for people that also tells two of one name apart."""
    return "%s (sha256 %s...)" % (names.text(certificate.subject), fingerprint(certificate)[:16])


def extension(certificate, kind):
    """The value of the extension of class kind, None when the certificate has none. Raises CertificateError."""
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except _deps.x509.ExtensionNotFound:
        return None
    except (ValueError, _deps.x509.DuplicateExtension, _deps.x509.UnsupportedGeneralNameType) as error:
        raise CertificateError(
            "the extensions of the certificate %s cannot be decoded (%s)" % (names.text(certificate.subject), error),
            remedy="Replace it by a certificate of the form RFC 5280 has.",
        )


def san_dns(certificate):
    """The DNS names of the subject alternative name, folded for comparison, as a tuple."""
    san = extension(certificate, _deps.x509.SubjectAlternativeName)
    return tuple(names.folded(name) for name in san.get_values_for_type(_deps.x509.DNSName)) if san else ()


def san_ip(certificate):
    """The addresses of the subject alternative name in canonical text, as a tuple."""
    san = extension(certificate, _deps.x509.SubjectAlternativeName)
    return tuple(str(address) for address in san.get_values_for_type(_deps.x509.IPAddress)) if san else ()


def is_ca(certificate):
    """Whether basicConstraints says that the certificate is a CA's."""
    constraints = extension(certificate, _deps.x509.BasicConstraints)
    return constraints is not None and constraints.ca
