# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the playbook left on a node, read by the tools of Java, Elasticsearch and OpenSSL; and what it must not have left or told."""

from __future__ import annotations

import json
import os
import pathlib
import re

import pytest

testinfra_hosts = ["ansible://elasticsearch"]

STORE = "xpack.security.transport.ssl.%s.secure_password"
WANTED = (
    "lab_directory", "lab_address", "lab_transport_port", "elasticsearch_tls_home", "elasticsearch_tls_config_dir",
    "elasticsearch_tls_environment",
)
# Ansible's own log of this scenario's runs, at -vvv: see the base configuration.
LOG = pathlib.Path(os.environ["MOLECULE_PROJECT_DIRECTORY"], ".build", "molecule", "ansible.log")


class Node:
    """The files of a node, and the engine's tools to read them with."""

    def __init__(self, host, variables):
        self.host = host
        self.lab, self.home, self.config = (pathlib.Path(variables[name]) for name in (
            "lab_directory", "elasticsearch_tls_home", "elasticsearch_tls_config_dir"))
        self.transport = f"{variables['lab_address']}:{variables['lab_transport_port']}"
        environment = dict(variables["elasticsearch_tls_environment"], ES_PATH_CONF=self.config)
        self.environment = " ".join(f"{name}='{value}'" for name, value in environment.items())

    def keystore(self, command):
        """The lines elasticsearch-keystore prints."""
        run = self.host.run(f"{self.environment} {self.home}/bin/elasticsearch-keystore {command}")
        assert run.rc == 0, run.stderr
        return run.stdout.split()

    def keytool(self, store):
        """What keytool lists of a store, opened with the password of the node's secure settings."""
        password = self.keystore(f"show {STORE % store}")[0]
        path = self.config / "certs" / f"transport.{store}.p12"
        keytool = f"{self.lab}/java/bin/keytool -list -v -keystore {path} -storepass:env STORE_PASSWORD"
        run = self.host.run(f"STORE_PASSWORD={password} {keytool}")
        assert run.rc == 0, "keytool cannot open the store"
        return run.stdout


@pytest.fixture(scope="module")
def node(host):
    """A node of the cluster, each in turn."""
    wanted = "{{ dict(" + ", ".join(f"{name}={name}" for name in WANTED) + ") | to_json }}"
    answer = host.ansible("ansible.builtin.debug", f"msg='{wanted}'")["msg"]
    return Node(host, json.loads(answer) if isinstance(answer, str) else answer)


def test_java_sees_a_key_with_its_chain_and_a_trusted_ca(node):
    key, trust = node.keytool("keystore"), node.keytool("truststore")
    assert "Entry type: PrivateKeyEntry" in key and "Certificate chain length: 2" in key
    assert trust.count("Entry type: trustedCertEntry") == 1 and "PrivateKeyEntry" not in trust


def test_openssl_accepts_the_served_chain(node):
    ca = node.lab / "ca" / "generation-1" / "ca.crt"
    served = node.host.run(f"openssl s_client -connect {node.transport} -CAfile {ca} -verify_ip {node.transport.split(':')[0]} </dev/null")
    assert "Verify return code: 0 (ok)" in served.stdout


def test_secure_settings_hold_the_passwords_and_no_bootstrap_password(node):
    entries = node.keystore("list")
    assert {"keystore.seed", STORE % "keystore", STORE % "truststore"} <= set(entries)
    assert "bootstrap.password" not in entries


def test_settings_that_are_not_ours_stay_byte_for_byte(node):
    before = (node.config / ".elasticsearch.yml.interlock-previous").read_text(encoding="utf-8")
    after = (node.config / "elasticsearch.yml").read_text(encoding="utf-8")
    ours = re.compile(r"^xpack\.security\.")
    assert after.startswith(before.replace("xpack.security.enabled: false", "xpack.security.enabled: true"))
    added = [line for line in after[len(before) - 1:].splitlines() if line]
    assert "xpack.security.transport.ssl.enabled: true" in after.splitlines()
    assert all(ours.match(line) for line in added), "none is added by the switch that follows a rehearsal"


def test_stores_are_readable_by_the_service_only(node):
    for path in (node.config / "certs").glob("*.p12"):
        assert node.host.file(str(path)).mode == 0o640


def test_nothing_staged_is_left(node):
    assert not list(node.config.rglob("*.interlock-staged"))


def test_no_run_told_a_secret(node):
    told = LOG.read_text(encoding="utf-8")
    assert "Prove by handshake" in told and "task path:" in told  # the log is of the real runs, at -vvv
    secrets = [(node.lab / "secrets" / name).read_text(encoding="utf-8").strip() for name in ("ca_passphrase", "elastic_password")]
    secrets += [node.keystore(f"show {name}")[0] for name in ("keystore.seed", STORE % "keystore", STORE % "truststore")]
    assert all(len(secret) > 10 for secret in secrets)
    assert [number for number, secret in enumerate(secrets) if secret in told] == []
    assert "PRIVATE KEY-----" not in told
