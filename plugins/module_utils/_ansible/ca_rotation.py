# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The steps of a rotation that happen in the CA directory: the next generation is made, issues, and the other is archived."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.interlock.cluster.plugins.module_utils._ansible.ca_adoption import read_source
from ansible_collections.interlock.cluster.plugins.module_utils._ansible.ca_lifecycle import check_passphrase
from ansible_collections.interlock.cluster.plugins.module_utils._errors import InterlockError
from ansible_collections.interlock.cluster.plugins.module_utils._pki import authority, facts, keys, names, node_certificate

KINDS = ("new_key", "same_key", "adopt")


class RotationError(InterlockError):
    """The CA directory does not allow this step of a rotation."""


@dataclass(frozen=True)
class Wishes:
    """What the next generation shall be. kind: one of KINDS; None and 0: as the CA that issues now has it."""

    kind: str = "new_key"
    passphrase: str | None = None
    subject: str | None = None
    key_type: str | None = None
    validity_days: int = 0
    adopt: dict | None = None


def prepare(directory, wishes, check_mode, clock):
    """Make the next generation, which is trusted but does not issue yet. clock: ca_lifecycle.Clock.

    Returns its number, and whether it is yet to be made or was; the number is that of the other one when one is there already.
    """
    directory.check()
    live, current = directory.generations(), directory.current()
    if current is None:
        raise RotationError("there is no CA here that could be replaced", directory.path, "Create or adopt one first.")
    if len(live) > 2:
        raise RotationError("holds %d generations" % len(live), directory.path, "Finish the rotation that is under way first.")
    if len(live) == 2:
        return live[-1], False
    number = directory.next_number()
    new = _next_generation(directory, wishes, number, current, clock)
    if not check_mode:
        origin = {"new_key": "created", "same_key": "renewed", "adopt": "adopted"}[wishes.kind]
        directory.add(new, wishes.passphrase, origin, clock.now, issues=False)
        # Read back: what counts is that the files on disk open with this passphrase.
        directory.load(wishes.passphrase, clock.now, number)
    return number, True


def promote(directory, number, check_mode):
    """Let a generation issue. Returns whether it did not so far."""
    directory.check()
    if directory.current() == number:
        return False
    if not check_mode:
        directory.promote(number)
    return True


def retire(directory, number, check_mode, clock):
    """Archive a generation. Returns whether it was still there."""
    directory.check()
    if number not in directory.generations():
        return False
    if not check_mode:
        directory.retire(number, clock.now)
    return True


def _next_generation(directory, wishes, number, current, clock):
    if wishes.kind == "adopt":
        return _adopted(directory, wishes, number, clock)
    certificate = next(entry.certificate for entry in directory.load_public() if entry.number == current)
    if directory.external(current):
        return _successor(directory, wishes, number, certificate, clock)
    # An expired CA may be replaced, and only a passphrase that opens it: two would leave a directory that no run can open whole.
    loaded = directory.load(wishes.passphrase, min(clock.now, certificate.not_valid_after_utc), current)
    if wishes.kind == "same_key":
        return authority.renew(loaded, _days(wishes, certificate), number, clock.now, node_certificate.serial_from(clock.random))
    return _created(wishes, number, certificate, clock)


def _successor(directory, wishes, number, certificate, clock):
    """The first CA with a key here, after one whose key is elsewhere or was never kept."""
    if wishes.kind == "same_key":
        raise RotationError("the private key of the CA is not here, so its certificate cannot be renewed here", directory.path,
                            "Have it renewed where its key is, or begin a rotation to a new one (new_key).")
    check_passphrase(wishes.passphrase)
    return _created(wishes, number, certificate, clock)


def _created(wishes, number, certificate, clock):
    subject = wishes.subject or names.text(certificate.subject)
    key_type = wishes.key_type or _usual(keys.of_certificate(certificate))
    serial = node_certificate.serial_from(clock.random)
    return authority.create(subject, key_type, _days(wishes, certificate), number, clock.now, serial)


def _days(wishes, certificate):
    # The CA's own validity, rounded: it begins an hour before it was made.
    return wishes.validity_days or (certificate.not_valid_after_utc - certificate.not_valid_before_utc).days


def _adopted(directory, wishes, number, clock):
    if not wishes.adopt:
        raise RotationError("no CA to adopt is described", directory.path, "Give adopt: a certificate and its key, or a PKCS#12 file.")
    source = read_source(wishes.adopt, number, clock.now)
    for entry in directory.load_public():
        if entry.certificate == source.certificate:
            raise RotationError("the CA %s is here already" % facts.label(source.certificate), directory.path)
        if entry.certificate.subject == source.certificate.subject and not keys.matches(source.key, entry.certificate):
            raise RotationError(
                "the CA to adopt has the name of the one it is to replace, %s, and another key" % facts.label(entry.certificate),
                directory.path,
                "Nodes that trust both could not tell them apart: give the new CA another subject.",
            )
    return source


def _usual(key_type):
    return key_type if key_type in keys.KEY_TYPES else keys.DEFAULT_KEY_TYPE
