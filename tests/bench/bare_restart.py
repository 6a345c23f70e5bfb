# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The bare restart that ours is compared to: stop all nodes at once, start all at once, wait until each says that it is well.

It knows nothing of TLS, shards or Ansible, uses one process for all nodes and checks nothing: nobody can be much faster.
"""

from __future__ import annotations

import base64
import os
import pathlib
import pwd
import signal
import subprocess
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from measure import BenchError

LONGEST = 600  # seconds


@dataclass(frozen=True)
class Node:
    """A node of the lab. directory: its own; environment: what it is started with."""

    directory: pathlib.Path
    address: str
    home: pathlib.Path
    user: str
    environment: dict
    authorization: str

    @property
    def pid_file(self):
        """Where its process id stands while it runs."""
        return self.directory / "elasticsearch.pid"

    def stop(self):
        """Ask it to end and wait until it is gone."""
        try:
            pid = int(self.pid_file.read_text(encoding="ascii"))
            os.kill(pid, signal.SIGTERM)
        except (FileNotFoundError, ProcessLookupError):
            return
        wait_until(lambda: not os.path.exists("/proc/%d" % pid), 0.1, "%s does not end" % self.directory)

    def start(self):
        """Launch it, without waiting. Returns the launcher's process."""
        account = pwd.getpwnam(self.user)
        other = {} if account.pw_uid == os.geteuid() else {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        return subprocess.Popen(
            [self.home / "bin" / "elasticsearch", "-d", "-p", self.pid_file], cwd=self.home, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={"PATH": os.environ["PATH"], **self.environment}, **other)

    def is_well(self, nodes):
        """Whether it sees so many nodes and a green cluster."""
        url = "http://%s/_cluster/health?wait_for_nodes=%d&wait_for_status=green&timeout=1s" % (self.address, nodes)
        try:
            with urllib.request.urlopen(urllib.request.Request(url, headers={"Authorization": self.authorization}), timeout=5) as answer:
                return answer.status == 200
        except (urllib.error.URLError, OSError):
            return False


def lab_nodes(directory, network, home, user):
    """The three nodes of a lab of inventories/lab. A plaintext cluster passes over the password."""
    password = (directory / "secrets" / "elastic_password").read_text(encoding="ascii")
    authorization = "Basic " + base64.b64encode(("elastic:" + password).encode()).decode()
    return [
        Node(node, "%s.%d:9200" % (network, number), home, user,
             {"ES_JAVA_HOME": str(directory / "java"), "ES_TMPDIR": str(node / "tmp"), "ES_PATH_CONF": str(node / "config"),
              "LAB_RACK": "r%d" % number}, authorization)
        for number, node in ((number, directory / ("es%d" % number)) for number in (1, 2, 3))
    ]


def wait_until(reached, pause, otherwise):
    """Ask again and again, with pauses in seconds."""
    deadline = time.monotonic() + LONGEST
    while not reached():
        if time.monotonic() > deadline:
            raise BenchError("%s within %d seconds" % (otherwise, LONGEST))
        time.sleep(pause)


def at_once(function, nodes):
    """Call the function for every node in a thread of its own; the results."""
    with ThreadPoolExecutor(len(nodes)) as pool:
        return list(pool.map(function, nodes))


def stop(nodes):
    """Stop all and wait until all are gone."""
    at_once(Node.stop, nodes)


def start(nodes):
    """Start all and wait until all are well. Returns the moment."""
    launchers = [node.start() for node in nodes]
    try:
        # Half a second, as ours
        at_once(lambda node: wait_until(lambda: node.is_well(len(nodes)), 0.5, "%s is not green" % node.directory), nodes)
        return time.monotonic()
    finally:
        # Before a launcher is through there is no pid file to stop its node by.
        for launcher in launchers:
            launcher.wait(LONGEST)


def restart(nodes):
    """Seconds from the first signal until all are well again."""
    began = time.monotonic()
    stop(nodes)
    return start(nodes) - began
