# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The keystore format: files Java wrote (files/keystores), files built by hand here, and round trips of our own."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import pathlib
import re
import struct
import zlib

import pytest
from ansible_collections.interlock.cluster.plugins.module_utils._stores import elasticsearch_keystore as keystores
from ansible_collections.interlock.cluster.plugins.module_utils._stores.elasticsearch_keystore import EntryChange, Keystore, KeystoreError
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given, settings
from hypothesis import strategies as st

FILES = pathlib.Path(__file__).parent / "files" / "keystores"
PASSWORD = "pässw0rd"
SEED = re.compile(rb"[A-Za-z0-9~!@#$%^&*\-_=+?]{20}")
FORMATS = {
    "elasticsearch-7.17.28": 4,
    "elasticsearch-8.13.4": 5,
    "elasticsearch-8.17.0": 6,
    "elasticsearch-8.19.0": 7,
    "opensearch-2.19.1": 4,
}
WRITTEN = [(4, keystores.ELASTICSEARCH), (5, keystores.ELASTICSEARCH), (6, keystores.ELASTICSEARCH), (7, keystores.ELASTICSEARCH),
           (4, keystores.OPENSEARCH)]
JAVA_4 = (FILES / "elasticsearch-7.17.28.keystore").read_bytes()
JAVA_7 = (FILES / "elasticsearch-8.19.0.keystore").read_bytes()

names = st.from_regex(r"[A-Za-z0-9_\-.]{1,40}", fullmatch=True)
any_entries = st.dictionaries(names, st.binary(max_size=60), max_size=6)


def sealed(framed):
    """framed with a footer whose checksum is right."""
    framed += struct.pack(">Ii", 0xC02893E8, 0)
    return framed + struct.pack(">q", zlib.crc32(framed))


def built(number, plaintext, codec=b"elasticsearch.keystore", protected=0, order=">", tail=b""):
    """A keystore put together from the description of the format, with 10 000 rounds and AES-128."""
    salt, vector = bytes(64), bytes(12)
    ciphertext = AESGCM(hashlib.pbkdf2_hmac("sha512", b"", salt, 10000, 16)).encrypt(vector, plaintext, salt)
    block = b"".join(struct.pack(order + "i", len(part)) + part for part in (salt, vector, ciphertext)) + tail
    header = struct.pack(">IB", 0x3FD76C17, len(codec)) + codec + struct.pack(">iB", number, protected)
    return sealed(header + struct.pack(order + "i", len(block)) + block)


def fixed(count):
    return bytes(range(count))


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_reads_what_java_wrote(name):
    content = (FILES / (name + ".keystore")).read_bytes()
    keystore = keystores.load(content)
    codec = name.split("-", maxsplit=1)[0] + ".keystore"
    assert (keystore.format, keystore.codec, keystore.password_protected) == (FORMATS[name], codec, False)
    assert SEED.fullmatch(keystore.entries.pop("keystore.seed"))
    assert keystore.entries == {
        "xpack.security.transport.ssl.keystore.secure_password": "s3cret äöü".encode(),
        "Some.Name_2": b"v2",
        "a.file": b"\x00\x01\xff\n",
    }


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_reads_what_java_wrote_with_a_password(name):
    content = (FILES / (name + "-pw.keystore")).read_bytes()
    assert keystores.describe(content).password_protected
    assert keystores.load(content, PASSWORD).entries["bootstrap.password"] == b"hello"
    with pytest.raises(keystores.WrongPassword, match="password is wrong"):
        keystores.load(content, "passw0rd")
    with pytest.raises(keystores.WrongPassword, match="none was given"):
        keystores.load(content)


def test_reads_format_3_and_writes_it_as_4():
    entry = b"\x00\x03a.b\x00\x04FILE" + struct.pack(">i", 2) + b"\x00\xff"
    seed = b"\x00\x0dkeystore.seed\x00\x06STRING" + struct.pack(">i", 1) + b"s"
    keystore = keystores.load(built(3, struct.pack(">i", 2) + entry + seed))
    assert (keystore.format, keystore.entries) == (3, {"a.b": b"\x00\xff", "keystore.seed": b"s"})
    written = keystores.dump(keystore, "", fixed)
    assert keystores.load(written) == dataclasses.replace(keystore, format=4)


def test_writes_the_bytes_of_the_format():
    plaintext = struct.pack(">i", 1) + b"\x00\x03a.b" + struct.pack(">i", 1) + b"v"
    keystore = Keystore({"a.b": b"v"}, 5)
    assert keystores.dump(keystore, "", bytes) == built(5, plaintext, order="<")


@pytest.mark.parametrize("password", ["", PASSWORD])
@pytest.mark.parametrize(("number", "codec"), WRITTEN)
def test_round_trip(number, codec, password):
    keystore = Keystore({"keystore.seed": b"s", "a.file": bytes(range(256))}, number, codec, bool(password))
    content = keystores.dump(keystore, password, os.urandom)
    assert keystores.load(content, password) == keystore
    assert keystores.describe(content) == keystores.Header(number, codec, bool(password))


@settings(max_examples=50, deadline=None)
@given(entries=any_entries, number=st.sampled_from((4, 5)), password=st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_round_trip_of_any_content(entries, number, password):
    keystore = Keystore(entries, number, password_protected=True)
    assert keystores.load(keystores.dump(keystore, password, os.urandom), password) == keystore


@settings(max_examples=300, deadline=None)
@given(position=st.integers(0, len(JAVA_4) - 1), flip=st.integers(1, 255))
def test_no_altered_byte_goes_unnoticed(position, flip):
    damaged = bytearray(JAVA_4)
    damaged[position] ^= flip
    with pytest.raises(KeystoreError):
        keystores.describe(bytes(damaged))


@pytest.mark.parametrize("java", [JAVA_4, JAVA_7])
def test_every_truncation_is_called_one(java):
    for length in range(1, len(java)):
        with pytest.raises(KeystoreError, match="truncated, it ends after %d bytes" % length):
            keystores.describe(java[:length], "k")


NOT_LOADABLE = {
    "empty": (b"", "the file is empty"),
    "Kibana's keystore": (b"1:QUJD", "not a keystore"),
    "PKCS#12": (b"\x30\x82\x01\x00", "not a keystore"),
    "trailing byte": (JAVA_4 + b"\n", "1 trailing bytes"),
    "trailing bytes, little-endian": (JAVA_7 + b"12345", "5 trailing bytes"),
    "two in one": (JAVA_7 + JAVA_7, "%d trailing bytes" % len(JAVA_7)),
    "checksum": (JAVA_4[:-1] + bytes([JAVA_4[-1] ^ 1]), "checksum is wrong"),
    "altered format": (JAVA_4[:30] + b"\x09" + JAVA_4[31:], "checksum is wrong"),
    "format 1": (sealed(built(1, b"")[:-16]), "format 1, too old: 3 is the oldest"),
    "format 2": (built(2, b""), "format 2, too old"),
    "format 8": (built(8, b""), "format 8, too new: 7 is the newest"),
    "OpenSearch 5": (built(5, b"", codec=b"opensearch.keystore"), "format 5, too new: 4 is the newest"),
    "another codec": (built(4, b"", codec=b"Lucene99SegmentInfo"), "'Lucene99SegmentInfo', not a keystore"),
    "hasPassword": (built(4, b"", protected=2), "neither"),
    "length of the block": (sealed(built(4, bytes(4))[:-16] + b"x"), "wrong length"),
    "bytes after the ciphertext": (built(4, bytes(4), tail=b"x"), "encrypted part of the keystore is malformed"),
    "no block": (sealed(built(4, b"")[:32] + bytes(4)), "encrypted part of the keystore is malformed"),
    "not decryptable": (sealed(JAVA_4[:-17] + b"x"), "cannot be decrypted"),
    "bytes after the entries": (built(4, bytes(5)), "content of the keystore is malformed"),
    "too few entries": (built(4, struct.pack(">i", 1)), "content of the keystore is malformed"),
    "overlong value": (built(4, struct.pack(">iH1si", 1, 1, b"a", 2) + b"v"), "content of the keystore is malformed"),
    "negative length": (built(4, struct.pack(">iH1si", 1, 1, b"a", -2) + b"v"), "content of the keystore is malformed"),
}


@pytest.mark.parametrize("case", sorted(NOT_LOADABLE))
def test_says_what_is_wrong(case):
    content, text = NOT_LOADABLE[case]
    with pytest.raises(KeystoreError, match=text) as caught:
        keystores.load(content, where="/etc/elasticsearch/elasticsearch.keystore")
    assert str(caught.value).startswith("/etc/elasticsearch/elasticsearch.keystore: ")
    assert not isinstance(caught.value, keystores.WrongPassword)


def test_a_password_not_needed_is_not_used():
    keystore = keystores.load(JAVA_4, "whatever")
    assert keystore == keystores.load(JAVA_4)
    assert keystores.load(keystores.dump(keystore, "whatever", os.urandom)) == keystore


def test_a_protected_keystore_is_not_written_without_its_password():
    with pytest.raises(keystores.WrongPassword, match="none was given"):
        keystores.dump(Keystore({}, 7, password_protected=True), "", os.urandom)


@pytest.mark.parametrize(("number", "codec"), [
    (2, keystores.ELASTICSEARCH), (8, keystores.ELASTICSEARCH), (5, keystores.OPENSEARCH), (4, "x")])
def test_refuses_to_write_what_no_node_reads(number, codec):
    with pytest.raises(KeystoreError, match="cannot be written"):
        keystores.dump(Keystore({}, number, codec), "", os.urandom)


@pytest.mark.parametrize(("number", "codec"), WRITTEN)
def test_new_holds_a_seed_only(number, codec):
    keystore = keystores.new(number, codec, os.urandom)
    assert keystore == Keystore({"keystore.seed": keystore.entries["keystore.seed"]}, number, codec, password_protected=False)
    assert SEED.fullmatch(keystore.entries["keystore.seed"])
    assert keystores.new(number, codec, os.urandom) != keystore


def test_seed_uses_all_characters():
    seeds = b"".join(keystores.new(4, keystores.ELASTICSEARCH, os.urandom).entries["keystore.seed"] for _draw in range(300))
    assert len(set(seeds)) == 76


def test_edit():
    keystore = Keystore({"keystore.seed": b"s", "kept": b"1", "same": b"2", "other": b"3", "gone": b"4"}, 6, password_protected=True)
    edited, changes = keystores.edit(keystore, {"same": b"2", "other": b"33", "added": b""}, ["gone", "never.there"], fixed)
    assert changes == [EntryChange("added", "add"), EntryChange("gone", "remove"), EntryChange("other", "replace")]
    entries = {"keystore.seed": b"s", "kept": b"1", "same": b"2", "other": b"33", "added": b""}
    assert edited == dataclasses.replace(keystore, entries=entries)
    assert keystores.edit(edited, {"added": b""}, ["gone"], fixed) == (edited, [])
    assert keystore.entries["gone"] == b"4"


def test_edit_adds_a_missing_seed():
    edited, changes = keystores.edit(Keystore({}, 7), {}, [], os.urandom)
    assert changes == [EntryChange("keystore.seed", "add")]
    assert SEED.fullmatch(edited.entries["keystore.seed"])


@settings(deadline=None)
@given(before=any_entries, wanted=any_entries, remove=st.frozensets(names, max_size=4))
def test_edit_is_what_it_says_and_converges(before, wanted, remove):
    remove -= wanted.keys() | {"keystore.seed"}
    keystore = Keystore(before, 7)
    edited, changes = keystores.edit(keystore, wanted, remove, fixed)
    assert {name: value for name, value in edited.entries.items() if name in wanted} == wanted
    assert not remove & edited.entries.keys()
    touched = {change.name for change in changes}
    assert touched <= wanted.keys() | remove | {"keystore.seed"}
    everything = before.keys() | edited.entries.keys()
    assert touched == {name for name in everything if before.get(name) != edited.entries.get(name)}
    assert keystores.edit(edited, wanted, remove, fixed) == (edited, [])


@pytest.mark.parametrize("name", ["", "a b", "ä", "a/b", "a\n", "x" * 65536])
def test_refuses_names_no_node_accepts(name):
    with pytest.raises(KeystoreError, match="no name for a secure setting"):
        keystores.edit(Keystore({}, 7), {name: b"v"}, [], fixed)


@pytest.mark.parametrize(("wanted", "remove", "text"), [
    ({"a": b"1"}, ["a"], "a: .*to be set and to be removed"), ({}, ["keystore.seed"], "keystore.seed: .*cannot be removed")])
def test_refuses_contradictions(wanted, remove, text):
    with pytest.raises(KeystoreError) as caught:
        keystores.edit(Keystore({}, 7), wanted, remove, fixed)
    assert re.match(text, str(caught.value))


def test_values_are_not_shown():
    assert "hello" not in repr(Keystore({"bootstrap.password": b"hello"}, 7))


@pytest.mark.parametrize(("version", "number"), [
    ("7.0.0", 4), ("7.17.28", 4), ("8.0.0", 5), ("8.13.4", 5), ("8.14.0", 6), ("8.17.9", 6), ("8.18.0", 7), ("8.19.0-SNAPSHOT", 7),
    ("9.0.0", 7), ("9.2.0", 7), ("10.0.0", 7)])
def test_format_for(version, number):
    assert keystores.format_for(version) == number


@pytest.mark.parametrize("version", ["2.19.1", "3.9.0"])
def test_format_for_opensearch(version):
    assert keystores.format_for(version, "opensearch") == 4


@pytest.mark.parametrize("version", ["6.8.23", "", "latest"])
def test_format_for_an_unknown_version(version):
    with pytest.raises(KeystoreError, match="no keystore format is known"):
        keystores.format_for(version)
