# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Linux says of a process: does it run, since when, where does it listen. Standard library only."""

from __future__ import annotations

import os
import socket
import struct

LISTEN = "0A"


def read_pid(pid_file):
    """The number in a pid file, or None where there is none. Raises OSError for a file that is there and cannot be read."""
    try:
        with open(pid_file) as stream:
            return int(stream.read().strip())
    except (FileNotFoundError, ValueError):
        return None


def command_line(pid):
    """The arguments of a running process; empty for a zombie or one that is gone."""
    try:
        with open("/proc/%d/cmdline" % pid, "rb") as stream:
            return [part.decode("utf-8", "replace") for part in stream.read().split(b"\0") if part]
    except OSError:
        return []


def is_running(pid, marker):
    """Whether the pid belongs to a live process whose command line has the marker: pids are used again."""
    return pid is not None and any(marker in argument for argument in command_line(pid))


def with_option(option, value):
    """Process ids whose command line has exactly this option followed by this value."""
    found = []
    for pid in map(int, filter(str.isdigit, os.listdir("/proc"))):
        arguments = command_line(pid)
        if (option, value) in zip(arguments, arguments[1:]):
            found.append(pid)
    return found


def with_variable(name, value, marker):
    """Process ids whose environment has this variable with this value, as far as this user may look, and whose command line has the marker."""
    wanted = ("%s=%s" % (name, value)).encode("utf-8")
    found = []
    for pid in map(int, filter(str.isdigit, os.listdir("/proc"))):
        try:
            with open("/proc/%d/environ" % pid, "rb") as stream:
                has_it = wanted in stream.read().split(b"\0")
        except OSError:
            continue
        if has_it and is_running(pid, marker):
            found.append(pid)
    return found


def started_at(pid):
    """Start of a process in seconds since the epoch, or None."""
    try:
        with open("/proc/%d/stat" % pid) as stream:
            ticks = int(stream.read().rpartition(")")[2].split()[19])
        with open("/proc/stat") as stream:
            boot = next(int(line.split()[1]) for line in stream if line.startswith("btime"))
    except (OSError, ValueError, IndexError, StopIteration):
        return None
    return boot + ticks / os.sysconf("SC_CLK_TCK")


def with_descendants(pid):
    """A process and everything that descends from it: under systemd the main process of 8.x and 9.x is the launcher, not the server."""
    children = {}
    for number in map(int, filter(str.isdigit, os.listdir("/proc"))):
        try:
            with open("/proc/%d/stat" % number) as stream:
                children.setdefault(int(stream.read().rpartition(")")[2].split()[1]), []).append(number)
        except (OSError, ValueError, IndexError):
            continue  # gone meanwhile
    found = [pid]
    for member in found:
        found += children.get(member, [])
    return found


def listeners(pid):
    """Addresses a process and its descendants listen on: list of (address, port); None when this user may not look."""
    owned = [_sockets(member) for member in with_descendants(pid)]
    if owned[0] is None:
        return None
    inodes = set().union(*filter(None, owned))
    found = {(address, port) for address, port, inode in _listening_sockets("/proc/%d/net" % pid) if inode in inodes}
    return sorted(found)


def listening(port):
    """Addresses at which anything on this host listens on a port: no right to look into processes is needed. Loopback comes last."""
    found = set()
    for address, number, _inode in _listening_sockets("/proc/net"):
        if number == port:
            found.add(address)
    return sorted(found, key=lambda address: (address.startswith("127.") or address == "::1", address))


def _listening_sockets(directory):
    """(address, port, inode) of every listening TCP socket of a network namespace, as /proc has it."""
    for table, family in (("tcp", socket.AF_INET), ("tcp6", socket.AF_INET6)):
        try:
            with open("%s/%s" % (directory, table)) as stream:
                rows = [line.split() for line in stream][1:]
        except OSError:
            continue
        for row in rows:
            if row[3] == LISTEN:
                address, port = row[1].split(":")
                yield _address(address, family), int(port, 16), row[9]


def _sockets(pid):
    """Inodes of a process's sockets as text; None when this user may not look."""
    inodes = set()
    try:
        for name in os.listdir("/proc/%d/fd" % pid):
            try:
                link = os.readlink("/proc/%d/fd/%s" % (pid, name))
            except FileNotFoundError:
                continue  # closed meanwhile: an engine at work opens and closes files all the time
            if link.startswith("socket:["):
                inodes.add(link[8:-1])
    except OSError:
        return None
    return inodes


def _address(text, family):
    """Decode the kernel's hexadecimal, 32-bit words in host order; IPv4 in IPv6 is shown as IPv4."""
    words = [int(text[start:start + 8], 16) for start in range(0, len(text), 8)]
    packed = struct.pack("=%dI" % len(words), *words)
    if family == socket.AF_INET6 and packed[:12] == b"\0" * 10 + b"\xff\xff":
        return socket.inet_ntop(socket.AF_INET, packed[12:])
    return socket.inet_ntop(family, packed)


def connectable(address):
    """The address to dial for a listener: a wildcard is dialled on loopback."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(address, address)
