# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.interlock.cluster.plugins.module_utils._engines import opensearch_plan
from ansible_collections.interlock.cluster.plugins.module_utils._errors import InterlockError
from ansible_collections.interlock.cluster.plugins.plugin_utils._action import InterlockAction

# Where nothing could be read; the problems say why.
NO_PLAN = {"step": "none", "kind": "none", "level": 0, "title": "nothing could be read", "order": [], "nodes": {}, "issue": False,
           "warnings": []}


class ActionModule(InterlockAction):
    """Plan the next step of a whole cluster and show it. Runs in the control process only and fails on nothing it finds."""

    ARGUMENTS = dict(
        nodes=dict(type="dict", required=True),
        unread=dict(type="dict", default={}),
        wanted=dict(type="dict", required=True),
        ca_problem=dict(type="str", default=""),
        password_length=dict(type="int", default=0),
        allow_yellow=dict(type="bool", default=False),
        restart=dict(type="str", choices=["auto", "full", "rolling", "never"], default="auto"),
        clock_tolerance=dict(type="int", default=300),
        hostname_verification=dict(type="bool", default=True),
    )
    _requires_connection = False

    def perform(self, options):
        strategy = self._task.get_play().strategy
        if strategy != "linear":
            raise InterlockError("the strategy of this play is %s" % strategy,
                                 remedy="A change of a whole cluster needs its nodes in step: use the linear strategy.")
        nodes, unread, ca_problem = (options.pop(name) for name in ("nodes", "unread", "ca_problem"))
        plan = opensearch_plan.plan(nodes, opensearch_plan.Options(**options)) if nodes else dict(NO_PLAN, problems=[])
        plan["problems"] = ["%s: could not be read: %s" % item for item in sorted(unread.items())] + plan["problems"]
        if ca_problem:
            plan["problems"].insert(0, "the CA: %s" % ca_problem)
        report = opensearch_plan.report(plan, nodes)
        self._display.display("\n".join(report), color="yellow" if plan["problems"] else None)
        return {"changed": False, "plan": plan, "report": report}
