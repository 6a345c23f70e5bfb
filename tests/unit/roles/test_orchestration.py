# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules for the tasks of roles that follow from what Ansible really does (test_ansible_semantics.py), and the project's own."""

from __future__ import annotations

import pathlib
import re

import pytest
import yaml

ROLES = pathlib.Path(__file__).resolve().parents[3] / "roles"
BUILTIN = "ansible.builtin."
INCLUDES = tuple(BUILTIN + name for name in ("include_tasks", "import_tasks", "include_role", "import_role", "meta"))
# What only the control process does; nothing of it fails for a reason that lies outside.
CANNOT_FAIL = (BUILTIN + "set_fact", BUILTIN + "debug", "interlock.cluster.elasticsearch_tls_plan", "interlock.cluster.elasticsearch_tls_report",
               "interlock.cluster.redis_tls_plan", "interlock.cluster.opensearch_tls_plan", "interlock.cluster.report",
               "interlock.cluster.certificate_audit_report", "interlock.cluster.ca_rotation_plan")
SHELLS = ("shell", "command", "raw", "script", "expect")
# What says how things stand may fail: that is its purpose.
VERDICTS = (BUILTIN + "fail", BUILTIN + "set_fact")
LONGEST = 25

FILES = {str(path.relative_to(ROLES)): yaml.safe_load(path.read_text(encoding="utf-8")) or [] for path in sorted(ROLES.glob("*/*/*.yml"))
         if path.parent.name in ("tasks", "handlers")}
HANDLERS = [name for name in FILES if "/handlers/" in name]
REVERTS = [name for name in FILES if name.endswith("/tasks/revert.yml")]
WAYS_BACK = [name for name in FILES if name.endswith("/tasks/way_back.yml")]


def tasks_in(items, inherited=None):
    """Every task, those in blocks with the keywords of their blocks, as flat dicts."""
    for item in items:
        keywords = {key: value for key, value in dict(inherited or {}, **item).items() if key not in ("block", "rescue", "always", "name", "vars")}
        if "block" in item:
            for part in ("block", "rescue", "always"):
                yield from tasks_in(item.get(part, []), keywords)
        else:
            yield dict(keywords, name=item.get("name"), vars=item.get("vars", {}))


def action(task):
    """The module or action of a task by its full name."""
    return next((key for key in task if "." in key), None)


def where(tasks, rule):
    """The names of the tasks that break a rule."""
    return [task["name"] for task in tasks_in(tasks) if not rule(task)]


def stops_everybody(task):
    return action(task) in INCLUDES or task.get("any_errors_fatal") is True


def stops_nobody_else(task):
    if action(task) in INCLUDES:
        return True
    goes_on = action(task) in VERDICTS or (task.get("ignore_errors") is True and task.get("ignore_unreachable") is True)
    return task.get("any_errors_fatal") is False and goes_on


def runs_everywhere_or_cannot_fail(task):
    if not task.get("run_once") or action(task) in CANNOT_FAIL:
        return True
    tolerant = task.get("ignore_errors") is True or task.get("failed_when") is False
    return tolerant and "register" in task and (task.get("ignore_unreachable") is True or "delegate_to" not in task)


def is_no_shell(task):
    return (action(task) or "").removeprefix(BUILTIN) not in SHELLS and not set(SHELLS) & set(task)


def has_a_full_name(task):
    return action(task) is not None


def is_no_template(task):
    return not isinstance(task.get("any_errors_fatal"), str)


def runs_as_the_control_node_does(task):
    """On the control node a task of a node would run as root, and with the node's Python."""
    return "delegate_to" not in task or (task.get("become") is False and "ansible_python_interpreter" in task["vars"])


EVERYWHERE = (runs_everywhere_or_cannot_fail, is_no_shell, has_a_full_name, is_no_template, runs_as_the_control_node_does)


@pytest.mark.parametrize("rule", EVERYWHERE, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("name", FILES)
def test_every_task(name, rule):
    assert where(FILES[name], rule) == []


@pytest.mark.parametrize("path", sorted(ROLES.glob("*/*/*.yml")), ids=lambda path: str(path.relative_to(ROLES)))
def test_a_result_is_called_a_success_only_of_a_host_that_answered(path):
    """To Ansible an unreachable result is a success, too."""
    text = path.read_text(encoding="utf-8")
    assert [name for name in re.findall(r"(\w+) is (?:success|succeeded)\b", text) if name + " is not unreachable" not in text] == []


@pytest.mark.parametrize("name", HANDLERS)
def test_a_task_of_a_handler_stops_every_host_when_it_fails(name):
    """Else the others would finish the handler, and start their nodes, before the rescue."""
    assert where(FILES[name], stops_everybody) == []


@pytest.mark.parametrize("name", HANDLERS)
def test_a_handler_is_linear_and_runs_on_every_host(name):
    """Inside a handler rescue and always never run; a run_once that fails is rescued on one host only."""
    assert not [item.get("name") for item in FILES[name] if "block" in item]
    assert not [task["name"] for task in tasks_in(FILES[name]) if task.get("run_once")]


@pytest.mark.parametrize("name", REVERTS)
def test_a_task_of_a_way_back_stops_no_other_host(name):
    assert where(FILES[name], stops_nobody_else) == []
    assert any(task.get(BUILTIN + "include_tasks") == "way_back.yml" for task in FILES[name])
    assert action(list(tasks_in(FILES[name]))[-1]) == BUILTIN + "fail", "a run that was taken back has not succeeded"


@pytest.mark.parametrize("name", WAYS_BACK)
def test_a_step_back_stops_no_other_host_and_is_judged_later(name):
    assert where(FILES[name], stops_nobody_else) == []
    assert all("register" in task for task in tasks_in(FILES[name]))


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith("/tasks/switch.yml")])
def test_the_switch_flushes_its_handler_in_a_block_with_a_rescue(name):
    first, *_rest, last = FILES[name]
    assert BUILTIN + "set_fact" in _rest[0], "what an earlier run of the role registered must not be taken for this one's"
    assert first[BUILTIN + "meta"] == "flush_handlers", "the handlers of others are not taken back by our rescue"
    assert (last["any_errors_fatal"], [task[BUILTIN + "meta"] for task in last["block"]]) == (True, ["flush_handlers"])
    assert [task[BUILTIN + "include_tasks"] for task in last["rescue"]] == ["revert.yml"]


@pytest.mark.parametrize("name", FILES)
def test_a_task_file_has_one_subject(name):
    assert len(list(tasks_in(FILES[name]))) <= LONGEST


def facts_of(items):
    """The names that tasks register or set: they count more than variables of tasks and blocks, also in later plays of the run."""
    for task in items:
        yield from [task["register"]] if "register" in task else []
        yield from [name for name in task.get(BUILTIN + "set_fact", {}) if name != "cacheable"]
        for part in ("block", "rescue", "always"):
            yield from facts_of(task.get(part, []))


def variables_of(items):
    """The names of the variables of tasks and blocks."""
    for task in items:
        yield from task.get("vars", {})
        for part in ("block", "rescue", "always"):
            yield from variables_of(task.get(part, []))


@pytest.mark.parametrize("role", sorted({name.partition("/")[0] for name in FILES}))
def test_no_variable_of_a_task_hides_behind_a_fact(role):
    facts = {fact for items in FILES.values() for fact in facts_of(items)}
    own = {variable for name, items in FILES.items() if name.startswith(role + "/") for variable in variables_of(items)}
    assert own & facts == set()


def test_the_rules_have_something_to_judge():
    assert len(FILES) >= 10 and HANDLERS and REVERTS and WAYS_BACK


PING = {BUILTIN + "ping": None}


@pytest.mark.parametrize("rule, kept, broken", [
    (stops_everybody, dict(PING, any_errors_fatal=True), PING),
    (stops_everybody, {BUILTIN + "include_tasks": "x.yml"}, dict(PING, any_errors_fatal="yes")),
    (stops_nobody_else, dict(PING, any_errors_fatal=False, ignore_errors=True, ignore_unreachable=True), dict(PING, any_errors_fatal=False)),
    (stops_nobody_else, {BUILTIN + "fail": None, "any_errors_fatal": False}, {BUILTIN + "fail": None}),
    (stops_nobody_else, {BUILTIN + "set_fact": None, "any_errors_fatal": False}, dict(PING, ignore_errors=True, ignore_unreachable=True)),
    (runs_everywhere_or_cannot_fail, dict(PING, run_once=True, ignore_errors=True, register="x"), dict(PING, run_once=True, ignore_errors=True)),
    (runs_everywhere_or_cannot_fail, {BUILTIN + "debug": None, "run_once": True}, dict(PING, run_once=True, register="x")),
    (runs_everywhere_or_cannot_fail, dict(PING, run_once=True, failed_when=False, register="x", delegate_to="x", ignore_unreachable=True),
     dict(PING, run_once=True, failed_when=False, register="x", delegate_to="x")),
    (is_no_shell, PING, {BUILTIN + "shell": "x"}),
    (is_no_shell, PING, {"command": "x"}),
    (has_a_full_name, PING, {"ping": None}),
    (is_no_template, dict(PING, any_errors_fatal=True), dict(PING, any_errors_fatal="{{ false }}")),
    (runs_as_the_control_node_does, dict(PING, delegate_to="x", become=False, vars={"ansible_python_interpreter": "x"}), dict(PING, delegate_to="x")),
])
def test_a_broken_rule_is_seen_in_a_block_as_well(rule, kept, broken):
    name = {"name": "it"}
    assert where([dict(kept, **name)], rule) == [] and where([dict(broken, **name)], rule) == ["it"]
    for part in ("block", "rescue", "always"):
        assert where([{"block": [], **{part: [dict(broken, **name)]}}], rule) == ["it"]


def test_keywords_of_a_block_count_for_its_tasks():
    assert where([{"any_errors_fatal": True, "block": [PING]}], stops_everybody) == []
