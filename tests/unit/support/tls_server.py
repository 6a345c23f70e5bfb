# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A transport layer: a TLS server that answers the ping of Elasticsearch to whom it lets in."""

from __future__ import annotations

import contextlib
import socketserver
import ssl
import threading

from ansible_collections.interlock.cluster.plugins.module_utils._stores import pem

PING = b"ES\xff\xff\xff\xff"


class Handler(socketserver.BaseRequestHandler):
    def handle(self):
        self.request.settimeout(20)
        with contextlib.suppress(OSError):
            connection = self.request
            if self.server.context:
                connection = self.server.context.wrap_socket(connection, server_side=True)
            if connection.recv(100) == PING:
                connection.sendall(PING)
            connection.close()


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    context = None

    def handle_error(self, request, client_address):
        """A probe that goes away is none of the test's business."""


@contextlib.contextmanager
def transport_layer(directory, issued=None, clients_of=None):
    """The port of a server. issued: its node_certificate.Issued, None speaks plaintext; clients_of: the CA certificate clients need."""
    with Server(("127.0.0.1", 0), Handler) as server:
        if issued:
            path = directory / ("%x.pem" % issued.certificate.serial_number)
            path.write_bytes(pem.dump_certificates([issued.certificate, *issued.chain]) + pem.dump_key(issued.key))
            server.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            server.context.load_cert_chain(path)
        if clients_of:
            server.context.load_verify_locations(cadata=pem.dump_certificates([clients_of]).decode())
            server.context.verify_mode = ssl.CERT_REQUIRED
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()
