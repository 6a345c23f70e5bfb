# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HTTP to one Elasticsearch node, asked on the node itself so that no password crosses the wire. Standard library only."""

from __future__ import annotations

import base64
import http.client
import json
import ssl

from ansible_collections.interlock.cluster.plugins.module_utils._errors import InterlockError
from ansible_collections.interlock.cluster.plugins.module_utils._node import tls_contexts

UNAUTHORIZED = 401
_OTHER_NAME = (62, 64)  # X509_V_ERR_HOSTNAME_MISMATCH and _IP_ADDRESS_MISMATCH: the chain is right
_REFUSALS = ("ALERT", "CERTIFICATE_VERIFY_FAILED")  # what only a server that speaks TLS leads to


class ApiError(InterlockError):
    """The node could not be asked, or answered with something that is not a success."""

    def __init__(self, message, where=None, remedy=None, status=None):
        super().__init__(message, where, remedy)
        self.status = status


class Client:
    """One node's HTTP layer. Credentials are sent only with a request that asks for them by being made at all.

    scheme: http, https, or with "_or_" between them for a node that may be switched from one to the other: the first is tried first, and
    after that the one that was answered last. names: what the certificate of the node may be
    for, when that is not the address; ca_pem: what it must lead to, without it the CAs of the host; identity: the client's own
    certificate and key, PEM, for a node that demands them.
    """

    def __init__(self, host, port, username=None, password=None, scheme="http", ca_pem=None, timeout=10.0, names=(), identity=None):
        self._host, self._port, self._timeout = host, port, timeout
        self._headers = {"Accept": "application/json", "Content-Type": "application/json", "User-Agent": "interlock.cluster"}
        if password:
            token = base64.b64encode(("%s:%s" % (username, password)).encode("utf-8")).decode("ascii")
            self._headers["Authorization"] = "Basic " + token
        self._schemes = scheme.split("_or_")
        self._names = [host] + [name for name in names if name != host]
        self._ca_pem, self._identity = ca_pem, identity
        self._context = None

    @property
    def scheme(self):
        """The scheme that was answered last, or is tried first."""
        return self._schemes[0]

    @property
    def where(self):
        """The address as a URL."""
        return "%s://%s:%d" % (self.scheme, "[%s]" % self._host if ":" in self._host else self._host, self._port)

    def request(self, method, path, body=None):
        """(status, decoded JSON or text). Raises ApiError when no answer comes; an HTTP error is an answer."""
        data = None if body is None else json.dumps(body)
        problem = None
        for scheme in list(self._schemes):
            try:
                status, content = self._ask_as_known(scheme, method, path, data)
            except (OSError, http.client.HTTPException) as error:
                if _tells_of_the_other_scheme(error):
                    problem = problem or error
                    continue
                problem = error
                break
            self._schemes.sort(key=lambda one: one != scheme)
            try:
                return status, json.loads(content.decode("utf-8")) if content else None
            except ValueError:
                return status, content.decode("utf-8", "replace")
        raise ApiError("does not answer %s %s: %s" % (method, path, problem or type(problem).__name__), where=self.where) from problem

    def _ask_as_known(self, scheme, method, path, data):
        """The answer over a connection to any of the names; which one it is need not be found out twice."""
        for name in list(self._names):
            try:
                answer = self._ask(scheme, name, method, path, data)
            except ssl.SSLCertVerificationError as error:
                if error.verify_code not in _OTHER_NAME or name == self._names[-1]:
                    raise
                continue
            self._names.sort(key=lambda one: one != name)
            return answer
        raise AssertionError("there is always a name")

    def _ask(self, scheme, name, method, path, data):
        connection = http.client.HTTPConnection(self._host, self._port, timeout=self._timeout)
        try:
            if scheme == "https":
                connection.connect()
                connection.sock = self._tls().wrap_socket(connection.sock, server_hostname=name)
            connection.request(method, path, data, self._headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def _tls(self):
        if self._context is None:
            self._context = tls_contexts.verifying(self._ca_pem, self._identity)
        return self._context

    def call(self, method, path, body=None):
        """The decoded answer of a request that must succeed."""
        status, answer = self.request(method, path, body)
        if 200 <= status < 300:
            return answer
        raise ApiError("%s %s was answered with %d: %s" % (method, path, status, reason(answer)), where=self.where, status=status,
                       remedy="Check the password that the role is given for this user." if status == UNAUTHORIZED else None)


def _tells_of_the_other_scheme(error):
    """Whether a server that took the connection did not understand what it was sent: TLS without TLS, or the other way round."""
    if isinstance(error, ssl.SSLError):
        return not any(word in (error.reason or "") for word in _REFUSALS)
    return isinstance(error, (http.client.BadStatusLine, ConnectionResetError, BrokenPipeError))


def reason(answer):
    """The human part of an Elasticsearch error answer."""
    if isinstance(answer, dict) and isinstance(answer.get("error"), dict):
        error = answer["error"]
        return "%s: %s" % (error.get("type"), error.get("reason"))
    return str(answer)[:300]


def patiently(attempt, seconds, monotonic, sleep):
    """The result of an attempt that is repeated while the cluster is still coming up.

    Repeated: no answer, 401 (until the primary of the security index is assigned every reserved user gets it),
    429 and 503 (no elected master yet). Anything else, or the end of the seconds, is final.
    """
    deadline = monotonic() + seconds
    while True:
        try:
            return attempt()
        except ApiError as error:
            if error.status not in (None, UNAUTHORIZED, 429, 503) or monotonic() >= deadline:
                raise
        sleep(0.5)
