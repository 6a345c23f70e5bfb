# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A process that is killed at any of its file-system calls: repeated it finishes, and the way back stays open."""

from __future__ import annotations

import itertools
import os
import shutil
import stat
import warnings

import pytest
from ansible_collections.interlock.cluster.plugins.module_utils._node import staging
from ansible_collections.interlock.cluster.plugins.module_utils._node.staging import Staging, StagingError

CALLS = ("open", "replace", "link", "unlink", "mkdir", "rmdir", "fchmod", "utime")
KILLED = 99
NEW = {"elasticsearch.yml": b"a: 2\n", "elasticsearch.keystore": b"new secret", "certs/node.p12": b"new key"}


def killed_at(step, operation):
    """Run the operation in a process that ends, with no clean-up at all, at its step-th call. Whether it came to that."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # other tests leave threads behind, which the child does not need
        child = os.fork()
    if child == 0:
        count = itertools.count(1)

        def mortal(call):
            def wrapped(*arguments, **options):
                if next(count) == step:
                    os._exit(KILLED)
                return call(*arguments, **options)
            return wrapped

        for name in CALLS:
            setattr(os, name, mortal(getattr(os, name)))
        try:
            operation()
        except BaseException:
            os._exit(1)
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in (0, KILLED), "the operation failed on its own"
    return code == KILLED


def snapshot(directory):
    """What is live below: {path: (content, mode)}."""
    return {str(path.relative_to(directory)): (path.is_file() and path.read_bytes(), stat.S_IMODE(path.stat().st_mode))
            for path in directory.rglob("*") if ".interlock-" not in path.name}


def hidden(directory):
    """Names of everything of ours below."""
    return sorted(path.name for path in directory.rglob("*.interlock-*"))


def begin(config):
    Staging(str(config)).begin()


def add(config):
    area = Staging(str(config))
    for name, content in NEW.items():
        area.add(str(config / name), content, 0o640)


def stage(config):
    begin(config)
    add(config)
    Staging(str(config)).seal()


def commit(config):
    area = Staging(str(config))
    area.remember({"restart": "full"})
    area.commit()


def forget(config):
    Staging(str(config)).remember({"restart": None})


OPERATIONS = {
    "begin": begin,
    "add": add,
    "seal": lambda config: Staging(str(config)).seal({"before": "green"}),
    "commit": commit,
    "switch": lambda config: Staging(str(config)).switch(),
    "forget": forget,
    "revert": lambda config: Staging(str(config)).revert(),
    "settle": lambda config: Staging(str(config)).settle(),
}
# Each with the operations before it.
CASES = {
    "begin": ("begin",),
    "begin after a stage": ("begin", "add", "seal", "begin"),
    "begin after a switch": ("begin", "add", "seal", "switch", "begin"),
    "add": ("begin", "add"),
    "seal": ("begin", "add", "seal"),
    "commit": ("begin", "add", "seal", "commit"),
    "commit of nothing staged": ("commit",),
    "switch": ("begin", "add", "seal", "switch"),
    "switch when committed": ("begin", "add", "seal", "commit", "switch"),
    "forget": ("begin", "add", "seal", "commit", "switch", "forget"),
    "forget with nothing staged": ("commit", "switch", "forget"),
    "revert of a stage": ("begin", "add", "seal", "revert"),
    "revert": ("begin", "add", "seal", "switch", "revert"),
    "revert when committed": ("begin", "add", "seal", "commit", "revert"),
    "settle": ("begin", "add", "seal", "switch", "settle"),
}


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)  # a killed process, not a power cut


@pytest.fixture
def before(tmp_path):
    """A configuration directory as it was before everything."""
    directory = tmp_path / "before"
    directory.mkdir()
    for name in ("elasticsearch.yml", "elasticsearch.keystore", "jvm.options"):
        (directory / name).write_bytes(b"old " + name.encode())
        (directory / name).chmod(0o660)
    return directory


def put(directory, source):
    """Replace the directory by a copy of the source in which two links of one file are that again."""
    copies = {}

    def copy(path, target):
        inode = os.stat(path).st_ino
        if inode in copies:
            os.link(copies[inode], target)
        else:
            copies[inode] = shutil.copy2(path, target)

    shutil.rmtree(directory, ignore_errors=True)
    shutil.copytree(source, directory, copy_function=copy)


def every_death(config, before, case):
    """For each call at which the last operation of the case can be killed leave the directory so; yield its name and what was live before."""
    *preparation, last = CASES[case]
    for step in itertools.count(1):
        put(config, before)
        for name in preparation:
            OPERATIONS[name](config)
        was = snapshot(config)
        if not killed_at(step, lambda: OPERATIONS[last](config)):
            assert step > 1, "the operation makes no call that could be its last"
            return
        yield last, was


@pytest.mark.parametrize("case", CASES)
def test_after_any_death_there_is_a_way_on_and_a_way_back(tmp_path, before, case):
    config, original = tmp_path / "config", snapshot(before)
    put(config, before)
    for name in CASES[case]:
        OPERATIONS[name](config)
    whole = snapshot(config), hidden(config), Staging(str(config)).state
    for last, was in every_death(config, before, case):
        died = Staging(str(config)).state
        for name, content in snapshot(config).items():
            assert content in (was.get(name), whole[0].get(name)) or name == "certs", "a file is as before or finished, never between"
        put(tmp_path / "dead", config)
        for way in (repeated, taken_back, staged_anew):
            put(config, tmp_path / "dead")
            way(config, last, died, original, whole)


def repeated(config, last, _died, _original, whole):
    if last == "add":
        OPERATIONS["begin"](config)  # a stage is not continued but begun anew
    OPERATIONS[last](config)
    assert (snapshot(config), hidden(config), Staging(str(config)).state) == whole


def taken_back(config, last, _died, original, _whole):
    live = snapshot(config)
    kept = last not in ("settle", "begin") or "node.p12" not in str(live)
    Staging(str(config)).revert()
    assert hidden(config) == []
    assert not kept or snapshot(config) == original


def staged_anew(config, _last, died, original, _whole):
    live = original if died == "reverting" else snapshot(config)
    if died == "switching":
        return
    stage(config)
    Staging(str(config)).switch()
    assert all((config / name).read_bytes() == content for name, content in NEW.items())
    Staging(str(config)).revert()
    assert ({**snapshot(config), "certs": None}, hidden(config)) == ({**live, "certs": None}, [])


def test_a_switch_killed_and_taken_back_does_not_poison_the_next_one(tmp_path, before):
    """The previous version may be the live file itself then (two links of one file), which rename(2) leaves alone."""
    config = tmp_path / "config"
    for _last, _was in every_death(config, before, "switch"):
        Staging(str(config)).revert()
        (config / "elasticsearch.yml").unlink()
        (config / "elasticsearch.yml").write_bytes(b"edited since")
        live = snapshot(config)
        stage(config)
        Staging(str(config)).switch()
        Staging(str(config)).revert()
        assert (snapshot(config), hidden(config)) == (live, [])


def test_a_way_back_that_was_begun_is_the_only_way(tmp_path, before):
    config, original = tmp_path / "config", snapshot(before)
    mixed = 0
    for _last, switched in every_death(config, before, "revert"):
        if snapshot(config) not in (original, switched):
            mixed += 1
            for operation in ("switch", "settle"):
                with pytest.raises(StagingError, match="previous versions are being put back|a switch was begun and not finished"):
                    getattr(Staging(str(config)), operation)()
            assert Staging(str(config)).commit() is None and Staging(str(config)).state == "reverting"
    assert mixed


def test_a_process_killed_while_it_writes_at_once_leaves_nothing_for_long(tmp_path):
    path = tmp_path / "config" / "elasticsearch.yml"
    path.parent.mkdir()
    path.write_bytes(b"old")
    for step in itertools.count(1):
        if not killed_at(step, lambda: staging.write_file(str(path), b"new secret", 0o640)):
            break
        assert path.read_bytes() in (b"old", b"new secret")
        staging.write_file(str(path), b"old", 0o640)
        assert hidden(path.parent) == []
    assert path.read_bytes() == b"new secret"
