# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The style that no linter checks: headers, sizes, the oldest Python of managed nodes, nothing of anyone's own machine."""

from __future__ import annotations

import ast
import pathlib
import re

import pytest
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
PASSED_OVER = {".build", ".git", ".ansible", ".hypothesis", ".pytest_cache", "__pycache__", "LICENSE"}

HEADER = """\
# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""
LONGEST_LINE = 140
LONGEST_TEST_LINE = 160  # tables of cases read better unbroken
LONGEST_FILE = 500
OLDEST_MANAGED_PYTHON = (3, 8)

# Written in pieces, or this file would be the first to be found.
UNWANTED = {
    "a package registry": r"\b(?:" + "|".join(
        r"\.".join(host)
        for host in (
            ("pypi", "org"), ("files", "pythonhosted", "org"), ("repo1?", "maven", "(?:org|apache)"), ("deb", "debian", "org"),
            ("registry", "npmjs", "org"), ("proxy", "golang", "org"), ("static", "crates", "io"), ("index", "crates", "io"),
        )
    ) + r")\b",
    "a path of one machine": r"(?<![\w.)}*-])/" + r"(?:work|root|home/[a-z]+|tmp/(?:es|venv)|opt/wheels)/" + "|" + r"\.py" + "env/",
    "a note to oneself": r"\b(?:TO" + "DO|FIX" + "ME|X" + r"XX)\b",
}  # fmt: skip


def text_files():
    """Every text file of the collection, by its path from the top."""
    for path in sorted(ROOT.rglob("*")):
        relative = path.relative_to(ROOT)
        if path.is_file() and not PASSED_OVER.intersection(relative.parts):
            try:
                yield str(relative), path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue


TEXTS = dict(text_files())
PYTHON = {path: text for path, text in TEXTS.items() if path.endswith(".py")}
ON_NODES = {path: text for path, text in PYTHON.items() if path.startswith(("plugins/modules/", "plugins/module_utils/"))}


def unwanted_in(text):
    """What a text holds that no file may hold, as (what, the text found)."""
    return [(what, found.group()) for what, pattern in UNWANTED.items() for found in re.finditer(pattern, text)]


@pytest.mark.parametrize(
    "text",
    [
        "index: https://" + "pypi" + ".org/simple",
        "https://" + "repo.maven" + ".apache.org/maven2",
        "home: " + "/wo" + "rk/main/x",
        "(/ro" + "ot/.m2/repository)",
        "/ho" + "me/someone/x",
        "# TO" + "DO later",
    ],
)
def test_what_is_unwanted_is_found(text):
    assert unwanted_in(text)


@pytest.mark.parametrize("text", ["docs/work/plan", "/var/lib/work/x", "{{ dir }}/root/x", "/etc/elasticsearch", "the root of it"])
def test_what_only_looks_unwanted_is_let_be(text):
    assert not unwanted_in(text)


@pytest.mark.parametrize("path", TEXTS)
def test_nothing_unwanted(path):
    assert unwanted_in(TEXTS[path]) == []


@pytest.mark.parametrize("path", PYTHON)
def test_python_files(path):
    text = PYTHON[path]
    if path.endswith("__init__.py"):
        assert text == ""
        return
    assert re.sub(r"\A(#!.*\n)?(# -\*- coding: utf-8 -\*-\n)?\n?", "", text).startswith(HEADER)
    lines = text.splitlines()
    longest = LONGEST_LINE if path.startswith("plugins/") else LONGEST_TEST_LINE
    assert [number for number, line in enumerate(lines, 1) if len(line) > longest] == []
    assert len(lines) <= LONGEST_FILE


@pytest.mark.parametrize("path", ON_NODES)
def test_what_runs_on_nodes_keeps_to_the_oldest_managed_python(path):
    if path.endswith("__init__.py"):
        return
    tree = ast.parse(ON_NODES[path], feature_version=OLDEST_MANAGED_PYTHON)
    imports = [node for node in tree.body if isinstance(node, ast.ImportFrom)]
    assert imports and imports[0].module == "__future__", "annotations stay text: from __future__ import annotations"


@pytest.mark.parametrize("path", [path for path in PYTHON if path.startswith("plugins/")])
def test_plugins_do_not_assert(path):
    # Gone under -O, and a stack trace instead of an error an operator can act on.
    assert not [node.lineno for node in ast.walk(ast.parse(PYTHON[path])) if isinstance(node, ast.Assert)]


def _texts(value):
    """Every text in what a YAML file holds."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _texts(item)


@pytest.mark.parametrize("path", sorted([*ROOT.glob("roles/*/*/*.yml"), *ROOT.glob("playbooks/*.yml")]), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_newline_is_lost_in_a_folded_text(path):
    """In a plain or folded text Jinja is given a backslash and an n, and that is what comes out; it has to be in double quotes."""
    assert [text for text in _texts(yaml.safe_load(path.read_text(encoding="utf-8"))) if re.search(r"\{\{.*\\n.*\}\}", text, re.DOTALL)] == []
