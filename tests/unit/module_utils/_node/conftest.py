# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Real servers on loopback for whatever makes connections: their certificates, their ways of talking, and their end after the test."""

from __future__ import annotations

import datetime
import ipaddress
import shutil
import socket
import ssl
import subprocess
import threading
import types

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

PATIENT = 20.0
PING = b"ES\xff\xff\xff\xff"


class Pair(types.SimpleNamespace):
    """A certificate and its key as PEM text, with the paths of the files that servers want."""

    @property
    def identity(self):
        return {"name": self.name, "certificate": self.certificate, "private_key": self.private_key}


def make_pair(directory, name, issuer=None, key=None, days=30, sans=("localhost", "127.0.0.1", "::1"), ca=False):
    key = key or ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.timezone.utc)
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer.made.subject if issuer else subject)
    builder = builder.public_key(key.public_key()).serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now - datetime.timedelta(days=60)).not_valid_after(now + datetime.timedelta(days=days))
    builder = builder.add_extension(x509.BasicConstraints(ca, None), critical=True)
    if not ca:
        names = [x509.IPAddress(ipaddress.ip_address(each)) if each[-1].isdigit() else x509.DNSName(each) for each in sans]
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    made = builder.sign(issuer.key if issuer else key, hashes.SHA256())
    text = made.public_bytes(serialization.Encoding.PEM).decode() + (issuer.certificate if issuer else "")
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()
    path = directory / (name + ".pem")
    path.write_text(text + private)
    fingerprint = made.fingerprint(hashes.SHA256()).hex()
    return Pair(name=name, made=made, key=key, certificate=text, private_key=private, path=str(path), sha256=fingerprint)


@pytest.fixture(scope="session")
def pki(tmp_path_factory):
    directory = tmp_path_factory.mktemp("pki")
    ca = make_pair(directory, "ca", ca=True)
    foreign = make_pair(directory, "foreign-ca", ca=True)
    return types.SimpleNamespace(
        ca=ca,
        foreign=foreign,
        node=make_pair(directory, "node", ca),
        stranger=make_pair(directory, "stranger", foreign),
        expired=make_pair(directory, "expired", ca, days=-1),
        elsewhere=make_pair(directory, "elsewhere", ca, sans=("elsewhere.example.com", "192.0.2.1")),
        weak=make_pair(directory, "weak", ca, key=rsa.generate_private_key(65537, 1024)),
    )


class Server:
    """Hands every connection on a port of its own to talk(socket), in threads."""

    def __init__(self, talk, family=socket.AF_INET):
        self.talk, self.connections = talk, 0
        self.over = threading.Event()
        self._listener = socket.socket(family, socket.SOCK_STREAM)
        self._listener.bind(("::1" if family == socket.AF_INET6 else "127.0.0.1", 0))
        self._listener.listen(20)
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self):
        while True:
            try:
                connection, _peer = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._handle, args=(connection,), daemon=True).start()

    def _handle(self, connection):
        connection.settimeout(PATIENT)
        try:
            self.talk(connection)
        except OSError:
            pass  # the probe leaves when it knows enough
        finally:
            connection.close()

    def stop(self):
        self.over.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()


@pytest.fixture
def serve():
    """serve(talk) starts a Server and stops it after the test."""
    servers = []

    def start(talk, **arguments):
        servers.append(Server(talk, **arguments))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


def answer(connection):
    """What Elasticsearch's transport layer, an HTTP server and Redis answer to what a probe asks."""
    request = connection.recv(100)
    if request == PING:
        connection.sendall(PING)
    elif request.startswith(b"GET "):
        connection.sendall(b"HTTP/1.0 200 OK\r\n\r\n")
    elif request == b"PING\r\n":
        connection.sendall(b"+PONG\r\n")


def tls_talk(pair, clients_of=None, demand=True, talk=answer, newest=ssl.TLSVersion.TLSv1_3, tickets=2):
    """A TLS server's talk. clients_of: the CA whose client certificates are asked for."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.load_cert_chain(pair.path)
    context.maximum_version = newest
    context.num_tickets = tickets
    if clients_of:
        context.load_verify_locations(cadata=clients_of.certificate)
        context.verify_mode = ssl.CERT_REQUIRED if demand else ssl.CERT_OPTIONAL

    def handle(connection):
        with context.wrap_socket(connection, server_side=True) as wrapped:
            talk(wrapped)

    return handle


@pytest.fixture(scope="session")
def tls():
    """tls(pair, ...) makes the talk of a TLS server, see tls_talk."""
    return tls_talk


@pytest.fixture
def s_server():
    """s_server(*arguments) starts `openssl s_server` and returns its port and address."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    processes = []

    def start(*arguments, accept="127.0.0.1:0"):
        command = ["openssl", "s_server", "-accept", accept, *arguments]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        processes.append(process)
        line = next(line for line in process.stdout if line.startswith("ACCEPT"))
        return types.SimpleNamespace(port=int(line.strip().rsplit(":", 1)[1]))

    yield start
    for process in processes:
        process.terminate()
        process.communicate()
