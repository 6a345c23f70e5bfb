# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A ledger of one JSON object a line: safe under parallel writers, readable after a crash."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os

from ansible_collections.interlock.cluster.plugins.module_utils._errors import InterlockError


class LedgerError(InterlockError):
    """The ledger could not be read or written."""


class Ledger:
    """The file at path. Every method opens it anew, so that threads and forks exclude each other alike."""

    def __init__(self, path):
        self.path = path

    def append(self, entry):
        """Add a mapping as one line and wait until it is on disk; on failure the ledger is as it was."""
        line = json.dumps(entry, sort_keys=True).encode() + b"\n"
        with self._opened(os.O_RDWR | os.O_APPEND | os.O_CREAT, fcntl.LOCK_EX) as descriptor:
            size = os.fstat(descriptor).st_size
            try:
                _write(descriptor, (b"\n" if _is_torn(descriptor, size) else b"") + line)
                os.fsync(descriptor)
            except OSError:
                os.ftruncate(descriptor, size)
                raise

    def read(self):
        """(entries, damaged): the objects in the order of their lines, and the numbers of the lines that hold none.

        A writer that died leaves a torn line; the certificate it stood for was never handed out.
        """
        try:
            with self._opened(os.O_RDONLY, fcntl.LOCK_SH) as descriptor:
                with os.fdopen(os.dup(descriptor), "rb") as stream:
                    lines = stream.read().splitlines()
        except FileNotFoundError:
            return [], []
        entries, damaged = [], []
        for number, line in enumerate(lines, 1):
            entry = _parsed(line)
            if entry is not None:
                entries.append(entry)
            elif line.strip():
                damaged.append(number)
        return entries, damaged

    @contextlib.contextmanager
    def _opened(self, flags, lock):
        try:
            descriptor = os.open(self.path, flags | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(descriptor, lock)
                yield descriptor
            finally:
                os.close(descriptor)
        except FileNotFoundError:
            if flags & os.O_CREAT:
                raise LedgerError("its directory is not there", self.path, "Create the CA first.")
            raise
        except OSError as error:
            raise LedgerError(
                "the ledger cannot be %s: %s" % ("written" if flags & os.O_CREAT else "read", error.strerror),
                self.path,
                "Run as the owner of the CA directory, and see to it that the disk has room.",
            )


def _is_torn(descriptor, size):
    return size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"


def _write(descriptor, content):
    while content:
        content = content[os.write(descriptor, content) :]


def _parsed(line):
    try:
        entry = json.loads(line.decode())
    except ValueError:
        return None
    return entry if isinstance(entry, dict) else None
