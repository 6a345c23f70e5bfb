# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""OpenSSL, Go and Java accept the chains of the collection's PKI, and refuse a foreign CA and a wrong name."""

from __future__ import annotations

import pathlib

import pytest
from ansible_collections.interlock.cluster.plugins.module_utils._pki import authority, keys
from ansible_collections.interlock.cluster.plugins.module_utils._stores import pem, pkcs12
from cryptography import x509

FILES = pathlib.Path(__file__).parent / "files"
PASSWORD = "p@$$ w'or\"d;&\\"
HOST = "node-1.example"
# Key types of CA and node; "issuing" is a CA below a root
CHAINS = {
    "ec": ("ec-p256", "ec-p256"),
    "rsa below p384": ("ec-p384", "rsa-2048"),
    "rsa": ("rsa-2048", "ec-p256"),
    "issuing": ("ec-p256", "ec-p256"),
}


def issuing_below(root, pki):
    """A CA that a company's root has issued."""
    key = keys.generate("ec-p256")
    identifier = x509.SubjectKeyIdentifier.from_public_key(root.key.public_key())
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name.from_rfc4514_string("CN=issuing CA"))
        .issuer_name(root.certificate.subject)
        .public_key(key.public_key())
        .serial_number(pki.serial())
        .not_valid_before(root.certificate.not_valid_before_utc)
        .not_valid_after(root.certificate.not_valid_after_utc)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(authority.key_usage("key_cert_sign", "crl_sign"), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), critical=False)
    )
    certificate = builder.sign(root.key, authority.signature_hash(root.key))
    return authority.Authority(key, certificate, (root.certificate,), 1)


@pytest.fixture(scope="module")
def chains(pki, tmp_path_factory):
    """Name -> directory with the files of a node: PEM (leaf, the chain above it, roots) and PKCS#12 stores."""
    directories = {}
    for name, (ca_type, node_type) in CHAINS.items():
        root = pki.authority("CN=root of %s" % name, ca_type)
        issuer = issuing_below(root, pki) if name == "issuing" else root
        authority.check(issuer.key, issuer.certificate, issuer.chain, pki.now, name)
        node = pki.node(issuer, node_type, HOST)
        directory = tmp_path_factory.mktemp("chain")
        (directory / "leaf.pem").write_bytes(pem.dump_certificates([node.certificate]))
        (directory / "chain.pem").write_bytes(pem.dump_certificates(node.chain))
        (directory / "roots.pem").write_bytes(pem.dump_certificates([root.certificate]))
        entry = pkcs12.KeyEntry(node.key, node.certificate, node.chain)
        (directory / "keystore.p12").write_bytes(pkcs12.dump_keystore(entry, "node-1", PASSWORD))
        (directory / "truststore.p12").write_bytes(pkcs12.dump_truststore([root.certificate], PASSWORD))
        directories[name] = directory
    return directories


@pytest.fixture
def openssl(program, chains):
    """A function from a chain, options and the chain whose roots are trusted to the result of openssl verify."""

    def verify(chain, *options, roots=None):
        directory = chains[chain]
        trusted = ("-CAfile", chains[roots or chain] / "roots.pem", "-no-CApath", "-no-CAstore", "-untrusted", directory / "chain.pem")
        return program("openssl", "verify", "-x509_strict", *trusted, *options, directory / "leaf.pem")

    return verify


@pytest.mark.parametrize("chain", sorted(CHAINS))
def test_openssl_accepts(openssl, chain):
    server = openssl(chain, "-purpose", "sslserver", "-verify_hostname", HOST)
    client = openssl(chain, "-purpose", "sslclient", "-verify_ip", "127.0.1.1")
    assert (server.returncode, client.returncode) == (0, 0), server.stderr + client.stderr


@pytest.mark.parametrize(("options", "roots", "text"), [
    (("-verify_hostname", "node-2.example"), "ec", "hostname mismatch"),
    (("-verify_ip", "127.0.1.2"), "ec", "IP address mismatch"),
    ((), "rsa", "unable to get local issuer certificate|self-signed certificate in certificate chain"),
])
def test_openssl_refuses(openssl, options, roots, text):
    refused = openssl("ec", *options, roots=roots)
    assert refused.returncode != 0
    assert any(part in refused.stderr for part in text.split("|")), refused.stderr


def test_go(program, chains):
    cases = ["%s,%s" % (directory, HOST) for directory in chains.values()]
    cases += ["%s,%s" % (chains["ec"], "[::1]"), "%s,%s" % (chains["ec"], "node-2.example")]
    judged = program("go", "run", FILES / "verify_chain.go", *cases, env={"GO111MODULE": "off", "GOTOOLCHAIN": "local"})
    assert judged.returncode == 0, judged.stderr
    lines = judged.stdout.splitlines()
    assert lines[:-1] == ["ok"] * (len(chains) + 1)
    assert "node-2.example" in lines[-1]


def test_java(program, chains):
    def case(chain, host, trust=None):
        return "%s,%s,%s" % (chains[chain] / "keystore.p12", chains[trust or chain] / "truststore.p12", host)

    program("javac", "-version")
    cases = [case(chain, HOST) for chain in chains]
    cases += [case("ec", "127.0.1.1"), case("ec", "node-2.example"), case("ec", HOST, trust="rsa")]
    judged = program("java", FILES / "MutualTls.java", *cases, env={"STORE_PASSWORD": PASSWORD})
    assert judged.returncode == 0, judged.stderr
    lines = judged.stdout.splitlines()
    assert lines[:-2] == ["ok"] * (len(chains) + 1)
    assert "No subject alternative DNS name matching node-2.example" in lines[-2]
    assert "unable to find valid certification path" in lines[-1]
