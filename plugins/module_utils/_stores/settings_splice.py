# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Edits of an elasticsearch.yml's text: which characters to put in place of which, so that the rest stays as it is.

An edit is (start, end, text): offsets of what goes, and what comes instead.
"""

from __future__ import annotations

import re

from ansible_collections.interlock.cluster.plugins.module_utils._stores.settings_tree import Mapping, refusal
from ansible_collections.interlock.cluster.plugins.module_utils._stores.settings_value import write

_BREAKS = "\r\n\x85\u2028\u2029"  # what YAML 1.1 takes for the end of a line
_REST_OF_LINE = re.compile("[^%s]*(?:\r\n|[%s])?" % (_BREAKS, _BREAKS))


def splice(text, edits):
    """The text with the edits made; what two edits both remove goes once."""
    done, position = [], 0
    for start, end, new in sorted(edits):
        done += [text[position:max(start, position)], new]
        position = max(position, end)
    return "".join(done) + text[position:]


def removals(text, mapping, is_gone, where):
    """Edits that remove the entries for which is_gone(entry) is true: their lines, or their part of {...}."""
    if mapping.in_braces:
        return _removals_in_braces(text, mapping, is_gone, where)
    edits = []
    for entry in mapping.entries:
        if is_gone(entry):
            edits += _lines(text, _spans(entry))
        elif isinstance(entry.value, Mapping):
            edits += removals(text, entry.value, is_gone, where)
    return edits


def _removals_in_braces(text, mapping, is_gone, where):
    entries = mapping.entries
    left = [index for index, entry in enumerate(entries) if not is_gone(entry)]
    inner = [entries[index].value for index in left if isinstance(entries[index].value, Mapping)]
    edits = [edit for value in inner for edit in removals(text, value, is_gone, where)]
    if len(left) == len(entries):
        return edits
    inside = text[mapping.start:mapping.end]
    if "#" in inside and any(mark in inside for mark in _BREAKS):
        raise refusal(where, entries[0].line, "a setting cannot be removed from braces that hold comments",
                      "Write what is in the braces as name: value, each on a line of its own.")
    if not left:
        return [(mapping.start, mapping.end, "{}")]
    for index, entry in enumerate(entries):
        if index < left[-1] and index not in left:
            edits.append((entry.start, entries[index + 1].start, ""))
        elif index > left[-1]:
            edits.append((_end(entries[index - 1]), _end(entry), ""))
    return edits


def replacements(text, entry, value):
    """Edits that give an entry another value. A list written with dashes goes behind the colon, without its lines."""
    written = write(value, entry.in_braces)
    if entry.value.block_list:
        return [(entry.end, entry.end, " " + written)] + _lines(text, entry.value.spans)
    first, rest = entry.value.spans[0], entry.value.spans[1:]
    return [first + (written,)] + [span + ("",) for span in rest]


def line_break(text):
    """How the text ends its lines: as it ends the first one."""
    return re.search("\r\n|\n|\r|$", text).group() or "\n"


def with_added(text, document, settings, end):
    """The text with new settings, (name, value) each: a block of lines ended by end, or the last ones inside the file's braces."""
    root = document.root
    if root and root.in_braces:
        at = _end(root.entries[-1]) if root.entries else root.start + 1
        added = ", ".join("%s: %s" % (write(name, True), write(value, True)) for name, value in settings)
        return splice(text, [(at, at, ", " + added if root.entries else added)])
    head, tail = text[:document.end], text[document.end:]
    if head and head[-1] not in _BREAKS:
        head += end
    if head and head.splitlines()[-1].strip():
        head += end
    indent = " " * (root.column if root else 0)
    block = ["%s%s: %s%s" % (indent, write(name, True), write(value), end) for name, value in settings]
    return head + "".join(block) + tail


def _spans(entry):
    """Where everything of an entry stands, down to the last value below it."""
    spans = [(entry.start, entry.end)]
    if not isinstance(entry.value, Mapping):
        return spans + entry.value.spans
    if entry.value.in_braces:
        return spans + [(entry.value.start, entry.value.end)]
    return spans + [span for child in entry.value.entries for span in _spans(child)]


def _end(entry):
    return entry.value.end if isinstance(entry.value, Mapping) else entry.value.spans[-1][1]


def _lines(text, spans):
    """Edits that remove the whole lines on which the spans stand; lines between them, comments that is, stay."""
    edits = []
    for start, end in spans:
        line_start = max(text.rfind(mark, 0, start) for mark in _BREAKS) + 1
        edits.append((line_start, _REST_OF_LINE.match(text, end).end(), ""))
    return edits
