# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""docs/reliability.md and docs/performance.md have two authors each: what comes before the heading of Redis, and what begins with it."""

from __future__ import annotations

REDIS = "# Redis and Valkey\n"


def split(path):
    """(what comes before the section on Redis, that section, "" when there is none)."""
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    before, heading, after = text.partition("\n" + REDIS)
    return before + "\n" if heading else before, heading.lstrip("\n") + after


def write(path, before=None, redis=None):
    """Write one part anew and keep the other."""
    kept = split(path)
    before, redis = kept[0] if before is None else before, kept[1] if redis is None else redis
    path.write_text("\n\n".join(part.rstrip("\n") for part in (before, redis) if part) + "\n", encoding="utf-8")
