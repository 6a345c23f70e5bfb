# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Real servers on loopback addresses of their own, what the role does to them without Ansible, and somebody who writes meanwhile."""

from __future__ import annotations

import datetime
import itertools
import signal
import subprocess
import threading
import time

from ansible_collections.interlock.cluster.plugins.module_utils._ansible import redis_moves, redis_node
from ansible_collections.interlock.cluster.plugins.module_utils._engines import redis as engine
from ansible_collections.interlock.cluster.plugins.module_utils._engines import redis_plan
from ansible_collections.interlock.cluster.plugins.module_utils._node import redis_live, resp
from ansible_collections.interlock.cluster.plugins.module_utils._pki import authority, node_certificate
from ansible_collections.interlock.cluster.plugins.module_utils._stores import pem

PASSWORD = "not a secret of anyone"
LOGIN = {"username": None, "password": PASSWORD, "renamed": {}}
PORT, SECURE = 7379, 7380
NOW = datetime.datetime.now(datetime.timezone.utc)
SERIALS = itertools.count(1000)


class Interrupted(BaseException):
    """Stands for the death of the driving process: nothing catches it."""


class Deployment:
    """Servers on loopback addresses of their own: 1 + 2, or a cluster of 3 + 3."""

    def __init__(self, directory, program, clustered, network):
        self.directory, self.program, self.clustered = directory, program, clustered
        self.names = ["n%d" % number for number in range(1, 7 if clustered else 4)]
        self.address = {name: "%s.%d" % (network, number) for number, name in enumerate(self.names, 101)}
        self.processes, self.more_parameters = [], lambda _name: {}
        self.ca = authority.create("CN=redis", "ec-p256", 30, 1, NOW - datetime.timedelta(days=9), next(SERIALS))
        try:
            for name in self.names:
                self._start(name)
            self.wait(lambda: all(self._answers(name) for name in self.names))
            if clustered:
                self._join()
            self.until_whole()
        except BaseException:
            self.end()
            raise

    def _start(self, name):
        place = self.directory / name
        place.mkdir()
        self.write_certificate(name)
        lines = ["bind %s" % self.address[name], "bind-source-addr %s" % self.address[name], "port %d" % PORT, "dir %s" % place, 'save ""',
                 "requirepass %s" % resp_quote(PASSWORD), "masterauth %s" % resp_quote(PASSWORD), "enable-debug-command local"]
        if self.clustered:
            lines += ["cluster-enabled yes", "cluster-node-timeout 5000"]
        elif name != "n1":
            lines.append("replicaof %s %d" % (self.address["n1"], PORT))
        (place / "redis.conf").write_text("\n".join(lines) + "\n", encoding="utf-8")
        self.processes.append(subprocess.Popen([self.program, str(place / "redis.conf")], stdout=(place / "log").open("wb")))

    def write_certificate(self, name, profile="node", prefix=""):
        place = self.directory / name
        request = node_certificate.Request(name, (), (self.address[name],), "ec-p256", 5, profile)
        issued = node_certificate.issue(self.ca, request, NOW, next(SERIALS))
        (place / (prefix + "crt")).write_bytes(pem.dump_certificates((issued.certificate,)))
        (place / (prefix + "key")).write_bytes(pem.dump_key(issued.key))
        (place / "ca").write_bytes(pem.dump_certificates([self.ca.certificate]))

    def _answers(self, name):
        try:
            with self.connect(name):
                return True
        except resp.RedisError:
            return False

    def _join(self):
        for index, name in enumerate(self.names):
            with self.connect(name) as connection:
                for other in self.names:
                    connection.command("CLUSTER", "MEET", self.address[other], PORT)
                if index < 3:
                    connection.command("CLUSTER", "ADDSLOTSRANGE", *((0, 5461), (5462, 10922), (10923, 16383))[index])
        self.wait(lambda: all(len(redis_live.observe(connection)["cluster"]["nodes"]) == 6 for connection in self.connections()))
        ids = {}
        for name in self.names:
            with self.connect(name) as connection:
                ids[name] = connection.command("CLUSTER", "MYID")
        for replica, master in zip(self.names[3:], self.names):
            with self.connect(replica) as connection:
                self.wait(lambda: connection.command("CLUSTER", "REPLICATE", ids[master]) == "OK")
        self.wait(lambda: all(redis_live.observe(connection)["cluster"]["state"] == "ok" for connection in self.connections()))

    def connections(self):
        for name in self.names:
            with self.connect(name) as connection:
                yield connection

    def connect(self, name):
        return redis_live.connect(self.address[name], (PORT, SECURE), self.context(), timeout=5, **LOGIN)

    def context(self, name="n1"):
        place = self.directory / name
        return resp.client_context(str(place / "crt"), str(place / "key"), str(place / "ca"))

    def wait(self, condition):
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                if condition():
                    return
            except resp.RedisError:
                pass
            time.sleep(0.1)
        raise AssertionError("waited in vain")

    def until_whole(self):
        self.wait(lambda: not self.fleet().broken_links() and all(
            node["live"]["replicas"] or node["live"]["master"] for node in self.fleet().nodes.values()))

    def described(self):
        return {name: {"address": self.address[name], "names": [self.address[name]], "port": PORT, "secure_port": SECURE, "parameters": {
            "tls-cert-file": str(self.directory / name / "crt"), "tls-key-file": str(self.directory / name / "key"),
            "tls-ca-cert-file": str(self.directory / name / "ca"), "tls-auth-clients": "yes", **self.more_parameters(name)}} for name in self.names}

    def fleet(self):
        return redis_moves.Fleet(self.described(), self.context(), LOGIN, 20)

    def plan(self, mode):
        """The plan from what processes and files say now."""
        nodes = self.fleet().nodes
        for name, node in nodes.items():
            file = redis_node.ConfFile(str(self.directory / name / "redis.conf"))
            node.update(name=name, clock=time.time(), sentinel=None,
                        certificate={"verdict": "keep", "reasons": [], "warnings": [], "facts": None, "foreign": []},
                        server={"live": node["live"], "unreachable": None, "problem": None, "serves": None,
                                "drift": sorted(engine.to_persist(node["live"], file.effective()))})
        return redis_plan.plan(nodes, redis_plan.Options(mode))

    def run(self, mode, stop_after=None):
        """What the role does for a mode. stop_after: die when that many commands were sent and files written. How many there were."""
        count = itertools.count(1)

        def step():
            if stop_after is not None and next(count) > stop_after:
                raise Interrupted

        plan = self.plan(mode)
        assert plan["problems"] == []
        outcomes = []
        for move in plan["moves"]:
            fleet = self.fleet()
            for connection in fleet.connections.values():
                intercept(connection, step)
            reconnect = fleet.connect
            fleet.connect = lambda name, fleet=fleet, reconnect=reconnect: (reconnect(name), intercept(fleet.connections[name], step))
            before, told = settings_of(fleet), redis_moves.predict(move["name"], fleet)
            outcome = redis_moves.perform(move["name"], fleet, move["again"])
            outcomes.append(dict(outcome, told=differing(before, told), happened=differing(before, settings_of(fleet))))
            fleet.close()
            self.persist(step)
        self.persist(step)
        return outcomes

    def persist(self, step=lambda: None):
        for name in self.names:
            with self.connect(name) as connection:
                live = redis_live.observe(connection)
            file = redis_node.ConfFile(str(self.directory / name / "redis.conf"))
            settings = engine.to_persist(live, file.effective())
            if settings:
                step()
                file.write(file.merged(settings))

    def restart(self, name):
        """Kill a server and start it from its file."""
        process = self.processes[self.names.index(name)]
        process.send_signal(signal.SIGKILL)
        process.wait()
        self.processes[self.names.index(name)] = subprocess.Popen([self.program, str(self.directory / name / "redis.conf")],
                                                                  stdout=subprocess.DEVNULL)
        self.until_whole()

    def end(self):
        for process in self.processes:
            process.kill()
            process.wait()


def settings_of(fleet):
    """{server: {parameter: value}}, with the place of its master where a replica is told one."""
    return {name: dict(node["live"]["config"], **({"replicaof": "%(host)s %(port)d" % node["live"]["master"]} if node["live"]["master"] else {}))
            if not fleet.clustered else node["live"]["config"] for name, node in fleet.nodes.items()}


def differing(before, after):
    """Those of the settings that are not as before."""
    found = {name: {key: value for key, value in settings.items() if before[name].get(key) != value} for name, settings in after.items()}
    return {name: settings for name, settings in found.items() if settings}


def resp_quote(text):
    return '"%s"' % text


def intercept(connection, step):
    """Have each command that changes something go through step() first."""
    send = connection.send

    def counted(*words):
        if words[0] == "REPLICAOF" or words[:2] in (("CONFIG", "SET"), ("CLIENT", "KILL")):
            step()
        send(*words)

    connection.send = counted


class Writer(threading.Thread):
    """Writes numbered keys until told to stop, following no redirection: each name has a key of its own node's slots."""

    def __init__(self, deployment):
        super().__init__(daemon=True)
        self.deployment, self.ended = deployment, threading.Event()
        self.masters = deployment.names[:3] if deployment.clustered else deployment.names[:1]
        self.acknowledged, self.errors, self.secure = {name: [] for name in self.masters}, [], False
        self.moved = threading.Event()
        self.tags = {"n1": "{b}", "n2": "{c}", "n3": "{a}"} if deployment.clustered else {"n1": ""}

    def run(self):
        connections, number, secure = {}, 0, None
        while not self.ended.is_set():
            if secure is not self.secure:
                secure = self.secure
                ports = (0, SECURE) if secure else (PORT, 0)
                connections = {name: redis_live.connect(self.deployment.address[name], ports, self.deployment.context(), **LOGIN)
                               for name in self.masters}
                self.moved.set()
            for name, connection in connections.items():
                number += 1
                try:
                    connection.command("SET", "%s%d" % (self.tags[name], number), number)
                    self.acknowledged[name].append(number)
                except resp.RedisError as error:
                    self.errors.append(str(error))
            time.sleep(0.002)

    def move(self, secure):
        """Have it write to the other port, and wait until it does."""
        self.moved.clear()
        self.secure = secure
        assert self.moved.wait(30)

    def verdict(self):
        """(acknowledged, errors, lost)."""
        self.ended.set()
        self.join()
        lost = 0
        for name in self.masters:
            with self.deployment.connect(name) as connection:
                lost += sum(connection.command("GET", "%s%d" % (self.tags[name], number)) != str(number) for number in self.acknowledged[name])
        return sum(map(len, self.acknowledged.values())), self.errors, lost
