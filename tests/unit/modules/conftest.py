# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A module as Ansible runs it: arguments in as JSON, the result out as JSON."""

from __future__ import annotations

import json

import pytest
from ansible.module_utils.common import warnings
from ansible.module_utils.testing import patch_module_args
from ansible_collections.interlock.cluster.tests.unit.support.scripted_api import scripted_api


@pytest.fixture
def run_module(capsys, monkeypatch):
    """run_module(module, check=False, **arguments) -> the result, which has failed when the exit code says so."""

    def run(module, check=False, **arguments):
        monkeypatch.setattr(warnings, "_global_warnings", {})  # a process of its own would have none
        with patch_module_args(dict(arguments, _ansible_check_mode=check, _ansible_diff=True)), pytest.raises(SystemExit) as left:
            module.main()
        result = json.loads(capsys.readouterr().out)
        assert bool(result.get("failed")) == bool(left.value.code)
        return result

    return run


@pytest.fixture
def api():
    """An HTTP server that answers as its script says."""
    with scripted_api() as running:
        yield running
