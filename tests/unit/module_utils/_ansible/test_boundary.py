# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.interlock.cluster.plugins.module_utils._ansible.boundary import run_module
from ansible_collections.interlock.cluster.plugins.module_utils._errors import InterlockError


class Left(Exception):
    """A module ends by leaving the process."""


class Module:
    def fail_json(self, **result):
        raise Left("failed", result)

    def exit_json(self, **result):
        raise Left("exited", result)


def ended(function):
    with pytest.raises(Left) as caught:
        run_module(Module(), function)
    return caught.value.args


def test_results_are_returned():
    assert ended(lambda: {"changed": True}) == ("exited", {"changed": True})


def test_an_error_raised_on_purpose_is_the_message():
    def fail():
        raise InterlockError("is not there", "/etc/x", "Create it.")

    assert ended(fail) == ("failed", {"msg": "/etc/x: is not there. Create it."})


def test_any_other_error_is_a_defect_and_not_hidden():
    with pytest.raises(ZeroDivisionError):
        run_module(Module(), lambda: 1 // 0)
