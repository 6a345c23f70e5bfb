# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Does a node's certificate have to be replaced, and why: decided by meaning, never by file presence or bytes."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from ansible_collections.interlock.cluster.plugins.module_utils import _deps
from ansible_collections.interlock.cluster.plugins.module_utils._pki import authority, facts, keys, names
from ansible_collections.interlock.cluster.plugins.module_utils._pki.node_certificate import Request, RequestError, usage_problem

# From the most to the least severe: what cannot work at all, what peers refuse now, what some of them refuse, what is due.
SEVERITY = (
    "missing", "unreadable", "wrong_password", "key_mismatch", "expired", "not_yet_valid", "other_issuer", "trust",
    "extended_key_usage", "san_missing", "expiring", "key_type", "san_extra", "asked_for",
)  # fmt: skip


@dataclass(frozen=True)
class Reason:
    """Why a certificate or its trust has to be replaced. code: one of SEVERITY; text: a phrase for people, no final dot."""

    code: str
    text: str


@dataclass(frozen=True)
class Current:
    """What a node has. certificate: None when there is none or its store cannot be read; trusted: None when not known.

    problem, problem_code: why the store of the key could not be read ("unreadable" or "wrong_password");
    trust_problem: the same for the store of the trusted CAs; key_matches: whether key and certificate belong together.
    """

    certificate: object = None
    key_type: str | None = None
    chain: tuple = ()
    trusted: tuple | None = ()
    problem: str | None = None
    problem_code: str = "unreadable"
    trust_problem: str | None = None
    key_matches: bool = True


@dataclass(frozen=True)
class Wanted:
    """What a node shall have. authorities: the CAs to trust, exactly; issuer: None as long as the CA does not exist."""

    request: Request
    authorities: tuple
    issuer: object
    renew_days: int = 30
    tolerate_extra_names: bool = False


def assess(current, wanted, now):
    """The reasons to replace what a node has, the most severe first; none when everything is as wanted.

    current: Current, or None for a node that has nothing. now: aware datetime. Raises RequestError when the renewal
    window is not shorter than the validity: such a certificate would be due from its first day on.
    """
    if wanted.renew_days >= wanted.request.validity_days:
        raise RequestError(
            "a renewal window of %d days is not shorter than the validity of %d days" % (wanted.renew_days, wanted.request.validity_days),
            remedy="Make the window shorter or the validity longer.",
        )
    if current is None:
        return [Reason("missing", "there is no certificate yet")]
    found = _store_reasons(current)
    if current.certificate is not None:
        found += _validity_reasons(current.certificate, wanted, now)
        found += _issuer_reasons(current.certificate, wanted.issuer) or _chain_reasons(current, wanted.issuer)
        found += _usage_reasons(current.certificate, wanted.request.profile)
        found += _name_reasons(current.certificate, wanted)
        found += _key_reasons(current, wanted.request.key_type)
    found += _trust_reasons(current, wanted.authorities)
    return sorted(found, key=lambda reason: SEVERITY.index(reason.code))


def days_left(certificate, now):
    """Whole days until the certificate expires, negative once it has."""
    return (certificate.not_valid_after_utc - now) // datetime.timedelta(days=1)


def trust_differences(trusted, wanted):
    """(missing, unwanted): the CA certificates that a store lacks, and those it has too many, compared by fingerprint."""
    held = {facts.fingerprint(certificate): certificate for certificate in trusted}
    meant = {facts.fingerprint(certificate): certificate for certificate in wanted}
    missing = [certificate for print_, certificate in meant.items() if print_ not in held]
    return missing, [certificate for print_, certificate in held.items() if print_ not in meant]


def _store_reasons(current):
    if current.problem is not None:
        return [Reason(current.problem_code, current.problem)]
    if current.certificate is None:
        return [Reason("missing", "there is no certificate yet")]
    return []


def _validity_reasons(certificate, wanted, now):
    begin, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if now > end:
        return [Reason("expired", "expired on %s" % facts.timestamp(end))]
    if now < begin:
        return [Reason("not_yet_valid", "not valid before %s (it is %s here)" % (facts.timestamp(begin), facts.timestamp(now)))]
    if end - now > datetime.timedelta(days=wanted.renew_days) or _ends_with_its_issuer(end, wanted.issuer):
        return []
    return [Reason("expiring", "expires in %s (renewal window %d days)" % (_remaining(end - now), wanted.renew_days))]


def _ends_with_its_issuer(end, issuer):
    """A new certificate of the same CA would not live longer: renewing it at every run would never end."""
    return issuer is not None and end >= issuer.not_valid_after_utc


def _remaining(left):
    hours = int(left.total_seconds() // 3600)
    count, unit = (left.days, "day") if left.days else (hours, "hour")
    return "%d %s%s" % (count, unit, "" if count == 1 else "s") if count else "less than an hour"


def _issuer_reasons(certificate, issuer):
    named = names.text(certificate.issuer)
    if issuer is None:
        return [Reason("other_issuer", "issued by %s, not by the CA that is yet to be made" % named)]
    if not authority.issued_by(certificate, issuer):
        wanted = names.text(issuer.subject)
        text = "issued by another CA of the name %s" % named if named == wanted else "issued by %s, not by %s" % (named, wanted)
        return [Reason("other_issuer", text)]
    if not _identifies(certificate, issuer):
        return [Reason("other_issuer", "its authority key identifier names another certificate than the CA's, %s" % facts.label(issuer))]
    return []


def _chain_reasons(current, issuer):
    """A renewed CA keeps its key, so that what was issued before verifies: only the chain beside it shows that it is of before."""
    if issuer is None or issuer in current.chain:
        return []
    former = [certificate for certificate in current.chain if certificate.subject == issuer.subject]
    if not former:
        return []
    end = facts.timestamp(former[0].not_valid_after_utc)
    return [Reason("other_issuer", "issued under another certificate of the CA %s, which ends on %s" % (names.text(issuer.subject), end))]


def _identifies(certificate, issuer):
    """Path building of Java and OpenSSL fails where these differ, even when the signature is right."""
    aki = facts.extension(certificate, _deps.x509.AuthorityKeyIdentifier)
    if aki is None:
        return True
    if aki.authority_cert_serial_number not in (None, issuer.serial_number):
        return False
    skid = facts.extension(issuer, _deps.x509.SubjectKeyIdentifier)
    return None in (skid, aki.key_identifier) or skid.digest == aki.key_identifier


def _usage_reasons(certificate, profile):
    usage = facts.extension(certificate, _deps.x509.ExtendedKeyUsage)
    problem = usage_problem(usage, profile)
    return [Reason("extended_key_usage", "extended key usage %s" % problem)] if problem else []


def _name_reasons(certificate, wanted):
    """An address written as a DNS name does not count: peers look for it among the addresses only."""
    request = wanted.request
    meant = [("dns", names.dns_name(name)) for name in request.dns] + [("ip", names.ip_address(address)) for address in request.ip]
    held = [("dns", name) for name in facts.san_dns(certificate)] + [("ip", address) for address in facts.san_ip(certificate)]
    missing = [name for kind, name in names.unique(meant) if (kind, name) not in held]
    extra = [name for kind, name in names.unique(held) if (kind, name) not in meant]
    reasons = [Reason("san_missing", "SAN %s missing" % ", ".join(missing))] if missing else []
    if extra and not wanted.tolerate_extra_names:
        reasons.append(Reason("san_extra", "SAN %s not wanted" % ", ".join(extra)))
    return reasons


def _key_reasons(current, wanted_type):
    reasons = [] if current.key_matches else [Reason("key_mismatch", "the private key does not belong to the certificate")]
    found = current.key_type or keys.of_certificate(current.certificate)
    if found != wanted_type:
        reasons.append(Reason("key_type", "key is %s, %s wanted" % (found, wanted_type)))
    return reasons


def _trust_reasons(current, authorities):
    if current.trust_problem is not None:
        return [Reason("trust", current.trust_problem)]
    if current.trusted is None:
        return []
    missing, unwanted = trust_differences(current.trusted, authorities)
    parts = ["lacks %s" % _listed(missing)] if missing else []
    parts += ["also holds %s" % _listed(unwanted)] if unwanted else []
    return [Reason("trust", "truststore %s" % " and ".join(parts))] if parts else []


def _listed(certificates):
    return ", ".join(facts.label(certificate) for certificate in certificates)
