# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stage, switch, revert and settle: what each leaves, what it refuses, and who may read it meanwhile."""

from __future__ import annotations

import base64
import errno
import json
import os
import stat

import pytest
from ansible_collections.interlock.cluster.plugins.module_utils._node import staging
from ansible_collections.interlock.cluster.plugins.module_utils._node.staging import Staging, StagingError

SECRET = b"a store password nobody may see"
AS_ROOT = os.geteuid() == 0
OWNER, GROUP = (4711, 4712) if AS_ROOT else (None, None)


def snapshot(directory):
    """{path: (content, mode, uid, gid)} of everything below that is not ours; content is None for a directory."""
    found = {}
    for path in sorted(directory.rglob("*")):
        if ".interlock-" not in path.name:
            status = path.stat()
            content = None if path.is_dir() else path.read_bytes()
            found[str(path.relative_to(directory))] = (content, stat.S_IMODE(status.st_mode), status.st_uid, status.st_gid)
    return found


def ours(directory):
    """The files below that are ours, the manifest left out."""
    return sorted(str(path.relative_to(directory)) for path in directory.rglob("*.interlock-*") if path.name != staging.MANIFEST)


@pytest.fixture
def config(tmp_path):
    """A configuration directory with owners and modes of its own."""
    directory = tmp_path / "config"
    directory.mkdir()
    for name, content, mode in (("elasticsearch.yml", b"a: 1\n", 0o660), ("elasticsearch.keystore", b"\x3f\xd7old", 0o600),
                                ("jvm.options", b"-Xms1g\n", 0o644)):
        (directory / name).write_bytes(content)
        (directory / name).chmod(mode)
        if AS_ROOT:
            os.chown(directory / name, 4713, 4714)
    return directory


def stage(directory, sealed=True):
    """Two files that are there and one in a directory that is not."""
    area = Staging(str(directory))
    area.begin()
    area.add(str(directory / "elasticsearch.yml"), b"a: 2\n", 0o640, OWNER, GROUP)
    area.add(str(directory / "elasticsearch.keystore"), SECRET, 0o600, OWNER, GROUP)
    area.add(str(directory / "certs" / "node.p12"), b"new " + SECRET, 0o440, OWNER, GROUP, 0o710)
    if sealed:
        area.seal({"before": {"health": "green"}})
    return area


def test_nothing_live_changes_before_the_switch(config):
    before = snapshot(config)
    area = stage(config)
    after = snapshot(config)
    assert after.pop("certs")[0] is None and after == before
    assert (area.state, Staging(str(config)).state) == ("sealed", "sealed")
    assert ours(config) == [".elasticsearch.keystore.interlock-staged", ".elasticsearch.yml.interlock-staged",
                            "certs/.node.p12.interlock-staged"]


def test_the_switch_and_the_way_back(config):
    before = snapshot(config)
    area = stage(config)
    switched = area.switch()
    assert switched == [str(config / name) for name in ("elasticsearch.yml", "elasticsearch.keystore", "certs/node.p12")]
    ids = (OWNER, GROUP) if AS_ROOT else (os.geteuid(), os.getegid())
    assert snapshot(config) == {
        "certs": (None, 0o710, *ids),
        "certs/node.p12": (b"new " + SECRET, 0o440, *ids),
        "elasticsearch.keystore": (SECRET, 0o600, *ids),
        "elasticsearch.yml": (b"a: 2\n", 0o640, *ids),
        "jvm.options": before["jvm.options"],
    }
    assert ours(config) == [".elasticsearch.keystore.interlock-previous", ".elasticsearch.yml.interlock-previous"]
    assert [stat.S_IMODE((config / name).stat().st_mode) for name in ours(config)] == [0o600, 0o660], "kept under the same modes"
    assert (area.state, area.context) == ("switched", {"before": {"health": "green"}})
    assert area.revert() == switched
    assert snapshot(config) == before
    assert (ours(config), area.state, list(config.glob(".*"))) == ([], None, [])


def test_files_go_live_and_back_in_the_order_in_which_they_were_staged(config):
    """A process that watches key and certificate must not see the certificate first."""
    paths = [str(config / name) for name in ("z.key", "a.crt", "elasticsearch.yml")]
    area = Staging(str(config))
    area.begin()
    for path in paths:
        area.add(path, b"new", 0o600)
    area.add(paths[0], b"newer", 0o600)
    area.seal()
    assert Staging(str(config)).switch() == paths
    assert Staging(str(config)).revert() == paths


def test_settling_keeps_what_is_live_and_nothing_else(config):
    area = stage(config)
    area.switch()
    live = snapshot(config)
    assert area.settle() == [str(config / ".elasticsearch.keystore.interlock-previous"), str(config / ".elasticsearch.yml.interlock-previous")]
    assert (snapshot(config), ours(config), area.state, list(config.glob(".*"))) == (live, [], None, [])
    assert Staging(str(config)).revert() == [], "the way back is gone"
    assert snapshot(config) == live


def test_every_operation_may_be_repeated(config):
    before = snapshot(config)
    area = stage(config)
    area = stage(config)  # begins again
    area.begin()
    for _twice in range(2):
        area.add(str(config / "elasticsearch.yml"), b"a: 3\n", 0o640)
    for _twice in range(2):
        Staging(str(config)).seal()
    for _twice in range(2):
        Staging(str(config)).commit()
    assert [Staging(str(config)).switch() for _twice in range(2)] == [[str(config / "elasticsearch.yml")], []]
    assert (config / "elasticsearch.yml").read_bytes() == b"a: 3\n"
    assert [len(Staging(str(config)).revert()) for _twice in range(2)] == [1, 0]
    assert [Staging(str(config)).settle() for _twice in range(2)] == [[], []]
    assert (snapshot(config), ours(config)) == (before, [])


def test_a_new_stage_throws_away_what_the_last_one_left(config):
    before = snapshot(config)
    stage(config, sealed=False)
    area = Staging(str(config))
    area.begin()
    assert (snapshot(config), ours(config), area.state) == (before, [], "open")
    area.seal()
    assert (area.state, list(config.glob(".*"))) == (None, []), "a stage without files is none"


def test_a_new_stage_settles_the_last_switch(config):
    stage(config).switch()
    live = snapshot(config)
    Staging(str(config)).begin()
    assert (snapshot(config), ours(config)) == (live, [])


def test_reverting_before_the_switch_only_discards(config):
    before = snapshot(config)
    assert stage(config).revert() == []
    assert (snapshot(config), ours(config), Staging(str(config)).state) == (before, [], None)


@pytest.mark.parametrize("change", ["content", "removed", "appeared"])
def test_a_foreign_change_after_staging_is_refused_with_nothing_changed(config, change):
    area = stage(config)
    path = config / ("certs/node.p12" if change == "appeared" else "elasticsearch.yml")
    if change == "removed":
        path.unlink()
    else:
        path.write_bytes(b"a: edited\n")
    before, staged, manifest = snapshot(config), ours(config), (config / staging.MANIFEST).read_bytes()
    for operation in (area.commit, area.switch, Staging(str(config)).commit):
        with pytest.raises(StagingError) as refused:
            operation()
        assert str(refused.value) == (
            "%s: changed after its next version was staged. Somebody else edits it. Run the playbook again: it reads the file anew." % path)
        assert (snapshot(config), ours(config), (config / staging.MANIFEST).read_bytes()) == (before, staged, manifest)
    area.revert()
    assert (config / path).exists() == (change != "removed"), "what somebody else wrote stays"


@pytest.mark.parametrize("change", ["content", "removed"])
def test_a_foreign_change_of_the_next_version_is_refused_with_nothing_changed(config, change):
    stage(config)
    path = config / ".elasticsearch.yml.interlock-staged"
    if change == "content":
        path.write_bytes(b"a: tampered\n")
    else:
        path.unlink()
    before = snapshot(config)
    with pytest.raises(StagingError, match="elasticsearch.yml: its next version is gone or was changed after it was staged. Run the playbook again"):
        Staging(str(config)).switch()
    assert (snapshot(config), Staging(str(config)).state) == (before, "sealed")


def test_a_forgotten_previous_version_is_not_taken_for_that_of_this_switch(config):
    stage(config).switch()
    (config / staging.MANIFEST).unlink()  # as the error about a damaged manifest advises
    area = Staging(str(config))
    area.begin()
    area.add(str(config / "elasticsearch.yml"), b"a: 3\n", 0o640, OWNER, GROUP)
    area.seal()
    live = snapshot(config)
    area.switch()
    area.revert()
    assert snapshot(config) == live


def test_content_is_written_under_its_final_owner_and_never_under_a_looser_mode(config, monkeypatch):
    created, changed, synced = [], [], {}
    real_open, real_fchmod, real_fsync = os.open, os.fchmod, os.fsync

    def spying_open(path, flags, mode=0o777):
        descriptor = real_open(path, flags, mode)
        if flags & os.O_CREAT:
            created.append((os.fstat(descriptor).st_size, stat.S_IMODE(os.fstat(descriptor).st_mode)))
        return descriptor

    def spying_fchmod(descriptor, mode):
        status = os.fstat(descriptor)
        if stat.S_ISREG(status.st_mode):
            changed.append((status.st_size, mode))
        real_fchmod(descriptor, mode)

    def spying_fsync(descriptor):
        status = os.fstat(descriptor)
        if stat.S_ISREG(status.st_mode):
            synced[os.readlink("/proc/self/fd/%d" % descriptor)] = (stat.S_IMODE(status.st_mode), status.st_uid)
        real_fsync(descriptor)

    monkeypatch.setattr(os, "open", spying_open)
    monkeypatch.setattr(os, "fchmod", spying_fchmod)
    monkeypatch.setattr(os, "fsync", spying_fsync)
    previous = os.umask(0)
    try:
        stage(config)
    finally:
        os.umask(previous)
    assert set(created) == {(0, 0o600)}
    expected = {"elasticsearch.yml": 0o640, "elasticsearch.keystore": 0o600, "node.p12": 0o440}
    assert set(changed) == {(0, mode) for mode in expected.values()}, "before there is any content"
    for name, mode in expected.items():
        (found,) = [value for path, value in synced.items() if os.path.basename(path).startswith("..%s.interlock-staged." % name)]
        assert found == (mode, OWNER if AS_ROOT else os.geteuid())
        (path,) = config.rglob(".%s.interlock-staged" % name)
        assert stat.S_IMODE(path.stat().st_mode) == mode


def test_the_manifest_is_private_and_holds_no_content(config):
    area = stage(config)
    for operation in (area.commit, area.switch, lambda: area.remember({"restart": "full"})):
        operation()
        manifest = config / staging.MANIFEST
        assert stat.S_IMODE(manifest.stat().st_mode) == 0o600
        text = manifest.read_bytes()
        assert SECRET not in text and base64.b64encode(SECRET)[:20] not in text
        assert json.loads(text)["context"]["before"] == {"health": "green"}


@pytest.mark.parametrize(
    ("state", "operation", "message"),
    [
        ("switching", lambda area: area.begin(), "a switch was begun and not finished. Run the playbook again without changes: it finishes the switch first."),
        ("switching", lambda area: area.settle(), "a switch was begun and not finished. Finish or revert it first."),
        (None, lambda area: area.add("/none/x", b"", 0o600), "no stage is open. Begin one first."),
        ("sealed", lambda area: area.add("/none/x", b"", 0o600), "no stage is open. Begin one first."),
        (None, lambda area: area.seal(), "no stage is open. Begin one first."),
        ("switched", lambda area: area.seal(), "no stage is open. Begin one first."),
        ("open", lambda area: area.switch(), "the stage is not sealed. Run the playbook again from its start."),
    ],
)
def test_what_does_not_fit_the_state_is_refused_with_nothing_changed(config, state, operation, message):
    if state:
        area = stage(config, sealed=state != "open")
        if state == "switching":
            area.commit()
        if state == "switched":
            area.switch()
    before, hidden = snapshot(config), ours(config)
    with pytest.raises(StagingError) as refused:
        operation(Staging(str(config)))
    assert str(refused.value) == "%s: %s" % (config / staging.MANIFEST, message)
    assert (snapshot(config), ours(config), Staging(str(config)).state) == (before, hidden, state)


def test_what_has_to_be_remembered_is_kept_and_can_be_forgotten(config):
    area = Staging(str(config))
    assert area.remember({"restart": None}) is False
    assert list(config.glob(".*")) == [], "there is nothing to forget, and nothing is written"
    assert area.remember({"restart": "full", "before": {"members": ["a"]}}) is True
    assert (area.state, Staging(str(config)).context) == ("sealed", {"restart": "full", "before": {"members": ["a"]}})
    assert area.remember({"restart": "full"}) is False
    assert (area.switch(), area.state) == ([], "switched")
    assert Staging(str(config)).remember({"restart": None, "before": None}) is True
    assert list(config.glob(".*")) == [], "a manifest that says nothing is none"


def test_forgetting_leaves_the_kept_versions(config):
    area = stage(config)
    area.switch()
    assert area.remember({"before": None}) is True
    assert (Staging(str(config)).state, Staging(str(config)).context, len(ours(config))) == ("switched", {}, 2)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b'{"state": "open"}', b'{"state": "x", "files": {}, "context": {}}',
                                     b'{"state": "open", "files": [], "context": {}}'])
def test_a_manifest_that_is_none_is_refused(config, content):
    (config / staging.MANIFEST).write_bytes(content)
    with pytest.raises(StagingError) as refused:
        Staging(str(config))
    assert str(refused.value).startswith("%s: is not a manifest of this collection. Compare the files" % (config / staging.MANIFEST))


def test_an_unreadable_manifest_is_refused(config):
    (config / staging.MANIFEST).mkdir()
    with pytest.raises(StagingError, match="manifest.json: cannot be read: Is a directory. Make it readable"):
        Staging(str(config))


def failing(real, number, target):
    """A file-system call that fails when it comes to the target."""
    def call(*arguments, **options):
        if os.path.basename(arguments[-1]) == target:
            raise OSError(number, os.strerror(number))
        return real(*arguments, **options)
    return call


REFUSED = {
    "write": ("replace", staging.MANIFEST, "", lambda area: area.begin()),
    "make live": ("replace", "elasticsearch.yml", "sealed", lambda area: area.switch()),
    "keep": ("link", ".elasticsearch.yml.interlock-previous", "sealed", lambda area: area.switch()),
    "put back": ("replace", "elasticsearch.yml", "switched", lambda area: area.revert()),
    "remove": ("unlink", ".elasticsearch.yml.interlock-staged", "sealed", lambda area: area.revert()),
    "settle": ("unlink", ".elasticsearch.yml.interlock-previous", "switched", lambda area: area.settle()),
}


@pytest.mark.parametrize("number, remedy", [
    (errno.EACCES, "Run as a user who may write %s and set owners there (become: true)."),
    (errno.ENOSPC, "Free some space on the file system of %s."),
    (errno.EROFS, "The file system of %s is mounted read-only."),
])
@pytest.mark.parametrize("case", REFUSED)
def test_what_the_system_refuses_names_the_file_and_the_remedy(config, monkeypatch, case, number, remedy):
    call, target, state, operation = REFUSED[case]
    area = Staging(str(config))
    if state:
        area.begin()
        area.add(str(config / "elasticsearch.yml"), b"a: 2\n", 0o600)
        area.seal()
    if state == "switched":
        area.switch()
    before = snapshot(config)
    with monkeypatch.context() as patch:
        patch.setattr(os, call, failing(getattr(os, call), number, target))
        with pytest.raises(StagingError) as refused:
            operation(area)
    assert str(refused.value).startswith(str(config)) and os.strerror(number) in str(refused.value)
    assert str(refused.value).endswith(remedy % config)
    assert snapshot(config) == before
    Staging(str(config)).revert()
    assert ours(config) == []


def test_a_live_file_that_cannot_be_read_is_refused(config):
    area = Staging(str(config))
    area.begin()
    (config / "certs").mkdir()
    with pytest.raises(StagingError, match="certs: cannot be read: Is a directory"):
        area.add(str(config / "certs"), b"", 0o600)


@pytest.mark.parametrize("arguments, message", [
    (dict(owner="no such user"), "the owner no such user does not exist on this host. Name the user and group the service runs as."),
    (dict(group="no such group"), "the group no such group does not exist on this host. Name the user and group the service runs as."),
])
def test_an_unknown_owner_is_refused_and_nothing_is_left(config, arguments, message):
    before = snapshot(config)
    with pytest.raises(StagingError) as refused:
        staging.write_file(str(config / "elasticsearch.yml"), SECRET, 0o600, **arguments)
    assert str(refused.value) == "%s: %s" % (config / "elasticsearch.yml", message)
    assert (snapshot(config), ours(config)) == (before, [])


def test_a_directory_that_is_missing_is_named(config):
    with pytest.raises(StagingError) as refused:
        staging.write_file(str(config / "a" / "b"), b"", 0o600)
    assert str(refused.value) == "%s: cannot be written: No such file or directory. Create %s first, or correct the configured path." % (
        config / "a" / "b", config / "a")
    with pytest.raises(StagingError, match="a/b: cannot be created: No such file or directory. Create .*/a first"):
        staging.make_directory_of(str(config / "a" / "b" / "c"), 0o700)


def test_a_link_in_the_way_is_not_followed(config, tmp_path):
    victim = tmp_path / "victim"
    victim.write_bytes(b"safe")
    (config / (".elasticsearch.yml.interlock-%d" % os.getpid())).symlink_to(victim)
    staging.write_file(str(config / "elasticsearch.yml"), SECRET, 0o600)
    assert victim.read_bytes() == b"safe"
    assert ((config / "elasticsearch.yml").read_bytes(), ours(config)) == (SECRET, [])


def test_a_copy_is_kept_with_owner_and_mode(config):
    before = snapshot(config)["elasticsearch.keystore"]
    assert staging.keep_copy(str(config / "elasticsearch.keystore"), "then") == [str(config / "elasticsearch.keystore.then")]
    assert snapshot(config)["elasticsearch.keystore.then"] == before
    assert staging.keep_copy(str(config / "nothing"), "then") == []


def test_what_becomes_live_has_a_fresh_time(config):
    long_ago = 1_000_000_000
    os.utime(config / "elasticsearch.yml", (long_ago, long_ago))
    area = stage(config)
    os.utime(config / ".elasticsearch.yml.interlock-staged", (long_ago, long_ago))
    area.switch()
    assert (config / "elasticsearch.yml").stat().st_mtime > long_ago + 1
    os.utime(config / ".elasticsearch.yml.interlock-previous", (long_ago, long_ago))
    area.revert()
    assert (config / "elasticsearch.yml").stat().st_mtime > long_ago + 1


@pytest.mark.parametrize("switched", [False, True])
def test_the_way_back_remembers_what_has_to_be_given_back(config, switched):
    """With the files back the cluster may still have to be started, and its allocation given back: a killed run leaves that to the next."""
    before = snapshot(config)
    area = stage(config)
    area.remember({"back": True, "before": {"allocation": "all"}})
    if switched:
        area.switch()
    Staging(str(config)).revert({"back": True, "before": {"allocation": "all"}})
    assert (snapshot(config), ours(config)) == (before, [])
    again = Staging(str(config))
    assert (again.state, again.context) == ("sealed", {"back": True, "before": {"allocation": "all"}})
    again.remember({"back": None, "before": None})
    assert Staging(str(config)).state is None


def test_what_waits(config):
    area = stage(config)
    assert area.waiting() == [staging.staged_path(str(config / name)) for name in ("certs/node.p12", "elasticsearch.keystore", "elasticsearch.yml")]
    assert Staging(str(config.parent)).waiting() == []
