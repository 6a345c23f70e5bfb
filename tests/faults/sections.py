# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""docs/reliability.md has two authors: what comes before the heading of Redis, and what begins with it."""

from __future__ import annotations

REDIS = "# Redis and Valkey\n"


def of(path, heading):
    """The section that begins with a heading and goes to the end, "" when there is none."""
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    return text[text.index(heading):] if heading in text else ""


def replace(path, heading, section):
    """Have a file end with a section in place of the one it ended with."""
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    path.write_text(text.partition(heading)[0].rstrip("\n") + "\n\n" + section if text else section, encoding="utf-8")
