# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files of secure settings: what the actions elasticsearch_keystore and kibana_keystore share."""

from __future__ import annotations

import os

from ansible_collections.interlock.cluster.plugins.plugin_utils import _node_files
from ansible_collections.interlock.cluster.plugins.plugin_utils._action import InterlockAction


class KeystoreAction(InterlockAction):
    """An action that sets and removes several secure settings of a node at once."""

    ARGUMENTS = dict(
        path=dict(type="path", required=True),
        entries=dict(type="dict", default={}, no_log=True),
        absent=dict(type="list", elements="str", default=[]),
        password=dict(type="str", no_log=True),
        backup=dict(type="bool", default=False),
        staged=dict(type="bool", default=False),
        mode=dict(type="str"),
        owner=dict(type="str"),
        group=dict(type="str"),
    )
    BEARS_SECRETS = True

    def compare(self, files, options):
        """What is there next to what is wanted: changed, changes (list of EntryChange) and content(). files: {path: NodeFile}."""
        raise NotImplementedError

    def details(self, settings):
        """What the result also tells."""
        return {}

    def perform(self, options):
        path = options["path"]
        files, _result = _node_files.read(self, [path] + self.also_read(options), staged=options["staged"])
        file = files[path]
        settings = self.compare(files, options)
        result = dict(self.details(settings), changed=settings.changed, changes=public(settings.changes), diff=diff(path, settings.changes))
        if settings.changed and not self.checking:
            argument = _node_files.file_argument(
                path, settings.content(), options["mode"] or file.mode or "0660", options["owner"] or file.owner,
                options["group"] or file.group, backup=options["backup"])
            result["backups"] = _node_files.write(self, os.path.dirname(path), [argument], options["staged"])["backups"]
        return result

    @staticmethod
    def also_read(options):
        """Paths of other files that compare() needs."""
        return []


def public(changes):
    """The changes by name; values never leave the node's file."""
    return [{"name": change.name, "action": change.action} for change in changes]


def diff(path, changes):
    """Names only."""
    return {"before_header": path, "after_header": path,
            "before": "".join("%s\n" % change.name for change in changes if change.action != "add"),
            "after": "".join("%s%s\n" % (change.name, " (replaced)" if change.action == "replace" else "")
                             for change in changes if change.action != "remove")}
