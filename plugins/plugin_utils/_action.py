# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every action plugin of the collection does alike: check its options, map errors, run modules on the node."""

from __future__ import annotations

import contextlib

from ansible.errors import AnsibleActionFail, AnsibleConnectionFailure
from ansible.plugins.action import ActionBase
from ansible_collections.interlock.cluster.plugins.module_utils._deps import require_cryptography
from ansible_collections.interlock.cluster.plugins.module_utils._errors import InterlockError

COLLECTION = "interlock.cluster."


class InterlockAction(ActionBase):
    """An action whose options are ARGUMENTS and whose work is perform()."""

    ARGUMENTS: dict = {}
    RULES: dict = {}  # mutually_exclusive, required_one_of and the like
    BEARS_SECRETS = False

    _requires_connection = True
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp=None, task_vars=None):
        super().run(tmp, task_vars)
        _checked, options = self.validate_argument_spec(argument_spec=self.ARGUMENTS, **self.RULES)
        self.task_vars = task_vars or {}
        self.warnings = []
        try:
            require_cryptography()
            result = self.perform(options)
        except InterlockError as error:
            raise AnsibleActionFail(str(error)) from None
        if self.warnings:
            result["warnings"] = self.warnings
        return result

    def perform(self, options):
        """The result of the task. options: the checked ARGUMENTS."""
        raise AnsibleActionFail("%s does nothing" % type(self).__name__)

    def on_node(self, module, arguments):
        """Run a module of this collection on the node. Its result stays in memory, also at -vvv; a failure is an InterlockError."""
        if self.BEARS_SECRETS and not self._is_pipelining_enabled("new"):
            self.warn("without pipelining Ansible writes the arguments of this task, secrets included, to a temporary file: "
                      "set ansible_pipelining: true")
        with self._unseen():
            result = self._execute_module(COLLECTION + module, arguments, task_vars=self.task_vars)
        for warning in result.get("warnings", []):
            self.warn(warning)
        if result.get("unreachable"):
            raise AnsibleConnectionFailure(result.get("msg", "unreachable"))
        if result.get("failed"):
            raise NodeError(result.get("msg") or "the module %s broke off: %s" % (module, last_line(result)))
        return result

    @contextlib.contextmanager
    def _unseen(self):
        """Keep what a module answers out of the output: the ssh connection shows it at -vvv, and files that were read may hold keys.

        This is what `no_log` of a task does to a connection, without hiding the task's own result and diff.
        """
        connection = self._connection._play_context  # pylint: disable=protected-access
        before, connection.no_log = connection.no_log, True
        try:
            yield
        finally:
            connection.no_log = before

    def warn(self, text):
        """Add a warning to the result, once."""
        if text not in self.warnings:
            self.warnings.append(text)

    @property
    def checking(self):
        """Whether this is check mode."""
        return self._task.check_mode

    @property
    def hostname(self):
        """The inventory name of the node."""
        return self.task_vars.get("inventory_hostname", "?")


def last_line(result):
    """What a module that broke off said last, which names the exception."""
    lines = str(result.get("exception") or result.get("module_stderr") or "it said nothing").strip().splitlines()
    return lines[-1] if lines else "it said nothing"


class NodeError(InterlockError):
    """A module that ran on the node failed; its message is complete."""

    def __str__(self):
        return self.message
