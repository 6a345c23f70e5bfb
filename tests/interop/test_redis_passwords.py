# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""redis_password on a real server with an ACL file, and without one."""

from __future__ import annotations

import shutil
import subprocess
import time

import pytest
from ansible_collections.interlock.cluster.plugins.module_utils._node import redis_live, resp
from ansible_collections.interlock.cluster.plugins.modules import redis_password

ADDRESS, PORT = "127.0.33.90", 7391
pytestmark = pytest.mark.skipif(not shutil.which("redis-server"), reason="there is no redis-server on this machine")


class Server:
    """A server with two users, whose processes end with it."""

    def __init__(self, directory, lines):
        self.directory, self.process = directory, None
        (directory / "redis.conf").write_text(
            "\n".join(["bind %s" % ADDRESS, "port %d" % PORT, "dir %s" % directory, 'save ""'] + lines) + "\n", encoding="utf-8")
        self.start()

    def start(self):
        self.end()
        with (self.directory / "log").open("ab") as log:
            self.process = subprocess.Popen(["redis-server", str(self.directory / "redis.conf")], stdout=log)
        until = time.monotonic() + 60
        while not self.takes("app", "old") and not self.takes("app", "new"):
            assert time.monotonic() < until, (self.directory / "log").read_text(encoding="utf-8")
            time.sleep(0.1)

    def takes(self, user, password):
        try:
            with redis_live.connect(ADDRESS, (PORT, 0), username=user, password=password) as connection:
                return connection.command("PING") == "PONG"
        except resp.RedisError:
            return False

    def end(self):
        if self.process:
            self.process.kill()
            self.process.wait()

    def rotate(self, update):
        """What redis_password does for the user app."""
        tls = {"certificate": None, "private_key": None, "ca_certificates": None}
        return redis_password.run({
            "nodes": {"r1": {"address": ADDRESS, "port": PORT, "secure_port": 0}}, "sentinels": {}, "sentinel_password": None, "tls": tls,
            "username": "app", "password": "new", "fallback_password": "old", "renamed_commands": {}, "timeout": 20, "old_password": "old",
            "new_password": "new", "update": update}, False)


@pytest.fixture
def start(tmp_path):
    made = []

    def make(*lines):
        made.append(Server(tmp_path, list(lines)))
        return made[0]

    yield make
    for server in made:
        server.end()


def test_a_user_of_an_acl_file(start, tmp_path):
    (tmp_path / "users.acl").write_text("user default on >other ~* &* +@all\nuser app on >old ~* &* +@all\n", encoding="utf-8")
    server = start("aclfile %s" % (tmp_path / "users.acl"), "masteruser app", "masterauth old")
    assert redis_password.ADDED in server.rotate("rotate")["steps"]["r1"]
    assert server.takes("app", "old") and server.takes("app", "new")
    assert server.rotate("rotate")["changed"] is False
    server.start()
    assert server.takes("app", "old") and server.takes("app", "new")
    server.rotate("set")
    assert not server.takes("app", "old") and server.takes("app", "new") and server.takes("default", "other")
    server.start()
    assert not server.takes("app", "old") and server.takes("app", "new") and server.takes("default", "other")


def test_a_user_that_stands_in_the_configuration_is_refused(start):
    server = start("user app on >old ~* &* +@all")
    with pytest.raises(redis_password.PasswordError, match="has no ACL file"):
        server.rotate("rotate")
    assert server.takes("app", "old") and not server.takes("app", "new")
