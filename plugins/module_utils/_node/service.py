# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Start and stop one engine process, by its systemd unit, by its archive install or by a command. Standard library only.

Starting never waits for the engine to be ready: one node's start must not hold up another's.
"""

from __future__ import annotations

import os
import pwd
import signal
import subprocess
import time
from typing import NamedTuple

from ansible_collections.interlock.cluster.plugins.module_utils._errors import InterlockError
from ansible_collections.interlock.cluster.plugins.module_utils._node import process


class Engine(NamedTuple):
    """What an archive install of an engine is run by. marker: the class on the command line of its server, in every version there is."""

    program: str
    marker: str
    path_variable: str


ENGINES = {
    "elasticsearch": Engine("elasticsearch", "org.elasticsearch.bootstrap.Elasticsearch", "ES_PATH_CONF"),
    "opensearch": Engine("opensearch", "org.opensearch.bootstrap.OpenSearch", "OPENSEARCH_PATH_CONF"),
}
MARKER = ENGINES["elasticsearch"].marker
LONGEST_END = 120  # seconds for a process that was asked to end earlier
CLOCK_TICK = 2  # seconds by which the kernel's start of a process may be off
WITHOUT_SYSTEMD = "Without systemd choose another service manager (the role's ..._manager)."
PASSPHRASE_FILE = "ES_KEYSTORE_PASSPHRASE_FILE"


class ServiceError(InterlockError):
    """A process could not be started or stopped."""


class Systemd:
    """An engine run by a systemd unit."""

    def __init__(self, unit):
        self.unit = unit

    def pid(self):
        """Process id of the running service, or None."""
        answer = self._systemctl("show", "--property=MainPID,LoadState", self.unit)
        values = dict(line.split("=", 1) for line in answer.stdout.splitlines() if "=" in line)
        if answer.returncode or "LoadState" not in values:
            raise ServiceError("systemctl does not tell about it: %s" % (answer.stderr.strip() or "no answer"), where=self.unit,
                               remedy=WITHOUT_SYSTEMD)
        if values["LoadState"] == "not-found":
            raise ServiceError("there is no such systemd unit on this host", where=self.unit,
                               remedy="Name the right one (the role's ..._service_name or ..._unit), or another service manager.")
        pid = int(values.get("MainPID") or 0)
        return pid or None

    def is_starting(self):
        """Whether systemd is about to start it, now or after a failure."""
        return "ActiveState=activating" in self._systemctl("show", "--property=ActiveState", self.unit).stdout

    def passphrase_file(self):
        """Where the unit reads the passphrase of elasticsearch.keystore, None when it is not told (ES_KEYSTORE_PASSPHRASE_FILE).

        The packaged unit's systemd-entrypoint feeds that file to the process. It may be set in the unit, in one of its
        environment files, or in the manager's own environment.
        """
        answer = self._systemctl("show", "--property=Environment,EnvironmentFiles", self.unit)
        settings = [word for line in answer.stdout.splitlines() if line.startswith("Environment=") for word in line[12:].split()]
        for line in answer.stdout.splitlines():
            if line.startswith("EnvironmentFiles="):
                settings += _lines(line[len("EnvironmentFiles="):].partition(" (")[0])
        settings += self._systemctl("show-environment").stdout.splitlines()
        found = [setting.partition("=")[2].strip("\"'") for setting in settings if setting.strip("\"'").startswith(PASSPHRASE_FILE + "=")]
        return found[0] if found else None

    def start(self):
        """Begin to start the unit."""
        self._must("start", "--no-block")

    def stop(self, timeout):
        """Stop the unit and wait; systemd itself kills after its TimeoutStopSec."""
        self._must("stop", "--no-block")
        _wait_gone(self.pid, timeout, self.unit)

    def _must(self, verb, *options):
        answer = self._systemctl(verb, *options, self.unit)
        if answer.returncode:
            raise ServiceError("systemctl %s failed: %s" % (verb, answer.stderr.strip()), where=self.unit,
                               remedy="Look at: journalctl -u %s" % self.unit)

    @staticmethod
    def _systemctl(*arguments):
        try:
            return subprocess.run(["systemctl", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                  universal_newlines=True, check=False)
        except OSError as error:
            raise ServiceError("cannot be run: %s" % error.strerror, where="systemctl",
                               remedy=WITHOUT_SYSTEMD) from error


class Launched:
    """A process that is started without a service manager, as a user and with an environment of its own."""

    def __init__(self, pid_file, user=None, environment=None):
        self.pid_file, self.user, self.environment = pid_file, user, environment or {}

    @property
    def start_log(self):
        """What was printed at the last start: settings errors show up here and nowhere else."""
        return self.pid_file + ".start.log"

    def is_starting(self):
        """Whether something is at work that has not written the pid file yet."""
        return False

    def passphrase_file(self):
        """None: what is started here is not told where to read a passphrase."""
        return None

    def _spawn(self, command, directory, account, environment, passphrase=None):
        """Start a command in a session of its own, with what it prints in the start log. Returns its process id."""
        _unlink(self.start_log)
        descriptor = os.open(self.start_log, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640)
        try:
            if account is not None:
                os.fchown(descriptor, account.pw_uid, account.pw_gid)
            reader, writer = os.pipe()
            try:
                if passphrase:
                    os.write(writer, passphrase.encode("utf-8") + b"\n")
                os.close(writer)
                return subprocess.Popen(  # pylint: disable=subprocess-popen-preexec-fn,consider-using-with
                    command, cwd=directory, env=environment,
                    stdin=reader, stdout=descriptor, stderr=descriptor, start_new_session=True, close_fds=True,
                    preexec_fn=None if account is None else lambda: _become(account)).pid
            finally:
                os.close(reader)
        finally:
            os.close(descriptor)

    def _account(self):
        """The account to change to, or None when this process already has it."""
        if self.user is None:
            return None
        try:
            account = pwd.getpwnam(self.user)
        except KeyError as error:
            raise ServiceError("there is no such user on this host", where=self.user,
                               remedy="Name the user that the service runs as.") from error
        if account.pw_uid == os.geteuid():
            return None
        if os.geteuid() != 0:
            raise ServiceError("only root can start a process of another user", where=self.user,
                               remedy="Run with become: true, or as %s." % self.user)
        return account

    def _variables(self, account):
        variables = {name: value for name, value in os.environ.items() if name in ("PATH", "LANG", "LC_ALL", "TZ")}
        variables["HOME"] = account.pw_dir if account else os.environ.get("HOME", "/")
        variables.update({name: str(value) for name, value in self.environment.items()})
        return variables

    def _ask_to_end(self, pids):
        for pid in pids:
            try:
                os.kill(pid, signal.SIGTERM)
            except ProcessLookupError:
                pass
            except PermissionError as error:
                raise ServiceError("process %d belongs to another user" % pid, where=self.pid_file,
                                   remedy="Run with become: true, or as the user the service runs as.") from error


class Archive(Launched):
    """An engine unpacked from an archive, run with bin/ENGINE -d -p PIDFILE."""

    def __init__(self, home, config_dir, pid_file, user=None, environment=None, passphrase=None, engine="elasticsearch"):
        self.engine = ENGINES[engine]
        super().__init__(pid_file, user, dict({self.engine.path_variable: config_dir}, **(environment or {})))
        self.home, self.config_dir, self.passphrase = home, config_dir, passphrase

    def pid(self):
        """Process id of the running engine, or None."""
        try:
            pid = process.read_pid(self.pid_file)
        except OSError as error:
            raise ServiceError("cannot be read: %s" % error.strerror, where=self.pid_file,
                               remedy="Run with become: true, or correct the role's ..._pid_file.") from error
        return pid if process.is_running(pid, self.engine.marker) else None

    def is_starting(self):
        """Whether a launcher is at work that has not written the pid file yet."""
        return bool(self._launchers())

    def _ending(self):
        """Process ids of engines with this configuration that have no pid file any more."""
        return [] if self.pid() else process.with_variable(
            self.engine.path_variable, self.config_dir, self.engine.marker)

    def _launchers(self):
        return [] if self.pid() else process.with_option("-p", self.pid_file)

    def start(self):
        """Launch and return at once; the launcher of 8.x itself waits until the node is up."""
        if self.pid() or self.is_starting():
            return  # a second launcher would overwrite the pid file of the first and then fail on the node lock
        # A process removes its pid file before it lets go of its data.
        _wait_gone(lambda: self._ending() or None, LONGEST_END, "the process that ran with %s before" % self.config_dir)
        program = os.path.join(self.home, "bin", self.engine.program)
        if not os.access(program, os.X_OK):
            raise ServiceError("is not there or not executable", where=program,
                               remedy="Set the role's ..._home to where it is unpacked.")
        account = self._account()
        try:
            self._spawn([program, "-d", "-p", self.pid_file], self.home, account, self._variables(account), self.passphrase)
        except (OSError, subprocess.SubprocessError) as error:
            raise ServiceError("cannot be started: %s" % error, where=program,
                               remedy="See that it can be executed, and that %s can be written." % self.start_log) from error

    def stop(self, timeout):
        """Ask the process to end (SIGTERM) and wait until it is gone. It is never killed: that would cost unflushed work."""
        pids = [pid for pid in [self.pid()] if pid] or self._launchers()
        self._ask_to_end(pids)
        _wait_gone(lambda: self.pid() or self._launchers() or self._ending() or None, timeout, "process %s (%s)" % (pids, self.pid_file))


class Command(Launched):
    """A program that stays in the foreground, run by this module itself, with a pid file that this module keeps."""

    def __init__(self, command, pid_file, user=None, environment=None):
        super().__init__(pid_file, user, environment)
        self.command = command

    def pid(self):
        """Process id of the running program, or None. One that began after the file was written is another's: pids are used again."""
        try:
            pid = process.read_pid(self.pid_file)
            written = os.stat(self.pid_file).st_mtime if pid else 0
        except OSError as error:
            raise ServiceError("cannot be read: %s" % error.strerror, where=self.pid_file, remedy="Run with become: true.") from error
        if not pid or not process.command_line(pid):
            return None
        began = process.started_at(pid)
        return pid if began is not None and began <= written + CLOCK_TICK else None

    def start(self):
        """Start the program and return at once."""
        if self.pid():
            return
        account = self._account()
        try:
            pid = self._spawn(self.command, "/", account, self._variables(account))
        except (OSError, subprocess.SubprocessError) as error:
            raise ServiceError("cannot be started: %s" % error, where=self.command[0],
                               remedy="See that it can be executed, and that %s can be written." % self.start_log) from error
        with open(self.pid_file, "w") as stream:
            stream.write("%d\n" % pid)

    def stop(self, timeout):
        """Ask the program to end (SIGTERM) and wait until it is gone. It is never killed."""
        pid = self.pid()
        if pid:
            self._ask_to_end([pid])
        _wait_gone(self.pid, timeout, "process %s (%s)" % (pid, self.pid_file))
        _unlink(self.pid_file)


def hang_up(service, where):
    """Send SIGHUP, for programs that read files anew then. service: any of the three."""
    pid = service.pid()
    if pid is None:
        raise ServiceError("does not run, so it cannot read its files anew", where=where, remedy="Start it.")
    try:
        os.kill(pid, signal.SIGHUP)
    except PermissionError as error:
        raise ServiceError("process %d belongs to another user" % pid, where=where, remedy="Run with become: true.") from error


def _become(account):
    os.initgroups(account.pw_name, account.pw_gid)
    os.setgid(account.pw_gid)
    os.setuid(account.pw_uid)
    os.umask(0o027)


def _lines(path):
    try:
        with open(path) as stream:
            return stream.read().splitlines()
    except OSError:
        return []


def _unlink(path):
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass


def _wait_gone(current, timeout, where):
    deadline = time.monotonic() + timeout
    while current() is not None:
        if time.monotonic() > deadline:
            raise ServiceError("did not end within %d seconds of being asked to" % timeout, where=where,
                               remedy="See what it is doing (its log, a thread dump) before you end it by hand. "
                                      "Then run the playbook again.")
        time.sleep(0.1)
