# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""(d) A converge that changes nothing, against a playbook with one ping of the same hosts."""

from __future__ import annotations

import pathlib

import directories
from lab import PLAYBOOK
from measure import BenchError, Row, alternate, ansible_playbook, median_run, progress

PING = pathlib.Path(__file__).with_name("ping.yml")


def measure_nodes(lab, times):
    """(rows, figures) for the three real nodes of the lab."""
    if not lab.secured:
        lab.plaintext()
        lab.secure()
    progress("(d) a converge that changes nothing: 3 running nodes")
    return compared("3 running nodes", "three", *alternate(times, lambda: lab.play(PING), lambda: lab.play(PLAYBOOK)))


def measure_directories(home, scratch, count, times):
    """(rows, figures) for so many nodes that do not run."""
    progress("(d) making the directories of %d nodes" % count)
    inventory = directories.make(scratch / "nodes", home, count)
    progress("(d) a converge that changes nothing: %d stopped nodes" % count)
    rows, figures = compared("%d stopped nodes" % count, "many", *alternate(
        times, lambda: ansible_playbook("-i", inventory, PING), lambda: ansible_playbook("-i", inventory, PLAYBOOK)))
    return rows, {**figures, "d_count": count}


def compared(hosts, word, pings, converges):
    """Rows of wall and CPU seconds from the runs of both. Raises BenchError when a converge found something to do."""
    for ran in converges:
        if ": nothing to do" not in ran.output or "changed=1" in ran.output:
            raise BenchError("the playbook found something to do:\n%s" % ran.output[-6000:])
    ping, converge = median_run(pings), median_run(converges)
    rows = [
        Row("(d) unchanged converge, %s / one ping" % hosts, converge.wall, ping.wall, most=2, told_as="times"),
        Row("(d) the same in CPU seconds", converge.cpu, ping.cpu, told_as="times"),
    ]
    return rows, {"d_%s_ping" % word: "%.1f" % ping.wall, "d_%s_converge" % word: "%.1f" % converge.wall,
                  "d_%s_ping_cpu" % word: "%.1f" % ping.cpu, "d_%s_converge_cpu" % word: "%.1f" % converge.cpu}
