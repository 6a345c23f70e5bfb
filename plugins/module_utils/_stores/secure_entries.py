# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The entries of a file of secure settings, whatever its format: what they are called, and how a change of them is told."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ansible_collections.interlock.cluster.plugins.module_utils._errors import InterlockError

RESTORE = "Restore it from a copy, or make a new one and add its settings again."
_NAME = re.compile(r"[A-Za-z0-9_\-.]{1,65535}")


class KeystoreError(InterlockError):
    """A keystore that cannot be read or written as asked."""


class WrongPassword(KeystoreError):
    """The keystore is sound; the password that was given, or that none was given, is the trouble."""


@dataclass(frozen=True)
class EntryChange:
    """One difference edit() made. action: "add", "replace" or "remove". Never the value."""

    name: str
    action: str


def edit(entries, set, remove):
    """(the new entries, a list of EntryChange). An entry that has the value already, or is not there to be removed, is no change.

    Raises KeystoreError for a name that is none, and for one both set and removed.
    """
    for name in set:
        _check_name(name)
    for name in sorted(frozenset(remove).intersection(set)):
        raise KeystoreError("this entry is to be set and to be removed at once", where=name, remedy="Name it in one of the two only.")
    edited = {name: value for name, value in entries.items() if name not in remove}
    edited.update(set)
    return edited, _changes(entries, edited)


def _check_name(name):
    # The rule of KeyStoreWrapper.validateSettingName
    if not _NAME.fullmatch(name):
        raise KeystoreError("this is no name for a secure setting", where=repr(name), remedy="Use letters, digits, '_', '-' and '.' only.")


def _changes(before, after):
    changes = []
    for name in sorted(before.keys() | after.keys()):
        if name not in after:
            changes.append(EntryChange(name, "remove"))
        elif name not in before:
            changes.append(EntryChange(name, "add"))
        elif before[name] != after[name]:
            changes.append(EntryChange(name, "replace"))
    return changes
