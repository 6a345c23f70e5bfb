# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""redis.conf as Redis reads it, and changes that keep everything else."""

from __future__ import annotations

import pytest
from ansible_collections.interlock.cluster.plugins.module_utils._stores.redis_conf import Conf, ConfError, quote, split_words
from hypothesis import given
from hypothesis import strategies as st


def conf(text, path="redis.conf"):
    return Conf(text.encode("utf-8"), path)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("port 6379", ["port", "6379"]),
        ('tls-protocols "TLSv1.2 TLSv1.3"', ["tls-protocols", "TLSv1.2 TLSv1.3"]),
        (r'requirepass "a\"b\\c\x41\n"', ["requirepass", 'a"b\\cA\n']),
        (r"requirepass 'it\'s'", ["requirepass", "it's"]),
        ('save ""', ["save", ""]),
        ("  bind   127.0.0.1\t::1  ", ["bind", "127.0.0.1", "::1"]),
        ('prefix"quoted"', ["prefixquoted"]),
    ],
)
def test_words(line, words):
    assert split_words(line) == words


@pytest.mark.parametrize("line", ['dir "/a', "dir '/a", 'dir "/a"b'])
def test_unbalanced_quotes_are_refused(line):
    with pytest.raises(ConfError, match="redis.conf line 2"):
        conf("port 1\n" + line)


@given(st.text(alphabet=st.characters(exclude_categories=["Cc", "Cs"]) | st.sampled_from("\n\t\r\"'\\# ")))
def test_a_quoted_word_is_read_back(word):
    assert split_words("x " + quote(word)) == ["x", word]


def test_the_last_line_counts_and_comments_do_not():
    found = conf("port 1\n# port 3\nPORT 2\nslaveof h 1\nsave 1 2\nsave 3 4\n").effective({})
    assert found == {"port": ["2"], "replicaof": ["h", "1"]}


def test_an_include_counts_where_it_stands():
    included = {"x.conf": [conf("port 2\nrename-command CONFIG \"\"\n")]}
    assert conf("include x.conf\nport 1\n").effective(included)["port"] == ["1"]
    assert conf("port 1\ninclude x.conf\n").effective(included)["port"] == ["2"]
    assert conf("include x.conf\n").renamed(included) == {"CONFIG": ""}


def test_an_include_of_an_include():
    included = {"x.conf": [conf("include y.conf\n")], "y.conf": [conf("port 3\n")]}
    assert conf("include x.conf\nport 1\n").effective(included)["port"] == ["1"]
    assert conf("port 1\ninclude x.conf\n").effective(included)["port"] == ["3"]


TEXT = "# head\nport 1\n\nport 2  \n# tail\nbind 127.0.0.1\n"


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({}, TEXT),
        ({"bind": ["127.0.0.1"]}, TEXT),
        ({"port": ["2"]}, "# head\n\nport 2  \n# tail\nbind 127.0.0.1\n"),
        ({"port": ["3"]}, "# head\n\nport 3\n# tail\nbind 127.0.0.1\n"),
        ({"port": None}, "# head\n\n# tail\nbind 127.0.0.1\n"),
        ({"tls-port": ["6380"]}, TEXT + "tls-port 6380\n"),
        ({"tls-protocols": ["TLSv1.2 TLSv1.3"]}, TEXT + 'tls-protocols "TLSv1.2 TLSv1.3"\n'),
    ],
)
def test_merged(settings, text):
    assert conf(TEXT).merged(settings).decode() == text


def test_what_an_include_overrides_moves_to_the_end():
    included = {"x.conf": [conf("port 2\n")]}
    assert conf("port 1\ninclude x.conf\n").merged({"port": ["3"]}, included).decode() == "include x.conf\nport 3\n"
    assert conf("include x.conf\nport 1\n").merged({"port": ["3"]}, included).decode() == "include x.conf\nport 3\n"


def test_line_ends_and_odd_bytes_stay():
    content = b"# \xff\r\nport 1\r\n"
    assert Conf(content, "x").merged({"port": ["2"]}) == b"# \xff\r\nport 2\r\n"


def test_merging_twice_changes_nothing():
    settings = {"port": ["9"], "tls-ciphers": ["a:b"], "replicaof": ["h", "1"]}
    once = conf(TEXT).merged(settings)
    assert Conf(once, "x").merged(settings) == once
