# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A deployment of the Redis lab that can be put back to what it was in a second, with a writer and somebody who watches the masters.

None of this uses the collection's own code: servers are asked with redis-py.
"""

from __future__ import annotations

import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import threading
import time

import redis

ROOT = pathlib.Path(__file__).resolve().parents[2]
LAB = ROOT / "molecule" / "shared" / "redis_lab"
SERVER = os.environ.get("INTERLOCK_REDIS_SERVER") or "/usr/bin/redis-server"
PORT, SECURE, SENTINEL, SECURE_SENTINEL = 6379, 6380, 26379, 26380
SLOTS = 16384
PATIENCE = 60


class LabError(Exception):
    """A lab that does not come up, or a client that does not end."""


class Deployment:
    """One deployment: "redis" (a primary, two replicas, three Sentinels) or "redis_cluster" (three masters with a replica each)."""

    def __init__(self, group, network, work, run):
        self.group, self.network, self.run = group, network, run
        self.clustered = group == "redis_cluster"
        self.directory = work / ("cluster" if self.clustered else "replicas")
        self.kept = work / ("kept-" + self.directory.name)
        self.names = ["%s%d" % ("c" if self.clustered else "r", number) for number in range(1, 7 if self.clustered else 4)]

    def address(self, name):
        return "%s.%s" % (self.network, name[1:])

    def create(self):
        """Bring it up in plaintext."""
        self.run(LAB / "create.yml")

    def destroy(self):
        self.run(LAB / "destroy.yml")
        shutil.rmtree(self.kept, ignore_errors=True)

    def keep(self):
        """Remember the files of now for restore()."""
        shutil.rmtree(self.kept, ignore_errors=True)
        shutil.copytree(self.directory, self.kept, ignore=shutil.ignore_patterns("*.pid", "client", "*.log"))

    def restore(self):
        """Kill every process, put the files back, and start from them."""
        for path in self.directory.glob("*/*.pid"):
            try:
                os.kill(int(path.read_text(encoding="ascii")), signal.SIGKILL)
            except (ProcessLookupError, ValueError):
                pass
        until(lambda: not any(self.answers(name) for name in self.names), "goes away")
        shutil.rmtree(self.directory)
        shutil.copytree(self.kept, self.directory)
        for name in self.names:
            subprocess.run([SERVER, str(self.directory / name / "redis.conf")], check=True, stdout=subprocess.DEVNULL)
        until(self.whole, "becomes whole")
        if not self.clustered:
            for name in self.names:
                subprocess.run([SERVER, str(self.directory / name / "sentinel.conf"), "--sentinel"], check=True, stdout=subprocess.DEVNULL)
            until(self.has_quorum, "has a quorum of Sentinels")

    # how it is

    def options(self, tls):
        """How redis-py connects."""
        found = {"password": (self.directory / "secrets" / "password").read_text(encoding="utf-8").strip(), "socket_timeout": 5,
                 "socket_connect_timeout": 5, "decode_responses": True, "retry": None}
        place = self.directory / self.names[0] / "tls"
        if tls:
            found.update(ssl=True, ssl_certfile=str(place / "redis.crt"), ssl_keyfile=str(place / "redis.key"), ssl_ca_certs=str(place / "ca.crt"),
                         ssl_check_hostname=False)
        return found

    def ask(self, name, question, ports=(PORT, SECURE)):
        """question(client), over whatever the server speaks now. Raises RedisError when it speaks neither."""
        plain, secure = ports
        try:
            with redis.Redis(self.address(name), plain, **self.options(False)) as client:
                return question(client)
        except redis.exceptions.AuthenticationError:
            raise
        except redis.RedisError:
            with redis.Redis(self.address(name), secure, **self.options(True)) as client:
                return question(client)

    def answers(self, name):
        try:
            return self.ask(name, lambda client: client.ping())
        except (redis.RedisError, OSError):
            return False

    def whole(self):
        """Whether every replica has its link, and a cluster is well in the eyes of all its nodes."""
        try:
            for name in self.names:
                replication = self.ask(name, lambda client: client.info("replication"))
                if replication["role"] == "slave" and replication["master_link_status"] != "up":
                    return False
                if self.clustered and masters_of(self.ask(name, lambda client: client.execute_command("CLUSTER NODES"))) != (SLOTS, 0):
                    return False
            return not self.without_master()
        except (redis.RedisError, OSError):
            return False

    def has_quorum(self):
        try:
            return all(self.ask(name, lambda client: client.execute_command("SENTINEL CKQUORUM orders"), (SENTINEL, SECURE_SENTINEL))
                       for name in self.names)
        except (redis.RedisError, OSError):
            return False

    def without_master(self):
        """What lacks a master, as a phrase; "" when nothing does. Who does not answer says nothing: the writer notices that."""
        states, masters = [], 0
        for name in self.names:
            try:
                if self.clustered:
                    states.append((name, self.ask(name, lambda client: client.execute_command("CLUSTER INFO"))))
                else:
                    masters += self.ask(name, lambda client: client.info("replication"))["role"] == "master"
            except (redis.RedisError, OSError):
                masters += 0
        if self.clustered:
            bad = [name for name, state in states if state["cluster_state"] != "ok" or int(state["cluster_slots_ok"]) != SLOTS]
            return "%s see slots without a master" % ", ".join(bad) if bad else ""
        return "" if masters == 1 else "%d masters" % masters

    def plaintext(self):
        """How many nodes answer plaintext."""
        def speaks(name):
            try:
                with redis.Redis(self.address(name), PORT, **self.options(False)) as client:
                    return client.ping()
            except (redis.RedisError, OSError):
                return False
        return sum(map(bool, map(speaks, self.names)))


def masters_of(nodes):
    """(slots that a connected master has, nodes that are not connected or failing) of an answer to CLUSTER NODES."""
    slots = bad = 0
    for node in nodes.values():
        bad += "fail" in node["flags"] or not (node["connected"] or "myself" in node["flags"])
        slots += sum(int(span[-1]) - int(span[0]) + 1 for span in node["slots"])
    return slots, bad


def until(condition, what):
    """Wait for a condition."""
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            raise LabError("the lab does not come to this within %d seconds: it %s" % (PATIENCE, what))
        time.sleep(0.2)


class Client:
    """The lab's writer as a process of its own."""

    def __init__(self, deployment, tls):
        self.place = deployment.directory / "client"
        self.place.mkdir()
        node = deployment.directory / deployment.names[0] / "tls"
        (self.place / "target.json").write_text(json.dumps({
            "address": deployment.address(deployment.names[0]), "port": SECURE if tls else PORT, "cluster": deployment.clustered,
            "password_file": str(deployment.directory / "secrets" / "password"), "certificate": str(node / "redis.crt") if tls else "",
            "private_key": str(node / "redis.key"), "ca_certificates": str(node / "ca.crt")}), encoding="utf-8")
        self.process = subprocess.Popen([sys.executable, str(LAB / "writer.py"), str(self.place)], stdout=subprocess.DEVNULL)
        until((self.place / "running").exists, "takes writes")

    def stop(self):
        """What it saw: acknowledged, errors, first_errors, lost, longest_gap."""
        (self.place / "stop").touch()
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise LabError("the writer does not end") from None
        return json.loads((self.place / "result.json").read_text(encoding="utf-8"))


class Watcher(threading.Thread):
    """Asks all the time whether everything has a master."""

    def __init__(self, deployment):
        super().__init__(daemon=True)
        self.deployment, self.ended, self.looks, self.seen = deployment, threading.Event(), 0, []

    def run(self):
        while not self.ended.is_set():
            found = self.deployment.without_master()
            self.looks += 1
            if found and found not in self.seen:
                self.seen.append(found)
            self.ended.wait(0.2)

    def stop(self):
        """(how often it looked, what it saw without a master)."""
        self.ended.set()
        self.join()
        return self.looks, self.seen
