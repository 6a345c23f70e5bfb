# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a running Redis or Valkey was built with TLS. Standard library only.

It has to be known before a TLS port is set. From 7.2 on a server without TLS has all of its directives, takes the files, and dies of
CONFIG SET tls-port (connTypeConfigure in connection.h calls what is not there); seen with Redis 8.2.3, Valkey 8.1.8 and 9.1.2. Nothing that
can be asked of the server tells, so the code that it runs is looked through: its own, and that of a module.
"""

from __future__ import annotations

import os

# What tls.c logs of a certificate that it cannot load.
SIGN = b"Failed to load certificate"
CHUNK = 1 << 20


def has_tls(pid):
    """True or False, None when this user may not look, or the process is in another namespace."""
    try:
        programs = _programs(pid)
        if not programs:
            return None
        return any(_has(path) for path in programs)
    except OSError:
        return None


def _programs(pid):
    """The files that a process has mapped to run, by a path that reaches them even where they were replaced by an upgrade."""
    found = {}
    with open("/proc/%d/maps" % pid, encoding="utf-8", errors="surrogateescape") as stream:
        for line in stream:
            words = line.rstrip("\n").split(None, 5)
            if len(words) == 6 and "x" in words[1] and words[5].startswith("/"):
                found.setdefault(words[5], "/proc/%d/map_files/%s" % (pid, words[0]))
    # A name in the process's own root, for a user that may not follow map_files.
    return [link if os.access(link, os.R_OK) else "/proc/%d/root%s" % (pid, path) for path, link in found.items()]


def _has(path):
    """Whether a file has the sign somewhere."""
    kept = b""
    with open(path, "rb") as stream:
        while True:
            chunk = stream.read(CHUNK)
            if not chunk:
                return False
            if SIGN in kept + chunk:
                return True
            kept = chunk[-len(SIGN):]
