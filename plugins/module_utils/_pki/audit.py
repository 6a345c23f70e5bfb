# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The judgement of an audit: from what was seen of the nodes of a cluster and of its CA to findings with severities.

Nothing here knows an engine. Shapes: nodes {name: observation} as certificate_audit_info returns them (a host that could not be
observed has reached false, unreachable and a problem), ca as ca_info returns it. What could not be read is "unknown", never a failure.
"""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.interlock.cluster.plugins.module_utils._pki import audit_trust
from ansible_collections.interlock.cluster.plugins.module_utils._pki.audit_findings import (
    Findings, Thresholds, expiry, file_findings, weaknesses,
)

# Layers on which every peer shows a certificate, and those on which plaintext is bad but a choice that users make.
MUTUAL = ("transport", "bus", "replication")
OPTIONAL_TLS = ("http",)
_OLD_PROTOCOLS = ("TLSv1", "TLSv1.1")
_WEAK_CIPHERS = ("RC4", "DES", "NULL", "EXP", "MD5", "anon", "ADH", "AECDH")
_SERVED = (200, 204)
RELOAD_SECONDS = 60


@dataclass(frozen=True)
class Judgement:
    """findings: dicts of severity, code, node, layer, where, text, the worst first; authorities: the CAs that are in use."""

    findings: list
    authorities: list

    @property
    def status(self):
        """The worst severity: critical, warning, unknown or ok."""
        return self.findings[0]["severity"] if self.findings else "ok"


def judge(nodes, ca, now, thresholds=None, accepted=()):
    """The Judgement of a cluster. ca: None where it is not known; now: aware datetime.

    accepted: codes of findings to leave out, also as code:layer or code:layer:node.
    """
    thresholds = thresholds or Thresholds()
    found = Findings()
    for name, node in nodes.items():
        if node.get("reached"):
            _judge_node(found.of(name), node, now, thresholds)
        else:
            code = "unreachable" if node.get("unreachable") else "unobserved"
            found.of(name).add("critical", code, "could not be looked at: %s" % (node.get("problem") or "no reason is known"))
    reached = {name: node for name, node in nodes.items() if node.get("reached")}
    audit_trust.across(found, reached, MUTUAL)
    authorities = audit_trust.authorities(reached, ca)
    for entry in authorities:
        _judge_authority(found, entry, now, thresholds)
    if ca is not None:
        _judge_ca_directory(found, ca, reached)
    return Judgement(found.sorted(accepted), authorities)


def _judge_node(found, node, now, thresholds):
    for remark in node["remarks"]:
        found.add(remark["severity"], remark["code"], remark["text"], layer=remark["layer"])
    for problem in node["problems"]:
        found.add("unknown", "unread", problem)
    if abs(node["clock_skew"] or 0) > thresholds.clock_skew_seconds:
        direction = "ahead" if node["clock_skew"] > 0 else "behind"
        found.add("warning", "clock_skew", "its clock is %d seconds %s" % (abs(node["clock_skew"]), direction))
    served = [endpoint["certificate"]["sha256"] for endpoint in node["endpoints"] if endpoint["certificate"]]
    for file in node["files"]:
        file_findings(found, file, node.get("owners") or ())
        # A file that nothing names is in the report; its end troubles nobody. One that is served is judged there.
        if file["certificate"] and file["layer"] and file["certificate"]["sha256"] not in served:
            _judge_leaf(found, file["certificate"], file["broken"], file["layer"], file["path"], now, thresholds)
    for endpoint in node["endpoints"]:
        _judge_endpoint(found, endpoint, node, now, thresholds)


def _judge_leaf(found, certificate, broken, layer, where, now, thresholds):
    expiry(found, certificate, now, thresholds.warning_days, thresholds.critical_days, layer, where)
    weaknesses(found, certificate, layer, where)
    if broken:
        found.add("critical", "chain_broken", broken, layer, where)
    if layer in MUTUAL and not certificate["both_sides"]:
        found.add("critical", "one_sided", "its extended key usage lacks serverAuth or clientAuth, and a node is both", layer, where)
    if certificate["is_ca"]:
        found.add("warning", "leaf_is_ca", "%s is a CA's certificate" % certificate["subject"], layer, where)


def _judge_endpoint(found, endpoint, node, now, thresholds):
    layer, where = endpoint["layer"], "%s:%s" % (endpoint["host"], endpoint["port"])
    if not endpoint["reachable"]:
        found.add("critical", "closed", "nothing answers (%s)" % endpoint["error"], layer, where)
        return
    if endpoint["anonymous_status"] in _SERVED:
        found.add("critical", "anonymous", "a client without credentials is served", layer, where)
    if endpoint["speaks_tls"] is False or endpoint["accepts_plaintext"]:
        severity = "warning" if layer in OPTIONAL_TLS else "critical"
        how = "it takes plaintext beside TLS" if endpoint["speaks_tls"] else "it speaks plaintext"
        found.add(severity, "plaintext", how, layer, where)
    if not endpoint["speaks_tls"]:
        if endpoint["speaks_tls"] is None:
            found.add("unknown", "silent", "what it speaks could not be found out (%s)" % endpoint["error"], layer, where)
        return
    _judge_handshake(found, endpoint, layer, where)
    if endpoint["certificate"] is None:
        found.add("unknown", "no_certificate", "its certificate could not be read (%s)" % endpoint["error"], layer, where)
        return
    _judge_leaf(found, endpoint["certificate"], endpoint["broken"], layer, where, now, thresholds)
    _judge_names(found, endpoint, node, layer, where)
    _judge_drift(found, endpoint, node, layer, where)


def _judge_handshake(found, endpoint, layer, where):
    if layer in MUTUAL and (endpoint["requests_client_certificate"] is False or endpoint["demands_client_certificate"] is False):
        found.add("critical", "no_client_certificate", "a peer without a certificate is let in", layer, where)
    old = [name for name in _OLD_PROTOCOLS if (endpoint["protocols"] or {}).get(name) or endpoint["protocol"] == name]
    if old:
        found.add("warning", "old_protocol", "it still accepts %s" % " and ".join(old), layer, where)
    if any(word in (endpoint["cipher"] or "") for word in _WEAK_CIPHERS):
        found.add("warning", "weak_cipher", "it agreed on the cipher suite %s" % endpoint["cipher"], layer, where)


def _judge_names(found, endpoint, node, layer, where):
    """Every name and address that is known to be dialled; loopback is where this look came from, not where peers do."""
    held = set(endpoint["certificate"]["san_dns"]) | set(endpoint["certificate"]["san_ip"])
    wanted = node["names"].get(layer, [])
    missing = [name for name in wanted if name.lower() not in held and "*.%s" % name.lower().partition(".")[2] not in held]
    if missing:
        found.add("warning", "san_missing", "the served certificate lacks the SAN %s" % ", ".join(missing), layer, where)


def _judge_drift(found, endpoint, node, layer, where):
    """Disk and process differ: what was written is not what is served. A file of this minute is on its way in."""
    served = endpoint["certificate"]
    files = [file for file in node["files"]
             if file["layer"] == layer and file["certificate"] and file["kind"] in ("keystore", "certificate")]
    if not files or any(file["certificate"]["sha256"] == served["sha256"] for file in files):
        return
    if any(node["clock"] - (file["mtime"] or 0) < RELOAD_SECONDS for file in files):
        return
    found.add("warning", "drift", "it serves the certificate with serial %s, while %s holds the one with serial %s"
              % (served["serial"], files[0]["path"], files[0]["certificate"]["serial"]), layer, where)


def _judge_authority(found, entry, now, thresholds):
    """A CA counts by its use: when one that issues expires everything does; one that is only trusted any more is in the way."""
    certificate = entry["facts"]
    whose = found.of(None)
    where = "CA %s" % certificate["subject"]
    if entry["issues"]:
        expiry(whose, certificate, now, thresholds.ca_warning_days, thresholds.ca_critical_days, None, where)
        weaknesses(whose, certificate, None, where, its_own_signature=not certificate["self_signed"])
    elif audit_trust.moment(certificate["not_after"]) < now:
        whose.add("warning", "expired_ca_trusted", "expired on %s and is still trusted by %s: some engines do not start with it"
                  % (certificate["not_after"], audit_trust.listed(entry["trusted_by"])), None, where)
    elif audit_trust.moment(certificate["not_before"]) > now:
        whose.add("warning", "not_yet_valid", "is not valid before %s" % certificate["not_before"], None, where)


def _judge_ca_directory(found, ca, reached):
    whose, where = found.of(None), "CA directory"
    if ca.get("msg"):
        whose.add("unknown", "ca_unread", "could not be read: %s" % ca["msg"], None, where)
        return
    for problem in ca["problems"]:
        whose.add("warning" if ca["exists"] else "unknown", "ca_problem", problem, None, where)
    if not ca["exists"]:
        mutual = [item for node in reached.values() for item in node["endpoints"] if item["layer"] in MUTUAL and item["speaks_tls"]]
        if mutual and not ca["problems"]:
            whose.add("warning", "ca_missing", "holds no CA, although the nodes speak TLS", None, where)
        return
    for generation in ca["generations"]:
        if generation["key_encrypted"] is False:
            whose.add("warning", "ca_key_plain", "the key of generation %d is not encrypted" % generation["generation"], None, where)
    subjects = [generation["facts"]["subject"] for generation in ca["generations"]]
    for name, node in reached.items():
        for endpoint in node["endpoints"]:
            certificate = endpoint["certificate"]
            if endpoint["layer"] in MUTUAL and certificate and certificate["issuer"] not in subjects:
                found.of(name).add("warning", "foreign_issuer", "it serves a certificate issued by %s, which is not in the CA directory"
                                   % certificate["issuer"], endpoint["layer"], "%s:%s" % (endpoint["host"], endpoint["port"]))
