# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files put beside the live ones, made live by rename(2), and taken back: standard library only, runs on the node.

One manifest a node, ``.interlock-manifest.json`` in the configuration directory, says how far things are:

    open       files are being staged; nothing live has changed. The next begin() throws them away.
    sealed     all files are staged. Nothing live has changed.
    switching  the switch was begun: from here a run that finds this state finishes it.
    switched   every staged file is live and every replaced one is kept as its previous version.
    reverting  previous versions are being put back: from here only that can be done.

It is a plain file and not a directory of its own because Elasticsearch walks its whole configuration
directory at start (LogConfigurator) and dies of a subdirectory it may not read.
Staged and previous versions stand in the directory of the live file, so that rename(2) never crosses a file system.
"""

from __future__ import annotations

import contextlib
import errno
import grp
import hashlib
import json
import os
import pwd
import re

from ansible_collections.interlock.cluster.plugins.module_utils._errors import InterlockError

MANIFEST = ".interlock-manifest.json"
STATES = ("open", "sealed", "switching", "switched", "reverting")
_TEMPORARY = re.compile(r"\..+\.interlock-([0-9]+)\Z")


class StagingError(InterlockError):
    """A file operation was refused or failed; nothing live was changed by the refused operation."""


def staged_path(path):
    """Where the next version of the file waits."""
    return os.path.join(os.path.dirname(path), ".%s.interlock-staged" % os.path.basename(path))


def previous_path(path):
    """Where the version that was live before the last switch is kept."""
    return os.path.join(os.path.dirname(path), ".%s.interlock-previous" % os.path.basename(path))


def parse_mode(text, where):
    """The number of a mode in four octal digits: an unquoted 0640 in YAML arrives as 416, and must not be taken for 0416."""
    if not re.match(r"[0-7]{4}\Z", text):
        raise StagingError("the mode %s is not one of four octal digits" % text, where=where, remedy="Write it in quotes, as in '0640'.")
    return int(text, 8)


def digest(path):
    """SHA-256 of a file as lower-case hex, or None where there is no such file."""
    with _refusals(path, "read"):
        try:
            with open(path, "rb") as stream:
                return hashlib.sha256(stream.read()).hexdigest()
        except FileNotFoundError:
            return None


def sync_directory(path):
    """Make the renames in a directory durable."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_file(path, content, mode, owner=None, group=None):
    """Replace a file atomically: owner and mode are right before its name is, and the mtime is fresh.

    mode: int. owner, group: names or ids, None keeps what the process would create. A watcher that
    reads at the wrong moment sees the whole old or the whole new file (elasticsearch#63870).
    """
    directory = os.path.dirname(path)
    temporary = os.path.join(directory, ".%s.interlock-%d" % (os.path.basename(path), os.getpid()))
    with _refusals(path, "written"):
        remove_abandoned(directory)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as stream:
                _own(stream.fileno(), path, owner, group)
                os.fchmod(stream.fileno(), mode)
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            os.replace(temporary, path)
        except BaseException:
            os.unlink(temporary)
            raise
        sync_directory(directory)


def remove_abandoned(directory):
    """Remove what processes that were killed while they wrote a file left in a directory: it may hold secrets."""
    try:
        names = os.listdir(directory)
    except OSError:
        return  # what is to be done there will say why it cannot be
    for name in names:
        found = _TEMPORARY.match(name)
        if found and (int(found.group(1)) == os.getpid() or not os.path.exists("/proc/" + found.group(1))):
            _remove(os.path.join(directory, name))


def make_directory(path, mode, owner=None, group=None):
    """Create one directory below an existing one; an existing directory is left alone. True when it was created."""
    if os.path.isdir(path):
        return False
    with _refusals(path, "created"):
        os.mkdir(path, 0o700)
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            _own(descriptor, path, owner, group)
            os.fchmod(descriptor, mode)
        finally:
            os.close(descriptor)
    return True


def make_directory_of(path, mode, owner=None, group=None):
    """Create the directory a file is to stand in. True when it was created."""
    return make_directory(os.path.dirname(path), mode, owner, group)


def keep_copy(path, stamp):
    """Copy a live file beside itself, same owner and mode, before it is replaced. Returns the copy's path in a list, or none."""
    try:
        with open(path, "rb") as stream:
            content = stream.read()
            status = os.fstat(stream.fileno())
    except FileNotFoundError:
        return []
    copy = "%s.%s" % (path, stamp)
    write_file(copy, content, status.st_mode & 0o7777, status.st_uid, status.st_gid)
    return [copy]


def _own(descriptor, path, owner, group):
    uid = _identifier(owner, path, "owner", lambda name: pwd.getpwnam(name).pw_uid)
    gid = _identifier(group, path, "group", lambda name: grp.getgrnam(name).gr_gid)
    current = os.fstat(descriptor)
    if uid in (-1, current.st_uid) and gid in (-1, current.st_gid):
        return
    os.fchown(descriptor, uid, gid)


def _identifier(name, path, kind, lookup):
    if name is None:
        return -1
    if isinstance(name, int) or str(name).isdigit():
        return int(name)
    try:
        return lookup(name)
    except KeyError as error:
        raise StagingError("the %s %s does not exist on this host" % (kind, name), where=path,
                           remedy="Name the user and group the service runs as.") from error


@contextlib.contextmanager
def _refusals(path, done):
    """What the system refuses to do with a file becomes a StagingError that says what and why."""
    try:
        yield
    except OSError as error:
        raise StagingError("cannot be %s: %s" % (done, error.strerror), where=path, remedy=_remedy(error, os.path.dirname(path))) from error


def _remedy(error, directory):
    if error.errno in (errno.EACCES, errno.EPERM):
        return "Run as a user who may write %s and set owners there (become: true)." % directory
    if error.errno == errno.ENOSPC:
        return "Free some space on the file system of %s." % directory
    if error.errno == errno.ENOENT:
        return "Create %s first, or correct the configured path." % directory
    if error.errno == errno.EROFS:
        return "The file system of %s is mounted read-only." % directory
    return None


class Staging:
    """What is staged, live and kept in one configuration directory. Every operation may be repeated."""

    def __init__(self, directory):
        self.directory = directory
        self.path = os.path.join(directory, MANIFEST)
        self.manifest = self._load()

    @property
    def state(self):
        """One of STATES, or None when nothing is under way and nothing is kept."""
        return None if self.manifest is None else self.manifest["state"]

    @property
    def context(self):
        """What had to be remembered across a crash, e.g. the allocation setting before it was touched. Public data only."""
        return {} if self.manifest is None else self.manifest["context"]

    def _load(self):
        try:
            with open(self.path, "rb") as stream:
                content = stream.read()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StagingError("cannot be read: %s" % error.strerror, where=self.path,
                               remedy=_remedy(error, self.directory) or "Make it readable.") from error
        try:
            manifest = json.loads(content.decode("utf-8"))
            if manifest["state"] in STATES and isinstance(manifest["files"], dict) and isinstance(manifest["context"], dict):
                return manifest
        except (ValueError, KeyError, TypeError):
            pass
        raise StagingError("is not a manifest of this collection", where=self.path,
                           remedy="Compare the files named *.interlock-* in this directory with the live ones, then remove it.")

    def _save(self, state=None):
        if state is not None:
            self.manifest["state"] = state
        write_file(self.path, json.dumps(self.manifest, indent=1, sort_keys=True).encode("utf-8"), 0o600)

    def begin(self):
        """Start a stage: leftovers of an unfinished one are thrown away, kept previous versions of the last one go."""
        if self.state == "switching":
            raise StagingError("a switch was begun and not finished", where=self.path,
                               remedy="Run the playbook again without changes: it finishes the switch first.")
        if self.state == "reverting":
            self.revert()
        self.settle()
        self.manifest = {"state": "open", "files": {}, "directories": [], "context": {}}
        self._save()

    def add(self, path, content, mode, owner=None, group=None, directory_mode=0o750):
        """Stage the next version of one file. Its directory is created when missing (and removed by revert)."""
        if self.state != "open":
            raise StagingError("no stage is open", where=self.path, remedy="Begin one first.")
        directory = os.path.dirname(path)
        if not os.path.isdir(directory):
            self.manifest["directories"].append(directory)
            self._save()
            make_directory(directory, directory_mode, owner, group)
        # The manifest names the file before the file exists, so that no staged secret can be forgotten.
        known = self.manifest["files"].get(path, {"order": len(self.manifest["files"])})
        self.manifest["files"][path] = dict(known, live=digest(path), staged=hashlib.sha256(content).hexdigest())
        self._save()
        # One that nobody remembers would be taken for the version that this switch replaces.
        _remove(previous_path(path))
        write_file(staged_path(path), content, mode, owner, group)

    def _in_order(self):
        """(path, what is known of it) as they were staged: a key has to be there before its certificate is, or a process that watches
        both reads a pair that is none."""
        return sorted(self.manifest["files"].items(), key=lambda item: (item[1].get("order", 0), item[0]))

    def waiting(self):
        """Where the next versions of the staged files are."""
        return [staged_path(path) for path in sorted(self.manifest["files"])] if self.manifest else []

    def seal(self, context=None):
        """Say that the stage is complete. A stage without files is dropped: there is nothing to switch."""
        if self.state not in ("open", "sealed"):
            raise StagingError("no stage is open", where=self.path, remedy="Begin one first.")
        if not self.manifest["files"]:
            self.discard()
            return
        self.manifest["context"].update(context or {})
        self._save("sealed")

    def remember(self, context):
        """Record what a later run must know, before it is acted on. A value of None forgets that name.

        Without a stage (a restart that only starts what is down) the manifest is sealed and empty, and goes when
        there is nothing left to remember. Returns whether anything changed.
        """
        known = {name: value for name, value in dict(self.context, **context).items() if value is not None}
        if known == self.context:
            return False
        if self.manifest is None:
            self.manifest = {"state": "sealed", "files": {}, "directories": [], "context": {}}
        self.manifest["context"] = known
        if known or self.manifest["files"] or self.state == "open":
            self._save()
        else:
            self.discard()
        return True

    def commit(self):
        """Mark the point of no return: a run that finds this state finishes the switch."""
        if self.state == "sealed":
            self._refuse_foreign_changes()
            self._save("switching")

    def _refuse_foreign_changes(self):
        files = sorted(self.manifest["files"].items())
        changed = [path for path, known in files if digest(path) != known["live"]]
        if changed:
            raise StagingError("changed after its next version was staged", where=", ".join(changed),
                               remedy="Somebody else edits it. Run the playbook again: it reads the file anew.")
        changed = [path for path, known in files if digest(staged_path(path)) != known["staged"]]
        if changed:
            raise StagingError("its next version is gone or was changed after it was staged", where=", ".join(changed),
                               remedy="Run the playbook again: it stages the file anew.")

    def switch(self):
        """Make every staged file live and keep what it replaces. Returns the paths that were switched by this call."""
        if self.state in (None, "switched"):
            return []
        if self.state == "open":
            raise StagingError("the stage is not sealed", where=self.path, remedy="Run the playbook again from its start.")
        if self.state == "reverting":
            raise StagingError("previous versions are being put back", where=self.path, remedy="Run the playbook again from its start.")
        self.commit()
        done = [path for path, known in self._in_order() if self._make_live(path, known)]
        self._save("switched")
        return done

    @staticmethod
    def _make_live(path, known):
        staged, previous = staged_path(path), previous_path(path)
        if not os.path.exists(staged):
            return False
        with _refusals(path, "replaced"):
            if known["live"] is not None and not os.path.exists(previous):
                os.link(path, previous)
            # A reloading engine compares mtimes: it must see a new one even for a file staged long ago.
            os.utime(staged)
            os.replace(staged, path)
            sync_directory(os.path.dirname(path))
        return True

    def revert(self, context=None):
        """Put every previous version back. Returns the paths that were put back or removed by this call.

        context: what is remembered in place of what was. With the files back the way back may have only begun.
        """
        if self.state in (None, "open", "sealed"):
            self._forget_files(context)
            return []
        self._save("reverting")
        done = [path for path, known in self._in_order() if self._put_back(path, known)]
        self._forget_files(context)
        return done

    @staticmethod
    def _put_back(path, known):
        previous = previous_path(path)
        with _refusals(path, "put back"):
            if os.path.exists(previous):
                os.utime(previous)
                os.replace(previous, path)
                # Both are one file when a switch was killed between link and rename, and rename(2) leaves such a pair alone.
                _remove(previous)
                return True
            return known["live"] is None and not os.path.exists(staged_path(path)) and _remove(path)

    def _forget_files(self, context):
        self.discard()
        self.remember(context or {})

    def discard(self):
        """Throw away what is staged and not live, and the manifest. Live files are not touched."""
        remove_abandoned(self.directory)
        if self.manifest is None:
            return False
        for path in self.manifest["files"]:
            _remove(staged_path(path))
            remove_abandoned(os.path.dirname(path))
        self._remove_directories()
        _remove(self.path)
        self.manifest = None
        return True

    def settle(self):
        """Remove the kept previous versions: they hold secrets and have a bounded life. Returns the paths removed."""
        if self.state in ("switching", "reverting"):
            raise StagingError("a switch was begun and not finished", where=self.path, remedy="Finish or revert it first.")
        kept = [] if self.manifest is None else [previous_path(path) for path in sorted(self.manifest["files"])]
        removed = [path for path in kept if _remove(path)]
        self.discard()
        return removed

    def _remove_directories(self):
        for directory in reversed(self.manifest["directories"]):
            try:
                os.rmdir(directory)
            except OSError:
                pass  # not empty: it is in use


def _remove(path):
    """Whether there was such a file."""
    with _refusals(path, "removed"):
        try:
            os.unlink(path)
            return True
        except FileNotFoundError:
            return False
