# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The way back of the role opensearch_tls on a node that was to be brought into a cluster: its tasks are run, on files of a scratch directory."""

from __future__ import annotations

import json
import pathlib

import pytest
from ansible_collections.interlock.cluster.plugins.module_utils._node.staging import MANIFEST, Staging
from ansible_collections.interlock.cluster.tests.unit.support.playbooks import run_playbook

ROLE = pathlib.Path(__file__).resolve().parents[3] / "roles" / "opensearch_tls"
BEFORE = {"members": ["os1", "os2"], "health": "yellow", "documents": {}}

# case: the step, whether the node's files are switched, what the run did to it, and what the operator is told
CASES = {
    "fails": ("join", True, {"__opensearch_tls_switched": {"state": "switched"}}, "the node is stopped and not in the cluster"),
    "resumed": ("resume", True, {"__opensearch_tls_switched": {"state": "switched"}}, "the node is stopped and not in the cluster"),
    "interrupted": ("back", True, {}, "the node is stopped and not in the cluster"),
    "stopped-only": ("join", False, {"__opensearch_tls_stopped": {"changed": True}}, "the node is stopped and not in the cluster"),
    "not-its-turn": ("join", False, {}, "its process is as it was, outside of the cluster"),
    "broken": ("back", True, {}, "THE PREVIOUS FILES COULD NOT BE PUT BACK"),
}


def staged(directory, switched):
    """The configuration directory of a node whose next settings are staged, and live where they are switched."""
    directory.mkdir()
    settings = directory / "opensearch.yml"
    settings.write_text("old")
    staging = Staging(str(directory))
    staging.begin()
    staging.add(str(settings), b"new", 0o600)
    staging.seal()
    if switched:
        staging.remember({"restart": "rolling", "level": 4, "joins": True, "before": BEFORE})
        staging.switch()
    return settings


def variables(directory, step, switched, facts):
    """What the role knows of a node at the way back."""
    mine = {"due": True, "joins": True, "switched": switched, "stop": False, "scheme_before": "http", "scheme_after": "https"}
    plan = {"step": step, "kind": "back" if step == "back" else "rolling", "level": 4, "restart": "rolling", "before": BEFORE}
    return dict({
        "opensearch_tls_config_dir": str(directory), "opensearch_tls_service_manager": "archive", "opensearch_tls_home": str(directory),
        "opensearch_tls_pid_file": str(directory / "pid"), "__opensearch_tls_plan": plan, "__opensearch_tls_my_plan": mine,
        "__opensearch_tls_node": {"live": {"http_host": "127.0.0.1"}, "san": {"ip": [], "dns": []}, "demo_names": [], "log_file": "x"},
        "__opensearch_tls_ca": {}, "__opensearch_tls_done": False, "__opensearch_tls_stopped": {}, "__opensearch_tls_switched": {},
    }, **facts)


@pytest.fixture(name="outcome", scope="module")
def went_back(tmp_path_factory):
    """(the directory of the configurations, what came of the way back of every case)."""
    directory = tmp_path_factory.mktemp("nodes")
    given = {}
    for case, (step, switched, facts, _said) in CASES.items():
        settings = staged(directory / case, switched)
        given[case] = variables(settings.parent, step, switched, facts)
    settings = directory / "broken" / "opensearch.yml"
    settings.unlink()
    settings.mkdir()
    tasks = [{"ansible.builtin.include_vars": str(ROLE / part / "main.yml")} for part in ("defaults", "vars")]
    tasks += [{"ansible.builtin.set_fact": {name: "{{ given[inventory_hostname].%s }}" % name for name in given["fails"]}},
              {"ansible.builtin.include_tasks": str(ROLE / "tasks" / "way_back.yml")},
              {"name": "Say", "ansible.builtin.debug": {"msg": "{{ __opensearch_tls_outcome_of_way_back }}"}}]
    play = {"hosts": "all", "gather_facts": False, "vars": {"given": given}, "tasks": tasks}
    outcome = run_playbook(directory, [play], {case: {} for case in CASES})
    assert outcome.code == 0, outcome.output
    return directory, outcome


@pytest.mark.parametrize("case", CASES)
def test_the_operator_is_told_how_the_node_is(outcome, case):
    assert CASES[case][3] in outcome[1].said(case)[-1]


@pytest.mark.parametrize("case", CASES)
def test_the_previous_files_do_not_run_beside_nodes_that_speak_tls(outcome, case):
    for task in ("Start the node as it was", "Wait until the cluster is back", "Allocate as before"):
        assert outcome[1].only(case, task)[0] == "skipped", task


@pytest.mark.parametrize("case", [case for case in CASES if case != "broken"])
def test_with_the_files_back_there_is_nothing_to_finish(outcome, case):
    assert (outcome[0] / case / "opensearch.yml").read_text() == "old" and not (outcome[0] / case / MANIFEST).exists()


def test_files_that_could_not_be_put_back_are_not_forgotten(outcome):
    context = json.loads((outcome[0] / "broken" / MANIFEST).read_text())["context"]
    assert context == {"restart": "rolling", "level": 4, "back": True, "joins": True, "before": BEFORE}
