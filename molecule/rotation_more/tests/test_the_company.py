# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A corporate intermediate CA takes over under a working client, and a key pair that was made with openssl is served."""

from __future__ import annotations

import json
import socket
import subprocess

import pytest

pytestmark = pytest.mark.usefixtures("client", "unbroken")


@pytest.fixture(scope="module")
def company(tmp_path_factory):
    """A company's root and an intermediate CA for this cluster, made with openssl: the directory."""
    directory = tmp_path_factory.mktemp("company")

    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], cwd=directory, check=True, capture_output=True)

    constraints = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n"
    (directory / "ca.ext").write_text(constraints + "authorityKeyIdentifier=keyid\n", encoding="ascii")
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "root.key", "-out", "root.crt", "-subj", "/O=Company/CN=Root", "-days", "3650")
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", "issuing.key", "-out", "issuing.csr", "-subj", "/O=Company/CN=Orders issuing CA")
    openssl("x509", "-req", "-in", "issuing.csr", "-CA", "root.crt", "-CAkey", "root.key", "-CAcreateserial", "-days", "1825", "-extfile", "ca.ext",
            "-out", "issuing.crt")
    return directory


def test_a_corporate_intermediate_takes_over(cluster, company):
    adopt = {name: str(company / file) for name, file in (("certificate", "issuing.crt"), ("private_key", "issuing.key"), ("chain", "root.crt"))}
    run = cluster.play("rotate_ca", "-e", json.dumps({"ca_rotation_begin": "adopt", "ca_rotation_adopt": adopt}))
    assert run.returncode == 0, run.stdout[-3000:]
    for node in cluster.nodes:
        seen = node.greeting("-CAfile", str(company / "root.crt"), "-showcerts").stdout
        assert "Verify return code: 0 (ok)" in seen and seen.count("BEGIN CERTIFICATE") == 3, "node, intermediate, root"
        assert node.asks_for() == ["O = Company, CN = Orders issuing CA"], "other intermediates of the company stay outside"


def test_a_key_pair_that_was_given_is_served(cluster, company):
    node = cluster.nodes[1]
    address = node.variables["lab_address"]
    (company / "node.ext").write_text("subjectAltName=IP:%s,DNS:%s\nextendedKeyUsage=serverAuth,clientAuth\nkeyUsage=digitalSignature\n"
                                      "authorityKeyIdentifier=keyid\n" % (address, socket.gethostname()), encoding="ascii")
    for arguments in (
        ("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "node.key", "-out", "node.csr", "-subj", "/CN=" + node.name),
        ("x509", "-req", "-in", "node.csr", "-CA", "issuing.crt", "-CAkey", "issuing.key", "-CAcreateserial", "-days", "365", "-extfile", "node.ext",
         "-out", "node.crt"),
    ):
        subprocess.run(["openssl", *arguments], cwd=company, check=True, capture_output=True)
    given = {"elasticsearch_tls_signed_%s" % name: "{{ lookup('ansible.builtin.file', '%s/node.%s') if inventory_hostname == '%s' else '' }}"
             % (company, suffix, node.name) for name, suffix in (("certificate", "crt"), ("key", "key"))}
    before = [each.serial() for each in cluster.nodes]
    run = cluster.play("elasticsearch", "-e", json.dumps(given))
    assert run.returncode == 0, run.stdout[-3000:]
    made = subprocess.run(["openssl", "x509", "-noout", "-serial", "-in", "node.crt"], cwd=company, check=True, capture_output=True, text=True)
    assert [each.serial() for each in cluster.nodes] == [before[0], made.stdout.strip(), before[2]]


def test_requests_are_signed_by_the_company(cluster, company):
    """The key stays on its node; what the company gets is a request, what comes back a certificate."""
    requests = company / "requests"
    run = cluster.play("csr", "-e", "elasticsearch_tls_requests_directory=%s" % requests)
    assert run.returncode == 0, run.stdout[-3000:]
    for node in cluster.nodes:
        assert (node.config / "certs/.transport.request.key").stat().st_mode & 0o777 == 0o600
        subprocess.run(["openssl", "x509", "-req", "-in", str(requests / (node.name + ".csr")), "-CA", "issuing.crt", "-CAkey", "issuing.key",
                        "-CAcreateserial", "-days", "365", "-copy_extensions", "copy", "-out", str(requests / (node.name + ".crt"))],
                       cwd=company, check=True, capture_output=True)
    run = cluster.play("elasticsearch", "-e", "elasticsearch_tls_signed_directory=%s" % requests)
    assert run.returncode == 0, run.stdout[-3000:]
    for node in cluster.nodes:
        shown = subprocess.run(["openssl", "x509", "-noout", "-serial", "-in", str(requests / (node.name + ".crt"))], check=True,
                               capture_output=True, text=True)
        assert node.serial() == shown.stdout.strip() and not (node.config / "certs/.transport.request.key").exists()
        assert "Verify return code: 0 (ok)" in node.greeting("-CAfile", str(company / "root.crt")).stdout
