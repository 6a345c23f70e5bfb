# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What rescue, handlers, run_once and unreachable hosts really do in the installed ansible-core: the roles are built on it.

Where one of these tests fails, read switch.yml, revert.yml and the handlers of the roles before you change the test.
"""

from __future__ import annotations

import json

import pytest
from ansible_collections.interlock.cluster.tests.unit.support.playbooks import run_playbook

COUNT = 3


def say(text, **keywords):
    """A task that leaves a trace."""
    return dict({"name": text, "ansible.builtin.debug": {"msg": text}}, **keywords)


def fail(hosts="all", **keywords):
    """A task that fails on the first host, or on all."""
    when = {"when": "inventory_hostname is search('1$')"} if hosts == "first" else {}
    return dict({"name": "fail", "ansible.builtin.fail": {"msg": "no"}}, **when, **keywords)


def block(*tasks, rescue=None, **keywords):
    return dict({"block": list(tasks), "rescue": rescue or [say("rescued")]}, **keywords)


FLUSH = {"ansible.builtin.meta": "flush_handlers"}
FATAL = {"any_errors_fatal": True}
NOT_FATAL = {"any_errors_fatal": False}
NOTIFY = say("notify", changed_when=True, notify="handler")


def handlers(*tasks):
    """A handler that includes a file of these tasks, as the roles' handlers do."""
    return {"handlers": [{"name": "handler", "ansible.builtin.include_tasks": "{{ case }}.json"}], "file": list(tasks)}


# case: the play, and for each trace the hosts that leave it
CASES = {
    "a_failure_without_any_errors_fatal": (
        {"tasks": [block(fail("first"), say("went on"))]}, {"rescued": [1], "went on": [2, 3]}),
    "a_failure_with_it_on_the_block": (
        {"tasks": [block(fail("first"), say("went on"), **FATAL)]}, {"rescued": [1, 2, 3], "went on": []}),
    "handlers_flushed_in_a_block_with_fatal_tasks": (
        {"tasks": [NOTIFY, block(FLUSH, **FATAL)], **handlers(fail("first", **FATAL), say("went on"))},
        {"rescued": [1, 2, 3], "went on": []}),
    "handlers_flushed_in_a_fatal_block_with_tasks_that_are_not": (
        {"tasks": [NOTIFY, block(FLUSH, **FATAL)], **handlers(fail("first"), say("went on"))}, {"went on": [2, 3]}),
    "a_rescue_inside_a_handler": (
        {"tasks": [NOTIFY, block(FLUSH, rescue=[say("rescued outside")], **FATAL)], **handlers(block(fail(**FATAL)))},
        {"rescued": [], "rescued outside": [1, 2, 3]}),
    "run_once_fails": (
        {"tasks": [block(fail(run_once=True), say("went on"))]}, {"rescued": [1], "went on": []}),
    "run_once_fails_with_any_errors_fatal": (
        {"tasks": [block(fail(run_once=True), say("went on"), **FATAL)]}, {"rescued": [1], "went on": []}),
    "run_once_with_ignore_errors_is_judged_on_all": (
        {"tasks": [block(fail(run_once=True, ignore_errors=True, register="once"), dict(fail(), when="once is failed"))]},
        {"rescued": [1, 2, 3]}),
    "unreachable_but_ignored_then_a_failure_on_all": (
        {"tasks": [block({"name": "ping", "ansible.builtin.ping": None, "ignore_unreachable": True}, fail())], "unreachable": [1]},
        {"rescued": [1, 2, 3]}),
    "unreachable_with_any_errors_fatal": (
        {"tasks": [block({"name": "ping", "ansible.builtin.ping": None}, say("went on"), **FATAL)], "unreachable": [1]},
        {"rescued": [2, 3], "went on": []}),
    "a_task_of_the_rescue_fails_that_is_not_fatal": (
        {"tasks": [block(fail(), rescue=[fail("first", **NOT_FATAL), say("taken back", **NOT_FATAL)], **FATAL)]}, {"taken back": [2, 3]}),
    "a_task_of_the_rescue_fails_that_inherits_it": (
        {"tasks": [block(fail(), rescue=[fail("first"), say("taken back")], **FATAL)]}, {"taken back": []}),
    "a_handler_notified_by_one_host": (
        {"tasks": [dict(NOTIFY, when="inventory_hostname is search('2$')"), FLUSH], **handlers(say("handled"))}, {"handled": [2]}),
    "any_errors_fatal_as_a_template_is_true_whatever_it_says": (
        {"tasks": [block(fail("first"), say("went on"), any_errors_fatal="{{ false }}")]}, {"rescued": [1, 2, 3], "went on": []}),
}
# One host after the other inside a handler, in an order of our own: what a rolling restart needs.
TURNS = {"name": "handler", "ansible.builtin.include_tasks": "{{ case }}.json", "loop": [3, 1, 2], "loop_control": {"loop_var": "turn"}}
TURN = {"name": "my turn", "ansible.builtin.include_tasks": "one_turn.json", "when": "inventory_hostname is search(turn ~ '$')"}
ONE_TURN = [say("begin", **FATAL), fail("first", **FATAL), say("end", **FATAL)]
# After these no further play is run.
ENDING = ("handlers_flushed_in_a_fatal_block_with_tasks_that_are_not", "a_task_of_the_rescue_fails_that_inherits_it")


def hosts_of(case):
    return ["%s_%d" % (case, number) for number in range(1, COUNT + 1)]


def run(directory, cases):
    """Outcome of the plays of the cases, each with hosts of its own."""
    hosts, plays = {}, []
    for case in cases:
        play = dict(CASES[case][0])
        gone = play.pop("unreachable", [])
        if "file" in play:
            (directory / (case + ".json")).write_text(str(play.pop("file")).replace("True", "true").replace("False", "false"))
        for number, host in enumerate(hosts_of(case), 1):
            hosts[host] = {"case": case}
            if number in gone:
                hosts[host].update(ansible_connection="ssh", ansible_host="host.invalid")
        plays.append(dict({"hosts": hosts_of(case), "gather_facts": False}, **play))
    return run_playbook(directory, plays, hosts)


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    """The outcome of every case, in as few runs as will do."""
    together = [case for case in CASES if case not in ENDING]
    found = dict.fromkeys(together, run(tmp_path_factory.mktemp("together"), together))
    for case in ENDING:
        found[case] = run(tmp_path_factory.mktemp("ending"), [case])
    return found


@pytest.mark.parametrize("case", CASES)
def test_semantics(outcomes, case):
    outcome = outcomes[case]
    for trace, hosts in CASES[case][1].items():
        left = [number for number, host in enumerate(hosts_of(case), 1) if [True for status, _result in outcome.of(host, trace) if status == "ok"]]
        assert left == hosts, "%s: %s\n%s" % (case, trace, outcome.output)
    assert any(outcome.of(host) for host in hosts_of(case)), "the play was run"


def test_turns_of_a_handler_come_one_after_the_other_in_their_order(tmp_path):
    """Each host includes for itself in its turn. The second fails, and everybody is rescued before the third begins."""
    hosts = ["turns_%d" % number for number in (1, 2, 3)]
    (tmp_path / "turns.json").write_text(json.dumps([TURN]))
    (tmp_path / "one_turn.json").write_text(json.dumps(ONE_TURN))
    play = {"hosts": hosts, "gather_facts": False, "handlers": [TURNS], "tasks": [NOTIFY, block(FLUSH, **FATAL)]}
    outcome = run_playbook(tmp_path, [play], {host: {"case": "turns"} for host in hosts})
    traces = [(item["task"], item["host"][-1]) for item in outcome.results if item["status"] == "ok" and item["task"] in ("begin", "end", "rescued")]
    assert traces[:3] == [("begin", "3"), ("end", "3"), ("begin", "1")], outcome.output
    assert sorted(traces[3:]) == [("rescued", "1"), ("rescued", "2"), ("rescued", "3")]


def test_with_the_block_alone_fatal_the_others_finish_the_handler_before_the_rescue(outcomes):
    """Which is why every task of a handler says any_errors_fatal: else nodes would be started that are to be taken back."""
    case = "handlers_flushed_in_a_fatal_block_with_tasks_that_are_not"
    tasks = [item["task"] for item in outcomes[case].results]
    assert "went on" in tasks
    assert "rescued" not in tasks[:tasks.index("went on")]
