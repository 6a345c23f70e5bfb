# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is left of the demo installer, which is nothing but what was in the security index; and the administrator's certificate."""

from __future__ import annotations

import json
import os
import pathlib
import re
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "molecule" / "shared" / "tests"))

from opensearch import node_of  # found by the line above

testinfra_hosts = ["ansible://opensearch"]
DEMO = ("esnode.pem", "esnode-key.pem", "root-ca.pem", "kirk.pem", "kirk-key.pem")


@pytest.fixture(scope="module")
def node(host):
    """A node of the cluster, each in turn."""
    return node_of(host)


def test_nothing_of_the_demo_is_left(node):
    assert not [name for name in DEMO if (node.config / name).exists()]
    assert "kirk" not in node.settings and "allow_unsafe_democertificates" not in node.settings
    assert not re.search(r"(?m)^transport\.ssl\.enforce_hostname_verification: false", node.settings)
    assert "# Orders search. Owned by the platform team, changes by merge request only." in node.settings


@pytest.mark.parametrize("layer", ["transport", "http"])
def test_the_demo_administrator_is_a_stranger(node, layer):
    demo = pathlib.Path(node.home) / "config"
    said = node.client(layer, "-tls1_2", "-cert", str(demo / "kirk.pem"), "-key", str(demo / "kirk-key.pem"))
    assert "BEGIN CERTIFICATE" in said.stdout, "there was no handshake at all"
    assert re.search(r"alert (certificate unknown|unknown ca|bad certificate)", said.stderr), said.stderr


def test_the_security_index_was_left_alone(node):
    assert node.ask("_plugins/_security/authinfo")[0] == 200
    assert node.ask("_plugins/_security/authinfo", credentials="kibanaserver:kibanaserver")[0] == 200
    assert node.ask("_plugins/_security/authinfo", credentials="admin:admin")[0] == 401


def test_the_files_are_pem_of_the_new_ca_and_the_key_is_the_owners(node):
    certs = node.config / "certs"
    assert sorted(path.name for path in certs.iterdir() if ".interlock-" not in path.name) == ["ca.pem", "node-key.pem", "node.pem"]
    assert (certs / "node-key.pem").stat().st_mode & 0o777 == 0o600 and (certs / "node-key.pem").owner() == node.owner
    verified = subprocess.run(["openssl", "verify", "-CAfile", node.authority, certs / "node.pem"], capture_output=True, text=True, check=False)
    assert verified.returncode == 0, verified.stderr
    assert "plugins.security.ssl_cert_reload_enabled: true" in node.settings and "certificates_hot_reload" not in node.settings


@pytest.mark.parametrize("layer", ["transport", "http"])
def test_both_layers_serve_the_certificate_of_the_new_ca(node, layer):
    said = node.client(layer, "-tls1_2")
    assert "Verification: OK" in said.stdout, said.stdout


@pytest.mark.parametrize("identity", [
    ["-cacert", "administrator/ca.crt", "-cert", "administrator/admin.crt", "-key", "administrator/admin.key"],
    ["-ks", "administrator_p12/admin.p12", "-kst", "PKCS12", "-kspass", "PASSWORD", "-ts", "administrator_p12/ca.p12", "-tst", "PKCS12",
     "-tspass", "PASSWORD"],
])
def test_the_administrators_certificate_opens_securityadmin(node, identity, tmp_path):
    tools = pathlib.Path(node.home) / "plugins" / "opensearch-security" / "tools"
    words = [str(node.directory / word) if word.startswith("administrator") else node.secrets[1] if word == "PASSWORD" else word for word in identity]
    run = subprocess.run(["bash", tools / "securityadmin.sh", "-backup", tmp_path, "-h", node.address, "-p", str(node.ports["http"]), "-icl", *words],
                         capture_output=True, text=True, check=False, env=dict(os.environ, **node.environment))
    assert run.returncode == 0 and (tmp_path / "internal_users.yml").exists(), run.stdout[-2000:].replace(node.secrets[1], "***")


def test_no_node_has_the_administrators_key(node):
    names = {path.name for path in node.config.rglob("*")}
    assert not names & {"admin.key", "admin.p12"}
    key = node.directory / "administrator" / "admin.key"
    assert key.stat().st_mode & 0o777 == 0o600


def test_every_node_is_in_the_cluster_and_no_document_is_lost(node):
    status, health = node.ask("_cluster/health")
    assert (status, health["number_of_nodes"], health["status"]) == (200, 3, "green")
    for index in node.indices:
        assert node.ask(f"{index['name']}/_count")[1]["count"] == index["documents"]


def test_no_acknowledged_write_is_lost(node):
    result = json.loads((node.directory / "client" / "result.json").read_text(encoding="utf-8"))
    assert result["acknowledged"] > 100 and result["lost"] == 0


def test_the_log_of_the_runs_has_no_secret(node):
    log = (ROOT / ".build" / "molecule" / "ansible.log").read_text(encoding="utf-8", errors="replace")
    assert "interlock.cluster.opensearch_tls" in log
    assert not [secret for secret in node.secrets if secret in log] and not re.search(r"BEGIN [A-Z ]*PRIVATE KEY", log)
