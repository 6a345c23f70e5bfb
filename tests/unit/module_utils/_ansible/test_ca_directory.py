# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import datetime
import json
import multiprocessing
import os
import pathlib
import stat

import pytest
from ansible_collections.interlock.cluster.plugins.module_utils._ansible import ca_directory
from ansible_collections.interlock.cluster.plugins.module_utils._ansible.ca_directory import CaDirectory
from ansible_collections.interlock.cluster.plugins.module_utils._errors import InterlockError
from ansible_collections.interlock.cluster.plugins.module_utils._pki import authority, keys
from ansible_collections.interlock.cluster.plugins.module_utils._stores import pem

PASSPHRASE = "correct horse, Bätterie"
STAMP = "20260601T120000Z"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "ca" / "logs"


@pytest.fixture
def directory(path):
    return CaDirectory(str(path))


@pytest.fixture
def made(certificates):
    return certificates.authority()


@pytest.fixture
def filled(directory, made, certificates):
    directory.add(made, PASSPHRASE, "created", certificates.now)
    return directory


def files_below(path):
    """{relative path: mode} of everything below."""
    return {str(file.relative_to(path)): stat.S_IMODE(file.stat().st_mode) for file in path.rglob("*")}


def test_nothing_there(directory, certificates):
    assert not directory.exists()
    assert (directory.current(), directory.generations(), directory.interrupted()) == (None, [], None)
    assert (directory.load_public(), directory.ledger(), directory.problems()) == ([], ([], []), [])
    with pytest.raises(ca_directory.CaDirectoryError, match="there is no CA here"):
        directory.load(PASSPHRASE, certificates.now)


def test_a_relative_path_is_refused():
    with pytest.raises(ca_directory.CaDirectoryError, match="'ca/logs' is a relative path"):
        CaDirectory("ca/logs")


def test_what_is_on_disk(filled, path):
    assert files_below(path) == {
        ".lock": 0o600,
        "current": 0o600,
        "generation-1": 0o700,
        "generation-1/ca.crt": 0o600,
        "generation-1/ca.key": 0o600,
        "generation-1/origin": 0o600,
    }
    assert stat.S_IMODE(path.stat().st_mode) == 0o700
    assert (path / "current").read_text() == "1\n"
    key = (path / "generation-1" / "ca.key").read_bytes()
    assert key.startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")
    assert filled.problems() == []


def test_modes_do_not_depend_on_the_umask(directory, made, path, certificates):
    before = os.umask(0o000)
    try:
        directory.add(made, PASSPHRASE, "created", certificates.now)
    finally:
        os.umask(before)
    assert set(files_below(path).values()) <= {0o600, 0o700}
    assert stat.S_IMODE(path.stat().st_mode) == 0o700


def test_what_was_written_is_loaded(filled, made, certificates):
    loaded = filled.load(PASSPHRASE, certificates.now)
    assert (loaded.certificate, loaded.chain, loaded.generation) == (made.certificate, (), 1)
    assert keys.matches(loaded.key, made.certificate)
    assert [(entry.number, entry.certificate) for entry in filled.load_public()] == [(1, made.certificate)]
    assert (filled.exists(), filled.current(), filled.origin(1), filled.key_encrypted(1)) == (True, 1, "created", True)


@pytest.mark.parametrize("wrong", ["correct horse, battery", "", None, PASSPHRASE + " "])
def test_a_wrong_passphrase(filled, certificates, wrong):
    with pytest.raises(pem.WrongPassphrase) as caught:
        filled.load(wrong, certificates.now)
    assert str(caught.value).startswith(filled.file(1, "ca.key"))
    assert not wrong or wrong not in str(caught.value)


def test_a_key_without_encryption(directory, made, certificates):
    directory.add(made, None, "created", certificates.now)
    assert not directory.key_encrypted(1)
    assert directory.load(None, certificates.now).certificate == made.certificate
    with pytest.raises(ca_directory.CaDirectoryError, match="the key is not encrypted, although a passphrase is given"):
        directory.load(PASSPHRASE, certificates.now)


def test_a_chain_is_kept(directory, certificates, path):
    key, intermediate, root = certificates.chained()
    directory.add(authority.Authority(key, intermediate, (root,), 1), PASSPHRASE, "adopted", certificates.now)
    assert files_below(path)["generation-1/chain.pem"] == 0o600
    loaded = directory.load(PASSPHRASE, certificates.now)
    assert (loaded.certificate, loaded.chain) == (intermediate, (root,))
    assert directory.load_public()[0].chain == (root,)
    assert directory.origin(1) == "adopted"


def test_a_generation_is_never_overwritten(filled, certificates, path):
    before = {name: (path / name).read_bytes() for name in ("generation-1/ca.key", "generation-1/ca.crt", "current")}
    with pytest.raises(ca_directory.CaDirectoryError, match="generation 1 is already there"):
        filled.add(certificates.authority(), PASSPHRASE, "created", certificates.now)
    assert {name: (path / name).read_bytes() for name in before} == before
    assert not [name for name in os.listdir(path) if name.startswith(".unfinished")]


def test_the_next_generation_issues_and_the_last_is_kept(filled, made, certificates):
    second = certificates.authority(generation=2)
    filled.add(second, PASSPHRASE, "created", certificates.now)
    assert (filled.current(), filled.generations()) == (2, [1, 2])
    assert filled.load(PASSPHRASE, certificates.now).certificate == second.certificate
    assert filled.load(PASSPHRASE, certificates.now, generation=1).certificate == made.certificate
    assert [entry.certificate for entry in filled.load_public()] == [made.certificate, second.certificate]


def test_key_and_certificate_that_do_not_belong_together(filled, certificates, path):
    (path / "generation-1" / "ca.crt").write_bytes(pem.dump_certificates([certificates.authority().certificate]))
    with pytest.raises(authority.AuthorityError, match="generation-1: the private key does not belong to the CA certificate"):
        filled.load(PASSPHRASE, certificates.now)


def test_an_expired_ca(filled, certificates):
    with pytest.raises(authority.AuthorityError, match="generation-1: the CA certificate CN=logs CA .* expired on 2036-05-29T12:00:00Z"):
        filled.load(PASSPHRASE, certificates.now + datetime.timedelta(days=3651))


@pytest.mark.parametrize(
    ("loosened", "command"),
    [("", "chmod 700 {}"), ("generation-1", "chmod 700 {}/generation-1"), ("generation-1/ca.key", "chmod 600 {}/generation-1/ca.key")],
)
def test_loose_permissions_are_refused_with_the_command_to_run(filled, certificates, path, loosened, command):
    (path / loosened).chmod(0o755)
    for use in (lambda: filled.load(PASSPHRASE, certificates.now), filled.check):
        with pytest.raises(InterlockError) as caught:
            use()
        assert str(caught.value).endswith("Run: " + command.format(path))
    assert len(filled.problems()) == 1


def test_a_loose_empty_directory_gets_no_ca(directory, made, certificates, path):
    path.mkdir(parents=True, mode=0o755)
    path.chmod(0o755)
    with pytest.raises(InterlockError, match="Run: chmod 700"):
        directory.add(made, PASSPHRASE, "created", certificates.now)
    assert os.listdir(path) == []


def test_a_directory_with_other_files_gets_no_ca(directory, made, certificates, path):
    path.mkdir(parents=True, mode=0o700)
    (path / "ca.key").write_text("somebody else's")
    with pytest.raises(ca_directory.CaDirectoryError, match=r"holds files that are not a CA's \(ca.key\)"):
        directory.add(made, PASSPHRASE, "created", certificates.now)
    assert os.listdir(path) == ["ca.key"]


def test_a_file_in_the_place_of_the_directory(directory, path, made, certificates):
    path.parent.mkdir()
    path.touch(mode=0o600)
    with pytest.raises(InterlockError, match="is not a directory"):
        directory.check()
    with pytest.raises(InterlockError, match=str(path)):
        directory.add(made, PASSPHRASE, "created", certificates.now)


@pytest.mark.parametrize("content", ["", "0\n", "two\n", "2\n", "-1", "1 2"])
def test_a_current_that_names_nothing(filled, path, content):
    (path / "current").write_text(content)
    with pytest.raises(ca_directory.CaDirectoryError, match=r"current: names no generation that is here \(found: 1\)"):
        filled.current()


def test_two_certificates_where_one_should_be(filled, made, path):
    (path / "generation-1" / "ca.crt").write_bytes(pem.dump_certificates([made.certificate] * 2))
    with pytest.raises(ca_directory.CaDirectoryError, match="ca.crt: holds 2 certificates, not one"):
        filled.load_public()


# Runs that died


class Died(BaseException):
    """A process that ends does not clean up; no handler may catch this one."""


class Kill:
    """Let the n-th call of a function that changes the disk be the last thing that happens."""

    def __init__(self, monkeypatch, last):
        self.last = last
        self.count = 0
        for name in ("rename", "replace", "mkdir"):
            monkeypatch.setattr(os, name, self.wrap(getattr(os, name)))
        monkeypatch.setattr(ca_directory, "write_file", self.wrap(ca_directory.write_file))
        monkeypatch.setattr(ca_directory.shutil, "rmtree", lambda *arguments, **options: None)

    def wrap(self, function):
        def called(*arguments, **options):
            self.count += 1
            if self.count > self.last:
                raise Died
            return function(*arguments, **options)

        return called


@pytest.mark.parametrize("last", range(12))
def test_a_creation_that_dies_anywhere_is_repeated(path, certificates, made, last):
    """Whatever was left: the next run has one CA that opens, and nothing was deleted."""
    directory = CaDirectory(str(path))
    with pytest.MonkeyPatch.context() as patched:
        kill = Kill(patched, last)
        try:
            directory.add(made, PASSPHRASE, "created", certificates.now)
        except Died:
            pass
        else:
            assert kill.count <= last
    directory.check()
    keys_before = [file.read_bytes() for file in path.rglob("ca.key")]
    if directory.interrupted():
        assert directory.load(PASSPHRASE, certificates.now, directory.interrupted()).certificate == made.certificate
        directory.finish(directory.interrupted(), certificates.now)
    elif not directory.exists():
        directory.add(certificates.authority(), PASSPHRASE, "created", certificates.now)
    assert directory.load(PASSPHRASE, certificates.now).generation == 1
    assert directory.generations() == [1]
    assert [name for name in os.listdir(path) if name.startswith((".unfinished", ".current"))] == []
    assert set(keys_before) <= {file.read_bytes() for file in path.rglob("ca.key")}
    assert directory.interrupted() is None


def test_every_point_of_dying_was_reached(path, certificates, made):
    with pytest.MonkeyPatch.context() as patched:
        kill = Kill(patched, 1000)
        CaDirectory(str(path)).add(made, PASSPHRASE, "created", certificates.now)
    assert 6 <= kill.count <= 12


def test_half_a_generation_is_set_aside(directory, path, made, certificates):
    (path / "generation-1").mkdir(parents=True, mode=0o700)
    path.chmod(0o700)
    (path / "generation-1" / "ca.crt").write_text("half")
    assert (directory.generations(), directory.interrupted()) == ([], None)
    directory.add(made, PASSPHRASE, "created", certificates.now)
    assert (path / "archive" / ("generation-1." + STAMP) / "ca.crt").read_text() == "half"
    assert stat.S_IMODE((path / "archive").stat().st_mode) == 0o700
    assert directory.load(PASSPHRASE, certificates.now).certificate == made.certificate


def test_a_whole_generation_without_current_is_finished(filled, made, path, certificates):
    (path / "current").unlink()
    assert (filled.exists(), filled.interrupted()) == (False, 1)
    filled.finish(1, certificates.now)
    assert (filled.exists(), filled.interrupted()) == (True, None)
    assert filled.load(PASSPHRASE, certificates.now).certificate == made.certificate


def test_a_full_disk_leaves_nothing_behind(directory, path, made, certificates, monkeypatch):
    def full(*_arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(ca_directory, "write_file", full)
    with pytest.raises(InterlockError, match="cannot be written: No space left on device"):
        directory.add(made, PASSPHRASE, "created", certificates.now)
    assert set(os.listdir(path)) == {".lock"}
    assert not directory.exists()


def create(path, certificate_maker, barrier, said):
    barrier.wait()
    try:
        CaDirectory(path).add(certificate_maker.authority(), PASSPHRASE, "created", certificate_maker.now)
        said.put("created")
    except InterlockError as error:
        said.put(str(error))


def test_of_two_runs_at_once_one_creates_the_ca(path, certificates):
    context = multiprocessing.get_context("fork")
    barrier, said = context.Barrier(4), context.Queue()
    runs = [context.Process(target=create, args=(str(path), certificates, barrier, said)) for _count in range(4)]
    for run in runs:
        run.start()
    answers = sorted(said.get() for _run in runs)
    for run in runs:
        run.join()
    assert answers.count("created") == 1
    assert all(answer == "created" or "Another run made it meanwhile" in answer for answer in answers)
    assert CaDirectory(str(path)).load(PASSPHRASE, certificates.now).generation == 1


# The ledger


def issue_many(path, maker, issuer, writer):
    for number in range(10):
        issued = maker.issue(issuer, maker.request("node-%d-%d" % (writer, number), ["node-%d-%d" % (writer, number)]))
        CaDirectory(path).append(issued, 1, maker.now)


def test_what_was_issued_in_parallel_is_all_in_the_ledger(filled, made, certificates, path):
    context = multiprocessing.get_context("fork")
    runs = [context.Process(target=issue_many, args=(str(path), certificates, made, writer)) for writer in range(4)]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    entries, damaged = filled.ledger()
    assert damaged == []
    assert sorted(entry["subject"] for entry in entries) == sorted("CN=node-%d-%d" % (a, b) for a in range(4) for b in range(10))
    assert len({entry["serial"] for entry in entries}) == 40
    assert filled.problems() == []


def test_the_ledger_holds_public_data_only(filled, made, certificates):
    filled.append(certificates.issue(made), 1, certificates.now)
    text = pathlib.Path(filled.ledger_path).read_text()
    assert "PRIVATE" not in text and PASSPHRASE not in text
    assert set(json.loads(text)) == {
        "serial", "subject", "san_dns", "san_ip", "not_before", "not_after", "sha256", "issuer_sha256", "generation", "issued_at",
    }  # fmt: skip
