# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What another user may read. Standard library only.

Asked of the kernel as that user, in a child process: mode bits alone do not tell about directories above, groups and access lists.
"""

from __future__ import annotations

import os
import pwd


def unreadable_by(user, paths):
    """Those of the paths that a user cannot open for reading. Empty where that cannot be found out: no such user, or not root here."""
    try:
        account = pwd.getpwnam(user or "")
    except KeyError:
        return []
    if account.pw_uid == os.geteuid():
        return [path for path in paths if not os.access(path, os.R_OK)]
    if os.geteuid() != 0 or account.pw_uid == 0:
        return []
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        _answer(account, paths, writer)
    os.close(writer)
    with os.fdopen(reader, "rb") as stream:
        answer = stream.read()
    _pid, status = os.waitpid(child, 0)
    return [path for path, mark in zip(paths, answer.decode("ascii")) if mark == "n"] if status == 0 else []


def _answer(account, paths, writer):
    """Write a letter for each path, y or n, and end: whatever happens, the child must not return into the module."""
    status = 1
    try:
        os.initgroups(account.pw_name, account.pw_gid)
        os.setgid(account.pw_gid)
        os.setuid(account.pw_uid)
        os.write(writer, "".join("y" if os.access(path, os.R_OK) else "n" for path in paths).encode("ascii"))
        status = 0
    finally:
        os._exit(status)
