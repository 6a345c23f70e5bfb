# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a node's manifest says about a change that an earlier run began. Pure.

Its context has: restart (the kind of a change that is not finished), back (true while that change is being taken back),
before (what has to be as it was afterwards). All of them go when the change is through.
"""

from __future__ import annotations

RESTART, BACK, BEFORE = "restart", "back", "before"


def _context(node):
    return node["manifest"]["context"] if node["manifest"] else {}


def pending_kind(node):
    """The kind of a change that was begun on a node and is to be finished, None without one."""
    if not node["manifest"] or is_being_taken_back(node) or is_reverting(node):
        return None
    return _context(node).get(RESTART) or ("full" if node["manifest"]["state"] == "switching" else None)


def is_being_taken_back(node):
    """Whether a change of a node was being taken back by a run that did not finish that."""
    return bool(_context(node).get(BACK))


def is_reverting(node):
    """Whether previous versions were being put back and not all of them are: the next stage does that first."""
    return bool(node["manifest"]) and node["manifest"]["state"] == "reverting"


def is_switched(node):
    """Whether something of a change may be live: its files are to be put back on the way back."""
    manifest = node["manifest"]
    return bool(manifest and manifest["files"]) and manifest["state"] in ("switching", "switched", "reverting")


def runs_what_is_replaced(manifest):
    """Whether a process that is found running was started before the switch of a pending restart, which then is still to be made."""
    return manifest["state"] in ("sealed", "switching") and bool(manifest["context"].get(RESTART))


def remembered_before(nodes):
    """What an interrupted run remembered that has to be as it was, None without one."""
    return next((_context(node)[BEFORE] for node in nodes.values() if _context(node).get(BEFORE)), None)
