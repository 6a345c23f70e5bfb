# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rows as a table that people read."""

from __future__ import annotations


def table(title, rows, notes):
    """The lines: title, a row of column names in the order of the first row's keys, the rows, the notes."""
    if not rows:
        return ["", title] + ["  " + note for note in notes]
    columns = list(rows[0])
    cells = [[name.replace("_", " ") for name in columns]] + [[shown(row.get(name)) for name in columns] for row in rows]
    widths = [max(len(row[index]) for row in cells) for index in range(len(columns))]
    cells.insert(1, ["-" * width for width in widths])
    lines = ["  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in cells]
    return ["", title] + lines + ["  " + note for note in notes]


def shown(value):
    """A value in words."""
    if isinstance(value, bool):
        return "yes" if value else "NO"
    return "?" if value is None else str(value)
