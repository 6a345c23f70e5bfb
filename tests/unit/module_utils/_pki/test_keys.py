# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.interlock.cluster.plugins.module_utils._pki import keys
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa


@pytest.mark.parametrize("key_type", ["ec-p256", "ec-p384", "rsa-2048", "rsa-3072"])
def test_a_generated_key_is_of_its_type(key_type):
    key = keys.generate(key_type)
    assert keys.describe(key) == key_type
    assert keys.describe(key.public_key()) == key_type


@pytest.mark.parametrize("key_type", ["", "rsa", "rsa-1024", "ec-p521", "EC-P256", "ed25519"])
def test_other_types_are_not_made(key_type):
    with pytest.raises(keys.KeyTypeError, match="Use one of: ec-p256, ec-p384, rsa-2048"):
        keys.generate(key_type)


@pytest.mark.parametrize(
    ("key", "described"),
    [
        (ed25519.Ed25519PrivateKey.generate(), "ed25519"),
        (ec.generate_private_key(ec.SECP521R1()), "ec-secp521r1"),
        (rsa.generate_private_key(65537, 1024), "rsa-1024"),
    ],
)
def test_a_key_made_elsewhere_is_described(key, described):
    assert keys.describe(key) == keys.describe(key.public_key()) == described


def test_a_key_matches_its_own_certificate_only(certificates):
    one, other = certificates.authority(), certificates.authority()
    assert keys.matches(one.key, one.certificate)
    assert keys.matches(one.key.public_key(), one.certificate)
    assert not keys.matches(other.key, one.certificate)
    assert not keys.matches(ed25519.Ed25519PrivateKey.generate(), one.certificate)


def test_the_type_of_a_certificate(certificates):
    assert keys.of_certificate(certificates.authority(key_type="ec-p384").certificate) == "ec-p384"
