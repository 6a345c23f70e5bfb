# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
from dataclasses import dataclass, field

from ansible_collections.interlock.cluster.plugins.module_utils._stores import kibana_keystore, settings_file
from ansible_collections.interlock.cluster.plugins.plugin_utils._keystore_action import KeystoreAction


@dataclass(frozen=True)
class Compared:
    """A keystore as it is to be, and what that changes of the one that is there."""

    keystore: kibana_keystore.Keystore = field(repr=False)
    changes: list
    password: str = field(repr=False)

    @property
    def changed(self):
        return bool(self.changes)

    def content(self):
        return kibana_keystore.dump(self.keystore, self.password, os.urandom)


class ActionModule(KeystoreAction):
    """Set and remove several secure settings of a Kibana at once."""

    ARGUMENTS = dict(
        KeystoreAction.ARGUMENTS,
        missing_entries=dict(type="dict", default={}, no_log=True),
        settings_file=dict(type="path"),
    )

    def compare(self, files, options):
        path, password = options["path"], options["password"] or ""
        content = files[path].readable()
        found = kibana_keystore.Keystore({}, bool(password)) if content is None else kibana_keystore.load(content, password, path)
        given = {name: str(value) for name, value in options["entries"].items()}
        elsewhere = self._in_settings(files, options["settings_file"])
        for name, value in options["missing_entries"].items():
            if name not in found.entries and name not in elsewhere:
                given.setdefault(name, str(value))
        return Compared(*kibana_keystore.edit(found, given, options["absent"]), password)

    @staticmethod
    def also_read(options):
        return [options["settings_file"]] if options["settings_file"] else []

    @staticmethod
    def _in_settings(files, path):
        return settings_file.read(files[path].readable() or b"", path, settings_file.KIBANA) if path else {}
