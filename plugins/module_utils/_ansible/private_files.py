# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files that nobody but their owner may read: reading them, judging their modes, saying in words why one cannot be used."""

from __future__ import annotations

import contextlib
import os
import stat

from ansible_collections.interlock.cluster.plugins.module_utils._errors import InterlockError

_REQUIRED = object()


class PrivateFileError(InterlockError):
    """A file or directory cannot be read or written, or others than its owner can."""


def read(path, missing=_REQUIRED):
    """The content as bytes; missing: what to return for a file that is not there, instead of raising PrivateFileError."""
    try:
        with open(path, "rb") as stream:
            return stream.read()
    except OSError as error:
        if missing is not _REQUIRED and isinstance(error, FileNotFoundError):
            return missing
        raise _unreadable(path, error)


def names_in(path):
    """The names in a directory, sorted; none for one that is not there. Raises PrivateFileError."""
    try:
        return sorted(os.listdir(path))
    except FileNotFoundError:
        return []
    except OSError as error:
        raise _unreadable(path, error)


def status_of(path):
    """os.stat(), None for what is not there. Raises PrivateFileError."""
    try:
        return os.stat(path)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unreadable(path, error)


def directory_problem(path):
    """What forbids to use a directory for secrets, as a PrivateFileError to raise; None for a good or a missing one."""
    status = status_of(path)
    if status is None:
        return None
    if not stat.S_ISDIR(status.st_mode):
        return PrivateFileError("is not a directory", path, "Give another path, or move the file away.")
    if not os.access(path, os.R_OK | os.X_OK, effective_ids=os.access in os.supports_effective_ids):
        return PrivateFileError(
            "may not be read by this user (it belongs to uid %d, this is uid %d)" % (status.st_uid, os.geteuid()),
            path,
            "Run as its owner; on the control node that is the user of ansible-playbook, without become.",
        )
    return looseness(path)


def looseness(path):
    """A PrivateFileError to raise when group or others have any right on the path, else None."""
    status = status_of(path)
    if status is None or not stat.S_IMODE(status.st_mode) & 0o077:
        return None
    command = "chmod %s %s" % ("700" if stat.S_ISDIR(status.st_mode) else "600", path)
    return PrivateFileError("is open to others than its owner (mode %04o)" % stat.S_IMODE(status.st_mode), path, "Run: %s" % command)


def free_name(path, now):
    """The path with the time appended, and a number where that is taken."""
    stamped = candidate = "%s.%s" % (path, now.strftime("%Y%m%dT%H%M%SZ"))
    count = 1
    while os.path.lexists(candidate):
        count += 1
        candidate = "%s-%d" % (stamped, count)
    return candidate


@contextlib.contextmanager
def writing(path):
    """Turn an OSError of the block into a PrivateFileError about its own file, or path."""
    try:
        yield
    except OSError as error:
        raise PrivateFileError(
            "cannot be written: %s (this is uid %d)" % (error.strerror, os.geteuid()),
            error.filename or path,
            "Give a directory that this user may write to, on a disk with room.",
        )


def _unreadable(path, error):
    return PrivateFileError(
        "cannot be read: %s (this is uid %d)" % (error.strerror, os.geteuid()), path, "Check the path, and run as a user that may read it."
    )
