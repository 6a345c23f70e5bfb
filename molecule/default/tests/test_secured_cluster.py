# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The cluster after the playbook, seen from outside and by none of the collection's own code."""

from __future__ import annotations

import base64
import json
import socket
import ssl
import urllib.error
import urllib.request

import pytest

testinfra_hosts = ["ansible://elasticsearch"]

PATIENCE = 20
WANTED = ("lab_address", "lab_http_port", "lab_transport_port", "lab_indices", "elasticsearch_tls_elastic_password")


class Node:
    """A node as the inventory describes it. Its password must not get into the report of a failed test."""

    def __init__(self, name, variables):
        self.name = name
        self.http = f"http://{variables['lab_address']}:{variables['lab_http_port']}"
        self.transport = (variables["lab_address"], variables["lab_transport_port"])
        self.indices = variables["lab_indices"]
        self._credentials = base64.b64encode(f"elastic:{variables['elasticsearch_tls_elastic_password']}".encode()).decode()

    def __repr__(self):
        return self.name

    def connect(self):
        """A connection to the transport port."""
        return socket.create_connection(self.transport, timeout=PATIENCE)

    def ask(self, path, anonymous=False):
        """The status and the answer of an API call."""
        headers = {} if anonymous else {"Authorization": f"Basic {self._credentials}"}
        try:
            with urllib.request.urlopen(urllib.request.Request(f"{self.http}/{path}", headers=headers), timeout=PATIENCE) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as refusal:
            return refusal.code, None


@pytest.fixture(scope="module")
def node(host):
    """A node of the cluster, each in turn."""
    wanted = "{{ dict(" + ", ".join(f"{name}={name}" for name in WANTED) + ") | to_json }}"
    answer = host.ansible("ansible.builtin.debug", f"msg='{wanted}'")["msg"]
    return Node(host.backend.host, json.loads(answer) if isinstance(answer, str) else answer)


def test_the_transport_layer_refuses_a_peer_without_certificate(node):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    with node.connect() as plain, context.wrap_socket(plain) as channel:
        assert channel.getpeercert(binary_form=True)
        with pytest.raises(ssl.SSLError, match="(?i)certificate"):
            channel.recv(1)  # in TLS 1.3 the refusal comes after the handshake


def test_the_transport_layer_refuses_plaintext(node):
    # A plaintext transport layer answers this with "This is not an HTTP port".
    with node.connect() as plain:
        plain.sendall(b"GET / HTTP/1.0\r\n\r\n")
        try:
            assert b"HTTP" not in plain.recv(200)
        except ConnectionResetError:
            pass


def test_anonymous_calls_are_refused(node):
    assert node.ask("_cluster/health", anonymous=True)[0] == 401


def test_every_node_is_back_and_healthy(node):
    status, health = node.ask("_cluster/health")
    assert (status, health["number_of_nodes"], health["status"]) == (200, 3, "green")


def test_no_document_is_lost(node):
    for index in node.indices:
        status, count = node.ask(f"{index['name']}/_count")
        assert (status, count["count"]) == (200, index["documents"])
