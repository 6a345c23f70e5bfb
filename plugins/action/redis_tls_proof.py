# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import time

from ansible_collections.interlock.cluster.plugins.module_utils._errors import InterlockError
from ansible_collections.interlock.cluster.plugins.plugin_utils._action import InterlockAction
from ansible_collections.interlock.cluster.plugins.plugin_utils._proof_identities import FOREIGN, MEMBER, proof_identities


class ProofError(InterlockError):
    """A port that lets in whom it must not, or not whom it must."""


class ActionModule(InterlockAction):
    """Prove by handshakes whom a Redis node lets in: on its TLS port, its bus and its plaintext port."""

    ARGUMENTS = dict(
        address=dict(type="str", required=True),
        secure_port=dict(type="int", required=True),
        bus_port=dict(type="int"),
        plaintext_port=dict(type="int"),
        ca_directory=dict(type="path", required=True),
        ca_passphrase=dict(type="str", no_log=True),
        trusted=dict(type="list", elements="str"),
        sha256=dict(type="str"),
        client_certificates=dict(type="str", choices=["required", "optional", "no"], default="required"),
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
                raise ProofError("; ".join(failures), where=options["address"], remedy="Look at the log of the server.")
            time.sleep(1)

    def _try(self, options, identities, trusted):
        probe = {"host": options["address"], "ca_certificates": trusted, "identities": identities, "check_protocols": True}
        found = self.on_node("tls_endpoint_info", dict(probe, port=options["secure_port"], plaintext_protocol="redis"))
        proof, failures = judge("TLS port", found, options["sha256"], options["client_certificates"])
        proofs = {"client": proof}
        if options["bus_port"]:
            # The bus answers nothing that it does not know, so acceptance is judged by the handshake alone.
            bus = self.on_node("tls_endpoint_info", dict(probe, port=options["bus_port"], plaintext_protocol="none"))
            proofs["bus"], more = judge("bus", bus, options["sha256"], "required", speaks_plaintext=False)
            failures += more
        if options["plaintext_port"]:
            plain = self.on_node("tls_endpoint_info", {"host": options["address"], "port": options["plaintext_port"],
                                                       "plaintext_protocol": "redis"})
            proofs["plaintext_closed"] = not plain["reachable"] or plain["accepts_plaintext"] is False
            if not proofs["plaintext_closed"]:
                failures.append("the plaintext port %d is still answered" % options["plaintext_port"])
        return proofs, failures


def judge(what, found, sha256, client_certificates, speaks_plaintext=True):
    """(what was seen as public data, what is not as it must be) on one port."""
    results = {identity["name"]: identity for identity in found["identities"]}
    certificate = found["certificate"] or {}
    spoken = sorted(name for name, taken in (found.get("protocols") or {}).items() if taken)
    proof = {
        "served": certificate, "protocol": found["protocol"], "cipher": found["cipher"], "protocols": spoken,
        "chain_trusted": found["trusted"],
        "member_accepted": results[MEMBER]["result"] == "accepted",
        "plaintext_refused": found["accepts_plaintext"] is False if speaks_plaintext else None,
        "no_certificate_refused": found["demands_client_certificate"] is True,
        "foreign_refused": results[FOREIGN]["result"] == "refused",
    }
    failures = []
    if not found["speaks_tls"]:
        return proof, ["the %s does not speak TLS (%s)" % (what, found["error"] or "plaintext")]
    if sha256 and certificate.get("sha256") != sha256:
        failures.append("the %s serves the certificate with serial %s and not the one in its file" % (what, certificate.get("serial")))
    if not found["trusted"]:
        failures.append("the certificate of the %s does not verify: %s" % (what, found["trust_reason"]))
    if not proof["member_accepted"]:
        failures.append("a client with a certificate of the CA is not let in at the %s: %s" % (what, results[MEMBER]["detail"]))
    if speaks_plaintext and not proof["plaintext_refused"]:
        failures.append("it could not be shown that the %s refuses plaintext" % what)
    if client_certificates == "required" and not proof["no_certificate_refused"]:
        failures.append("a client without a certificate is let in at the %s" % what)
    if client_certificates != "no" and not proof["foreign_refused"]:
        failures.append("a client with a certificate of a foreign CA is not refused at the %s: %s" % (what, results[FOREIGN]["detail"]))
    old = {"TLSv1", "TLSv1.1"}.intersection(spoken)
    if old:
        failures.append("the %s still speaks %s" % (what, ", ".join(sorted(old))))
    return proof, failures


def _no_identity():
    raise ProofError("the CA's key is elsewhere, and this proof needs a certificate of it", where="ca_directory",
                     remedy="Certificates of Redis are issued by a CA whose key is in its directory.")
