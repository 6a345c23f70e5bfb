# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module node_peers: real connections to real ports."""

from __future__ import annotations

import socket

import pytest
from ansible_collections.interlock.cluster.plugins.modules import node_peers
from ansible_collections.interlock.cluster.tests.unit.support.tls_server import transport_layer


@pytest.fixture
def closed():
    """A port that nobody listens on."""
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        yield reserved.getsockname()[1]


def test_who_can_be_reached_and_who_speaks_tls(run_module, certificates, tmp_path, closed):
    issued = certificates.issue(certificates.authority(), certificates.request("es2"))
    with transport_layer(tmp_path, issued) as encrypted, transport_layer(tmp_path) as plain:
        peers = ["127.0.0.1:%d" % port for port in (encrypted, plain, closed)]
        found = run_module(node_peers, peers=peers, tls=True)["peers"]
        assert [(found[peer]["reachable"], found[peer]["speaks_tls"]) for peer in peers] == [(True, True), (True, False), (False, None)]
        assert "refused" in found[peers[2]]["error"].lower()
        found = run_module(node_peers, peers=peers[:2])["peers"]
        assert [peer["speaks_tls"] for peer in found.values()] == [None, None], "not asked, not greeted"


def test_a_name_that_nobody_knows_is_a_finding(run_module):
    found = run_module(node_peers, peers=["nobody.invalid:9300"], timeout=2)
    assert found["peers"]["nobody.invalid:9300"]["reachable"] is False and not found["changed"]


def test_no_peers(run_module):
    assert run_module(node_peers, peers=[])["peers"] == {}
