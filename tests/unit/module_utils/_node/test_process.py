# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What /proc tells, asked about processes and sockets of our own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time

import pytest
from ansible_collections.interlock.cluster.plugins.module_utils._node import process

MARKER = "org.example.Marker"


@pytest.fixture
def child(tmp_path):
    """A process with a marker and an option on its command line."""
    command = ["sh", "-c", "read line", MARKER, "-p", str(tmp_path / "pid"), "-x"]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as running:
        while not process.command_line(running.pid):
            time.sleep(0.01)  # for a moment after exec(2) there is none
        yield running
        running.stdin.close()


@pytest.mark.parametrize("content, expected", [(b"123\n", 123), (b" 7", 7), (b"", None), (b"x", None), (b"\xff\xfe", None), (None, None)])
def test_a_pid_file(tmp_path, content, expected):
    if content is not None:
        (tmp_path / "pid").write_bytes(content)
    assert process.read_pid(str(tmp_path / "pid")) == expected


def test_a_pid_file_that_cannot_be_read_is_not_one_that_is_not_there(tmp_path):
    with pytest.raises(IsADirectoryError):
        process.read_pid(str(tmp_path))


def test_a_process_is_known_by_its_marker(child, tmp_path):
    assert process.command_line(child.pid)[3:] == [MARKER, "-p", str(tmp_path / "pid"), "-x"]
    assert process.is_running(child.pid, MARKER)
    assert not process.is_running(child.pid, "org.example.Other"), "pids are used again"
    assert not process.is_running(None, MARKER)


def test_one_that_ended_does_not_run_even_before_anybody_took_notice(child):
    child.stdin.close()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert os.path.exists("/proc/%d" % child.pid), "it is a zombie"
    assert process.command_line(child.pid) == []
    assert not process.is_running(child.pid, MARKER)
    child.wait()
    assert process.command_line(child.pid) == []


def test_processes_by_an_option_and_its_value(child, tmp_path):
    assert process.with_option("-p", str(tmp_path / "pid")) == [child.pid]
    assert process.with_option("-x", str(tmp_path / "pid")) == []
    assert process.with_option(MARKER, str(tmp_path / "pid")) == [], "somebody who only looks at the file is no launcher"


def test_since_when(child):
    assert abs(process.started_at(child.pid) - time.time()) < 600
    assert process.started_at(os.getpid()) <= process.started_at(child.pid)
    child.stdin.close()
    child.wait()
    assert process.started_at(child.pid) is None


@pytest.mark.parametrize("family, bound, told", [
    (socket.AF_INET, "127.0.0.1", "127.0.0.1"),
    (socket.AF_INET, "127.9.8.7", "127.9.8.7"),
    (socket.AF_INET, "0.0.0.0", "0.0.0.0"),
    (socket.AF_INET6, "::1", "::1"),
    (socket.AF_INET6, "::ffff:127.0.0.3", "127.0.0.3"),
])
def test_where_a_process_listens(family, bound, told):
    with socket.socket(family) as listener, socket.socket(family) as connected:
        listener.bind((bound, 0))
        listener.listen()
        port = listener.getsockname()[1]
        connected.connect((bound, port))
        found = process.listeners(os.getpid())
        assert (told, port) in found
        assert connected.getsockname()[1] not in [number for _address, number in found], "connected is not listening"
    assert (told, port) not in process.listeners(os.getpid())


def test_listeners_of_a_process_that_is_gone_are_not_known():
    assert process.listeners(2 ** 22 + 1) is None


@pytest.mark.parametrize("address, dialled", [("0.0.0.0", "127.0.0.1"), ("::", "::1"), ("10.0.0.7", "10.0.0.7"), ("fe80::1", "fe80::1")])
def test_the_address_to_dial(address, dialled):
    assert process.connectable(address) == dialled


def test_the_listeners_of_a_launcher_are_those_of_what_it_launched(tmp_path):
    """As under systemd, where the main process of an engine launches the one that listens."""
    inner = "import socket, sys; s = socket.create_server(('127.0.0.1', 0)); print(s.getsockname()[1], flush=True); sys.stdin.read()"
    outer = "import subprocess, sys; sys.exit(subprocess.call([sys.executable, '-c', %r]))" % inner
    with subprocess.Popen([sys.executable, "-c", outer], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as launcher:
        port = int(launcher.stdout.readline())
        assert len(process.with_descendants(launcher.pid)) == 2
        assert process.listeners(launcher.pid) == [("127.0.0.1", port)]
        launcher.stdin.close()
