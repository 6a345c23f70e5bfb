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
from ansible_collections.interlock.cluster.plugins.module_utils._engines import elasticsearch_takeover as takeover
from ansible_collections.interlock.cluster.plugins.module_utils._engines import elasticsearch_way_back as way_back
from ansible_collections.interlock.cluster.plugins.module_utils._engines.elasticsearch_manifest import (
    is_being_taken_back,
    is_reverting,
    pending_kind,
    remembered_before,
    runs_what_is_replaced,
)
from ansible_collections.interlock.cluster.plugins.module_utils._engines.elasticsearch_preflight import Outlook, layers, problems, warnings
from ansible_collections.interlock.cluster.plugins.module_utils._pki import names

KINDS = ("none", "reload", "rolling", "full")


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
    """What the operator wants and allows.

    goal: "secure"; "takeover" for the first pass over nodes that other means secured; "previous" to go back to the kept
    previous versions. password_length: None or 0 without a password.
    clock_tolerance: seconds a node's clock may differ from the clock of the host that issues. now: seconds since the epoch.
    """

    password_length: int = None
    allow_yellow: bool = False
    restart: str = "auto"
    verification_mode: str = "full"
    rehearse: bool = False
    goal: str = "secure"
    clock_tolerance: int = 300
    now: float = None


def plan(nodes, options):
    """The plan for a cluster as plain data. nodes: {inventory name: verdicts of elasticsearch_tls_info}.

    A way back that was begun is finished before anything else is done.
    """
    interrupted = any(is_being_taken_back(node) for node in nodes.values())
    if interrupted or options.goal == "previous":
        return _plan_back(nodes, options, interrupted)
    resume = any(pending_kind(node) for node in nodes.values())
    plans = {host: node_plan(node, options) for host, node in nodes.items()}
    mixed = any(item.kind == "full" for item in plans.values()) and (
        _is_pending(nodes, "full") or any(node["live"]["transport_tls"] or _joins(node) for node in nodes.values()))
    # Members that need a restart wait while other nodes are brought into the cluster: else too many would be down at once.
    postponed = [host for host, item in plans.items() if mixed and item.kind == "rolling" and nodes[host]["live"]["transport_tls"]]
    plans.update({host: NodePlan(nodes[host]["name"], "none", False, False, ()) for host in postponed})
    kind = max((item.kind for item in plans.values()), key=KINDS.index, default="none")
    if options.restart == "full" and kind == "rolling":
        kind = "full"
    before = state_before(nodes, mixed)
    stores = stores_password(nodes) and not options.rehearse
    one_by_one = tuple(host for host, item in plans.items() if kind == item.kind == "rolling")
    outlook = Outlook(kind, mixed, resume, before, stores, one_by_one)
    adopted, speaks_against = takeover.authority(nodes) if options.goal == "takeover" else (None, [])
    return {
        "kind": kind,
        "back": False,
        "ca_subject": ca_subject(nodes),
        "resume": resume,
        "mixed": mixed,
        "quiesce": not mixed,
        "spokesman": spokesman(nodes),
        "nodes": {host: {"name": item.name, "kind": item.kind, "stage": item.stage, "stop": item.stop, "reasons": list(item.reasons),
                         "settle": settles(nodes[host], item, resume)}
                  for host, item in plans.items()},
        "order": order(nodes, plans),
        "joining": [host for host, node in nodes.items() if mixed and plans[host].kind == "full" and _joins(node)],
        **authority({host: node["certificate"] for host, node in nodes.items()}, plans),
        "http": dict(authority({host: node["http"]["certificate"] for host, node in nodes.items() if node["http"]}, plans),
                     ca_subject=ca_subject(nodes, "HTTP")),
        "store_password": stores,
        "before": before,
        "authority": adopted,
        "problems": speaks_against + problems(nodes, outlook, options),
        "warnings": warnings(nodes, outlook, options) + ["%s: %s. Run the playbook again for that when every node has joined."
                                                         % (host, "; ".join(change_reasons(nodes[host]))) for host in postponed],
    }


def _plan_back(nodes, options, interrupted):
    """The plan of going back to the kept previous versions: asked for, or begun by an earlier run and not finished."""
    plans = {host: way_back.node_plan(node, interrupted) for host, node in nodes.items()}
    kind = max((item["kind"] for item in plans.values()), key=KINDS.index, default="none")
    mixed = interrupted or _is_pending(nodes, "full")
    before = state_before(nodes, mixed)
    return {
        "kind": kind,
        "back": kind != "none",
        "ca_subject": ca_subject(nodes),
        "resume": interrupted,
        "mixed": mixed,
        "quiesce": not mixed,
        "spokesman": spokesman(nodes),
        "nodes": plans,
        "order": [host for host in order(nodes, {}) if plans[host]["kind"] != "none"],
        "joining": [],
        "issue": False,
        "foreign_authorities": [],
        "http": {"issue": False, "foreign_authorities": [], "ca_subject": ""},
        "store_password": False,
        "before": before,
        "authority": None,
        "problems": way_back.problems(nodes, plans, kind, before, interrupted, options),
        "warnings": [],
    }


def authority(certificates, plans):
    """What a layer asks of its CA: whether it has to issue, and the certificates of other CAs. certificates: {host: verdict}."""
    return {
        "issue": any(plans[host].stage and certificate["verdict"] == "issue" for host, certificate in certificates.items()),
        "foreign_authorities": [dict(foreign, host=host) for host, certificate in certificates.items()
                                for foreign in certificate["foreign"]],
    }


def ca_subject(nodes, layer="transport"):
    """The subject of a CA that is yet to be made: it names the cluster, because every cluster has a CA of its own."""
    clusters = [node["cluster_name"] for node in nodes.values() if node["cluster_name"]]
    return names.text(names.common_name(names.fitted(str(clusters[0]) if clusters else "Elasticsearch", " %s CA" % layer)))


def _is_pending(nodes, kind):
    return any(pending_kind(node) == kind for node in nodes.values())


def _joins(node):
    """Whether a node is outside of a cluster that speaks TLS: a new or replaced one, or one that missed the switch."""
    return not node["live"]["transport_tls"] and any(peer["speaks_tls"] for peer in node["peers"].values())


def settles(node, item, resume):
    """Whether a node that nothing is staged for keeps versions of an earlier change: a way back must never reach those.

    In a run that finishes an interrupted one they are of that same change, and the way back needs them.
    """
    return bool(node["manifest"]) and not item.stage and not resume


def stores_password(nodes):
    """Whether the password of elastic has to be stored: it is, or still stands, in the secure settings as the bootstrap password."""
    return any((node["switching_security_on"] and not _joins(node)) or is_left_over(node) for node in nodes.values())


def is_left_over(node):
    """Whether the bootstrap password stands in a node that has no use for it any more."""
    return not node["switching_security_on"] and any(change["name"] == engine.BOOTSTRAP_PASSWORD for change in node["secure_settings"])


def node_plan(node, options):
    """NodePlan of one node. An interrupted restart is finished first; what it had staged is not made anew."""
    live = node["live"]
    pending = pending_kind(node)
    if pending:
        stop = pending != "reload" and live["running"] and (
            runs_what_is_replaced(node["manifest"]) or pending == "full" and not live["transport_tls"])
        return NodePlan(node["name"], pending, False, stop, ("%s was begun and is not finished" % WORDS[pending],))
    reasons = change_reasons(node)
    stage = bool(reasons)
    if options.rehearse and live["running"] and not live["transport_tls"]:
        return NodePlan(node["name"], "rolling" if stage else "none", stage, stage, tuple(reasons))
    if not live["running"]:
        return NodePlan(node["name"], "full" if stage else "none", stage, False, tuple(reasons))
    if not live["transport_tls"]:
        return NodePlan(node["name"], "full", stage, True, (*reasons, "the transport layer speaks plaintext"))
    if restarts(node):
        return NodePlan(node["name"], "rolling", True, True, tuple(reasons))
    if node["http"] and live["scheme"] == "http" and not options.rehearse:
        return NodePlan(node["name"], "rolling", stage, True, (*reasons, "the HTTP layer speaks plaintext"))
    if stage:
        return NodePlan(node["name"], "reload", True, False, tuple(reasons))
    behind = [layer for layer, served, certificate in layers(node)
              if served and certificate["facts"] and served["sha256"] != certificate["facts"]["sha256"]]
    if behind:
        return NodePlan(node["name"], "reload", False, False,
                        tuple("it does not serve the %s in its keystore yet" % layer for layer in behind))
    return NodePlan(node["name"], "none", False, False, ())


def change_reasons(node):
    """Why files of a node have to be made anew, as phrases; the removal of a left-over bootstrap password is one."""
    found = ["an interrupted change is taken back first"] if is_reverting(node) else []
    found += ["%s: %s" % (layer, reason) for layer, _served, certificate in layers(node) if certificate["verdict"] in ("issue", "trust")
              for reason in certificate["reasons"]]
    if node["settings"]:
        found.append("settings: %s" % ", ".join(node["settings"]))
    if node["secure_settings"]:
        found.append("secure settings: %s" % ", ".join("%s %s" % (change["action"], change["name"]) for change in node["secure_settings"]))
    return found


def restarts(node):
    """Whether a change of a node that already speaks TLS is one it does not pick up by itself.

    Static settings never are, nor are store passwords: the reload reads the files with the password from the start.
    """
    passwords = [name for layer in engine.LAYERS for name in layer.store_passwords]
    return is_reverting(node) or bool(node["settings"]) or any(change["name"] in passwords for change in node["secure_settings"])


def order(nodes, plans):
    """The hosts in the order of a rolling restart: what was begun first, then nodes that cannot become master, the elected master last."""
    masters = {node["live"]["master"] for node in nodes.values()}
    eligible = {name for node in nodes.values() for name, member in (node["live"]["members"] or {}).items()
                if "master" in member.get("roles", ("master",))}

    def rank(host):
        node = nodes[host]
        return (pending_kind(node) is None, node["name"] in masters, node["name"] in eligible)

    return sorted((host for host in nodes if host not in plans or plans[host].kind != "none"), key=rank)


def spokesman(nodes):
    """The host to ask and tell about the whole cluster: one that sees it, best over TLS and with the most members."""
    return max(nodes, key=lambda host: (bool(nodes[host]["live"]["transport_tls"]), len(nodes[host]["live"]["members"] or ())))


def state_before(nodes, mixed):
    """What has to be as it was afterwards: members, health, allocation, documents. An interrupted run remembered it."""
    remembered = remembered_before(nodes)
    if remembered:
        return remembered
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


WORDS = {"none": "nothing to do", "reload": "a hot reload, no restart", "rolling": "a rolling restart", "full": "a full-cluster restart"}


def report(cluster_plan, nodes):
    """The plan as lines for an operator."""
    clusters = sorted({str(node["cluster_name"]) for node in nodes.values() if node["cluster_name"]})
    lines = ["Cluster %s: %s" % (", ".join(clusters) or "?", _what_is_due(cluster_plan))]
    if cluster_plan["kind"] != "none":
        for host, item in cluster_plan["nodes"].items():
            joins = " (joins the encrypted cluster, no other node is restarted)" if host in cluster_plan["joining"] else ""
            lines.append("  %s (%s): %s%s" % (host, item["name"], "start" if joins else item["kind"], joins))
            lines += ["      %s" % reason for reason in item["reasons"]]
    if cluster_plan["kind"] == "rolling":
        lines.append("  one after the other: %s" % ", ".join(cluster_plan["order"]))
    lines += ["  warning: %s" % warning for warning in cluster_plan["warnings"]]
    lines += ["  PROBLEM: %s" % problem for problem in cluster_plan["problems"]]
    return lines


def _what_is_due(cluster_plan):
    kind = cluster_plan["kind"]
    if kind != "none" and cluster_plan["back"]:
        finishing = " (finishing an interrupted way back)" if cluster_plan["resume"] else ""
        return "back to the previous versions, by %s%s" % (WORDS[kind], finishing)
    if cluster_plan["resume"]:
        return WORDS[kind] + " (finishing an interrupted one)"
    if kind == "full" and cluster_plan["mixed"]:
        return "nodes are brought into the encrypted cluster; those that are in it go on running"
    return WORDS[kind]
