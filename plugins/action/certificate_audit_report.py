# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import datetime
import os

from ansible_collections.interlock.cluster.plugins.module_utils._node.staging import StagingError, write_file
from ansible_collections.interlock.cluster.plugins.module_utils._pki.audit import judge
from ansible_collections.interlock.cluster.plugins.module_utils._pki.audit_findings import Thresholds
from ansible_collections.interlock.cluster.plugins.plugin_utils import _audit_report as reports
from ansible_collections.interlock.cluster.plugins.plugin_utils._action import InterlockAction
from ansible_collections.interlock.cluster.plugins.plugin_utils._table import table

COLORS = {"critical": "red", "warning": "yellow", "unknown": "yellow", "ok": None}


class ActionModule(InterlockAction):
    """Judge what was observed of a cluster, show it, and write it down for machines. Runs in the control process only."""

    ARGUMENTS = dict(
        cluster=dict(type="str", required=True),
        nodes=dict(type="dict", required=True),
        ca=dict(type="dict"),
        warning_days=dict(type="int", default=30),
        critical_days=dict(type="int", default=7),
        ca_warning_days=dict(type="int", default=180),
        ca_critical_days=dict(type="int", default=30),
        clock_skew_seconds=dict(type="int", default=60),
        accept=dict(type="list", elements="str", default=[]),
        fail_on=dict(type="str", choices=["unknown", "warning", "critical", "never"], default="warning"),
        json_file=dict(type="path"),
        metrics_file=dict(type="path"),
    )
    _requires_connection = False

    def perform(self, options):
        now = datetime.datetime.now(datetime.timezone.utc)
        nodes = {name: observed(node) for name, node in options["nodes"].items()}
        thresholds = Thresholds(*(options[name] for name in (
            "warning_days", "critical_days", "ca_warning_days", "ca_critical_days", "clock_skew_seconds")))
        judgement = judge(nodes, options["ca"], now, thresholds, options["accept"])
        unwritten = [] if self.checking else [problem for problem in (
            write(options["json_file"], lambda: reports.document(options["cluster"], judgement, nodes, now)),
            write(options["metrics_file"], lambda: reports.metrics(options["cluster"], judgement, nodes, now))) if problem]
        counts = reports.counts(judgement.findings)
        notes = [reports.sentence(finding) for finding in judgement.findings] + unwritten
        notes.append("Verdict: %s (%s)" % (judgement.status, ", ".join("%d %s" % (count, severity) for severity, count in counts.items())))
        lines = table("Certificates of %s" % options["cluster"], reports.rows(nodes, judgement.findings, now), notes)
        self._display.display("\n".join(lines), color=COLORS[judgement.status])
        return {"changed": False, "status": judgement.status, "counts": counts, "findings": judgement.findings, "lines": lines,
                "unwritten": unwritten, "failures": failures(nodes, judgement.findings, unwritten, options["fail_on"])}


def observed(result):
    """What certificate_audit_info returned for a node, or why there is nothing."""
    if result.get("node"):
        return result["node"]
    return {"reached": False, "unreachable": bool(result.get("unreachable")),
            "problem": " ".join(str(result.get("msg") or "it was never asked").split())}


def write(path, content):
    """Write one file whole; why it could not be written, or None."""
    if not path:
        return None
    try:
        write_file(os.path.abspath(path), content(), 0o644)
    except (StagingError, OSError) as error:
        return "%s could not be written: %s" % (path, error)
    return None


def failures(nodes, findings, unwritten, fail_on):
    """{node: sentences} of what makes the run fail; what concerns the whole cluster stands with every node."""
    if fail_on == "never":
        return {}
    bad = reports.LEVELS[reports.LEVELS.index(fail_on):]
    common = [reports.sentence(finding) for finding in findings if finding["node"] is None and finding["severity"] in bad] + unwritten
    found = {name: [reports.sentence(finding) for finding in findings if finding["node"] == name and finding["severity"] in bad] + common
             for name in nodes}
    return {name: sentences for name, sentences in found.items() if sentences}
