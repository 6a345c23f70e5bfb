# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The kibana.keystore format and what is done with its entries."""

from __future__ import annotations

import base64
import os

import pytest
from ansible_collections.interlock.cluster.plugins.module_utils._stores import kibana_keystore as keystores
from ansible_collections.interlock.cluster.plugins.module_utils._stores.kibana_keystore import Keystore
from ansible_collections.interlock.cluster.plugins.module_utils._stores.secure_entries import EntryChange, KeystoreError, WrongPassword
from hypothesis import given, settings
from hypothesis import strategies as st

# Made by Node's crypto with the algorithm of Kibana's keystore.ts, from {"elasticsearch.password":"s3cret","n":1}
BY_NODE = {
    "": (
        b"1:5gpIrZAIO9mJrKte7C36Xx66QjZvaY5Q2171On//6YLb7BvtjRPAK7yQxdlIQ1CPHrZXfnr7Y6aAkllcDdG9Z1qgQ6uMu4nw/F"
        b"gzjqv4slUtFbXW2x+YipYyJ5XVjhEdx4RBXat1E20GAv9NbB3HsnKi8dsjg7KTh4CrGrKRLnpstKxMyg=="
    ),
    "pässw0rd": (
        b"1:8yUsc+urdWlf8M8AUImNOAu0KnQJf+h7l0eCAcPfhB6t10SftyTf5CC569UwVNi9bFj/Q2sdfrB4pnpKVL4BwfYfOjegQHA5aF"
        b"dydyVEX3kL5pUVB7IBb4myHEg1s7nibxt5kFILOvpX7Ri9NQqzcqHnsb99GpTYdYW5lGqhcWTVNqRtHw=="
    ),
}
names = st.from_regex(r"[A-Za-z0-9_\-.]{1,40}", fullmatch=True)


@pytest.mark.parametrize("password", BY_NODE)
def test_a_file_of_kibana_is_read(password):
    found = keystores.load(BY_NODE[password], password)
    assert found == Keystore({"elasticsearch.password": "s3cret", "n": 1}, bool(password))


@settings(max_examples=15, deadline=None)
@given(st.dictionaries(names, st.text(st.characters(exclude_categories=["Cs"])), max_size=5), st.text(st.characters(exclude_categories=["Cs"]), max_size=8))
def test_what_is_written_is_read(entries, password):
    keystore = Keystore(entries, bool(password))
    assert keystores.load(keystores.dump(keystore, password, os.urandom), password) == keystore


def test_the_bytes_are_those_of_the_format():
    content = keystores.dump(Keystore({"a": "b"}), "", bytes)
    version, _colon, data = content.partition(b":")
    data = base64.b64decode(data, validate=True)
    assert version == b"1" and data[:76] == bytes(76) and len(data) == 76 + 16 + len('{"a": "b"}')


def test_the_password_of_a_file_without_is_not_used():
    content = keystores.dump(Keystore({"a": "b"}), "", os.urandom)
    assert keystores.load(content, "not needed").password_protected is False


@pytest.mark.parametrize(("content", "password", "error", "words"), [
    (b"", "", KeystoreError, "the file is empty"),
    (b"elasticsearch", "", KeystoreError, "this is not a keystore"),
    (b"1:%%%", "", KeystoreError, "it is not base64"),
    (b"1:" + base64.b64encode(bytes(90)), "", KeystoreError, "is truncated, it holds 90 bytes"),
    (keystores.dump(Keystore({}, True), "right", os.urandom), "", WrongPassword, "none was given"),
    (keystores.dump(Keystore({}, True), "right", os.urandom), "wrong", WrongPassword, "is wrong"),
])
def test_what_cannot_be_read_is_refused(content, password, error, words):
    with pytest.raises(error, match=words) as refused:
        keystores.load(content, password, "/etc/kibana/kibana.keystore")
    assert str(refused.value).startswith("/etc/kibana/kibana.keystore: ")


def test_one_bit_turned_over_is_noticed():
    content = keystores.dump(Keystore({"a": "b"}), "", os.urandom)
    data = bytearray(base64.b64decode(content[2:]))
    data[-1] ^= 1
    with pytest.raises(WrongPassword):
        keystores.load(b"1:" + base64.b64encode(bytes(data)), "x")


def test_a_protected_file_is_not_written_without_its_password():
    with pytest.raises(WrongPassword):
        keystores.dump(Keystore({}, True), "", os.urandom)


def test_entries_are_compared_by_value():
    keystore = Keystore({"same": "1", "other": "2", "number": 12345, "gone": "3", "kept": "4"})
    edited, changes = keystores.edit(keystore, {"same": "1", "other": "x", "number": "12345", "new": "y"}, ["gone", "never there"])
    assert edited.entries == {"same": "1", "other": "x", "number": "12345", "kept": "4", "new": "y"}
    assert changes == [EntryChange("gone", "remove"), EntryChange("new", "add"), EntryChange("number", "replace"),
                       EntryChange("other", "replace")]
    assert keystores.edit(edited, {"same": "1"}, [])[1] == []


def test_a_secret_is_not_shown():
    assert "s3cret" not in repr(Keystore({"a": "s3cret"}))


@pytest.mark.parametrize(("given", "absent"), [({"a b": "1"}, []), ({"a": "1"}, ["a"])])
def test_a_request_that_makes_no_sense_is_refused(given, absent):
    with pytest.raises(KeystoreError):
        keystores.edit(Keystore({}), given, absent)
