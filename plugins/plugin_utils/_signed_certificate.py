# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A certificate that was signed elsewhere, or came with a key of its own: what it changes about a decision, and what is written of it."""

from __future__ import annotations

from ansible_collections.interlock.cluster.plugins.module_utils._errors import InterlockError
from ansible_collections.interlock.cluster.plugins.module_utils._pki import keys, signed_certificate
from ansible_collections.interlock.cluster.plugins.module_utils._pki.assessment import Reason
from ansible_collections.interlock.cluster.plugins.module_utils._pki.node_certificate import Issued
from ansible_collections.interlock.cluster.plugins.module_utils._stores import pem
from ansible_collections.interlock.cluster.plugins.plugin_utils._certificate_files import Decision, public_key_of

# What a node does not have a choice about when its certificate is given: another one would have to be signed.
_OF_THE_SIGNER = ("key_type", "san_extra", "expiring")
REMEDY = "Collect requests with the playbook csr, have them signed, and give the certificates (elasticsearch_tls_signed_directory)."


class GivenCertificate:
    """What the options signed_certificate, signed_key, signed_key_path and signed_key_passphrase describe."""

    def __init__(self, options):
        self.certificates = pem.load_certificates(options["signed_certificate"].encode("utf-8"), "the given certificate")
        self._options = options
        self.held = options.get("private_key_origin") == "node"

    @property
    def path(self):
        """The path of the key on the node, None when it is given by content."""
        return None if self._options["signed_key"] else self._options["signed_key_path"]

    def key(self, files):
        """The private key it is for, None where the node has none. files: {path: NodeFile}."""
        if self._options["signed_key"]:
            content, where = self._options["signed_key"].encode("utf-8"), "signed_key"
        elif self.path:
            if self.held:
                return public_key_of(files[self.path])
            content, where = files[self.path].readable(), self.path
        else:
            return None
        return None if content is None else pem.load_key(content, self._options["signed_key_passphrase"], where)

    def belongs_to(self, certificate, files):
        """Whether the key on the node is that of a certificate."""
        try:
            key = self.key(files) if self.path else None
        except InterlockError:
            return False
        return key is not None and keys.matches(key, certificate)

    def decided(self, decision, current):
        """The Decision about a node to which this certificate is given."""
        held = None if current is None else current.certificate
        if decision.verdict == "refuse":
            return decision
        if held is not None and held == self.certificates[0]:
            kept = tuple(reason for reason in decision.reasons if reason.code not in _OF_THE_SIGNER)
            late = tuple("the certificate %s; have a new one signed" % reason.text
                         for reason in decision.reasons if reason.code == "expiring")
            verdict = "keep" if not kept else "trust" if {reason.code for reason in kept} == {"trust"} else decision.verdict
            return Decision(verdict, kept, decision.warnings + late)
        if decision.verdict != "issue" and held is not None and held.not_valid_before_utc >= self.certificates[0].not_valid_before_utc:
            older = "the given certificate is older than the one the node has, which is kept"
            return Decision(decision.verdict, decision.reasons, (*decision.warnings, older))
        reason = Reason("given", "a certificate that was signed elsewhere is given")
        return Decision("issue", (reason, *decision.reasons), decision.warnings)

    def issued(self, files, wanted, now):
        """The Issued to write. Raises SignedCertificateError with everything that forbids to use it."""
        key = self.key(files)
        found = [] if key else ["there is no private key for it (%s)" % (self.path or "signed_key is not given")]
        found += signed_certificate.problems(self.certificates, key, wanted.request, wanted.authorities, now)
        if found:
            where = "the certificate given for %s" % wanted.request.common_name
            raise signed_certificate.SignedCertificateError("; ".join(found), where, REMEDY)
        return Issued(key, self.certificates[0], signed_certificate.chain_of(self.certificates, wanted.authorities))


def arguments():
    """The options that describe a given certificate."""
    return dict(
        signed_certificate=dict(type="str"),
        signed_key=dict(type="str", no_log=True),
        signed_key_path=dict(type="path", no_log=False),
        signed_key_passphrase=dict(type="str", no_log=True),
    )


def given(options):
    """The GivenCertificate of the options, None when there is none."""
    return GivenCertificate(options) if options["signed_certificate"] else None


def problem_of(one, files, wanted, now):
    """Why a given certificate may not be used, in words; None when it may."""
    try:
        one.issued(files, wanted, now)
    except InterlockError as error:
        return str(error)
    return None
