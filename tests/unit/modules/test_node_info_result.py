# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module node_info as a whole, with files, a process and ports that are there."""

from __future__ import annotations

import base64
import os

import pytest
from ansible_collections.interlock.cluster.plugins.module_utils._node import service
from ansible_collections.interlock.cluster.plugins.modules import node_info
from ansible_collections.interlock.cluster.tests.unit.support.scripted_api import scripted_api

PASSWORD = "kno4-of-elastic"


@pytest.fixture
def archive(tmp_path, monkeypatch):
    """Options of a service whose process is this one."""
    (tmp_path / "pid").write_text(str(os.getpid()))
    monkeypatch.setitem(service.ENGINES, "elasticsearch", service.ENGINES["elasticsearch"]._replace(marker="python"))
    return {"manager": "archive", "home": str(tmp_path), "config_dir": str(tmp_path), "pid_file": str(tmp_path / "pid")}


@pytest.mark.parametrize("check", [True, False])
def test_everything_in_one_go(run_module, api, tmp_path, archive, check):
    (tmp_path / "elasticsearch.yml").write_bytes(b"a: 1\n")
    api.script = {"GET /_cluster/health": [(200, {})], "GET /x": [(200, {"y": 1})]}
    with scripted_api() as transport:
        result = run_module(
            node_info, check, service=archive, process=True, files=[str(tmp_path / "elasticsearch.yml"), str(tmp_path / "none")],
            directories=[str(tmp_path)], free_space_of=[str(tmp_path)], http_port=api.port, transport_port=transport.port, api_paths=["/x"],
            password=PASSWORD, fallback_address="192.0.2.1")
        assert transport.asked and "Authorization" not in transport.asked[0].headers, "the password is for the HTTP layer only"
    assert not result["changed"]
    found = result["files"][str(tmp_path / "elasticsearch.yml")]
    assert found["exists"] and "content" not in found and result["files"][str(tmp_path / "none")] == {"exists": False}
    assert result["directories"] == {str(tmp_path): ["elasticsearch.yml", "pid"]}
    assert result["free_space"][str(tmp_path)] > 0 and result["host"]["hostname"]
    assert (result["process"]["running"], result["process"]["pid"]) == (True, os.getpid())
    assert result["api"] == {"scheme": "http", "host": "127.0.0.1", "unreachable": None, "answers": {"/x": {"status": 200, "answer": {"y": 1}}}}
    assert (result["transport"]["speaks_tls"], result["transport"]["plaintext_speaks"], result["transport"]["host"]) == (False, "http", "127.0.0.1")
    assert PASSWORD not in str(result)


def test_contents_only_when_asked_for(run_module, tmp_path):
    (tmp_path / "a").write_bytes(b"\x00\xff")
    result = run_module(node_info, files=[str(tmp_path / "a")], content=True)
    assert base64.b64decode(result["files"][str(tmp_path / "a")]["content"]) == b"\x00\xff"
    assert {"process", "api", "transport"}.isdisjoint(result)


def test_a_process_that_is_down_is_asked_nothing(run_module, api, archive):
    with open(archive["pid_file"], "w", encoding="ascii") as stream:
        stream.write("0")
    result = run_module(node_info, service=archive, process=True, http_port=api.port, transport_port=api.port)
    assert result["process"] == {"running": False, "pid": None, "started_at": None, "listeners": None, "passphrase_file": None}
    assert "api" not in result and api.asked == []


def test_a_manager_that_cannot_be_asked_is_a_failure(run_module, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    result = run_module(node_info, process=True)
    assert result["failed"] and result["msg"].startswith("systemctl: cannot be run: No such file or directory. Without systemd choose")
