# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The probe against ports that do not speak TLS, and against everything a port can do wrong."""

from __future__ import annotations

import socket
import ssl
import struct
import threading

import pytest
from ansible_collections.interlock.cluster.plugins.module_utils._node import tls_probe, wire

# Long enough for a busy machine where an answer comes, short where silence is the point.
PATIENT, HASTY = 20.0, 0.4
PING = b"ES\xff\xff\xff\xff"


def probe(server, host="127.0.0.1", timeout=20.0, deadline=60.0, **arguments):
    return tls_probe.probe(host, server.port, timeout=timeout, deadline=deadline, **arguments)


def results(found):
    return {identity["name"]: identity["result"] for identity in found["identities"]}


NO_TLS = {"protocol": None, "cipher": None, "certificate": None, "certificate_pem": None, "chain": [], "demands_client_certificate": None}


def fake_transport(connection):
    """A plaintext transport port as seen on Elasticsearch 8.19.0."""
    request = connection.recv(1000)
    if request.startswith(PING):
        connection.sendall(PING)
        connection.recv(1)
    elif request.startswith(b"GET "):
        connection.sendall(b"This is not an HTTP port")


def fake_http(connection):
    """Answers lines, and waits for the end of one."""
    request = b""
    while b"\n" not in request:
        request += connection.recv(1000) or b"\n"
    status = b"401 Unauthorized" if request.startswith(b"GET / HTTP/1.0\r\n") else b"400 Bad Request"
    connection.sendall(b"HTTP/1.0 " + status + b"\r\n\r\n")


def fake_redis(connection):
    request = connection.recv(1000)
    if request == b"PING\r\n":
        connection.sendall(b"-NOAUTH Authentication required.\r\n")
    elif request.startswith(b"GET "):
        connection.sendall(b"-ERR wrong number of arguments for 'get' command\r\n")


def fake_ssh(connection):
    connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")
    connection.shutdown(socket.SHUT_WR)
    connection.recv(1000)


PLAINTEXT = {
    "transport, auto": (fake_transport, "auto", "elasticsearch"),
    "transport, known": (fake_transport, "elasticsearch", "elasticsearch"),
    "http, auto": (fake_http, "auto", "http"),
    "http, known": (fake_http, "http", "http"),
    "redis, auto": (fake_redis, "auto", "redis"),
    "redis, known": (fake_redis, "redis", "redis"),
    "ssh": (fake_ssh, "auto", "unknown"),
}


@pytest.mark.parametrize(("talk", "protocol", "speaks"), PLAINTEXT.values(), ids=PLAINTEXT.keys())
def test_plaintext_servers(serve, pki, talk, protocol, speaks):
    server = serve(talk)
    found = probe(server, timeout=3.0, plaintext_protocol=protocol, identities=[pki.node.identity], ca_pem=pki.ca.certificate,
                  check_protocols=True)
    assert dict(found, **NO_TLS) == found
    assert (found["reachable"], found["speaks_tls"]) == (True, False)
    assert (found["accepts_plaintext"], found["plaintext_speaks"]) == (True, speaks)
    assert (results(found), found["trusted"], found["protocols"]) == ({"node": "unknown"}, None, None)
    assert found["error"] and found["trust_reason"]
    observed = tls_probe.observe("127.0.0.1", server.port, 3.0, plaintext_protocol=protocol)
    assert {name: found[name] for name in observed} == observed


def test_a_server_of_plaintext_and_tls_on_one_port(serve, pki, tls):
    """OpenSearch's dual mode."""
    encrypted = tls(pki.node, pki.ca)

    def dual(connection):
        (encrypted if connection.recv(1, socket.MSG_PEEK) == b"\x16" else fake_transport)(connection)

    found = probe(serve(dual), plaintext_protocol="elasticsearch")
    assert (found["speaks_tls"], found["demands_client_certificate"], found["accepts_plaintext"]) == (True, True, True)


@pytest.mark.parametrize("line", [b"HTTP/1.1 400 The plain HTTP request was sent to HTTPS port", b"HTTP/1.1 301 Moved", b"HTTP/1.1 426 x"])
def test_an_https_server_that_turns_plaintext_away_politely(serve, pki, line, tls):
    encrypted = tls(pki.node)

    def polite(connection):
        if connection.recv(1, socket.MSG_PEEK) == b"\x16":
            encrypted(connection)
        else:
            connection.recv(1000)
            connection.sendall(line + b"\r\n\r\n")

    found = probe(serve(polite))
    assert (found["speaks_tls"], found["accepts_plaintext"], found["plaintext_speaks"]) == (True, False, None)
    assert line.decode() in found["plaintext_detail"]


def reset(connection):
    connection.recv(10)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def dribble(connection):
    """A TLS record that never ends, a byte at a time: every single read succeeds in time."""
    connection.sendall(b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc")
    while True:
        connection.sendall(b"\0")
        threading.Event().wait(0.05)


def echo(connection):
    while True:
        request = connection.recv(1000)
        if not request:
            break
        connection.sendall(request)


def saying(reply):
    def talk(connection):
        connection.recv(1000)
        connection.sendall(reply)

    return talk


RUDE = {
    "closes at once": (lambda connection: None, False, False),
    "closes after the greeting": (lambda connection: connection.recv(1), False, False),
    "resets": (reset, False, False),
    "answers with a TLS alert": (saying(b"\x15\x03\x03\x00\x02\x02\x28"), True, False),
    "answers garbage": (saying(b"\xf0\0\x9f\x92\xa9\xff" * 40), False, True),
    "answers a plaintext line": (saying(b"-"), False, True),
    "sends back what it gets": (echo, False, True),
    "breaks off in a ServerHello": (saying(b"\x16\x03\x03\x00\x7a\x02\0\0\x76\x03"), True, False),
}


@pytest.mark.parametrize(("talk", "speaks_tls", "accepts_plaintext"), RUDE.values(), ids=RUDE.keys())
def test_rude_servers(serve, pki, talk, speaks_tls, accepts_plaintext):
    found = probe(serve(talk), timeout=3.0, identities=[pki.node.identity], ca_pem=pki.ca.certificate, check_protocols=True)
    assert dict(found, **NO_TLS) == found
    assert (found["reachable"], found["speaks_tls"], found["accepts_plaintext"]) == (True, speaks_tls, accepts_plaintext)
    assert (results(found), found["trusted"]) == ({"node": "unknown"}, None)
    assert found["error"]


def test_a_server_that_never_answers(serve, pki):
    server = serve(lambda connection: server.over.wait())
    found = probe(server, timeout=HASTY, identities=[pki.node.identity], ca_pem=pki.ca.certificate, check_protocols=True)
    assert dict(found, **NO_TLS) == found
    assert (found["reachable"], found["speaks_tls"], found["accepts_plaintext"]) == (True, None, None)
    assert "in time" in found["error"]
    assert server.connections == 2, "what could not answer once is not asked everything"


def test_a_server_that_stops_in_the_first_bytes_of_an_answer(serve):
    server = serve(lambda connection: (connection.sendall(b"\x16\x03\x03"), server.over.wait()))
    assert probe(server, timeout=HASTY, plaintext_protocol="none")["speaks_tls"] is None


def test_a_server_that_waits_for_a_line_it_knows(serve):
    """As Redis does on a TLS greeting in which no line ends."""
    server = serve(lambda connection: connection.sendall(b"+PONG\r\n") if connection.recv(1000) == b"PING\r\n" else server.over.wait())
    found = probe(server, timeout=1.0, plaintext_protocol="redis")
    assert (found["speaks_tls"], found["accepts_plaintext"], found["plaintext_speaks"]) == (False, True, "redis")


def test_a_warning_is_no_refusal(serve, pki, tls):
    encrypted = tls(pki.node, pki.ca, newest=ssl.TLSVersion.TLSv1_2, talk=lambda connection: server.over.wait())

    def with_a_warning(connection):
        connection.sendall(b"\x15\x03\x03\x00\x02\x01\x70")  # unrecognized_name
        encrypted(connection)

    server = serve(with_a_warning)
    found = probe(server, timeout=1.0, identities=[pki.node.identity], plaintext_protocol="none")
    assert (found["protocol"], found["error"], results(found)) == ("TLSv1.2", None, {"node": "accepted"})


def test_a_server_that_never_stops_answering(serve):
    found = probe(serve(dribble), timeout=HASTY)
    assert (found["reachable"], found["speaks_tls"], found["protocol"]) == (True, True, None)


def ended_quietly(talk, connection):
    try:
        talk(connection)
    except OSError:
        pass


def test_a_server_that_falls_silent_after_its_certificate(serve, pki, tls):
    encrypted = tls(pki.node, pki.ca, newest=ssl.TLSVersion.TLSv1_2)

    def interrupted(connection):
        inner, outer = socket.socketpair()
        threading.Thread(target=ended_quietly, args=(encrypted, inner), daemon=True).start()
        outer.sendall(connection.recv(65536))
        connection.sendall(outer.recv(65536))
        server.over.wait()
        outer.close()

    server = serve(interrupted)
    found = probe(server, timeout=1.0, identities=[pki.node.identity], plaintext_protocol="none")
    assert (found["certificate"]["sha256"], found["protocol"]) == (pki.node.sha256, "TLSv1.2")
    assert (found["requests_client_certificate"], found["demands_client_certificate"], results(found)) == (True, None, {"node": "unknown"})


def test_a_closed_port(pki):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        found = tls_probe.probe("127.0.0.1", port, identities=[pki.node.identity], ca_pem=pki.ca.certificate, check_protocols=True)
        assert tls_probe.observe("127.0.0.1", port)["error"] == found["error"] == "127.0.0.1: Connection refused"
    assert dict(found, reachable=False, speaks_tls=None, accepts_plaintext=None, trusted=None, protocols=None, **NO_TLS) == found
    assert found["identities"] == [{"name": "node", "result": "unknown", "detail": "127.0.0.1: Connection refused"}]


@pytest.mark.parametrize("host", ["no-such-host.invalid", "a" * 70 + ".example", "..", "fe80::1%nosuchlink"])
def test_a_name_that_does_not_resolve(monkeypatch, host):
    def lookup(asked, port, type=0, flags=0):
        asked.encode("idna")
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(wire.socket, "getaddrinfo", lookup)
    found = tls_probe.observe(host, 9300)
    assert (found["reachable"], found["speaks_tls"]) == (False, None)
    assert host in found["error"] and "does not resolve" in found["error"]


def test_a_resolver_that_does_not_answer(monkeypatch):
    over = threading.Event()
    monkeypatch.setattr(wire.socket, "getaddrinfo", lambda *_args, flags=0, **_more: [] if flags or over.wait() else None)
    try:
        assert tls_probe.observe("es1.example.com", 9300, HASTY)["error"] == "the name es1.example.com was not resolved in time"
    finally:
        over.set()


def test_the_deadline_ends_it_all(serve, pki, tls):
    server = serve(tls(pki.node, pki.ca, talk=lambda connection: server.over.wait()))
    found = probe(server, timeout=PATIENT, deadline=1.0, ca_pem=pki.ca.certificate, check_protocols=True,
                  identities=[dict(pki.node.identity, name=str(number)) for number in range(3)])
    assert (found["speaks_tls"], found["demands_client_certificate"]) == (True, True)
    assert set(results(found).values()) == {"unknown"}, "also the first, which the server has accepted but not answered"
    assert all("deadline" in identity["detail"] for identity in found["identities"])
    assert (found["trusted"], set(found["protocols"].values())) == (None, {None})
