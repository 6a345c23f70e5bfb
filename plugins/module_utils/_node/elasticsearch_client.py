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

UNAUTHORIZED = 401


class ApiError(InterlockError):
    """The node could not be asked, or answered with something that is not a success."""

    def __init__(self, message, where=None, remedy=None, status=None):
        super().__init__(message, where, remedy)
        self.status = status


class Client:
    """One node's HTTP layer. Credentials are sent only with a request that asks for them by being made at all."""

    def __init__(self, host, port, username=None, password=None, scheme="http", ca_pem=None, timeout=10.0):
        self.where = "%s://%s:%d" % (scheme, "[%s]" % host if ":" in host else host, port)
        self._host, self._port, self._timeout = host, port, timeout
        self._headers = {"Accept": "application/json", "Content-Type": "application/json", "User-Agent": "interlock.cluster"}
        if password:
            token = base64.b64encode(("%s:%s" % (username, password)).encode("utf-8")).decode("ascii")
            self._headers["Authorization"] = "Basic " + token
        self._context = None if scheme == "http" else ssl.create_default_context(cadata=ca_pem)
        if self._context is not None and ca_pem:
            # The node is asked on the node, at whatever address it listens: its certificate is for the names that others dial.
            self._context.check_hostname = False

    def request(self, method, path, body=None):
        """(status, decoded JSON or text). Raises ApiError when no answer comes; an HTTP error is an answer."""
        data = None if body is None else json.dumps(body)
        if self._context is None:
            connection = http.client.HTTPConnection(self._host, self._port, timeout=self._timeout)
        else:
            connection = http.client.HTTPSConnection(self._host, self._port, timeout=self._timeout, context=self._context)
        try:
            connection.request(method, path, data, self._headers)
            answer = connection.getresponse()
            content = answer.read()
            status = answer.status
        except (OSError, http.client.HTTPException) as error:
            raise ApiError("does not answer %s %s: %s" % (method, path, error or type(error).__name__), where=self.where) from error
        finally:
            connection.close()
        try:
            return status, json.loads(content.decode("utf-8")) if content else None
        except ValueError:
            return status, content.decode("utf-8", "replace")

    def call(self, method, path, body=None):
        """The decoded answer of a request that must succeed."""
        status, answer = self.request(method, path, body)
        if 200 <= status < 300:
            return answer
        raise ApiError("%s %s was answered with %d: %s" % (method, path, status, reason(answer)), where=self.where, status=status,
                       remedy="Check elasticsearch_tls_elastic_password." if status == UNAUTHORIZED else None)


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
