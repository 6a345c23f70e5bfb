# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every action does alike, with a node that answers as it is told."""

from __future__ import annotations

import contextlib
from unittest import mock

import pytest
from ansible.errors import AnsibleActionFail, AnsibleConnectionFailure
from ansible_collections.interlock.cluster.plugins.module_utils import _deps
from ansible_collections.interlock.cluster.plugins.module_utils._errors import InterlockError
from ansible_collections.interlock.cluster.plugins.plugin_utils._action import InterlockAction

SECRET = "a secret"


class Action(InterlockAction):
    ARGUMENTS = dict(path=dict(type="path", required=True), entries=dict(type="dict", default={}, no_log=True))
    RULES = dict(required_by={"entries": "path"})
    BEARS_SECRETS = True

    def perform(self, options):
        return self.work(options)


def action(work, answer=None, pipelining=True, check=False, **arguments):
    """An action on a node whose modules answer so."""
    task = mock.Mock(args=dict({"path": "/x"}, **arguments), check_mode=check, async_val=0, diff=False)
    made = Action(task, mock.Mock(), mock.Mock(), mock.Mock(), mock.Mock(), mock.Mock())
    made.work = work
    made._execute_module = mock.Mock(return_value=answer or {})
    made._is_pipelining_enabled = mock.Mock(return_value=pipelining)
    made._templar.template = lambda value, **options: value
    return made


def run(made):
    return made.run(None, {"inventory_hostname": "es1"})


def test_options_are_checked_and_the_result_is_that_of_the_work():
    assert run(action(lambda options: {"changed": False, "got": options})) == {"changed": False, "got": {"path": "/x", "entries": {}}}


@pytest.mark.parametrize("arguments, message", [({"unknown": 1}, "Unsupported parameters"), ({"entries": SECRET}, "dict")])
def test_wrong_options_are_refused_without_a_secret(arguments, message):
    with pytest.raises(AnsibleActionFail) as refused:
        run(action(lambda options: {}, **arguments))
    assert message in str(refused.value) and SECRET not in str(refused.value)


def test_an_error_raised_on_purpose_is_the_message_of_the_failure():
    def work(options):
        raise InterlockError("is wrong", where="/x", remedy="Mend it.")

    with pytest.raises(AnsibleActionFail) as refused:
        run(action(work))
    assert str(refused.value) == "/x: is wrong. Mend it."


def test_any_other_error_is_a_defect_and_stays_one():
    with pytest.raises(ZeroDivisionError):
        run(action(lambda options: 1 / 0))


def test_a_module_is_run_by_its_full_name_with_the_variables_of_the_task():
    made = action(lambda options: made.on_node("node_info", {"files": []}), {"files": {}})
    assert run(made) == {"files": {}}
    made._execute_module.assert_called_once_with("interlock.cluster.node_info", {"files": []}, task_vars={"inventory_hostname": "es1"})


@pytest.mark.parametrize("fails", [False, True])
def test_the_connection_shows_nothing_of_what_a_module_answers(fails):
    """plugins/connection/ssh.py of ansible-core asks its play context before it shows at -vvv what came back."""
    seen = []

    def execute(*_module, **_options):
        seen.append(made._connection._play_context.no_log)
        if fails:
            raise AnsibleConnectionFailure("gone")
        return {}

    made = action(lambda options: made.on_node("node_info", {}))
    made._connection._play_context.no_log = False
    made._execute_module = execute
    with pytest.raises(AnsibleConnectionFailure) if fails else contextlib.nullcontext():
        run(made)
    assert seen == [True] and made._connection._play_context.no_log is False


@pytest.mark.parametrize("answer, kind, message", [
    ({"failed": True, "msg": "/x: is wrong. Mend it."}, AnsibleActionFail, "/x: is wrong. Mend it."),
    ({"failed": True}, AnsibleActionFail, "the module node_info broke off: it said nothing"),
    ({"failed": True, "exception": "Traceback\n  x\nValueError: no"}, AnsibleActionFail, "the module node_info broke off: ValueError: no"),
    ({"unreachable": True, "msg": "no route"}, AnsibleConnectionFailure, "no route"),
])
def test_what_fails_on_the_node_fails_here(answer, kind, message):
    made = action(lambda options: made.on_node("node_info", {}), answer)
    with pytest.raises(kind) as refused:
        run(made)
    assert message in str(refused.value)


def test_warnings_of_the_node_and_of_the_action_are_in_the_result_once():
    def work(options):
        made.warn("ours")
        for _twice in range(2):
            made.on_node("node_info", {})
        return {}

    made = action(work, {"warnings": ["theirs"]})
    assert run(made) == {"warnings": ["ours", "theirs"]}


@pytest.mark.parametrize("bears, pipelining, warned", [(True, False, True), (True, True, False), (False, False, False)])
def test_secrets_without_pipelining_are_warned_of(monkeypatch, bears, pipelining, warned):
    monkeypatch.setattr(Action, "BEARS_SECRETS", bears)
    made = action(lambda options: made.on_node("node_info", {}), pipelining=pipelining)
    assert any("temporary file: set ansible_pipelining: true" in text for text in run(made).get("warnings", [])) is warned


def test_check_mode_and_the_name_of_the_host():
    for check in (True, False):
        made = action(lambda options: {"check": made.checking, "host": made.hostname}, check=check)
        assert run(made) == {"check": check, "host": "es1"}


def test_without_cryptography_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr(_deps, "CRYPTOGRAPHY_IMPORT_ERROR", "no module")
    with pytest.raises(AnsibleActionFail, match="cryptography is not installed. Install it for the Python that runs this task"):
        run(action(lambda options: {}))


def test_an_action_that_does_nothing_says_so():
    made = action(lambda options: InterlockAction.perform(made, options))
    with pytest.raises(AnsibleActionFail, match="Action does nothing"):
        run(made)
