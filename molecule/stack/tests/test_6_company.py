# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The company's CA, which is openssl here and keeps its key, signs for the HTTP layer: for servers only, as a public one would."""

from __future__ import annotations

import json
import subprocess

import pytest


@pytest.fixture(scope="module")
def company(stack, tmp_path_factory):
    """A root and an intermediate CA: the directory."""
    directory = tmp_path_factory.mktemp("company")

    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], cwd=directory, check=True, capture_output=True)

    (directory / "ca.ext").write_text("basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n"
                                      "authorityKeyIdentifier=keyid\n", encoding="ascii")
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "root.key", "-out", "root.crt", "-subj", "/O=Company/CN=Root", "-days", "3650")
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", "issuing.key", "-out", "issuing.csr", "-subj", "/O=Company/CN=Servers")
    openssl("x509", "-req", "-in", "issuing.csr", "-CA", "root.crt", "-CAkey", "root.key", "-CAcreateserial", "-days", "1825", "-extfile", "ca.ext",
            "-out", "issuing.crt")
    (stack.lab / "company.crt").write_bytes((directory / "root.crt").read_bytes())
    return directory


@pytest.fixture(scope="module")
def options(stack, company):
    """What says that the company signs, and that clients know its CA."""
    wanted = {
        "elasticsearch_tls_http_enabled": True,
        "elasticsearch_tls_http_ca_directory": str(company / "http_ca"),
        "elasticsearch_tls_http_ca_adopt": {"certificate": str(company / "issuing.crt"), "chain": str(company / "root.crt"), "external": True},
        "elasticsearch_tls_http_replace": True,
        "elasticsearch_tls_http_trusted": stack.bundle(),
    }
    return ["-e", json.dumps(wanted)]


def sign(company, request):
    """What the company's people do with a request."""
    command = ["openssl", "x509", "-req", "-in", request, "-CA", "issuing.crt", "-CAkey", "issuing.key", "-CAcreateserial", "-sha256", "-days", "365",
               "-copy_extensions", "copy"]
    made = subprocess.run(command, cwd=company, check=True, capture_output=True, text=True)
    request.with_suffix(".crt").write_text(made.stdout + (company / "issuing.crt").read_text(encoding="ascii"), encoding="ascii")


def test_requests_ask_for_no_more_than_a_server_needs(stack, company, options):
    told = stack.runs("csr", *options, "-e", "elasticsearch_tls_http_requests_directory=%s" % (company / "requests"))
    requests = sorted((company / "requests").glob("*.csr"))
    assert [path.stem for path in requests] == sorted(node.name for node in stack.nodes)
    for path in requests:
        seen = subprocess.run(["openssl", "req", "-in", path, "-noout", "-text", "-verify"], check=True, capture_output=True, text=True).stdout
        assert "TLS Web Server Authentication" in seen and "TLS Web Client Authentication" not in seen
        assert str(path) in told
        sign(company, path)


def test_the_certificates_are_served_without_a_restart(stack, company, options):
    pids = [node.pid for node in stack.nodes]
    transport = [stack.served(node, "lab_transport_port") for node in stack.nodes]
    signed = ["-e", "elasticsearch_tls_http_signed_directory=%s" % (company / "requests")]
    stack.runs("elasticsearch", *options, *signed)
    root = (company / "root.crt").read_text(encoding="ascii")
    assert [stack.status(node, trusted=root) for node in stack.nodes] == [200] * len(stack.nodes)
    assert all("CN = Servers" in stack.served(node, "lab_http_port") for node in stack.nodes)
    assert [stack.served(node, "lab_transport_port") for node in stack.nodes] == transport
    assert [node.pid for node in stack.nodes] == pids
    assert "changed=0" in stack.runs("elasticsearch", *options, *signed)
