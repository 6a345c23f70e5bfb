# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A certificate as the files of a node, PKCS#12 stores or PEM: read it, decide about it, make it anew.

The one backend of node_certificate and of everything that predicts what node_certificate would do.
"""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.interlock.cluster.plugins.module_utils._errors import InterlockError
from ansible_collections.interlock.cluster.plugins.module_utils._pki import keys
from ansible_collections.interlock.cluster.plugins.module_utils._pki.assessment import Current, Reason, assess
from ansible_collections.interlock.cluster.plugins.module_utils._pki.authority import issued_by
from ansible_collections.interlock.cluster.plugins.module_utils._stores import pem, pkcs12

RENEWALS = ("expired", "expiring")
ROTATIONS = ("other_issuer", "trust")


@dataclass(frozen=True)
class CertificateFiles:
    """Where a node has its key, certificate and trust. For pkcs12 certificate is None: the keystore holds it with the key.
    trust is None where somebody else sees to whom is trusted. held: the key never leaves the node, only its public part is known; pem."""

    format: str
    key: str
    certificate: str | None
    trust: str | None
    held: bool = False

    @property
    def paths(self):
        """The paths of all files, each once."""
        return [path for path in (self.key, self.certificate, self.trust) if path]

    @property
    def read_paths(self):
        """The paths of the files whose contents may be read."""
        return [path for path in self.paths if not self.held or path != self.key]

    def current(self, files, key_password, trust_password):
        """What the node has (Current), or None when it has nothing. files: {path: NodeFile}; passwords: None where unknown."""
        if not any(files[path].exists for path in (self.key, self.trust) if path):
            return None
        reader = self._read_pkcs12 if self.format == "pkcs12" else self._read_pem
        return reader(files, key_password, trust_password)

    def _read_pkcs12(self, files, key_password, trust_password):
        entry, problem, code = _attempt(lambda content: pkcs12.load_keystore(content, key_password or "", self.key), files[self.key])

        def load_trust(content):
            certificates = pkcs12.load_truststore(content, trust_password or "", self.trust)
            if pkcs12.holds_key(content, trust_password or "", self.trust):
                # Java accepts even an expired peer when its certificate stands in the truststore.
                raise pkcs12.StoreError("the truststore also holds a private key", where=self.trust)
            return certificates

        return _current(entry, problem, code, *self._trusted(load_trust, files))

    def _read_pem(self, files, key_password, _trust_password):
        def load_entry(content):
            key = public_key_of(files[self.key]) if self.held else pem.load_key(content, key_password, self.key)
            certificates = pem.load_certificates(files[self.certificate].readable() or b"", self.certificate)
            return pkcs12.KeyEntry(key, certificates[0], tuple(certificates[1:]))

        entry, problem, code = _attempt(load_entry, files[self.key])
        return _current(entry, problem, code, *self._trusted(lambda content: pem.load_certificates(content, self.trust), files))

    def _trusted(self, load, files):
        """(what is trusted, why that cannot be told); neither where it is not this certificate's matter."""
        return _attempt(load, files[self.trust])[:2] if self.trust else (None, None)

    def key_files(self, issued, alias, password):
        """{path: content} of the files that hold the new key and certificate."""
        entry = pkcs12.KeyEntry(issued.key, issued.certificate, tuple(issued.chain))
        if self.format == "pkcs12":
            return {self.key: pkcs12.dump_keystore(entry, alias, password)}
        key = {} if self.held else {self.key: pem.dump_key(issued.key, password)}
        return dict(key, **{self.certificate: pem.dump_certificates((entry.certificate,) + entry.chain)})

    def trust_files(self, authorities, password):
        """{path: content} of the file that holds the CA certificates to trust."""
        if self.trust is None:
            return {}
        if self.format == "pkcs12":
            return {self.trust: pkcs12.dump_truststore(authorities, password)}
        return {self.trust: pem.dump_certificates(authorities)}


def public_key_of(file):
    """The public part of a key that is on the node, None where there is no key. file: NodeFile."""
    file.readable()  # says why it cannot be told
    return pem.load_public_key(file.public_key.encode("ascii"), file.path) if file.public_key else None


def _attempt(load, file):
    """(what was loaded, problem, code): a store that cannot be read is a finding, not an error."""
    if not file.exists:
        return None, "%s is not there" % file.path, "missing"
    try:
        return load(file.readable()), None, None
    except (pkcs12.WrongStorePassword, pem.WrongPassphrase) as error:
        return None, str(error).rstrip("."), "wrong_password"
    except InterlockError as error:
        return None, str(error).rstrip("."), "unreadable"


def _current(entry, problem, code, trusted, trust_problem):
    if entry is None:
        return Current(None, None, (), trusted, problem, code, trust_problem)
    return Current(entry.certificate, keys.describe(entry.key), entry.chain, trusted, None, "unreadable", trust_problem,
                   keys.matches(entry.key, entry.certificate))


@dataclass(frozen=True)
class Decision:
    """What to do about a certificate. verdict: keep, issue, trust (only the CA certificates are written anew) or refuse."""

    verdict: str
    reasons: tuple
    warnings: tuple = ()

    @property
    def texts(self):
        """The reasons as phrases for people."""
        return [reason.text for reason in self.reasons]


def decide(current, wanted, served, renew, now, reissue=False, rotation=None):
    """The Decision about a node.

    served: the certificate the node's live port serves, None when it does not speak TLS. A node that does is renewed only when told
    to (renew), or given a new certificate whatever it has (reissue). Its issuer or trust is changed by a rotation of the CA only,
    which sees to it that there is a time in which every node trusts both: rotation "trust" writes the trusted CAs and leaves the
    certificate alone, "certificate" may change its issuer as well.
    """
    reasons = assess(current, wanted, now)
    if rotation == "trust":
        reasons = [reason for reason in reasons if reason.code == "trust"]
    if reissue:
        reasons.append(Reason("asked_for", "a new one was asked for"))
    if served is None or rotation:
        codes = {reason.code for reason in reasons}
        return Decision("keep" if not codes else "trust" if codes == {"trust"} else "issue", tuple(reasons))
    if wanted.issuer is None or not issued_by(served, wanted.issuer):
        reasons = [Reason("other_issuer", "the running node serves a certificate of another CA")] + [
            reason for reason in reasons if reason.code != "other_issuer"]
    rotation = [reason for reason in reasons if reason.code in ROTATIONS]
    if rotation:
        return Decision("refuse", tuple(rotation))
    due = [reason for reason in reasons if reason.code in RENEWALS]
    if renew or reissue or not due:
        return Decision("issue" if reasons else "keep", tuple(reasons))
    rest = [reason for reason in reasons if reason.code not in RENEWALS]
    warnings = tuple("the certificate %s; it is renewed only when told to" % reason.text for reason in due)
    return Decision("issue" if rest else "keep", tuple(rest), warnings)


def served_certificate(transport):
    """The certificate that a probe of the live port saw, None when the port does not speak TLS."""
    if not transport or not transport.get("speaks_tls") or not transport.get("certificate_pem"):
        return None
    return pem.load_certificates(transport["certificate_pem"].encode("ascii"), "the served certificate")[0]
