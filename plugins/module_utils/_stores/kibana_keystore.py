# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""kibana.keystore, and that of OpenSearch Dashboards, the files of secure settings: bytes in, bytes out, no Node.js.

The format is that of src/cli/keystore/lib/keystore.ts, the same since 6.x and in Dashboards:

    1:BASE64                                       one line of ASCII without its end; "1" is a version that nobody checks
    BASE64 of salt[64] vector[12] tag[16] ciphertext

    key        = PBKDF2-HMAC-SHA512(password in UTF-8, salt, 10 000 iterations, 32 bytes), no password being the empty one
    ciphertext = AES-256-GCM(key, vector, plaintext), no associated data, the tag not at its end but before it
    plaintext  = a JSON object of flat dotted names, in UTF-8

The file does not say whether it has a password: one that does not open with the empty password has.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from dataclasses import dataclass, field, replace

from ansible_collections.interlock.cluster.plugins.module_utils import _deps
from ansible_collections.interlock.cluster.plugins.module_utils._stores import secure_entries
from ansible_collections.interlock.cluster.plugins.module_utils._stores.secure_entries import KeystoreError, WrongPassword

_VERSION = "1"
_SALT_LENGTH, _VECTOR_LENGTH, _TAG_LENGTH = 64, 12, 16
_ITERATIONS = 10000


@dataclass(frozen=True)
class Keystore:
    """The content of a keystore. entries: setting name -> value, text as a rule, and whatever else JSON has."""

    entries: dict = field(default_factory=dict, repr=False)
    password_protected: bool = False


def edit(keystore, set, remove):
    """Set and remove entries. Returns the new Keystore and a list of EntryChange. set: name -> text."""
    entries, changes = secure_entries.edit(keystore.entries, set, remove)
    return replace(keystore, entries=entries), changes


def load(content, password="", where="kibana.keystore"):
    """Keystore from the bytes of its file. A password given for one without is not used, as in Kibana itself.

    Raises WrongPassword, or KeystoreError for a file that is damaged or no keystore. A damaged one cannot be told from one with
    another password when no password fits: only its length and its encoding are checked on their own.
    """
    salt, vector, tag, ciphertext = _fields(content, where)
    for protected, candidate in ((False, ""), (True, password)):
        if protected and not candidate:
            raise WrongPassword("the keystore is protected by a password and none was given, or it is damaged", where=where,
                                remedy="Give the keystore password.")
        try:
            plaintext = _deps.AESGCM(_key(candidate, salt)).decrypt(vector, ciphertext + tag, None)
        except _deps.InvalidTag:
            continue
        return Keystore(_entries(plaintext, where), protected)
    raise WrongPassword("the keystore password is wrong, or the keystore is damaged", where=where, remedy="Give the one it was saved with.")


def dump(keystore, password, random):
    """The bytes of the keystore's file. random(n): n random bytes, for salt and initialisation vector."""
    if keystore.password_protected and not password:
        raise WrongPassword("the keystore is protected by a password and none was given", remedy="Give the keystore password.")
    salt, vector = random(_SALT_LENGTH), random(_VECTOR_LENGTH)
    plaintext = json.dumps(keystore.entries, ensure_ascii=False, sort_keys=True).encode("utf-8")
    sealed = _deps.AESGCM(_key(password if keystore.password_protected else "", salt)).encrypt(vector, plaintext, None)
    ciphertext, tag = sealed[:-_TAG_LENGTH], sealed[-_TAG_LENGTH:]
    return ("%s:" % _VERSION).encode("ascii") + base64.b64encode(salt + vector + tag + ciphertext)


def _key(password, salt):
    return hashlib.pbkdf2_hmac("sha512", password.encode("utf-8"), salt, _ITERATIONS, 32)


def _fields(content, where):
    """Salt, vector, tag and ciphertext. Kibana takes what is between the first colon and the next."""
    if not content:
        raise KeystoreError("the file is empty", where=where, remedy=secure_entries.RESTORE)
    parts = content.split(b":")
    if len(parts) < 2:
        raise KeystoreError("this is not a keystore of Kibana or OpenSearch Dashboards", where=where, remedy="Check the path.")
    try:
        data = base64.b64decode(b"".join(parts[1].split()), validate=True)
    except (binascii.Error, ValueError):
        raise KeystoreError("this is not a keystore of Kibana or OpenSearch Dashboards: it is not base64", where=where,
                            remedy=secure_entries.RESTORE) from None
    tag = _SALT_LENGTH + _VECTOR_LENGTH
    if len(data) < tag + _TAG_LENGTH + len(b"{}"):
        raise KeystoreError("the keystore is truncated, it holds %d bytes" % len(data), where=where, remedy=secure_entries.RESTORE)
    return data[:_SALT_LENGTH], data[_SALT_LENGTH:tag], data[tag:tag + _TAG_LENGTH], data[tag + _TAG_LENGTH:]


def _entries(plaintext, where):
    try:
        entries = json.loads(plaintext.decode("utf-8"))
    except ValueError:
        entries = None
    if not isinstance(entries, dict):
        raise KeystoreError("the decrypted content of the keystore is no JSON object", where=where, remedy=secure_entries.RESTORE)
    return entries
