# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Do something bad right before a task of the play begins: run a command, end the control process, or one and later the other.

AT_TASK_RUN is the command, and AT_TASK says before which task it is run; the control process dies before AT_TASK_DIE. A task is given by
its number, counted from 1, or by its name; with AT_TASK_TIME=2 a name means the second task of that name. AT_TASK_LOG gets a line
for every task that is begun, AT_TASK_CHANGED the number of the task for every host that it changed. AT_TASK_MIDST is the number of a task in
which the control process dies when the first host has answered.
"""

from __future__ import annotations

import os
import shlex
import signal
import subprocess

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: at_task
type: notification
short_description: Do something bad before a task
description: For the fault campaign of this collection.
"""


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_NAME = "at_task"

    def __init__(self):
        super().__init__()
        self.number, self.begun = 0, []

    def v2_playbook_on_task_start(self, task, is_conditional):
        self._boundary(task)

    def v2_playbook_on_handler_task_start(self, task):
        self._boundary(task)

    def v2_runner_on_ok(self, result):
        if result.is_changed() and os.environ.get("AT_TASK_CHANGED"):
            with open(os.environ["AT_TASK_CHANGED"], "a", encoding="utf-8") as stream:
                stream.write("%d\n" % self.number)
        if os.environ.get("AT_TASK_MIDST") == str(self.number):
            os.kill(os.getpid(), signal.SIGKILL)

    def _boundary(self, task):
        self.number += 1
        name = task.get_name().rpartition(" : ")[2]
        self.begun.append(name)
        with open(os.environ["AT_TASK_LOG"], "a", encoding="utf-8") as stream:
            stream.write("%d %s\n" % (self.number, name))
        if self._is(os.environ.get("AT_TASK"), name):
            subprocess.run(shlex.split(os.environ["AT_TASK_RUN"]), check=True)
        if self._is(os.environ.get("AT_TASK_DIE"), name):
            os.kill(os.getpid(), signal.SIGKILL)

    def _is(self, wanted, name):
        if wanted == name:
            return self.begun.count(name) == int(os.environ.get("AT_TASK_TIME") or 1)
        return wanted == str(self.number)
