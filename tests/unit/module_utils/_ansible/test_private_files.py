# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import contextlib
import datetime
import os
import pathlib
import tempfile

import pytest
from ansible_collections.interlock.cluster.plugins.module_utils._ansible import private_files

NOW = datetime.datetime(2026, 6, 1, 12, 30, tzinfo=datetime.timezone.utc)


@contextlib.contextmanager
def as_an_ordinary_user():
    """Root may read everything: give that up for a moment."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def closed():
    """A directory that nobody may enter, outside of pytest's own, which only root may."""
    with tempfile.TemporaryDirectory() as parent:
        os.chmod(parent, 0o711)
        path = pathlib.Path(parent, "closed")
        path.mkdir()
        (path / "file").write_bytes(b"x")
        path.chmod(0o000)
        yield path
        path.chmod(0o700)


def test_a_directory_of_mode_0700_is_good(tmp_path):
    (tmp_path / "ca").mkdir(mode=0o700)
    assert private_files.directory_problem(str(tmp_path / "ca")) is None
    assert private_files.directory_problem(str(tmp_path / "not there")) is None


@pytest.mark.parametrize("mode", [0o750, 0o701, 0o755, 0o720, 0o770, 0o1777])
def test_a_directory_with_loose_permissions_is_not(tmp_path, mode):
    tmp_path.chmod(mode)
    problem = private_files.directory_problem(str(tmp_path))
    assert str(problem) == "%s: is open to others than its owner (mode %04o). Run: chmod 700 %s" % (tmp_path, mode, tmp_path)


def test_a_loose_file_needs_another_command(tmp_path):
    path = tmp_path / "key"
    path.touch(mode=0o600)
    assert private_files.looseness(str(path)) is None
    path.chmod(0o640)
    assert str(private_files.looseness(str(path))).endswith("(mode 0640). Run: chmod 600 %s" % path)


def test_a_directory_that_this_user_may_not_read(closed):
    with as_an_ordinary_user():
        problem = private_files.directory_problem(str(closed))
    assert "may not be read by this user (it belongs to uid %d" % os.getuid() in str(problem)
    assert "Run as its owner" in str(problem)


@pytest.mark.parametrize("call", [lambda path: private_files.read(path + "/file", missing=None), private_files.names_in])
def test_reading_what_may_not_be_read(closed, call):
    with as_an_ordinary_user(), pytest.raises(private_files.PrivateFileError, match="cannot be read: Permission denied"):
        call(str(closed))


def test_a_file_is_no_directory(tmp_path):
    (tmp_path / "file").touch()
    assert "is not a directory" in str(private_files.directory_problem(str(tmp_path / "file")))


def test_reading(tmp_path):
    (tmp_path / "file").write_bytes(b"content")
    assert private_files.read(str(tmp_path / "file")) == b"content"
    assert private_files.read(str(tmp_path / "none"), missing=None) is None
    with pytest.raises(private_files.PrivateFileError, match="none: cannot be read: No such file or directory"):
        private_files.read(str(tmp_path / "none"))
    with pytest.raises(private_files.PrivateFileError, match="Is a directory"):
        private_files.read(str(tmp_path), missing=None)
    assert private_files.names_in(str(tmp_path)) == ["file"]
    assert private_files.names_in(str(tmp_path / "none")) == []


def test_names_in_the_archive_do_not_collide(tmp_path):
    taken = [private_files.free_name(str(tmp_path / "generation-1"), NOW)]
    for _count in range(2):
        os.mkdir(taken[-1])
        taken.append(private_files.free_name(str(tmp_path / "generation-1"), NOW))
    assert [os.path.basename(path) for path in taken] == [
        "generation-1.20260601T123000Z", "generation-1.20260601T123000Z-2", "generation-1.20260601T123000Z-3",
    ]  # fmt: skip


def test_writing_names_the_file(tmp_path):
    with pytest.raises(private_files.PrivateFileError, match="x/y: cannot be written: No such file or directory"):
        with private_files.writing(str(tmp_path)):
            os.mkdir(str(tmp_path / "x" / "y"))
