# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module from its arguments to its result; what it finds is tested with the probe."""

from __future__ import annotations

import datetime
import json
import socket
import ssl
import threading
import types

import pytest
import yaml
from ansible.module_utils.testing import patch_module_args
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from ansible_collections.interlock.cluster.plugins.module_utils._node import tls_probe
from ansible_collections.interlock.cluster.plugins.modules import tls_endpoint_info

DOCUMENTED = yaml.safe_load(tls_endpoint_info.DOCUMENTATION)["options"]
RETURNED = yaml.safe_load(tls_endpoint_info.RETURN)


@pytest.fixture(scope="module")
def pair():
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name.from_rfc4514_string("CN=es1")
    now = datetime.datetime.now(datetime.timezone.utc)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(7)
    made = made.not_valid_before(now - datetime.timedelta(1)).not_valid_after(now + datetime.timedelta(1)).sign(key, hashes.SHA256())
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    plain = key.private_bytes(pem, pkcs8, serialization.NoEncryption()).decode()
    encrypted = key.private_bytes(pem, pkcs8, serialization.BestAvailableEncryption(b"open sesame")).decode()
    return types.SimpleNamespace(certificate=made.public_bytes(pem).decode(), key=plain, encrypted_key=encrypted)


@pytest.fixture
def port(pair, tmp_path):
    """A server of mutual TLS that knows one certificate: its own."""
    (tmp_path / "server.pem").write_text(pair.certificate + pair.key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "server.pem")
    context.load_verify_locations(cadata=pair.certificate)
    context.verify_mode = ssl.CERT_REQUIRED

    def serve():
        while True:
            try:
                connection, _peer = listener.accept()
            except OSError:
                return
            connection.settimeout(20)
            try:
                with context.wrap_socket(connection, server_side=True) as encrypted:
                    encrypted.sendall(encrypted.recv(100))
            except OSError:
                connection.close()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


@pytest.fixture
def run(capsys):
    """run(arguments) runs the module and returns (exit code, result, everything it printed)."""

    def start(arguments):
        with patch_module_args(arguments), pytest.raises(SystemExit) as ended:
            tls_endpoint_info.main()
        printed = capsys.readouterr().out
        return ended.value.code, json.loads(printed), printed

    return start


def test_a_port_of_mutual_tls(run, port, pair):
    code, result, printed = run({
        "host": "127.0.0.1", "port": port, "timeout": 20, "deadline": 60, "plaintext_protocol": "elasticsearch", "check_protocols": True,
        "identities": [
            {"name": "member", "certificate": pair.certificate, "private_key": pair.encrypted_key, "passphrase": "open sesame"}],
        "client_certificate": pair.certificate, "client_key": pair.key, "ca_certificates": pair.certificate, "server_name": "es1",
    })
    assert (code, result["changed"]) == (0, False)
    assert (result["speaks_tls"], result["demands_client_certificate"], result["accepts_plaintext"]) == (True, True, False)
    assert [(identity["name"], identity["result"]) for identity in result["identities"]] == [("member", "accepted"), ("client", "accepted")]
    assert (result["certificate"]["subject"], result["certificate"]["serial"]) == ("CN=es1", "7")
    assert (result["trusted"], result["server_name"]) == (False, "es1"), "the certificate has no subject alternative name"
    assert result["protocols"]["TLSv1.3"] is True
    secrets = {"open sesame", *pair.key.splitlines()[1:-1], *pair.encrypted_key.splitlines()[1:-1]}
    assert [secret for secret in secrets if secret in printed] == []


def test_every_option_reaches_the_probe(run, monkeypatch):
    given = []
    monkeypatch.setattr(tls_probe, "probe", lambda *args, **kwargs: given.append((args, kwargs)) or {})
    identity = {"name": "member", "certificate": "c", "private_key": "k", "passphrase": "p"}
    run({"host": "es1", "port": 9300, "server_name": "n", "timeout": 7, "deadline": 8, "plaintext_protocol": "redis",
         "identities": [identity], "ca_certificates": "ca", "check_protocols": True, "check_strangers": False})
    assert given == [(("es1", 9300), {
        "server_name": "n", "timeout": 7.0, "deadline": 8.0, "plaintext_protocol": "redis", "identities": [identity], "ca_pem": "ca",
        "check_protocols": True, "check_strangers": False})]


@pytest.mark.parametrize("check_mode", [False, True])
def test_a_closed_port_is_a_result(run, check_mode):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        code, result, _printed = run({"host": "127.0.0.1", "port": port, "_ansible_check_mode": check_mode})
    assert (code, result["changed"], result["reachable"]) == (0, False, False)
    assert result["error"] == "127.0.0.1: Connection refused"


def test_unusable_arguments_fail_with_what_was_found_and_what_to_do(run, pair):
    arguments = {"host": "127.0.0.1", "port": 9300, "client_certificate": pair.certificate, "client_key": "secret nonsense"}
    code, result, printed = run(arguments)
    assert code == 1
    assert result["msg"].startswith("identity client: the certificate or the private key cannot be read")
    assert result["msg"].endswith("Give the certificate and its own private key, both in PEM form.")
    assert "secret nonsense" not in printed


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"host": "a"},
        {"port": 1},
        {"host": "a", "port": 1, "client_certificate": "x"},
        {"host": "a", "port": 1, "plaintext_protocol": "gopher"},
        {"host": "a", "port": 1, "identities": [{"name": "x", "certificate": "x"}]},
    ],
)
def test_incomplete_arguments_are_refused(run, arguments):
    assert run(arguments)[1]["failed"] is True


def test_the_documentation_names_what_is_there(run):
    result = run({"host": "127.0.0.1", "port": 1})[1]
    assert set(result) - {"changed", "invocation"} == set(RETURNED)
    assert set(result["invocation"]["module_args"]) == set(DOCUMENTED)
    for name, option in DOCUMENTED.items():
        if name not in ("host", "port"):
            assert result["invocation"]["module_args"][name] == option.get("default"), name
    assert tuple(DOCUMENTED["plaintext_protocol"]["choices"]) == tls_probe.PLAINTEXT_PROTOCOLS
