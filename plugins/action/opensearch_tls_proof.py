# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import time

from ansible_collections.interlock.cluster.plugins.action.redis_tls_proof import ProofError, _no_identity, judge
from ansible_collections.interlock.cluster.plugins.module_utils._engines import opensearch as engine
from ansible_collections.interlock.cluster.plugins.plugin_utils._action import InterlockAction
from ansible_collections.interlock.cluster.plugins.plugin_utils._proof_identities import proof_identities


class ActionModule(InterlockAction):
    """Prove by handshakes whom an OpenSearch node lets in, on both layers, as far as its level has them."""

    ARGUMENTS = dict(
        host=dict(type="str", required=True),
        http_host=dict(type="str", required=True),
        transport_port=dict(type="int", default=9300),
        http_port=dict(type="int", default=9200),
        level=dict(type="str", choices=list(engine.LEVELS[1:]), required=True),
        ca_directory=dict(type="path", required=True),
        ca_passphrase=dict(type="str", no_log=True),
        trusted=dict(type="list", elements="str"),
        sha256=dict(type="str"),
        timeout=dict(type="int", default=30),
    )
    BEARS_SECRETS = True

    def perform(self, options):
        if self.checking:
            return {"changed": False, "skipped": True, "msg": "nothing to prove in check mode"}
        identities, trusted = proof_identities(options, _no_identity)
        deadline = time.monotonic() + options["timeout"]
        while True:
            proof, failures = self._try(options, identities, trusted)
            if not failures:
                return {"changed": False, "proof": proof}
            if time.monotonic() >= deadline:
                raise ProofError("; ".join(failures), where=options["host"],
                                 remedy="Look at the node's log, and at the certificate it serves.")
            time.sleep(1)

    def _try(self, options, identities, trusted):
        level = engine.LEVELS.index(options["level"])
        probe = {"ca_certificates": trusted, "identities": identities, "check_protocols": True}
        found = self.on_node("tls_endpoint_info", dict(
            probe, host=options["host"], port=options["transport_port"], plaintext_protocol="elasticsearch"))
        # In dual mode a client that greets in plaintext is a node that is still to come, and it may come without a certificate.
        dual = level == engine.DUAL
        proof, failures = judge("transport layer", found, options["sha256"], "no" if dual else "required", speaks_plaintext=not dual)
        proofs = {"transport": proof}
        if level >= engine.HTTPS:
            found = self.on_node("tls_endpoint_info", dict(
                probe, host=options["http_host"], port=options["http_port"], plaintext_protocol="http"))
            proofs["http"], more = judge("HTTP layer", found, options["sha256"], "optional")
            failures += more
        return proofs, failures
