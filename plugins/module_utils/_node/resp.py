# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The protocol of Redis and Valkey (RESP2) over plaintext or TLS. Standard library only.

Commands are never put into messages: CONFIG SET and AUTH carry secrets.
"""

from __future__ import annotations

import socket
import ssl

from ansible_collections.interlock.cluster.plugins.module_utils._errors import InterlockError
from ansible_collections.interlock.cluster.plugins.module_utils._node import tls_contexts


NO_CHECK_TIME = 0x200000  # X509_V_FLAG_NO_CHECK_TIME (openssl/x509_vfy.h)


class RedisError(InterlockError):
    """A server that cannot be talked to, or that refused a command."""


class NotReached(RedisError):
    """No TCP connection came about."""


class Refused(RedisError):
    """The server answered a command with an error; code is its first word."""

    def __init__(self, text, where, remedy=None):
        super().__init__(text, where=where, remedy=remedy)
        self.code = text.split(" ", 1)[0]


def client_context(certificate_file, key_file, ca_file, accept_expired=False):
    """A client that has the certificate of the node it runs on and trusts what that node trusts. Raises RedisError.

    accept_expired: also a server whose certificate is not valid any more, to give it another one.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if accept_expired:
        context.verify_flags |= NO_CHECK_TIME
    try:
        context.load_verify_locations(cafile=ca_file)
        context.load_cert_chain(certificate_file, key_file, password=lambda: "")
    except (OSError, ssl.SSLError) as error:
        raise RedisError("the TLS material of this node cannot be used (%s)" % (getattr(error, "reason", None) or error.strerror),
                         where=certificate_file, remedy="Run with become: true, and let redis_tls write the certificate anew.") from error
    return context


def identity_context(identity, ca_pem):
    """A client with a certificate that is given by content (name, certificate, private_key) and never comes to a disk."""
    context = tls_contexts.identified(identity["name"], identity["certificate"], identity["private_key"])
    context.load_verify_locations(cadata=ca_pem)
    context.verify_mode = ssl.CERT_REQUIRED
    return context


class Connection:
    """One connection to a server. timeout: seconds for connecting and for each answer.

    renamed: {command: the name it has there}, for servers with rename-command.
    """

    def __init__(self, host, port, context=None, username=None, password=None, timeout=5.0, renamed=None):
        self.host, self.port, self.tls = host, port, context is not None
        self.where = "%s port %s" % (host, port)
        self._renamed = {name.upper(): new for name, new in (renamed or {}).items()}
        self._buffer = b""
        try:
            self._sock = socket.create_connection((host, port), timeout=timeout)
        except OSError as error:
            raise NotReached("no connection: %s" % (error.strerror or error), where=self.where) from error
        try:
            self._sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if context is not None:
                self._sock = context.wrap_socket(self._sock, server_hostname=host)
            if password:
                # With a name: without one a server that asks for no password refuses whoever gives one (acl.c, authCommand).
                self.command("AUTH", username or "default", password)
        except OSError as error:
            self._sock.close()
            raise RedisError("no TLS connection: %s" % (getattr(error, "verify_message", None) or getattr(error, "reason", None) or error),
                             where=self.where) from error
        except RedisError:
            self._sock.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self.close()

    def close(self):
        """Close the connection."""
        self._sock.close()

    def send(self, *words):
        """Send a command without waiting for its answer."""
        words = [self._renamed.get(str(words[0]).upper(), words[0])] + list(words[1:])
        parts = [word if isinstance(word, bytes) else str(word).encode("utf-8") for word in words]
        data = b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts)
        try:
            self._sock.sendall(data)
        except OSError as error:
            raise RedisError("the connection broke: %s" % (error.strerror or error), where=self.where) from error

    def receive(self):
        """The next answer: text, int, None or a list. Raises Refused for an error of the server, RedisError for a broken connection."""
        return self._read()

    def command(self, *words):
        """The answer to a command."""
        self.send(*words)
        return self.receive()

    def info(self, section):
        """INFO of a section as {name: text}."""
        lines = self.command("INFO", section).splitlines()
        return dict(line.split(":", 1) for line in lines if ":" in line and not line.startswith("#"))

    def config(self, *names):
        """{name: value} of those parameters that the server knows. One request: CONFIG GET takes several names from 7.0 on."""
        answer = self.command("CONFIG", "GET", *names)
        return dict(zip(answer[::2], answer[1::2]))

    def _read(self):
        line = self._line()
        kind, rest = line[:1], line[1:]
        if kind == b"+":
            return rest.decode("utf-8", "replace")
        if kind == b"-":
            raise Refused(rest.decode("utf-8", "replace"), self.where)
        if kind == b":":
            return int(rest)
        if kind == b"$":
            size = int(rest)
            return None if size < 0 else self._bytes(size).decode("utf-8", "replace")
        if kind == b"*":
            return None if int(rest) < 0 else [self._element() for _number in range(int(rest))]
        raise RedisError("does not speak the protocol of Redis", where=self.where, remedy="Check the address and the port.")

    def _element(self):
        try:
            return self._read()
        except Refused as refusal:  # an error inside a list is one element of it, as in the answer to EXEC
            return refusal

    def _line(self):
        while b"\r\n" not in self._buffer:
            self._fill()
        line, self._buffer = self._buffer.split(b"\r\n", 1)
        return line

    def _bytes(self, size):
        while len(self._buffer) < size + 2:
            self._fill()
        data, self._buffer = self._buffer[:size], self._buffer[size + 2:]
        return data

    def _fill(self):
        try:
            data = self._sock.recv(65536)
        except socket.timeout as error:
            raise RedisError("did not answer in time", where=self.where) from error
        except OSError as error:
            raise RedisError("the connection broke: %s" % (getattr(error, "reason", None) or error.strerror or error),
                             where=self.where) from error
        if not data:
            raise RedisError("closed the connection", where=self.where)
        self._buffer += data
