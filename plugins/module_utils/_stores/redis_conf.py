# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""redis.conf and sentinel.conf of Redis and Valkey: read what counts, change a few directives, keep everything else. Pure.

Rules from config.c (loadServerConfigFromString) and sds.c (sdssplitargs): a line is a directive unless it is empty or begins with
"#"; words may be quoted, in double quotes with escapes; names are case-insensitive; of a directive that has one value the last one
counts; include takes a file, or a pattern, in the place where it stands.
"""

from __future__ import annotations

import re

from ansible_collections.interlock.cluster.plugins.module_utils._errors import InterlockError

# A directive that may stand more than once, each line with a meaning of its own. None of them is ever changed here.
REPEATED = frozenset("include loadmodule rename-command save user client-output-buffer-limit oom-score-adj-values sentinel".split())
ALIASES = {"slaveof": "replicaof"}
_PLAIN = re.compile(r"[^\s\"'\\#]+\Z")
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "a": "\a"}


class ConfError(InterlockError):
    """A configuration file that the server itself would not read either."""


def split_words(line, where="?"):
    """The words of a line, as sdssplitargs makes them. Raises ConfError for unbalanced quotes."""
    words, position = [], 0
    while True:
        while position < len(line) and line[position].isspace():
            position += 1
        if position >= len(line):
            return words
        word, position = _word(line, position, where)
        words.append(word)


def _word(line, position, where):
    word, quote = [], None
    while position < len(line):
        char = line[position]
        if quote == '"' and char == "\\" and position + 1 < len(line):
            text, position = _escape(line, position)
            word.append(text)
            continue
        if quote == "'" and line.startswith("\\'", position):
            word.append("'")
            position += 2
            continue
        if quote:
            if char == quote:
                if position + 1 < len(line) and not line[position + 1].isspace():
                    break
                return "".join(word), position + 1
            word.append(char)
        elif char.isspace():
            return "".join(word), position
        elif char in "\"'":
            quote = char
        else:
            word.append(char)
        position += 1
    if quote:
        raise ConfError("the quotes of a directive do not end where they must", where=where, remedy="Correct the line.")
    return "".join(word), position


def _escape(line, position):
    digits = line[position + 2:position + 4]
    if line[position + 1] == "x" and re.match(r"[0-9a-fA-F]{2}\Z", digits):
        return chr(int(digits, 16)), position + 4
    return _ESCAPES.get(line[position + 1], line[position + 1]), position + 2


def quote(word):
    """A word as it has to stand in a line."""
    if _PLAIN.match(word):
        return word
    text = word.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
    return '"%s"' % text


class Directive:
    """One directive: its name in lower case, its words, and the number of its line (from 0)."""

    def __init__(self, line, name, words):
        self.line, self.name, self.words = line, name, words


class Conf:
    """A configuration file. content: bytes; path: for messages."""

    def __init__(self, content, path):
        self.path = path
        text = content.decode("utf-8", "surrogateescape")
        self.ending = "\r\n" if "\r\n" in text else "\n"
        self.lines = text.split("\n")
        self.directives = []
        for number, line in enumerate(self.lines):
            stripped = line.strip()
            if stripped and not stripped.startswith("#"):
                words = split_words(stripped, "%s line %d" % (path, number + 1))
                name = words[0].lower()
                self.directives.append(Directive(number, ALIASES.get(name, name), words[1:]))

    def flat(self, included):
        """The directives in the order in which the server reads them. included: {path or pattern: [Conf]}; None keeps to this file."""
        for directive in self.directives:
            if directive.name == "include" and directive.words:
                for conf in included.get(directive.words[0], ()):
                    for _outer, inner in conf.flat(included):
                        yield directive, inner
            else:
                yield directive, directive

    def effective(self, included):
        """{name: words} of what counts in the end; of repeated directives nothing is said."""
        return {inner.name: inner.words for _outer, inner in self.flat(included) if inner.name not in REPEATED}

    def renamed(self, included):
        """{COMMAND: its new name, "" where it is switched off}."""
        return {inner.words[0].upper(): inner.words[1] for _outer, inner in self.flat(included)
                if inner.name == "rename-command" and len(inner.words) == 2}

    def sentinel(self, word):
        """The remaining words of every line "sentinel WORD ..."."""
        return [directive.words[1:] for directive in self.directives
                if directive.name == "sentinel" and directive.words[:1] and directive.words[0].lower() == word]

    def merged(self, settings, included=None, drop=None, replace=None):
        """The content with these settings in force, as bytes. settings: {name: [words], or None for a directive that must not stand here}.

        The line that counts keeps its place; earlier ones of the same name, which never counted, go. A directive that an included file
        would override moves to the end. drop(directive): whether a line goes; replace(directive): the words that it shall have.
        """
        gone, changed, appended = set(), {}, []
        for directive in self.directives:
            if drop is not None and drop(directive):
                gone.add(directive.line)
            elif replace is not None and replace(directive) != directive.words:
                changed[directive.line] = self._text(directive.name, replace(directive))
        effective = self.effective(included or {})
        for name, words in settings.items():
            own = [directive for directive in self.directives if directive.name == name]
            gone.update(directive.line for directive in own[:-1])
            if words is None:
                gone.update(directive.line for directive in own)
                continue
            if effective.get(name) == words:
                continue
            if own and not self._overridden(own[-1], included or {}):
                changed[own[-1].line] = self._text(name, words)
            else:
                gone.update(directive.line for directive in own)
                appended.append(self._text(name, words))
        lines = [changed.get(number, line) for number, line in enumerate(self.lines) if number not in gone]
        if appended:
            while lines and not lines[-1].strip():
                lines.pop()
            lines += appended + [""]
        return "\n".join(lines).encode("utf-8", "surrogateescape")

    def _overridden(self, own, included):
        after = [inner for outer, inner in self.flat(included) if outer.line > own.line and inner is not outer]
        return any(inner.name == own.name for inner in after)

    def _text(self, name, words):
        return " ".join([name] + [quote(word) for word in words]) + ("\r" if self.ending == "\r\n" else "")
