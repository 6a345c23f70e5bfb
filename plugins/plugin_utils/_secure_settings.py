# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The secure settings of a node: what of them is as wanted, and the file that would make them so."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass, field, replace

from ansible_collections.interlock.cluster.plugins.module_utils._stores import elasticsearch_keystore as keystores
from ansible_collections.interlock.cluster.plugins.module_utils._stores.elasticsearch_keystore import KeystoreError

RANDOM_LENGTH = 32  # 192 bits in URL-safe base64; certutil warns above 50 characters


@dataclass(frozen=True)
class WantedEntries:
    """Secure settings as they should be.

    values: name -> bytes. generated: names that only have to be there and get a random value otherwise. absent: names to remove.
    renewed: names that get a random value whatever they have.
    copied: name -> the name whose value it has to have.
    """

    values: dict = field(default_factory=dict, repr=False)
    generated: tuple = ()
    absent: tuple = ()
    renewed: tuple = ()
    copied: dict = field(default_factory=dict)


@dataclass(frozen=True)
class SecureSettings:
    """A keystore next to what it should be. changes: list of EntryChange; existed: whether there was a file."""

    keystore: keystores.Keystore
    changes: list
    existed: bool
    password: str = field(default="", repr=False)

    @property
    def changed(self):
        """Whether the file has to be written."""
        return bool(self.changes) or not self.existed

    def content(self):
        """The bytes of the file to write."""
        return keystores.dump(self.keystore, self.password, os.urandom)

    def value(self, name):
        """One entry as text, None when it is not there."""
        value = self.keystore.entries.get(name)
        return None if value is None else value.decode("utf-8")


def compare(content, wanted, password, version, engine, where):
    """SecureSettings from the bytes of the node's file, or None where it has none.

    version: the node's, for the format of a file that is yet to be made; may be None while there is one.
    """
    if content is None:
        if version is None:
            raise KeystoreError("there is no keystore yet, and the version of the node is not known", where=where,
                                remedy="Give the version, or create the keystore with elasticsearch-keystore create.")
        codec = keystores.OPENSEARCH if engine == "opensearch" else keystores.ELASTICSEARCH
        found = replace(keystores.new(keystores.format_for(version, engine), codec, os.urandom), password_protected=bool(password))
    else:
        found = keystores.load(content, password or "", where)
    values = dict(wanted.values)
    for name in (*wanted.generated, *wanted.renewed):
        if (name in wanted.renewed or name not in found.entries) and name not in values:
            values[name] = secrets.token_urlsafe(RANDOM_LENGTH * 3 // 4).encode("ascii")
    for name, source in wanted.copied.items():
        value = values.get(source, found.entries.get(source))
        if value is not None:
            values[name] = value
    edited, changes = keystores.edit(found, values, wanted.absent, os.urandom)
    if content is None:
        changes = [keystores.EntryChange(name, "add") for name in sorted(edited.entries)]
    return SecureSettings(edited, changes, content is not None, password or "")
