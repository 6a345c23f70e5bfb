# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import datetime
import os
import time

from ansible_collections.interlock.cluster.plugins.module_utils._ansible.ca_directory import CaDirectory, Generation
from ansible_collections.interlock.cluster.plugins.module_utils._errors import InterlockError
from ansible_collections.interlock.cluster.plugins.module_utils._pki import names, rotation
from ansible_collections.interlock.cluster.plugins.module_utils._pki.node_certificate import issue, serial_from
from ansible_collections.interlock.cluster.plugins.module_utils._stores import pem
from ansible_collections.interlock.cluster.plugins.plugin_utils._action import InterlockAction
from ansible_collections.interlock.cluster.plugins.plugin_utils._proof_identities import REQUEST, held, identity

INTERVAL, PROGRESS = 1, 10
ANSWERS = {"accepted": True, "refused": False}


class ProofError(InterlockError):
    """A node is not through the step of the rotation that it was to make."""


class ActionModule(InterlockAction):
    """Find out by handshakes whose certificate a process serves and which CAs it trusts in memory, and wait for what is wanted."""

    ARGUMENTS = dict(
        host=dict(type="str", required=True),
        port=dict(type="int", required=True),
        plaintext_protocol=dict(type="str", choices=["auto", "elasticsearch", "http", "redis", "none"], default="auto"),
        ca_directory=dict(type="path"),
        ca_passphrase=dict(type="str", no_log=True),
        held=dict(type="dict", options=dict(
            private_key=dict(type="path", required=True, no_log=False),
            generations=dict(type="list", elements="dict", required=True, options=dict(
                generation=dict(type="int", required=True),
                authority=dict(type="str", required=True),
                certificate=dict(type="str"),
            )),
        )),
        serves=dict(type="int"),
        accepts=dict(type="list", elements="int", default=[]),
        refuses=dict(type="list", elements="int", default=[]),
        timeout=dict(type="int", default=0),
    )
    RULES = dict(required_one_of=[("ca_directory", "held")], mutually_exclusive=[("ca_directory", "held")])
    BEARS_SECRETS = True

    def perform(self, options):
        identities = self._of_the_node(options["held"]) if options["held"] else self._of_the_directory(options)
        probe = {"host": options["host"], "port": options["port"], "plaintext_protocol": options["plaintext_protocol"],
                 "check_strangers": False, "identities": identities}
        began = told = time.monotonic()
        while True:
            state = self._state(self.on_node("tls_endpoint_info", probe))
            missing = lacks(state, options)
            passed = time.monotonic() - began
            if not missing:
                return {"changed": False, "state": state, "missing": [], "seconds": round(passed, 1), "at": time.time()}
            if passed >= options["timeout"]:
                break
            if time.monotonic() - told >= PROGRESS:
                told = time.monotonic()
                self._display.display("%s: %s (%d s)" % (self.hostname, "; ".join(missing), passed))
            time.sleep(INTERVAL)
        raise ProofError(
            "%s after %d s" % ("; ".join(missing), passed), where="%s:%d" % (options["host"], options["port"]),
            remedy="Its files are in place: look into its log why the process has not read them. The run that follows goes on from here.")

    def _of_the_node(self, given):
        """The node itself as the client: the CA may be on another host, and the key of the node does not leave it."""
        self.generations = [Generation(entry["generation"], pem.load_certificates(entry["authority"].encode("utf-8"), "authority")[0], ())
                            for entry in given["generations"]]
        self.ledger = {}  # what a node serves is told apart by the CA certificate beside it
        return [held(str(entry["generation"]), entry["certificate"], given["private_key"])
                for entry in given["generations"] if entry["certificate"]]

    def _of_the_directory(self, options):
        """A client of each CA that can still issue one, made for this proof and kept in memory."""
        now = datetime.datetime.now(datetime.timezone.utc)
        self.directory = CaDirectory(options["ca_directory"])
        self.generations = self.directory.load_public()
        self.ledger = {entry.get("sha256"): entry.get("issuer_sha256") for entry in self.directory.ledger()[0]}
        found = []
        for entry in self.generations:
            if now > entry.certificate.not_valid_after_utc or self.directory.external(entry.number):
                continue  # whether it is trusted is told by its name among those that the server asks for
            own = self.directory.load(options["ca_passphrase"], now, entry.number)
            issued = issue(own, REQUEST, now, serial_from(os.urandom))
            self.directory.append(issued, entry.number, now)
            found.append(identity(str(entry.number), issued))
        return found

    def _state(self, found):
        """What the port shows as public data."""
        tried = {int(identity["name"]): ANSWERS.get(identity["result"]) for identity in found["identities"]}
        details = {int(identity["name"]): identity["detail"] for identity in found["identities"]}
        number = other = None
        if found["certificate_pem"]:
            served = pem.load_certificates(found["certificate_pem"].encode("ascii"), "the served certificate")[0]
            number = rotation.generation_of(served, self.generations, self.ledger, [above["sha256"] for above in found["chain"][1:]])
            other = None if number else names.text(served.issuer)
        return {
            "reachable": found["reachable"], "speaks_tls": found["speaks_tls"], "error": found["error"],
            "served": found["certificate"], "generation": number, "serves_other": other,
            "accepts": [{"generation": entry.number, "accepted": tried.get(entry.number, listed(entry.certificate, found)),
                         "detail": details.get(entry.number, "as the names of the CAs that the server asks for tell")}
                        for entry in self.generations],
        }


def listed(certificate, found):
    """Whether a server that asks for clients of certain CAs asks for those of this one; None when it does not say."""
    asked = found["client_certificate_authorities"]
    return names.text(certificate.subject) in asked if asked else None


def lacks(state, options):
    """What a port does not show although it is wanted, as phrases."""
    if not state["speaks_tls"]:
        return ["it does not speak TLS (%s)" % (state["error"] or "plaintext")] if wants(options) else []
    accepted = {entry["generation"]: entry["accepted"] for entry in state["accepts"]}
    found = []
    if options["serves"] is not None and state["generation"] != options["serves"]:
        found.append("it serves a certificate of %s and not of generation %d"
                     % (state["serves_other"] or "generation %s" % state["generation"], options["serves"]))
    found += ["it does not accept certificates of generation %d" % number
              for number in options["accepts"] if accepted.get(number) is not True]
    found += ["it still accepts certificates of generation %d" % number
              for number in options["refuses"] if accepted.get(number) is not False]
    return found


def wants(options):
    """Whether anything is to be proved, not only looked at."""
    return options["serves"] is not None or bool(options["accepts"] or options["refuses"])
