# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PKCS#12 keystores and truststores as Java reads them: cryptography objects in, bytes out, and back.

Java takes a certificate for a trust anchor only when its bag has Oracle's attribute 2.16.840.1.113894.746875.1.1
(sun.security.pkcs12.PKCS12KeyStore); a truststore without it is one "without any trusted certificate entries" to a node.

Everything is encrypted as JDK 17 does it: PBES2 with PBKDF2-HMAC-SHA256, 10 000 rounds, and AES-256, MAC with SHA-256.
Salts are the library's own: cryptography takes none from its caller.
"""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.interlock.cluster.plugins.module_utils import _deps
from ansible_collections.interlock.cluster.plugins.module_utils._errors import InterlockError
from ansible_collections.interlock.cluster.plugins.module_utils._pki import facts
from ansible_collections.interlock.cluster.plugins.module_utils._pki.authority import issued_by

_ROUNDS = 10000
_JKS = (b"\xfe\xed\xfe\xed", b"\xce\xce\xce\xce")
# DER of 1.2.840.113549.1.12.1, the arc of the RC2 and 3DES encryptions that older JDKs use
_OLD_CIPHERS = b"\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01"


class StoreError(InterlockError):
    """A PKCS#12 store that cannot be read or written as asked."""


class WrongStorePassword(StoreError):
    """The store has the shape of one, but the password does not open it."""


@dataclass(frozen=True)
class KeyEntry:
    """A private key with its certificate. chain: the certificates above that, nearest first; cryptography objects all."""

    key: object
    certificate: object
    chain: tuple


def dump_keystore(entry, alias, password):
    """A store with one key entry under this alias. Raises StoreError for a password that Java could not use."""
    return _deps.pkcs12.serialize_key_and_certificates(
        alias.encode("utf-8"), entry.key, entry.certificate, entry.chain, _encryption(password))


def dump_truststore(certificates, password):
    """A store of trusted certificate entries and no key. An alias is "ca-" and the start of the SHA-256 fingerprint.

    Raises StoreError when there is no certificate, and for a password that Java could not use.
    """
    by_alias = {"ca-" + facts.fingerprint(certificate)[:16]: certificate for certificate in certificates}
    if not by_alias:
        raise StoreError("a truststore without any certificate would be refused by the node", remedy="Give the certificates to trust.")
    bags = [_deps.pkcs12.PKCS12Certificate(certificate, alias.encode("ascii")) for alias, certificate in by_alias.items()]
    return _deps.pkcs12.serialize_java_truststore(bags, _encryption(password))


def load_keystore(content, password, where):
    """The KeyEntry of a store, the first where there are several.

    The chain is what leads up from the certificate; what else the store holds is left out.
    Raises WrongStorePassword, or StoreError for what is damaged, no PKCS#12, or without a key.
    """
    store = _open(content, password, where)
    if store.key is None or store.cert is None:
        raise StoreError("the store holds no private key with its certificate", where=where, remedy="Is this the truststore?")
    certificate = store.cert.certificate
    return KeyEntry(store.key, certificate, _chain(certificate, [bag.certificate for bag in store.additional_certs]))


def load_truststore(content, password, where):
    """The certificates of a store, in its order; for a store with a private key (see holds_key), the CAs beside that key's own.

    Java trusts those of them that have Oracle's attribute, which cannot be seen here.
    Raises WrongStorePassword, or StoreError for what is damaged or no PKCS#12.
    """
    store = _open(content, password, where)
    certificates = tuple(bag.certificate for bag in store.additional_certs)
    if store.key is None:
        return certificates
    return tuple(certificate for certificate in certificates if certificate != store.cert.certificate and facts.is_ca(certificate))


def holds_key(content, password, where):
    """Whether the store holds a private key, as the single store of elasticsearch-certutil does. Raises as load_truststore."""
    return _open(content, password, where).key is not None


def _encryption(password):
    # Java opens no PBES2 store with any other password (com.sun.crypto.provider.PBEKey: "Password is not ASCII")
    if not password or not password.isascii():
        raise StoreError("a store password has to be of ASCII characters, and not empty", remedy="Choose another password for the store.")
    builder = _deps.serialization.PrivateFormat.PKCS12.encryption_builder().kdf_rounds(_ROUNDS)
    builder = builder.key_cert_algorithm(_deps.pkcs12.PBES.PBESv2SHA256AndAES256CBC).hmac_hash(_deps.hashes.SHA256())
    return builder.build(password.encode("ascii"))


def _chain(certificate, others):
    chain = []
    while certificate is not None:
        certificate = next((other for other in others if other not in chain and issued_by(certificate, other)), None)
        if certificate is not None:
            chain.append(certificate)
    return tuple(chain)


def _open(content, password, where):
    _check_outside(content, where)
    try:
        return _deps.pkcs12.load_pkcs12(content, password.encode("utf-8"))
    except ValueError:
        raise _not_opened(content, where) from None
    except (TypeError, _deps.UnsupportedAlgorithm) as error:
        raise StoreError("the key in the store is of a kind that cannot be used: %s" % error, where=where) from None


def _not_opened(content, where):
    """A MAC that does not fit says "wrong password or altered file", and an unknown cipher says the same to OpenSSL's callers."""
    if _OLD_CIPHERS in content:
        return WrongStorePassword(
            "the password is wrong, or OpenSSL on this machine lacks the old encryption this store uses (RC2 or 3DES, as JDK 8 writes)",
            where=where,
            remedy="If the password is right, rewrite the store with keytool -importkeystore -deststoretype pkcs12 of JDK 17.")
    return WrongStorePassword(
        "the password is wrong (or the file was altered after it was written)", where=where, remedy="Give the password of this store.")


def _check_outside(content, where):
    """Raise StoreError unless content is one whole DER value that begins as PFX does (RFC 7292, 4)."""
    if not content:
        raise StoreError("the file is empty", where=where)
    if content[:4] in _JKS:
        raise StoreError(
            "this is a store in Java's own JKS format, not PKCS#12", where=where,
            remedy="Convert it with keytool -importkeystore -deststoretype pkcs12.")
    if content[:1] != b"\x30":
        raise StoreError("this is not a PKCS#12 store", where=where, remedy="Check the path; PEM files have options of their own.")
    start, end = _extent(content)
    if len(content) < end:
        raise StoreError("the store is truncated, it ends after %d bytes" % len(content), where=where)
    if content[start:start + 3] != b"\x02\x01\x03":
        raise StoreError("this is not a PKCS#12 store", where=where, remedy="Check the path.")
    if len(content) > end:
        raise StoreError("%d trailing bytes follow the end of the store" % (len(content) - end), where=where)


def _extent(content):
    """Offsets of the first byte in and the first behind the outermost DER value; BER may leave its length open."""
    first = content[1] if len(content) > 1 else 0x84
    if first == 0x80:
        return 2, len(content)
    if first < 0x80:
        return 2, 2 + first
    start = 2 + (first & 0x7F)
    return start, start + int.from_bytes(content[2:start], "big")
