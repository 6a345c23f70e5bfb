# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What node_info looks at: the ports also when nobody asks for the process, as node_certificate does."""

from __future__ import annotations

import pytest
from ansible_collections.interlock.cluster.plugins.module_utils._node import openssl
from ansible_collections.interlock.cluster.plugins.modules import node_info

ASKED = dict(service={"user": None}, files=[], content=False, public_keys=[], directories=[], free_space_of=[], process=False, http_port=9200,
             api_paths=[], transport_port=9300, fallback_address="10.0.0.7", username="elastic", password=None, ca_certificates=None, timeout=5,
             scheme="http_or_https", names=[], client_certificate=None, client_key=None, client_files=None)


@pytest.fixture
def node(monkeypatch):
    """A node that listens at 10.0.0.9; node["running"] says whether its process runs."""
    state = {"running": True}
    monkeypatch.setattr(node_info, "service_from", lambda service: service)
    monkeypatch.setattr(node_info.node_facts, "read_process", lambda service: dict(
        state, listeners=[("10.0.0.9", 9200), ("10.0.0.9", 9300)] if state["running"] else None))
    monkeypatch.setattr(node_info.node_facts, "ask_api", lambda client, host, port, *rest: {"asked": (host, port), "scheme": None})
    monkeypatch.setattr(node_info.tls_probe, "observe", lambda host, port, timeout: {"asked": (host, port)})
    return state


@pytest.mark.parametrize("process, address", [(True, "10.0.0.9"), (False, "10.0.0.7")])
def test_the_ports_are_looked_at_where_the_process_listens_or_where_told(node, process, address):
    found = node_info.read(dict(ASKED, process=process))
    assert found["api"] == {"asked": (address, 9200), "scheme": None, "host": address}
    assert found["transport"] == {"asked": (address, 9300), "host": address}
    assert ("process" in found) is process


def test_a_process_that_is_known_to_be_down_has_no_ports(node):
    node["running"] = False
    found = node_info.read(dict(ASKED, process=True))
    assert "api" not in found and "transport" not in found


def test_only_what_is_asked_for_is_looked_at(node):
    found = node_info.read(dict(ASKED, http_port=None, transport_port=None))
    assert set(found) == {"host", "files", "directories", "free_space", "unreadable"}


def test_of_a_private_key_only_its_public_part_is_told(node, tmp_path, monkeypatch):
    key = tmp_path / "key"
    key.write_bytes(openssl.generate("ec-p256"))
    found = node_info.read(dict(ASKED, http_port=None, transport_port=None, public_keys=[str(key), str(tmp_path / "none"), str(tmp_path)]))
    assert found["openssl"].startswith("OpenSSL") or found["openssl"].startswith("LibreSSL")
    told = found["public_keys"]
    assert told[str(key)]["public_key"].startswith("-----BEGIN PUBLIC KEY-----") and told[str(tmp_path / "none")] == {"exists": False}
    assert told[str(tmp_path)]["error"] == "is not a regular file"
    assert not [line for line in key.read_text().splitlines()[1:-1] if line in str(found)]
    monkeypatch.setenv("PATH", str(tmp_path))
    found = node_info.read(dict(ASKED, http_port=None, transport_port=None, public_keys=[str(key)]))
    assert found["openssl"] is None and "there is no openssl" in found["public_keys"][str(key)]["error"]
