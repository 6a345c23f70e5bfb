# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Start and stop with an engine and a systemctl of our own, as far as their callers can tell them from the real ones."""

from __future__ import annotations

import os
import pathlib
import pwd
import shutil
import stat
import subprocess
import tempfile
import threading
import time

import pytest
from ansible_collections.interlock.cluster.plugins.module_utils._node import process, service
from ansible_collections.interlock.cluster.plugins.module_utils._node.service import MARKER, Archive, ServiceError, Systemd

PATIENT = 30.0
PASSPHRASE = "kéy of the keystore"

# Like bin/elasticsearch -d -p FILE: it says what it was given, launches, writes the pid file, and its last process has the marker.
ENGINE = """#!/bin/sh
cd "$ES_PATH_CONF" || exit 1
printf '%%s\\n' "$@" > arguments
cat > stdin
env > environment
echo launched
echo a warning >&2
while [ -e hold ]; do sleep 0.05; done
[ -e stubborn ] && trap '' TERM
(while :; do sleep 0.05; done) & kill $!
sh -c 'while :; do sleep 0.05; done' %s "$ES_PATH_CONF" >/dev/null 2>&1 </dev/null &
echo $! > "$3"
""" % MARKER


def until(condition):
    """Wait for something that another process does."""
    deadline = time.monotonic() + PATIENT
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.02)


@pytest.fixture
def place():
    """A directory that every user may enter, with an installation in it."""
    directory = pathlib.Path(tempfile.mkdtemp())
    directory.chmod(0o755)
    (directory / "home" / "bin").mkdir(parents=True)
    (directory / "config").mkdir()
    program = directory / "home" / "bin" / "elasticsearch"
    program.write_text(ENGINE)
    program.chmod(0o755)
    yield directory
    for name in ("hold", "stubborn"):
        (directory / "config" / name).unlink(missing_ok=True)
    # Launchers first, by their pid file: they could still launch; then what they launched, by its configuration directory.
    for option, name in (("-p", "config/es.pid"), (MARKER, "config")):
        for pid in process.with_option(option, str(directory / name)):
            os.kill(pid, 9)
    shutil.rmtree(directory)


def archive(place, **arguments):
    return Archive(str(place / "home"), str(place / "config"), str(place / "config" / "es.pid"), **arguments)


def given(place, name):
    return (place / "config" / name).read_text(encoding="utf-8")


def test_start_and_stop(place):
    engine = archive(place, environment={"ES_JAVA_HOME": "/opt/java", "LAB_RACK": 1})
    assert (engine.pid(), engine.is_starting()) == (None, False)
    engine.start()
    until(engine.pid)
    assert given(place, "arguments").splitlines() == ["-d", "-p", str(place / "config" / "es.pid")]
    environment = dict(line.split("=", 1) for line in given(place, "environment").splitlines())
    assert (environment["ES_PATH_CONF"], environment["ES_JAVA_HOME"], environment["LAB_RACK"]) == (str(place / "config"), "/opt/java", "1")
    assert set(environment) <= {"PATH", "LANG", "LC_ALL", "TZ", "HOME", "ES_PATH_CONF", "ES_JAVA_HOME", "LAB_RACK", "PWD", "OLDPWD", "_", "SHLVL"}
    assert pathlib.Path(engine.start_log).read_text(encoding="utf-8") == "launched\na warning\n"
    assert stat.S_IMODE(os.stat(engine.start_log).st_mode) == 0o640
    pid = engine.pid()
    assert os.getsid(pid) != os.getsid(0), "it is not ended with the session of who started it"
    engine.stop(PATIENT)
    assert (engine.pid(), process.command_line(pid)) == (None, [])
    engine.stop(PATIENT)


def test_starting_again_starts_nothing(place):
    engine = archive(place)
    (place / "config" / "hold").touch()
    engine.start()
    until((place / "config" / "environment").exists)
    launchers = process.with_option("-p", engine.pid_file)
    assert engine.is_starting() and engine.pid() is None and launchers
    engine.start()
    assert set(process.with_option("-p", engine.pid_file)) & set(launchers)
    assert pathlib.Path(engine.start_log).read_text(encoding="utf-8").count("launched") <= 1
    (place / "config" / "hold").unlink()
    until(engine.pid)
    pid = engine.pid()
    assert not engine.is_starting()
    (place / "config" / "arguments").unlink()
    engine.start()
    assert engine.pid() == pid
    assert not (place / "config" / "arguments").exists() and process.with_option("-p", engine.pid_file) == []


def test_a_launcher_is_stopped_as_well(place):
    engine = archive(place)
    (place / "config" / "hold").touch()
    engine.start()
    until(engine.is_starting)
    engine.stop(PATIENT)
    assert not engine.is_starting()
    assert engine.pid() is None


def test_who_looks_at_the_pid_file_is_not_taken_for_a_launcher(place):
    engine = archive(place)
    with subprocess.Popen(["sh", "-c", "read line", engine.pid_file], stdin=subprocess.PIPE) as onlooker:
        assert not engine.is_starting()
        engine.stop(PATIENT)
        assert onlooker.poll() is None
        onlooker.stdin.close()


def test_a_process_that_does_not_end_is_reported_and_not_killed(place):
    engine = archive(place)
    (place / "config" / "stubborn").touch()
    engine.start()
    until(engine.pid)
    pid = engine.pid()
    with pytest.raises(ServiceError) as refused:
        engine.stop(0.3)
    assert str(refused.value) == (
        "process [%d] (%s): did not end within 0 seconds of being asked to. See what it is doing (its log, a thread dump) before you end it "
        "by hand. Then run the playbook again." % (pid, engine.pid_file))
    assert process.is_running(pid, MARKER)


def test_a_pid_that_is_somebody_elses_now_is_let_be(place):
    engine = archive(place)
    with subprocess.Popen(["sh", "-c", "read line"], stdin=subprocess.PIPE) as other:
        pathlib.Path(engine.pid_file).write_text(str(other.pid))
        assert engine.pid() is None
        engine.stop(PATIENT)
        assert other.poll() is None
        other.stdin.close()


def test_the_passphrase_comes_on_stdin_and_is_seen_nowhere(place):
    engine = archive(place, passphrase=PASSPHRASE)
    (place / "config" / "hold").touch()
    engine.start()
    until((place / "config" / "environment").exists)
    (launcher,) = process.with_option("-p", engine.pid_file)
    assert given(place, "stdin") == PASSPHRASE + "\n"
    secret = PASSPHRASE.encode()
    for path in ("/proc/%d/cmdline" % launcher, "/proc/%d/environ" % launcher, engine.start_log):
        assert secret not in pathlib.Path(path).read_bytes()
    (place / "config" / "hold").unlink()
    until(engine.pid)
    (place / "config" / "arguments").unlink()
    assert secret not in b"".join(path.read_bytes() for path in place.rglob("*") if path.is_file() and path.name != "stdin")


def test_without_a_passphrase_stdin_is_empty(place):
    engine = archive(place)
    engine.start()
    until(engine.pid)
    assert given(place, "stdin") == ""


@pytest.mark.skipif(os.geteuid() != 0, reason="changing the user takes root")
def test_it_runs_as_its_user(place):
    account = pwd.getpwnam("daemon")
    os.chown(place / "config", account.pw_uid, account.pw_gid)
    engine = archive(place, user="daemon")
    engine.start()
    until(engine.pid)
    status = dict(line.split(":\t", 1) for line in pathlib.Path("/proc/%d/status" % engine.pid()).read_text().splitlines() if ":\t" in line)
    assert status["Uid"].split() == [str(account.pw_uid)] * 4
    assert status["Gid"].split() == [str(account.pw_gid)] * 4
    assert set(status["Groups"].split()) <= {str(group) for group in os.getgrouplist("daemon", account.pw_gid)}
    assert dict(line.split("=", 1) for line in given(place, "environment").splitlines())["HOME"] == account.pw_dir
    log = os.stat(engine.start_log)
    assert (log.st_uid, stat.S_IMODE(log.st_mode)) == (account.pw_uid, 0o640)
    assert stat.S_IMODE(os.stat(engine.pid_file).st_mode) == 0o640, "the umask of the process"


def test_the_own_user_needs_no_root(place):
    engine = archive(place, user=pwd.getpwuid(os.geteuid()).pw_name)
    engine.start()
    until(engine.pid)


def broken_script(place):
    (place / "home" / "bin" / "elasticsearch").write_bytes(b"\x7fnot a program")


@pytest.mark.parametrize("prepare, arguments, message", [
    (lambda place: shutil.rmtree(place / "home"), {},
     "{place}/home/bin/elasticsearch: is not there or not executable. Set the role's ..._home to where it is unpacked."),
    (lambda place: None, {"user": "no such user"}, "no such user: there is no such user on this host. Name the user that the service runs as."),
    (lambda place: shutil.rmtree(place / "config"), {},
     "{place}/home/bin/elasticsearch: cannot be started: [Errno 2] No such file or directory: '{place}/config/es.pid.start.log'. "
     "See that it can be executed, and that {place}/config/es.pid.start.log can be written."),
    (broken_script, {}, "{place}/home/bin/elasticsearch: cannot be started: [Errno 8] Exec format error"),
])
def test_what_stands_in_the_way_of_a_start(place, prepare, arguments, message):
    prepare(place)
    before = len(os.listdir("/proc/self/fd"))
    with pytest.raises(ServiceError) as refused:
        archive(place, **arguments).start()
    assert str(refused.value).startswith(message.format(place=place))
    assert len(os.listdir("/proc/self/fd")) == before


def test_only_root_starts_the_process_of_another(place, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 4711)
    with pytest.raises(ServiceError, match="daemon: only root can start a process of another user. Run with become: true, or as daemon."):
        archive(place, user="daemon").start()
    assert not (place / "config" / "arguments").exists()


def test_the_process_of_another_cannot_be_stopped(place, monkeypatch):
    engine = archive(place)
    engine.start()
    until(engine.pid)

    def forbidden(pid, number):
        raise PermissionError(1, "Operation not permitted")

    with monkeypatch.context() as patch:
        patch.setattr(service.os, "kill", forbidden)
        with pytest.raises(ServiceError, match="process [0-9]+ belongs to another user. Run with become: true"):
            engine.stop(PATIENT)


def test_a_pid_file_that_cannot_be_read_is_not_a_process_that_does_not_run(place):
    (place / "config" / "es.pid").mkdir()
    with pytest.raises(ServiceError, match="es.pid: cannot be read: Is a directory. Run with become: true, or correct the role's ..._pid_file."):
        archive(place).pid()
    (place / "config" / "es.pid").rmdir()


def test_a_process_that_is_still_ending_without_its_pid_file_is_waited_for(place):
    """Elasticsearch removes the pid file first and lets go of its data later: another one would fail on the node's lock."""
    archive(place).start()
    until(lambda: archive(place).pid() and not process.with_option("-p", str(place / "config" / "es.pid")))
    ending = archive(place).pid()
    (place / "config" / "es.pid").unlink()
    assert archive(place)._ending() == [ending]
    threading.Timer(0.5, os.kill, (ending, 9)).start()
    archive(place).start()
    until(lambda: archive(place).pid())
    assert archive(place).pid() != ending and not process.is_running(ending, MARKER)


# systemd

SYSTEMCTL = """#!/bin/sh
echo "$@" >> "%(directory)s/calls"
case "$1" in
  show) cat "%(directory)s/shown"; cat "%(directory)s/error" >&2 2>/dev/null; [ ! -e "%(directory)s/error" ] ;;
  show-environment) cat "%(directory)s/environment" 2>/dev/null ;;
  stop) [ -e "%(directory)s/hold" ] || printf 'MainPID=0\\nLoadState=loaded\\nActiveState=inactive\\n' > "%(directory)s/shown" ;;
  start) [ ! -e "%(directory)s/refuse" ] || { echo "Failed to start es.service: Unit es.service is masked." >&2; exit 1; } ;;
esac
"""


@pytest.fixture
def systemctl(tmp_path, monkeypatch):
    """A systemctl that answers what its file says, and notes what it was called with."""
    (tmp_path / "systemctl").write_text(SYSTEMCTL % {"directory": tmp_path})
    (tmp_path / "systemctl").chmod(0o755)
    monkeypatch.setenv("PATH", "%s:%s" % (tmp_path, os.environ["PATH"]))

    def show(pid=0, load="loaded", active="active"):
        (tmp_path / "shown").write_text("MainPID=%s\nLoadState=%s\nActiveState=%s\n" % (pid, load, active))

    show()
    return show


def calls(tmp_path):
    return (tmp_path / "calls").read_text().splitlines()


@pytest.mark.parametrize("pid, active, running, starting", [(0, "inactive", None, False), (4711, "active", 4711, False),
                                                            (4711, "activating", 4711, True), (0, "activating", None, True)])
def test_what_systemd_tells(systemctl, pid, active, running, starting):
    systemctl(pid, active=active)
    assert (Systemd("es").pid(), Systemd("es").is_starting()) == (running, starting)


@pytest.mark.parametrize("shown, environment, found", [
    ("", "", None),
    ("Environment=ES_HOME=/x ES_KEYSTORE_PASSPHRASE_FILE=/run/pass\n", "", "/run/pass"),
    ("EnvironmentFiles=%(file)s (ignore_errors=yes)\n", "", "/etc/es/pass"),
    ("EnvironmentFiles=/no/such/file (ignore_errors=yes)\n", "ES_KEYSTORE_PASSPHRASE_FILE=/tmp/pass\n", "/tmp/pass"),
    ("Environment=MY_ES_KEYSTORE_PASSPHRASE_FILE=/run/pass\n", "", None),
])
def test_where_a_unit_reads_the_passphrase(systemctl, tmp_path, shown, environment, found):
    (tmp_path / "default").write_text('# comment\nES_KEYSTORE_PASSPHRASE_FILE="/etc/es/pass"\n')
    (tmp_path / "shown").write_text(shown % {"file": tmp_path / "default"})
    (tmp_path / "environment").write_text(environment)
    assert Systemd("es").passphrase_file() == found
    assert "show --property=Environment,EnvironmentFiles es" in calls(tmp_path)


def test_an_archive_install_reads_no_passphrase_file(place):
    assert archive(place).passphrase_file() is None


def test_start_and_stop_by_systemd(systemctl, tmp_path):
    systemctl(4711)
    Systemd("es").start()
    Systemd("es").stop(PATIENT)
    assert [call for call in calls(tmp_path) if not call.startswith("show")] == ["start --no-block es", "stop --no-block es"]
    assert Systemd("es").pid() is None


def test_a_unit_that_does_not_end(systemctl, tmp_path):
    systemctl(4711)
    (tmp_path / "hold").touch()
    with pytest.raises(ServiceError, match="es: did not end within 0 seconds of being asked to. See what it is doing"):
        Systemd("es").stop(0.2)


def test_what_systemd_refuses(systemctl, tmp_path):
    (tmp_path / "refuse").touch()
    with pytest.raises(ServiceError) as refused:
        Systemd("es").start()
    assert str(refused.value) == (
        "es: systemctl start failed: Failed to start es.service: Unit es.service is masked. Look at: journalctl -u es")


def test_a_unit_that_is_not_there(systemctl):
    systemctl(load="not-found")
    with pytest.raises(ServiceError, match="es: there is no such systemd unit on this host. Name the right one .the role's ..._service_name or"):
        Systemd("es").pid()


def test_a_host_without_systemd_is_not_one_where_nothing_runs(systemctl, tmp_path, monkeypatch):
    (tmp_path / "shown").write_text("")
    (tmp_path / "error").write_text("System has not been booted with systemd as init system (PID 1).\n")
    with pytest.raises(ServiceError, match="es: systemctl does not tell about it: System has not been booted .*Without systemd choose"):
        Systemd("es").pid()
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    with pytest.raises(ServiceError, match="systemctl: cannot be run: No such file or directory. Without systemd choose"):
        Systemd("es").pid()
