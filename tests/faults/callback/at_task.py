# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Do something bad right before a task of the play begins: end the control process, or run a command.

AT_TASK is the number of the task, counted from 1, or its name; AT_TASK_RUN the command, without which the control process
is killed. AT_TASK_LOG gets a line for every task that is begun.
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
        self.number, self.done = 0, False

    def v2_playbook_on_task_start(self, task, is_conditional):
        self._boundary(task)

    def v2_playbook_on_handler_task_start(self, task):
        self._boundary(task)

    def _boundary(self, task):
        self.number += 1
        name = task.get_name().rpartition(" : ")[2]
        with open(os.environ["AT_TASK_LOG"], "a", encoding="utf-8") as stream:
            stream.write("%d %s\n" % (self.number, name))
        if self.done or os.environ.get("AT_TASK") not in (str(self.number), name):
            return
        self.done = True
        if os.environ.get("AT_TASK_RUN"):
            subprocess.run(shlex.split(os.environ["AT_TASK_RUN"]), check=True)
        else:
            os.kill(os.getpid(), signal.SIGKILL)
