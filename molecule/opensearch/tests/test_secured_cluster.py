# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The cluster after the playbook, seen from outside and by none of the collection's own code."""

from __future__ import annotations

import base64
import json
import pathlib
import re
import ssl
import subprocess
import urllib.error
import urllib.request

import pytest

testinfra_hosts = ["ansible://grown"]

PATIENCE = 20
WANTED = ("lab_address", "lab_http_port", "lab_transport_port", "lab_directory", "lab_indices", "opensearch_tls_admin_password",
          "opensearch_tls_config_dir", "cluster_ca_passphrase", "lab_service_user")
ROOT = pathlib.Path(__file__).resolve().parents[3]


class Node:
    """A node as the inventory describes it. Its password must not get into the report of a failed test."""

    def __init__(self, name, variables):
        self.name, self.address = name, variables["lab_address"]
        self.ports = {"transport": variables["lab_transport_port"], "http": variables["lab_http_port"]}
        self.directory = pathlib.Path(variables["lab_directory"])
        self.config = pathlib.Path(variables["opensearch_tls_config_dir"])
        self.indices, self.owner = variables["lab_indices"], variables["lab_service_user"]
        self.secrets = [variables["opensearch_tls_admin_password"], variables["cluster_ca_passphrase"]]
        self._credentials = base64.b64encode(f"admin:{self.secrets[0]}".encode()).decode()

    def __repr__(self):
        return self.name

    @property
    def authority(self):
        """The CA of now: there were two."""
        return sorted((self.directory / "ca").glob("generation-*/ca.crt"))[-1]

    def ask(self, path, credentials=None):
        """The status and the answer of an API call, over verified https."""
        context = ssl.create_default_context(cafile=self.authority)
        headers = {} if credentials == "" else {"Authorization": f"Basic {credentials or self._credentials}"}
        try:
            request = urllib.request.Request(f"https://{self.address}:{self.ports['http']}/{path}", headers=headers)
            with urllib.request.urlopen(request, timeout=PATIENCE, context=context) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as refusal:
            return refusal.code, None

    def client(self, layer, *options):
        """What openssl says of a handshake, with a question behind it: in TLS 1.3 the refusal comes after the handshake."""
        command = ["openssl", "s_client", "-connect", f"{self.address}:{self.ports[layer]}", "-CAfile", str(self.authority),
                   "-verify_return_error", *options]
        return subprocess.run(command, input="x\n" * 3, capture_output=True, text=True, timeout=PATIENCE, check=False)


@pytest.fixture(scope="module")
def node(host):
    """A node of the cluster, each in turn."""
    wanted = "{{ dict(" + ", ".join(f"{name}={name}" for name in WANTED) + ") | to_json }}"
    answer = host.ansible("ansible.builtin.debug", f"msg='{wanted}'")["msg"]
    return Node(host.backend.host, json.loads(answer) if isinstance(answer, str) else answer)


@pytest.mark.parametrize("protocol", ["-tls1_2", "-tls1_3"])
def test_the_transport_layer_refuses_a_peer_without_certificate(node, protocol):
    said = node.client("transport", protocol)
    assert "BEGIN CERTIFICATE" in said.stdout, "there was no handshake at all"
    assert re.search(r"alert (bad certificate|certificate required)", said.stderr), said.stderr


@pytest.mark.parametrize("protocol", ["-tls1_2", "-tls1_3"])
@pytest.mark.parametrize("layer", ["transport", "http"])
def test_a_certificate_of_another_ca_is_refused(node, layer, protocol, tmp_path):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1",
                    "-subj", f"/CN={node.name}", "-keyout", tmp_path / "key", "-out", tmp_path / "crt"], check=True, capture_output=True)
    said = node.client(layer, protocol, "-cert", str(tmp_path / "crt"), "-key", str(tmp_path / "key"))
    assert "BEGIN CERTIFICATE" in said.stdout, "there was no handshake at all"
    assert re.search(r"alert (certificate unknown|unknown ca|bad certificate)", said.stderr), said.stderr


@pytest.mark.parametrize("protocol", ["-tls1", "-tls1_1"])
@pytest.mark.parametrize("layer", ["transport", "http"])
def test_old_protocols_are_not_spoken(node, layer, protocol):
    assert "BEGIN CERTIFICATE" not in node.client(layer, protocol, "-cipher", "DEFAULT:@SECLEVEL=0").stdout


@pytest.mark.parametrize("question", [b"ES\xff\xff\xff\xff", b"GET / HTTP/1.0\r\n\r\n"])
@pytest.mark.parametrize("layer", ["transport", "http"])
def test_plaintext_is_not_answered(node, layer, question):
    # openssl's -connect is no plaintext client; a socket is nobody's code either
    import socket  # pylint: disable=import-outside-toplevel
    with socket.create_connection((node.address, node.ports[layer]), timeout=PATIENCE) as plain:
        plain.sendall(question)
        try:
            assert not plain.recv(200).startswith((b"ES", b"HTTP"))
        except ConnectionResetError:
            pass


def test_nobody_gets_in_without_a_password_or_with_that_of_the_demo(node):
    assert node.ask("_cluster/health", credentials="")[0] == 401
    assert node.ask("_cluster/health", credentials=base64.b64encode(b"admin:admin").decode())[0] == 401


def test_every_node_is_in_the_cluster_and_healthy(node):
    status, health = node.ask("_cluster/health")
    assert (status, health["number_of_nodes"], health["status"]) == (200, 4, "green")


def test_the_setting_of_dual_mode_is_gone(node):
    status, settings = node.ask("_cluster/settings?flat_settings=true")
    assert status == 200 and not [name for name in settings["persistent"] if "dual_mode" in name]


def test_every_node_knows_the_names_of_all(node):
    told = (node.config / "opensearch.yml").read_text(encoding="utf-8")
    assert all(f"CN=os{number}" in told for number in (1, 2, 3, 4))


def test_the_rest_of_the_settings_file_is_as_it_was(node):
    told = (node.config / "opensearch.yml").read_text(encoding="utf-8")
    assert "# Orders search. Owned by the platform team, changes by merge request only." in told
    assert "# The nightly import writes in bursts." in told and "plugins.security.disabled" not in told


def test_the_plugin_has_nothing_to_say_against_the_modes_of_files(node):
    log = (node.directory / node.name / "logs" / "orders.log").read_text(encoding="utf-8")
    assert "insecure file permissions" not in log.split("[INFO ][o.o.n.Node")[-1].lower()


def test_no_document_is_lost(node):
    for index in node.indices:
        status, count = node.ask(f"{index['name']}/_count")
        assert (status, count["count"]) == (200, index["documents"])


def test_no_acknowledged_write_is_lost(node):
    result = json.loads((node.directory / "client" / "result.json").read_text(encoding="utf-8"))
    assert result["acknowledged"] > 100 and result["lost"] == 0


def test_the_admin_key_is_nowhere(node):
    found = [path for path in node.directory.rglob("*") if path.is_file() and path.suffix in (".pem", ".key") and "ca" not in path.parts]
    assert found == []


def test_the_log_of_the_runs_has_no_secret(node):
    log = (ROOT / ".build" / "molecule" / "ansible.log").read_text(encoding="utf-8", errors="replace")
    assert "interlock.cluster.opensearch_tls" in log
    for secret in node.secrets:
        assert secret not in log
    assert not re.search(r"BEGIN [A-Z ]*PRIVATE KEY", log)
