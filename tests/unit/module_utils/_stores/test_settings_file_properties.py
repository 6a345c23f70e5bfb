# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Properties of the merge into an elasticsearch.yml.

A file is made line by line, in any mixture of forms; each line knows the settings it belongs to, so that a test can say what must
become of it.
"""

from __future__ import annotations

import re

from hypothesis import HealthCheck, given, settings, strategies as st

from ansible_collections.interlock.cluster.plugins.module_utils._stores.settings_file import (
    SettingsFileError, merge, read, same_value,
)

thoroughly = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


class Line:
    """text: without its end. names: the settings it belongs to. kind: what becomes of it when one of them changes. comment: behind it."""

    def __init__(self, text, names=(), kind="other", comment=""):
        self.text, self.names, self.kind, self.comment = text + comment, frozenset(names), kind, comment


SEGMENTS = ["a", "b", "ssl", "node", "true", "9200", "x-pack"]
PLAIN = [("v", "v"), ("certs/x", "certs/x"), (7, "7"), ("010", "010"), (True, "yes"), (False, "false"), ("${X}", "${X}"),
         ("p-${X:y}", "p-${X:y}")]
TEXTS = ["", "a: b # c", "é", "}", "x", "10.0.0.1", "it's", "a: #b", "${X}"]
COMMENTS = ["# comment", "#a.b: 1", "# é {[\"'", "#\t${X}", ""]
SCALARS = st.one_of(
    st.sampled_from(["v", "certs/x.p12", "yes", "010", "null", "a: b", "# no", "a,b", "é😀", "", " x", "it's", 'say "x"', "\\", "${X}"]),
    st.text(max_size=6).filter(lambda text: not re.search("[\0\U00100000-\U0010ffff]", text)), st.booleans(), st.integers(-10**6, 10**6))
PIECES = ["a", "b", ": ", ":", "\n", "  ", "- ", "{", "}", "[", "]", ", ", "#", "'", '"', "|", "\t", "${", "&a ", "*a", "---", "...",
          "? ", "<<", "~", "\r", "!!str "]
VALUES = st.one_of(SCALARS, st.lists(SCALARS, max_size=3))
CHOICES = st.randoms(use_true_random=False)


def distinct_names(random):
    """Names of which none is the parent of another."""
    chosen = []
    for _attempt in range(random.randint(0, 8)):
        name = ".".join(random.choice(SEGMENTS) for _segment in range(random.randint(1, 4)))
        if not any(covered(name, [other]) or covered(other, [name]) for other in chosen):
            chosen.append(name)
    return chosen


class File:
    """A settings file in any mixture of forms: its lines, its settings and its text."""

    def __init__(self, random):
        self.random = random
        self.there = {}
        names = distinct_names(random)
        self.lines = [Line("---")] if random.random() < 0.3 else []
        self.lines += self.block([(name, name.split(".")) for name in names], random.choice(["", "", "  "])) + self.noise("")
        self.end = random.choice(["\n", "\r\n"])
        text = "".join(line.text + self.end for line in self.lines)
        if random.random() < 0.3 and self.lines and self.lines[-1].text:
            text = text[:-len(self.end)]
        self.text = random.choice(["", "\ufeff"]) + text

    def noise(self, indent):
        texts = [self.random.choice(COMMENTS) for _line in range(self.random.choice([0, 0, 1, 2]))]
        return [Line(self.random.choice(["", indent]) + text if text else "") for text in texts]

    def grouped(self, items):
        """{key: [(name, segments left below it)]}, each item's key made of one or more of its segments."""
        groups = {}
        for name, segments in items:
            length = self.random.randint(1, len(segments))
            groups.setdefault(".".join(segments[:length]), []).append((name, segments[length:]))
        return groups

    def block(self, items, indent):
        lines = []
        for key, below in self.grouped(items).items():
            lines += self.noise(indent)
            owners = [name for name, _segments in below]
            head, tail = "%s%s:" % (indent, key), self.random.choice(["", " # c", "   #\tc"])
            if not below[0][1]:
                texts = self.value(owners[0], in_braces=False)
                lines.append(Line((head + " " + texts[0]).rstrip(), owners, "value", tail))
                lines += [Line("%s  %s" % (indent, text), owners, "more") for text in texts[1:]]
            elif self.random.random() < 0.3:
                lines.append(Line("%s %s" % (head, self.braces(below)), owners, "braces", tail))
            else:
                lines.append(Line(head + tail, owners, "parent"))
                lines += self.block(below, indent + self.random.choice(["  ", "    "]))
        return lines

    def braces(self, items):
        return "{%s}" % ", ".join("%s: %s" % (key, self.braces(below) if below[0][1] else self.value(below[0][0], in_braces=True)[0])
                                  for key, below in self.grouped(items).items())

    def value(self, name, in_braces):
        """Give the setting a value; its texts: what stands behind the colon, and the lines below it."""
        quote = self.random.choice([lambda text: "'%s'" % text.replace("'", "''"), '"{0}"'.format])
        items = [self.random.choice(TEXTS) for _item in range(self.random.randint(1, 3))]
        plain, text = self.random.choice(PLAIN)
        self.there[name], texts = self.random.choice([
            (plain, [text]), (plain, [text]), (items[0], [quote(items[0])]), (items, ["[%s]" % ", ".join(map(quote, items))]), ([], ["[]"]),
        ] + ([] if in_braces else [(items, [""] + ["- " + quote(item) for item in items]), ("one\ntwo", ["|-", "one", "two"])]))
        return texts


@st.composite
def merges(draw):
    """A file and what is asked of it: settings it has, settings it has not, names to remove with all below them."""
    random = draw(CHOICES)
    file = File(random)
    absent = []
    for name in random.sample(sorted(file.there), min(len(file.there), random.choice([0, 0, 1, 2]))):
        segments = name.split(".")
        absent.append(".".join(segments[:random.randint(1, len(segments))]))
    candidates = sorted(file.there) + ["new.a", "new.b", "new.c.d", "true.new"]
    wanted = {name: draw(VALUES) for name in random.sample(candidates, random.randint(0, 3))}
    return file, {name: value for name, value in wanted.items() if not covered(name, absent)}, absent


def as_text(value):
    return str(value).lower() if isinstance(value, bool) else str(value)


def covered(name, absent):
    return any((name + ".").startswith(other + ".") for other in absent)


def placeholder(value):
    return any("${" in item for item in (value if isinstance(value, list) else [value]) if isinstance(item, str))


def plain_meaning(value):
    return [as_text(item) for item in value] if isinstance(value, list) else as_text(value)


def meanings(values):
    return {name: plain_meaning(value) for name, value in values.items()}


def merge_or_none(file, wanted, absent):
    """The merge, or None where it may refuse: a block scalar would take in what follows, or nothing be left behind '---'."""
    try:
        return merge(file.text.encode("utf-8"), wanted, absent)
    except SettingsFileError as error:
        in_text = "would not mean what it should" in str(error) and any("|-" in line.text for line in file.lines)
        nothing_left = "behind '---'" in str(error) and all(covered(name, absent) for name in file.there)
        parent = "true" in file.there and "true.new" in wanted and "has a value here" in str(error)
        assert in_text or nothing_left or parent, str(error)
        return None


@unhurried
@given(CHOICES)
def test_any_form_is_read(random):
    file = File(random)
    assert meanings(read(file.text.encode("utf-8"))) == meanings(file.there)


@thoroughly
@given(merges())
def test_the_result_means_the_wanted_settings_and_the_untouched_rest(case):
    file, wanted, absent = case
    result = merge_or_none(*case)
    if result is None:
        return
    after = read(result.content)
    kept = {name for name in wanted if placeholder(file.there.get(name)) and not placeholder(wanted[name])}
    assert set(result.kept) == kept
    rest = {name: value for name, value in file.there.items() if not covered(name, absent)}
    assert set(after) == set(rest) | set(wanted)
    for name, value in after.items():
        expected = wanted[name] if name in wanted and name not in kept else rest[name]
        assert same_value(value, expected)
        assert name in wanted or plain_meaning(value) == plain_meaning(file.there[name])
    again = merge(result.content, wanted, absent)
    assert (again.content, again.changes) == (result.content, [])


@thoroughly
@given(merges())
def test_every_line_of_another_setting_stays_as_it_is_and_where_it_is(case):
    file, _wanted, _absent = case
    result = merge_or_none(*case)
    if result is None:
        return
    touched = {change.name for change in result.changes if change.before is not None}
    gone = {change.name for change in result.changes if change.after is None}
    out = result.content.decode("utf-8").lstrip("\ufeff").split(file.end if file.end in file.text else "\n")
    position = 0
    for line in file.lines:
        if line.names and line.names <= gone or line.kind == "more" and line.names & touched:
            continue
        if line.kind in ("value", "braces") and line.names & touched:
            assert out[position].startswith(line.text[:line.text.index(":") + 1])
            assert out[position].endswith(line.comment)
        else:
            assert out[position] == line.text
        position += 1
    added = [change.name for change in result.changes if change.before is None]
    rest = [line for line in out[position:] if line.strip()]
    assert len(rest) == len(added)
    assert all(line.strip().startswith(("%s: " % name, '"%s": ' % name)) for line, name in zip(rest, added))
    if not result.changes:
        assert result.content == file.text.encode("utf-8")


@unhurried
@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(content):
    try:
        result = merge(content, {"new.name": "v"})
    except SettingsFileError:
        return
    assert read(result.content)["new.name"] == "v"


@unhurried
@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
def test_any_yaml_is_read_or_refused(text):
    for wanted, absent in (({"new.name": "v"}, ()), ({"a": "v"}, ["b"]), ({}, ["a"])):
        try:
            result = merge(text.encode("utf-8"), wanted, absent)
        except SettingsFileError:
            continue
        assert set(wanted) <= set(read(result.content))
        assert not {"a", "b"} & set(absent) & set(read(result.content))


@unhurried
@given(SCALARS, SCALARS)
def test_any_value_reads_back(value, other):
    for text in ("", "a: 1\n", "x: {a: 1, b: 2}\n", "a: [1]\n"):
        name = "x.a" if "{" in text else "a"
        for wanted in (value, [value, other]):
            assert same_value(read(merge(text.encode("utf-8"), {name: wanted}).content)[name], wanted)
