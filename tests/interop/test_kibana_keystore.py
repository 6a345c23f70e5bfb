# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""kibana.keystore between our code and Node's crypto, both ways. Kibana's own kibana-keystore cannot be had from package registries."""

from __future__ import annotations

import json
import os
import pathlib

import pytest
from ansible_collections.interlock.cluster.plugins.module_utils._stores import kibana_keystore

SCRIPT = pathlib.Path(__file__).with_name("files") / "kibana_keystore.js"
ENTRIES = {"elasticsearch.password": "pässw0rd \"quoted\" \\ \u2028", "xpack.security.encryptionKey": "k" * 32, "empty": "", "number": 12345}


@pytest.fixture
def node(program):
    """A function that runs the script; the test is skipped where there is no Node.js."""
    return lambda command, path, password="", stdin="": program(
        "node", SCRIPT, command, path, env={"KEYSTORE_PASSWORD": password}, stdin=stdin)


@pytest.mark.parametrize("password", ["", "pässw0rd"])
def test_node_reads_what_is_written_here(node, tmp_path, password):
    path = tmp_path / "kibana.keystore"
    path.write_bytes(kibana_keystore.dump(kibana_keystore.Keystore(ENTRIES, bool(password)), password, os.urandom))
    answer = node("load", path, password)
    assert answer.returncode == 0, answer.stderr
    assert json.loads(answer.stdout) == ENTRIES


@pytest.mark.parametrize("password", ["", "pässw0rd"])
def test_what_node_writes_is_read_here(node, tmp_path, password):
    path = tmp_path / "kibana.keystore"
    assert node("save", path, password, json.dumps(ENTRIES)).returncode == 0
    assert kibana_keystore.load(path.read_bytes(), password) == kibana_keystore.Keystore(ENTRIES, bool(password))


def test_node_refuses_another_password(node, tmp_path):
    path = tmp_path / "kibana.keystore"
    path.write_bytes(kibana_keystore.dump(kibana_keystore.Keystore(ENTRIES, True), "right", os.urandom))
    assert node("load", path, "wrong").returncode != 0
