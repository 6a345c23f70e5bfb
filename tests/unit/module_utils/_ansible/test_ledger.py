# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import multiprocessing
import os
import stat
import threading

import pytest
from ansible_collections.interlock.cluster.plugins.module_utils._ansible.ledger import Ledger, LedgerError
from hypothesis import given
from hypothesis import strategies as st


@pytest.fixture
def ledger(tmp_path):
    return Ledger(str(tmp_path / "ledger.jsonl"))


def content(ledger):
    with open(ledger.path, "rb") as stream:
        return stream.read()


def test_no_ledger_yet(ledger):
    assert ledger.read() == ([], [])
    assert not os.path.exists(ledger.path)


def test_entries_are_lines_of_json(ledger):
    ledger.append({"serial": "1", "subject": "CN=Grüße"})
    ledger.append({"serial": "2"})
    assert [json.loads(line) for line in content(ledger).splitlines()] == [{"serial": "1", "subject": "CN=Grüße"}, {"serial": "2"}]
    assert ledger.read() == ([{"serial": "1", "subject": "CN=Grüße"}, {"serial": "2"}], [])
    assert stat.S_IMODE(os.stat(ledger.path).st_mode) == 0o600


@pytest.mark.parametrize("torn", [b'{"serial": "2", "sub', b"{", b"\xff\xfe", b'"text"'])
def test_a_torn_line_is_named_and_harms_no_other(ledger, torn):
    ledger.append({"serial": "1"})
    with open(ledger.path, "ab") as stream:
        stream.write(torn)
    assert ledger.read() == ([{"serial": "1"}], [2])
    ledger.append({"serial": "3"})
    assert ledger.read() == ([{"serial": "1"}, {"serial": "3"}], [2])
    assert content(ledger).endswith(torn + b'\n{"serial": "3"}\n')


@given(st.integers(0, 40))
def test_wherever_a_writer_dies_the_next_one_is_read(tmp_path_factory, kept):
    ledger = Ledger(str(tmp_path_factory.mktemp("torn") / "ledger.jsonl"))
    ledger.append({"serial": "1"})
    ledger.append({"serial": "2"})
    os.truncate(ledger.path, min(kept, os.path.getsize(ledger.path)))
    ledger.append({"serial": "3"})
    entries, _damaged = ledger.read()
    assert entries[-1] == {"serial": "3"}
    assert entries[:-1] == [{"serial": "1"}, {"serial": "2"}][: len(entries) - 1]


def test_a_failed_write_leaves_the_ledger_as_it_was(ledger, monkeypatch):
    ledger.append({"serial": "1"})
    before = content(ledger)

    def full(_descriptor):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(LedgerError, match="cannot be written: No space left on device"):
            ledger.append({"serial": "2"})
    assert content(ledger) == before
    ledger.append({"serial": "3"})
    assert ledger.read() == ([{"serial": "1"}, {"serial": "3"}], [])


def write_many(path, writer, count):
    for number in range(count):
        Ledger(path).append({"writer": writer, "number": number, "padding": "x" * 5000})


def written_by_all(ledger, writers, count):
    entries, damaged = ledger.read()
    assert damaged == []
    for writer in range(writers):
        assert [entry["number"] for entry in entries if entry["writer"] == writer] == list(range(count))
    assert len(entries) == writers * count


def write_in_pieces(descriptor, content):
    for start in range(0, len(content), 100):
        os.write(descriptor, content[start : start + 100])


def test_parallel_processes_lose_nothing(ledger, monkeypatch):
    # A write may be cut short by a signal or a file system: without the lock the pieces of two lines would mix.
    monkeypatch.setattr("ansible_collections.interlock.cluster.plugins.module_utils._ansible.ledger._write", write_in_pieces)
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=write_many, args=(ledger.path, writer, 20)) for writer in range(6)]
    for process in writers:
        process.start()
    for process in writers:
        process.join()
    written_by_all(ledger, 6, 20)


def test_parallel_threads_lose_nothing(ledger):
    writers = [threading.Thread(target=write_many, args=(ledger.path, writer, 20)) for writer in range(6)]
    for thread in writers:
        thread.start()
    for thread in writers:
        thread.join()
    written_by_all(ledger, 6, 20)


def test_a_ledger_without_its_directory(tmp_path):
    with pytest.raises(LedgerError, match="its directory is not there"):
        Ledger(str(tmp_path / "none" / "ledger.jsonl")).append({})


def test_a_ledger_that_is_a_directory(tmp_path):
    with pytest.raises(LedgerError, match="the ledger cannot be read: Is a directory"):
        Ledger(str(tmp_path)).read()
