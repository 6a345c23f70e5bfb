# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sentinels: what their files shall say in each mode, and why one has to be restarted. Pure.

A Sentinel takes no TLS setting while it runs, and it writes its own file: the file is changed while it is stopped. Where it watches a
master by another port than before, what it remembers of replicas and other Sentinels has the old ports and goes; it finds them again.
"""

from __future__ import annotations

from ansible_collections.interlock.cluster.plugins.module_utils._engines import redis as engine

REPLICAS = ("known-replica", "known-slave")
REMEMBERED = REPLICAS + ("known-sentinel",)


def monitors_of(conf):
    """What a sentinel.conf says of each master: [{name, host, port, user, replicas: [[host, port]]}]. conf: a redis_conf.Conf.

    Raises ValueError for a port that is none.
    """
    users = dict(words for words in conf.sentinel("auth-user") if len(words) == 2)
    replicas = [words for remembered in REPLICAS for words in conf.sentinel(remembered) if len(words) == 3]
    return [{"name": words[0], "host": words[1], "port": int(words[2]), "user": users.get(words[0]),
             "replicas": [[host, int(port)] for master, host, port in replicas if master == words[0]]}
            for words in conf.sentinel("monitor") if len(words) == 4]


def wanted(node, mode, nodes):
    """{settings: {directive: value}, places: [[host, former port, port]]} of the Sentinel of a node. nodes: {name: node} with servers.

    places has every server, because a failover may make another one the master before the Sentinel stops.
    """
    sentinel, tls = node["sentinel"], mode != "none"
    settings = {name: value for name, value in node["parameters"].items() if name != "tls-auth-clients-user"} if tls else {}
    settings.update({
        "port": "0" if mode == "required" else str(sentinel["port"]),
        "tls-port": str(sentinel["secure_port"]) if tls else "0",
        "tls-replication": "yes" if tls else "no",
    })
    former, port = ("port", "secure_port") if tls else ("secure_port", "port")
    places = [[host, server[former], server[port]] for server in nodes.values() for host in server["names"]]
    return {"settings": settings, "places": places}


def disagreement(sentinels, nodes):
    """What tells of a failover that is not over, as phrases. sentinels: {name: monitors_of()}; nodes: {name: node} with servers.

    Whoever moves replication now would leave two masters behind, or Sentinels that watch a replica.
    """
    found, masters = {}, {}
    for name, monitors in sentinels.items():
        for monitor in monitors:
            server = watched(monitor, nodes)
            if server is None:
                continue
            masters.setdefault(monitor["name"], set()).add(server)
            if nodes[server]["live"]["role"] == engine.REPLICAS:
                found.setdefault("watches %s as the master of %s, and it is a replica" % (server, monitor["name"]), []).append(name)
            for host, port in monitor["replicas"]:
                replica = watched({"host": host, "port": port}, nodes)
                if replica not in (None, server) and nodes[replica]["live"]["role"] == engine.MASTERS:
                    found.setdefault("knows %s as a replica of %s, and it is a master" % (replica, server), []).append(name)
    phrases = ["the Sentinel of %s %s" % (", ".join(names), phrase) for phrase, names in sorted(found.items())]
    return phrases + ["the Sentinels watch %s as the master of %s" % (" and ".join(sorted(servers)), master)
                      for master, servers in sorted(masters.items()) if len(servers) > 1]


def others(name, sentinels):
    """{master: how many Sentinels beside that of a node watch it}. sentinels: {name: node} with all of them."""
    watchers = {host: {monitor["name"] for monitor in node["sentinel"]["monitors"]} for host, node in sentinels.items()}
    return {master: sum(master in watched_there for host, watched_there in watchers.items() if host != name) for master in watchers[name]}


def watched(monitor, nodes):
    """The name of the server that a Sentinel watches as a master, None when it is not among the nodes."""
    return next((name for name, node in nodes.items()
                 if monitor["host"] in node["names"] and monitor["port"] in (node["port"], node["secure_port"])), None)


def reasons(node, mode, nodes):
    """Why the file of a Sentinel has to be changed or its process started, as phrases."""
    sentinel, target = node["sentinel"], wanted(node, mode, nodes)
    differing = sorted(name for name, value in target["settings"].items() if sentinel["config"].get(name, "") != value)
    found = ["its file has another %s" % ", ".join(differing)] if differing else []
    former = {(host, port) for host, port, _port in target["places"]}
    found += ["it watches %s at port %d" % (monitor["name"], monitor["port"]) for monitor in sentinel["monitors"]
              if (monitor["host"], monitor["port"]) in former]
    if not sentinel["running"]:
        found.append("it does not run")
    file, served = node["certificate"]["facts"], sentinel["serves"]
    if mode != "none" and not found and file and (not served or served["certificate"]["sha256"] != file["sha256"]):
        found.append("it does not serve the certificate in its file")
    return found


def watches_plaintext(node, nodes):
    """Whether a Sentinel watches a master by its plaintext port: it would point replicas back there."""
    return any(server and monitor["port"] == nodes[server]["port"]
               for monitor in node["sentinel"]["monitors"] for server in [watched(monitor, nodes)])


def changes(target, monitors):
    """(drop, replace) for redis_conf.Conf.merged. monitors: the words of every "sentinel monitor" line of the file."""
    places = {(host, str(former)): str(port) for host, former, port in target["places"]}
    moved = {words[0] for words in monitors if tuple(words[1:3]) in places}

    def replace(directive):
        words = directive.words
        if directive.name == "sentinel" and words[0].lower() == "monitor" and words[1] in moved:
            return words[:3] + [places[words[2], words[3]]] + words[4:]
        return words

    def drop(directive):
        words = directive.words
        return directive.name == "sentinel" and words[1:2] and words[1] in moved and words[0].lower() in REMEMBERED

    return drop, replace


def settings(target, known):
    """{directive: [words]} for redis_conf.Conf.merged. known: what the file says now; a default that stands nowhere is not written."""
    return {name: [value] for name, value in target["settings"].items()
            if known.get(name, [engine.DEFAULTS[name]]) != [value]}
