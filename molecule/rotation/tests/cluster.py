# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The cluster of the lab: its playbooks, what its ports show to openssl, and a client that never stops."""

from __future__ import annotations

import base64
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.request

PATIENCE = 60
VARIABLES = ("lab_directory", "lab_address", "lab_http_port", "lab_transport_port", "lab_indices", "elasticsearch_tls_pid_file",
             "elasticsearch_tls_config_dir", "elasticsearch_tls_home", "elasticsearch_tls_environment", "lab_service_user")


class Node:
    """A node as the inventory describes it."""

    def __init__(self, name, variables):
        self.name, self.variables = name, variables
        self.config = pathlib.Path(variables["elasticsearch_tls_config_dir"])
        self.http = "http://%s:%s" % (variables["lab_address"], variables["lab_http_port"])
        self.transport = "%s:%s" % (variables["lab_address"], variables["lab_transport_port"])

    @property
    def pid(self):
        return int(pathlib.Path(self.variables["elasticsearch_tls_pid_file"]).read_text(encoding="ascii"))

    def greeting(self, *options):
        """What openssl says of a handshake."""
        command = ["openssl", "s_client", "-connect", self.transport, *options]
        return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE, check=False)

    def serial(self):
        """The serial of the certificate that the process serves."""
        shown = subprocess.run(["openssl", "x509", "-noout", "-serial"], input=self.greeting().stdout, capture_output=True, text=True, check=True)
        return shown.stdout.strip()

    def asks_for(self):
        """The names of the CAs whose clients the process takes."""
        found = re.search(r"Acceptable client certificate CA names\n(.*?)\n(?:Requested|Peer|Client)", self.greeting().stdout, re.S)
        return sorted(found.group(1).splitlines())


class Cluster:
    """The nodes and the playbooks of the collection."""

    def __init__(self, nodes, inventory):
        self.nodes, self.inventory = nodes, inventory
        self.lab = pathlib.Path(nodes[0].variables["lab_directory"])
        self.password = (self.lab / "secrets/elastic_password").read_text(encoding="utf-8").strip()
        self.authorities = self.lab / "ca"

    def play(self, name, *options):
        """Run a playbook of the collection to its end."""
        command = [sys.executable, "-m", "ansible", "playbook", "-i", self.inventory, "interlock.cluster." + name, *options]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    def play_and_kill(self, name, step, task, *options):
        """Kill a playbook, as a control node that dies, when in a step it comes to a task. Returns what it printed."""
        command = [sys.executable, "-m", "ansible", "playbook", "-i", self.inventory, "interlock.cluster." + name, *options]
        printed, there = [], False
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True) as run:
            for line in run.stdout:
                printed.append(line)
                there = there or step in line
                if there and line.startswith("TASK") and task in line:
                    time.sleep(1)  # so that it dies in the middle of it
                    os.killpg(run.pid, signal.SIGKILL)
                    return "".join(printed)
        raise AssertionError("the run never came to %s, %s:\n%s" % (step, task, "".join(printed)))

    def ask(self, node, method, path, body=None):
        """The answer of an API call."""
        credentials = base64.b64encode(("elastic:" + self.password).encode()).decode()
        request = urllib.request.Request(node.http + path, body, {"Authorization": "Basic " + credentials, "Content-Type": "application/json"},
                                         method=method)
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return json.load(answer)

    def generations(self):
        """(those in use, those in the archive) of the CA directory."""
        archive = self.authorities / "archive"
        return (sorted(path.name for path in self.authorities.glob("generation-*")),
                sorted(path.name.partition(".")[0] for path in archive.glob("generation-*")))


class Client(threading.Thread):
    """Writes and searches on each node in turn until it is told to end; counts, and keeps what failed."""

    def __init__(self, cluster):
        super().__init__(daemon=True)
        self.cluster, self.ending = cluster, threading.Event()
        self.written, self.failures = 0, []

    def run(self):
        index = self.cluster.nodes[0].variables["lab_indices"][0]
        while not self.ending.is_set():
            node = self.cluster.nodes[self.written % len(self.cluster.nodes)]
            try:
                self.cluster.ask(node, "PUT", "/during/_doc/%d" % self.written, b'{"n": 1}')
                found = self.cluster.ask(node, "GET", "/%s/_search?size=1" % index["name"])
                if found["_shards"]["failed"] or found["hits"]["total"]["value"] != index["documents"]:
                    self.failures.append("%s: %s" % (node.name, found))
            except OSError as error:
                self.failures.append("%s: %r" % (node.name, error))
            self.written += 1
            time.sleep(0.05)

    def end(self):
        """Everything that failed, after the last request."""
        self.ending.set()
        self.join()
        return self.failures
