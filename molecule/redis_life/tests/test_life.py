# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is left of a renewal and a rotation of the CA, seen from outside and by none of the collection's own code."""

from __future__ import annotations

import os
import pathlib

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

testinfra_hosts = ["ansible://redis_lab"]

# Ansible's own log of this scenario's runs, at -vvv: see the base configuration.
LOG = pathlib.Path(os.environ["MOLECULE_PROJECT_DIRECTORY"], ".build", "molecule", "ansible.log")


def authority(node):
    """The certificate of the one CA that is in use."""
    (generation,) = node.authorities()
    return x509.load_pem_x509_certificates((generation / "ca.crt").read_bytes())[0]


def test_the_client_saw_nothing(node):
    result = node.what_the_client_saw()
    assert result["acknowledged"] > 100
    assert (result["errors"], result["lost"]) == (0, 0), result["first_errors"]


def test_the_new_ca_alone_is_served_and_trusted(node):
    node.served().verify_directly_issued_by(authority(node))
    assert x509.load_pem_x509_certificates((node.tls / "ca.crt").read_bytes()) == [authority(node)]
    assert [path.name.partition(".")[0] for path in node.authorities("archive")] == ["generation-1"]


def test_the_pair_for_outgoing_connections_is_of_the_new_ca_and_for_clients_alone(node):
    certificate = x509.load_pem_x509_certificates((node.tls / "client.crt").read_bytes())[0]
    certificate.verify_directly_issued_by(authority(node))
    usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [ExtendedKeyUsageOID.CLIENT_AUTH]
    assert node.cli("CONFIG", "GET", "tls-client-cert-file").split()[1] == str(node.tls / "client.crt")


def test_replication_and_cluster_are_whole(node):
    node.assert_whole()
    if node.kind == "replicas":
        assert node.sentinel("CKQUORUM", "orders").startswith("OK 3 usable Sentinels")


def test_the_new_password_alone_is_taken_and_stands_in_the_file(node):
    assert node.cli("PING").strip() == "PONG"
    assert "WRONGPASS" in node.cli("PING", password="old_password")
    text = (node.directory / "redis.conf").read_text(encoding="utf-8")
    assert f"requirepass {node.secret('password')}\n" in text and f"masterauth {node.secret('password')}\n" in text
    assert node.secret("old_password") not in text


def test_no_run_told_a_secret(node):
    told = LOG.read_text(encoding="utf-8")
    assert "Give every server the password" in told and "task path:" in told  # the log is of the real runs, at -vvv
    assert [name for name in ("password", "old_password", "ca_passphrase") if node.secret(name) in told] == []
    assert "PRIVATE KEY-----" not in told


def test_it_is_the_server_that_was_asked_for(node):
    version = node.host.run(f"{node.server_program} --version").stdout.split("v=")[1].split()[0]
    assert f"_version:{version}" in node.cli("INFO", "server")
