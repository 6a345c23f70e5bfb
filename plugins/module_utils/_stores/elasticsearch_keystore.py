# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""elasticsearch.keystore and opensearch.keystore, the files of secure settings: bytes in, bytes out, no JVM.

The format is that of org.elasticsearch.common.settings.KeyStoreWrapper inside the frame of
org.apache.lucene.codecs.CodecUtil:

    int32   magic 0x3FD76C17                          big-endian in every format, as are the next two
    string  codec, its length in one byte before it   "elasticsearch.keystore" or "opensearch.keystore"
    int32   format
    byte    hasPassword, 0 or 1
    int32   length of the block that follows          the order of bytes in and before the block is the format's
    block   salt, initialisation vector and ciphertext, an int32 of length before each
    footer  int32 ~magic, int32 0, int64 CRC-32 of all bytes before it; big-endian

    key        = PBKDF2-HMAC-SHA512(password in UTF-8, salt, iterations), no password being the empty one
    ciphertext = AES-GCM(key, vector, plaintext, associated data = salt), the tag at its end
    plaintext  = int32 count, then for each entry: uint16 length and name, int32 length and value; big-endian
                 (format 3 has a string "STRING" or "FILE" between name and value)

A node that finds a format older than its own, or no keystore.seed, rewrites the file when it starts, and does not
start when it may not write there. So a writer uses the format of the node: see format_for().
"""

from __future__ import annotations

import hashlib
import re
import struct
import zlib
from collections import namedtuple
from dataclasses import dataclass, field, replace

from ansible_collections.interlock.cluster.plugins.module_utils import _deps
from ansible_collections.interlock.cluster.plugins.module_utils._stores import secure_entries
from ansible_collections.interlock.cluster.plugins.module_utils._stores.secure_entries import EntryChange, KeystoreError, WrongPassword

__all__ = ["EntryChange", "Header", "Keystore", "KeystoreError", "WrongPassword", "describe", "dump", "edit", "format_for", "load", "new"]

ELASTICSEARCH = "elasticsearch.keystore"
OPENSEARCH = "opensearch.keystore"
SEED = "keystore.seed"

_MAGIC = b"\x3f\xd7\x6c\x17"
_FOOTER = bytes(0xFF ^ byte for byte in _MAGIC) + b"\0\0\0\0"
_FOOTER_LENGTH = len(_FOOTER) + 8
_SALT_LENGTH = 64
_VECTOR_LENGTH = 12
_Format = namedtuple("_Format", "iterations key_length order")
_FORMATS = {
    3: _Format(10000, 16, ">"),
    4: _Format(10000, 16, ">"),
    5: _Format(10000, 16, "<"),
    6: _Format(210000, 16, "<"),
    7: _Format(210000, 32, "<"),
}
_OLDEST_READ = min(_FORMATS)
_OLDEST_WRITTEN = 4
_NEWEST = {ELASTICSEARCH: max(_FORMATS), OPENSEARCH: 4}
_SEED_CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789~!@#$%^&*-_=+?"
_RESTORE = secure_entries.RESTORE


@dataclass(frozen=True)
class Header:
    """What a keystore says of itself without its password."""

    format: int
    codec: str
    password_protected: bool


@dataclass(frozen=True)
class Keystore:
    """The content of a keystore. entries: setting name -> value, strings in UTF-8 and files as they are."""

    entries: dict[str, bytes] = field(repr=False)
    format: int
    codec: str = ELASTICSEARCH
    password_protected: bool = False


def format_for(version, engine="elasticsearch"):
    """The keystore format that this version ("8.19.0") of the engine writes; anything else it rewrites at start."""
    if engine == "opensearch":
        return 4
    found = re.match(r"(\d+)\.(\d+)", version)
    release = tuple(int(part) for part in found.groups()) if found else (0, 0)
    for since, number in (((8, 18), 7), ((8, 14), 6), ((8, 0), 5), ((7, 0), 4)):
        if release >= since:
            return number
    raise KeystoreError("no keystore format is known for Elasticsearch version %r" % version, remedy="Versions from 7.0 on are supported.")


def new(format, codec, random, password_protected=False):
    """A keystore that holds keystore.seed only. random(n): n random bytes."""
    return Keystore({SEED: _seed(random)}, format, codec, password_protected)


def edit(keystore, set, remove, random):
    """Set and remove entries; add keystore.seed where it is missing. Returns the new Keystore and a list of EntryChange.

    set: name -> value as bytes. An entry that has the value already, or is not there to be removed, is no change.
    Raises KeystoreError for a name no node would accept, one both set and removed, and the removal of keystore.seed.
    """
    if SEED in remove:
        raise KeystoreError("this entry cannot be removed, a node would write it again when it starts", where=SEED)
    seed = {} if SEED in keystore.entries or SEED in set else {SEED: _seed(random)}
    entries, changes = secure_entries.edit(keystore.entries, {**set, **seed}, remove)
    return replace(keystore, entries=entries), changes


def describe(content, where=ELASTICSEARCH):
    """Header of the keystore in content, checked for completeness and by its checksum. Raises KeystoreError."""
    return _unframe(content, where)[0]


def load(content, password="", where=ELASTICSEARCH):
    """Keystore from the bytes of its file, formats 3 to 7.

    A password given for a keystore without one is not used, as in Elasticsearch's own tools.
    Raises WrongPassword, or KeystoreError for a file that is damaged, no keystore, too old or too new.
    """
    header, block = _unframe(content, where)
    if header.password_protected and not password:
        raise WrongPassword("the keystore is protected by a password and none was given", where=where, remedy="Give the keystore password.")
    order = _FORMATS[header.format].order
    try:
        salt, vector, ciphertext = _read_fields(block, order)
        key = _key(header.format, password if header.password_protected else "", salt)
        plaintext = _deps.AESGCM(key).decrypt(vector, ciphertext, salt)
    except _deps.InvalidTag:
        if header.password_protected:
            raise WrongPassword("the keystore password is wrong", where=where, remedy="Give the one it was saved with.") from None
        raise KeystoreError("the keystore has no password, and yet its content cannot be decrypted", where=where, remedy=_RESTORE) from None
    except (struct.error, ValueError):
        raise KeystoreError("the encrypted part of the keystore is malformed", where=where, remedy=_RESTORE) from None
    return Keystore(_unpack(plaintext, header.format, where), header.format, header.codec, header.password_protected)


def dump(keystore, password, random):
    """The bytes of the keystore's file, in keystore.format; a keystore read from format 3 is written in format 4.

    password is needed when keystore.password_protected, and not used otherwise: who wants to protect a keystore or
    lift its protection replaces that attribute. random(n): n random bytes, for salt and initialisation vector.
    """
    number = _OLDEST_WRITTEN if keystore.format == _OLDEST_READ else keystore.format
    if not _OLDEST_WRITTEN <= number <= _NEWEST.get(keystore.codec, 0):
        raise KeystoreError("format %s of %s cannot be written" % (number, keystore.codec), remedy="Take it from the node's version.")
    if keystore.password_protected and not password:
        raise WrongPassword("the keystore is protected by a password and none was given", remedy="Give the keystore password.")
    salt, vector = random(_SALT_LENGTH), random(_VECTOR_LENGTH)
    key = _key(number, password if keystore.password_protected else "", salt)
    ciphertext = _deps.AESGCM(key).encrypt(vector, _pack(keystore.entries), salt)
    order = _FORMATS[number].order
    block = b"".join(_sized(order + "i", value) for value in (salt, vector, ciphertext))
    codec = keystore.codec.encode("ascii")
    framed = b"".join((
        _MAGIC, _sized("B", codec), struct.pack(">i?", number, keystore.password_protected), _sized(order + "i", block), _FOOTER,
    ))
    return framed + struct.pack(">q", zlib.crc32(framed))


def _seed(random):
    # 32 bytes for 20 of 76 characters (125 bits): no character is measurably likelier than another
    number = int.from_bytes(random(32), "big")
    seed = []
    for _position in range(20):
        number, choice = divmod(number, len(_SEED_CHARACTERS))
        seed.append(_SEED_CHARACTERS[choice])
    return "".join(seed).encode("ascii")


def _key(number, password, salt):
    parameters = _FORMATS[number]
    return hashlib.pbkdf2_hmac("sha512", password.encode("utf-8"), salt, parameters.iterations, parameters.key_length)


def _unframe(content, where):
    """(Header, block) of a file that is intact and of a format that is known."""
    codec, body = _codec(content, where)
    number = int.from_bytes(content[body:body + 4], "big", signed=True)
    _check_intact(content, number, body, where)
    if codec not in _NEWEST:
        raise KeystoreError("this is a Lucene file of kind %r, not a keystore" % codec, where=where)
    if number > _NEWEST[codec]:
        raise KeystoreError(
            "the keystore is in format %d, too new: %d is the newest known" % (number, _NEWEST[codec]), where=where,
            remedy="Was it written by a newer release? Update this collection.")
    if number not in _FORMATS:
        raise KeystoreError(
            "the keystore is in format %d, too old: %d is the oldest that can be read" % (number, _OLDEST_READ), where=where,
            remedy="Rewrite it once with '%s upgrade' of a release that reads it." % codec.replace(".", "-"))
    if content[body + 4] > 1:
        raise KeystoreError("the keystore neither says that it has a password nor that it has none", where=where, remedy=_RESTORE)
    block = content[body + 9:-_FOOTER_LENGTH]
    if _length(content, number, body) != len(block):
        raise KeystoreError("the keystore gives a wrong length for its encrypted part", where=where, remedy=_RESTORE)
    return Header(number, codec, content[body + 4] == 1), block


def _codec(content, where):
    """Name in the header, and the offset of the format number that follows it."""
    if not content:
        raise KeystoreError("the file is empty", where=where, remedy=_RESTORE)
    if content[:4] != _MAGIC[:len(content)]:
        raise KeystoreError("this is not a keystore of Elasticsearch or OpenSearch", where=where, remedy="Check the path.")
    end = 5 + content[4] if len(content) > 4 else 0
    if len(content) < max(end + 9, 14):
        raise _truncated(content, where)
    return content[5:end].decode("ascii", "replace"), end


def _length(content, number, body):
    return struct.unpack_from(_FORMATS[number].order + "i", content, body + 5)[0]


def _check_intact(content, number, body, where):
    """Raise unless the file ends in a footer with the right checksum; tell a short, an overlong and an altered file apart."""
    if _has_footer(content):
        return
    if number in _FORMATS:
        end = body + 9 + _length(content, number, body) + _FOOTER_LENGTH
        if len(content) < end:
            raise _truncated(content, where)
        if len(content) > end and _has_footer(content[:end]):
            raise KeystoreError("%d trailing bytes follow the end of the keystore" % (len(content) - end), where=where, remedy=_RESTORE)
    raise KeystoreError("the keystore is damaged: its checksum is wrong", where=where, remedy=_RESTORE)


def _has_footer(content):
    return content[-_FOOTER_LENGTH:-8] == _FOOTER and content[-8:] == struct.pack(">q", zlib.crc32(content[:-8]))


def _truncated(content, where):
    return KeystoreError("the keystore is truncated, it ends after %d bytes" % len(content), where=where, remedy=_RESTORE)


def _sized(kind, value):
    return struct.pack(kind, len(value)) + value


def _take(content, offset, kind):
    """A value with its length before it, and the offset behind it."""
    start = offset + struct.calcsize(kind)
    end = start + struct.unpack_from(kind, content, offset)[0]
    if not start <= end <= len(content):
        raise ValueError("a length points outside")
    return content[start:end], end


def _read_fields(block, order):
    offset, fields = 0, []
    for _field in range(3):
        value, offset = _take(block, offset, order + "i")
        fields.append(value)
    if offset != len(block):
        raise ValueError("bytes follow the ciphertext")
    return fields


def _pack(entries):
    packed = [struct.pack(">i", len(entries))]
    for name in sorted(entries):
        packed += _sized(">H", name.encode("ascii")), _sized(">i", entries[name])
    return b"".join(packed)


def _unpack(plaintext, number, where):
    entries, offset = {}, 4
    try:
        for _entry in range(struct.unpack_from(">i", plaintext)[0]):
            name, offset = _take(plaintext, offset, ">H")
            if number == 3:
                _kind, offset = _take(plaintext, offset, ">H")
            entries[name.decode("ascii")], offset = _take(plaintext, offset, ">i")
        if offset != len(plaintext):
            raise ValueError("bytes follow the last entry")
    except (struct.error, ValueError):
        raise KeystoreError("the decrypted content of the keystore is malformed", where=where, remedy=_RESTORE) from None
    return entries
