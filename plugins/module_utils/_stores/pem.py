# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PEM files: private keys and certificates, as text (RFC 7468) to cryptography objects and back."""

from __future__ import annotations

import re

from ansible_collections.interlock.cluster.plugins.module_utils import _deps
from ansible_collections.interlock.cluster.plugins.module_utils._errors import InterlockError

_BLOCK = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----.*?-----END \1-----", re.DOTALL)
_BEGIN = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----")
_CERTIFICATES = ("CERTIFICATE", "X509 CERTIFICATE")
_ENCRYPTED = "ENCRYPTED PRIVATE KEY"
_KEYS = ("PRIVATE KEY", _ENCRYPTED, "RSA PRIVATE KEY", "EC PRIVATE KEY")


class PemError(InterlockError):
    """A PEM file that does not hold what it should."""


class WrongPassphrase(PemError):
    """The key is encrypted; the passphrase that was given, or that none was given, is the trouble."""


def dump_key(key, passphrase=None):
    """The key as PKCS#8, encrypted (PBES2, AES-256) when there is a passphrase. Raises PemError for an empty one."""
    serialization = _deps.serialization
    if passphrase is None:
        encryption = serialization.NoEncryption()
    elif passphrase:
        encryption = serialization.BestAvailableEncryption(passphrase.encode("utf-8"))
    else:
        raise PemError("the passphrase of a key is empty", remedy="Give one, or say explicitly that the key is to be kept without.")
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)


def dump_certificates(certificates):
    """The certificates one after the other, in their order."""
    return b"".join(certificate.public_bytes(_deps.serialization.Encoding.PEM) for certificate in certificates)


def load_certificates(content, where):
    """All certificates in content, in their order; text and other blocks around them do not matter.

    Raises PemError when there is none, or one that cannot be read.
    """
    blocks = _blocks(content, _CERTIFICATES, "certificate", where)
    return tuple(_certificate(block, "certificate %d of %d" % (at, len(blocks)), where) for at, block in enumerate(blocks, 1))


def load_key(content, passphrase, where):
    """The first private key in content: PKCS#8, PKCS#1 or SEC1, encrypted or not; a passphrase that is not needed is not used.

    Raises WrongPassphrase, or PemError when there is no key or one that cannot be read.
    """
    block = _blocks(content, _KEYS, "private key", where)[0]
    encrypted = _label(block) == _ENCRYPTED or b"4,ENCRYPTED" in block
    if encrypted and not passphrase:
        raise WrongPassphrase("the private key needs a passphrase and none was given", where=where, remedy="Give the key's passphrase.")
    try:
        return _deps.serialization.load_pem_private_key(block, passphrase.encode("utf-8") if encrypted else None)
    except _deps.UnsupportedAlgorithm as error:
        raise PemError("the private key is of a kind that cannot be used: %s" % error, where=where) from None
    except (ValueError, TypeError):
        if encrypted:
            raise WrongPassphrase(
                "the passphrase of the private key is wrong (or the key was altered)", where=where, remedy="Give the key's passphrase."
            ) from None
        raise PemError("the private key is damaged and cannot be read", where=where, remedy="Restore the file from a copy.") from None


def load_public_key(content, where):
    """The public key in content (SubjectPublicKeyInfo). Raises PemError."""
    try:
        return _deps.serialization.load_pem_public_key(content)
    except (ValueError, TypeError, _deps.UnsupportedAlgorithm):
        raise PemError("the public key cannot be read", where=where) from None


def _certificate(block, which, where):
    try:
        return _deps.x509.load_pem_x509_certificate(block)
    except ValueError:
        raise PemError("%s is damaged and cannot be read" % which, where=where, remedy="Restore the file from a copy.") from None


def _blocks(content, labels, what, where):
    """The blocks with one of these labels; PemError, with what there is instead, when there is none."""
    blocks = [found.group() for found in _BLOCK.finditer(content) if _label(found.group()) in labels]
    begun = [found.group(1).decode("ascii") for found in _BEGIN.finditer(content)]
    if len(blocks) < sum(label in labels for label in begun):
        raise PemError("a %s begins and does not end: the file is truncated" % what, where=where, remedy="Restore the file from a copy.")
    if blocks:
        return blocks
    if begun:
        raise PemError("no %s found, only: %s" % (what, ", ".join(sorted(set(begun)))), where=where)
    if content[:1] == b"\x30":
        raise PemError("no %s found; this looks like DER or PKCS#12, not PEM" % what, where=where, remedy="Convert it with openssl.")
    raise PemError("no %s found: %s" % (what, "there is no PEM block" if content else "the file is empty"), where=where)


def _label(block):
    return _BEGIN.match(block).group(1).decode("ascii")
