# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PEM files as tools and people write them."""

from __future__ import annotations

import pytest
from ansible_collections.interlock.cluster.plugins.module_utils._stores import pem
from ansible_collections.interlock.cluster.plugins.module_utils._stores.pem import PemError, WrongPassphrase
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

PASSPHRASE = "correct horse, bättery"
EC_PARAMETERS = b"-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"
KEYS = {"ec": ec.generate_private_key(ec.SECP256R1()), "rsa": rsa.generate_private_key(65537, 2048)}
FORMATS = {"PKCS#8": serialization.PrivateFormat.PKCS8, "PKCS#1 or SEC1": serialization.PrivateFormat.TraditionalOpenSSL}


def encoded(key, form="PKCS#8", passphrase=None):
    encryption = serialization.BestAvailableEncryption(passphrase.encode()) if passphrase else serialization.NoEncryption()
    return KEYS[key].private_bytes(serialization.Encoding.PEM, FORMATS[form], encryption)


def same(key, other):
    return key.private_numbers() == other.private_numbers()


@pytest.mark.parametrize("key", sorted(KEYS))
@pytest.mark.parametrize("form", sorted(FORMATS))
@pytest.mark.parametrize("passphrase", [None, PASSPHRASE])
def test_loads_keys(key, form, passphrase):
    content = b"some text\n" + EC_PARAMETERS + encoded(key, form, passphrase).replace(b"\n", b"\r\n")
    assert same(pem.load_key(content, passphrase, "key.pem"), KEYS[key])


@pytest.mark.parametrize("form", sorted(FORMATS))
def test_a_passphrase_that_is_not_needed_is_accepted(form):
    assert same(pem.load_key(encoded("ec", form), PASSPHRASE, "key.pem"), KEYS["ec"])


@pytest.mark.parametrize("form", sorted(FORMATS))
@pytest.mark.parametrize(("passphrase", "text"), [(None, "none was given"), ("", "none was given"), ("wrong", "is wrong")])
def test_wrong_passphrase(form, passphrase, text):
    with pytest.raises(WrongPassphrase, match=text) as caught:
        pem.load_key(encoded("rsa", form, PASSPHRASE), passphrase, "/ca/ca.key")
    assert str(caught.value).startswith("/ca/ca.key: ")


@pytest.mark.parametrize("passphrase", [None, PASSPHRASE])
def test_dumps_keys_as_pkcs8(passphrase):
    content = pem.dump_key(KEYS["ec"], passphrase)
    assert content.startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----" if passphrase else b"-----BEGIN PRIVATE KEY-----")
    assert same(serialization.load_pem_private_key(content, passphrase.encode() if passphrase else None), KEYS["ec"])


def test_an_empty_passphrase_is_not_taken_for_none():
    with pytest.raises(PemError, match="passphrase of a key is empty"):
        pem.dump_key(KEYS["ec"], "")


def test_certificates_round_trip(ca, other_ca):
    wanted = (ca.certificate, other_ca.certificate)
    assert pem.load_certificates(pem.dump_certificates(wanted), "ca.pem") == wanted


def test_certificates_in_a_bundle_with_text(ca, other_ca):
    first, second = (pem.dump_certificates([each.certificate]).replace(b"\n", b"\r\n") for each in (ca, other_ca))
    content = b"# M\xfcller's CA\r\n" + first + encoded("ec") + b"Bag Attributes: <none>\n" + second + b"\n\n"
    assert pem.load_certificates(content, "ca.pem") == (ca.certificate, other_ca.certificate)


def test_a_key_beside_certificates(ca):
    content = pem.dump_certificates([ca.certificate]) + encoded("ec")
    assert same(pem.load_key(content, None, "both.pem"), KEYS["ec"])


BROKEN_BLOCK = b"-----BEGIN %b-----\nTm9wZQ==\n-----END %b-----\n"
NO_CERTIFICATE = {
    "empty": (b"", "no certificate found: the file is empty"),
    "text": (b"hello", "no certificate found: there is no PEM block"),
    "key only": (encoded("ec"), "no certificate found, only: PRIVATE KEY"),
    "DER": (b"\x30\x82\x01\x00", "looks like DER or PKCS#12"),
    "damaged": (BROKEN_BLOCK % (b"CERTIFICATE", b"CERTIFICATE"), "certificate 1 of 1 is damaged"),
    "truncated": (b"-----BEGIN CERTIFICATE-----\nTm9w", "begins and does not end"),
}
NO_KEY = {
    "empty": (b"", "no private key found: the file is empty"),
    "parameters only": (EC_PARAMETERS, "no private key found, only: EC PARAMETERS"),
    "damaged": (BROKEN_BLOCK % (b"PRIVATE KEY", b"PRIVATE KEY"), "private key is damaged"),
    "truncated": (encoded("ec")[:-10], "begins and does not end"),
    "other end": (encoded("ec").replace(b"END PRIVATE", b"END RSA PRIVATE"), "begins and does not end"),
}


@pytest.mark.parametrize("case", sorted(NO_CERTIFICATE))
def test_says_why_there_is_no_certificate(case):
    content, text = NO_CERTIFICATE[case]
    with pytest.raises(PemError, match=text) as caught:
        pem.load_certificates(content, "/etc/ca.pem")
    assert str(caught.value).startswith("/etc/ca.pem: ")


@pytest.mark.parametrize("case", sorted(NO_KEY))
def test_says_why_there_is_no_key(case):
    content, text = NO_KEY[case]
    with pytest.raises(PemError, match=text) as caught:
        pem.load_key(content, PASSPHRASE, "/etc/key.pem")
    assert not isinstance(caught.value, WrongPassphrase)


def test_a_bundle_with_one_damaged_certificate_is_refused(ca):
    content = pem.dump_certificates([ca.certificate]) + BROKEN_BLOCK % (b"CERTIFICATE", b"CERTIFICATE")
    with pytest.raises(PemError, match="certificate 2 of 2 is damaged"):
        pem.load_certificates(content, "ca.pem")
