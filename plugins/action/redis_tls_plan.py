# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.interlock.cluster.plugins.module_utils._engines import redis_plan
from ansible_collections.interlock.cluster.plugins.module_utils._errors import InterlockError
from ansible_collections.interlock.cluster.plugins.plugin_utils._action import InterlockAction

SHARED = ("the CA is also that of %s, which are not in this deployment. Redis compares no name in a certificate with a peer's address: "
          "whoever has a certificate of the CA is let in, on the bus as well. Give each deployment a directory of its own "
          "(cluster_ca_directory), or say that it is meant so (redis_tls_shared_ca: true).")


class ActionModule(InterlockAction):
    """Plan for a whole Redis deployment and show the plan. Runs in the control process only and fails on nothing it finds."""

    ARGUMENTS = dict(
        nodes=dict(type="dict", required=True),
        mode=dict(type="str", choices=["none", "preferred", "required", "keep"], required=True),
        ca_problem=dict(type="str", default=""),
        ca_users=dict(type="list", elements="str", default=[]),
        shared_ca=dict(type="bool", default=False),
        password=dict(type="bool", default=False),
    )
    _requires_connection = False

    def perform(self, options):
        strategy = self._task.get_play().strategy
        if strategy != "linear":
            raise InterlockError("the strategy of this play is %s" % strategy,
                                 remedy="A change of a whole deployment needs its nodes in step: use the linear strategy.")
        plan = plan_of(options)
        report = redis_plan.report(plan, options["nodes"])
        self._display.display("\n".join(report), color="yellow" if plan["problems"] else None)
        return {"changed": False, "plan": plan, "report": report}


def plan_of(options):
    """The plan as plain data, with what there is to say of the CA."""
    plan = redis_plan.plan(options["nodes"], redis_plan.Options(options["mode"], options["password"]))
    if options["ca_problem"] and options["mode"] != "none":
        plan["problems"].insert(0, "the CA: %s" % options["ca_problem"])
    if options["ca_users"] and options["mode"] in ("preferred", "required"):
        plan["warnings" if options["shared_ca"] else "problems"].append(SHARED % ", ".join(options["ca_users"]))
    return plan
