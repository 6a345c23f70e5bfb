# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The steps of a whole Redis deployment between plaintext and TLS, driven by one process over connections to every server.

One process, because replication and bus must switch on all nodes close together. A step decides by what the servers say when it begins
and may be repeated at any point. What is to be set is decided by _engines.redis.
"""

from __future__ import annotations

import time

from ansible_collections.interlock.cluster.plugins.module_utils._engines import redis as engine
from ansible_collections.interlock.cluster.plugins.module_utils._errors import InterlockError
from ansible_collections.interlock.cluster.plugins.module_utils._node import redis_live
from ansible_collections.interlock.cluster.plugins.module_utils._node.resp import NotReached, RedisError, Refused

PAUSE = 0.2


class MoveError(InterlockError):
    """A step that did not come to its end. Everything may be repeated."""


class Fleet:
    """Every server of a deployment, connected. nodes: {name: {address, names, port, secure_port, parameters}}."""

    def __init__(self, nodes, context, login, timeout):
        self.nodes = {name: dict(node) for name, node in nodes.items()}
        self.context, self.login, self.timeout = context, login, timeout
        self.connections = {}
        self.did = {name: [] for name in nodes}
        self.window = None
        for name in self.nodes:
            self.connect(name)
        self.look()
        self.before = self.roles()

    def connect(self, name):
        """Connect to a server, or anew."""
        node = self.nodes[name]
        if name in self.connections:
            self.connections.pop(name).close()
        self.connections[name] = redis_live.connect(node["address"], (node["port"], node["secure_port"]), self.context,
                                                    timeout=min(self.timeout, 10), **self.login)

    def greet(self, name):
        """See that a server takes a new TLS connection. Where its port is not reached from here nothing is said: link() refuses that."""
        node = self.nodes[name]
        if self.context is None:
            return
        try:
            with redis_live.connect(node["address"], (0, node["secure_port"]), self.context, timeout=min(self.timeout, 10),
                                    **self.login) as connection:
                connection.command("PING")
        except (NotReached, Refused):
            return
        except RedisError as error:
            raise MoveError("takes no TLS connection as it is now: %s" % error.message, where=name,
                            remedy="Its log says why. A key of type EC takes suites with ECDHE-ECDSA, an RSA key those with ECDHE-RSA: see "
                                   "redis_tls_ciphers, redis_tls_protocols, redis_tls_parameters, and the certificate.") from error

    def close(self):
        """Close every connection."""
        for connection in self.connections.values():
            connection.close()

    def look(self):
        """Ask every server anew."""
        for name, node in self.nodes.items():
            node["live"] = redis_live.observe(self.connections[name])

    def roles(self):
        """({name: role}, the full resynchronisations so far)."""
        return {name: node["live"]["role"] for name, node in self.nodes.items()}, sum(
            node["live"]["full_resyncs"] for node in self.nodes.values())

    @property
    def clustered(self):
        """Whether this is a Redis Cluster."""
        return any(engine.is_cluster(node) for node in self.nodes.values())

    def order(self):
        """The names, replicas first: a replica that fails costs nothing."""
        return sorted(self.nodes, key=lambda name: self.nodes[name]["live"]["role"] != engine.REPLICAS)

    def set(self, name, parameters):
        """Set parameters of one server as one, or none of them."""
        if parameters:
            self._answer(name, parameters, self.connections[name].command, _config_set(parameters))

    def set_all(self, parameters_of):
        """Set parameters of many servers as close together as a network allows: all requests leave before any answer is read.

        The names of the servers for which there was something to set.
        """
        wanted = {name: parameters_of(self.nodes[name]) for name in self.order()}
        wanted = {name: parameters for name, parameters in wanted.items() if parameters}
        began = time.monotonic()
        for name, parameters in wanted.items():
            self.connections[name].send(*_config_set(parameters))
        for name, parameters in wanted.items():
            self._answer(name, parameters, self.connections[name].receive, ())
        if self.window is None and wanted:
            self.window = time.monotonic() - began
        return sorted(wanted)

    def _answer(self, name, parameters, call, words):
        try:
            call(*words)
        except Refused as refusal:
            raise MoveError("refuses CONFIG SET %s: %s" % (" ".join(sorted(parameters)), refusal.message), where=name,
                            remedy="Its log says why. The values it had are still in force.") from refusal
        self.did[name].append("CONFIG SET %s" % " ".join(sorted(parameters)))

    def run(self, name, *words):
        """Run another command on one server, and note it."""
        answer = self.connections[name].command(*words)
        self.did[name].append(" ".join(map(str, words)))
        return answer

    def wait(self, what, problem, steady=0.0):
        """Look until problem() has had nothing to say for that many seconds. what: for the message when the time is over."""
        until, since = time.monotonic() + self.timeout + steady, None
        while True:
            self.look()
            found, now = problem(), time.monotonic()
            since = None if found else since or now
            if since and now - since >= steady:
                return
            if now > until:
                raise MoveError("%s within %d seconds: %s" % (what, self.timeout, found),
                                remedy="See the logs of the servers named, mend the cause, and run the playbook again.")
            time.sleep(PAUSE)

    # what is wrong, "" when nothing is

    def broken_links(self):
        """Replication links that are down, and what a cluster's nodes say of each other."""
        return "; ".join(phrase for name, node in self.nodes.items() for phrase in engine.broken_links(name, node["live"]))

    def other_replication(self, tls):
        """Replicas whose link goes to the port of the other kind: the plaintext one where it is to be TLS, the TLS one where not."""
        return "; ".join("%s replicates in %s" % (name, "plaintext" if tls else "TLS") for name, node in self.nodes.items()
                         if engine.replicates_in(node, self.nodes, "port" if tls else "secure_port"))

    def old_bus_links(self, since):
        """Bus links made before a moment. since: {name: milliseconds of that node's clock}."""
        old = {name: sum(link["created"] <= since[name] for link in redis_live.links(self.connections[name])) for name in self.nodes}
        return "; ".join("%s still has %d bus links of before" % item for item in old.items() if item[1])

    def links_of(self, name):
        """{bus: how many bus links a server has, replication: to which kind of port of its master it replicates}.

        None for what it has not.
        """
        node, kinds = self.nodes[name], {"port": "plaintext", "secure_port": "TLS"}
        return {"bus": len(redis_live.links(self.connections[name])) if engine.is_cluster(node) else None,
                "replication": next((kinds[kind] for kind in kinds if engine.replicates_in(node, self.nodes, kind)), None)}

    def settle(self):
        """Wait until a cluster has taken in what was changed.

        Nodes hear of a changed port with the next message, which every other node sends within half of cluster-node-timeout, and only then
        drop their link and dial anew.
        """
        if self.clustered and any(self.did.values()):
            self.wait("the cluster did not stay whole", self.broken_links, self.gossip())

    def gossip(self):
        """Seconds within which every node of a cluster has sent something to every other."""
        return max(engine.number(node, "cluster-node-timeout") for node in self.nodes.values()) / 2000.0 + 0.5

    def clocks(self):
        """{name: milliseconds of that server's clock}."""
        return {name: redis_live.clock(connection) for name, connection in self.connections.items()}


def _config_set(parameters):
    return ["CONFIG", "SET"] + [word for item in sorted(parameters.items()) for word in item]


def listen(fleet, _again):
    """Have every server answer TLS beside plaintext. What one of them refuses, or what lets nobody in, is taken back on all."""
    before = {}
    try:
        for name in fleet.order():
            wanted = engine.listen(fleet.nodes[name])
            config = fleet.nodes[name]["live"]["config"]
            fleet.set(name, wanted)
            before[name] = {parameter: config.get(parameter, "") for parameter in wanted}
            if wanted:
                fleet.greet(name)
    except MoveError as error:
        for name in reversed(before):
            fleet.set(name, before[name])
        error.message += " (what the step had changed is set back on every server)"
        raise
    # From here on what is sent goes over TLS where it can.
    for name in fleet.nodes:
        fleet.connect(name)
    fleet.look()


def reload(fleet, _again):
    """Have every server read certificate, key and CA anew; what does not belong together is refused and the old stays in force."""
    for name in fleet.order():
        fleet.set(name, engine.material(fleet.nodes[name]))
        fleet.greet(name)  # before the next one reads files that may be no better
        fleet.connect(name)


def relink(fleet, _again):
    """Break every link and see it come back: existing links prove nothing about a new handshake.

    Bus links cannot be broken by a command, but peers dial a node anew when it announces another port. That is done where no client
    would see it: where plaintext is closed.
    """
    stuck = sorted(name for name, node in fleet.nodes.items()
                   if node["live"]["config"]["tls-replication"] == "yes" and engine.replicates_in(node, fleet.nodes, "port"))
    if stuck:
        raise MoveError("replication is not broken on purpose, because it would not come back: over TLS, %s would dial the plaintext port "
                        "of its master" % ", ".join(stuck),
                        remedy="Run the playbook redis with redis_tls_mode: required, which moves replication, and then this again.")
    for name in fleet.order():
        # One after the other: a master that wants so many replicas for a write keeps the rest.
        for link_id in redis_live.replica_links(fleet.connections[name]):
            fleet.run(name, "CLIENT", "KILL", "ID", link_id)
            time.sleep(0.5)
            fleet.wait("replication did not come back", fleet.broken_links)
    if fleet.clustered and not any(engine.close(node) for node in fleet.nodes.values()):
        since = fleet.clocks()
        _redial(fleet, since)
        fleet.set_all(engine.close)
        fleet.wait("bus links were not made anew", lambda: fleet.broken_links() or fleet.old_bus_links(since))


def link(fleet, _again):
    """Move replication and bus to TLS."""
    _switch_links(fleet, True)


def unlink(fleet, _again):
    """Move replication and bus back to plaintext."""
    _switch_links(fleet, False)


def _switch_links(fleet, tls):
    plaintext = sorted(name for name, connection in fleet.connections.items() if not connection.tls)
    if tls and plaintext:
        places = ", ".join("%s (%s port %s)" % (name, fleet.nodes[name]["address"], fleet.nodes[name]["secure_port"]) for name in plaintext)
        raise MoveError("the TLS port of %s is not reached from here, and replication would not reach it either" % places,
                        remedy="Open the port between the servers, and run the playbook again.")
    if fleet.clustered:
        fleet.wait("the cluster was not whole", lambda: "" if _some_switched(fleet, tls) else fleet.broken_links())
        since = fleet.clocks()
        switched = fleet.set_all(lambda node: engine.links(node, tls))
        fleet.look()
        by_announcing = {engine.announces_both(node["live"]) for node in fleet.nodes.values()}
        since = fleet.clocks() if by_announcing == {True} else since
        announced = fleet.set_all(lambda node: engine.announce(node, tls))
        fleet.wait("the cluster did not become whole again", fleet.broken_links)
        # All links are new where all nodes made the change that peers take for a new address.
        changed = announced if by_announcing == {True} else switched
        if len(by_announcing) == 1 and len(changed) == len(fleet.nodes):
            fleet.wait("bus and replication were not made anew", lambda: fleet.old_bus_links(since) or fleet.other_replication(tls))
        return
    kind = "secure_port" if tls else "port"
    for name in fleet.order():
        node = fleet.nodes[name]
        fleet.set(name, engine.links(node, tls))
        place = engine.repoint(node, fleet.nodes, kind)
        if place:
            fleet.run(name, "REPLICAOF", *place)
        # One replica after the other: all others are whole while one reconnects.
        fleet.wait("replication did not come back", fleet.broken_links)


def _some_switched(fleet, tls):
    """Whether an interrupted switch is being finished: nodes of both kinds see each other as failed until it is."""
    return any(not engine.links(node, tls) for node in fleet.nodes.values())


def close(fleet, again):
    """End plaintext: no port, no client, no link of before. again: this was done before and may not have come to its end."""
    since = fleet.clocks()
    if again and fleet.clustered:
        _redial(fleet, since)
    changed = [name for name in fleet.nodes if engine.close(fleet.nodes[name])]
    fleet.set_all(engine.close)
    # A replica that still came to the plaintext port comes back over TLS; what only looks like one does not.
    for name in fleet.nodes:
        disconnect(fleet, name, fleet.nodes[name]["port"])
    fleet.wait("the deployment did not become whole again", lambda: fleet.broken_links() or fleet.other_replication(True))
    if fleet.clustered and (changed or again) and any(engine.announces_both(node["live"]) for node in fleet.nodes.values()):
        fleet.wait("bus links were not made anew", lambda: fleet.old_bus_links(since))


def _redial(fleet, since):
    """Announce the plaintext port although nobody listens there: peers dial a node anew when an announced port changes.

    They see it in the next ping that this node sends to them itself, and what others tell of a node puts its own pings off. So it is
    announced until every link is newer than since, {name: milliseconds of that server's clock}.
    """
    closed = [name for name, node in fleet.nodes.items() if not engine.close(node)]
    for name in closed:
        fleet.set(name, {"cluster-announce-port": str(fleet.nodes[name]["port"])})
    if len(closed) == len(fleet.nodes):
        fleet.wait("bus links were not made anew", lambda: fleet.old_bus_links(since))
    elif closed:
        time.sleep(fleet.gossip())
    fleet.look()


def disconnect(fleet, name, port):
    """End whoever came to a port, replicas as well: closing it leaves them connected."""
    for local in redis_live.came_to(fleet.connections[name], port):
        fleet.run(name, "CLIENT", "KILL", "LADDR", local)
    if redis_live.came_to(fleet.connections[name], port):
        raise MoveError("clients are still connected to port %d" % port, where=name, remedy="Run the playbook again.")


def reopen(fleet, _again):
    """Answer plaintext clients again."""
    fleet.set_all(engine.reopen)
    fleet.wait("the deployment did not become whole again", fleet.broken_links)


def unlisten(fleet, _again):
    """End TLS."""
    fleet.context = None
    for name in fleet.nodes:
        fleet.connect(name)
        fleet.set(name, engine.unlisten(fleet.nodes[name]))
        disconnect(fleet, name, fleet.nodes[name]["secure_port"])
    fleet.wait("the deployment did not become whole again", fleet.broken_links)


MOVES = {"listen": listen, "reload": reload, "link": link, "close": close, "reopen": reopen, "unlink": unlink, "unlisten": unlisten,
         "relink": relink}
PREDICTIONS = {
    "listen": engine.listen, "reload": engine.material, "link": lambda node: dict(engine.links(node, True), **engine.announce(node, True)),
    "close": engine.close, "reopen": engine.reopen, "unlink": lambda node: dict(engine.links(node, False), **engine.announce(node, False)),
    "unlisten": engine.unlisten, "relink": lambda _node: {},
}


def predict(move, fleet):
    """{server: {parameter: value}} that a move would change now; of a replica that is pointed elsewhere also "replicaof"."""
    found = {name: dict(PREDICTIONS[move](node)) for name, node in fleet.nodes.items()}
    kind = {"link": "secure_port", "unlink": "port"}.get(move)
    for name, node in fleet.nodes.items():
        place = engine.repoint(node, fleet.nodes, kind) if kind else None
        if place:
            found[name]["replicaof"] = "%s %d" % tuple(place)
    return {name: parameters for name, parameters in found.items() if parameters}


def perform(move, fleet, again):
    """Make the move; the outcome as plain data."""
    try:
        MOVES[move](fleet, again)
        fleet.settle()
        fleet.look()
    except RedisError as error:
        raise MoveError("the step %s was interrupted: %s" % (move, error),
                        remedy="Run the playbook again: it goes on from here.") from error
    roles, resyncs = fleet.roles()
    return {
        "commands": {name: did for name, did in fleet.did.items() if did},
        "window_ms": None if fleet.window is None else round(fleet.window * 1000, 1),
        "full_resyncs": resyncs - fleet.before[1],
        "changed_roles": sorted(name for name, role in roles.items() if role != fleet.before[0][name]),
        "links": {name: fleet.links_of(name) for name in fleet.nodes},
    }
