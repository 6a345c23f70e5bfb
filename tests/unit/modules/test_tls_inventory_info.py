# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is found on a host without any right to change it; a private key in PEM form stays there."""

from __future__ import annotations

import base64
import os
import socket

import pytest
from ansible_collections.interlock.cluster.plugins.module_utils._node import process, tls_inventory
from ansible_collections.interlock.cluster.plugins.modules import tls_inventory_info
from ansible_collections.interlock.cluster.tests.unit.support.scripted_api import UNAUTHORIZED, scripted_api
from ansible_collections.interlock.cluster.tests.unit.support.tls_server import transport_layer

BLOCK = b"-----BEGIN %s-----\n%sQUFB\n-----END %s-----\n"
CERTIFICATE = BLOCK % (b"CERTIFICATE", b"", b"CERTIFICATE")


def key(label, head=b""):
    return BLOCK % (label, head, label)


@pytest.mark.parametrize("content, left, kind", [
    (CERTIFICATE, CERTIFICATE, None),
    (b"\x30\x82\x00binary", b"\x30\x82\x00binary", None),
    (key(b"PRIVATE KEY") + CERTIFICATE, b"\n" + CERTIFICATE, "plain"),
    (key(b"EC PRIVATE KEY"), b"\n", "plain"),
    (key(b"ENCRYPTED PRIVATE KEY"), b"\n", "encrypted"),
    (key(b"RSA PRIVATE KEY", b"Proc-Type: 4,ENCRYPTED\n\n"), b"\n", "encrypted"),
    (key(b"ENCRYPTED PRIVATE KEY") + key(b"PRIVATE KEY"), b"\n\n", "plain"),
    (b"-----BEGIN PRIVATE KEY-----\nQUFB and no end", b"", "plain"),
])
def test_a_private_key_stays_on_its_host(content, left, kind):
    assert tls_inventory.without_private_keys(content) == (left, kind)


def test_the_files_below_a_directory(tmp_path):
    for name in ("a.p12", "certs/B.PEM", "certs/notes.txt", "1/2/3/deep.key", "1/2/3/4/too_deep.key", "elasticsearch.yml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    found, unread = tls_inventory.find(str(tmp_path))
    assert {os.path.relpath(path, tmp_path) for path in found} == {"a.p12", "certs/B.PEM", "1/2/3/deep.key"} and unread == []


def test_directories_that_are_not_there_or_may_not_be_read(tmp_path, monkeypatch):
    assert tls_inventory.find(str(tmp_path / "none")) == ([], [])

    def refused(top, onerror):
        onerror(PermissionError(13, "Permission denied", top))
        return iter(())

    monkeypatch.setattr(tls_inventory.os, "walk", refused)
    assert tls_inventory.find(str(tmp_path)) == ([], [str(tmp_path)])


def test_listening_sockets_are_found_by_their_port():
    with socket.create_server(("127.0.0.1", 0)) as one:
        port = one.getsockname()[1]
        assert process.listening(port) == ["127.0.0.1"]
        with socket.create_server(("127.0.0.2", port)):
            assert process.listening(port) == ["127.0.0.1", "127.0.0.2"]
    assert process.listening(port) == []


def test_an_address_of_the_network_comes_before_loopback(monkeypatch):
    monkeypatch.setattr(process, "_listening_sockets", lambda directory: [(address, 9300, "1") for address in ("127.0.0.1", "::1", "192.0.2.7")])
    assert process.listening(9300) == ["192.0.2.7", "127.0.0.1", "::1"]


def test_the_module_reads_and_looks(run_module, tmp_path, certificates):
    (tmp_path / "node.pem").write_bytes(key(b"PRIVATE KEY") + CERTIFICATE)
    with scripted_api() as api, transport_layer(tmp_path.parent, certificates.issue(certificates.authority())) as port:
        api.script = {"GET /": [UNAUTHORIZED, UNAUTHORIZED]}
        endpoints = [{"layer": "http", "port": api.port, "plaintext_protocol": "http"},
                     {"layer": "transport", "port": port, "address": "127.0.0.1", "plaintext_protocol": "elasticsearch"}, {"layer": "gone", "port": 1}]
        found = run_module(tls_inventory_info, directories=[str(tmp_path)], files=[str(tmp_path / "none")], content=True, endpoints=endpoints, timeout=2)
        quiet = run_module(tls_inventory_info, endpoints=endpoints[1:2], handshakes="greeting", timeout=2)
        assert not any("Authorization" in asked.headers for asked in api.asked)
    assert not found["changed"] and found["files"][str(tmp_path / "none")] == {"exists": False}
    read = found["files"][str(tmp_path / "node.pem")]
    assert read["private_key"] == "plain" and base64.b64decode(read["content"]).strip() == CERTIFICATE.strip()
    http, transport, gone = found["endpoints"]
    assert (http["layer"], http["host"], http["speaks_tls"], http["anonymous_status"]) == ("http", "127.0.0.1", False, 401)
    assert (transport["speaks_tls"], transport["demands_client_certificate"], transport["protocols"]["TLSv1.3"]) == (True, False, True)
    assert len(transport["chain_pem"]) == 2 and transport["chain_pem"][0] == transport["certificate_pem"]
    assert (gone["reachable"], gone["anonymous_status"]) == (False, None)
    assert "protocols" not in quiet["endpoints"][0] and quiet["endpoints"][0]["accepts_plaintext"] is None


def test_contents_only_when_asked_for(run_module, tmp_path):
    (tmp_path / "a.p12").write_bytes(b"x")
    assert "content" not in run_module(tls_inventory_info, directories=[str(tmp_path)])["files"][str(tmp_path / "a.p12")]
