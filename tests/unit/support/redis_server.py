# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A server that speaks the protocol of Redis and knows a few commands: enough to see what our side sends and how it reads answers.

What Redis really does is tested on real servers (tests/interop/test_redis_moves.py).
"""

from __future__ import annotations

import socketserver
import threading

from ansible_collections.interlock.cluster.tests.unit.support.redis_nodes import CONFIG


class ScriptedRedis:
    """parameters: what CONFIG GET tells and CONFIG SET changes; passwords: those it takes, none for everybody; seen: every command."""

    def __init__(self, parameters=None, passwords=(), role="master", answers=None):
        self.parameters = {**CONFIG, "masterauth": "", **(parameters or {})}
        self.passwords, self.role, self.answers, self.seen = set(passwords), role, answers or {}, []
        handler = type("Handler", (_Handler,), {"redis": self})
        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        self.parameters["port"] = str(self.port)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def answer(self, words, login):
        """The answer to a command, as bytes. login: {"in": bool} of the connection."""
        self.seen.append(words)
        name = words[0].upper()
        if " ".join(words) in self.answers:
            return self.answers[" ".join(words)]
        if name == "AUTH" and len(words) == 2 and not self.passwords:
            return b"-ERR AUTH <password> called without any password configured for the default user.\r\n"
        if name == "AUTH":
            login["in"] = not self.passwords or words[-1] in self.passwords
            return b"+OK\r\n" if login["in"] else b"-WRONGPASS invalid username-password pair or user is disabled.\r\n"
        if self.passwords and not login["in"]:
            return b"-NOAUTH Authentication required.\r\n"
        if name == "CONFIG" and words[1].upper() == "GET":
            return array([part for key in words[2:] if key in self.parameters for part in (key, self.parameters[key])])
        if name == "CONFIG":
            self.parameters.update(zip(words[2::2], words[3::2]))
            if "requirepass" in words[2::2]:
                self.passwords = {self.parameters["requirepass"]}
            return b"+OK\r\n"
        if name == "ACL":
            self.passwords.add(words[-1][1:])
            return b"+OK\r\n"
        if name == "INFO":
            return bulk({"server": "# Server\r\nredis_version:7.0.15\r\nredis_mode:standalone\r\nrun_id:x\r\n",
                         "replication": "role:%s\r\nconnected_slaves:0\r\n" % self.role, "stats": "sync_full:0\r\n"}[words[1]])
        if name == "CLIENT":
            mine = "id=1 addr=127.0.0.1:9 laddr=127.0.0.1:%d name= flags=N user=default\n" % self.port
            other = "id=2 addr=10.1.1.1:9 laddr=127.0.0.1:%d name=app flags=N user=default\n" % self.port
            return b":1\r\n" if words[1] == "ID" else bulk(mine + other)
        return b"+PONG\r\n" if name == "PING" else b"-ERR unknown command\r\n"


def bulk(text):
    data = text.encode("utf-8")
    return b"$%d\r\n%s\r\n" % (len(data), data)


def array(items):
    return b"*%d\r\n" % len(items) + b"".join(bulk(item) for item in items)


class _Handler(socketserver.StreamRequestHandler):
    redis: ScriptedRedis

    def handle(self):
        login = {"in": False}
        while True:
            head = self.rfile.readline()
            if not head:
                return
            words = []
            for _number in range(int(head[1:])):
                size = int(self.rfile.readline()[1:])
                words.append(self.rfile.read(size + 2)[:-2].decode("utf-8"))
            self.wfile.write(self.redis.answer(words, login))
