# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Nodes of Redis as redis_tls_info describes them."""

from __future__ import annotations

import copy

CONFIG = {
    "port": "6379", "tls-port": "0", "tls-replication": "no", "tls-cluster": "no", "tls-auth-clients": "yes", "tls-cert-file": "",
    "tls-key-file": "", "tls-ca-cert-file": "", "tls-protocols": "", "tls-ciphers": "", "cluster-announce-port": "0",
    "cluster-announce-tls-port": "0", "cluster-announce-bus-port": "0", "cluster-port": "0", "cluster-node-timeout": "5000",
    "replica-announce-port": "0",
}
PARAMETERS = {"tls-cert-file": "/t/c", "tls-key-file": "/t/k", "tls-ca-cert-file": "/t/a", "tls-auth-clients": "yes"}
OPEN = dict(PARAMETERS, **{"tls-port": "6380"})
LINKED = dict(OPEN, **{"tls-replication": "yes"})
CLOSED = dict(LINKED, port="0")


def node(name="r1", config=None, master=None, cluster=None, **changes):
    """A healthy node in plaintext. master: (host, port) of a replica."""
    address = "10.0.0.%s" % name[1:]
    live = {
        "product": "redis", "version": "7.0.15", "over_tls": False, "address": address, "run_id": name, "config": dict(CONFIG, **(config or {})),
        "role": "slave" if master else "master", "master": {"host": master[0], "port": master[1], "link_up": True} if master else None,
        "replicas": 0, "full_resyncs": 0, "cluster": cluster, "clients": [],
    }
    found = {
        "name": name, "address": address, "names": [address, name], "san": {"dns": [name], "ip": [address]}, "port": 6379, "secure_port": 6380,
        "parameters": dict(PARAMETERS), "live": live, "bus_port": None, "clock": 0.0, "sentinel": None,
        "server": {"live": live, "unreachable": None, "drift": [], "renamed": [], "problem": None, "serves": None},
        "certificate": {"verdict": "keep", "reasons": [], "warnings": [], "facts": None, "foreign": []},
    }
    found.update(copy.deepcopy(changes))
    return found


def pair(primary=None, replica=None, port=6379):
    """A primary with one replica, each with its parameters."""
    nodes = {"r1": node("r1", primary), "r2": node("r2", replica, ("10.0.0.1", port))}
    nodes["r1"]["live"]["replicas"] = 1
    return nodes


def clustered(config=None, count=3):
    """The masters of a cluster."""
    names = ["c%d" % number for number in range(1, count + 1)]
    nodes = {}
    for me in names:
        known = [{"id": name, "host": "10.0.0.%s" % name[1:], "port": 6379, "bus_port": 16379, "flags": ["myself"] if name == me else ["master"],
                  "master": None, "connected": True, "slots": True} for name in names]
        cluster = {"state": "ok", "slots": 16384, "me": me, "nodes": known}
        nodes[me] = node(me, dict(config or {}, **{"cluster-enabled": "yes"}), cluster=cluster)
    return nodes


def sentinel(port=6379, **changes):
    """What is known of a Sentinel in plaintext."""
    return dict({"running": True, "unreachable": None, "problem": None, "serves": None, "port": 26379, "secure_port": 26380, "peers": {},
                 "config": {"port": "26379", "tls-port": "0", "tls-replication": "no", "tls-cert-file": "", "tls-key-file": "",
                            "tls-ca-cert-file": "", "tls-auth-clients": "yes"},
                 "monitors": [{"name": "orders", "host": "10.0.0.1", "port": port, "user": None, "replicas": []}]}, **changes)
