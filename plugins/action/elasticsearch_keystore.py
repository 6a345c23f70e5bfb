# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64
import os

from ansible_collections.interlock.cluster.plugins.module_utils._stores.elasticsearch_keystore import KeystoreError
from ansible_collections.interlock.cluster.plugins.plugin_utils import _node_files
from ansible_collections.interlock.cluster.plugins.plugin_utils._action import InterlockAction
from ansible_collections.interlock.cluster.plugins.plugin_utils._secure_settings import WantedEntries, compare


class ActionModule(InterlockAction):
    """Set and remove several secure settings of a node at once."""

    ARGUMENTS = dict(
        path=dict(type="path", required=True),
        entries=dict(type="dict", default={}, no_log=True),
        file_entries=dict(type="dict", default={}, no_log=True),
        generate=dict(type="list", elements="str", default=[]),
        absent=dict(type="list", elements="str", default=[]),
        copies=dict(type="dict", default={}),
        password=dict(type="str", no_log=True),
        version=dict(type="str"),
        engine=dict(type="str", choices=["elasticsearch", "opensearch"], default="elasticsearch"),
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
        wanted = WantedEntries(entry_values(options), tuple(options["generate"]), tuple(options["absent"]),
                               options["copies"])
        settings = compare(file.readable(), wanted, options["password"], options["version"], options["engine"], path)
        result = {"changed": settings.changed, "changes": public(settings.changes), "format": settings.keystore.format,
                  "diff": diff(path, settings.changes)}
        if settings.changed and not self.checking:
            argument = _node_files.file_argument(
                path, settings.content(), options["mode"] or file.mode or "0660", options["owner"] or file.owner,
                options["group"] or file.group, backup=options["backup"])
            result["backups"] = _node_files.write(self, os.path.dirname(path), [argument], options["staged"])["backups"]
        return result


def entry_values(options):
    """{name: bytes} of the string and file entries. Raises KeystoreError, never naming a value."""
    values = {name: str(value).encode("utf-8") for name, value in options["entries"].items()}
    for name, encoded in options["file_entries"].items():
        try:
            values[name] = base64.b64decode(encoded, validate=True)
        except (TypeError, ValueError):
            raise KeystoreError("the content of this file entry is not base64", where=name,
                                remedy="Encode it, for example with the filter b64encode.") from None
    return values


def public(changes):
    """The changes by name; values never leave the node's file."""
    return [{"name": change.name, "action": change.action} for change in changes]


def diff(path, changes):
    """Names only."""
    return {"before_header": path, "after_header": path,
            "before": "".join("%s\n" % change.name for change in changes if change.action != "add"),
            "after": "".join("%s%s\n" % (change.name, " (replaced)" if change.action == "replace" else "")
                             for change in changes if change.action != "remove")}
