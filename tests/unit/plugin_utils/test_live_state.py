# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""At which addresses a node is spoken to: where it answers now, else where its settings say that it will."""

from __future__ import annotations

import pytest
from ansible_collections.interlock.cluster.plugins.plugin_utils._elasticsearch_node import live_state

LOOPBACK = "127.0.0.1"  # where node_info looks when it cannot see a listener
SETTINGS = {"network.host": "10.0.0.7"}


def read(running=True, api=None, transport=None):
    """What node_info found. api, transport: the address that answered, None when nothing did."""
    found = {"process": {"running": running, "started_at": None, "listeners": None}}
    if running:
        found["api"] = {"host": api or LOOPBACK, "scheme": "http" if api else None, "unreachable": None, "answers": {}}
        found["transport"] = {"host": transport or LOOPBACK, "reachable": bool(transport)}
    return found


@pytest.mark.parametrize(
    "found, settings, http, transport",
    [
        (read(api="10.0.0.9", transport="10.0.0.8"), SETTINGS, "10.0.0.9", "10.0.0.8"),
        (read(), SETTINGS, "10.0.0.7", "10.0.0.7"),
        (read(running=False), SETTINGS, "10.0.0.7", "10.0.0.7"),
        (read(), {"network.host": "_site_"}, LOOPBACK, LOOPBACK),
        (read(running=False), {}, LOOPBACK, LOOPBACK),
        (read(), {"http.host": "10.0.0.1", "transport.host": "10.0.0.2"}, "10.0.0.1", "10.0.0.2"),
    ],
    ids=["it answers", "it is starting", "it is down", "starting, settings tell none", "down, settings tell none", "two addresses"],
)
def test_where_a_node_is_spoken_to(found, settings, http, transport):
    live = live_state(found, settings, {})
    assert (live["http_host"], live["transport_host"]) == (http, transport)
