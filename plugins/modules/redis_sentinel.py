#!/usr/bin/python
# -*- coding: utf-8 -*-

# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: redis_sentinel
short_description: Stop a Sentinel, or start it with other TLS settings
version_added: 0.1.0
description:
  - A Sentinel takes no TLS setting while it runs, and writes its own configuration file. So it is stopped, its file is changed, and it is
    started again. The file keeps everything else, C(sentinel myid) included.
  - Where a master is watched at another port than before, what the Sentinel remembers of replicas and of other Sentinels is removed from
    the file. It finds them again.
author: [The interlock.cluster contributors (@interlock)]
extends_documentation_fragment:
  - interlock.cluster.attributes
  - interlock.cluster.attributes.state_module
  - interlock.cluster.redis_login
options:
  state:
    description: V(stopped), or V(started) with O(target) in its file. One that runs with it already is let be, unless O(restart=true).
    type: str
    choices: [started, stopped]
    required: true
  config_file:
    description: The configuration file.
    type: path
    required: true
  target:
    description:
      - C(settings), directives and values, and C(places), a list of an address, a port and the port that a master which is watched there
        has to be watched at.
    type: dict
    default: {settings: {}, places: []}
  restart:
    description: Restart it even when its file says everything already.
    type: bool
    default: false
  quorum:
    description: Wait until the Sentinel reaches the others and a master that answers, for each master it watches.
    type: bool
    default: false
  others:
    description: How many other Sentinels watch each master. With O(quorum=true) it has to know so many.
    type: dict
    default: {}
  address:
    description: Where it listens.
    type: str
    required: true
  port:
    description: Its plaintext port.
    type: int
    default: 26379
  secure_port:
    description: Its TLS port.
    type: int
    default: 26380
  manager:
    description: Whether a systemd unit runs it, or a command that puts itself into the background.
    type: str
    choices: [systemd, command]
    default: systemd
  unit:
    description: The systemd unit.
    type: str
    default: redis-sentinel
  command:
    description: The command, when O(manager=command).
    type: list
    elements: str
    default: []
  user:
    description: The user to run the command as.
    type: str
"""

EXAMPLES = r"""
- name: Stop the Sentinel
  interlock.cluster.redis_sentinel:
    state: stopped
    config_file: /etc/redis/sentinel.conf
    address: 10.0.0.7
"""

RETURN = r"""
directives:
  description: The names of the directives that were changed.
  returned: always
  type: list
  elements: str
monitors:
  description: What the file says of each master once the Sentinel has stopped - C(name), C(host), C(port), C(user), C(replicas).
  returned: when O(state=stopped)
  type: list
  elements: dict
"""

import os
import pwd
import subprocess
import time

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.interlock.cluster.plugins.module_utils._ansible.boundary import run_module
from ansible_collections.interlock.cluster.plugins.module_utils._ansible.redis_node import (
    ConfFile,
    context_from,
    login_argument,
    login_from,
)
from ansible_collections.interlock.cluster.plugins.module_utils._engines import redis_sentinel as engine
from ansible_collections.interlock.cluster.plugins.module_utils._errors import InterlockError
from ansible_collections.interlock.cluster.plugins.module_utils._node import redis_live
from ansible_collections.interlock.cluster.plugins.module_utils._node.resp import RedisError, Refused
from ansible_collections.interlock.cluster.plugins.module_utils._node.service import Systemd


class SentinelError(InterlockError):
    """A Sentinel that does not stop, start or find the others."""


class Sentinel:
    """The Sentinel of this host."""

    def __init__(self, params):
        self.params = params
        self.where = params["config_file"]
        self.unit = Systemd(params["unit"]) if params["manager"] == "systemd" else None

    def connect(self):
        """A connection to it. Raises RedisError when it does not answer."""
        params = self.params
        return redis_live.connect(params["address"], (params["port"], params["secure_port"]), context_from(params["tls"]),
                                  **login_from(params))

    def runs(self):
        """Whether it runs."""
        if self.unit:
            return self.unit.pid() is not None
        try:
            self.connect().close()
            return True
        except Refused:
            raise
        except RedisError:
            return False

    def stop(self):
        """Stop it and wait until it is gone."""
        if self.unit:
            self.unit.stop(self.params["timeout"])
            return
        with self.connect() as connection:
            try:
                connection.command("SHUTDOWN")
            except Refused:
                raise
            except RedisError:
                pass  # it answers by closing the connection
        self._until(lambda: not self.runs(), "does not stop")

    def start(self):
        """Start it and wait until it answers."""
        if self.unit:
            self.unit.start()
        else:
            self._launch()
        self._until(self.runs, "does not start")

    def _launch(self):
        account = pwd.getpwnam(self.params["user"]) if self.params["user"] else None
        change = account is not None and account.pw_uid != os.geteuid()

        def become():
            os.initgroups(account.pw_name, account.pw_gid)
            os.setgid(account.pw_gid)
            os.setuid(account.pw_uid)

        try:
            answer = subprocess.run(  # pylint: disable=subprocess-popen-preexec-fn
                self.params["command"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                universal_newlines=True, check=False, preexec_fn=become if change else None, cwd="/", timeout=self.params["timeout"])
        except (OSError, subprocess.SubprocessError) as error:
            raise SentinelError("cannot be started: %s" % error, where=self.where,
                                remedy="Correct redis_tls_sentinel_command. It has to put itself into the background.") from error
        if answer.returncode:
            raise SentinelError("does not start: %s" % answer.stdout.strip()[-300:], where=self.where, remedy="Look at its log.")

    def wait_for_quorum(self):
        """Wait until each master has enough Sentinels and answers."""
        seen = {}

        def ready():
            try:
                with self.connect() as connection:
                    for monitor in engine.monitors_of(ConfFile(self.where).conf):
                        name = monitor["name"]
                        connection.command("SENTINEL", "CKQUORUM", name)
                        others = [dict(zip(other[::2], other[1::2])) for other in connection.command("SENTINEL", "SENTINELS", name)]
                        seen["problem"] = lonely(name, others, self.params["others"].get(name, 0))
                        if seen["problem"]:
                            return False
            except RedisError as error:
                seen["problem"] = str(error)
                return False
            return True

        self._until(ready, "does not find its master and the other Sentinels", lambda: seen.get("problem", ""))

    def _until(self, condition, problem, detail=lambda: ""):
        deadline = time.monotonic() + self.params["timeout"]
        while not condition():
            if time.monotonic() > deadline:
                raise SentinelError("%s within %d seconds %s" % (problem, self.params["timeout"], detail()), where=self.where,
                                    remedy="Look at its log, and run the playbook again.")
            time.sleep(0.1)


def lonely(master, others, expected):
    """What keeps a Sentinel from the others that watch a master, "" for nothing.

    CKQUORUM is no proof: one that was heard of and cannot be reached counts until down-after-milliseconds are over.
    """
    apart = sorted("%s:%s" % (other.get("ip"), other.get("port")) for other in others
                   if {"disconnected", "s_down"}.intersection(other.get("flags", "").split(",")))
    if apart:
        return "for %s it does not reach the Sentinels at %s" % (master, ", ".join(apart))
    return "for %s it knows %d of %d other Sentinels" % (master, len(others), expected) if len(others) < expected else ""


def run(params, check_mode):
    """Bring the Sentinel into the state."""
    sentinel = Sentinel(params)
    running = sentinel.runs()
    if params["state"] == "stopped":
        if running and not check_mode:
            sentinel.stop()
        return {"changed": running, "directives": [], "monitors": engine.monitors_of(ConfFile(params["config_file"]).conf)}
    file = ConfFile(params["config_file"])
    content, directives = merge(file, params["target"])
    due = content != file.content
    changed = due or not running or params["restart"]
    if check_mode:
        return {"changed": changed, "directives": directives}
    if running and (due or params["restart"]):
        sentinel.stop()
        running = False
    if due:
        # It may have written its file once more when it stopped.
        file = ConfFile(params["config_file"])
        content, directives = merge(file, params["target"])
        file.write(content)
    if not running:
        sentinel.start()
    if params["quorum"]:
        sentinel.wait_for_quorum()
    return {"changed": changed, "directives": directives}


def merge(file, target):
    """(content, the names of the directives that differ)."""
    drop, replace = engine.changes(target, file.conf.sentinel("monitor"))
    settings = engine.settings(target, file.effective())
    return file.merged(settings, drop=drop, replace=replace), sorted(settings)


def main():
    module = AnsibleModule(
        argument_spec=dict(
            login_argument(),
            state=dict(type="str", choices=["started", "stopped"], required=True),
            config_file=dict(type="path", required=True),
            target=dict(type="dict", default={"settings": {}, "places": []}),
            restart=dict(type="bool", default=False),
            quorum=dict(type="bool", default=False),
            others=dict(type="dict", default={}),
            address=dict(type="str", required=True),
            port=dict(type="int", default=26379),
            secure_port=dict(type="int", default=26380),
            manager=dict(type="str", choices=["systemd", "command"], default="systemd"),
            unit=dict(type="str", default="redis-sentinel"),
            command=dict(type="list", elements="str", default=[]),
            user=dict(type="str"),
        ),
        supports_check_mode=True,
    )
    run_module(module, lambda: run(module.params, module.check_mode))


if __name__ == "__main__":
    main()
