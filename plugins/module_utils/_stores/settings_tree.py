# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An elasticsearch.yml or kibana.yml as a tree of entries that know where in the text they stand.

Read from PyYAML's events, not its nodes: an alias must keep its place, and Elasticsearch does not resolve it (it takes the name of
the anchor as the value). Refused is what Elasticsearch does not start with (Settings.fromXContent and Jackson's duplicate
detection), and a setting written twice in different forms, of which it silently takes the last.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Dict, List, Optional, Tuple, Union


from ansible_collections.interlock.cluster.plugins.module_utils._deps import yaml
from ansible_collections.interlock.cluster.plugins.module_utils._errors import InterlockError
from ansible_collections.interlock.cluster.plugins.module_utils._stores.settings_value import PLACEHOLDER, read_scalar

# ${X} may stand where YAML allows no braces, for Elasticsearch 8 and newer puts the variable's text in before it reads YAML; and
# SnakeYAML takes a tab behind a plain value, PyYAML does not. So PyYAML is given a text of equal length: characters of a
# placeholder moved out of the way to a private plane, tabs behind a value as spaces.
_TAB_BEHIND_VALUE = re.compile(r"(?<=[^\s:,\[\]{}\"'|>-])[ \t]*\t[ \t]*(?=[#\r\n]|\Z)")
_MASK = {code: 0x100000 + code for code in range(0x20, 0x7F)}
_UNMASK = {masked: code for code, masked in _MASK.items()}
UNUSABLE = re.compile("[\0\ud800-\udfff\U00100000-\U0010ffff]")


@dataclass(frozen=True)
class Dialect:
    """Who reads the file. lenient: also takes names without a value, and lists of more than plain values; both are left alone."""

    program: str
    lenient: bool = False


ELASTICSEARCH = Dialect("Elasticsearch")
KIBANA = Dialect("Kibana", lenient=True)


class SettingsFileError(InterlockError):
    """A settings file that cannot be read or changed safely; the message names the line."""


@dataclass
class Value:
    """A scalar or a list of scalars. spans: where its characters stand, a block list has a span for each item."""

    value: object
    spans: List[Tuple[int, int]]
    block_list: bool = False


@dataclass
class Mapping:
    """A mapping; in_braces: written {...}. start and end are offsets, of one in braces including them."""

    entries: List[Entry]
    in_braces: bool
    start: int
    end: int
    column: int


@dataclass
class Entry:
    """A key and what it holds. name: all keys down to it, joined with dots. end: offset behind the colon, or behind the key if the
    colon is not next to it. special: the anchor, alias or tag on it or around it, in words. in_braces: written inside {...}."""

    name: str
    start: int
    end: int
    line: int
    special: Optional[str]
    in_braces: bool
    value: Union[Value, Mapping, None] = None


@dataclass
class Document:
    """root: None when there is no setting. end: offset where lines can be appended. marker: it begins with '---'."""

    root: Optional[Mapping]
    end: int
    marker: bool
    settings: Dict[str, Entry]


def parse(text, where, dialect=ELASTICSEARCH):
    """Read the text (without byte order mark) into a Document; raises SettingsFileError with the line."""
    reader = _Reader(text, where, dialect)
    document = reader.document()
    if document.root:
        reader.collect(document.root, document.settings)
    return document


def refusal(where, line, message, remedy=None):
    """A SettingsFileError about one line."""
    return SettingsFileError("line %d: %s" % (line, message), where=where, remedy=remedy)


class _Reader:
    def __init__(self, text, where, dialect):
        self.text = text
        self.where = where
        self.dialect = dialect
        self.events = iter(self._events())

    def _events(self):
        masked = PLACEHOLDER.sub(lambda found: found.group().translate(_MASK), self.text)
        masked = _TAB_BEHIND_VALUE.sub(lambda found: " " * len(found.group()), masked)
        try:
            return list(yaml.parse(masked, Loader=yaml.SafeLoader))
        except yaml.reader.ReaderError as error:
            line = self.text.count("\n", 0, error.position) + 1
            raise refusal(self.where, line, "the character U+%04X is not allowed in YAML" % error.character) from None
        except yaml.MarkedYAMLError as error:
            problem = (error.problem or "the text cannot be read").replace("'\\t'", "tab")
            raise refusal(self.where, error.problem_mark.line + 1, "not valid YAML: %s" % problem,
                          "Repair the line; YAML is indented with spaces, never with tabs.") from None

    def document(self):
        next(self.events)
        start = next(self.events)
        if isinstance(start, yaml.StreamEndEvent):
            return Document(None, len(self.text), False, {})
        root = self._root(next(self.events))
        end = next(self.events)
        following = next(self.events)
        if isinstance(following, yaml.DocumentStartEvent):
            raise self._refuse(following, "a second YAML document begins; %s reads one only" % self.dialect.program,
                               "Remove it with its '---'.")
        return Document(root, end.start_mark.index if end.explicit else len(self.text), start.explicit, {})

    def _root(self, event):
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(event, "", _special(event))
        if isinstance(event, yaml.ScalarEvent) and event.start_mark.index == event.end_mark.index:
            return None
        raise self._refuse(event, "the file does not hold settings (name: value), but a list or a single value")

    def _mapping(self, start, prefix, special):
        entries = []
        for key in self.events:
            if isinstance(key, yaml.MappingEndEvent):
                return Mapping(entries, bool(start.flow_style), start.start_mark.index, key.end_mark.index, start.start_mark.column)
            if not isinstance(key, yaml.ScalarEvent):
                raise self._refuse(key, "the name of a setting must be plain text")
            entry = self._entry(key, prefix, special, bool(start.flow_style))
            self._refuse_second(entry, next((other for other in entries if other.name == entry.name), None))
            entries.append(entry)

    def _entry(self, key, prefix, special, in_braces):
        name = prefix + key.value.translate(_UNMASK)
        event = next(self.events)
        special = special or _special(key) or _special(event)
        end = re.compile(r"(?:[ \t]*:)?").match(self.text, key.end_mark.index).end()
        entry = Entry(name, key.start_mark.index, end, key.start_mark.line + 1, special, in_braces)
        if isinstance(event, yaml.MappingStartEvent):
            entry.value = self._mapping(event, name + ".", special)
        elif isinstance(event, yaml.SequenceStartEvent):
            entry.value = self._list(event, entry)
        else:
            entry.value = Value(self._scalar(event, entry, read_scalar), self._spans(event))
        return entry

    def _list(self, start, entry):
        items, spans = [], []
        for event in self.events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            if not isinstance(event, (yaml.ScalarEvent, yaml.AliasEvent)):
                if not self.dialect.lenient:
                    raise self._refuse(event, "the list %s holds something else than plain values" % entry.name)
                return self._untouchable(start, self._end_of(start, (start, event)), entry, "a list of more than plain values")
            entry.special = entry.special or _special(event)
            items.append(self._scalar(event, entry, _read_item))
            dash = self.text.rfind("-", start.start_mark.index, event.start_mark.index)
            spans.append((dash, self._spans(event)[-1][1]))
        if start.flow_style:
            return Value(items, [(start.start_mark.index, event.end_mark.index)])
        return Value(items, spans, block_list=True)

    def _end_of(self, start, begun):
        """The event that ends what start begins, the events in begun having been taken already."""
        depth = sum(isinstance(event, yaml.CollectionStartEvent) for event in begun)
        event = start
        while depth:
            event = next(self.events)
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        return event

    def _untouchable(self, start, end, entry, why):
        """A value that is carried along as its text, and refused to be changed."""
        entry.special = entry.special or why
        span = (start.start_mark.index, end.end_mark.index)
        return Value(self.text[slice(*span)].rstrip(), [span])

    def _scalar(self, event, entry, read):
        if isinstance(event, yaml.AliasEvent):
            return event.anchor
        value = read(event.value.translate(_UNMASK), not event.style and event.tag is None)
        if value is None and self.dialect.lenient:
            entry.special = entry.special or "an empty value"
            return ""
        if value is None:
            raise self._refuse(event, "%s has no value; %s does not start with that" % (entry.name, self.dialect.program),
                               "Give it a value or remove the line.")
        return value

    def _spans(self, event):
        """Of a block scalar its header (| or >, without the comment behind it) and its lines; else just where it stands."""
        start, end = event.start_mark.index, event.end_mark.index
        if getattr(event, "style", None) not in ("|", ">"):
            return [(start, end)]
        header = re.compile(r"[|>][-+0-9]*").search(self.text, start).end()
        first_line_end = re.compile(r"[^\r\n]*").match(self.text, header).end()
        return [(start, header), (first_line_end, max(first_line_end, len(self.text[:end].rstrip())))]

    def collect(self, mapping, settings):
        """Add every setting below the mapping to settings, by full name and in the order of the file."""
        for entry in mapping.entries:
            if isinstance(entry.value, Mapping):
                self.collect(entry.value, settings)
            else:
                self._refuse_second(entry, settings.get(entry.name))
                settings[entry.name] = entry

    def _refuse_second(self, entry, first):
        if first:
            raise refusal(self.where, entry.line, "%s is written a second time, after line %d" % (entry.name, first.line),
                          "Keep one of the two: %s does not start with both, or takes the last one silently." % self.dialect.program)

    def _refuse(self, event, message, remedy=None):
        return refusal(self.where, event.start_mark.line + 1, message, remedy)


def _read_item(text, plain):
    return None if read_scalar(text, plain) is None else text


def _special(event):
    if isinstance(event, yaml.AliasEvent):
        return "the alias *%s" % event.anchor
    if event.anchor:
        return "the anchor &%s" % event.anchor
    return "the tag %s" % event.tag if event.tag else None
