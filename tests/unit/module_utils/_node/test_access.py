# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a user may read is what the kernel lets them read."""

from __future__ import annotations

import os
import pwd

import pytest
from ansible_collections.interlock.cluster.plugins.module_utils._node import access

AS_ROOT = os.geteuid() == 0


@pytest.fixture
def files(tmp_path):
    """Files by what another user may do with them, in a directory that everybody may enter."""
    for parent in (tmp_path, *tmp_path.parents):
        if parent.stat().st_uid == os.geteuid() and str(parent) != "/":
            parent.chmod(parent.stat().st_mode | 0o055)
    (tmp_path / "shut").mkdir(mode=0o700)
    modes = {"open": 0o644, "locked": 0o600, "of their group": 0o640, "shut/open": 0o644}
    for name, mode in modes.items():
        (tmp_path / name).write_text("x")
        (tmp_path / name).chmod(mode)
    return {name: str(tmp_path / name) for name in modes}


@pytest.mark.skipif(not AS_ROOT, reason="only root can become another user")
def test_another_user_as_root(files):
    nobody = pwd.getpwnam("nobody")
    os.chown(files["of their group"], 0, nobody.pw_gid)
    assert access.unreadable_by("nobody", list(files.values())) == [files["locked"], files["shut/open"]]


@pytest.mark.skipif(not AS_ROOT, reason="only root can become another user")
def test_the_module_goes_on_when_the_child_cannot(files, monkeypatch):
    def refuse(_number):
        raise PermissionError("not permitted")

    monkeypatch.setattr(os, "setgid", refuse)
    assert access.unreadable_by("nobody", [files["locked"]]) == [], "nothing is known then, and nothing is claimed"


def test_oneself(files):
    user = pwd.getpwuid(os.geteuid()).pw_name
    os.chmod(files["open"], 0)
    assert access.unreadable_by(user, list(files.values())) == ([] if AS_ROOT else [files["open"]])


@pytest.mark.parametrize("user", [None, "", "no such user", "root"])
def test_nothing_is_claimed_of_users_that_cannot_be_asked(files, user):
    assert access.unreadable_by(user, [files["locked"]]) == []
