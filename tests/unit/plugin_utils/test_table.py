# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tables as people read them."""

from __future__ import annotations

import pytest
from ansible_collections.interlock.cluster.plugins.plugin_utils._table import shown, table


@pytest.mark.parametrize("value, text", [(True, "yes"), (False, "NO"), (None, "?"), (0, "0"), ("", ""), ("x", "x"), (3.5, "3.5")])
def test_values_in_words(value, text):
    assert shown(value) == text


def test_columns_are_as_wide_as_what_is_in_them():
    rows = [{"node": "a", "plaintext_refused": True, "note": "x"}, {"node": "longer", "plaintext_refused": False}]
    assert table("Title", rows, ["a note", "another"]) == [
        "",
        "Title",
        "  node    plaintext refused  note",
        "  ------  -----------------  ----",
        "  a       yes                x",
        "  longer  NO                 ?",
        "  a note",
        "  another",
    ]


def test_without_rows_there_are_the_notes():
    assert table("Title", [], ["a note"]) == ["", "Title", "  a note"]
