# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waiting for a cluster that comes up as its script says."""

from __future__ import annotations

import pytest
from ansible_collections.interlock.cluster.plugins.module_utils._node import cluster_health
from ansible_collections.interlock.cluster.plugins.module_utils._node.elasticsearch_client import Client
from ansible_collections.interlock.cluster.tests.unit.support.scripted_api import NO_MASTER, UNAUTHORIZED, scripted_api

PATIENT = 30.0


class Service:
    """A process that is there, about to be, or neither."""

    def __init__(self, pid=None, starting=False):
        self._pid, self._starting = pid, starting

    def pid(self):
        return self._pid

    def is_starting(self):
        return self._starting


@pytest.fixture
def api(monkeypatch):
    monkeypatch.setattr(cluster_health.time, "sleep", lambda seconds: None)
    with scripted_api() as running:
        yield running


def health(status, initializing=0, unassigned=0):
    return 200, {"status": status, "initializing_shards": initializing, "unassigned_shards": unassigned}


def nodes(*names):
    return 200, {"nodes": {"id-%s" % name: {"name": name} for name in names}}


def wait(api, expected=("a", "b"), status="green", seconds=PATIENT, service=None, logs=(), least_nodes=0):
    return cluster_health.wait(Client("127.0.0.1", api.port), service or Service(1), list(expected), least_nodes, status, seconds, logs)


def test_what_is_there_already_is_told_at_once(api):
    api.script = {"GET /_cluster/health": [health("green")], "GET /_nodes/_all/name": [nodes("b", "a", "c")]}
    found = wait(api)
    assert found.pop("at") > 0
    assert found == {"status": "green", "nodes": ["a", "b", "c"], "missing": [], "shards_to_come": 0, "reached": True, "answer": None,
                     "running": True}
    assert api.paths() == ["GET /_cluster/health?master_timeout=2s&timeout=2s", "GET /_nodes/_all/name?filter_path=nodes.*.name"]


def test_it_waits_while_the_cluster_comes_up(api):
    api.script = {
        "GET /_cluster/health": [(None, None), NO_MASTER, UNAUTHORIZED, health("red", 2, 4), health("yellow", 1, 2), health("green")],
        "GET /_nodes/_all/name": [nodes("a"), nodes("a", "b")],
    }
    assert wait(api)["reached"]
    assert len(api.asked) == 9


@pytest.mark.parametrize("found, wanted, reached", [
    ("red", "red", True), ("red", "yellow", False), ("yellow", "yellow", True), ("yellow", "green", False), ("green", "yellow", True),
])
def test_health_at_least(api, found, wanted, reached):
    api.script = {"GET /_cluster/health": [health(found, 1, 2)], "GET /_nodes/_all/name": [nodes("a", "b")]}
    result = wait(api, status=wanted, seconds=0)
    assert (result["reached"], result["status"], result["shards_to_come"]) == (reached, found, 3)


def test_at_the_end_of_the_slice_it_tells_how_far_it_is(api):
    api.script = {"GET /_cluster/health": [health("green")], "GET /_nodes/_all/name": [nodes("a")]}
    found = wait(api, ("a", "c", "b"), seconds=0)
    assert (found["reached"], found["missing"], found["running"]) == (False, ["b", "c"], True)


@pytest.mark.parametrize("answer, why", [(UNAUTHORIZED, "answered with 401"), (NO_MASTER, "answered with 503"), ((None, None), "does not answer")])
def test_without_a_status_it_says_why(api, answer, why):
    api.script = {"GET /_cluster/health": [answer]}
    found = wait(api, seconds=0)
    assert (found["status"], found["missing"], found["shards_to_come"], found["reached"]) == (None, ["a", "b"], None, False)
    assert why in found["answer"]


@pytest.mark.parametrize("answers", [
    ((200, b"<html>"), (200, b"")), (health("green"), (200, {})), (health("green"), (200, b"<html>")), (health("green"), NO_MASTER),
])
def test_what_is_not_elasticsearch_is_no_answer(api, answers):
    api.script = {"GET /_cluster/health": [answers[0]], "GET /_nodes/_all/name": [answers[1]]}
    found = wait(api, seconds=0)
    assert (found["status"], found["reached"]) == (None, False)
    assert found["answer"]


@pytest.mark.parametrize("service, running", [(Service(7), True), (Service(starting=True), True), (Service(), False)])
def test_a_process_that_ended_is_not_waited_for_and_its_logs_are_told(api, tmp_path, service, running):
    api.script = {"GET /_cluster/health": [(None, None)]}
    log = tmp_path / "es.log"
    log.write_text("\n".join(["line %d" % number for number in range(100)] + ["java.lang.Error: x", "\tat a.b(C.java:1)", "\t... 3 more", "the end"]))
    found = wait(api, service=service, seconds=PATIENT if not running else 0, logs=[str(tmp_path / "none"), str(log)])
    assert found["running"] is running
    if running:
        assert "log_lines" not in found
    else:
        assert len(found["log_lines"]) == cluster_health.LOG_LINES
        assert found["log_lines"][-2:] == ["%s: java.lang.Error: x" % log, "%s: the end" % log]


def test_what_answers_runs_whatever_its_pid_file_says(api):
    api.script = {"GET /_cluster/health": [health("yellow")], "GET /_nodes/_all/name": [nodes("a", "b")]}
    assert wait(api, seconds=0, service=Service())["running"]


def test_only_the_end_of_a_huge_log_is_read(tmp_path):
    log = tmp_path / "es.log"
    log.write_bytes(b"x" * 100000 + b"\n" + b"\xff" * 500 + b"\nend\n")
    lines = cluster_health.last_lines([str(log)])
    assert lines[-1] == "%s: end" % log and len(lines) == 3
    assert all(len(line) <= len("%s: " % log) + 600 for line in lines)
