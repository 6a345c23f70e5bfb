# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stores that elasticsearch-certutil wrote: a CA, and a node's combined store, as clusters in the field have them."""

from __future__ import annotations

import dataclasses

import pytest
from ansible_collections.interlock.cluster.plugins.module_utils._pki import authority, facts, keys
from ansible_collections.interlock.cluster.plugins.module_utils._stores import pkcs12

SPECIAL = "p@$$ w'or\"d;&\\"


@dataclasses.dataclass(frozen=True)
class Made:
    """What certutil made: two CAs, one store with a blank password, and a node's store that the second one signed."""

    blank_ca: bytes
    ca: bytes
    node: bytes


@pytest.fixture(scope="module", params=["8.17.0", "8.19.0"])
def made(request, es_tool, tmp_path_factory):
    directory = tmp_path_factory.mktemp("certutil")

    def certutil(name, command, *arguments):
        path = directory / name
        result = es_tool(request.param, directory, "elasticsearch-certutil", command, "--silent", "--out", path, *arguments)
        assert result.returncode == 0, result.stdout + result.stderr
        return path.read_bytes()

    blank_ca = certutil("blank.p12", "ca", "--pass", "")
    ca = certutil("ca.p12", "ca", "--pass", SPECIAL)
    signing = ("--ca", directory / "ca.p12", "--ca-pass", SPECIAL)
    node = certutil("n1.p12", "cert", *signing, "--name", "n1", "--dns", "n1.example", "--ip", "10.0.0.7", "--pass", SPECIAL)
    return Made(blank_ca, ca, node)


def load_authority(content, password, now):
    entry = pkcs12.load_keystore(content, password, "elastic-stack-ca.p12")
    authority.check(entry.key, entry.certificate, entry.chain, now, "elastic-stack-ca.p12")
    return authority.Authority(entry.key, entry.certificate, entry.chain, 1)


def test_a_ca_with_a_blank_password(made, pki):
    assert load_authority(made.blank_ca, "", pki.now).chain == ()


@pytest.mark.parametrize("password", ["", SPECIAL[:-1]])
def test_a_wrong_password(made, password):
    with pytest.raises(pkcs12.WrongStorePassword):
        pkcs12.load_keystore(made.ca, password, "elastic-stack-ca.p12")


def test_a_blank_password_is_not_any_password(made):
    with pytest.raises(pkcs12.WrongStorePassword):
        pkcs12.load_keystore(made.blank_ca, SPECIAL, "elastic-stack-ca.p12")


def test_the_store_of_a_ca_is_no_truststore(made):
    """It holds a key entry only; a node refuses it as truststore."""
    assert pkcs12.holds_key(made.ca, SPECIAL, "elastic-stack-ca.p12")
    assert pkcs12.load_truststore(made.ca, SPECIAL, "elastic-stack-ca.p12") == ()


def test_a_nodes_store_is_keystore_and_truststore(made, pki):
    ca = load_authority(made.ca, SPECIAL, pki.now)
    entry = pkcs12.load_keystore(made.node, SPECIAL, "n1.p12")
    assert keys.matches(entry.key, entry.certificate)
    assert (facts.san_dns(entry.certificate), facts.san_ip(entry.certificate)) == (("n1.example",), ("10.0.0.7",))
    assert entry.chain == (ca.certificate,)
    assert pkcs12.holds_key(made.node, SPECIAL, "n1.p12")
    assert pkcs12.load_truststore(made.node, SPECIAL, "n1.p12") == (ca.certificate,)


def test_our_certificates_chain_to_its_ca(made, pki):
    ca, another = load_authority(made.ca, SPECIAL, pki.now), load_authority(made.blank_ca, "", pki.now)
    node = pki.node(ca)
    assert authority.issued_by(node.certificate, ca.certificate)
    assert not authority.issued_by(node.certificate, another.certificate)
    assert node.chain == (ca.certificate,)


def test_java_finds_the_chain_in_our_keystore(made, pki, keytool, tmp_path):
    node = pki.node(load_authority(made.ca, SPECIAL, pki.now))
    store = tmp_path / "keystore.p12"
    store.write_bytes(pkcs12.dump_keystore(pkcs12.KeyEntry(node.key, node.certificate, node.chain), "n", SPECIAL))
    assert "Certificate chain length: 2" in keytool(store, SPECIAL, "-list", "-v").stdout
