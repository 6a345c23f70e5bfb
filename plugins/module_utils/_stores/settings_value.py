# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values of an elasticsearch.yml: how Elasticsearch reads them, when two are the same, how one is written.

Elasticsearch keeps every setting as text (Settings.fromXContent): a plain `010` is the text 010, not a number. Only what YAML 1.1
calls a boolean is turned into true or false (so a plain `yes` is true), and in lists not even that.
"""

from __future__ import annotations

import json
import re

from ansible_collections.interlock.cluster.plugins.module_utils._deps import yaml

_RESOLVER = yaml and yaml.resolver.Resolver()
_TAG = "tag:yaml.org,2002:"
_TRUE = ("true", "yes", "on")
_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?")
PLACEHOLDER = re.compile(r"\$\{[^}\r\n]*\}")

# Narrower than YAML: nothing that starts another kind of node, no space, no ":" or "#" where it could end the value.
_PLAIN = re.compile(r"[A-Za-z0-9_./$](?:[A-Za-z0-9_./:@%+,=~${}-]*[A-Za-z0-9_./%+=~}-])?")
_PLAIN_IN_BRACES = re.compile(r"[A-Za-z0-9_./][A-Za-z0-9_./-]*")
_NOT_PRINTABLE = re.compile("[^\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")


def read_scalar(text, plain):
    """The value of a scalar: bool, None, int or float if Python would write the number just so, else its text."""
    tag = _resolved(text) if plain else "str"
    if tag == "null":
        return None
    if tag == "bool":
        return text.lower() in _TRUE
    for name, kind in (("int", int), ("float", float)):
        if tag == name and _NUMBER.fullmatch(text) and str(kind(text)) == text:
            return kind(text)
    return text


def same_value(a, b):
    """Whether Elasticsearch reads the two values alike: by their text, a list also as text with commas between its items."""
    a, b = meaning(a), meaning(b)
    if isinstance(a, list) == isinstance(b, list):
        return a == b
    items, text = (a, b) if isinstance(a, list) else (b, a)
    split = [] if text is None else [part.strip() for part in text.split(",")]
    return bool(text) and all(split) and split == items


def meaning(value):
    """What Elasticsearch keeps of a value: text, a list of texts, or None."""
    if isinstance(value, (list, tuple)):
        return [meaning(item) for item in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(value)


def has_placeholder(value):
    """Whether ${...} stands in the value or in an item of it: what it means is known on the node only."""
    items = value if isinstance(value, (list, tuple)) else [value]
    return any(isinstance(item, str) and PLACEHOLDER.search(item) for item in items)


def write(value, in_braces=False):
    """YAML of a value, on one line: plain where YAML 1.1 reads it back as it is, else in double quotes; a list in brackets."""
    if isinstance(value, (list, tuple)):
        return "[%s]" % ", ".join(_quoted(item) if isinstance(item, str) else meaning(item) for item in value)
    if not isinstance(value, str):
        return meaning(value)
    plain = _PLAIN_IN_BRACES if in_braces else _PLAIN
    return value if plain.fullmatch(value) and _resolved(value) == "str" else _quoted(value)


def _quoted(text):
    return _NOT_PRINTABLE.sub(lambda found: "\\u%04x" % ord(found.group()), json.dumps(text, ensure_ascii=False))


def _resolved(text):
    return _RESOLVER.resolve(yaml.ScalarNode, text, (True, False))[len(_TAG):]
