# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A node was stolen: the CA is replaced without it, and what it has opens nothing any more. It comes last, the node does not come back."""

from __future__ import annotations

import re

import pytest
from ansible_collections.interlock.cluster.plugins.module_utils._stores import elasticsearch_keystore, pem, pkcs12
from cluster import Client, Cluster, wait_until

SETTING = "xpack.security.transport.ssl.keystore.secure_password"


@pytest.fixture(scope="module")
def stolen(cluster):
    return cluster.ordinary_nodes()[0]


@pytest.fixture(scope="module")
def loot(stolen, tmp_path_factory):
    """What a thief has: the options with which openssl is that node."""
    directory = tmp_path_factory.mktemp("loot")
    password = elasticsearch_keystore.load((stolen.config / "elasticsearch.keystore").read_bytes(), "", "x").entries[SETTING].decode()
    entry = pkcs12.load_keystore((stolen.config / "certs/transport.keystore.p12").read_bytes(), password, "x")
    (directory / "key").write_bytes(pem.dump_key(entry.key))
    (directory / "crt").write_bytes(pem.dump_certificates([entry.certificate]))
    return "-cert", str(directory / "crt"), "-key", str(directory / "key"), "-tls1_2"


def is_let_in(node, identity):
    """Whether a node takes a client; with TLS 1.2 its refusal ends the handshake, where a client of TLS 1.3 would have to wait for it."""
    return "Verify return code" in node.greeting(*identity).stdout and node.greeting(*identity).returncode == 0


def test_the_ca_is_replaced_without_it(cluster, stolen, loot):
    others = [node for node in cluster.nodes if node is not stolen]
    assert all(is_let_in(node, loot) for node in others)
    files = {path: path.read_bytes() for path in stolen.config.rglob("*") if path.is_file()}
    old = others[0].asks_for()
    client = Client(Cluster(others, cluster.inventory))
    client.start()
    run = cluster.play("rotate_ca", "-e", "ca_rotation_begin=new_key", "-e", "ca_rotation_excluded=%s" % stolen.name)
    failures = client.end()
    assert run.returncode == 0, run.stdout[-4000:]
    assert failures == []
    told = re.search(r"both CAs were trusted for (\d+) seconds", run.stdout)
    assert told and int(told.group(1)) > 0
    print(told.group())
    assert "STILL CONNECTED: %s" % stolen.name in run.stdout
    for node in others:
        assert not is_let_in(node, loot) and not set(old) & set(node.asks_for())
    assert {path: path.read_bytes() for path in stolen.config.rglob("*") if path.is_file()} == files, "the stolen node gets nothing"


def test_it_cannot_come_back(cluster, stolen):
    others = [node for node in cluster.nodes if node is not stolen]
    assert cluster.members(others[0]) == len(cluster.nodes), "what is connected stays so, as the documentation says"
    stolen.restart()
    wait_until(lambda: cluster.members(others[0]) == len(others), "the stolen node is still a member")
    assert cluster.members(stolen) == 0
