# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import time

from ansible_collections.interlock.cluster.plugins.module_utils._errors import InterlockError
from ansible_collections.interlock.cluster.plugins.module_utils._stores import pkcs12
from ansible_collections.interlock.cluster.plugins.plugin_utils import _node_files
from ansible_collections.interlock.cluster.plugins.plugin_utils._action import InterlockAction
from ansible_collections.interlock.cluster.plugins.plugin_utils._node_files import SECURE_SETTING, secure_password
from ansible_collections.interlock.cluster.plugins.plugin_utils._proof_identities import FOREIGN, MEMBER, held, proof_identities, stranger


# What is spoken inside TLS, by the name of the layer
PROTOCOLS = {"transport": "elasticsearch", "http": "http"}


class ProofError(InterlockError):
    """The layer does not behave as it must."""


class ActionModule(InterlockAction):
    """Prove by handshakes that a layer lets members in and nobody else."""

    ARGUMENTS = dict(
        layer=dict(type="str", choices=list(PROTOCOLS), default="transport"),
        server_name=dict(type="str"),
        refused_protocols=dict(type="list", elements="str", choices=["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"], default=[]),
        host=dict(type="str", required=True),
        port=dict(type="int", default=9300),
        ca_directory=dict(type="path"),
        ca_passphrase=dict(type="str", no_log=True),
        trusted=dict(type="list", elements="str"),
        sha256=dict(type="str"),
        verify_name=dict(type="bool", default=True),
        demand_client_certificate=dict(type="bool", default=True),
        timeout=dict(type="int", default=30),
        keystore=dict(type="path"),
        keystore_setting=SECURE_SETTING,
        private_key=dict(type="path", no_log=False),
        certificate=dict(type="path"),
    )
    RULES = dict(required_one_of=[("ca_directory", "private_key")], mutually_exclusive=[("ca_directory", "private_key")],
                 required_by={"private_key": ("certificate", "trusted")})
    BEARS_SECRETS = True

    def perform(self, options):
        where = "%s:%d" % (options["host"], options["port"])
        if self.checking:
            return {"changed": False, "skipped": True, "msg": "nothing to prove in check mode"}
        if options["private_key"]:
            identities, trusted = [self._held_identity(options), stranger()], "".join(options["trusted"])
        else:
            identities, trusted = proof_identities(options, lambda: self._own_identity(options))
        deadline = time.monotonic() + options["timeout"]
        while True:
            found = self.on_node("tls_endpoint_info", {
                "host": options["host"], "port": options["port"], "server_name": options["server_name"],
                "check_protocols": bool(options["refused_protocols"]),
                "plaintext_protocol": PROTOCOLS[options["layer"]], "ca_certificates": trusted, "identities": identities})
            proof, failures = judge(found, options)
            if not failures:
                return {"changed": False, "proof": proof}
            if time.monotonic() >= deadline:
                raise ProofError("; ".join(failures), where=where, remedy="Look at the node's log, and at the certificate it serves.")
            time.sleep(2)

    def _held_identity(self, options):
        """The node itself: its key stays where it is."""
        files, _found = _node_files.read(self, [options["certificate"]])
        return held(MEMBER, (files[options["certificate"]].readable() or b"").decode("ascii"), options["private_key"])

    def _own_identity(self, options):
        """The key and certificate in the node's keystore, in memory."""
        if not options["keystore"] or not options["keystore_setting"]:
            raise ProofError("the CA's key is elsewhere, so the node's own certificate is needed", where="keystore",
                             remedy="Give keystore and keystore_setting.")
        setting = options["keystore_setting"]
        files, _found = _node_files.read(self, [options["keystore"], setting["path"]])
        content = files[options["keystore"]].readable() or b""
        return pkcs12.load_keystore(content, secure_password(setting, files) or "", options["keystore"])


def judge(found, options):
    """(what was seen as public data, the list of what is not as it must be)."""
    results = {identity["name"]: identity for identity in found["identities"]}
    certificate = found["certificate"] or {}
    proof = {
        "served": certificate,
        "protocol": found["protocol"],
        "cipher": found["cipher"],
        "chain_trusted": found["trusted"],
        "member_accepted": results[MEMBER]["result"] == "accepted",
        "plaintext_refused": found["accepts_plaintext"] is False,
        "no_certificate_refused": found["demands_client_certificate"] is True,
        "foreign_refused": results[FOREIGN]["result"] == "refused",
        "protocols": found["protocols"],
    }
    failures = []
    if not found["speaks_tls"]:
        return proof, ["it does not speak TLS (%s)" % (found["error"] or ("plaintext" if found["accepts_plaintext"] else "no handshake"))]
    if options["sha256"] and certificate.get("sha256") != options["sha256"]:
        failures.append("it serves the certificate with serial %s and not the one in its keystore" % certificate.get("serial"))
    if options["verify_name"] and not found["trusted"]:
        failures.append("its certificate does not verify: %s" % found["trust_reason"])
    if not proof["member_accepted"]:
        failures.append("a peer with a certificate of the CA is not let in: %s" % results[MEMBER]["detail"])
    if not proof["plaintext_refused"]:
        failures.append("it could not be shown that plaintext is refused")
    failures += ["it speaks %s" % name for name in options["refused_protocols"] if found["protocols"][name]]
    if options["demand_client_certificate"] and not proof["no_certificate_refused"]:
        failures.append("a peer without a certificate is let in")
    if options["demand_client_certificate"] and not proof["foreign_refused"]:
        failures.append("a peer with a certificate of a foreign CA is not refused: %s" % results[FOREIGN]["detail"])
    return proof, failures
