# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Verdicts about nodes as elasticsearch_tls_info gives them."""

from __future__ import annotations

import copy

import pytest

PLAINTEXT_LIVE = {
    "running": True, "transport_tls": False, "served": None, "members": {"es1": {}, "es2": {}, "es3": {}}, "health": "green", "relocating": 0,
    "denied": False, "unreachable": None, "listening": [9200, 9300], "transport_host": "10.0.0.1", "duplicates": [],
    "allocation": {"persistent": None, "transient": None}, "documents": {"orders": 10}, "clients": [], "remotes": [],
    "scheme": "http", "http_served": None, "security": False, "master": "es1", "last_snapshot": None,
}
PLAINTEXT = {
    "name": "es1", "version": "8.19.0", "cluster_name": "orders", "live": PLAINTEXT_LIVE, "switching_security_on": True,
    "seed_hosts": [], "finds_others": True, "san": {"dns": ["es1"], "ip": ["10.0.0.1"]}, "settings": ["xpack.security.enabled"],
    "secure_settings": [{"name": "bootstrap.password", "action": "add"}], "keystore": {"existed": True, "format": 7},
    "certificate": {"verdict": "issue", "reasons": ["there is no certificate yet"], "warnings": [], "facts": None, "foreign": []},
    "manifest": None, "problems": [], "warnings": [], "clock_offset": 0, "free_bytes": 1 << 30, "peers": {}, "previous_encrypted": False, "http": None,
}
KEPT = {"verdict": "keep", "reasons": [], "warnings": [], "facts": {"sha256": "aa"}, "foreign": []}


class Nodes:
    """A maker of nodes. What is given replaces what a node of this kind would have; live and certificate are merged."""

    def plaintext(self, **changes):
        """A node that runs in plaintext and has nothing yet."""
        return self._changed(PLAINTEXT, changes)

    def secured(self, **changes):
        """A node that is as it should be."""
        base = self._changed(PLAINTEXT, {"live": {"transport_tls": True, "served": {"sha256": "aa"}}, "certificate": KEPT, "settings": [],
                                         "secure_settings": [], "switching_security_on": False})
        return self._changed(base, changes)

    @staticmethod
    def _changed(base, changes):
        node = copy.deepcopy(base)
        for name, value in changes.items():
            if name in ("live", "certificate"):
                node[name].update(value)
            else:
                node[name] = value
        return node

    def cluster(self, make, **changes):
        """Three nodes es1 to es3 on hosts one to three."""
        return {host: make(name="es%d" % number, san={"dns": ["es%d" % number], "ip": ["10.0.0.%d" % number]}, **changes)
                for number, host in enumerate(("one", "two", "three"), 1)}


@pytest.fixture(scope="session")
def nodes():
    """The maker of nodes."""
    return Nodes()
