# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import time

from ansible_collections.interlock.cluster.plugins.module_utils._ansible.arguments import connection_argument, service_argument
from ansible_collections.interlock.cluster.plugins.module_utils._errors import InterlockError
from ansible_collections.interlock.cluster.plugins.plugin_utils._api_action import ApiAction


class HealthError(InterlockError):
    """The cluster did not become what was waited for."""


class ActionModule(ApiAction):
    """Wait for a node and its cluster in slices, telling the progress between them."""

    ARGUMENTS = dict(
        connection=connection_argument(),
        service=service_argument(),
        expected_nodes=dict(type="list", elements="str", default=[]),
        least_nodes=dict(type="int", default=0),
        status=dict(type="str", choices=["any", "red", "yellow", "green"], default="green"),
        timeout=dict(type="int", default=300),
        slice=dict(type="int", default=10),
        logs=dict(type="list", elements="path", default=[]),
        since=dict(type="float"),
    )

    def perform(self, options):
        began = options["since"] or time.time()
        deadline = time.monotonic() + options["timeout"]
        told = None
        asked = dict(options, connection=self.connected(options["connection"]))
        while True:
            found = self.on_node("elasticsearch_health", asked)
            progress = describe(found)
            if progress != told:
                self._display.display("%s: %s (%d s)" % (self.hostname, progress, time.time() - began))
                told = progress
            if found["reached"] or self.checking:
                return {name: value for name, value in found.items() if name not in ("invocation", "warnings")}
            if not found["running"]:
                lines = "\n  ".join(found["log_lines"] or ["(none)"])
                raise HealthError("the process is not running. The last lines of its logs:\n  %s" % lines)
            if time.monotonic() >= deadline:
                raise HealthError(
                    "after %d seconds: %s" % (options["timeout"], progress), where="{host}:{port}".format(**options["connection"]),
                    remedy="Look at the node's log; a larger %s_tls_wait_timeout gives slow recoveries more time."
                           % options["service"]["engine"])


def describe(found):
    """One line of progress."""
    if not found["running"]:
        return "the process is not running"
    if found["status"] is None:
        return "not answering yet" if "does not answer" in (found["answer"] or "") else "waiting: %s" % found["answer"]
    parts = ["health %s" % found["status"], "%d nodes are back" % len(found["nodes"])]
    if found["missing"]:
        parts.append("missing: %s" % ", ".join(found["missing"]))
    if found["shards_to_come"]:
        parts.append("%d shards to come" % found["shards_to_come"])
    return ", ".join(parts)
