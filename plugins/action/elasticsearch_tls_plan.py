# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import time

from ansible_collections.interlock.cluster.plugins.module_utils._engines import elasticsearch_plan
from ansible_collections.interlock.cluster.plugins.module_utils._errors import InterlockError
from ansible_collections.interlock.cluster.plugins.plugin_utils._action import InterlockAction

# Where nothing could be read; the problems say why.
NO_PLAN = {"kind": "none", "back": False, "resume": False, "mixed": False, "joining": [], "order": [], "nodes": {}, "warnings": []}


class ActionModule(InterlockAction):
    """Plan for a whole cluster and show the plan. Runs in the control process only and fails on nothing it finds."""

    ARGUMENTS = dict(
        nodes=dict(type="dict", required=True),
        unread=dict(type="dict", default={}),
        goal=dict(type="str", choices=["secure", "takeover", "previous"], default="secure"),
        rehearse=dict(type="bool", default=False),
        clock_tolerance=dict(type="int", default=300),
        ca_problem=dict(type="str", default=""),
        password_length=dict(type="int"),
        allow_yellow=dict(type="bool", default=False),
        restart=dict(type="str", choices=["auto", "full", "rolling", "never"], default="auto"),
        verification_mode=dict(type="str", choices=["full", "certificate", "none"], default="full"),
    )
    _requires_connection = False

    def perform(self, options):
        strategy = self._task.get_play().strategy
        if strategy != "linear":
            raise InterlockError("the strategy of this play is %s" % strategy,
                                 remedy="A change of a whole cluster needs its nodes in step: use the linear strategy.")
        nodes = options.pop("nodes")
        unread = options.pop("unread")
        ca_problem = options.pop("ca_problem")
        wanted = elasticsearch_plan.Options(now=time.time(), **options)
        plan = elasticsearch_plan.plan(nodes, wanted) if nodes else dict(NO_PLAN, problems=[])
        plan["problems"] = ["%s: could not be read: %s" % item for item in sorted(unread.items())] + plan["problems"]
        if ca_problem:
            plan["problems"].insert(0, "the CA: %s" % ca_problem)
        report = elasticsearch_plan.report(plan, nodes)
        self._display.display("\n".join(report), color="yellow" if plan["problems"] else None)
        return {"changed": False, "plan": plan, "report": report}
