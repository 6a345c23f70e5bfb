# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The cluster after the playbook, seen from outside and by none of the collection's own code."""

from __future__ import annotations

import json
import pathlib
import re
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "molecule" / "shared" / "tests"))

from opensearch import node_of  # found by the line above

testinfra_hosts = ["ansible://grown"]


@pytest.fixture(scope="module")
def node(host):
    """A node of the cluster, each in turn."""
    return node_of(host)


@pytest.mark.parametrize("protocol", ["-tls1_2", "-tls1_3"])
def test_the_transport_layer_refuses_a_peer_without_certificate(node, protocol):
    said = node.client("transport", "-verify_return_error", protocol)
    assert "BEGIN CERTIFICATE" in said.stdout, "there was no handshake at all"
    assert re.search(r"alert (bad certificate|certificate required)", said.stderr), said.stderr


@pytest.mark.parametrize("protocol", ["-tls1_2", "-tls1_3"])
@pytest.mark.parametrize("layer", ["transport", "http"])
def test_a_certificate_of_another_ca_is_refused(node, layer, protocol, tmp_path):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1",
                    "-subj", f"/CN={node.name}", "-keyout", tmp_path / "key", "-out", tmp_path / "crt"], check=True, capture_output=True)
    said = node.client(layer, "-verify_return_error", protocol, "-cert", str(tmp_path / "crt"), "-key", str(tmp_path / "key"))
    assert "BEGIN CERTIFICATE" in said.stdout, "there was no handshake at all"
    assert re.search(r"alert (certificate unknown|unknown ca|bad certificate)", said.stderr), said.stderr


@pytest.mark.parametrize("protocol", ["-tls1", "-tls1_1"])
@pytest.mark.parametrize("layer", ["transport", "http"])
def test_old_protocols_are_not_spoken(node, layer, protocol):
    assert "BEGIN CERTIFICATE" not in node.client(layer, "-verify_return_error", protocol, "-cipher", "DEFAULT:@SECLEVEL=0").stdout


@pytest.mark.parametrize("question", [b"ES\xff\xff\xff\xff", b"GET / HTTP/1.0\r\n\r\n"])
@pytest.mark.parametrize("layer", ["transport", "http"])
def test_plaintext_is_not_answered(node, layer, question):
    assert not node.answers_plaintext(layer, question)


def test_nobody_gets_in_without_a_password_or_with_that_of_the_demo(node):
    assert node.ask("_cluster/health", credentials="")[0] == 401
    assert node.ask("_cluster/health", credentials="admin:admin")[0] == 401


def test_every_node_is_in_the_cluster_and_healthy(node):
    status, health = node.ask("_cluster/health")
    assert (status, health["number_of_nodes"], health["status"]) == (200, 4, "green")


def test_the_setting_of_dual_mode_is_gone(node):
    status, settings = node.ask("_cluster/settings?flat_settings=true")
    assert status == 200 and not [name for name in settings["persistent"] if "dual_mode" in name]


def test_every_node_knows_the_names_of_all(node):
    assert all(f"CN=os{number}" in node.settings for number in (1, 2, 3, 4))


def test_the_rest_of_the_settings_file_is_as_it_was(node):
    told = node.settings
    assert "# Orders search. Owned by the platform team, changes by merge request only." in told
    assert "# The nightly import writes in bursts." in told and "plugins.security.disabled" not in told


def test_the_plugin_has_nothing_to_say_against_the_modes_of_files(node):
    assert "insecure file permissions" not in node.log.split("[INFO ][o.o.n.Node")[-1].lower()


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
