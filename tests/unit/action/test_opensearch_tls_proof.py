# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""opensearch_tls_proof: what is tried on each level, and what counts as proof there."""

from __future__ import annotations

import pytest
from ansible_collections.interlock.cluster.plugins.action.opensearch_tls_proof import ActionModule

OPTIONS = {"host": "10.0.0.7", "http_host": "10.0.0.8", "transport_port": 9300, "http_port": 9200, "sha256": "aa"}
STRICT = {"speaks_tls": True, "error": None, "certificate": {"sha256": "aa", "serial": "1"}, "protocol": "TLSv1.3", "cipher": "x",
          "protocols": {"TLSv1.2": True, "TLSv1.3": True}, "trusted": True, "trust_reason": "", "accepts_plaintext": False,
          "demands_client_certificate": True, "identities": [{"name": "member", "result": "accepted", "detail": ""},
                                                             {"name": "foreign", "result": "refused", "detail": "alert"}]}
DUAL = dict(STRICT, accepts_plaintext=True)
HTTPS = dict(STRICT, demands_client_certificate=False)
LAX = dict(STRICT, identities=[STRICT["identities"][0], {"name": "foreign", "result": "accepted", "detail": "let in"}])


def prove(level, transport, http=None):
    """(the proof, what is not as it must be, the ports that were tried)."""
    action, tried = ActionModule.__new__(ActionModule), []

    def on_node(_module, arguments):
        tried.append((arguments["host"], arguments["port"], arguments["plaintext_protocol"]))
        return transport if arguments["port"] == 9300 else http or HTTPS

    action.on_node = on_node
    proof, failures = action._try(dict(OPTIONS, level=level), [], "")
    return proof, failures, tried


@pytest.mark.parametrize("level, transport, http, failures", [
    ("dual", DUAL, None, 0),
    ("dual", dict(DUAL, speaks_tls=False), None, 1),
    ("dual", dict(DUAL, certificate={"sha256": "bb", "serial": "2"}), None, 1),
    ("strict", STRICT, None, 0),
    ("strict", DUAL, None, 1),
    ("strict", LAX, None, 1),
    ("strict", dict(STRICT, demands_client_certificate=False), None, 1),
    ("https", STRICT, HTTPS, 0),
    ("full", STRICT, dict(HTTPS, accepts_plaintext=True), 1),
    ("full", STRICT, dict(HTTPS, speaks_tls=False), 1),
    ("full", STRICT, dict(HTTPS, protocols={"TLSv1.1": True}), 1),
    ("full", dict(STRICT, trusted=False), HTTPS, 1),
])
def test_what_is_proved_on_a_level(level, transport, http, failures):
    proof, found, tried = prove(level, transport, http)
    assert len(found) == failures, found
    ports = [("10.0.0.7", 9300, "elasticsearch")] + ([("10.0.0.8", 9200, "http")] if level in ("https", "full") else [])
    assert tried == ports and set(proof) == ({"transport", "http"} if http else {"transport"})
