# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.interlock.cluster.plugins.module_utils._engines import redis_plan
from ansible_collections.interlock.cluster.plugins.module_utils._errors import InterlockError
from ansible_collections.interlock.cluster.plugins.plugin_utils._action import InterlockAction


class ActionModule(InterlockAction):
    """Plan for a whole Redis deployment and show the plan. Runs in the control process only and fails on nothing it finds."""

    ARGUMENTS = dict(
        nodes=dict(type="dict", required=True),
        mode=dict(type="str", choices=["none", "preferred", "required", "keep"], required=True),
        ca_problem=dict(type="str", default=""),
    )
    _requires_connection = False

    def perform(self, options):
        strategy = self._task.get_play().strategy
        if strategy != "linear":
            raise InterlockError("the strategy of this play is %s" % strategy,
                                 remedy="A change of a whole deployment needs its nodes in step: use the linear strategy.")
        plan = redis_plan.plan(options["nodes"], redis_plan.Options(options["mode"]))
        if options["ca_problem"] and options["mode"] != "none":
            plan["problems"].insert(0, "the CA: %s" % options["ca_problem"])
        report = redis_plan.report(plan, options["nodes"])
        self._display.display("\n".join(report), color="yellow" if plan["problems"] else None)
        return {"changed": False, "plan": plan, "report": report}
