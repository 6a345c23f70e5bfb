# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Key types by name: make a key, say which type one is, tell whether it belongs to a certificate."""

from __future__ import annotations

from ansible_collections.interlock.cluster.plugins.module_utils import _deps
from ansible_collections.interlock.cluster.plugins.module_utils._errors import InterlockError

DEFAULT_KEY_TYPE = "ec-p256"
KEY_TYPES = ("ec-p256", "ec-p384", "rsa-2048", "rsa-3072", "rsa-4096")


class KeyTypeError(InterlockError):
    """A key type the collection does not make."""


def generate(key_type):
    """A new private key of one of KEY_TYPES. Raises KeyTypeError for any other name.

    The randomness is the library's own: cryptography takes none from its caller.
    """
    if key_type not in KEY_TYPES:
        raise KeyTypeError("the key type %r is not known" % key_type, remedy="Use one of: %s." % ", ".join(KEY_TYPES))
    family, size = key_type.split("-")
    if family == "rsa":
        return _deps.rsa.generate_private_key(public_exponent=65537, key_size=int(size))
    return _deps.ec.generate_private_key({"p256": _deps.ec.SECP256R1, "p384": _deps.ec.SECP384R1}[size]())


def describe(key):
    """The type of a private or public key in the words of KEY_TYPES, or alike ("rsa-1024", "ec-secp521r1", "ed25519")."""
    public = _public(key)
    if isinstance(public, _deps.rsa.RSAPublicKey):
        return "rsa-%d" % public.key_size
    if isinstance(public, _deps.ec.EllipticCurvePublicKey):
        return "ec-%s" % {"secp256r1": "p256", "secp384r1": "p384"}.get(public.curve.name, public.curve.name)
    return type(public).__name__.replace("PublicKey", "").lstrip("_").lower()


def of_certificate(certificate):
    """The type of the certificate's key; "unknown" where the library cannot read it (a curve it does not have)."""
    try:
        return describe(certificate.public_key())
    except (_deps.UnsupportedAlgorithm, ValueError):
        return "unknown"


def matches(key, certificate):
    """Whether the certificate was made for this (private or public) key."""
    try:
        return _encoded(_public(key)) == _encoded(certificate.public_key())
    except (_deps.UnsupportedAlgorithm, ValueError):
        return False


def _public(key):
    return key.public_key() if hasattr(key, "public_key") else key


def _encoded(public_key):
    serialization = _deps.serialization
    return public_key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
