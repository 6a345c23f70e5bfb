# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From what every node of an OpenSearch cluster shows to the one step that is next. Pure.

It remembers nothing: the role makes the step, looks again and asks again, until there is none. So a run that died anywhere goes on where
the nodes are. One rule makes the order safe: a node is taken to a level only when every node is on the one before, as it shows itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ansible_collections.interlock.cluster.plugins.module_utils._engines import opensearch as engine
from ansible_collections.interlock.cluster.plugins.module_utils._engines.elasticsearch_manifest import (
    is_being_taken_back,
    is_reverting,
    is_switched,
    pending_kind,
    remembered_before,
    runs_what_is_replaced,
)
from ansible_collections.interlock.cluster.plugins.module_utils._engines.opensearch_preflight import problems, warnings
from ansible_collections.interlock.cluster.plugins.module_utils._pki import names

# How each step is made: not at all, by cluster settings and files that need no restart, by new stores under the running processes, by
# restarting one node after the other, or all at once.
KINDS = {"none": "none", "strict": "setting", "forget": "setting", "nodes_dn": "setting", "demo": "setting", "certificates": "reload",
         "dual": "rolling", "https": "rolling", "full": "rolling", "drift": "rolling", "join": "rolling", "together": "full"}
WORDS = {
    "none": "nothing to do",
    "dual": "a rolling restart into dual mode: TLS with whoever speaks it, plaintext with the others",
    "strict": "dual mode is switched off, every node having been seen to speak TLS",
    "https": "a rolling restart with TLS on the HTTP layer",
    "full": "a rolling restart to full security",
    "forget": "the cluster setting of dual mode is removed",
    "nodes_dn": "running nodes are told the names of the others, no restart",
    "demo": "the files of the demo installer are removed",
    "certificates": "certificates are reloaded, no restart",
    "drift": "a rolling restart with the settings that are wanted",
    "join": "nodes are brought into the cluster, the others go on running",
    "together": "a full-cluster restart to full security",
    "resume": "a change that was begun is finished",
    "back": "a change that was being taken back is taken back",
}


@dataclass(frozen=True)
class Options:
    """What the operator wants and allows. wanted: see opensearch.level_settings; restart: auto, rolling, full or never."""

    wanted: dict
    restart: str = "auto"
    allow_yellow: bool = False
    password_length: int = 0
    clock_tolerance: int = 300
    hostname_verification: bool = True


@dataclass(frozen=True)
class Step:
    """The next step. hosts: {host: phrases why} of those it touches; level: where they are afterwards."""

    name: str
    level: int = engine.FULL
    hosts: dict = field(default_factory=dict)
    kind: str = None

    @property
    def how(self):
        return self.kind or KINDS[self.name]


def plan(nodes, options):
    """The plan of the next step as plain data. nodes: {inventory name: verdicts of opensearch_tls_info}."""
    step = next_step(nodes, options)
    dns = node_names(nodes, options)
    before = state_before(nodes, step)
    turns = order(nodes, step.hosts)
    return {
        "step": step.name,
        "kind": step.how,
        "level": step.level,
        "restart": "full" if step.how == "full" or restarts_together(nodes) else "rolling",
        "title": WORDS[step.name],
        "order": turns,
        "spokesman": spokesman(nodes),
        "nodes": {host: dict(node_plan(node, host, step, dns, options), members=members_after(host, nodes, before, turns))
                  for host, node in nodes.items()},
        # With all nodes down at once, what may not be replaced otherwise is.
        "issue": any(nodes[host]["certificate"]["verdict"] in ("issue", "refuse") for host in step.hosts) and stages(step),
        "ca_subject": ca_subject(nodes),
        # The demo's CA is everybody's: that a node has it is no sign that the CA of this cluster got lost.
        "foreign_authorities": [dict(foreign, host=host) for host, node in nodes.items() if not node["demo"]
                                for foreign in node["certificate"]["foreign"]],
        "nodes_dn": dns,
        "before": before,
        "problems": problems(nodes, step, before, options),
        "warnings": warnings(nodes, step, options),
    }


def node_names(nodes, options):
    """What nodes_dn is to have. A name that stands there stays, whoever added it; those of another CA's certificates go with that CA."""
    present = [node["nodes_dn"] for node in nodes.values() if level_of(node) == engine.FULL and node["certificate"]["verdict"] != "refuse"]
    return sorted(_wanted_names(nodes, options).union(*present))


def next_step(nodes, options):
    """What is next. What was begun is ended first; then the lowest level there is decides."""
    begun = _begun(nodes)
    if begun:
        return begun
    levels = {host: level_of(node) for host, node in nodes.items()}
    if options.restart == "full":
        hosts = {host: ["from %s to full security" % (nodes[host]["live"]["level"] or "a process that does not run")]
                 for host, level in levels.items() if level != engine.FULL}
        hosts.update({host: node["certificate"]["reasons"] for host, node in nodes.items() if node["certificate"]["verdict"] == "refuse"})
        if hosts:
            return Step("together", engine.FULL, {host: hosts.get(host, ["with the others"]) for host in nodes})
    outside = [host for host, level in levels.items() if level in (None, engine.PLAIN)]
    inside = [level for level in levels.values() if level is not None and level >= engine.STRICT]
    if outside and inside and engine.DUAL in levels.values():
        return _strict(nodes, levels)  # a node in dual mode would not understand the one that is brought in
    if outside and inside:
        level = min(inside)
        missing = _missing_names(nodes, [host for host in nodes if host not in outside], options) if level == engine.FULL else {}
        return Step("nodes_dn", level, missing) if missing else Step("join", level, {
            host: ["is not in the cluster, whose nodes speak TLS"] for host in outside})
    return _upwards(nodes, levels) or _at_the_top(nodes, options)


def _begun(nodes):
    """The end of what an earlier run began, None when all of it is ended."""
    # In a restart of all nodes each of them takes part, however far an earlier run came with it: one by one they would not find each other.
    together = [host for host, node in nodes.items() if node["manifest"] and node["manifest"]["state"] != "open"]
    back = [host for host, node in nodes.items() if is_being_taken_back(node) or is_reverting(node)]
    if back:
        back = together if restarts_together(nodes) else back
        return Step("back", 0, {host: ["a change of it was being taken back"] for host in back}, "back")
    pending = {host: _pending_kind(node) for host, node in nodes.items() if _pending_kind(node)}
    if not pending:
        return None
    kind = "full" if "full" in pending.values() else "rolling" if "rolling" in pending.values() else "reload"
    hosts = together if kind == "full" else [host for host in pending if pending[host] == kind]
    level = max(nodes[host]["manifest"]["context"].get("level", engine.FULL) for host in hosts)
    return Step("resume", level, {host: ["a change of it was begun and is not finished"] for host in hosts}, kind)


def restarts_together(nodes):
    """Whether a restart of all nodes at once was begun, or was being taken back, by an earlier run."""
    return any(node["manifest"] and node["manifest"]["context"].get("restart") == "full" for node in nodes.values())


def _pending_kind(node):
    """The kind of a change to finish: a switch that no restart belongs to was one of certificates under the running process."""
    kind = pending_kind(node)
    return "reload" if kind and not node["manifest"]["context"].get("restart") else kind


def _upwards(nodes, levels):
    """The step to the next level, None when every node is on the highest."""
    if any(level is None for level in levels.values()):
        return Step("none")  # a process that does not run where nobody speaks TLS yet: the preflight says so
    if engine.PLAIN in levels.values():
        return Step("dual", engine.DUAL, {host: ["the transport layer speaks plaintext"]
                                          for host, level in levels.items() if level == engine.PLAIN})
    strict = _strict(nodes, levels)
    if strict:
        return strict
    for name, level, why in (("https", engine.HTTPS, "the HTTP layer speaks plaintext"), ("full", engine.FULL, "asks nobody who they are")):
        lower = {host: [why] for host, found in levels.items() if found == level - 1}
        if lower and name == "full" and _demo(nodes):
            return _demo(nodes)  # no node runs with them any more, and none would start beside them
        if lower:
            return Step(name, level, lower)
    return None


def _strict(nodes, levels):
    """The end of dual mode; None where nobody is in it."""
    dual = {host: ["takes plaintext beside TLS"] if levels[host] == engine.DUAL else ["would start in dual mode again"]
            for host, node in nodes.items() if levels[host] == engine.DUAL or node["level_on_disk"] == engine.LEVELS[engine.DUAL]}
    return Step("strict", engine.STRICT, dual) if dual else None


def _at_the_top(nodes, options):
    """What is due in a cluster that has full security."""
    if any(node["live"]["dual_mode"] is not None for node in nodes.values()):
        return Step("forget")
    missing = _missing_names(nodes, list(nodes), options)
    if missing:
        return Step("nodes_dn", engine.FULL, missing)
    if _demo(nodes):
        return _demo(nodes)
    drifted = {host: drift_reasons(node) for host, node in nodes.items() if drift_reasons(node)}
    if drifted:
        return Step("drift", engine.FULL, drifted)
    due = {host: certificate_reasons(node) for host, node in nodes.items() if certificate_reasons(node)}
    return Step("certificates", engine.FULL, due) if due else Step("none")


def level_of(node):
    """The level a node shows, None where it does not run."""
    level = node["live"]["level"]
    return None if level is None else engine.LEVELS.index(level)


def drift_reasons(node):
    """Why a node has to be restarted though it has full security."""
    found = ["settings: %s" % ", ".join(node["drift"]["full"])] if node["drift"]["full"] else []
    if node["secure_settings"]:
        found.append("secure settings: %s" % ", ".join("%s %s" % (change["action"], change["name"]) for change in node["secure_settings"]))
    if node["restart_for"]:
        found.append("certificate: %s; OpenSearch %s takes %s at a restart only"
                     % ("; ".join(node["certificate"]["reasons"]), node["version"], " and ".join(node["restart_for"])))
    return found


def certificate_reasons(node):
    """Why a running node has to read other certificates."""
    certificate, served = node["certificate"], node["live"]["served"]
    if certificate["verdict"] in ("issue", "trust"):
        return ["certificate: %s" % reason for reason in certificate["reasons"]]
    if certificate["verdict"] == "keep" and served and certificate["facts"] and served["sha256"] != certificate["facts"]["sha256"]:
        return ["it does not serve the certificate in its keystore yet"]
    return []


def _wanted_names(nodes, options):
    return {node["dn"] for node in nodes.values() if node["dn"]}.union(engine.more_nodes(options.wanted))


def _missing_names(nodes, hosts, options):
    """The hosts whose files lack a name that is wanted, with which names."""
    wanted = _wanted_names(nodes, options)
    found = {host: sorted(wanted.difference(nodes[host]["nodes_dn"])) for host in hosts}
    return {host: ["does not know %s" % ", ".join(missing)] for host, missing in found.items() if missing}


def _demo(nodes):
    """The end of what the demo installer left; None where there is nothing."""
    hosts = {host: [", ".join(node["demo_files"])] for host, node in nodes.items() if node["demo_files"]}
    return Step("demo", engine.FULL, hosts) if hosts else None


def stages(step):
    """Whether files are made for the step: what was begun has its files already."""
    return step.name not in ("resume", "back") and step.how in ("rolling", "full", "reload")


def node_plan(node, host, step, dns, options):
    """What one node needs for the step."""
    live, due = node["live"], host in step.hosts
    wanted = dict(options.wanted, nodes_dn=dns, demo=bool(set(node["demo"]).intersection(engine.DEMO_FILES)))
    settings, absent = engine.level_settings(step.level, wanted, node["version"]) if step.level else ({}, [])
    scheme_after = "https" if step.level >= engine.HTTPS else "http"
    stop = due and live["running"] and step.how in ("rolling", "full")
    if due and step.name == "resume":
        stop = stop and _runs_what_is_replaced(node, step)
    return {
        "name": node["name"],
        "due": due,
        "stage": due and stages(step),
        "stop": stop,
        "settings": settings if due else {},
        "absent": absent if due else [],
        # On the way back a node may have the files of either, and one that does not run says nothing of them.
        "scheme_before": "https_or_http" if (live["scheme"] or scheme_after) == "https" else "http_or_https",
        "scheme_after": scheme_after,
        "empty_users": due and stages(step) and step.level == engine.FULL and bool(node["demo_users"]) and live["level"] != "full",
        "demo_files": node["demo_files"] if due and step.name == "demo" else [],
        "joins": due and (step.name == "join" or was_joining(node)),
        "switched": is_switched(node),
        "reasons": step.hosts.get(host, []),
    }


def _runs_what_is_replaced(node, step):
    """Whether a running process was started before the switch that is to be finished. Of a restart of all nodes at once only some may
    have been marked."""
    if step.how != "full":
        return runs_what_is_replaced(node["manifest"])
    return node["manifest"]["state"] in ("sealed", "switching") or node["live"]["level"] not in (None, "full")


def was_joining(node):
    """Whether a change of a node that an earlier run began was to bring it into the cluster."""
    return bool(node["manifest"] and node["manifest"]["context"].get("joins"))


def order(nodes, hosts):
    """The hosts of a step in their order: nodes that cannot be elected first, the elected cluster manager last."""
    managers = {node["live"]["master"] for node in nodes.values()}
    eligible = {name for node in nodes.values() for name, member in (node["live"]["members"] or {}).items()
                if {"cluster_manager", "master"}.intersection(member.get("roles") or ("master",))}
    return sorted(hosts, key=lambda host: (nodes[host]["name"] in managers, nodes[host]["name"] in eligible))


def members_after(host, nodes, before, turns):
    """Who has to be in the cluster when the turn of a host is over: the members of before, and those whom the turns so far brought in."""
    through = turns[:turns.index(host) + 1] if host in turns else []
    return sorted({nodes[one]["name"] for one in through}.union(before["members"]))


def spokesman(nodes):
    """The host to ask and tell about the whole cluster: the one that sees the most members."""
    return max(nodes, key=lambda host: (len(nodes[host]["live"]["members"] or ()), level_of(nodes[host]) or 0))


def ca_subject(nodes):
    """The subject of a CA that is yet to be made: it names the cluster, because every cluster has a CA of its own."""
    clusters = [node["cluster_name"] for node in nodes.values() if node["cluster_name"]]
    return names.text(names.common_name(names.fitted(str(clusters[0]) if clusters else "OpenSearch", " CA")))


def state_before(nodes, step):
    """What has to be as it was afterwards: members, health, allocation, documents. An interrupted run remembered it."""
    remembered = remembered_before(nodes)
    if remembered:
        return remembered
    live = nodes[spokesman(nodes)]["live"]
    if live["members"] is None:
        return {"members": sorted(node["name"] for node in nodes.values()), "health": "green", "allocation": None, "documents": None}
    return {
        "members": sorted(live["members"]),
        # A cluster may be red because the node that is brought in is missing, and stay so until the last one is there.
        "health": "yellow" if step.name == "join" and live["health"] != "red" else live["health"],
        "allocation": live["allocation"]["persistent"] if live["allocation"] else None,
        "documents": live["documents"],
    }


def report(found, nodes):
    """The plan as lines for an operator."""
    clusters = sorted({str(node["cluster_name"]) for node in nodes.values() if node["cluster_name"]})
    lines = ["Cluster %s: %s" % (", ".join(clusters) or "?", found["title"])]
    for host, node in nodes.items():
        lines.append("  %s (%s): %s" % (host, node["name"], node["live"]["level"] or "does not run"))
        lines += ["      %s" % reason for reason in found["nodes"][host]["reasons"]]
    if found["kind"] == "rolling":
        lines.append("  one after the other: %s" % ", ".join(found["order"]))
    lines += ["  warning: %s" % warning for warning in found["warnings"]]
    lines += ["  PROBLEM: %s" % problem for problem in found["problems"]]
    return lines
