# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keys that never leave their node, and a CA that is on another host: what the playbook left, and what it told nobody."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys

import pytest
from ansible_collections.interlock.cluster.plugins.module_utils._stores import elasticsearch_keystore, settings_file

PREFIX = "xpack.security.transport.ssl."
# Ansible's own log of this scenario's runs, at -vvv: see the base configuration.
LOG = pathlib.Path(os.environ["MOLECULE_PROJECT_DIRECTORY"], ".build", "molecule", "ansible.log")


def openssl(*arguments, given=None):
    return subprocess.run(["openssl", *arguments], input=given, capture_output=True, text=True, check=True).stdout


def test_the_control_process_sees_no_ca(cluster, vault):
    assert list(cluster.authorities.iterdir()) == []
    assert [path.name for path in vault.glob("generation-*")] == ["generation-1"]


def test_a_node_serves_the_certificate_of_the_key_it_made(cluster, vault):
    made = set()
    for node in cluster.nodes:
        key = node.config / "certs/transport.key"
        status = key.stat()
        assert status.st_mode & 0o777 == 0o600 and key.owner() == node.variables["lab_service_user"]
        seen = node.greeting("-CAfile", str(vault / "generation-1/ca.crt"), "-verify_ip", node.variables["lab_address"]).stdout
        assert "Verify return code: 0 (ok)" in seen
        public = openssl("pkey", "-in", str(key), "-pubout")
        assert openssl("x509", "-noout", "-pubkey", given=seen) == public
        made.add(public)
    assert len(made) == len(cluster.nodes)


def test_nothing_else_is_left(cluster):
    for node in cluster.nodes:
        settings = settings_file.read((node.config / "elasticsearch.yml").read_bytes())
        assert settings[PREFIX + "key"] == "certs/transport.key" and PREFIX + "keystore.path" not in settings
        secure = elasticsearch_keystore.load((node.config / "elasticsearch.keystore").read_bytes(), "", node.name).entries
        assert not [name for name in secure if name.startswith(PREFIX)]
        files = sorted(path.name for path in (node.config / "certs").iterdir() if "interlock" not in path.name)
        assert files == ["transport.ca.crt", "transport.crt", "transport.key"]


def test_no_key_is_told_to_anybody(cluster):
    log = LOG.read_text(encoding="utf-8")
    assert "node_key" in log, "the log is that of this scenario"
    assert "PRIVATE KEY" not in log
    for node in cluster.nodes:
        body = (node.config / "certs/transport.key").read_text(encoding="ascii").splitlines()[1:-1]
        assert body and not [line for line in body if line in log]


@pytest.mark.usefixtures("client", "unbroken")
def test_a_certificate_that_lacks_a_name_is_renewed_for_the_same_key(cluster):
    serials, keys = state_of(cluster)
    run = cluster.play("renew", "-e", '{"elasticsearch_tls_san_dns": ["orders.example"]}')
    assert run.returncode == 0, run.stdout[-3000:]
    after, kept = state_of(cluster)
    assert not set(serials) & set(after) and kept == keys


@pytest.mark.usefixtures("client", "unbroken")
def test_a_node_that_is_named_gets_a_new_key(cluster):
    serials, keys = state_of(cluster)
    run = cluster.play("renew", "-e", "elasticsearch_tls_reissue=%s" % cluster.nodes[1].name, "-e", '{"elasticsearch_tls_san_dns": ["orders.example"]}')
    assert run.returncode == 0, run.stdout[-3000:]
    after, new = state_of(cluster)
    assert [one != other for one, other in zip(serials, after)] == [one != other for one, other in zip(keys, new)] == [False, True, False]
    assert not list(cluster.nodes[1].config.rglob(".transport.request.key"))


@pytest.mark.usefixtures("client", "unbroken")
def test_the_ca_is_rotated_where_it_is(cluster, vault):
    serials, keys = state_of(cluster)
    told = cluster.play("rotate_ca", "--check", "-e", "ca_rotation_begin=new_key")
    assert told.returncode == 0 and "make the new CA" in told.stdout, told.stdout[-3000:]
    run = cluster.play("rotate_ca", "-e", "ca_rotation_begin=new_key")
    assert run.returncode == 0, run.stdout[-3000:]
    after, kept = state_of(cluster)
    assert not set(serials) & set(after) and kept == keys
    assert [path.name for path in vault.glob("generation-*")] == ["generation-2"] and list(cluster.authorities.iterdir()) == []
    for node in cluster.nodes:
        assert node.asks_for() == ["CN = orders transport CA G2"]
        assert "Verify return code: 0 (ok)" in node.greeting("-CAfile", str(vault / "generation-2/ca.crt")).stdout


@pytest.mark.usefixtures("client", "unbroken")
def test_the_certificate_of_the_ca_is_renewed_where_it_is(cluster, vault):
    serials, keys = state_of(cluster)
    run = cluster.play("rotate_ca", "-e", "ca_rotation_begin=same_key", "-e", "ca_rotation_validity_days=7300")
    assert run.returncode == 0, run.stdout[-3000:]
    after, kept = state_of(cluster)
    assert not set(serials) & set(after) and kept == keys
    assert [path.name for path in vault.glob("generation-*")] == ["generation-3"]
    assert all("Verify return code: 0 (ok)" in node.greeting("-CAfile", str(vault / "generation-3/ca.crt")).stdout for node in cluster.nodes)


def test_an_audit_finds_nothing_to_say(cluster):
    run = cluster.play("audit", "-e", '{"certificate_audit_accept": ["plaintext:http"]}')
    assert run.returncode == 0, run.stdout[-3000:]


def test_an_ordinary_run_has_nothing_to_do(cluster):
    run = cluster.play("elasticsearch")
    assert run.returncode == 0 and all("changed=0" in line for line in run.stdout.splitlines() if "unreachable=" in line), run.stdout[-3000:]


def test_without_openssl_it_is_said_before_anything_has_changed(cluster, tmp_path):
    interpreter = tmp_path / "python"
    interpreter.write_text('#!/bin/sh\nPATH=%s exec %s "$@"\n' % (tmp_path, sys.executable), encoding="utf-8")
    interpreter.chmod(0o755)
    run = cluster.play("elasticsearch", "-e", "ansible_python_interpreter=%s" % interpreter, "-e", "elasticsearch_tls_validity_days=900")
    assert run.returncode != 0 and run.stdout.count("openssl is not there") >= len(cluster.nodes), run.stdout[-3000:]


def state_of(cluster):
    """(serials as they are served, keys as they are on disk) of all nodes."""
    return ([node.serial() for node in cluster.nodes], [(node.config / "certs/transport.key").read_bytes() for node in cluster.nodes])
