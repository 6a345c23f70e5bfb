# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""keytool sees in our stores what Java has to see, and we read the stores it writes, old encryption included."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from ansible_collections.interlock.cluster.plugins.module_utils._pki import keys
from ansible_collections.interlock.cluster.plugins.module_utils._stores import pem, pkcs12
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12 as library

PASSWORD = "p@$$ w'or\"d;&\\"
WITHOUT_OLD_CIPHERS = """
import sys
from ansible_collections.interlock.cluster.plugins.module_utils._stores import pkcs12
try:
    pkcs12.load_keystore(open(sys.argv[1], "rb").read(), sys.stdin.read(), "the store")
except pkcs12.StoreError as error:
    print(error)
"""


def listing(keytool, store, password=PASSWORD):
    result = keytool(store, password, "-list", "-v")
    assert result.returncode == 0, result.stdout
    return result.stdout


@pytest.mark.parametrize("key_type", keys.KEY_TYPES)
def test_keystore_is_one_key_entry_with_its_chain(pki, keytool, tmp_path, key_type):
    node = pki.node(pki.authority(key_type="ec-p256"), key_type)
    store = tmp_path / "keystore.p12"
    store.write_bytes(pkcs12.dump_keystore(pkcs12.KeyEntry(node.key, node.certificate, node.chain), "Node-1", PASSWORD))
    found = listing(keytool, store)
    assert "contains 1 entry" in found
    for line in ("Alias name: node-1", "Entry type: PrivateKeyEntry", "Certificate chain length: 2", "Owner: CN=node-1.example"):
        assert line in found


def test_truststore_is_trusted_entries_only(pki, keytool, tmp_path):
    store = tmp_path / "truststore.p12"
    store.write_bytes(pkcs12.dump_truststore([pki.authority().certificate, pki.authority("CN=the next").certificate], PASSWORD))
    found = listing(keytool, store)
    assert "contains 2 entries" in found
    assert found.count("Entry type: trustedCertEntry") == 2
    assert "PrivateKeyEntry" not in found


def test_we_read_a_keystore_of_keytool(keytool, tmp_path):
    store = tmp_path / "theirs.p12"
    made = keytool(store, PASSWORD, "-genkeypair", "-alias", "n", "-keyalg", "EC", "-dname", "CN=theirs")
    assert made.returncode == 0, made.stdout
    entry = pkcs12.load_keystore(store.read_bytes(), PASSWORD, "theirs")
    assert keys.matches(entry.key, entry.certificate)
    assert entry.certificate.subject.rfc4514_string() == "CN=theirs"


def test_we_read_a_truststore_that_keytool_changed(pki, keytool, tmp_path):
    """The documented way to trust a new CA: keytool -importcert into the truststore that is there."""
    old, new = pki.authority().certificate, pki.authority("CN=the next").certificate
    (tmp_path / "new.pem").write_bytes(pem.dump_certificates([new]))
    store = tmp_path / "truststore.p12"
    store.write_bytes(pkcs12.dump_truststore([old], PASSWORD))
    imported = keytool(store, PASSWORD, "-importcert", "-noprompt", "-alias", "new-ca", "-file", tmp_path / "new.pem")
    assert imported.returncode == 0, imported.stdout
    assert set(pkcs12.load_truststore(store.read_bytes(), PASSWORD, "t")) == {old, new}


@pytest.fixture
def old_store(keytool, tmp_path):
    """A store as JDK 8 writes it: 3DES for the key, 40-bit RC2 for the certificate."""
    store = tmp_path / "old.p12"
    made = keytool(store, PASSWORD, "-J-Dkeystore.pkcs12.legacy=true", "-genkeypair", "-alias", "n", "-keyalg", "EC", "-dname", "CN=old")
    assert made.returncode == 0, made.stdout
    return store


def test_we_read_a_store_of_jdk_8(old_store):
    assert pkcs12.load_keystore(old_store.read_bytes(), PASSWORD, "old").certificate.subject.rfc4514_string() == "CN=old"


def test_an_openssl_without_old_ciphers_is_named(old_store):
    env = dict(os.environ, CRYPTOGRAPHY_OPENSSL_NO_LEGACY="1", PYTHONPATH=os.pathsep.join(sys.path))
    command = [sys.executable, "-c", WITHOUT_OLD_CIPHERS, str(old_store)]
    said = subprocess.run(command, env=env, input=PASSWORD, capture_output=True, text=True, check=False).stdout
    assert "OpenSSL on this machine lacks the old encryption" in said


def test_java_refuses_the_password_we_refuse(pki, keytool, tmp_path):
    """Why dump_* take ASCII passwords only."""
    authority = pki.authority()
    encryption = serialization.BestAvailableEncryption("gehäuse".encode())
    store = tmp_path / "store.p12"
    store.write_bytes(library.serialize_key_and_certificates(b"n", authority.key, authority.certificate, None, encryption))
    assert "password was incorrect" in keytool(store, "gehäuse", "-list").stdout
