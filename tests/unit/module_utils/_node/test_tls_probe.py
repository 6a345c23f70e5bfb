# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The probe against real servers that speak TLS."""

from __future__ import annotations

import os
import socket
import ssl

import pytest
from cryptography.hazmat.primitives import serialization

from ansible_collections.interlock.cluster.plugins.module_utils._node import tls_contexts, tls_probe, tls_session, wire
from ansible_collections.interlock.cluster.plugins.module_utils._node.der import DerError

# Long enough for a busy machine; where silence is the point, the tests say how long it takes.
PATIENT = 20.0


def probe(server, host="127.0.0.1", timeout=20.0, deadline=60.0, **arguments):
    return tls_probe.probe(host, server.port, timeout=timeout, deadline=deadline, **arguments)


def results(found):
    return {identity["name"]: identity["result"] for identity in found["identities"]}


VERSIONS = {"TLSv1.2": ssl.TLSVersion.TLSv1_2, "TLSv1.3": ssl.TLSVersion.TLSv1_3}


@pytest.mark.parametrize("version", VERSIONS)
def test_a_server_of_mutual_tls(serve, pki, version, tls):
    server = serve(tls(pki.node, pki.ca, newest=VERSIONS[version]))
    found = probe(server, identities=[pki.node.identity, pki.stranger.identity, pki.expired.identity], ca_pem=pki.ca.certificate)
    assert (found["reachable"], found["speaks_tls"], found["protocol"], found["error"]) == (True, True, version, None)
    assert (found["host"], found["address"], found["port"], found["server_name"]) == ("127.0.0.1", "127.0.0.1", server.port, None)
    assert found["cipher"].startswith("ECDHE-ECDSA-" if version == "TLSv1.2" else "TLS_")
    assert found["certificate"] == found["chain"][0]
    assert [certificate["sha256"] for certificate in found["chain"]] == [pki.node.sha256, pki.ca.sha256]
    assert found["chain_complete"] is True
    assert pki.node.certificate.startswith(found["certificate_pem"])
    assert (found["requests_client_certificate"], found["demands_client_certificate"]) == (True, True)
    assert found["client_certificate_authorities"] == [], "Python's servers do not say"
    assert results(found) == {"node": "accepted", "stranger": "refused", "expired": "refused"}
    assert [identity["detail"] for identity in found["identities"]] == [
        "the server answered a request",
        "the server refused with the TLS alert unknown_ca",
        "the server refused with the TLS alert certificate_expired",
    ]
    assert found["trusted"] is True
    assert found["accepts_plaintext"] is False


@pytest.mark.parametrize("version", VERSIONS)
def test_a_server_that_only_asks_for_a_certificate_does_not_demand_it(serve, pki, version, tls):
    found = probe(serve(tls(pki.node, pki.ca, demand=False, newest=VERSIONS[version])), identities=[pki.stranger.identity])
    assert (found["requests_client_certificate"], found["demands_client_certificate"]) == (True, False)
    assert results(found) == {"stranger": "refused"}


@pytest.mark.parametrize("version", VERSIONS)
def test_a_server_that_asks_for_no_certificate_lets_anyone_in(serve, pki, version, tls):
    found = probe(serve(tls(pki.node, newest=VERSIONS[version])), identities=[pki.stranger.identity])
    assert (found["requests_client_certificate"], found["demands_client_certificate"]) == (False, False)
    assert found["client_certificate_authorities"] is None
    assert found["identities"] == [{"name": "stranger", "result": "accepted", "detail": "the server asks for no client certificate"}]


def test_silence_and_no_ticket_after_a_handshake_is_acceptance(serve, pki, tls):
    server = serve(tls(pki.node, pki.ca, tickets=0, talk=lambda connection: server.over.wait()))
    found = probe(server, timeout=1.0, identities=[pki.node.identity], plaintext_protocol="none")
    assert (results(found), found["demands_client_certificate"]) == ({"node": "accepted"}, True)


def test_a_ticket_is_answer_enough_when_nothing_may_be_asked(serve, pki, tls):
    server = serve(tls(pki.node, pki.ca, talk=lambda connection: server.over.wait()))
    found = probe(server, deadline=PATIENT / 2, identities=[pki.node.identity], plaintext_protocol="none")
    assert (results(found), found["demands_client_certificate"]) == ({"node": "accepted"}, True), "silence would leave it unknown"


def judged_above_tls(connection):
    """As Node.js does: the handshake is let through, then the connection is dropped."""
    if connection.getpeercert(True) and connection.recv(100).startswith(b"GET "):
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")


@pytest.mark.parametrize("version", VERSIONS)
def test_a_server_that_judges_above_tls(serve, pki, version, tls):
    server = serve(tls(pki.node, pki.ca, demand=False, talk=judged_above_tls, newest=VERSIONS[version]))
    found = probe(server, identities=[pki.node.identity], plaintext_protocol="http")
    assert (found["demands_client_certificate"], results(found)) == (True, {"node": "accepted"})
    assert probe(server)["demands_client_certificate"] is None, "it may just not know the request"


TRUST = {
    "right": ("node", "ca", {}, True, "valid for 127.0.0.1"),
    "right by name": ("node", "ca", {"host": "localhost"}, True, "valid for localhost"),
    "foreign": ("node", "foreign", {}, False, "self signed certificate in certificate chain"),
    "expired": ("expired", "ca", {}, False, "certificate has expired"),
    "another address": ("elsewhere", "ca", {}, False, "IP address mismatch"),
    "another name": ("elsewhere", "ca", {"host": "localhost"}, False, "Hostname mismatch"),
    "the name that was asked for": ("elsewhere", "ca", {"server_name": "elsewhere.example.com"}, True, "for elsewhere.example.com"),
    "the leaf is the anchor": ("node", "node", {}, True, "valid for 127.0.0.1"),
}


@pytest.mark.parametrize("demand", [False, True])
@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("served", "anchor", "arguments", "trusted", "reason"), TRUST.values(), ids=TRUST.keys())
def test_trust(serve, pki, served, anchor, arguments, trusted, reason, version, demand, tls):
    server = serve(tls(getattr(pki, served), pki.ca if demand else None, newest=VERSIONS[version]))
    anchor_pem = getattr(pki, anchor).made.public_bytes(serialization.Encoding.PEM).decode()
    found = probe(server, ca_pem=anchor_pem, plaintext_protocol="none", **arguments)
    assert found["trusted"] is trusted
    assert reason in found["trust_reason"].replace("self-signed", "self signed")  # the libraries differ


def test_the_name_that_is_sent(serve, pki):
    seen = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pki.node.path)
    context.sni_callback = lambda _socket, name, _context: seen.append(name)
    server = serve(lambda connection: context.wrap_socket(connection, server_side=True))
    for arguments in ({}, {"host": "localhost"}, {"server_name": "es1.example.com."}, {"host": "[::1]"}):
        tls_probe.observe(arguments.get("host", "127.0.0.1"), server.port, PATIENT, server_name=arguments.get("server_name"))
    assert seen == [None, "localhost", "es1.example.com"]


def test_ipv6(serve, pki, tls):
    server = serve(tls(pki.node), family=socket.AF_INET6)
    for host in ("::1", "[::1]"):
        found = probe(server, host=host, ca_pem=pki.ca.certificate)
        assert (found["address"], found["host"], found["speaks_tls"], found["trusted"]) == ("::1", "::1", True, True)


def test_a_name_with_several_addresses_of_which_the_first_refuses(serve, pki, monkeypatch, tls):
    server = serve(tls(pki.node))
    addresses = [(socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("::1", server.port, 0, 0)),
                 (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", server.port))]
    monkeypatch.setattr(wire.socket, "getaddrinfo", lambda *_args, flags=0, **_more: [] if flags else addresses)
    found = probe(server, host="es1.example.com", plaintext_protocol="none")
    assert (found["address"], found["speaks_tls"], found["server_name"]) == ("127.0.0.1", True, "es1.example.com")


def test_a_weak_key_is_seen_all_the_same(serve, pki, tls):
    assert probe(serve(tls(pki.weak)))["certificate"]["key_type"] == "rsa-1024"


# What observe() leaves out


def test_observe_is_one_connection_that_answers_nothing(serve, pki, tls):
    heard = []
    encrypted = tls(pki.node, pki.ca)

    def note(connection):
        try:
            encrypted(connection)
        except ssl.SSLError as error:
            heard.append(error.reason)
            raise

    server = serve(note)
    observed = tls_probe.observe("127.0.0.1", server.port, PATIENT)
    assert server.connections == 1
    assert (observed["requests_client_certificate"], observed["demands_client_certificate"]) == (True, None)
    found = probe(server)
    assert "PEER_DID_NOT_RETURN_A_CERTIFICATE" in heard, "the probe does go on without certificate"
    assert heard[0] != "PEER_DID_NOT_RETURN_A_CERTIFICATE", "observe does not"
    unknown = {"demands_client_certificate": None, "accepts_plaintext": None, "plaintext_detail": None}
    assert dict({name: found[name] for name in observed}, **unknown) == observed


@pytest.mark.parametrize("version", VERSIONS)
def test_a_python_that_shows_no_messages(serve, pki, version, monkeypatch, tls):
    monkeypatch.setattr(tls_session, "SEES_MESSAGES", False)
    found = probe(serve(tls(pki.node, pki.ca, newest=VERSIONS[version])), identities=[pki.node.identity, pki.stranger.identity])
    assert (found["speaks_tls"], found["requests_client_certificate"]) == (True, None)
    assert found["demands_client_certificate"] is (True if version == "TLSv1.3" else None)
    above = serve(tls(pki.node, pki.ca, demand=False, talk=judged_above_tls, newest=VERSIONS[version]))
    assert probe(above, plaintext_protocol="http")["demands_client_certificate"] is None, "who knows why it closed the connection"
    open_to_all = probe(serve(tls(pki.node, newest=VERSIONS[version])), ca_pem=pki.ca.certificate)
    assert (open_to_all["protocol"], open_to_all["trusted"], open_to_all["demands_client_certificate"]) == (version, True, False)
    assert open_to_all["certificate"]["sha256"] == pki.node.sha256
    assert open_to_all["chain_complete"] is hasattr(ssl.SSLObject, "get_unverified_chain")


# Another implementation of TLS, and its old protocols


@pytest.mark.parametrize("version", VERSIONS)
def test_openssl_demanding_a_certificate(s_server, pki, version):
    option = "-" + version.lower().replace("v", "").replace(".", "_")
    server = s_server("-cert", pki.node.path, "-CAfile", pki.ca.path, "-Verify", "2", "-verify_return_error", "-www", option)
    found = probe(server, identities=[pki.node.identity, pki.stranger.identity], ca_pem=pki.ca.certificate, check_protocols=True)
    assert (found["protocol"], found["demands_client_certificate"], found["accepts_plaintext"]) == (version, True, False)
    assert found["client_certificate_authorities"] == ["CN=ca"]
    assert (results(found), found["trusted"]) == ({"node": "accepted", "stranger": "refused"}, True)
    assert found["protocols"] == {"TLSv1": False, "TLSv1.1": False, "TLSv1.2": version == "TLSv1.2", "TLSv1.3": version == "TLSv1.3"}


def test_a_server_of_old_protocols_only(s_server, pki):
    server = s_server("-cert", pki.node.path, "-www", "-no_tls1_2", "-no_tls1_3", "-cipher", "DEFAULT:@SECLEVEL=0")
    found = probe(server, check_protocols=True)
    if not found["protocols"]:
        pytest.skip("this OpenSSL has no old protocols")
    assert found["protocol"] == "TLSv1.1"
    assert found["protocols"] == {"TLSv1": True, "TLSv1.1": True, "TLSv1.2": False, "TLSv1.3": False}


# What is given to the probe


def test_protocols_this_side_does_not_have_are_not_reported_as_refused(serve, pki, monkeypatch, tls):
    monkeypatch.setattr(tls_contexts, "speaking", lambda protocol: None)
    assert set(probe(serve(tls(pki.node)), check_protocols=True)["protocols"].values()) == {None}


def test_an_encrypted_key(serve, pki, tls):
    private = pki.node.key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"open sesame")).decode()
    identity = dict(pki.node.identity, private_key=private, passphrase="open sesame")
    assert results(probe(serve(tls(pki.node, pki.ca)), identities=[identity])) == {"node": "accepted"}
    for passphrase in (None, "wrong"):
        with pytest.raises(tls_contexts.ProbeError, match="identity node: .*passphrase"):
            tls_contexts.identified(**dict(identity, passphrase=passphrase))


def test_unusable_arguments_are_told_before_anything_is_connected(serve, pki, tls):
    server = serve(tls(pki.node))
    node = pki.node.identity
    for arguments, message in (
        ({"identities": [dict(node, private_key=pki.stranger.private_key)]}, "identity node: the private key does not belong"),
        ({"identities": [dict(node, certificate="", private_key="")]}, "identity node: the certificate or the private key cannot be read"),
        ({"identities": [dict(node, private_key="no key")]}, "cannot be read"),
        ({"ca_pem": "no certificate"}, "ca_certificates: holds no certificates in PEM form"),
        ({"ca_pem": "käse"}, "ca_certificates"),
        ({"server_name": "..bad.."}, "server_name: .* cannot be sent"),
        ({"server_name": "a" * 70}, "server_name: .* cannot be sent"),
        ({"host": ""}, "no host"),
        ({"timeout": 0}, "more than 0"),
        ({"deadline": -1.0}, "more than 0"),
        ({"plaintext_protocol": "gopher"}, "gopher"),
    ):
        with pytest.raises(tls_contexts.ProbeError, match=message):
            probe(server, **arguments)
    for port in (0, 65536):
        with pytest.raises(tls_contexts.ProbeError, match="no TCP port"):
            tls_probe.probe("127.0.0.1", port)
    assert server.connections == 0


def test_without_memory_files_a_key_is_refused_and_never_written(pki, monkeypatch):
    monkeypatch.delattr(os, "memfd_create")
    with pytest.raises(tls_contexts.ProbeError, match="not written to a disk"):
        tls_contexts.identified(**pki.node.identity)


def test_a_memory_file_is_closed_again(pki):
    before = set(os.listdir("/proc/self/fd"))
    tls_contexts.identified(**pki.node.identity)
    assert set(os.listdir("/proc/self/fd")) == before


def test_errors_hold_no_key(pki):
    with pytest.raises(tls_contexts.ProbeError) as caught:
        tls_contexts.identified("x", pki.stranger.certificate, pki.node.private_key)
    assert not any(line in str(caught.value) for line in pki.node.private_key.splitlines()[1:])


def test_a_certificate_that_cannot_be_decoded_is_told_and_handed_on(serve, pki, tls, monkeypatch):
    def undecodable(_certificate):
        raise DerError("DER data ends too early")

    monkeypatch.setattr(tls_probe, "certificate_facts", undecodable)
    found = probe(serve(tls(pki.node)), plaintext_protocol="none")
    assert (found["speaks_tls"], found["protocol"], found["certificate"], found["chain"]) == (True, "TLSv1.3", None, [])
    assert pki.node.certificate.startswith(found["certificate_pem"])
    assert found["error"] == "what the server sent cannot be decoded: DER data ends too early."


@pytest.mark.parametrize(
    ("host", "sent", "trusted", "reason"),
    [
        ("localhost.", "localhost", True, "valid for localhost"),
        (".from-a-hosts-file", None, None, ".from-a-hosts-file is no name that a certificate could be for"),
    ],
)
def test_hosts_of_an_odd_spelling(serve, pki, tls, monkeypatch, host, sent, trusted, reason):
    server = serve(tls(pki.node))
    address = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", server.port))
    monkeypatch.setattr(wire.socket, "getaddrinfo", lambda *_args, flags=0, **_more: [] if flags else [address])
    found = probe(server, host=host, ca_pem=pki.ca.certificate, plaintext_protocol="none")
    assert (found["speaks_tls"], found["server_name"], found["trusted"]) == (True, sent, trusted)
    assert reason in found["trust_reason"]
