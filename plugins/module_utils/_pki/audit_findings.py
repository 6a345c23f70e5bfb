# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Findings of an audit: how they are kept, and those that a certificate or a file gives reason to by itself."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

SEVERITIES = ("critical", "warning", "unknown")
_STRONG_KEYS = ("ec-p256", "ec-p384", "ec-secp521r1", "ec-brainpoolP256r1", "ec-brainpoolP384r1", "ec-brainpoolP512r1", "ed25519", "ed448")
_SHORTEST_RSA = 2048
_WEAK_HASHES = ("md5", "md2", "md4", "sha1")
_HOLDS_SECRETS = ("secure_settings",)


@dataclass(frozen=True)
class Thresholds:
    """From how many days before the end on a certificate is a warning, and critical; a CA takes longer to replace."""

    warning_days: int = 30
    critical_days: int = 7
    ca_warning_days: int = 180
    ca_critical_days: int = 30
    clock_skew_seconds: int = 60


class Findings:
    """All findings of an audit."""

    def __init__(self):
        self.all = []

    def of(self, node):
        """The findings of one node; None for those of the whole cluster."""
        return _Of(self.all, node)

    def sorted(self, accepted=()):
        """Each once, the worst first, without those that are accepted."""
        unique = list({tuple(finding.items()): finding for finding in self.all}.values())
        kept = [finding for finding in unique if not _accepts(accepted, finding)]
        return sorted(kept, key=lambda finding: SEVERITIES.index(finding["severity"]))


class _Of:
    def __init__(self, findings, node):
        self._findings, self._node = findings, node

    def add(self, severity, code, text, layer=None, where=None):
        """Note one finding. code: a word that stays the same; text: for people, no final dot."""
        self._findings.append({"severity": severity, "code": code, "node": self._node, "layer": layer, "where": where, "text": text})


def _accepts(accepted, finding):
    parts = [finding["code"], finding["layer"] or "", finding["node"] or ""]
    return any(":".join(parts[:length]) in accepted for length in (1, 2, 3))


def moment(timestamp):
    """The aware datetime of a certificate fact."""
    return datetime.datetime.strptime(timestamp, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=datetime.timezone.utc)


def days_left(certificate, now):
    """Whole days until the end in the facts of a certificate, negative once it has passed."""
    return (moment(certificate["not_after"]) - now) // datetime.timedelta(days=1)


def expiry(found, certificate, now, warning_days, critical_days, layer, where):
    """Whether a certificate has expired, or how soon it does, or whether it is not valid yet."""
    left = days_left(certificate, now)
    if moment(certificate["not_before"]) > now:
        found.add("critical", "not_yet_valid", "is not valid before %s" % certificate["not_before"], layer, where)
    elif moment(certificate["not_after"]) < now:
        found.add("critical", "expired", "expired on %s" % certificate["not_after"], layer, where)
    elif left < warning_days:
        text = "expires in %d %s, on %s" % (left, "day" if left == 1 else "days", certificate["not_after"])
        found.add("critical" if left < critical_days else "warning", "expiring", text, layer, where)


def weaknesses(found, certificate, layer, where, its_own_signature=True):
    """Keys and signatures that other TLS libraries refuse, and a form that breaks when the CA is renewed.

    its_own_signature: false for a root, whose signature nobody checks.
    """
    if not _is_strong(certificate["key_type"]):
        found.add("warning", "weak_key", "its key is %s" % certificate["key_type"], layer, where)
    if its_own_signature and certificate["signature"] in _WEAK_HASHES:
        found.add("warning", "weak_signature", "it is signed with %s" % certificate["signature"], layer, where)
    if certificate["authority_serial"]:
        found.add("warning", "authority_serial",
                  "its authority key identifier names the CA by serial number: it is refused once that CA is renewed", layer, where)


def _is_strong(key_type):
    family, _dash, size = key_type.partition("-")
    return int(size) >= _SHORTEST_RSA if family == "rsa" else key_type in _STRONG_KEYS


def file_findings(found, file, owners):
    """What is wrong with a file apart from the dates in it. owners: who may own one that holds a key, empty for anybody."""
    layer, path = file["layer"], file["path"]
    if not file["exists"]:
        found.add("critical", "file_missing", "is not there, although the settings name it", layer, path)
        return
    if file["problem"]:
        found.add("unknown", "unread", file["problem"], layer, path)
    mode = int(file["mode"], 8) if file["mode"] else 0
    secret = file["private_key"] is not None or file["kind"] in _HOLDS_SECRETS + ("keystore", "private_key")
    if mode & 0o002:
        found.add("critical", "writable", "everybody may write to it (mode %s)" % file["mode"], layer, path)
    if secret and mode & 0o004:
        found.add("critical", "readable", "it holds secrets and everybody may read it (mode %s)" % file["mode"], layer, path)
    if secret and owners and file["owner"] and file["owner"] not in owners:
        found.add("warning", "owner", "it holds secrets and belongs to %s" % file["owner"], layer, path)
    if file["kind"] in ("truststore", "certificate_authorities"):
        _trust_findings(found, file, layer, path)
    if layer is None and file["private_key"] and file["certificate"] and file["certificate"]["is_ca"]:
        found.add("critical", "ca_key_on_node", "it holds the private key of the CA %s" % file["certificate"]["subject"], layer, path)


def _trust_findings(found, file, layer, path):
    leaves = [certificate["subject"] for certificate in file["authorities"] if not certificate["is_ca"]]
    if file["private_key"]:
        found.add("warning", "trust_holds_key",
                  "this truststore holds a private key: Java then takes its certificate of a peer even expired, and whoever has the file "
                  "is a member", layer, path)
    if leaves:
        found.add("warning", "trust_holds_leaf",
                  "this truststore holds certificates that are no CA's (%s): Java takes them of a peer even expired" % ", ".join(leaves),
                  layer, path)
