# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One read of a node: its files, and its ports where something answers."""

from __future__ import annotations

import base64
import hashlib
import os
import pwd
import ssl

import pytest
from ansible_collections.interlock.cluster.plugins.module_utils._node import node_facts
from ansible_collections.interlock.cluster.plugins.module_utils._node.elasticsearch_client import Client
from ansible_collections.interlock.cluster.tests.unit.support.scripted_api import UNAUTHORIZED, scripted_api

HEALTH = "GET /_cluster/health"


@pytest.mark.parametrize("with_content", [True, False])
def test_a_file(tmp_path, with_content):
    path = tmp_path / "elasticsearch.yml"
    path.write_bytes(b"a: \xc3\xa4\n")
    path.chmod(0o640)
    found = node_facts.read_file(str(path), with_content)
    expected = {"exists": True, "mode": "0640", "owner": pwd.getpwuid(os.geteuid()).pw_name, "size": 6, "mtime": path.stat().st_mtime,
                "sha256": hashlib.sha256(b"a: \xc3\xa4\n").hexdigest()}
    if with_content:
        expected["content"] = base64.b64encode(b"a: \xc3\xa4\n").decode()
    assert found.pop("group") and found == expected


def test_what_is_no_readable_file_says_why(tmp_path, monkeypatch):
    assert node_facts.read_file(str(tmp_path / "none"), True) == {"exists": False}
    assert node_facts.read_file(str(tmp_path), True)["error"] == "is not a regular file"
    os.mkfifo(tmp_path / "pipe")
    assert node_facts.read_file(str(tmp_path / "pipe"), True)["error"] == "is not a regular file", "and nobody waits for a writer"
    (tmp_path / "file").write_bytes(b"12345")
    assert node_facts.read_file(str(tmp_path / "file" / "below"), True) == {"exists": True, "error": "Not a directory"}
    monkeypatch.setattr(node_facts, "LARGEST_FILE", 4)
    found = node_facts.read_file(str(tmp_path / "file"), True)
    assert found["error"] == "is larger than 4 bytes" and "content" not in found and "sha256" not in found


def test_a_file_that_may_not_be_read(tmp_path, monkeypatch):
    (tmp_path / "file").write_bytes(b"")

    def forbidden(*_arguments):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open", forbidden)
    found = node_facts.read_file(str(tmp_path / "file"), True)
    assert (found["error"], found["exists"]) == ("Permission denied", True) and "content" not in found


@pytest.mark.skipif(os.geteuid() != 0, reason="giving files away takes root")
def test_an_owner_without_a_name_is_a_number(tmp_path):
    (tmp_path / "file").touch()
    os.chown(tmp_path / "file", 4711, 4712)
    found = node_facts.read_file(str(tmp_path / "file"), False)
    assert (found["owner"], found["group"]) == ("4711", "4712")


def test_directories_and_space(tmp_path):
    for name in ("b", "a"):
        (tmp_path / name).touch()
    assert node_facts.list_directory(str(tmp_path)) == ["a", "b"]
    assert node_facts.list_directory(str(tmp_path / "a")) is None
    assert node_facts.free_bytes(str(tmp_path)) > 0
    assert node_facts.free_bytes(str(tmp_path / "none")) is None


class Service:
    def __init__(self, pid):
        self._pid = pid

    def pid(self):
        return self._pid

    def passphrase_file(self):
        return "/run/passphrase"


def test_a_process():
    assert node_facts.read_process(Service(None)) == {"running": False, "pid": None, "started_at": None, "listeners": None,
                                                      "passphrase_file": "/run/passphrase"}
    with scripted_api() as api:
        found = node_facts.read_process(Service(os.getpid()))
    assert found["running"] and found["pid"] == os.getpid() and found["started_at"]
    assert node_facts.listening_address(found, api.port, "192.0.2.1") == "127.0.0.1"


@pytest.mark.parametrize("listeners, expected", [
    ([("10.0.0.7", 9200), ("10.0.0.8", 9300)], "10.0.0.7"), ([("0.0.0.0", 9200)], "127.0.0.1"), ([("::", 9200)], "::1"), ([], "192.0.2.1"),
    (None, "192.0.2.1"), ([("10.0.0.8", 9300)], "192.0.2.1"),
])
def test_where_to_dial(listeners, expected):
    assert node_facts.listening_address({"listeners": listeners}, 9200, "192.0.2.1") == expected


def ask(api, ca_pem=None, password="secret"):
    client = Client("127.0.0.1", api.port, "elastic", password, "http_or_https", ca_pem, 10)
    return node_facts.ask_api(client, "127.0.0.1", api.port, ["/a?x=1", "/b"], 10)


def test_the_http_layer_is_asked_everything():
    with scripted_api() as api:
        api.script = {HEALTH: [(200, {})], "GET /a": [(200, {"a": 1})], "GET /b": [(503, {"error": "x"})]}
        assert ask(api) == {"scheme": "http", "unreachable": None,
                            "answers": {"/a?x=1": {"status": 200, "answer": {"a": 1}}, "/b": {"status": 503, "answer": {"error": "x"}}}}
        assert len(api.asked) == 3
        assert all(asked.headers["Authorization"].startswith("Basic ") for asked in api.asked)


def test_a_password_that_is_refused_is_tried_once():
    with scripted_api() as api:
        api.script = {HEALTH: [UNAUTHORIZED]}
        assert ask(api)["answers"] == {"/a?x=1": {"status": 401, "answer": None}, "/b": {"status": 401, "answer": None}}
        assert len(api.asked) == 1


def test_an_http_layer_that_stops_answering():
    with scripted_api() as api:
        api.script = {HEALTH: [(200, {})], "GET /a": [(200, {"a": 1})], "GET /b": [(None, None)]}
        found = ask(api)
    assert found["answers"] == {"/a?x=1": {"status": 200, "answer": {"a": 1}}}
    assert "does not answer GET /b" in found["unreachable"]


def test_an_http_layer_that_is_not_there():
    with scripted_api() as api:
        pass
    found = ask(api)
    assert (found["scheme"], found["answers"]) == (None, {})
    assert "does not answer GET /_cluster/health" in found["unreachable"]


@pytest.mark.parametrize("known", [True, False])
def test_an_http_layer_of_https_gets_the_password_only_when_its_certificate_verifies(pki, known):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pki.node.path)
    with scripted_api(context=context) as api:
        api.script = {HEALTH: [(200, {})], "GET /a": [(200, {"a": 1})], "GET /b": [(200, {})]}
        found = ask(api, (pki.ca if known else pki.foreign).certificate)
        assert found["scheme"] == "https"
        if known:
            assert found["unreachable"] is None and found["answers"]["/a?x=1"] == {"status": 200, "answer": {"a": 1}}
        else:
            assert "certificate verify failed" in found["unreachable"] and found["answers"] == {} and api.asked == []


def test_the_clock():
    found = node_facts.clock()
    assert found["now"] > 1.7e9 and found["hostname"]
