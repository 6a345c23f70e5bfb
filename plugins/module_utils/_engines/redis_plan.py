# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From what every node of a Redis deployment has and shows to the steps that are due, and what speaks against them. Pure.

Decided by state: a step is due because the processes are not there yet, or because a file does not say yet what its process has, which
is how an interrupted step is known.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from ansible_collections.interlock.cluster.plugins.module_utils._engines import redis as engine
from ansible_collections.interlock.cluster.plugins.module_utils._engines import redis_preflight, redis_sentinel

# A parameter of a step that stands in a process and not in its file: the step did not come to its end.
LINK_PARAMETERS = {"tls-replication", "tls-cluster", "replicaof"}
# In Sentinel's presence replication moves only while every Sentinel is stopped.
MOVING_LINKS = ("link", "unlink")


@dataclass(frozen=True)
class Options:
    """What the operator wants. mode: see engine.MODES, or "keep" for the one the deployment is in: certificates alone are changed.

    password: whether a password is changed as well.
    """

    mode: str = "preferred"
    password: bool = False


def plan(nodes, options):
    """The plan as plain data. nodes: {inventory name: verdicts of redis_tls_info}."""
    servers = {name: node for name, node in nodes.items() if node["server"] and node["live"] and node["live"]["config"]}
    sentinels = {name: node for name, node in nodes.items() if node["sentinel"]}
    stages = {name: engine.stage(node, servers) for name, node in servers.items()}
    keep = options.mode == "keep"
    if keep:
        options = replace(options, mode="required" if stages and min(stages.values()) == engine.CLOSED else "preferred")
    issue = sorted(name for name, node in nodes.items() if options.mode != "none" and (
        node["certificate"]["verdict"] in ("issue", "trust") or client_verdict(node) == "issue"))
    moves = due_moves(servers, stages, issue, options)
    restarts = {name: redis_sentinel.reasons(node, options.mode, servers) for name, node in sentinels.items()}
    for name in set(restarts).intersection(issue):
        restarts[name] = restarts[name] or ["it gets a new certificate"]
    drift = sorted(name for name, node in servers.items() if node["server"]["drift"])
    kind = "change" if moves or issue or drift or any(restarts.values()) else "none"
    before = {"kind": kind, "moves": [move["name"] for move in moves], "stages": stages, "issue": issue, "restarts": restarts, "keep": keep,
              "password": options.password, "expired": any(engine.serves_expired(node) for node in servers.values())}
    return {
        "kind": kind,
        "mode": options.mode,
        "stages": {name: engine.STAGE_NAMES[stage] for name, stage in stages.items()},
        "moves": moves,
        "stop_sentinels": any(move["name"] in MOVING_LINKS for move in moves),
        "sentinels": {name: {"reasons": found, "target": redis_sentinel.wanted(nodes[name], options.mode, servers),
                             "others": redis_sentinel.others(name, sentinels)} for name, found in restarts.items()},
        "issue": issue,
        "persist": drift,
        "driver": sorted(servers)[0] if servers else None,
        "fleet": {name: {key: node[key] for key in ("address", "names", "port", "secure_port", "parameters")}
                  for name, node in servers.items()},
        "sentinel_fleet": {name: sentinel_place(node) for name, node in sentinels.items()},
        "foreign_authorities": [dict(found, host=name) for name, node in nodes.items() for found in node["certificate"]["foreign"]],
        "problems": redis_preflight.problems(nodes, servers, before, options.mode),
        "warnings": redis_preflight.warnings(nodes, servers, before, options.mode),
    }


def client_verdict(node):
    """The verdict on a node's pair for outgoing connections, "keep" where it has none of its own."""
    return (node.get("client_certificate") or {"verdict": "keep"})["verdict"]


def sentinel_place(node):
    """Where the Sentinel of a node is, and the names of the masters it watches."""
    sentinel = node["sentinel"]
    return {"address": node["address"], "port": sentinel["port"], "secure_port": sentinel["secure_port"],
            "monitors": [monitor["name"] for monitor in sentinel["monitors"]],
            "users": {monitor["name"]: monitor["user"] for monitor in sentinel["monitors"] if monitor.get("user")}}


def due_moves(servers, stages, issue, options):
    """[{name, again, reasons}] in their order. again: the step was begun before."""
    target = engine.MODES[options.mode]
    found = []

    def add(name, due, reason, again=False):
        if due:
            found.append({"name": name, "again": again, "reasons": ["%s: %s" % (host, reason) for host in due]})

    def drifting(parameters, at_least):
        return [name for name, node in servers.items() if stages[name] >= at_least and parameters.intersection(node["server"]["drift"])]

    if target < engine.CLOSED:
        add("reopen", [name for name, stage in stages.items() if stage == engine.CLOSED], "its plaintext port is closed")
    if target == engine.PLAIN:
        linked = [name for name, node in servers.items() if links_tls(node, servers)]
        add("unlink", linked or drifting(LINK_PARAMETERS, engine.PLAIN), "replication or bus use TLS")
        add("unlisten", [name for name, node in servers.items() if engine.unlisten(node)], "its TLS port is open")
        return found
    add("listen", [name for name, node in servers.items() if engine.listen(node)], "TLS parameters are not as wanted")
    reload = [name for name, node in servers.items() if engine.number(node, "tls-port") and (name in issue or serves_another(node))]
    add("reload", reload, "it does not serve the certificate in its file, or gets a new one")
    add("relink", reload, "a new handshake is the proof")
    unlinked = [name for name, stage in stages.items() if stage < engine.LINKED]
    add("link", unlinked or drifting(LINK_PARAMETERS, engine.OPEN), "replication or bus are not on TLS, or were not to the end")
    if target == engine.CLOSED:
        again = drifting({"port", "cluster-announce-port"}, engine.CLOSED)
        opened = [name for name, stage in stages.items() if stage < engine.CLOSED]
        add("close", opened + again, "its plaintext port is open, or was not closed to the end", bool(again))
    return found


def links_tls(node, servers):
    """Whether replication or bus of a server use TLS now."""
    config = node["live"]["config"]
    to_tls = not engine.is_cluster(node) and engine.replicates_in(node, servers, "secure_port")
    return config["tls-replication"] == "yes" or config["tls-cluster"] == "yes" or to_tls


def serves_another(node):
    """Whether a server serves a certificate that is not the one in its file."""
    served, file = node["server"]["serves"], node["certificate"]["facts"]
    return bool(served and file) and served["certificate"]["sha256"] != file["sha256"]


def report(found, nodes):
    """The plan as lines for an operator."""
    stages = ", ".join("%s %s" % item for item in sorted(found["stages"].items()))
    lines = ["Redis TLS, mode %s: %s (now: %s)" % (found["mode"], "nothing to do" if found["kind"] == "none" else "change", stages or "?")]
    for name in found["issue"]:
        for what, verdict in (("certificate", nodes[name]["certificate"]),
                              ("pair for outgoing connections", nodes[name].get("client_certificate"))):
            if verdict and verdict["reasons"]:
                lines.append("  %s: %s: %s" % (name, what, "; ".join(verdict["reasons"])))
    for move in found["moves"]:
        lines.append("  step %s" % move["name"])
        lines += ["      %s" % reason for reason in move["reasons"]]
    for name, sentinel in found["sentinels"].items():
        if sentinel["reasons"]:
            lines.append("  Sentinel of %s restarts: %s" % (name, "; ".join(sentinel["reasons"])))
    if found["persist"]:
        lines.append("  files that do not say what runs: %s" % ", ".join(
            "%s (%s)" % (name, ", ".join(nodes[name]["server"]["drift"])) for name in found["persist"]))
    lines += ["  warning: %s" % warning for warning in found["warnings"]]
    lines += ["  PROBLEM: %s" % problem for problem in found["problems"]]
    return lines
