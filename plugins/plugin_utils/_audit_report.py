# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An audit as people and machines read it: rows of a table, sentences, a JSON document, metrics for Prometheus."""

from __future__ import annotations

import json

from ansible_collections.interlock.cluster.plugins.module_utils._pki.audit_findings import SEVERITIES, days_left, moment

FORMAT = 1
LEVELS = ("ok", "unknown", "warning", "critical")


def rows(nodes, findings, now):
    """A row for each port of each node; a host that could not be looked at has one too."""
    found = []
    for name, node in nodes.items():
        for endpoint in node.get("endpoints") or [{"layer": None}]:
            mine = [finding["severity"] for finding in findings
                    if finding["node"] == name and finding["layer"] in (endpoint["layer"], None)]
            found.append(_row(name, endpoint, worst(mine), now))
    return found


def worst(severities):
    """The worst of some severities, ok when there are none."""
    return max(severities, key=LEVELS.index, default="ok")


def _row(name, endpoint, verdict, now):
    certificate = endpoint.get("certificate")
    seen = endpoint.get("reachable")
    spoken = {True: endpoint.get("protocol"), False: "plaintext", None: None}[endpoint.get("speaks_tls")]
    return {
        "node": name,
        "layer": endpoint["layer"] or "-",
        "address": "%s:%s" % (endpoint["host"], endpoint["port"]) if endpoint["layer"] else "-",
        "speaks": spoken if seen else "nothing",
        "certificate_of": certificate["subject"] if certificate else "-",
        "issuer": certificate["issuer"] if certificate else "-",
        "expires": certificate["not_after"][:10] if certificate else "-",
        "days": days_left(certificate, now) if certificate else "-",
        "plaintext_refused": _negated(endpoint["accepts_plaintext"], endpoint["speaks_tls"] is False) if seen else "-",
        "stranger_refused": _stranger_refused(endpoint) if seen else "-",
        "verdict": verdict,
    }


def _negated(value, spoken):
    return False if spoken else None if value is None else not value


def _stranger_refused(endpoint):
    """Whether a client without certificate or credentials is turned away."""
    if endpoint["anonymous_status"] is not None:
        return endpoint["anonymous_status"] in (401, 403)
    if endpoint["speaks_tls"] is False:
        return False
    demanded = endpoint["demands_client_certificate"]
    return endpoint["requests_client_certificate"] if demanded is None else demanded


def sentence(finding):
    """A finding as one line."""
    parts = [finding["node"] or "the cluster", finding["layer"], finding["where"]]
    return "%s: %s: %s [%s]" % (finding["severity"].upper(), ", ".join(part for part in parts if part), finding["text"], finding["code"])


def counts(findings):
    """{severity: how many findings}, every severity named."""
    return {severity: sum(finding["severity"] == severity for finding in findings) for severity in SEVERITIES}


def document(cluster, judgement, nodes, now):
    """The JSON document: everything that was seen and found, public data only. Fields are added, never changed, within one format."""
    stamp = now.strftime("%Y-%m-%dT%H:%M:%SZ")
    whole = {"format": FORMAT, "cluster": cluster, "audited_at": stamp, "status": judgement.status, "counts": counts(judgement.findings),
             "findings": judgement.findings, "authorities": judgement.authorities, "nodes": nodes}
    return json.dumps(whole, indent=2, sort_keys=True).encode("utf-8") + b"\n"


def metrics(cluster, judgement, nodes, now):
    """The text exposition format of Prometheus, as the textfile collector of node_exporter takes it."""
    dates, ports, reached = {}, {}, {}

    def date(certificate, node, port, layer, where, path):
        labels = (("cluster", cluster), ("node", node), ("port", port), ("layer", layer), ("where", where), ("path", path),
                  ("subject", certificate["subject"]), ("serial", certificate["serial"]))
        dates[labels] = moment(certificate["not_after"]).timestamp()

    for name, node in nodes.items():
        reached[(("cluster", cluster), ("node", name))] = int(bool(node.get("reached")))
        for endpoint in node.get("endpoints", ()):
            port, layer = str(endpoint["port"]), endpoint["layer"]
            if endpoint["reachable"] and endpoint["speaks_tls"] is not None:
                ports[(("cluster", cluster), ("node", name), ("port", port), ("layer", layer))] = int(endpoint["speaks_tls"])
            if endpoint["certificate"]:
                date(endpoint["certificate"], name, port, layer, "served", "")
        for file in node.get("files", ()):
            if file["certificate"]:
                date(file["certificate"], name, "", file["layer"] or "", "disk", file["path"])
            for certificate in file["authorities"]:
                date(certificate, name, "", file["layer"] or "", "trusted", file["path"])
    for entry in judgement.authorities:
        if entry["in_directory"]:
            date(entry["facts"], "", "", "", "ca", "")
    base = (("cluster", cluster),)
    found = {base + (("severity", severity),): count for severity, count in counts(judgement.findings).items()}
    families = (
        ("interlock_certificate_not_after_timestamp_seconds", "When a certificate expires, in seconds since the epoch.", dates),
        ("interlock_endpoint_tls", "Whether a port speaks TLS.", ports),
        ("interlock_node_observed", "Whether the node could be looked at.", reached),
        ("interlock_audit_findings", "How many findings the last audit had.", found),
        ("interlock_audit_timestamp_seconds", "When the last audit was, in seconds since the epoch.", {base: now.timestamp()}),
    )
    lines = []
    for name, text, samples in families:
        if samples:
            lines += ["# HELP %s %s" % (name, text), "# TYPE %s gauge" % name]
            lines += ["%s{%s} %s" % (name, _labels(labels), _number(value)) for labels, value in sorted(samples.items())]
    return ("\n".join(lines) + "\n").encode("utf-8")


def _labels(pairs):
    return ",".join('%s="%s"' % (name, _escaped(value)) for name, value in pairs)


def _escaped(value):
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')


def _number(value):
    return "%d" % value if float(value).is_integer() else repr(float(value))
