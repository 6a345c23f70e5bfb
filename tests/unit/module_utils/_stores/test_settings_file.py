# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Settings of an elasticsearch.yml, case by case. What is read and what is refused was seen with Elasticsearch 7.17, 8.17, 8.19 and
9.2; stricter than these is only that a setting written in two forms is refused, of which they take the last."""

from __future__ import annotations

import pytest

from ansible_collections.interlock.cluster.plugins.module_utils._stores.settings_file import (
    KIBANA, Change, SettingsFileError, merge, read, same_value,
)


def merged(text, wanted=(), absent=()):
    """The merged text; what is asked for on both sides of it: that it says so, and that a second merge has nothing to do."""
    result = merge(text.encode("utf-8"), dict(wanted), absent)
    assert result.changed == (result.content != text.encode("utf-8"))
    again = merge(result.content, dict(wanted), absent)
    assert (again.content, again.changes, again.kept) == (result.content, [], result.kept)
    return result.content.decode("utf-8")


# ---- reading -------------------------------------------------------------------------------------------------------------------

READ = {
    "flat": ("a.b.c: v\n", {"a.b.c": "v"}),
    "nested": ("a:\n  b:\n    c: v\n", {"a.b.c": "v"}),
    "mixture": ("a.b:\n  c: v\na:\n  d: w\n  e.f: x\n", {"a.b.c": "v", "a.d": "w", "a.e.f": "x"}),
    "braces": ("{a: 1, b: {c.d: x}}\n", {"a": 1, "b.c.d": "x"}),
    "booleans": ("a: yes\nb: ON\nc: False\nd: tRue\ne: y\nf: 'yes'\n",
                 {"a": True, "b": True, "c": False, "d": "tRue", "e": "y", "f": "yes"}),
    "numbers are text unless Python writes them so": (
        "a: 5\nb: 010\nc: 1_000\nd: 1:30\ne: 1.5\nf: 1.50\ng: 1e3\nh: -0\ni: '5'\nj: .inf\nk: 2001-01-01\nl: %s\n" % ("9" * 5000),
        {"a": 5, "b": "010", "c": "1_000", "d": "1:30", "e": 1.5, "f": "1.50", "g": "1e3", "h": "-0", "i": "5", "j": ".inf",
         "k": "2001-01-01", "l": "9" * 5000}),
    "lists hold texts": ("a: [x, 010, yes]\nb:\n- x\n- 'y, z'\nc: []\n", {"a": ["x", "010", "yes"], "b": ["x", "y, z"], "c": []}),
    "a name is never a number": ("9200: x\ntrue: y\n", {"9200": "x", "true": "y"}),
    "placeholders": ("a: ${X}\nb: [${X}, ${Y:-a, b}]\nc: p-${X: # }-s\n", {"a": "${X}", "b": ["${X}", "${Y:-a, b}"], "c": "p-${X: # }-s"}),
    "an alias is the name of its anchor": ("a: &x v\nb: *x\nc:\n  <<: *x\n", {"a": "v", "b": "x", "c.<<": "x"}),
    "tags make text": ("a: !!str yes\nb: ! 5\n", {"a": "yes", "b": "5"}),
    "block scalars": ("a: |\n  x\n  y\nb: >-\n  x\n  y\nc: x\n  y\n", {"a": "x\ny\n", "b": "x y", "c": "x y"}),
    "tabs behind a value": ("a: 1\t# c\nb: 2 \t\r\nc: 3\t", {"a": 1, "b": 2, "c": 3}),
    "complex key": ("? a\n: 1\n", {"a": 1}),
    "byte order mark": ("\ufeffa: 1\n", {"a": 1}),
    "markers": ("%YAML 1.1\n---\na: 1\n...\n# c\n", {"a": 1}),
    "a setting and one below it": ("logger.x: info\nlogger.x.y: debug\n", {"logger.x": "info", "logger.x.y": "debug"}),
    "empty mapping": ("a: {}\nb: 1\n", {"b": 1}),
    "other line ends": ("a: 1\rb: 2\r\nc: 3\x85d: 4", {"a": 1, "b": 2, "c": 3, "d": 4}),
    "empty": ("", {}),
    "blank": ("\n  \n", {}),
    "comments": ("# a: 1\n", {}),
    "marker": ("---", {}),
    "marker and comment": ("---\n# c\n", {}),
}


@pytest.mark.parametrize("text, expected", READ.values(), ids=READ.keys())
def test_read(text, expected):
    found = read(text.encode("utf-8"))
    assert found == expected
    assert [type(value) for value in found.values()] == [type(value) for value in expected.values()]
    assert list(found) == list(expected)


REFUSED = {
    "broken": (b"a: 1\nb: [x\nc: 1\n", 3, "not valid YAML"),
    "tab indentation": (b"a:\n\tb: 1\n", 2, "tab"),
    "wrong indentation": (b"a: 1\n  b: 2\n", 2, "not valid YAML"),
    "list": (b"# c\n- a\n", 2, "list or a single value"),
    "scalar": (b"hello\n", 1, "list or a single value"),
    "null": (b"---\n~\n", 2, "list or a single value"),
    "two documents": (b"a: 1\n---\nb: 1\n", 2, "second YAML document"),
    "empty second document": (b"a: 1\n...\n---\n", 3, "second YAML document"),
    "same key": (b"a: 1\n\na: 2\n", 3, "a is written a second time, after line 1"),
    "same parent": (b"a:\n  b: 1\nx: 1\na:\n  c: 2\n", 4, "a is written a second time, after line 1"),
    "flat and nested": (b"a.b: 1\na:\n  b: 1\n", 3, "a.b is written a second time, after line 1"),
    "mixtures": (b"a.b:\n  c: 1\na:\n  b.c: 2\n", 4, "a.b.c is written a second time, after line 2"),
    "in braces": (b"x: 1\na: {b: 1, b: 2}\n", 2, "a.b is written a second time, after line 2"),
    "no value": (b"a: 1\nb:\n  # c: 1\n", 2, "b has no value"),
    "null value": (b"a:\n  b: ~\n", 2, "a.b has no value"),
    "no value in braces": (b"{a, b: 1}\n", 1, "a has no value"),
    "null in a list": (b"a:\n  - x\n  - null\n", 3, "a has no value"),
    "mapping in a list": (b"a:\n  - b: 1\n", 2, "the list a holds something else"),
    "list in a list": (b"a: [[x], y]\n", 1, "the list a holds something else"),
    "mapping as a name": (b"a: 1\n? {b: c}\n: 1\n", 2, "plain text"),
    "alias as a name": (b"&k a: 1\n*k : 2\n", 2, "plain text"),
    "NUL": (b"a: 1\nb: \0\n", 2, "U+0000"),
    "not UTF-8": (b"a: 1\nb: \xe9\n", 2, "not UTF-8"),
    "UTF-16": ("a: 1\n".encode("utf-16"), 1, "not UTF-8"),
    "control character": (b"a: 1\nb: \x07\n", 2, "U+0007"),
    "private plane": ("a: 1\nb: \U00100041\n".encode("utf-8"), 2, "U+100041"),
}


@pytest.mark.parametrize("content, line, message", REFUSED.values(), ids=REFUSED.keys())
def test_refuses_what_elasticsearch_does_not_start_with(content, line, message):
    for attempt in (lambda: read(content, where="es.yml"), lambda: merge(content, {"new": 1}, where="es.yml")):
        with pytest.raises(SettingsFileError) as error:
            attempt()
        assert message in str(error.value)
        assert str(error.value).startswith("es.yml: line ")
        assert "line %d: " % line in str(error.value)


def test_a_refusal_never_quotes_the_value():
    with pytest.raises(SettingsFileError) as error:
        read(b"a.password: hunter2: hunter3\n")
    assert "hunter" not in str(error.value)


# ---- values --------------------------------------------------------------------------------------------------------------------

SAME = [
    (True, "true"), (False, "false"), (5, "5"), (1.5, "1.5"), ("a", "a"), (["a", "b"], "a,b"), (["a", "b"], "a , b"),
    (("a", 1), ["a", "1"]), ([True], ["true"]), ([], []), (["a"], "a"), ("", ""),
]
DIFFERENT = [
    (True, "True"), ("yes", True), (True, 1), (5, "05"), (5, 5.0), ("a", "A"), (["a", "b"], ["b", "a"]), (["a,b"], "a,b"),
    ([], ""), ([""], ""), (["", "a"], ",a"), (None, ""), (None, []), ("a", None),
]


@pytest.mark.parametrize("one, other", SAME)
def test_same_value(one, other):
    assert same_value(one, other)
    assert same_value(other, one)


@pytest.mark.parametrize("one, other", DIFFERENT)
def test_different_value(one, other):
    assert not same_value(one, other)
    assert not same_value(other, one)


WRITTEN = [
    (True, "true"), (False, "false"), (5, "5"), (-1.5, "-1.5"), ("v", "v"), ("certs/a.p12", "certs/a.p12"), ("${X}", "${X}"),
    ("http://h:9200", "http://h:9200"), ("a,b", "a,b"),
    ("", '""'), ("true", '"true"'), ("yes", '"yes"'), ("5", '"5"'), ("010", '"010"'), ("1:30", '"1:30"'), ("null", '"null"'), ("~", '"~"'),
    ("2001-01-01", '"2001-01-01"'), ("a b", '"a b"'), ("a: b", '"a: b"'), ("a:", '"a:"'), ("a #b", '"a #b"'), ("#a", '"#a"'),
    ("- a", '"- a"'), ("-", '"-"'), ("*a", '"*a"'), ("&a", '"&a"'), ("!a", '"!a"'), ("%a", '"%a"'), ("@a", '"@a"'), ("{a}", '"{a}"'),
    ("[a]", '"[a]"'), ("=", '"="'), ("<<", '"<<"'), ("'", '"\'"'), ('"\\', '"\\"\\\\"'), ("a\nb\t", '"a\\nb\\t"'), ("é😀", '"é😀"'),
    ("\x7f\x85\u2028\ufeff\x01", '"\\u007f\\u0085\\u2028\\ufeff\\u0001"'),
    ([], "[]"), (["a", "b"], '["a", "b"]'), (("${X}", 1, True), '["${X}", 1, true]'),
]


@pytest.mark.parametrize("value, text", WRITTEN)
def test_a_value_is_written_so_that_it_reads_back(value, text):
    assert merged("", {"a": value}) == "a: %s\n" % text
    read_back = read(merge(b"x: {a: other}\n", {"x.a": value}).content)["x.a"]
    assert isinstance(read_back, list) == isinstance(value, (list, tuple))
    assert same_value(read_back, value)


@pytest.mark.parametrize("name, text", [("a.b-c_d", "a.b-c_d"), ("9200", '"9200"'), ("a b.c", '"a b.c"'), ("true", '"true"')])
def test_a_name_is_written_so_that_it_reads_back(name, text):
    assert merged("", {name: "v"}) == "%s: v\n" % text


BAD_REQUEST = [
    ({"a": None}, (), "value wanted for a"), ({"a": {"b": 1}}, (), "value wanted for a"), ({"a": [["b"]]}, (), "value wanted for a"),
    ({"a": float("nan")}, (), "value wanted for a"), ({"a": b"x"}, (), "value wanted for a"), ({"a": "\0"}, (), "value wanted for a"),
    ({"a": "\udce9"}, (), "value wanted for a"), ({"": 1}, (), "not the name"), ({"a..b": 1}, (), "not the name"),
    ({}, ["a."], "not the name"), ({1: 1}, (), "not the name"), ({"a.b": 1}, ["a"], "both wanted and absent"),
    ({"a": 1}, ["a"], "both wanted and absent"),
]


@pytest.mark.parametrize("wanted, absent, message", BAD_REQUEST)
def test_bad_request(wanted, absent, message):
    with pytest.raises(SettingsFileError, match=message):
        merge(b"", wanted, absent)


# ---- changing ------------------------------------------------------------------------------------------------------------------

CHANGED = {
    "only the value": ("# h\na.b:  'x'   # c\nz: 1\n", {"a.b": "y"}, "# h\na.b:  y   # c\nz: 1\n"),
    "nested": ("a:\n    b:\n        c: 1 # c\n", {"a.b.c": 2}, "a:\n    b:\n        c: 2 # c\n"),
    "mixture": ("a.b:\n  c: 1\n", {"a.b.c": 2}, "a.b:\n  c: 2\n"),
    "odd spacing": ("a   :    1    \n", {"a": 2}, "a   :    2    \n"),
    "no final newline": ("b: 1\na: 1", {"a": "z"}, "b: 1\na: z"),
    "CRLF": ("a: 1\r\nb: 2\r\n", {"a": 3}, "a: 3\r\nb: 2\r\n"),
    "byte order mark": ("\ufeffa: 1\n", {"a": 2}, "\ufeffa: 2\n"),
    "marker": ("---\na: 1\n...\n", {"a": 2}, "---\na: 2\n...\n"),
    "unicode around": ("# é😀\nn: 😀 # 😀\na: 1\n", {"a": "é"}, '# é😀\nn: 😀 # 😀\na: "é"\n'),
    "tabs": ("a: 1\t# c\t\n", {"a": 2}, "a: 2\t# c\t\n"),
    "several": ("a: 1\nb: 2\nc: 3\n", {"c": 4, "a": 5}, "a: 5\nb: 2\nc: 4\n"),
    "braces": ("a: {b: 1, c: 'x', \"d\":1} # c\n", {"a.c": "h:1", "a.d": True}, "a: {b: 1, c: \"h:1\", \"d\":true} # c\n"),
    "braces around all": ("{a: 1, b: {c: 2}}\n", {"b.c": "x,y"}, '{a: 1, b: {c: "x,y"}}\n'),
    "braces over lines": ("a: { # c\n  b: 1, # d\n  c: 2 }\n", {"a.b": 3}, "a: { # c\n  b: 3, # d\n  c: 2 }\n"),
    "list in brackets": ("a: [x,\n  y] # c\n", {"a": ["z"]}, 'a: ["z"] # c\n'),
    "list with dashes": ("a: # c\n  # d\n  - x # e\n  # f\n  - |\n    y\n# g\n", {"a": ["z", 1]}, 'a: ["z", 1] # c\n  # d\n  # f\n# g\n'),
    "list with dashes, not indented": ("a:\n- x\n- y\nb: 1\n", {"a": "z"}, "a: z\nb: 1\n"),
    "list with dashes on their own": ("a:\n  -\n    x\n  - y\n", {"a": "z"}, "a: z\n"),
    "list with dashes at the end": ("a:\n  - x", {"a": "z"}, "a: z\n"),
    "text over lines": ("a: x\n  y\nb: 1\n", {"a": "z"}, "a: z\nb: 1\n"),
    "quoted text over lines": ("a: 'x\n\n  y' # c\nb: 1\n", {"a": "z"}, "a: z # c\nb: 1\n"),
    "block scalar": ("a: |- # c\n  x\n\n  y\n\n# d\nb: 1\n", {"a": "z"}, "a: z # c\n\n# d\nb: 1\n"),
    "empty block scalar": ("a: |\nb: 1\n", {"a": "z"}, "a: z\nb: 1\n"),
    "placeholder with a placeholder": ("a: ${X}\n", {"a": "${Y}"}, "a: ${Y}\n"),
    "unquoted placeholders in brackets elsewhere": ("h: [${X}, ${Y}] # c\na: 1\n", {"a": 2}, "h: [${X}, ${Y}] # c\na: 2\n"),
    "anchors, aliases and tags elsewhere": ("a: &x v\nb: *x\nc: !!str 5\nd: 1\n", {"d": 2}, "a: &x v\nb: *x\nc: !!str 5\nd: 2\n"),
    "merge key elsewhere": ("a: {<<: *x}\nd: 1\n", {"d": 2}, "a: {<<: *x}\nd: 2\n"),
    "complex key": ("? a\n: 1\n", {"a": 2}, "? a\n: 2\n"),
    "same meaning, other form": ("a: 'true'\nb: x, y\nc: 5 # c\nd: yes\n", {"a": True, "b": ["x", "y"], "c": "5", "d": True},
                                 "a: 'true'\nb: x, y\nc: 5 # c\nd: yes\n"),
}

ADDED = {
    "to nothing": ("", "n.a: v\nn.b: [\"x\"]\n"),
    "to a byte order mark": ("\ufeff", "\ufeffn.a: v\nn.b: [\"x\"]\n"),
    "to comments": ("# c\n", "# c\n\nn.a: v\nn.b: [\"x\"]\n"),
    "to a marker": ("---", "---\n\nn.a: v\nn.b: [\"x\"]\n"),
    "behind a blank line": ("z: 1\n\n", "z: 1\n\nn.a: v\nn.b: [\"x\"]\n"),
    "behind spaces": ("z: 1\n  ", "z: 1\n  \nn.a: v\nn.b: [\"x\"]\n"),
    "without final newline": ("z: 1", "z: 1\n\nn.a: v\nn.b: [\"x\"]\n"),
    "with CRLF": ("z: 1\r\ny: 2", "z: 1\r\ny: 2\r\n\r\nn.a: v\r\nn.b: [\"x\"]\r\n"),
    "with CR": ("z: 1\ry: 2", "z: 1\ry: 2\r\rn.a: v\rn.b: [\"x\"]\r"),
    "beside nested siblings": ("n:\n  c: 1\n", "n:\n  c: 1\n\nn.a: v\nn.b: [\"x\"]\n"),
    "to an indented file": ("  z: 1\n", "  z: 1\n\n  n.a: v\n  n.b: [\"x\"]\n"),
    "before the end marker": ("z: 1\n... # c\n# d\n", "z: 1\n\nn.a: v\nn.b: [\"x\"]\n... # c\n# d\n"),
    "behind a list": ("z:\n- 1\n- 2", "z:\n- 1\n- 2\n\nn.a: v\nn.b: [\"x\"]\n"),
    "behind a block scalar": ("z: |\n  x\n", "z: |\n  x\n\nn.a: v\nn.b: [\"x\"]\n"),
    "in braces": ("{z: 1} # c\n", '{z: 1, n.a: v, n.b: ["x"]} # c\n'),
    "in braces with a comma": ("{z: [1],}", '{z: [1], n.a: v, n.b: ["x"],}'),
    "in empty braces": ("{}\n", '{n.a: v, n.b: ["x"]}\n'),
}

REMOVED = {
    "flat": ("# h\na.b: 1 # c\n# d\nz: 1\n", ["a.b"], "# h\n# d\nz: 1\n"),
    "nested, others stay": ("a:\n  b: 1\n  c: 2\n", ["a.b"], "a:\n  c: 2\n"),
    "nested, parents go": ("a: # x\n  # y\n  b: # z\n    c: 1\n\n# d\nz: 1\n", ["a.b.c"], "  # y\n\n# d\nz: 1\n"),
    "all below a name": ("a.b: 1\na:\n  c: 2\n  d.e: 3\nab: 4\n", ["a"], "ab: 4\n"),
    "all below a longer name": ("a:\n  b:\n    c: 1\n  b.d: 2\n  e: 3\na.b.f: 4\n", ["a.b"], "a:\n  e: 3\n"),
    "at the end without newline": ("z: 1\na: 1", ["a"], "z: 1\n"),
    "CRLF": ("a: 1\r\nz: 1\r\n", ["a"], "z: 1\r\n"),
    "everything": ("a: 1\n", ["a"], ""),
    "list with dashes": ("a: # x\n  - 1\n  # y\n  - 2\nz: 1\n", ["a"], "  # y\nz: 1\n"),
    "list in brackets": ("a: [1,\n  2]\nz: 1\n", ["a"], "z: 1\n"),
    "text over lines": ("a: x\n  y\nz: 1\n", ["a"], "z: 1\n"),
    "block scalar": ("a: |\n  x\n\n  y\n\nz: 1\n", ["a"], "\nz: 1\n"),
    "complex key": ("? a\n: 1\nz: 1\n", ["a"], "z: 1\n"),
    "first in braces": ("a: {b: 1, c: 2, d: 3} # c\n", ["a.b"], "a: {c: 2, d: 3} # c\n"),
    "middle in braces": ("a: {b: 1, c: 2, d: 3}\n", ["a.c"], "a: {b: 1, d: 3}\n"),
    "last in braces": ("a: {b: 1, c: 2, d: 3,}\n", ["a.c", "a.d"], "a: {b: 1,}\n"),
    "first and last in braces": ("a: {b: 1, c: [2], d: 3}\n", ["a.b", "a.d"], "a: {c: [2]}\n"),
    "all in braces": ("z: 1\na: {b: 1, c: {d: 2}} # c\n", ["a"], "z: 1\n"),
    "braces in braces": ("{a: {b: 1}, c: {d: 2, e: 3}}", ["a.b", "c.d"], "{c: {e: 3}}"),
    "all of a file in braces": ("--- {a: 1, b: 2} # c\n", ["a", "b"], "--- {} # c\n"),
    "braces over lines": ("a: {\n  b: 1,\n  c: 2\n}\n", ["a.c"], "a: {\n  b: 1\n}\n"),
    "an empty mapping is no setting": ("a: {b: 1, c: {}}\n", ["a"], "a: {c: {}}\n"),
    "placeholder": ("a: ${X}\nz: 1\n", ["a"], "z: 1\n"),
    "not there": ("a: 1\n", ["b", "a.b", "aa"], "a: 1\n"),
}


@pytest.mark.parametrize("text, wanted, expected", CHANGED.values(), ids=CHANGED.keys())
def test_changes_in_place(text, wanted, expected):
    assert merged(text, wanted) == expected


@pytest.mark.parametrize("text, expected", ADDED.values(), ids=ADDED.keys())
def test_adds(text, expected):
    assert merged(text, {"n.a": "v", "n.b": ["x"]}) == expected


@pytest.mark.parametrize("text, absent, expected", REMOVED.values(), ids=REMOVED.keys())
def test_removes(text, absent, expected):
    assert merged(text, {}, absent) == expected


def test_line_ends_stay_when_the_line_that_shows_them_goes():
    assert merged("a: 1\r\n# c", {"n": 1}, ["a"]) == "# c\r\n\r\nn: 1\r\n"


def test_all_at_once():
    text = "# head\na:\n  b: 1 # b\n  c: 2\nd: {e: 1, f: 2}\ng:\n- x"
    wanted = {"n": 1, "a.c": 3, "d.f": "x", "g": ["y"]}
    assert merged(text, wanted, ["a.b", "d.e"]) == '# head\na:\n  c: 3\nd: {f: x}\ng: ["y"]\n\nn: 1\n'


def test_a_parent_whose_settings_are_removed_may_become_a_setting():
    assert merged("c:\n  d: 1\n", {"c": 3}, ["c.d"]) == "c: 3\n"


def test_changes_are_named_with_both_values():
    result = merge(b"a: yes\nb: [x]\nc: ${X}\nd: 1\ne.f: 2\n", {"n": 5, "a": False, "c": "v", "d": "1"}, ["e", "b"])
    assert result.changes == [Change("n", None, 5), Change("a", True, False), Change("b", ["x"], None), Change("e.f", 2, None)]
    assert result.kept == ["c"]


@pytest.mark.parametrize("value", ["${X}", "'${X}'", "p-${X}", "[a, '${X}']", "[${X}]"])
def test_a_placeholder_is_kept_and_said_to_be(value):
    text = ("a: %s\n" % value).encode("utf-8")
    assert merge(text, {"a": "v"}).kept == ["a"]
    assert merge(text, {"a": "v"}).content == text
    assert merge(text, {"a": "v"}).changed is False


def test_the_placeholder_that_is_wanted_is_not_called_kept():
    result = merge(b"a: ${X}\n", {"a": "${X}"})
    assert (result.content, result.changes, result.kept) == (b"a: ${X}\n", [], [])


AMBIGUOUS = {
    "parent where a value is wanted": ("x: 1\na:\n  b: 1\n", {"a": 1}, (), 2, "a is to have a value, but here it is a parent"),
    "flat parent where a value is wanted": ("x: 1\na.b.c: 1\n", {"a.b": 1}, (), 2, "a.b is to have a value, but here it is a parent"),
    "empty parent where a value is wanted": ("a.b: {}\n", {"a.b": 1}, (), 1, "a.b is to have a value, but here it is a parent"),
    "value where a parent is wanted": ("x: 1\na.b: 1\n", {"a.b.c": 1}, (), 2, "a.b.c is to be set, but a.b has a value here"),
    "anchor": ("a: &x 1\nb: *x\n", {"a": 2}, (), 1, "a is tied to the anchor &x"),
    "anchor around": ("x: 1\na: &x\n  b: 1\n", {}, ["a"], 3, "a.b is tied to the anchor &x"),
    "anchor in a list": ("a: [&x 1]\n", {"a": 2}, (), 1, "a is tied to the anchor &x"),
    "anchor on a name": ("&x a: 1\n", {"a": 2}, (), 1, "a is tied to the anchor &x"),
    "alias": ("a: &x 1\nb: *x\n", {"b": 2}, (), 2, "b is tied to the alias *x"),
    "alias removed": ("a: &x 1\nb: *x\n", {}, ["b"], 2, "b is tied to the alias *x"),
    "tag": ("a: !!str 1\n", {"a": 2}, (), 1, "a is tied to the tag"),
    "tag around": ("a: !!map {b: 1}\n", {"a.b": 2}, (), 1, "a.b is tied to the tag"),
    "merge key beside": ("x: &x {k: 1}\na:\n  <<: *x\n  b: 1\n", {"a.b": 2}, (), 3, "a merge key (<<) stands beside a.b"),
    "merge key beside a new one": ("x: &x {k: 1}\na:\n  <<: *x\n", {"a.k": 2}, (), 3, "a merge key (<<) stands beside a.k"),
    "merge key at the top": ("<<: {k: 1}\nb: 1\n", {"b": 2}, (), 1, "a merge key (<<) stands beside b"),
    "comment in braces": ("a: {\n  b: 1, # c\n  c: 1 }\n", {}, ["a.b"], 2, "braces that hold comments"),
}


@pytest.mark.parametrize("text, wanted, absent, line, message", AMBIGUOUS.values(), ids=AMBIGUOUS.keys())
def test_refuses_a_form_that_makes_the_change_ambiguous(text, wanted, absent, line, message):
    with pytest.raises(SettingsFileError) as error:
        merge(text.encode("utf-8"), wanted, absent, where="es.yml")
    assert str(error.value).startswith("es.yml: line %d: " % line)
    assert message in str(error.value)
    assert error.value.remedy


SPLICE_WOULD_GO_WRONG = {
    "a comment would become text": ("x: |\n  text\nb:\n  # note\n  c: 1\n", {}, ["b"]),
    "a blank line would become text": ("x: |+\n  text\n", {"n": 1}, ()),
    "a list behind a complex key": ("? a\n: - x\n", {"a": 1}, ()),
    "a line break would become text": ("x: |\n  text", {"n": 1}, ()),
}


@pytest.mark.parametrize("text, wanted, absent", SPLICE_WOULD_GO_WRONG.values(), ids=SPLICE_WOULD_GO_WRONG.keys())
def test_the_result_is_read_again_before_it_is_returned(text, wanted, absent):
    with pytest.raises(SettingsFileError, match="would not mean what it should"):
        merge(text.encode("utf-8"), wanted, absent)


def test_refuses_to_leave_a_marker_without_settings():
    with pytest.raises(SettingsFileError, match="behind '---'"):
        merge(b"---\na: 1\n", {}, ["a"])


KIBANA_YML = b"""\
server.host: "0.0.0.0"   # everywhere
elasticsearch.username:
logging.loggers:
  - name: http           # a mapping
    appenders: [file, {deep: [1]}]
xpack: {fleet: {packages: [{name: system}]}}
last: 1
"""


def test_what_only_kibana_takes_is_left_alone():
    merged = merge(KIBANA_YML, {"last": 2, "new.one": "x"}, ["server.host"], "kibana.yml", KIBANA)
    assert merged.content == KIBANA_YML.replace(b'server.host: "0.0.0.0"   # everywhere\n', b"").replace(b"last: 1", b"last: 2") + b"\nnew.one: x\n"
    with pytest.raises(SettingsFileError, match="line 2: elasticsearch.username has no value; Elasticsearch does not"):
        merge(KIBANA_YML, {"last": 2})


@pytest.mark.parametrize(("name", "words"), [
    ("elasticsearch.username", "line 2: elasticsearch.username is tied to an empty value"),
    ("logging.loggers", "line 3: logging.loggers is tied to a list of more than plain values"),
    ("xpack.fleet.packages", "line 6: xpack.fleet.packages is tied to a list of more than plain values"),
])
def test_what_only_kibana_takes_is_not_changed(name, words):
    with pytest.raises(SettingsFileError, match=words):
        merge(KIBANA_YML, {name: "x"}, [], "kibana.yml", KIBANA)


def test_an_empty_value_can_be_removed():
    gone = merge(KIBANA_YML, {}, ["elasticsearch.username"], "kibana.yml", KIBANA)
    assert gone.content == KIBANA_YML.replace(b"elasticsearch.username:\n", b"")
