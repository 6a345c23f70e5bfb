# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Settings of an elasticsearch.yml or kibana.yml: reading them, and merging wanted ones in while every other byte stays as it was.

The text is never written anew from parsed YAML: values and lines are located in it and spliced. `a.b: v`, nested mappings and any
mixture of both are the same setting.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import List

from ansible_collections.interlock.cluster.plugins.module_utils._stores.settings_splice import (
    line_break, removals, replacements, splice, with_added,
)
from ansible_collections.interlock.cluster.plugins.module_utils._stores.settings_tree import (
    ELASTICSEARCH, KIBANA, UNUSABLE, Mapping, SettingsFileError, parse, refusal,
)
from ansible_collections.interlock.cluster.plugins.module_utils._stores.settings_value import has_placeholder, meaning, same_value

__all__ = ["ELASTICSEARCH", "KIBANA", "Change", "Merge", "SettingsFileError", "merge", "read", "same_value"]

_BYTE_ORDER_MARK = "\ufeff"


@dataclass(frozen=True)
class Change:
    """One setting whose meaning changes; before or after is None where it is not there."""

    name: str
    before: object
    after: object


@dataclass(frozen=True)
class Merge:
    """The file's new bytes and what differs. kept: wanted settings left alone because their value is a ${...} placeholder."""

    content: bytes
    changes: List[Change]
    kept: List[str]

    @property
    def changed(self):
        return bool(self.changes)


def read(content, where="elasticsearch.yml", dialect=ELASTICSEARCH):
    """The settings by full dotted name, in the order of the file; the items of a list are texts, as they are for Elasticsearch.

    Raises SettingsFileError, naming the line, on what is not UTF-8 or not YAML, on several documents, on a file that is no
    mapping, on a setting without value and on one that is written twice.
    """
    return _values(parse(_decoded(content, where)[1], where, dialect))


def merge(content, wanted, absent=(), where="elasticsearch.yml", dialect=ELASTICSEARCH):
    """Give the wanted settings (flat dotted name to bool, number, text or list of these) their values and remove the absent ones.

    An absent name covers everything below it. A setting that is there is changed in place, a new one is appended at the end of
    the file. A present value with a ${...} placeholder is kept, its meaning being unknown here, unless the wanted value is a
    placeholder too. Raises SettingsFileError as read() does, and where the form of the file does not allow the change.
    """
    wanted, absent = dict(wanted), list(absent)
    _check_request(wanted, absent, where)
    mark, text = _decoded(content, where)
    document = parse(text, where, dialect)
    before = _values(document)
    kept = [name for name, value in wanted.items() if has_placeholder(before.get(name)) and not has_placeholder(value)]
    changes = [Change(name, before.get(name), value) for name, value in wanted.items()
               if name not in kept and not (name in before and same_value(before[name], value))]
    changes += [Change(name, value, None) for name, value in before.items() if _covered(name, absent)]
    if not changes:
        return Merge(content, [], kept)
    _check_form(document, changes, absent, where, dialect)
    text = _changed_text(text, document, changes, absent, where, dialect)
    return Merge((mark + text).encode("utf-8"), changes, kept)


def _decoded(content, where):
    """The byte order mark, if there is one, and the text behind it."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise refusal(where, content.count(b"\n", 0, error.start) + 1, "the text is not UTF-8") from None
    unusable = UNUSABLE.search(text)
    if unusable:
        line = text.count("\n", 0, unusable.start()) + 1
        raise refusal(where, line, "the character U+%04X cannot be part of settings" % ord(unusable.group()))
    return (_BYTE_ORDER_MARK, text[1:]) if text.startswith(_BYTE_ORDER_MARK) else ("", text)


def _values(document):
    return {name: entry.value.value for name, entry in document.settings.items()}


def _covered(name, absent):
    return any(name == other or name.startswith(other + ".") for other in absent)


def _check_request(wanted, absent, where):
    for name in list(wanted) + absent:
        if not isinstance(name, str) or not all(name.split(".")) or UNUSABLE.search(name):
            raise SettingsFileError("%r is not the name of a setting" % (name,), where=where)
    for name, value in wanted.items():
        items = value if isinstance(value, (list, tuple)) else [value]
        if not all(_is_writable(item) for item in items):
            raise SettingsFileError("the value wanted for %s is not text, a number, true, false or a list of these" % name, where=where,
                                    remedy="Write what is nested as dotted names, and name as absent what is to be removed.")
        if _covered(name, absent):
            raise SettingsFileError("%s is both wanted and absent" % name, where=where)


def _is_writable(item):
    if isinstance(item, str):
        return not UNUSABLE.search(item)
    return isinstance(item, int) or isinstance(item, float) and math.isfinite(item)


def _check_form(document, changes, absent, where, dialect):
    """Refuse what is written in a form that makes the change ambiguous."""
    for change in changes:
        entry = document.settings.get(change.name)
        if entry and entry.special:
            raise refusal(where, entry.line, "%s is tied to %s and cannot be changed safely" % (entry.name, entry.special),
                          "Write it as a plain value.")
    added = [change.name for change in changes if change.before is None]
    for entry in _entries(document.root):
        for name in [change.name for change in changes] if entry.name.split(".")[-1] == "<<" else ():
            if name.startswith(entry.name[:-2]):
                raise refusal(where, entry.line, "a merge key (<<) stands beside %s; %s does not apply it" % (name, dialect.program),
                              "Write out what it is meant to merge.")
        for name in added if not _is_gone(entry, absent) else ():
            _check_neighbour(entry, name, where)


def _check_neighbour(entry, name, where):
    """A name is a setting or a parent of settings, not both."""
    is_setting = not isinstance(entry.value, Mapping)
    if entry.name.startswith(name + ".") or entry.name == name and not is_setting:
        raise refusal(where, entry.line, "%s is to have a value, but here it is a parent of settings" % name,
                      "Remove them or name them absent.")
    if is_setting and name.startswith(entry.name + "."):
        raise refusal(where, entry.line, "%s is to be set, but %s has a value here" % (name, entry.name), "Remove that line.")


def _entries(mapping):
    """Every entry of the mapping and of those below it."""
    for entry in mapping.entries if mapping else ():
        yield entry
        if isinstance(entry.value, Mapping):
            yield from _entries(entry.value)


def _is_gone(entry, absent):
    """Whether nothing is left of the entry. A mapping goes with its last setting: Elasticsearch does not start with `a:` alone."""
    if isinstance(entry.value, Mapping):
        return bool(entry.value.entries) and all(_is_gone(child, absent) for child in entry.value.entries)
    return _covered(entry.name, absent)


def _changed_text(text, document, changes, absent, where, dialect):
    edits = removals(text, document.root, lambda entry: _is_gone(entry, absent), where) if document.root else []
    for change in changes:
        if change.before is not None and change.after is not None:
            edits += replacements(text, document.settings[change.name], change.after)
    spliced = splice(text, edits)
    added = [(change.name, change.after) for change in changes if change.before is None]
    expected = {change.name: change.after for change in changes if change.after is not None}
    for name, value in _values(document).items():
        if not _covered(name, absent):
            expected.setdefault(name, value)
    try:
        if added:
            spliced = with_added(spliced, parse(spliced, where, dialect), added, line_break(text))
        result = parse(spliced, where, dialect)
    except SettingsFileError as error:
        raise _inconsistent(changes[0].name, where) from error
    _check_result(result, expected, where, dialect)
    return spliced


def _check_result(result, expected, where, dialect):
    """The last word: whatever the splicing did, no file leaves this module that means anything but what was asked for."""
    found = _values(result)
    for name in list(expected) + list(found):
        if name not in found or name not in expected or meaning(found[name]) != meaning(expected[name]):
            raise _inconsistent(name, where)
    if result.marker and not result.root:
        raise SettingsFileError("no setting would be left behind '---'; %s does not start with that" % dialect.program, where=where,
                                remedy="Remove the '---', or keep a setting.")


def _inconsistent(name, where):
    return SettingsFileError("the changed file would not mean what it should at %s, so it is left as it was" % name, where=where,
                             remedy="Write this setting and those around it as name: value, each on a line of its own.")
