# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A server of the Redis lab as tests see it: its files, its port and what redis-cli says, by none of the collection's own code."""

from __future__ import annotations

import json
import pathlib
import socket
import ssl

from cryptography import x509

# What a debug task may show: Ansible logs that as well, so a password is none of it.
VARIABLES = ("lab_address", "lab_port", "lab_secure_port", "lab_deployment", "lab_deployment_directory", "lab_node_directory", "lab_client_program",
             "lab_server_program")
PATIENCE = 30
SENTINEL_PORT = 26380


class Node:
    """A node as the inventory describes it."""

    def __init__(self, host, variables):
        self.host, self.name = host, host.backend.host
        self.address, self.port, self.secure_port = (variables[name] for name in ("lab_address", "lab_port", "lab_secure_port"))
        self.kind = variables["lab_deployment"]
        self.clustered = self.kind == "cluster"
        self.deployment, self.directory = (pathlib.Path(variables[name]) for name in ("lab_deployment_directory", "lab_node_directory"))
        self.tls = self.directory / "tls"
        self.client_program, self.server_program = variables["lab_client_program"], variables["lab_server_program"]

    def __repr__(self):
        return self.name

    def secret(self, name):
        """A secret of the lab. It must not get into the report of a failed test."""
        return (self.deployment / "secrets" / name).read_text(encoding="utf-8").strip()

    def cli(self, *command, password="password"):
        """What redis-cli says with the certificate of the node."""
        return self._cli(command, self.secure_port, f"REDISCLI_AUTH=$(cat {self.deployment}/secrets/{password}) ")

    def sentinel(self, *command):
        """What redis-cli says of the node's Sentinel, which asks for no password and remarks on whoever gives one."""
        return self._cli(("SENTINEL", *command), SENTINEL_PORT)

    def _cli(self, command, port, login=""):
        pair = f"--tls --cert {self.tls}/redis.crt --key {self.tls}/redis.key --cacert {self.tls}/ca.crt"
        return self.host.run(f"{login}{self.client_program} -h {self.address} -p {port} {pair} {' '.join(command)} 2>&1").stdout

    def connect(self, context):
        """A TLS connection to the client port."""
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with socket.create_connection((self.address, self.secure_port), timeout=PATIENCE) as plain:
            return context.wrap_socket(plain, suppress_ragged_eofs=False)

    def served(self):
        """The certificate of the client port."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(self.tls / "redis.crt", self.tls / "redis.key")
        with self.connect(context) as channel:
            return x509.load_der_x509_certificate(channel.getpeercert(binary_form=True))

    def process(self):
        """The number of the server's process."""
        return int((self.directory / "redis.pid").read_text(encoding="ascii"))

    def authorities(self, below="."):
        """The directories of the CA's generations in use, or of those below the archive; the newest last."""
        return sorted((self.deployment / "ca" / below).glob("generation-*"))

    def what_the_client_saw(self):
        """The result of the client that wrote throughout."""
        return json.loads((self.deployment / "client" / "result.json").read_text(encoding="utf-8"))

    def assert_whole(self):
        """Replication, or the cluster, has all its members, connected and well."""
        if self.clustered:
            nodes = [line.split() for line in self.cli("CLUSTER", "NODES").splitlines() if line]
            assert "cluster_state:ok" in self.cli("CLUSTER", "INFO") and len(nodes) == 6
            assert [words for words in nodes if words[7] != "connected" or "fail" in words[2]] == []
        else:
            found, followers = self.cli("INFO", "replication").replace("\r", ""), 0 if self.kind == "alone" else 2
            is_primary = f"role:master\nconnected_slaves:{followers}\n" in found
            assert is_primary or ("master_link_status:up" in found and f"master_port:{self.secure_port}" in found)

    def secrets(self):
        """What no run may tell."""
        return [self.secret(name) for name in ("password", "ca_passphrase")]


def node_of(host):
    """The Node that a host of testinfra is."""
    wanted = "{{ dict(" + ", ".join(f"{name}={name}" for name in VARIABLES) + ") | to_json }}"
    answer = host.ansible("ansible.builtin.debug", f"msg='{wanted}'")["msg"]
    return Node(host, json.loads(answer) if isinstance(answer, str) else answer)
