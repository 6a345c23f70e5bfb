# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module as Ansible runs it: it reports, whatever it finds."""

from __future__ import annotations

import json
import shutil

import pytest
from ansible.module_utils.common import warnings
from ansible.module_utils.testing import patch_module_args
from ansible_collections.interlock.cluster.plugins.module_utils._ansible.ca_directory import CaDirectory
from ansible_collections.interlock.cluster.plugins.module_utils._stores import pem
from ansible_collections.interlock.cluster.plugins.modules import ca_info

PASSPHRASE = "correct horse battery staple"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "logs"


@pytest.fixture
def run(path, capsys, monkeypatch):
    """A function that runs the module in both modes, twice each, and returns the one result."""

    def run_module(**arguments):
        monkeypatch.setattr(warnings, "_global_warnings", {})  # a process of its own would have none
        results = []
        for check in (True, False, True, False):
            with patch_module_args(dict(arguments, directory=str(path), _ansible_check_mode=check)), pytest.raises(SystemExit) as left:
                ca_info.main()
            output = capsys.readouterr().out
            assert PASSPHRASE not in output and "PRIVATE KEY" not in output
            assert left.value.code == 0, output
            results.append(json.loads(output))
        assert all(result == results[0] for result in results)
        assert results[0]["changed"] is False
        return results[0]

    return run_module


@pytest.fixture
def filled(path, certificates):
    """A directory with two generations and two certificates issued by the second."""
    directory = CaDirectory(str(path))
    now = ca_info.datetime.now(ca_info.timezone.utc)
    made = [certificates.authority(generation=generation, now=now) for generation in (1, 2)]
    for generation in made:
        directory.add(generation, PASSPHRASE, "created", now)
    for node in ("es1", "es2"):
        directory.append(certificates.issue(made[1], certificates.request(node, [node]), now), 2, now)
    return made


def test_no_ca(run):
    found = run()
    del found["invocation"], found["changed"]
    assert found == {
        "exists": False, "generation": None, "generations": [], "certificates": [], "facts": None, "days_left": None,
        "external": False, "key_opens": None, "ledger_count": 0, "problems": [],
    }  # fmt: skip


def test_what_is_there(run, filled):
    found = run()
    assert (found["exists"], found["generation"], found["problems"]) == (True, 2, [])
    assert found["certificates"] == [pem.dump_certificates([made.certificate]).decode() for made in filled]
    assert found["facts"]["subject"] == "CN=logs CA G2"
    assert found["days_left"] in (3649, 3650)
    assert [(one["generation"], one["current"], one["origin"], one["key_encrypted"]) for one in found["generations"]] == [
        (1, False, "created", True), (2, True, "created", True),
    ]  # fmt: skip
    assert (found["ledger_count"], found["key_opens"]) == (2, None)
    assert "ledger" not in found


def test_the_ledger(run, filled):
    found = run(ledger=True)
    assert [entry["subject"] for entry in found["ledger"]] == ["CN=es1", "CN=es2"]


def test_whether_the_key_opens(run, filled):
    assert run(passphrase=PASSPHRASE)["key_opens"] is True
    found = run(passphrase="some other passphrase")
    assert found["key_opens"] is False
    assert len(found["problems"]) == 1 and "the passphrase of the private key is wrong" in found["problems"][0]


@pytest.mark.parametrize(
    ("damage", "problem"),
    [
        (lambda path: path.chmod(0o755), "Run: chmod 700"),
        (lambda path: (path / "generation-1/ca.key").chmod(0o644), "Run: chmod 600"),
        (lambda path: (path / "current").write_text("7"), "names no generation that is here (found: 1, 2)"),
        (lambda path: (path / "current").unlink(), "no generation is current"),
        (lambda path: (path / "generation-2/ca.crt").write_text("x"), "generation-2/ca.crt: no certificate found"),
        (lambda path: (path / "generation-1/ca.key").write_text("x"), "generation-1/ca.key: no private key found"),
        (lambda path: (path / "ledger.jsonl").open("a").write("{torn"), "ledger.jsonl: line 3 cannot be read"),
        (lambda path: (shutil.rmtree(path), path.touch()), "is not a directory"),
    ],
)
def test_what_is_wrong_is_reported_and_never_a_failure(run, filled, path, damage, problem):
    damage(path)
    found = run()
    assert any(problem in line for line in found["problems"]), found["problems"]


def test_an_expired_ca(run, path, certificates):
    long_ago = ca_info.datetime(2001, 1, 1, tzinfo=ca_info.timezone.utc)
    CaDirectory(str(path)).add(certificates.authority(days=30, now=long_ago), PASSPHRASE, "created", long_ago)
    found = run(passphrase=PASSPHRASE)
    assert (found["exists"], found["key_opens"]) == (True, False)
    assert found["days_left"] < 0
    assert all("expired on 2001-01-31T00:00:00Z" in problem for problem in found["problems"])
