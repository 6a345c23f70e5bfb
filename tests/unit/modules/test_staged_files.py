# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module staged_files: each state done, repeated and checked before."""

from __future__ import annotations

import base64
import json
import re

import pytest
from ansible_collections.interlock.cluster.plugins.modules import staged_files

SECRET = "a password nobody may see"


@pytest.fixture
def config(tmp_path):
    directory = tmp_path / "config"
    directory.mkdir()
    (directory / "elasticsearch.yml").write_bytes(b"a: 1\n")
    return directory


@pytest.fixture
def run(run_module, config):
    """run(state, ...) -> the result; the content of no file may be in it."""

    def call(state, check=False, **arguments):
        result = run_module(staged_files, check, directory=str(config), state=state, **arguments)
        text = json.dumps(result)
        assert SECRET not in text and encoded(SECRET) not in text
        return result

    return call


def encoded(text):
    return base64.b64encode(text.encode()).decode()


def element(config, name="elasticsearch.yml", content=SECRET, **more):
    return dict({"path": str(config / name), "content": encoded(content), "mode": "0640"}, **more)


def tree(config):
    """Everything below with its content."""
    return {str(path.relative_to(config)): path.is_file() and path.read_bytes() for path in config.rglob("*")}


def test_the_whole_life_checked_done_and_repeated(run, config):
    steps = [
        ("begun", {}, "open", [True, True, False]),
        ("staged", {"files": [element(config), element(config, "certs/k.p12")]}, "open", [True, True, True]),
        ("sealed", {"context": {"before": {"health": "green"}}}, "sealed", [True, True, False]),
        ("committed", {"context": {"restart": "full"}}, "switching", [True, True, False]),
        ("switched", {}, "switched", [True, True, False]),
        ("remembered", {"context": {"restart": None}}, "switched", [True, True, False]),
        ("reverted", {}, None, [True, True, False]),
        ("settled", {}, None, [False, False, False]),
    ]
    for state, arguments, after, changes in steps:
        before = tree(config)
        checked = run(state, check=True, **arguments)
        assert tree(config) == before, "check mode changes nothing"
        done, again = run(state, **arguments), run(state, **arguments)
        assert [result["changed"] for result in (checked, done, again)] == changes, state
        assert (done["state"], again["state"]) == (after, after)
    assert tree(config) == {"elasticsearch.yml": b"a: 1\n"}


def test_what_a_step_touched_is_told(run, config):
    live = [str(config / "certs" / "k.p12"), str(config / "elasticsearch.yml")]
    assert run("begun")["paths"] == []
    assert run("staged", files=[element(config, "certs/k.p12"), element(config)])["paths"] == live
    assert run("sealed", context={"a": 1})["context"] == {"a": 1}
    assert run("switched")["paths"] == live
    assert (config / "elasticsearch.yml").read_text() == SECRET
    assert run("settled")["paths"] == [str(config / ".elasticsearch.yml.interlock-previous")]


def test_written_at_once_with_a_copy_of_what_was_there(run, config):
    files = [element(config, backup=True), element(config, "certs/new.p12", backup=True, mode="0600", directory_mode="0700")]
    assert run("written", check=True, files=files)["changed"] and len(tree(config)) == 1
    result = run("written", files=files)
    assert (result["changed"], result["state"], result["paths"]) == (True, None, [file["path"] for file in files])
    assert (config / "elasticsearch.yml").read_text() == (config / "certs" / "new.p12").read_text() == SECRET
    modes = [path.stat().st_mode & 0o7777 for path in (config / "elasticsearch.yml", config / "certs", config / "certs" / "new.p12")]
    assert modes == [0o640, 0o700, 0o600]
    (backup,) = result["backups"]
    assert re.fullmatch(re.escape(str(config / "elasticsearch.yml")) + r"\.\d{4}-\d\d-\d\d@\d\d:\d\d:\d\d~", backup)
    with open(backup, "rb") as stream:
        assert stream.read() == b"a: 1\n"


@pytest.mark.parametrize("name", ["mode", "directory_mode"])
@pytest.mark.parametrize("mode", [416, "640", "u=rw", "0999", ""])
def test_a_mode_that_yaml_made_another_is_refused_before_anything_is_written(run, config, mode, name):
    before = tree(config)
    for check in (True, False):
        result = run("written", check, files=[element(config), element(config, "second.yml", **{name: mode})])
        assert result["failed"]
        assert result["msg"] == "%s: the mode %s is not one of four octal digits. Write it in quotes, as in '0640'." % (config / "second.yml", mode)
        assert tree(config) == before


def test_what_is_refused_names_the_file_and_the_remedy(run, config):
    result = run("staged", files=[element(config)])
    assert result["failed"] and result["msg"] == "%s: no stage is open. Begin one first." % (config / ".interlock-manifest.json")
    result = run("written", files=[element(config, "a/b/c")])
    assert result["failed"] and "cannot be created: No such file or directory" in result["msg"]
    assert tree(config) == {"elasticsearch.yml": b"a: 1\n"}


def test_a_foreign_change_is_refused(run, config):
    run("begun")
    run("staged", files=[element(config)])
    run("sealed")
    (config / "elasticsearch.yml").write_bytes(b"edited\n")
    result = run("switched")
    assert result["failed"] and "changed after its next version was staged" in result["msg"]
    assert (config / "elasticsearch.yml").read_bytes() == b"edited\n"
