# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bring a CA directory to hold a CA: load it, create it once, adopt one, or say why not."""

from __future__ import annotations

import os
from collections import namedtuple
from dataclasses import dataclass, field

from ansible_collections.interlock.cluster.plugins.module_utils._ansible.ca_adoption import read_source, source_files
from ansible_collections.interlock.cluster.plugins.module_utils._ansible.ca_directory import EXTERNAL
from ansible_collections.interlock.cluster.plugins.module_utils._errors import InterlockError
from ansible_collections.interlock.cluster.plugins.module_utils._pki import assessment, authority, facts, keys, names, node_certificate

SHORTEST_PASSPHRASE = 12
# What OpenSSL takes at most
LONGEST_PASSPHRASE_BYTES = 1023
# Replacing a CA takes two passes over every node and its clients, so the warning comes half a year before the end.
WARNING_DAYS = 180

Clock = namedtuple("Clock", "now random")


class LifecycleError(InterlockError):
    """The CA may not be created or adopted as asked for."""


@dataclass(frozen=True)
class Wishes:
    """What the CA shall be. subject: None for a name made from the directory's; adopt: suboptions of ca, or None."""

    passphrase: str | None = None
    allow_weak_passphrase: bool = False
    subject: str | None = None
    key_type: str = keys.DEFAULT_KEY_TYPE
    validity_days: int = 3650
    adopt: dict | None = None
    foreign_authorities: tuple = ()


@dataclass
class Outcome:
    """What was done or, in check mode, would be. authority: None for a CA that check mode did not make.

    action: "loaded", "created", "adopted" or "finished" (a creation that an earlier run did not get to end).
    """

    action: str
    authority: object
    predicted: dict = field(default_factory=dict)
    warnings: list = field(default_factory=list)

    @property
    def changed(self):
        """Whether anything on disk is, or would be, different."""
        return self.action != "loaded"


def ensure(directory, wishes, check_mode, clock):
    """Make the CaDirectory hold the CA that is wished for. clock: (now, random). Returns an Outcome.

    A CA that is there stays as it is; one is never overwritten. Raises an InterlockError for everything that is refused.
    """
    directory.check()
    if directory.exists():
        return _loaded(directory, wishes, clock, directory.current(), "loaded")
    interrupted = directory.interrupted()
    if interrupted is not None:
        outcome = _loaded(directory, wishes, clock, interrupted, "finished")
        if not check_mode:
            directory.finish(interrupted, clock.now)
        return outcome
    directory.check_free()
    if not (wishes.adopt or {}).get("external"):
        check_passphrase(wishes.passphrase, wishes.allow_weak_passphrase)
    return _adopted(directory, wishes, check_mode, clock) if wishes.adopt else _created(directory, wishes, check_mode, clock)


def default_subject(path):
    """The subject of a CA that was given none: the directory's name, which is the cluster's in a layout of one directory each."""
    own = os.path.basename(path) or "cluster"
    return names.text(names.common_name(names.fitted(own, " CA")))


def _loaded(directory, wishes, clock, number, action):
    loaded = _opened(directory, wishes, clock, number)
    origin = directory.origin(number)
    if wishes.adopt:
        _check_same(directory, loaded, wishes.adopt, clock, origin)
    warnings = _differences(loaded, wishes) if origin == "created" else []
    return Outcome(action, loaded, warnings=warnings + _expiry_warnings(loaded.certificate, clock.now))


def _opened(directory, wishes, clock, number):
    if directory.external(number):
        return directory.load_external(clock.now, number)
    return directory.load(wishes.passphrase, clock.now, number)


def _created(directory, wishes, check_mode, clock):
    _check_no_foreign(directory, wishes.foreign_authorities)
    subject = wishes.subject or default_subject(directory.path)
    planned = {
        "subject": names.text(names.parse_subject(subject)),
        "key_type": wishes.key_type,
        "validity_days": wishes.validity_days,
    }
    authority.validity(wishes.validity_days)
    if check_mode:
        return Outcome("created", None, planned)
    serial = node_certificate.serial_from(clock.random)
    made = authority.create(subject, wishes.key_type, wishes.validity_days, 1, clock.now, serial)
    directory.add(made, wishes.passphrase, "created", clock.now)
    # Read back: what counts is that the files on disk open with this passphrase.
    return Outcome("created", directory.load(wishes.passphrase, clock.now))


def _adopted(directory, wishes, check_mode, clock):
    source = read_source(wishes.adopt, 1, clock.now)
    warnings = _sharing_warnings(source) + _chain_warnings(source) + _expiry_warnings(source.certificate, clock.now)
    if not check_mode:
        directory.add(source, wishes.passphrase, "adopted" if source.key is not None else EXTERNAL, clock.now)
        source = _opened(directory, wishes, clock, directory.current())
    return Outcome("adopted", source, warnings=warnings)


def check_passphrase(given, allow_weak=False):
    """Raise LifecycleError for a passphrase that a CA's key may not have."""
    given = given or ""
    if len(given.encode("utf-8")) > LONGEST_PASSPHRASE_BYTES:
        raise LifecycleError("the CA's passphrase is too long", remedy="Give one of at most %d bytes." % LONGEST_PASSPHRASE_BYTES)
    if allow_weak or len(given) >= SHORTEST_PASSPHRASE:
        return
    raise LifecycleError(
        "the CA's passphrase has fewer than %d characters" % SHORTEST_PASSPHRASE if given else "no passphrase is given for the CA's key",
        remedy="Give one of at least %d characters; a weaker one, or none, has to be allowed explicitly (allow_weak_passphrase)."
        % SHORTEST_PASSPHRASE,
    )


def _check_no_foreign(directory, foreign):
    """A second CA for a cluster that has one cuts it in two: the first is somewhere else, or lost."""
    if not foreign:
        return
    listed = "; ".join(names.unique(_described(found) for found in foreign)[:5])
    raise LifecycleError(
        "no CA is here, but the cluster has one already: %s" % listed,
        directory.path,
        "Give the directory that holds this CA, or adopt it. Is this another control node than last time?",
    )


def _described(found):
    return "%s %s a certificate issued by %s" % (found["host"], found.get("how") or "holds", found.get("issuer") or "another CA")


def _check_same(directory, loaded, adopt, clock, origin):
    """Adopting what is here already changes nothing; another CA would be a rotation.

    Once adopted, the source may go: a CA key is not to lie about in two places.
    """
    if origin in ("adopted", EXTERNAL) and any(not os.path.exists(path) for path in source_files(adopt)):
        return
    source = read_source(adopt, 1, clock.now)
    if any(kept.certificate == source.certificate for kept in directory.load_public()):
        return
    raise LifecycleError(
        "holds the CA %s; %s cannot be adopted beside it" % (facts.label(loaded.certificate), facts.label(source.certificate)),
        directory.path,
        "Replacing a CA is a rotation, with both trusted in between; to adopt a CA for another cluster, give another directory.",
    )


def _differences(loaded, wishes):
    """A CA that is there stays as it is; say so where the wishes mean something else."""
    certificate = loaded.certificate
    lifetime = (certificate.not_valid_after_utc - certificate.not_valid_before_utc).days
    compared = [("key_type", keys.of_certificate(certificate), wishes.key_type), ("validity_days", lifetime, wishes.validity_days)]
    if wishes.subject:
        wanted = names.text(names.for_generation(names.parse_subject(wishes.subject), loaded.generation))
        compared.append(("subject", names.text(certificate.subject), wanted))
    return [
        "%s is %s and stays so; %s applies to a new CA only" % (name, found, wanted) for name, found, wanted in compared if found != wanted
    ]


def _expiry_warnings(certificate, now):
    left = assessment.days_left(certificate, now)
    if left >= WARNING_DAYS:
        return []
    return [
        "the CA %s expires in %d days (%s), and every certificate it issues with it; plan its rotation"
        % (facts.label(certificate), left, facts.timestamp(certificate.not_valid_after_utc))
    ]


def _sharing_warnings(source):
    """A CA that has others above it, or its key elsewhere, is part of somebody's PKI: what else it issues for cannot be seen here."""
    if source.key is not None and authority.issued_by(source.certificate, source.certificate):
        return []
    return [
        "whoever has a certificate with clientAuth of the CA %s is a member of this cluster: it should issue for nothing else, "
        "one CA for each cluster" % facts.label(source.certificate)
    ]


def _chain_warnings(source):
    top = (source.chain or (source.certificate,))[-1]
    if authority.issued_by(top, top):
        return []
    return [
        "the chain of the adopted CA ends below its root, at %s; Java trusts it so, OpenSSL (Redis, curl) does not" % facts.label(top)
    ]
