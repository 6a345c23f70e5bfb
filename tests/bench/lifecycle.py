# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""(f) A rotation of the CA against the reloads that it has to wait for, and the renewal of many nodes against one ping of them."""

from __future__ import annotations

import pathlib

import directories
from measure import Row, alternate, ansible_playbook, median_run, progress

ROTATE, RENEW = "interlock.cluster.rotate_ca", pathlib.Path(__file__).with_name("renewal.yml")
PING = pathlib.Path(__file__).with_name("ping.yml")
INTERVAL, PHASES = 5, 3  # seconds between two looks of Elasticsearch at its files; the phases of a rotation, each of which waits for one


def measure_rotation(lab, times):
    """(rows, figures) for the three real nodes of the lab."""
    if not lab.secured:
        lab.plaintext()
        lab.secure()
    progress("(f) a rotation of the CA: 3 running nodes")
    rotations = [lab.play(ROTATE, "-e", "ca_rotation_begin=new_key") for _number in range(times)]
    rotation = median_run(rotations)
    rows = [Row("(f) rotation of the CA, 3 running nodes / three reload intervals", rotation.wall, float(PHASES * INTERVAL), told_as="times")]
    return rows, {"f_rotation": "%.0f" % rotation.wall, "f_limit": PHASES * INTERVAL, "f_rotation_cpu": "%.0f" % rotation.cpu}


def measure_renewal(home, scratch, count, times):
    """(rows, figures) for so many nodes, of which the files are replaced as under a running process."""
    progress("(f) making the directories of %d nodes" % count)
    inventory = directories.make(scratch / "renewed", home, count)
    progress("(f) a new certificate for %d nodes" % count)
    pings, renewals = alternate(times, lambda: ansible_playbook("-i", inventory, PING), lambda: ansible_playbook("-i", inventory, RENEW))
    ping, renewal = median_run(pings), median_run(renewals)
    rows = [Row("(f) new certificates of %d nodes / one ping" % count, renewal.wall, ping.wall, told_as="times")]
    return rows, {"f_count": count, "f_ping": "%.1f" % ping.wall, "f_renewal": "%.1f" % renewal.wall}
