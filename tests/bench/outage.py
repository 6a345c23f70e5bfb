# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""(c) The outage of the full-cluster restart that switches TLS on, against a bare restart of the same three nodes."""

from __future__ import annotations

import re
import statistics

import bare_restart
from measure import BenchError, Row, progress


def measure(lab, times):
    """(rows, figures). Every round: the plaintext cluster restarted barely, secured by the playbook, restarted barely again."""
    before, ours, after, whole = [], [], [], []
    for number in range(1, times + 1):
        lab.plaintext()
        before.append(bare_restart.restart(lab.nodes))
        ran = lab.secure()
        ours.append(outage_of(ran.output))
        whole.append(ran.wall)
        after.append(bare_restart.restart(lab.nodes))
        progress("(c) outage, round %d of %d: bare %.1f s, ours %.1f s, bare %.1f s" % (number, times, before[-1], ours[-1], after[-1]))
    rows = [
        Row("(c) outage; the bare restart is of the secured cluster", statistics.median(ours), statistics.median(after), most=1.15, told_as="times"),
        Row("(c) outage; the bare restart is of the plaintext cluster", statistics.median(ours), statistics.median(before), told_as="times"),
    ]
    return rows, {"c_rounds": times, "c_ours": each(ours), "c_before": each(before), "c_after": each(after),
                  "c_whole": "%.0f" % statistics.median(whole)}


def outage_of(output):
    """The seconds of outage that the playbook itself reports."""
    found = re.search(r"seconds of outage: ([0-9.]+)", output)
    if not found:
        raise BenchError("the playbook does not tell the seconds of outage:\n%s" % output)
    return float(found.group(1))


def each(measured):
    """The single values, in the order they were taken."""
    return ", ".join("%.1f" % value for value in measured)
