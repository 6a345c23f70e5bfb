# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a failover between the plan and the stop of the Sentinels leaves, on a real primary with replicas and Sentinels."""

from __future__ import annotations

import shutil

import pytest
from ansible_collections.interlock.cluster.plugins.module_utils._engines import redis_sentinel as engine
from ansible_collections.interlock.cluster.plugins.module_utils._node import redis_live
from ansible_collections.interlock.cluster.plugins.modules import redis_sentinel, redis_tls_move
from ansible_collections.interlock.cluster.tests.interop.redis_deployment import PASSWORD, PORT, SECURE, Deployment

SENTINEL, SECURE_SENTINEL = 27379, 27380
MASTER, OF_SENTINELS = "one", "without-spaces"
pytestmark = pytest.mark.skipif(not shutil.which("redis-server"), reason="there is no redis-server on this machine")


class Watched(Deployment):
    """A primary and two replicas, each with a Sentinel beside it."""

    def __init__(self, directory, network):
        super().__init__(directory, "redis-server", False, network)
        try:
            for name in self.names:
                self._watch(name)
            self.wait(lambda: all("OK 3 usable" in self.ask(name, "CKQUORUM", MASTER) for name in self.names))
        except BaseException:
            self.end()
            raise

    def _watch(self, name):
        with self.connect(name) as connection:
            connection.command("ACL", "SETUSER", "default", ">" + OF_SENTINELS)
        (self.directory / name / "sentinel.conf").write_text("\n".join([
            "bind %s" % self.address[name], "bind-source-addr %s" % self.address[name], "port %d" % SENTINEL, "daemonize yes",
            "dir %s" % (self.directory / name), "logfile %s" % (self.directory / name / "sentinel.log"),
            "sentinel monitor %s %s %d 2" % (MASTER, self.address["n1"], PORT), "sentinel auth-pass %s %s" % (MASTER, OF_SENTINELS),
            "sentinel down-after-milliseconds %s 3000" % MASTER, "sentinel failover-timeout %s 10000" % MASTER]) + "\n", encoding="utf-8")
        self.sentinel(name, "started")

    def ask(self, name, *words):
        """What a Sentinel says."""
        with redis_live.connect(self.address[name], (SENTINEL, SECURE_SENTINEL), self.context()) as connection:
            return connection.command("SENTINEL", *words)

    def sentinel(self, name, state, target=None):
        """What the module does to a Sentinel."""
        place = self.directory / name
        material = {"certificate": str(place / "crt"), "private_key": str(place / "key"), "ca_certificates": str(place / "ca"), "accept_expired": False}
        return redis_sentinel.run({
            "state": state, "target": target or {"settings": {}, "places": []}, "config_file": str(place / "sentinel.conf"), "restart": False, "quorum": False,
            "others": {}, "address": self.address[name], "port": SENTINEL, "secure_port": SECURE_SENTINEL, "manager": "command", "unit": "", "user": None,
            "command": [self.program, str(place / "sentinel.conf"), "--sentinel"], "username": None, "password": None, "fallback_password": None,
            "renamed_commands": {}, "tls": material, "timeout": 30}, False)

    def stopped(self):
        """Stop every Sentinel; what their files say then."""
        return {name: self.sentinel(name, "stopped")["monitors"] for name in self.names}

    def link(self, monitors):
        """The step link as the role makes it."""
        place = self.directory / "n1"
        material = {"certificate": str(place / "crt"), "private_key": str(place / "key"), "ca_certificates": str(place / "ca"), "accept_expired": False}
        return redis_tls_move.run({
            "move": "link", "again": False, "nodes": self.described(), "stopped_sentinels": self.names, "sentinels": monitors, "username": None,
            "password": PASSWORD, "fallback_password": None, "renamed_commands": {}, "tls": material, "timeout": 30}, False)

    def roles(self):
        return {name: node["live"]["role"] for name, node in self.fleet().nodes.items()}

    def end(self):
        for name in self.names:
            if (self.directory / name / "sentinel.conf").exists():
                self.sentinel(name, "stopped")
        super().end()


@pytest.fixture
def watched(tmp_path):
    made = Watched(tmp_path, "127.0.35")
    yield made
    made.end()


def test_a_failover_between_plan_and_stop(watched):
    for move in watched.plan("preferred")["moves"][:1]:
        assert move["name"] == "listen"
    fleet = watched.fleet()
    for name in watched.names:
        fleet.set(name, dict(watched.described()[name]["parameters"], **{"tls-port": str(SECURE)}))
    fleet.close()

    # A replica is promoted, as a failover does it first, and the Sentinels are stopped before they say so.
    monitors = watched.stopped()
    with watched.connect("n2") as connection:
        connection.command("REPLICAOF", "NO", "ONE")
    refused = watched.link(monitors)
    assert refused["changed"] is False and "knows n2 as a replica of n1, and it is a master" in refused["failover"][0]
    assert {node["live"]["config"]["tls-replication"] for node in watched.fleet().nodes.values()} == {"no"}
    for name in watched.names:
        watched.sentinel(name, "started")  # as they were: they put it right
    watched.wait(lambda: watched.roles() == {"n1": "master", "n2": "slave", "n3": "slave"})
    watched.until_whole()

    # A failover that is over by then is no obstacle, and the Sentinels watch the master that it made.
    target = engine.wanted({"sentinel": {"port": SENTINEL, "secure_port": SECURE_SENTINEL}, "parameters": watched.described()["n1"]["parameters"]},
                           "preferred", watched.fleet().nodes)
    watched.ask("n1", "FAILOVER", MASTER)
    watched.wait(lambda: sorted(watched.roles().values()) == ["master", "slave", "slave"] and watched.roles()["n1"] == "slave")
    watched.until_whole()
    master = next(name for name, role in watched.roles().items() if role == "master")
    watched.wait(lambda: all(watched.ask(name, "GET-MASTER-ADDR-BY-NAME", MASTER)[0] == watched.address[master] for name in watched.names))
    assert watched.link(watched.stopped())["failover"] == []
    for name in watched.names:
        own = {"tls-cert-file": "crt", "tls-key-file": "key", "tls-ca-cert-file": "ca"}
        settings = dict(target["settings"], **{parameter: str(watched.directory / name / file) for parameter, file in own.items()})
        watched.sentinel(name, "started", dict(target, settings=settings))
    watched.wait(lambda: all("OK 3 usable" in watched.ask(name, "CKQUORUM", MASTER) for name in watched.names))
    assert {tuple(watched.ask(name, "GET-MASTER-ADDR-BY-NAME", MASTER)) for name in watched.names} == {(watched.address[master], str(SECURE))}
    assert watched.roles()[master] == "master"
    watched.until_whole()
