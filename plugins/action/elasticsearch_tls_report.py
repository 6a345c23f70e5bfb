# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.interlock.cluster.plugins.plugin_utils._action import InterlockAction
from ansible_collections.interlock.cluster.plugins.plugin_utils._table import table

DURATIONS = {
    "full": "seconds of outage: %.1f (first stop to health restored)",
    "rolling": "seconds of the rolling restart: %.1f (first stop to health restored; never more than one node was down)",
    "reload": "seconds of the reload: %.1f",
}


class ActionModule(InterlockAction):
    """Show what became of a cluster whose transport layer was changed."""

    ARGUMENTS = dict(
        outcomes=dict(type="dict", required=True),
        kind=dict(type="str", choices=["reload", "rolling", "full"], default="full"),
        rehearsed=dict(type="bool", default=False),
        documents_before=dict(type="dict"),
        documents_after=dict(type="dict", default={}),
    )
    _requires_connection = False

    def perform(self, options):
        outcomes = options["outcomes"]
        before = options["documents_before"]
        after = {name: stats["primaries"]["docs"]["count"] for name, stats in options["documents_after"].items()}
        lost = losses(before, after)
        seconds = outage(outcomes)
        notes = counted(before, after)
        notes += [DURATIONS[options["kind"]] % seconds] if seconds is not None else []
        if any(item["switched"] for item in outcomes.values()):
            notes.append("previous versions are kept beside the files, as .NAME.interlock-previous:")
            notes += ["  %s: %s" % (host, ", ".join(item["switched"])) for host, item in outcomes.items() if item["switched"]]
        if options["rehearsed"]:
            rows = [{"node": host, "started_with_the_TLS_settings": bool(item["healthy_at"])} for host, item in outcomes.items()]
            notes.append("security is still off and the transport layer plaintext: a run without elasticsearch_tls_rehearse switches")
            lines = table("Rehearsal: every node loaded its TLS settings, stores and passwords", rows, notes + lost)
        else:
            rows = [row(host, item["proof"]) for host, item in outcomes.items()]
            http = [http_row(host, item["http_proof"]) for host, item in outcomes.items() if item.get("http_proof")]
            lines = table("Transport layer, as proved by handshakes", rows, [] if http else notes + lost)
            lines += table("HTTP layer, as proved by handshakes", http, notes + lost) if http else []
        self._display.display("\n".join(lines))
        return {"changed": False, "lines": lines, "lost": lost, "outage_seconds": seconds if options["kind"] == "full" else None}


def row(host, proof):
    """One node in the table."""
    served = proof.get("served") or {}
    return {
        "node": host,
        "served_certificate": (served.get("serial") or "?")[:12],
        "issuer": served.get("issuer"),
        "expires": (served.get("not_after") or "?")[:10],
        "member_accepted": proof.get("member_accepted"),
        "plaintext_refused": proof.get("plaintext_refused"),
        "no_certificate_refused": proof.get("no_certificate_refused"),
        "foreign_refused": proof.get("foreign_refused"),
    }


def http_row(host, proof):
    """One node in the table of the HTTP layer."""
    served = proof["served"]
    return {
        "node": host,
        "served_certificate": (served.get("serial") or "?")[:12],
        "issuer": served.get("issuer"),
        "expires": (served.get("not_after") or "?")[:10],
        "https_verified": proof["chain_trusted"],
        "plaintext_refused": proof["plaintext_refused"],
        "protocols": ", ".join(name for name, spoken in sorted((proof["protocols"] or {}).items()) if spoken) or proof["protocol"],
        "demands_client_certificate": proof["no_certificate_refused"],
    }


def counted(before, after):
    """The note about documents; none when nobody counted them before."""
    if before is None:
        return []
    if before and not after:
        return ["documents before: %d; afterwards they could not be counted" % sum(before.values())]
    return ["documents before/after: %d/%d" % (sum(before.values()), sum(after[name] for name in before if name in after))]


def outage(outcomes):
    """Seconds from the first stop to the last node that saw the health restored; None without a stop."""
    stopped = [item["stopped_at"] for item in outcomes.values() if item["stopped_at"]]
    healthy = [item["healthy_at"] for item in outcomes.values() if item["healthy_at"]]
    return max(healthy) - min(stopped) if stopped and healthy else None


def losses(before, after):
    """A sentence for each index with fewer documents than before."""
    return ["The index %s had %d documents before and has %s now." % (name, count, after.get(name, "none"))
            for name, count in sorted((before or {}).items()) if after.get(name, 0) < count] if after else []
