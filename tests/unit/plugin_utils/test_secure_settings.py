# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secure settings next to what they should be, and the file that would make them so."""

from __future__ import annotations

import os
import re

import pytest
from ansible_collections.interlock.cluster.plugins.module_utils._stores import elasticsearch_keystore as keystores
from ansible_collections.interlock.cluster.plugins.module_utils._stores.elasticsearch_keystore import EntryChange, Keystore, KeystoreError, WrongPassword
from ansible_collections.interlock.cluster.plugins.plugin_utils._secure_settings import RANDOM_LENGTH, WantedEntries, compare

WHERE = "/etc/elasticsearch/elasticsearch.keystore"
SECRET = b"a secret value"


def file_with(entries, password="", number=4):
    """The bytes of a keystore; format 4 because its key derivation is the quickest."""
    return keystores.dump(Keystore(dict({"keystore.seed": b"s" * 20}, **entries), number, password_protected=bool(password)), password, os.urandom)


def judged(content, wanted, password=None, version=None, engine="elasticsearch"):
    return compare(content, wanted, password, version, engine, WHERE)


def test_what_is_as_wanted_is_left_alone():
    content = file_with({"a": SECRET, "b": b"2"})
    found = judged(content, WantedEntries({"a": SECRET}, ("b",), ("c",)))
    assert (found.changed, found.changes, found.existed) == (False, [], True)
    assert (found.value("a"), found.value("none")) == (SECRET.decode(), None)


def test_what_is_not_is_added_replaced_and_removed():
    found = judged(file_with({"a": b"1", "other": b"x"}), WantedEntries({"a": SECRET, "b": b"2"}, ("random",), ("other", "none")))
    assert (found.changed, found.existed) == (True, True)
    assert found.changes == [EntryChange("a", "replace"), EntryChange("b", "add"), EntryChange("other", "remove"), EntryChange("random", "add")]
    written = keystores.load(found.content())
    assert set(written.entries) == {"keystore.seed", "a", "b", "random"} and written.entries["a"] == SECRET
    assert written.entries["keystore.seed"] == b"s" * 20 and written.format == 4


def test_a_random_value_is_made_once_and_is_of_its_own():
    first, second = (judged(file_with({}), WantedEntries(generated=("a", "b"))) for _twice in range(2))
    values = [found.value(name) for found in (first, second) for name in ("a", "b")]
    assert len(set(values)) == 4
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{%d}" % RANDOM_LENGTH, value) for value in values)
    assert not judged(first.content(), WantedEntries(generated=("a", "b"))).changed
    assert judged(first.content(), WantedEntries({"a": b"given"}, ("a", "b"))).changes == [EntryChange("a", "replace")]


@pytest.mark.parametrize("version, engine, number, codec", [
    ("7.17.28", "elasticsearch", 4, "elasticsearch.keystore"), ("8.19.0", "elasticsearch", 7, "elasticsearch.keystore"),
    ("2.19.1", "opensearch", 4, "opensearch.keystore"),
])
def test_a_file_that_is_not_there_yet_is_made_for_the_version(version, engine, number, codec):
    found = judged(None, WantedEntries({"a": SECRET}, (), ("b",)), version=version, engine=engine)
    assert (found.changed, found.existed) == (True, False)
    assert found.changes == [EntryChange("a", "add"), EntryChange("keystore.seed", "add")]
    header = keystores.describe(found.content())
    assert (header.format, header.codec, header.password_protected) == (number, codec, False)


def test_a_file_that_is_not_there_yet_needs_the_version():
    with pytest.raises(KeystoreError) as refused:
        judged(None, WantedEntries())
    assert str(refused.value) == ("%s: there is no keystore yet, and the version of the node is not known. "
                                  "Give the version, or create the keystore with elasticsearch-keystore create." % WHERE)


def test_a_password_protects_a_new_file_and_opens_an_old_one():
    made = judged(None, WantedEntries({"a": SECRET}), "pass word", "7.17.0")
    content = made.content()
    assert keystores.describe(content).password_protected
    for password in (None, "", "wrong"):
        with pytest.raises(WrongPassword, match=WHERE):
            judged(content, WantedEntries(), password)
    again = judged(content, WantedEntries({"a": b"2"}), "pass word")
    assert keystores.load(again.content(), "pass word").entries["a"] == b"2"


def test_a_password_that_is_not_needed_does_not_protect():
    found = judged(file_with({}), WantedEntries({"a": SECRET}), "not needed")
    assert keystores.load(found.content(), "").entries["a"] == SECRET


def test_a_missing_seed_is_a_change():
    content = keystores.dump(Keystore({"a": SECRET}, 4), "", os.urandom)
    assert judged(content, WantedEntries()).changes == [EntryChange("keystore.seed", "add")]


def test_no_value_is_in_what_would_be_printed():
    wanted = WantedEntries({"a": SECRET})
    found = judged(file_with({"b": SECRET}), wanted, "secret password")
    for text in (repr(wanted), repr(found), str(found.changes)):
        assert "secret value" not in text and "secret password" not in text
