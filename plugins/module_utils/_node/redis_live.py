# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a running Redis or Valkey says of itself, as public data: no secret is asked for. Standard library only."""

from __future__ import annotations

from ansible_collections.interlock.cluster.plugins.module_utils._node.resp import Connection, RedisError, Refused

# Passwords (requirepass, masterauth, tls-key-file-pass) are never among them.
PARAMETERS = (
    "port", "tls-port", "tls-replication", "tls-cluster", "tls-auth-clients", "tls-auth-clients-user", "tls-cert-file", "tls-key-file",
    "tls-ca-cert-file", "tls-client-cert-file", "tls-client-key-file", "tls-protocols", "tls-ciphers", "tls-ciphersuites",
    "tls-prefer-server-ciphers", "tls-session-caching", "tls-session-cache-size", "tls-session-cache-timeout", "tls-dh-params-file",
    "tls-ca-cert-dir", "cluster-enabled", "cluster-node-timeout", "cluster-port", "cluster-announce-ip", "cluster-announce-port",
    "cluster-announce-tls-port", "cluster-announce-bus-port", "replica-announce-port", "min-replicas-to-write", "bind",
)


def connect(host, ports, context=None, **login):
    """A Connection over TLS where that is answered and can be spoken, and in plaintext otherwise. ports: (plaintext, TLS), 0 for none.

    fallback_password is tried where the password is wrong, as it is before or after a change of passwords. Raises a RedisError that
    tells of every attempt.
    """
    fallback = login.pop("fallback_password", None)
    plain, secure = ports
    attempts = [(secure, context)] if secure and context is not None else []
    attempts += [(plain, None)] if plain else []
    problems = []
    for port, how in attempts:
        try:
            return Connection(host, port, how, **login)
        except Refused as refusal:
            # It was reached and turns this login away: the other port would do the same.
            if refusal.code != "WRONGPASS" or not fallback:
                raise
            return Connection(host, port, how, **dict(login, password=fallback))
        except RedisError as error:
            problems.append(error)
    if len(problems) == 1:
        raise problems[0]
    raise RedisError("; ".join("%s: %s" % (problem.where, problem.message) for problem in problems) or "there is no port to try",
                     where=None if problems else host, remedy=None if problems else "Set redis_tls_port.")


def observe(connection):
    """What decisions about a server need; see the keys below. Raises RedisError."""
    server, replication, stats = (connection.info(section) for section in ("server", "replication", "stats"))
    product = "valkey" if "valkey_version" in server else "redis"
    version = server.get("valkey_version") or server.get("redis_version", "0")
    if server.get("redis_mode") == "sentinel":
        raise RedisError("is a Sentinel, and not a server with data", where=connection.where, remedy="Set redis_tls_port of this host.")
    config = {}
    if int(server.get("redis_version", "0").split(".")[0]) >= 7:
        config = connection.config(*PARAMETERS)
    cluster = _cluster(connection) if config.get("cluster-enabled") == "yes" else None
    return {
        "product": product, "version": version, "over_tls": connection.tls, "address": connection.host, "run_id": server.get("run_id"),
        "pid": int(server.get("process_id", 0)), "config_file": server.get("config_file"),
        "config": config, "role": replication.get("role"), "master": _master(replication),
        "replicas": int(replication.get("connected_slaves", 0)),
        "full_resyncs": int(stats.get("sync_full", 0)),
        "cluster": cluster, "clients": _clients(connection),
    }


# Commands of the steps in a form that does nothing: the rights of a user are looked at before what is asked for (server.c, processCommand).
_OF_EVERY_SERVER = (("CONFIG", "SET", "no-such-parameter", "x"), ("CLIENT", "KILL", "ID", "0"), ("TIME",))
_OF_A_REPLICA = (("REPLICAOF", "no-such-host", "no-such-port"),)
_OF_A_CLUSTER = (("CLUSTER", "LINKS"),)


def denied(connection, live):
    """Which commands of a change the user who is logged in may not run, as an ACL calls them: config|set, replicaof.

    Those that are renamed or switched off as well. live: what observe() told, which takes the rest.
    """
    found = []
    for words in _OF_EVERY_SERVER + (_OF_A_CLUSTER if live["cluster"] else _OF_A_REPLICA if live["master"] else ()):
        try:
            connection.command(*words)
        except Refused as refusal:
            if refusal.code == "NOPERM" or "unknown command" in refusal.message:
                found.append("|".join(words[:2] if words[0] in ("CONFIG", "CLIENT", "CLUSTER") else words[:1]).lower())
    return found


def _master(replication):
    if "master_host" not in replication:
        return None
    return {"host": replication["master_host"], "port": int(replication["master_port"]),
            "link_up": replication.get("master_link_status") == "up"}


def _cluster(connection):
    info = dict(line.split(":", 1) for line in connection.command("CLUSTER", "INFO").splitlines() if ":" in line)
    nodes = [_cluster_node(line.split()) for line in connection.command("CLUSTER", "NODES").splitlines() if line]
    return {"state": info.get("cluster_state"), "slots": int(info.get("cluster_slots_assigned", 0)), "nodes": nodes,
            "me": next((node["id"] for node in nodes if "myself" in node["flags"]), None)}


def _cluster_node(words):
    address, _at, bus = words[1].partition("@")
    host, _colon, port = address.rpartition(":")
    bus_port, _comma, more = bus.partition(",")  # the announced hostname, if any, and from 7.2 on name=value pairs
    hostname = more.split(",")[0]
    return {"id": words[0], "host": host, "hostname": "" if "=" in hostname else hostname, "port": int(port or 0),
            "bus_port": int(bus_port or 0), "flags": words[2].split(","),
            "master": None if words[3] == "-" else words[3], "connected": words[7] == "connected", "slots": len(words) > 8}


def _clients(connection):
    """The clients of other hosts and programs: peer, the local address they came to, name and user. Not this connection, not replicas."""
    return [{"peer": values.get("addr", "?"), "local": values.get("laddr", "?"), "name": values.get("name", ""),
             "user": values.get("user", "")}
            for values in _connections(connection) if not set(values.get("flags", "")) & set("SM")]


def came_to(connection, port):
    """The local addresses with that port to which somebody is connected: clients, and whoever reads the data as a replica does."""
    found = {values["laddr"] for values in _connections(connection) if "laddr" in values and "M" not in values.get("flags", "")}
    return sorted(address for address in found if address.endswith(":%d" % port))


def _connections(connection):
    """What CLIENT LIST tells of every connection but this one, as {name: value}."""
    mine = str(connection.command("CLIENT", "ID"))
    found = [dict(word.split("=", 1) for word in line.split(" ") if "=" in word)
             for line in (connection.command("CLIENT", "LIST") or "").splitlines()]
    return [values for values in found if values.get("id") != mine]


def replica_links(connection):
    """The numbers of the connections over which replicas of a server get its data."""
    listed = connection.command("CLIENT", "LIST", "TYPE", "replica") or ""
    return [word[3:] for line in listed.splitlines() for word in line.split(" ")[:1] if word.startswith("id=")]


def links(connection):
    """The bus links of a cluster node: [{node, direction, created}], created in milliseconds of that node's clock."""
    found = []
    for item in connection.command("CLUSTER", "LINKS"):
        values = dict(zip(item[::2], item[1::2]))
        found.append({"node": values["node"], "direction": values["direction"], "created": int(values["create-time"])})
    return found


def clock(connection):
    """Milliseconds of the server's clock."""
    seconds, micros = connection.command("TIME")
    return int(seconds) * 1000 + int(micros) // 1000
