# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One look at a node turned into what an audit judges: certificates, keys, modes and ports as public data. Contents end here."""

from __future__ import annotations

from dataclasses import dataclass, field

from ansible_collections.interlock.cluster.plugins.module_utils._errors import InterlockError
from ansible_collections.interlock.cluster.plugins.module_utils._pki import audit_facts, facts
from ansible_collections.interlock.cluster.plugins.module_utils._stores import pem, pkcs12

_STORE_SUFFIXES = (".p12", ".pfx", ".pkcs12", ".jks")
# What a probe tells that is worth keeping; certificates are told in the words of the files on disk.
_SEEN = ("layer", "host", "port", "reachable", "speaks_tls", "protocol", "cipher", "requests_client_certificate",
         "demands_client_certificate", "accepts_plaintext", "plaintext_detail", "protocols", "anonymous_status", "error")


@dataclass(frozen=True)
class Meant:
    """What a file is meant to be. kind: keystore, truststore, private_key, certificate, certificate_authorities, or None for unknown."""

    layer: str | None
    kind: str | None
    password: str | None = field(default=None, repr=False)


UNKNOWN = Meant(None, None)


def file_observation(path, read, content, meant, passwords):
    """The public data of one file. read: what tls_inventory_info told of it; content: bytes or None.

    passwords: those to try on a store of which none is known.
    """
    found = {
        "path": path, "layer": meant.layer, "kind": meant.kind, "exists": read["exists"], "mode": read.get("mode"),
        "owner": read.get("owner"), "group": read.get("group"), "mtime": read.get("mtime"), "problem": read.get("error"),
        "private_key": read.get("private_key"), "certificate": None, "chain": [], "authorities": [], "broken": None,
    }
    if content is None:
        return found
    if meant.kind in ("keystore", "truststore") or path.lower().endswith(_STORE_SUFFIXES) or content[:1] == b"\x30":
        _tell_store(found, content, meant, passwords)
    elif b"-----BEGIN " in content:
        _attempt(found, lambda: _tell_pem(found, pem.load_certificates(content, path), meant.kind))
    return found


def _tell_store(found, content, meant, passwords):
    tried = passwords if meant.password is None else (meant.password,)
    for password in tried:
        found["problem"] = None
        wrong = _attempt(found, lambda: _tell_pkcs12(found, content, password, meant.kind))
        if not wrong:
            return
    if meant.password is None:
        found["problem"] = "its password is not known"


def _attempt(found, function):
    """Whether a password was wrong; other errors become the file's problem."""
    try:
        function()
    except pkcs12.WrongStorePassword as error:
        found["problem"] = error.message
        return True
    except InterlockError as error:
        found["problem"] = error.message
    return False


def _tell_pkcs12(found, content, password, kind):
    path = found["path"]
    if pkcs12.holds_key(content, password, path):
        found["private_key"] = "encrypted"
        entry = pkcs12.load_keystore(content, password, path)
        found["certificate"] = audit_facts.audited(entry.certificate)
        found["chain"] = [audit_facts.audited(certificate) for certificate in entry.chain]
        if kind != "truststore":
            return
    found["authorities"] = [audit_facts.audited(certificate) for certificate in pkcs12.load_truststore(content, password, path)]


def _tell_pem(found, certificates, kind):
    """A certificate with its chain begins with one that is no CA's; anything else is taken for a list of CAs."""
    if kind == "certificate_authorities" or (kind is None and facts.is_ca(certificates[0])):
        found["authorities"] = [audit_facts.audited(certificate) for certificate in certificates]
        return
    found["certificate"] = audit_facts.audited(certificates[0])
    found["chain"] = [audit_facts.audited(certificate) for certificate in certificates[1:]]
    found["broken"] = audit_facts.broken_link(certificates)


def endpoint_observation(probed):
    """The public data of one port, with the served certificates in the words of the files."""
    found = {name: probed.get(name) for name in _SEEN}
    found.update(certificate=None, chain=[], broken=None)
    served = "".join(probed.get("chain_pem") or [])
    if served:
        try:
            certificates = pem.load_certificates(served.encode("ascii"), "the served certificate")
            found["certificate"] = audit_facts.audited(certificates[0])
            found["chain"] = [audit_facts.audited(certificate) for certificate in certificates[1:]]
            found["broken"] = audit_facts.broken_link(certificates)
        except InterlockError as error:
            found["error"] = str(error)
    return found
