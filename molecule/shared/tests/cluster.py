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
import ssl
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

import testinfra

PATIENCE = 60
UNVERIFIED = ssl._create_unverified_context()  # whom the HTTP layer belongs to is not what is tested
VARIABLES = ("lab_directory", "lab_secured_by", "lab_address", "lab_http_port", "lab_transport_port", "lab_indices", "elasticsearch_tls_pid_file",
             "elasticsearch_tls_config_dir", "elasticsearch_tls_home", "elasticsearch_tls_environment", "lab_service_user")


def wait_until(condition, what):
    """Two minutes, as a restart on a busy machine may take."""
    for _second in range(120):
        if condition():
            return
        time.sleep(1)
    raise AssertionError(what)


class Node:
    """A node as the inventory describes it."""

    def __init__(self, name, variables):
        self.name, self.variables = name, variables
        self.config = pathlib.Path(variables["elasticsearch_tls_config_dir"])
        scheme = "https" if variables["lab_secured_by"] == "itself" else "http"
        self.http = "%s://%s:%s" % (scheme, variables["lab_address"], variables["lab_http_port"])
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

    def restart(self):
        """As its operator would: the process ends in good order, and comes again."""
        variables = self.variables
        process = self.pid
        os.kill(process, signal.SIGTERM)
        wait_until(lambda: not os.path.exists("/proc/%d" % process), "the process did not end")
        user = ["runuser", "-u", variables["lab_service_user"], "--"] if os.geteuid() == 0 else []
        program = variables["elasticsearch_tls_home"] + "/bin/elasticsearch"
        environment = dict(os.environ, ES_PATH_CONF=variables["elasticsearch_tls_config_dir"], **variables["elasticsearch_tls_environment"])
        subprocess.Popen([*user, program, "-d", "-p", variables["elasticsearch_tls_pid_file"]], env=environment,
                         stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        wait_until(lambda: "BEGIN CERTIFICATE" in self.greeting().stdout, "the transport layer did not open")

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
        """Run a playbook of the collection to its end. Everything it printed is in stdout, where failures stand as well."""
        command = [sys.executable, "-m", "ansible", "playbook", "-i", self.inventory, "interlock.cluster." + name, *options]
        return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)

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
        with urllib.request.urlopen(request, timeout=PATIENCE, context=UNVERIFIED) as answer:
            return json.load(answer)

    def members(self, node):
        """How many nodes a node has in its cluster, 0 as long as it cannot tell."""
        try:
            return self.ask(node, "GET", "/_cluster/health?master_timeout=2s&timeout=2s")["number_of_nodes"]
        except OSError:
            return 0

    def wait_for_green(self):
        """Until every node is there and every copy of every shard."""
        path = "/_cluster/health?wait_for_nodes=%d&wait_for_status=green&timeout=%ds" % (len(self.nodes), PATIENCE - 5)
        wait_until(lambda: self.members(self.nodes[0]) == len(self.nodes), "the nodes are not together")
        assert not self.ask(self.nodes[0], "GET", path)["timed_out"]

    def ordinary_nodes(self):
        """The nodes that are not the elected master."""
        master = next(iter(self.ask(self.nodes[0], "GET", "/_nodes/_master?filter_path=nodes.*.name")["nodes"].values()))["name"]
        return [node for node in self.nodes if node.name != master]

    def generations(self):
        """(those in use, those in the archive) of the CA directory."""
        archive = self.authorities / "archive"
        return (sorted(path.name for path in self.authorities.glob("generation-*")),
                sorted(path.name.partition(".")[0] for path in archive.glob("generation-*")))


class Client(threading.Thread):
    """Writes and searches on each node in turn until it is told to end; counts, and keeps what failed."""

    def __init__(self, cluster, others=False):
        """others: ask another node when one is not there, as the clients of Elasticsearch do; for nodes that are restarted."""
        super().__init__(daemon=True)
        self.cluster, self.ending, self.others = cluster, threading.Event(), others
        self.written, self.failures, self.slowest = 0, [], 0.0

    def run(self):
        index = self.cluster.nodes[0].variables["lab_indices"][0]
        while not self.ending.is_set():
            began = time.monotonic()
            self._ask("PUT", "/during/_doc/%d" % self.written, b'{"n": 1}')
            found = self._ask("GET", "/%s/_search?size=1&allow_partial_search_results=false" % index["name"])
            if found and (found["_shards"]["failed"] or found["hits"]["total"]["value"] != index["documents"]):
                self.failures.append(str(found))
            self.slowest = max(self.slowest, time.monotonic() - began)
            self.written += 1
            time.sleep(0.05)

    def _ask(self, *request):
        """The answer of the node whose turn it is. None, and a failure, when there is none."""
        at = self.written % len(self.cluster.nodes)
        turn = [*self.cluster.nodes[at:], *self.cluster.nodes[:at]]
        for node in turn if self.others else turn[:1]:
            try:
                return self.cluster.ask(node, *request)
            except OSError as error:
                problem = "%s: %r" % (node.name, error)
                if isinstance(error, urllib.error.HTTPError) and not (self.others and error.code >= 500):
                    break  # an answer, and not a good one; of a node whose neighbour is just stopping another is asked
        self.failures.append(problem)
        return None

    def end(self):
        """Everything that failed, after the last request."""
        self.ending.set()
        self.join()
        return self.failures


def cluster_of(inventory, kind=Cluster):
    """The Cluster, or one of another kind, that an inventory describes."""
    nodes = []
    wanted = "{{ dict(" + ", ".join("%s=%s" % (name, name) for name in VARIABLES) + ") | to_json }}"
    for host in testinfra.get_hosts(["ansible://elasticsearch"], ansible_inventory=inventory):
        answer = host.ansible("ansible.builtin.debug", "msg='%s'" % wanted)["msg"]
        nodes.append(Node(host.backend.host, json.loads(answer) if isinstance(answer, str) else answer))
    return kind(nodes, inventory)
