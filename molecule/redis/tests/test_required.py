# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Both deployments in the mode required, seen from outside and by none of the collection's own code."""

from __future__ import annotations

import os
import pathlib
import socket
import ssl
import time

import pytest

testinfra_hosts = ["ansible://redis_lab"]

# Ansible's own log of this scenario's runs, at -vvv: see the base configuration.
LOG = pathlib.Path(os.environ["MOLECULE_PROJECT_DIRECTORY"], ".build", "molecule", "ansible.log")
ETH_P_ALL = 3


def test_the_client_saw_nothing(node):
    result = node.what_the_client_saw()
    assert result["acknowledged"] > 100
    assert (result["errors"], result["lost"]) == (0, 0), result["first_errors"]


def test_plaintext_is_closed(node):
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((node.address, node.port), timeout=5)


def test_redis_cli_gets_in_with_the_delivered_files(node):
    assert node.cli("PING").strip() == "PONG"


@pytest.mark.parametrize("version, refusal", [(ssl.TLSVersion.TLSv1_2, "alert.handshake.failure"),
                                              (ssl.TLSVersion.TLSv1_3, "alert.certificate.required")], ids=["1.2", "1.3"])
def test_a_client_without_certificate_is_refused(node, version, refusal):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = context.maximum_version = version
    # Nothing is sent: what the server has not read when it closes would have the connection reset before its alert is read.
    with pytest.raises(ssl.SSLError, match="(?i)" + refusal), node.connect(context) as channel:
        channel.recv(1)  # in TLS 1.3 the refusal comes after the handshake


def test_replication_and_cluster_are_whole(node):
    node.assert_whole()


def test_the_sentinels_know_each_other_and_the_tls_port(node):
    if node.kind != "replicas":
        pytest.skip("it has no Sentinels")
    assert node.sentinel("CKQUORUM", "orders").startswith("OK 3 usable Sentinels")
    assert node.sentinel("GET-MASTER-ADDR-BY-NAME", "orders").split()[1] == str(node.secure_port)


def test_nothing_in_clear_goes_over_the_wire(node):
    if os.geteuid() != 0:
        pytest.skip("only root may watch packets")
    address, seen = socket.inet_aton(node.address), 0
    with socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ETH_P_ALL)) as sock:
        sock.settimeout(0.5)
        assert node.cli("PING").strip() == "PONG"  # a server by itself is not talked to otherwise
        until = time.monotonic() + 3
        while time.monotonic() < until:
            try:
                packet = sock.recv(65535)
            except socket.timeout:
                continue
            if len(packet) > 60 and packet[9] == 6 and address in (packet[12:16], packet[16:20]):
                seen += 1
                assert b"RCmb" not in packet and b"REPLCONF" not in packet and b"\r\n$" not in packet
    assert seen > 0


def test_the_file_says_what_runs_and_keeps_the_rest(node):
    text = (node.directory / "redis.conf").read_text(encoding="utf-8")
    lines = text.splitlines()
    assert lines[0].startswith("# Redis configuration file") and "# a later line counts" in lines and "save 300 100" in lines
    assert "port 0" in lines and f"tls-port {node.secure_port}" in lines and "tls-replication yes" in lines
    assert ("cluster-port 16379" in lines) is node.clustered


def test_no_run_told_a_secret(node):
    told = LOG.read_text(encoding="utf-8")
    assert "Step close" in told and "task path:" in told  # the log is of the real runs, at -vvv
    assert all(len(secret) > 10 for secret in node.secrets())
    assert [number for number, secret in enumerate(node.secrets()) if secret in told] == []
    assert "PRIVATE KEY-----" not in told
