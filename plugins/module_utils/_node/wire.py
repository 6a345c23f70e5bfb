# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""TCP connections that cannot hang: name resolution, connecting and every byte have a time limit. Standard library only."""

from __future__ import annotations

import socket
import threading
import time


class NoConnection(Exception):
    """No TCP connection came about; the text says why."""


class Ended(Exception):
    """No further byte comes. how: "closed" by the other side, "reset" by it, or "silent" when the time is over."""

    def __init__(self, how):
        super().__init__(how)
        self.how = how


class Target:
    """A host and port to connect to again and again, and the time for all of it. timeout (each connection), deadline (all): seconds."""

    def __init__(self, host, port, timeout, deadline):
        self.host = host[1:-1] if host.startswith("[") and host.endswith("]") else host
        self.port, self.timeout = port, timeout
        self.until = time.monotonic() + deadline
        #: the host as a numeric address, without a zone; None for a name
        self.numeric = next((address[0].split("%")[0] for _family, address in _numeric(self.host, port) or ()), None)
        self._addresses = None

    @property
    def address(self):
        """The numeric address that is connected to; None before the first connection."""
        return self._addresses[0][1][0] if self._addresses and len(self._addresses) == 1 else None

    def connect(self):
        """A Wire to the first address that takes the connection, from then on always the same. Raises NoConnection."""
        if self._addresses is None:
            self._addresses = _resolve(self.host, self.port, min(self.until, time.monotonic() + self.timeout))
        problem = None
        for family, address in self._addresses:
            left = self.until - time.monotonic()
            if left <= 0:
                problem = "no time left: the deadline for all connections is over"
                break
            try:
                wire = _connect(family, address, min(left, self.timeout), left < self.timeout)
            except OSError as error:
                problem = _said(error, address, self.timeout)
            else:
                self._addresses = [(family, address)]
                return wire
        raise NoConnection(problem)


class Wire:
    """One TCP connection, and the moment at which it must be over.

    hurried: whether that moment is earlier than a connection's timeout, so that silence until then means nothing.
    """

    def __init__(self, sock, until, hurried):
        self._sock, self._until, self.hurried = sock, until, hurried

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self._sock.close()

    def send(self, data):
        """Send all of data. That the other side is gone is not told here: what it sent before is still there to be received."""
        self._limit()
        try:
            self._sock.sendall(data)
        except socket.timeout:
            raise Ended("silent")
        except OSError:
            pass

    def receive(self):
        """At least one byte. Raises Ended."""
        self._limit()
        try:
            data = self._sock.recv(65536)
        except socket.timeout:
            raise Ended("silent")
        except OSError:
            raise Ended("reset")
        if not data:
            raise Ended("closed")
        return data

    def _limit(self):
        left = self._until - time.monotonic()
        if left <= 0:
            raise Ended("silent")
        self._sock.settimeout(left)


def _connect(family, address, seconds, hurried):
    until = time.monotonic() + seconds
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.settimeout(seconds)
        sock.connect(address)
        # a handshake is many small messages; each would wait for the acknowledgement of the one before
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except BaseException:
        sock.close()
        raise
    return Wire(sock, until, hurried)


def _said(error, address, timeout):
    if isinstance(error, socket.timeout):
        return "%s did not take the connection within %g s" % (address[0], timeout)
    return "%s: %s" % (address[0], error.strerror or error)


def _numeric(host, port):
    try:
        return _lookup(host, port, socket.AI_NUMERICHOST)
    except (OSError, ValueError):
        return None


def _lookup(host, port, flags=0):
    return [(found[0], found[4]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=flags)]


def _resolve(host, port, until):
    """The addresses of a host. A resolver has no time limit of its own, so it is asked in a thread that may be left behind."""
    numeric = _numeric(host, port)
    if numeric:
        return numeric
    answers = []

    def ask():
        try:
            answers.append(_lookup(host, port))
        except (OSError, ValueError) as error:
            answers.append(error)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(max(0.0, until - time.monotonic()))
    if not answers:
        raise NoConnection("the name %s was not resolved in time" % host)
    if isinstance(answers[0], Exception):
        raise NoConnection("the name %s does not resolve: %s" % (host, getattr(answers[0], "strerror", None) or answers[0]))
    return answers[0]
