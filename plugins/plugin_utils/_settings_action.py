# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Settings files of nodes, merged: what the actions elasticsearch_settings and kibana_settings share."""

from __future__ import annotations

import os
import re

from ansible_collections.interlock.cluster.plugins.module_utils._stores import settings_file
from ansible_collections.interlock.cluster.plugins.plugin_utils import _node_files
from ansible_collections.interlock.cluster.plugins.plugin_utils._action import InterlockAction

SECRET_NAME = re.compile(r"password|passphrase|secret|token|\bkey\b|encryptionkey|keys$", re.I)
HIDDEN = "(hidden)"


class SettingsAction(InterlockAction):
    """An action that merges settings into a settings file of a node, as DIALECT reads it."""

    DIALECT = settings_file.ELASTICSEARCH

    ARGUMENTS = dict(
        path=dict(type="path", required=True),
        settings=dict(type="dict", default={}),
        absent=dict(type="list", elements="str", default=[]),
        backup=dict(type="bool", default=False),
        staged=dict(type="bool", default=False),
        mode=dict(type="str"),
        owner=dict(type="str"),
        group=dict(type="str"),
    )
    BEARS_SECRETS = True

    def perform(self, options):
        path = options["path"]
        files, _result = _node_files.read(self, [path], staged=options["staged"])
        file = files[path]
        merged = settings_file.merge(file.readable() or b"", options["settings"], options["absent"], path, self.DIALECT)
        if merged.kept:
            self.warn("%s: kept as it is, because its value is a placeholder: %s" % (path, ", ".join(merged.kept)))
        result = {"changed": merged.changed, "changes": public(merged.changes), "kept": list(merged.kept),
                  "diff": diff(path, merged.changes)}
        if merged.changed and not self.checking:
            argument = _node_files.file_argument(
                path, merged.content, options["mode"] or file.mode or "0660", options["owner"] or file.owner,
                options["group"] or file.group, backup=options["backup"])
            result["backups"] = _node_files.write(self, os.path.dirname(path), [argument], options["staged"])["backups"]
        return result


def public(changes):
    """The changes as plain data, the values of secret names hidden."""
    return [{"name": change.name, "before": _shown(change.name, change.before), "after": _shown(change.name, change.after)}
            for change in changes]


def diff(path, changes):
    """Only the changed settings: the lines around them are not ours to show, they may hold secrets."""
    def lines(side):
        return "".join("%s: %s\n" % (change.name, _shown(change.name, getattr(change, side)))
                       for change in changes if getattr(change, side) is not None)

    return {"before_header": path, "after_header": path, "before": lines("before"), "after": lines("after")}


def _shown(name, value):
    if value is None:
        return None
    if SECRET_NAME.search(name.rpartition(".")[2].replace("_", " ")) and not isinstance(value, bool):
        return HIDDEN
    return "true" if value is True else "false" if value is False else value
