# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.interlock.cluster.plugins.plugin_utils._action import InterlockAction
from ansible_collections.interlock.cluster.plugins.plugin_utils._table import table


class ActionModule(InterlockAction):
    """Show rows as a table that people read."""

    ARGUMENTS = dict(
        title=dict(type="str", required=True),
        rows=dict(type="list", elements="dict", required=True),
        notes=dict(type="list", elements="str", default=[]),
    )
    _requires_connection = False

    def perform(self, options):
        lines = table(options["title"], options["rows"], options["notes"])
        self._display.display("\n".join(lines))
        return {"changed": False, "lines": lines}
