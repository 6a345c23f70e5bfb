# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A cluster of an older version in full security: what its ports refuse, and certificates that are replaced under the processes by the API."""

from __future__ import annotations

import re

import pytest

PEM = ("-e", "opensearch_tls_format=pem")


def serials(cluster, layer):
    """What every node serves on a layer."""
    shown = [re.search(r"-----BEGIN CERTIFICATE-----.*?-----END", node.client(layer).stdout, re.S) for node in cluster.nodes]
    assert all(shown), "a node serves nothing"
    return {found.group(0) for found in shown}


@pytest.fixture
def unbroken(cluster):
    """No process may be another one after the test, and the cluster has to be whole."""
    before = [node.pid_file.read_text(encoding="ascii") for node in cluster.nodes]
    yield
    assert [node.pid_file.read_text(encoding="ascii") for node in cluster.nodes] == before
    cluster.wait_for_green()


def test_the_settings_are_those_of_the_version(cluster):
    for node in cluster.nodes:
        assert "plugins.security.ssl_cert_reload_enabled: true" in node.settings
        assert "certificates_hot_reload" not in node.settings and "enforce_cert_reload_dn_verification" not in node.settings
        assert "plugins.security.ssl.transport.enforce_hostname_verification: true" in node.settings


@pytest.mark.parametrize("protocol", ["-tls1_2", "-tls1_3"])
def test_a_stranger_is_refused(cluster, protocol):
    for node in cluster.nodes:
        said = node.client("transport", "-verify_return_error", protocol)
        assert "BEGIN CERTIFICATE" in said.stdout, "there was no handshake at all"
        assert re.search(r"alert (bad certificate|certificate required)", said.stderr), said.stderr
        assert node.ask("_cluster/health", credentials="")[0] == 401
        assert node.ask("_cluster/health", credentials="admin:admin")[0] == 401


@pytest.mark.parametrize("layer, question", [("transport", b"ES\xff\xff\xff\xff"), ("http", b"GET / HTTP/1.0\r\n\r\n")])
def test_plaintext_is_not_answered(cluster, layer, question):
    assert [node for node in cluster.nodes if node.answers_plaintext(layer, question)] == []


def test_stores_are_not_renewed_under_the_processes(cluster, unbroken):
    before = serials(cluster, "transport")
    run = cluster.play("renew", "-e", "cluster=opensearch", "-e", "opensearch_tls_reissue=all")
    assert run.returncode != 0 and "Run the playbook opensearch." in run.stdout and "takes a store at a restart only" in run.stdout
    run = cluster.play("rotate_ca", "-e", "cluster=opensearch", "-e", "ca_rotation_begin=same_key")
    assert run.returncode != 0 and "reads a store at a start only" in run.stdout
    assert serials(cluster, "transport") == before


def test_stores_are_renewed_by_a_rolling_restart(cluster):
    before = serials(cluster, "transport") | serials(cluster, "http")
    run = cluster.play("opensearch", "-e", "opensearch_tls_reissue=all")
    assert run.returncode == 0, run.stdout[-4000:]
    assert not before & (serials(cluster, "transport") | serials(cluster, "http"))
    cluster.wait_for_green()


def test_it_goes_over_to_pem_files(cluster):
    run = cluster.play("opensearch", *PEM)
    assert run.returncode == 0, run.stdout[-4000:]
    assert all("pemcert_filepath" in node.settings and "keystore_filepath" not in node.settings for node in cluster.nodes)
    cluster.wait_for_green()


def test_every_certificate_is_renewed_under_the_processes(cluster, unbroken):
    before = serials(cluster, "transport") | serials(cluster, "http")
    run = cluster.play("renew", "-e", "cluster=opensearch", "-e", "opensearch_tls_reissue=all", *PEM)
    assert run.returncode == 0, run.stdout[-4000:]
    assert not before & (serials(cluster, "transport") | serials(cluster, "http"))


def test_a_ca_of_another_name_is_refused_before_anything_changes(cluster, unbroken):
    before, authority = serials(cluster, "transport"), cluster.nodes[0].authority
    run = cluster.play("rotate_ca", "-e", "cluster=opensearch", "-e", "ca_rotation_begin=new_key", *PEM)
    assert run.returncode != 0 and "takes a certificate of a CA of another name at a restart only" in run.stdout
    assert serials(cluster, "transport") == before and cluster.nodes[0].authority == authority


def test_the_certificate_of_the_ca_is_renewed(cluster, unbroken):
    before, authority = serials(cluster, "transport") | serials(cluster, "http"), cluster.nodes[0].authority
    run = cluster.play("rotate_ca", "-e", "cluster=opensearch", "-e", "ca_rotation_begin=same_key", "-e", "ca_rotation_validity_days=7300",
                       *PEM)
    assert run.returncode == 0, run.stdout[-4000:]
    assert cluster.nodes[0].authority != authority
    assert not before & (serials(cluster, "transport") | serials(cluster, "http"))
    assert all("Verification: OK" in node.client(layer, "-tls1_2").stdout for node in cluster.nodes for layer in ("transport", "http"))


def test_nothing_that_was_written_is_lost(cluster):
    seen = cluster.client("stopped")
    print("what the client saw:", seen)
    assert seen["acknowledged"] > 100 and seen["lost"] == 0
    for index in cluster.nodes[0].indices:
        assert cluster.nodes[0].ask(index["name"] + "/_count")[1]["count"] == index["documents"]
