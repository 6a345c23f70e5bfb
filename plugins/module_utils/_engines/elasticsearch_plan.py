# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From what every node of a cluster has and shows to the least that has to be done, and what speaks against it. Pure.

Decided by state, not by event: a restart is due because what runs is not what is on disk, so one that an interrupted
run did not make is still due in the next.
"""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.interlock.cluster.plugins.module_utils._engines import elasticsearch as engine
from ansible_collections.interlock.cluster.plugins.module_utils._engines.elasticsearch_preflight import Outlook, problems, warnings
from ansible_collections.interlock.cluster.plugins.module_utils._pki import names

KINDS = ("none", "reload", "rolling", "full")
PENDING = "restart"  # name in a manifest's context: a restart was begun and is not finished


@dataclass(frozen=True)
class NodePlan:
    """What one node needs. stage: files have to be made; stop: its process runs with what is to be replaced."""

    name: str
    kind: str
    stage: bool
    stop: bool
    reasons: tuple


@dataclass(frozen=True)
class Options:
    """What the operator allows. password_length: None or 0 without a password; strategy: the play's."""

    password_length: int = None
    allow_yellow: bool = False
    restart: str = "auto"
    verification_mode: str = "full"


def plan(nodes, options):
    """The plan for a cluster as plain data. nodes: {inventory name: verdicts of elasticsearch_tls_info}."""
    resume = any(is_pending(node) for node in nodes.values())
    mixed = resume or is_mixed(nodes)
    plans = {host: node_plan(node, resume) for host, node in nodes.items()}
    kind = max((item.kind for item in plans.values()), key=KINDS.index, default="none")
    if options.restart == "full" and kind == "rolling":
        kind = "full"
    before = state_before(nodes, mixed)
    return {
        "kind": kind,
        "ca_subject": ca_subject(nodes),
        "resume": resume,
        "quiesce": not mixed,
        "spokesman": spokesman(nodes),
        "nodes": {host: {"name": item.name, "kind": item.kind, "stage": item.stage, "stop": item.stop, "reasons": list(item.reasons),
                         "settle": settles(nodes[host], item, resume)}
                  for host, item in plans.items()},
        "issue": any(item.stage and nodes[host]["certificate"]["verdict"] == "issue" for host, item in plans.items()),
        "foreign_authorities": [dict(foreign, host=host) for host, node in nodes.items() for foreign in node["certificate"]["foreign"]],
        "store_password": stores_password(nodes),
        "before": before,
        "problems": problems(nodes, Outlook(kind, mixed, before, stores_password(nodes)), options),
        "warnings": warnings(nodes, kind),
    }


def ca_subject(nodes):
    """The subject of a CA that is yet to be made: it names the cluster, because every cluster has a CA of its own."""
    clusters = [node["cluster_name"] for node in nodes.values() if node["cluster_name"]]
    return names.text(names.common_name(names.fitted(str(clusters[0]) if clusters else "Elasticsearch", " transport CA")))


def is_pending(node):
    """Whether a switch or a restart was begun on a node and not finished."""
    manifest = node["manifest"]
    return bool(manifest) and not is_reverting(node) and (manifest["state"] == "switching" or bool(manifest["context"].get(PENDING)))


def runs_what_is_replaced(manifest):
    """Whether a process that is found running was started before the switch of a pending restart, which then is still to be made."""
    return manifest["state"] in ("sealed", "switching") and bool(manifest["context"].get(PENDING))


def is_reverting(node):
    """Whether previous versions were being put back and not all of them are: the next stage does that first."""
    return bool(node["manifest"]) and node["manifest"]["state"] == "reverting"


def is_mixed(nodes):
    """Whether some nodes already speak TLS and others do not: then the others are brought along, and no rule of a healthy cluster holds."""
    return len({bool(node["live"]["transport_tls"]) for node in nodes.values()}) == 2


def settles(node, item, resume):
    """Whether a node that nothing is staged for keeps versions of an earlier change: a way back must never reach those.

    In a run that finishes an interrupted one they are of that same change, and the way back needs them.
    """
    return bool(node["manifest"]) and not item.stage and not resume


def stores_password(nodes):
    """Whether the password of elastic has to be stored: it is, or still stands, in the secure settings as the bootstrap password."""
    return any(node["switching_security_on"] or is_left_over(node) for node in nodes.values())


def is_left_over(node):
    """Whether the bootstrap password stands in a node that has no use for it any more."""
    return not node["switching_security_on"] and any(change["name"] == engine.BOOTSTRAP_PASSWORD for change in node["secure_settings"])


def node_plan(node, resume):
    """NodePlan of one node. resume: an interrupted restart is finished first; what it had staged is not made anew."""
    live = node["live"]
    if resume and is_pending(node):
        stop = live["running"] and (not live["transport_tls"] or runs_what_is_replaced(node["manifest"]))
        return NodePlan(node["name"], "full", False, stop, ("a full-cluster restart was begun and is not finished",))
    reasons = change_reasons(node)
    stage = bool(reasons)
    if not live["running"]:
        return NodePlan(node["name"], "full" if stage else "none", stage, False, tuple(reasons))
    if not live["transport_tls"]:
        return NodePlan(node["name"], "full", stage, True, (*reasons, "the transport layer speaks plaintext"))
    if restarts(node):
        return NodePlan(node["name"], "rolling", True, True, tuple(reasons))
    if stage:
        return NodePlan(node["name"], "reload", True, False, tuple(reasons))
    if live["served"] and node["certificate"]["facts"] and live["served"]["sha256"] != node["certificate"]["facts"]["sha256"]:
        return NodePlan(node["name"], "reload", False, False, ("it does not serve the certificate in its keystore yet",))
    return NodePlan(node["name"], "none", False, False, ())


def change_reasons(node):
    """Why files of a node have to be made anew, as phrases; the removal of a left-over bootstrap password is one."""
    found = ["an interrupted change is taken back first"] if is_reverting(node) else []
    if node["certificate"]["verdict"] in ("issue", "trust"):
        found += ["certificate: %s" % reason for reason in node["certificate"]["reasons"]]
    if node["settings"]:
        found.append("settings: %s" % ", ".join(node["settings"]))
    if node["secure_settings"]:
        found.append("secure settings: %s" % ", ".join("%s %s" % (change["action"], change["name"]) for change in node["secure_settings"]))
    return found


def restarts(node):
    """Whether a change of a node that already speaks TLS is one it does not pick up by itself.

    Static settings never are, nor are store passwords: the reload reads the files with the password from the start.
    """
    passwords = (engine.KEYSTORE_PASSWORD, engine.TRUSTSTORE_PASSWORD)
    return is_reverting(node) or bool(node["settings"]) or any(change["name"] in passwords for change in node["secure_settings"])


def spokesman(nodes):
    """The host to ask and tell about the whole cluster: one that sees it, best over TLS and with the most members."""
    return max(nodes, key=lambda host: (bool(nodes[host]["live"]["transport_tls"]), len(nodes[host]["live"]["members"] or ())))


def state_before(nodes, mixed):
    """What has to be as it was afterwards: members, health, allocation, documents. An interrupted run remembered it."""
    remembered = [node["manifest"]["context"]["before"] for node in nodes.values()
                  if node["manifest"] and node["manifest"]["context"].get("before")]
    if remembered:
        return remembered[0]
    inventoried = {node["name"] for node in nodes.values()}
    live = nodes[spokesman(nodes)]["live"]
    if live["members"] is None:
        return {"members": sorted(inventoried), "health": "yellow" if mixed else "green", "allocation": None, "documents": None}
    return {
        "members": sorted(inventoried.union(live["members"]) if mixed else live["members"]),
        "health": "yellow" if mixed else live["health"],
        "allocation": live["allocation"]["persistent"] if live["allocation"] else None,
        "documents": live["documents"],
    }


def report(cluster_plan, nodes):
    """The plan as lines for an operator."""
    words = {"none": "nothing to do", "reload": "hot reload, no restart", "rolling": "rolling restart", "full": "full-cluster restart"}
    clusters = sorted({str(node["cluster_name"]) for node in nodes.values() if node["cluster_name"]})
    lines = ["Cluster %s: %s%s" % (", ".join(clusters) or "?", words[cluster_plan["kind"]],
                                   " (finishing an interrupted one)" if cluster_plan["resume"] else "")]
    if cluster_plan["kind"] != "none":
        for host, item in cluster_plan["nodes"].items():
            lines.append("  %s (%s): %s" % (host, item["name"], item["kind"]))
            lines += ["      %s" % reason for reason in item["reasons"]]
    lines += ["  warning: %s" % warning for warning in cluster_plan["warnings"]]
    lines += ["  PROBLEM: %s" % problem for problem in cluster_plan["problems"]]
    return lines
