# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An HTTP server that answers as its script says and notes what it was asked."""

from __future__ import annotations

import collections
import contextlib
import http.server
import json
import threading

Asked = collections.namedtuple("Asked", "method path headers body")

# What Elasticsearch 8.19.0 answers without credentials, and while no master is elected.
UNAUTHORIZED = (401, {"error": {"type": "security_exception", "reason": "missing authentication credentials for REST request [/]"}, "status": 401})
NO_MASTER = (503, {"error": {"type": "master_not_discovered_exception", "reason": None}, "status": 503})


class ScriptedApi(http.server.ThreadingHTTPServer):
    """script: {"GET /path without query": [(status, answer), ...]}; the last answer is given again and again.

    An answer is JSON, or bytes as they are; a status of None closes the connection.
    """

    daemon_threads = True

    def __init__(self, address="127.0.0.1", context=None):
        super().__init__((address, 0), Handler)
        self.script, self.asked = {}, []
        self.port = self.server_address[1]
        if context:
            self.socket = context.wrap_socket(self.socket, server_side=True)

    def paths(self):
        """What was asked: "GET /path?query"."""
        return ["%s %s" % (asked.method, asked.path) for asked in self.asked]

    def handle_error(self, request, client_address):
        """A client that goes away is none of the test's business."""


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.asked.append(Asked(self.command, self.path, dict(self.headers), json.loads(body) if body else None))
        answers = self.server.script.get("%s %s" % (self.command, self.path.partition("?")[0]), [(404, {"error": "no handler"})])
        status, answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if status is None:
            self.close_connection = True
            return
        content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_DELETE = answer

    def log_message(self, *_arguments):
        """Not on the terminal."""


@contextlib.contextmanager
def scripted_api(**arguments):
    """A running ScriptedApi."""
    with ScriptedApi(**arguments) as api:
        thread = threading.Thread(target=api.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield api
        finally:
            api.shutdown()
            thread.join()
