# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PKCS#12 stores of our own and such as other tools write; what Java makes of ours is tested in tests/interop."""

from __future__ import annotations

import pytest
from ansible_collections.interlock.cluster.plugins.module_utils._stores import pkcs12 as stores
from ansible_collections.interlock.cluster.plugins.module_utils._stores.pkcs12 import KeyEntry, StoreError, WrongStorePassword
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.serialization import pkcs12

PASSWORD = "p@$$ w'or\"d;&\\"
KEY_TYPES = ["ec-p256", "ec-p384", "rsa-2048"]
TEN_THOUSAND = bytes.fromhex("02022710")
PBES2, AES256, RC2_OR_3DES = (bytes.fromhex(oid) for oid in ("06092a864886f70d01050d", "060960864801650304012a", "2a864886f70d010c01"))


def serialized(node, others, encryption, key=True):
    """A store as tools other than ours may write it."""
    entry = (node.key, node.certificate) if key else (None, None)
    return pkcs12.serialize_key_and_certificates(b"x", *entry, others, encryption)


def modern(password=PASSWORD):
    return serialization.BestAvailableEncryption(password.encode())


def old():
    builder = serialization.PrivateFormat.PKCS12.encryption_builder().hmac_hash(hashes.SHA1())
    return builder.key_cert_algorithm(pkcs12.PBES.PBESv1SHA1And3KeyTripleDESCBC).build(PASSWORD.encode())


def private(key):
    return key.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


@pytest.mark.parametrize("key_type", KEY_TYPES)
def test_keystore_round_trip(issue, key_type):
    node = issue(key_type)
    loaded = stores.load_keystore(stores.dump_keystore(KeyEntry(node.key, node.certificate, node.chain), "node-1", PASSWORD), PASSWORD, "k")
    assert private(loaded.key) == private(node.key)
    assert (loaded.certificate, loaded.chain) == (node.certificate, node.chain)


def test_alias(node):
    content = stores.dump_keystore(KeyEntry(node.key, node.certificate, ()), "knoten-ä", PASSWORD)
    assert pkcs12.load_pkcs12(content, PASSWORD.encode()).cert.friendly_name == "knoten-ä".encode()


def test_truststore_round_trip(ca, other_ca):
    wanted = (ca.certificate, other_ca.certificate)
    content = stores.dump_truststore(wanted, PASSWORD)
    assert stores.load_truststore(content, PASSWORD, "t") == wanted
    assert not stores.holds_key(content, PASSWORD, "t")


def test_truststore_aliases_depend_on_the_certificate_only(ca, other_ca):
    def aliases(certificates):
        bags = pkcs12.load_pkcs12(stores.dump_truststore(certificates, PASSWORD), PASSWORD.encode()).additional_certs
        return {bag.friendly_name: bag.certificate for bag in bags}

    both = aliases([ca.certificate, other_ca.certificate, ca.certificate])
    assert both == aliases(iter([other_ca.certificate, ca.certificate]))
    assert aliases([ca.certificate]).items() < both.items()
    assert all(alias.startswith(b"ca-") and len(alias) == 19 for alias in both)


def test_encryption_is_that_of_jdk_17(node, ca):
    entry = KeyEntry(node.key, node.certificate, ())
    for content in (stores.dump_keystore(entry, "n", PASSWORD), stores.dump_truststore([ca.certificate], PASSWORD)):
        assert content.count(TEN_THOUSAND) == content.count(PBES2) == content.count(AES256) > 0
        assert RC2_OR_3DES not in content


def test_an_empty_truststore_is_refused():
    with pytest.raises(StoreError, match="without any certificate"):
        stores.dump_truststore([], PASSWORD)


@pytest.mark.parametrize("password", ["", "gehäuse"])
def test_passwords_java_cannot_use_are_refused(node, ca, password):
    for dump in (lambda: stores.dump_truststore([ca.certificate], password),
                 lambda: stores.dump_keystore(KeyEntry(node.key, node.certificate, ()), "n", password)):
        with pytest.raises(StoreError, match="ASCII characters") as caught:
            dump()
        assert not password or password not in str(caught.value)


def test_chain_is_what_leads_up_from_the_certificate(node, ca, other_ca):
    content = serialized(node, [other_ca.certificate, ca.certificate], modern())
    assert stores.load_keystore(content, PASSWORD, "k").chain == (ca.certificate,)


def test_chain_may_be_missing(node):
    assert stores.load_keystore(serialized(node, None, modern()), PASSWORD, "k").chain == ()


def test_store_of_a_ca_opens_with_a_blank_password(ca):
    content = pkcs12.serialize_key_and_certificates(b"ca", ca.key, ca.certificate, None, serialization.NoEncryption())
    entry = stores.load_keystore(content, "", "ca.p12")
    assert (entry.certificate, entry.chain) == (ca.certificate, ())
    assert stores.load_truststore(content, "", "ca.p12") == ()


def test_trust_in_a_store_with_a_key(node, issue, ca, other_ca):
    content = serialized(node, [ca.certificate, issue().certificate, other_ca.certificate], modern())
    assert stores.load_truststore(content, PASSWORD, "t") == (ca.certificate, other_ca.certificate)
    assert stores.holds_key(content, PASSWORD, "t")


def test_a_cas_own_certificate_is_not_what_its_store_trusts(ca, other_ca):
    content = serialized(ca, [ca.certificate, other_ca.certificate], modern())
    assert stores.load_truststore(content, PASSWORD, "t") == (other_ca.certificate,)


def test_all_certificates_of_a_store_without_a_key(node, ca):
    content = serialized(node, [node.certificate, ca.certificate], modern(), key=False)
    assert stores.load_truststore(content, PASSWORD, "t") == (node.certificate, ca.certificate)


def test_a_truststore_is_no_keystore(ca):
    with pytest.raises(StoreError, match="no private key"):
        stores.load_keystore(stores.dump_truststore([ca.certificate], PASSWORD), PASSWORD, "k")


def test_old_encryption_is_read(node):
    assert stores.load_keystore(serialized(node, None, old()), PASSWORD, "k").certificate == node.certificate


@pytest.mark.parametrize("load", [stores.load_keystore, stores.load_truststore, stores.holds_key])
@pytest.mark.parametrize("password", ["", "x", "gehäuse"])
def test_wrong_password(node, load, password):
    with pytest.raises(WrongStorePassword, match=r"the password is wrong \(or") as caught:
        load(serialized(node, None, modern()), password, "/etc/node.p12")
    assert str(caught.value).startswith("/etc/node.p12: ")
    with pytest.raises(WrongStorePassword, match="lacks the old encryption"):
        load(serialized(node, None, old()), password, "/etc/node.p12")


def test_an_altered_byte_is_noticed(node):
    content = bytearray(serialized(node, None, modern()))
    content[len(content) // 2] ^= 1
    with pytest.raises(WrongStorePassword, match="or the file was altered"):
        stores.load_keystore(bytes(content), PASSWORD, "k")


def test_truncation_is_not_taken_for_a_wrong_password(node):
    content = serialized(node, None, modern())
    for length in (1, 2, 3, 4, 5, 100, len(content) - 1):
        with pytest.raises(StoreError, match="truncated, it ends after %d bytes" % length):
            stores.load_keystore(content[:length], PASSWORD, "k")


@pytest.mark.parametrize(("content", "text"), [
    (b"", "empty"),
    (b"\xfe\xed\xfe\xed\0\0\0\2", "JKS"),
    (b"-----BEGIN CERTIFICATE-----", "not a PKCS#12"),
    (b"\x30\x00", "not a PKCS#12"),
    (b"\x30\x80\x00\x00", "not a PKCS#12"),
    (b"\x30\x03\x02\x01\x00", "not a PKCS#12"),
])
def test_what_is_no_store(content, text):
    with pytest.raises(StoreError, match=text) as caught:
        stores.load_truststore(content, PASSWORD, "t")
    assert not isinstance(caught.value, WrongStorePassword)


def test_a_certificate_is_no_store(ca):
    with pytest.raises(StoreError, match="not a PKCS#12"):
        stores.load_truststore(ca.certificate.public_bytes(serialization.Encoding.DER), PASSWORD, "t")


def test_trailing_bytes(ca):
    with pytest.raises(StoreError, match="1 trailing bytes"):
        stores.load_truststore(stores.dump_truststore([ca.certificate], PASSWORD) + b"\n", PASSWORD, "t")
