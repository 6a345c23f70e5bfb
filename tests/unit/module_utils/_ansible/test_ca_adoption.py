# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64

import pytest
from ansible_collections.interlock.cluster.plugins.module_utils._ansible import ca_adoption
from ansible_collections.interlock.cluster.plugins.module_utils._errors import InterlockError
from ansible_collections.interlock.cluster.plugins.module_utils._pki import keys
from ansible_collections.interlock.cluster.plugins.module_utils._stores import pem, pkcs12
from cryptography.hazmat.primitives import serialization

PASSWORD = "it's \"§$%&/ $(x) `y`"


@pytest.fixture(scope="module")
def old(certificates):
    return certificates.authority("CN=old CA", key_type="rsa-2048")


@pytest.fixture
def files(tmp_path, old, certificates):
    """The CA in every form, by the option's name."""
    key, intermediate, root = certificates.chained()
    other = certificates.authority("CN=other CA")
    leaf = certificates.issue(old)
    encrypted = serialization.BestAvailableEncryption(PASSWORD.encode())
    pkcs1 = serialization.PrivateFormat.TraditionalOpenSSL
    contents = {
        "ca.crt": pem.dump_certificates([old.certificate]),
        "ca.key": pem.dump_key(old.key),
        "encrypted.key": pem.dump_key(old.key, PASSWORD),
        "pkcs1.key": old.key.private_bytes(serialization.Encoding.PEM, pkcs1, encrypted),
        "blank.p12": serialization.pkcs12.serialize_key_and_certificates(
            b"ca", old.key, old.certificate, None, serialization.NoEncryption()
        ),
        "ca.p12": serialization.pkcs12.serialize_key_and_certificates(b"ca", old.key, old.certificate, None, encrypted),
        "node.p12": pkcs12.dump_keystore(pkcs12.KeyEntry(leaf.key, leaf.certificate, leaf.chain), "node", "password"),
        "trust.p12": pkcs12.dump_truststore([old.certificate], "password"),
        "other.key": pem.dump_key(other.key),
        "intermediate.key": pem.dump_key(key),
        "intermediate.crt": pem.dump_certificates([intermediate]),
        "root.crt": pem.dump_certificates([root]),
        "bundle.crt": pem.dump_certificates([root, intermediate]),
        "chained.p12": serialization.pkcs12.serialize_key_and_certificates(
            b"ca", key, intermediate, [root], serialization.NoEncryption()
        ),
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


def described(files, **adopt):
    """The suboptions with file names made paths, or read where the option is a content."""
    found = {}
    for name, value in adopt.items():
        if name == "pkcs12_content":
            value = base64.encodebytes((files / value).read_bytes()).decode()
        elif name.endswith("_content"):
            value = (files / value).read_text()
        elif name != "source_passphrase":
            value = str(files / value)
        found[name] = value
    return found


@pytest.mark.parametrize(
    "adopt",
    [
        dict(certificate="ca.crt", private_key="ca.key"),
        dict(certificate="ca.crt", private_key="ca.key", source_passphrase=""),
        dict(certificate="ca.crt", private_key="ca.key", source_passphrase="not needed"),
        dict(certificate="ca.crt", private_key="encrypted.key", source_passphrase=PASSWORD),
        dict(certificate="ca.crt", private_key="pkcs1.key", source_passphrase=PASSWORD),
        dict(certificate_content="ca.crt", private_key_content="ca.key"),
        dict(certificate="ca.crt", private_key_content="encrypted.key", source_passphrase=PASSWORD),
        dict(pkcs12="blank.p12"),
        dict(pkcs12="blank.p12", source_passphrase=""),
        dict(pkcs12="ca.p12", source_passphrase=PASSWORD),
        dict(pkcs12_content="ca.p12", source_passphrase=PASSWORD),
    ],
)
def test_a_ca_is_read_from_every_form(files, old, certificates, adopt):
    found = ca_adoption.read_source(described(files, **adopt), 1, certificates.now)
    assert (found.certificate, found.chain, found.generation) == (old.certificate, (), 1)
    assert keys.matches(found.key, old.certificate)


@pytest.mark.parametrize(
    "adopt",
    [
        dict(certificate="bundle.crt", private_key="intermediate.key"),
        dict(certificate="intermediate.crt", private_key="intermediate.key", chain="root.crt"),
        dict(certificate="intermediate.crt", private_key="intermediate.key", chain_content="bundle.crt"),
        dict(pkcs12="chained.p12"),
        dict(pkcs12="chained.p12", chain="root.crt"),
    ],
)
def test_the_chain_of_an_intermediate_is_found(files, certificates, adopt):
    found = ca_adoption.read_source(described(files, **adopt), 1, certificates.now)
    assert [certificate.subject.rfc4514_string() for certificate in (found.certificate, *found.chain)] == ["CN=intermediate", "CN=root"]


@pytest.mark.parametrize(
    ("adopt", "message"),
    [
        ({}, "adopt describes no CA (given: nothing)"),
        (dict(certificate="ca.crt"), "adopt describes no CA (given: certificate)"),
        (dict(private_key="ca.key"), "adopt describes no CA (given: private_key)"),
        (dict(chain="root.crt"), "adopt describes no CA (given: chain)"),
        (dict(certificate="ca.crt", private_key="ca.key", pkcs12="ca.p12"), "given: certificate, private_key, pkcs12"),
        (dict(certificate="ca.crt", certificate_content="ca.crt", private_key="ca.key"), "both adopt.certificate and"),
        (dict(certificate="none.crt", private_key="ca.key"), "none.crt: cannot be read: No such file"),
        (dict(certificate="ca.crt", private_key="none.key"), "none.key: cannot be read: No such file"),
        (dict(pkcs12="none.p12"), "none.p12: cannot be read: No such file"),
        (dict(certificate="ca.crt", private_key="other.key"), "ca.crt: the private key does not belong to the CA certificate CN=old CA"),
        (dict(certificate="ca.crt", private_key="encrypted.key"), "encrypted.key: the private key"),
        (dict(certificate="ca.crt", private_key="encrypted.key", source_passphrase="wrong"), "encrypted.key: the passphrase"),
        (dict(certificate="ca.key", private_key="ca.key"), "ca.key: no certificate found, only: PRIVATE KEY"),
        (dict(pkcs12="ca.p12", source_passphrase="wrong"), "ca.p12: the password is wrong"),
        (dict(pkcs12="ca.p12"), "ca.p12: the password is wrong"),
        (dict(pkcs12="ca.crt"), "ca.crt: this is not a PKCS#12 store"),
        (dict(pkcs12="node.p12", source_passphrase="password"), "node.p12: the certificate CN=node-1"),
        (dict(pkcs12="trust.p12", source_passphrase="password"), "trust.p12: the store holds no private key"),
        (dict(certificate="ca.crt", private_key="ca.key", chain="root.crt"), "CN=root (sha256"),
    ],
)
def test_what_cannot_be_adopted_is_refused(files, certificates, adopt, message):
    with pytest.raises(InterlockError) as caught:
        ca_adoption.read_source(described(files, **adopt), 1, certificates.now)
    assert message in str(caught.value)
    assert PASSWORD not in str(caught.value)


def test_content_that_is_no_base64(certificates):
    with pytest.raises(ca_adoption.AdoptionError, match="adopt.pkcs12_content: is not base64"):
        ca_adoption.read_source({"pkcs12_content": "%%%"}, 1, certificates.now)


def test_every_option_is_an_argument():
    arguments = ca_adoption.adoption_arguments()
    assert {name for name, argument in arguments.items() if argument.get("no_log")} == {
        "private_key_content", "pkcs12_content", "source_passphrase",
    }  # fmt: skip
    assert ca_adoption.source_files({"certificate": "/a", "private_key": "/b", "chain": None, "pkcs12_content": "x"}) == ["/a", "/b"]
