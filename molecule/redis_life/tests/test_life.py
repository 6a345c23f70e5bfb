# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is left of a renewal and a rotation of the CA, seen from outside and by none of the collection's own code."""

from __future__ import annotations

import json
import pathlib
import socket
import ssl

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

testinfra_hosts = ["ansible://redis_lab"]
WANTED = ("lab_address", "lab_secure_port", "lab_deployment", "lab_deployment_directory", "lab_node_directory", "lab_client_program", "lab_server_program")


class Node:
    """A node as the inventory describes it."""

    def __init__(self, host, variables):
        self.host, self.address, self.secure_port = host, variables["lab_address"], variables["lab_secure_port"]
        self.clustered = variables["lab_deployment"] == "cluster"
        self.deployment, self.tls = pathlib.Path(variables["lab_deployment_directory"]), pathlib.Path(variables["lab_node_directory"], "tls")
        self.client_program, self.server_program = variables["lab_client_program"], variables["lab_server_program"]

    def cli(self, *command):
        pair = f"--tls --cert {self.tls}/redis.crt --key {self.tls}/redis.key --cacert {self.tls}/ca.crt"
        return self.host.run(f"REDISCLI_AUTH=$(cat {self.deployment}/secrets/password) {self.client_program} -h {self.address} -p {self.secure_port} {pair} "
                             + " ".join(command)).stdout

    def served(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(self.tls / "redis.crt", self.tls / "redis.key")
        with socket.create_connection((self.address, self.secure_port), timeout=30) as plain, context.wrap_socket(plain) as channel:
            return x509.load_der_x509_certificate(channel.getpeercert(binary_form=True))

    def authorities(self):
        """The certificates of every generation of the CA, the newest last."""
        return [x509.load_pem_x509_certificates(path.read_bytes())[0] for path in sorted((self.deployment / "ca").glob("generation-*/ca.crt"))]


@pytest.fixture(scope="module")
def node(host):
    wanted = "{{ dict(" + ", ".join(f"{name}={name}" for name in WANTED) + ") | to_json }}"
    answer = host.ansible("ansible.builtin.debug", f"msg='{wanted}'")["msg"]
    return Node(host, json.loads(answer) if isinstance(answer, str) else answer)


def test_the_client_saw_nothing(node):
    result = json.loads((node.deployment / "client" / "result.json").read_text(encoding="utf-8"))
    assert result["acknowledged"] > 100
    assert (result["errors"], result["lost"]) == (0, 0), result["first_errors"]


def test_the_new_ca_alone_is_served_and_trusted(node):
    authorities = node.authorities()
    assert len(authorities) == 2
    node.served().verify_directly_issued_by(authorities[-1])
    assert x509.load_pem_x509_certificates((node.tls / "ca.crt").read_bytes()) == [authorities[-1]]


def test_the_pair_for_outgoing_connections_is_of_the_new_ca_and_for_clients_alone(node):
    certificate = x509.load_pem_x509_certificates((node.tls / "client.crt").read_bytes())[0]
    certificate.verify_directly_issued_by(node.authorities()[-1])
    usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [ExtendedKeyUsageOID.CLIENT_AUTH]
    assert node.cli("CONFIG", "GET", "tls-client-cert-file").split()[1] == str(node.tls / "client.crt")


def test_replication_and_cluster_are_whole(node):
    if node.clustered:
        nodes = [line.split() for line in node.cli("CLUSTER", "NODES").splitlines() if line]
        assert "cluster_state:ok" in node.cli("CLUSTER", "INFO") and len(nodes) == 6
        assert [words for words in nodes if words[7] != "connected" or "fail" in words[2]] == []
    else:
        found = node.cli("INFO", "replication")
        assert "connected_slaves:2" in found or "master_link_status:up" in found


def test_it_is_the_server_that_was_asked_for(node):
    version = node.host.run(f"{node.server_program} --version").stdout.split("v=")[1].split()[0]
    assert f"_version:{version}" in node.cli("INFO", "server")
