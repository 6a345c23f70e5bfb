# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Playbooks run by a real ansible-playbook, on hosts that are this machine."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys

CALLBACKS = pathlib.Path(__file__).parent / "callback"


class Outcome:
    """What came of a playbook. results: every task of every host in order; output: all that was printed."""

    def __init__(self, results, output, code):
        self.results, self.output, self.code = results, output, code

    def of(self, host, task=None):
        """The results of a host, [(status, result)], of the task of this name or of all."""
        return [(item["status"], item["result"]) for item in self.results if item["host"] == host and task in (None, item["task"])]

    def only(self, host, task):
        """The one result (status, result) of a task on a host."""
        (found,) = self.of(host, task)
        return found

    def said(self, host):
        """The messages of the debug tasks of a host."""
        return [result["msg"] for status, result in self.of(host) if status == "ok" and set(result) >= {"msg"} and not result.get("changed")]


def run_playbook(directory, plays, hosts, *options):
    """Outcome of plays on hosts {name: variables}; files are left in the directory."""
    local = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable, "ansible_pipelining": True,
             "ansible_module_compression": "ZIP_STORED"}
    inventory = {"all": {"hosts": {name: dict(local, **variables) for name, variables in hosts.items()}}}
    for name, content in (("inventory.json", inventory), ("play.json", plays)):
        (directory / name).write_text(json.dumps(content))
    (directory / "ansible.cfg").write_text("")  # else that of whoever runs the tests counts
    record = directory / "record"
    record.write_text("")
    environment = dict(
        os.environ, ANSIBLE_CONFIG=str(directory / "ansible.cfg"), ANSIBLE_HOME=str(directory / "home"), ANSIBLE_NOCOLOR="1", RECORDER_FILE=str(record),
        ANSIBLE_CALLBACK_PLUGINS=str(CALLBACKS), ANSIBLE_CALLBACKS_ENABLED="recorder", ANSIBLE_FORKS="8",
        ANSIBLE_DEPRECATION_WARNINGS="0")
    command = [sys.executable, "-m", "ansible", "playbook", "-i", "inventory.json", "play.json", *options]
    done = subprocess.run(command, cwd=directory, env=environment, capture_output=True, text=True, check=False)
    return Outcome([json.loads(line) for line in record.read_text().splitlines()], done.stdout + done.stderr, done.returncode)
