# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An OpenSearch lab as tests see it: its playbooks, its processes, its HTTP layer and its client, by none of the collection's own code."""

from __future__ import annotations

import base64
import json
import os
import pathlib
import shutil
import socket
import ssl
import subprocess
import sys
import urllib.error
import urllib.request

import testinfra
from cluster import Cluster, wait_until

PATIENCE = 30
# What a debug task may show: Ansible logs that as well, so a secret is none of it.
VARIABLES = ("lab_address", "lab_http_port", "lab_transport_port", "lab_directory", "lab_indices", "lab_service_user", "opensearch_tls_config_dir",
             "opensearch_tls_pid_file", "opensearch_tls_home", "opensearch_tls_environment")


class Node:
    """A node as the inventory describes it. Its secrets must not get into the report of a failed test."""

    def __init__(self, name, variables):
        self.name, self.address = name, variables["lab_address"]
        self.ports = {"transport": variables["lab_transport_port"], "http": variables["lab_http_port"]}
        self.directory = pathlib.Path(variables["lab_directory"])
        self.config = pathlib.Path(variables["opensearch_tls_config_dir"])
        self.home, self.environment = variables["opensearch_tls_home"], variables["opensearch_tls_environment"]
        self.pid_file = pathlib.Path(variables["opensearch_tls_pid_file"])
        self.indices, self.owner = variables["lab_indices"], variables["lab_service_user"]
        self.secrets = [(self.directory / "secrets" / name).read_text(encoding="utf-8").strip() for name in ("admin_password", "ca_passphrase")]

    def __repr__(self):
        return self.name

    @property
    def settings(self):
        return (self.config / "opensearch.yml").read_text(encoding="utf-8")

    @property
    def log(self):
        return (self.directory / self.name / "logs" / "orders.log").read_text(encoding="utf-8")

    @property
    def authority(self):
        """The CA of now, None before there is one: there may have been others."""
        found = sorted((self.directory / "ca").glob("generation-*/ca.crt"), key=lambda path: int(path.parent.name.partition("-")[2]))
        return found[-1] if found else None

    def client(self, layer, *options):
        """What openssl says of a handshake, with a question behind it: in TLS 1.3 the refusal comes after the handshake, however late.

        What is asked is no question of either layer, so the node hangs up; one that does not has refused nothing.
        """
        command = ["openssl", "s_client", "-ign_eof", "-connect", f"{self.address}:{self.ports[layer]}", "-CAfile", str(self.authority), *options]
        try:
            said = subprocess.run(command, input=b"x\n" * 3, capture_output=True, timeout=PATIENCE, check=False)
        except subprocess.TimeoutExpired as waited:
            said = waited
        return subprocess.CompletedProcess(command, None, *((text or b"").decode(errors="replace") for text in (said.stdout, said.stderr)))

    def answers_plaintext(self, layer, question):
        """Whether a port answers a question in plaintext; openssl's -connect is no plaintext client, a socket is nobody's code either."""
        with socket.create_connection((self.address, self.ports[layer]), timeout=PATIENCE) as plain:
            plain.sendall(question)
            try:
                return plain.recv(200).startswith((b"ES", b"HTTP"))
            except ConnectionResetError:
                return False

    def ask(self, path, credentials=None, method="GET", body=None):
        """The status and the answer of an API call, in whatever scheme the node speaks, https verified. credentials: user:password, or "".

        Neither when the node does not answer.
        """
        user = f"admin:{self.secrets[0]}" if credentials is None else credentials
        headers = {"Authorization": "Basic " + base64.b64encode(user.encode()).decode()} if user else {}
        content = None if body is None else json.dumps(body).encode()
        for scheme in ("https", "http") if self.authority else ("http",):
            request = urllib.request.Request(f"{scheme}://{self.address}:{self.ports['http']}/{path}", content, method=method,
                                             headers=dict(headers, **{"Content-Type": "application/json"}))
            try:
                with urllib.request.urlopen(request, timeout=PATIENCE, context=self.context() if scheme == "https" else None) as answer:
                    return answer.status, json.load(answer)
            except urllib.error.HTTPError as refusal:
                return refusal.code, None
            except OSError:
                continue
        return None, None

    def context(self):
        """Whom a client of the HTTP layer trusts."""
        return ssl.create_default_context(cafile=self.authority)

    def start(self):
        """As its operator would."""
        user = ["runuser", "-u", self.owner, "--"] if os.geteuid() == 0 else []
        subprocess.Popen([*user, self.home + "/bin/opensearch", "-d", "-p", str(self.pid_file)], stdin=subprocess.DEVNULL,
                         stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
                         env=dict(os.environ, OPENSEARCH_PATH_CONF=str(self.config), **self.environment))


class OpenSearch(Cluster):
    """The nodes and the playbooks of the collection; a run and its end are as with Elasticsearch."""

    def __init__(self, nodes, inventory):  # pylint: disable=super-init-not-called
        self.nodes, self.inventory, self.lab = nodes, inventory, nodes[0].directory

    def health(self):
        """(number of nodes, status) as the first node that answers tells."""
        for node in self.nodes:
            status, found = node.ask("_cluster/health?timeout=2s&cluster_manager_timeout=2s")
            if status == 200:
                return found["number_of_nodes"], found["status"]
        return 0, None

    def wait_for_green(self):
        """Until every node is there and every copy of every shard."""
        wait_until(lambda: self.health() == (len(self.nodes), "green"), "the cluster is not whole")

    def client(self, state):
        """Have the lab's client started or stopped; what it saw where it is stopped."""
        told = self.lab / "client"
        if state == "started" and (told / "result.json").exists():
            shutil.rmtree(told)
        playbook = pathlib.Path(__file__).resolve().parents[1] / "opensearch_lab" / "client.yml"
        subprocess.run([sys.executable, "-m", "ansible", "playbook", "-i", self.inventory, playbook, "-e", "client_state=" + state], check=True)
        return json.loads((told / "result.json").read_text(encoding="utf-8")) if state == "stopped" else None


def node_of(host):
    """The Node that a host of testinfra is."""
    wanted = "{{ dict(" + ", ".join("%s=%s" % (name, name) for name in VARIABLES) + ") | to_json }}"
    answer = host.ansible("ansible.builtin.debug", "msg='%s'" % wanted)["msg"]
    return Node(host.backend.host, json.loads(answer) if isinstance(answer, str) else answer)


def cluster_of(inventory, group="opensearch"):
    """The OpenSearch that an inventory describes."""
    return OpenSearch([node_of(host) for host in testinfra.get_hosts(["ansible://" + group], ansible_inventory=inventory)], inventory)
