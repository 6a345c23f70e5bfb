# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Going back to the previous versions that a change kept, later and on purpose, or to the end of a way back that was interrupted. Pure."""

from __future__ import annotations

from ansible_collections.interlock.cluster.plugins.module_utils._engines import elasticsearch as engine
from ansible_collections.interlock.cluster.plugins.module_utils._engines import elasticsearch_manifest as manifests

RESTARTING = (engine.SETTINGS_FILE, engine.KEYSTORE_FILE)


def node_plan(node, interrupted):
    """What going back takes on one node, in the shape of a node's part of a plan.

    interrupted: finish what was begun. A rolling change is taken back on the nodes that say so only, another one everywhere.
    """
    kind = _kind(node, interrupted)
    files = sorted(node["manifest"]["files"]) if kind != "none" and manifests.is_switched(node) else []
    return {
        "name": node["name"], "kind": kind, "stage": False, "settle": False,
        "stop": kind in ("rolling", "full") and bool(files) and node["live"]["running"],
        "reasons": ["the previous versions become live again: %s" % ", ".join(files)] if files else [],
    }


def _kind(node, interrupted):
    if not node["manifest"]:
        return "none"
    if interrupted:
        begun = node["manifest"]["context"].get(manifests.RESTART)
        if begun:
            return begun if manifests.is_being_taken_back(node) or begun == "full" else "none"
    if not manifests.is_switched(node):
        return "none"
    if interrupted:
        return "none"
    if bool(node["live"]["transport_tls"]) != bool(node["previous_encrypted"]):
        return "full"
    changed = {path.rpartition("/")[2] for path in node["manifest"]["files"]}
    return "rolling" if changed.intersection(RESTARTING) else "reload"


def problems(nodes, plans, kind, before, interrupted, options):
    """What forbids going back. Little does: it is asked for when something is wrong."""
    found = []
    if kind == "none":
        return ["no node keeps previous versions: nothing was changed, or they were settled."] if options.goal == "previous" else []
    if kind in ("rolling", "full"):
        strangers = sorted(set(before["members"]) - {node["name"] for node in nodes.values()})
        if strangers and kind == "full":
            found.append("the cluster has nodes that are not in this play: %s. Going back needs every node: add them to the inventory "
                         "group, and run without --limit, serial or a job slice." % ", ".join(strangers))
    if kind == "full" and not interrupted:
        found += ["%s: speaks TLS and keeps no previous versions to go back to. It would be cut off from the others." % host
                  for host, node in nodes.items() if plans[host]["kind"] == "none" and node["live"]["transport_tls"]]
    if options.restart == "never" and kind != "reload" and not interrupted:
        found.append("going back takes a restart, and elasticsearch_tls_restart is never. Set it to auto when the restart may happen.")
    return found
