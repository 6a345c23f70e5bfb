# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sentinels: what their files shall say in each mode, and why one has to be restarted. Pure.

A Sentinel takes no TLS setting while it runs, and it writes its own file: the file is changed while it is stopped. Where it watches a
master by another port than before, what it remembers of replicas and other Sentinels has the old ports and goes; it finds them again.
"""

from __future__ import annotations

from ansible_collections.interlock.cluster.plugins.module_utils._engines import redis as engine

REMEMBERED = ("known-replica", "known-slave", "known-sentinel")


def wanted(node, mode, nodes):
    """{settings: {directive: value}, monitors: {master: [host, port]}} of the Sentinel of a node. nodes: {name: node} with servers."""
    sentinel, tls = node["sentinel"], mode != "none"
    settings = {name: value for name, value in node["parameters"].items() if name != "tls-auth-clients-user"} if tls else {}
    settings.update({
        "port": "0" if mode == "required" else str(sentinel["port"]),
        "tls-port": str(sentinel["secure_port"]) if tls else "0",
        "tls-replication": "yes" if tls else "no",
    })
    monitors = {}
    for monitor in sentinel["monitors"]:
        server = watched(monitor, nodes)
        if server:
            monitors[monitor["name"]] = [monitor["host"], nodes[server]["secure_port" if tls else "port"]]
    return {"settings": settings, "monitors": monitors}


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
    for monitor in sentinel["monitors"]:
        place = target["monitors"].get(monitor["name"])
        if place and place[1] != monitor["port"]:
            found.append("it watches %s at port %d" % (monitor["name"], monitor["port"]))
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
    places = {name: [str(host), str(port)] for name, (host, port) in target["monitors"].items()}
    moved = {words[0] for words in monitors if words[0] in places and words[2] != places[words[0]][1]}

    def replace(directive):
        words = directive.words
        if directive.name == "sentinel" and words[0].lower() == "monitor" and words[1] in moved:
            return words[:2] + places[words[1]] + words[4:]
        return words

    def drop(directive):
        words = directive.words
        return directive.name == "sentinel" and words[1:2] and words[1] in moved and words[0].lower() in REMEMBERED

    return drop, replace


def settings(target, known):
    """{directive: [words]} for redis_conf.Conf.merged. known: what the file says now; a default that stands nowhere is not written."""
    return {name: [value] for name, value in target["settings"].items()
            if known.get(name, [engine.DEFAULTS[name]]) != [value]}
