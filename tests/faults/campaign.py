# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One fault after the other, each on a fresh plaintext cluster with a client that writes all the time.

The playbook runs into the fault, the operator cures it where that is needed, and repeats the command. What counts: nothing
acknowledged is lost, the cluster ends secured and green, allocation is what it was, no unfinished file is left.
"""

from __future__ import annotations

import json
import os
import pathlib
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, replace

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
# The lab that can be put back to plaintext is the benchmark's.
sys.path.insert(0, str(ROOT / "tests" / "bench"))

import bare_restart  # noqa: E402
import condition  # noqa: E402
import faults  # noqa: E402
from lab import PLAYBOOK, VERSION, Lab  # noqa: E402
from measure import ENVIRONMENT, progress  # noqa: E402
from writer import Writer  # noqa: E402

WORK = ROOT / ".build" / "faults"
REPEATS = 3  # a run that only finishes a way back asks for one more
PATIENCE = 900  # seconds for one run


@dataclass
class Outcome:
    """What became of one fault. problems: what is not as it has to be; empty when all is well.

    From repeats to left_over: None where that is told with a later fault of the same cluster.
    """

    fault: str
    first: str
    repeats: int | None
    acknowledged: int | None
    lost: int | None
    longest_gap: float | None
    health: str | None
    allocation: str | None
    left_over: int | None
    problems: list
    seconds: int

    @property
    def well(self):
        return not self.problems


class Campaign:
    """Faults on one lab."""

    version = VERSION

    def __init__(self):
        self.lab = Lab("faults", "127.0.22")
        WORK.mkdir(parents=True, exist_ok=True)
        self.log = WORK / "output.log"
        self.log.write_text("", encoding="utf-8")

    def run(self, *arguments, **environment):
        """Run the playbook; its exit status."""
        command = [pathlib.Path(sys.executable).with_name("ansible-playbook"), *self.lab.arguments, *arguments, PLAYBOOK]
        with self.log.open("a", encoding="utf-8") as stream:
            return subprocess.run([str(part) for part in command], env={**ENVIRONMENT, **environment}, cwd=ROOT, stdin=subprocess.DEVNULL,
                                  stdout=stream, stderr=subprocess.STDOUT, timeout=PATIENCE, check=False).returncode

    def boundaries(self):
        """The tasks of a run that nothing happens to, in their order."""
        self.lab.plaintext()
        self.run(**self._told_callback())
        return [line.partition(" ")[2] for line in (WORK / "tasks").read_text(encoding="utf-8").splitlines()]

    @staticmethod
    def _told_callback(**told):
        tasks = WORK / "tasks"
        tasks.unlink(missing_ok=True)
        return {"ANSIBLE_CALLBACK_PLUGINS": str(HERE / "callback"), "ANSIBLE_CALLBACKS_ENABLED": "at_task", "AT_TASK_LOG": str(tasks), **told}

    def killed_everywhere(self, names, begin):
        """Outcomes of control processes that die before each task of a run, every run the repetition of the one before.

        names: the tasks of a whole run, those from number begin on change live nodes: before that, nothing may have changed. At the tasks
        that follow the last change a repetition has nothing to do any more; the change that it dies in is then another name for the
        certificates.
        """
        batch, through = [], False
        writer, files = self._begin()
        for number, name in enumerate(names, 1):
            fault = killed_at(number, name, names[:number].count(name))
            progress(fault.name)
            began = time.monotonic()
            another = ("-e", json.dumps({"elasticsearch_tls_san_dns": ["name-%d.example.com" % number]}))
            died = not through and self._dies(fault)
            through = not died
            problems = [] if died or self._dies(fault, another) else ["the run did not come to this task"]
            found = condition.look(self.lab.nodes, "green" if through or number <= begin else None)
            if number <= begin and (set(found["transport"]) != {faults.PLAINTEXT} or found["allocation"] != "default"):
                problems.append("changed: %s" % found)
            if number <= begin and condition.live_files(self.lab.nodes) != files:
                problems.append("live files were changed")
            batch.append(Outcome(fault.name + (" of a hot reload" if through else ""), self._told(found), None, None, None, None, None, None, None,
                                 problems, round(time.monotonic() - began)))
        return self._finish(writer, batch)

    def _dies(self, fault, change=()):
        """Whether the control process came to its end, rather than the run to its."""
        return self.run(*change, **self._told_callback(**fault.environment(None))) == -signal.SIGKILL

    def _begin(self):
        """A plaintext cluster with a writer, and its live files."""
        self.lab.plaintext()
        writer = Writer(self.lab.nodes)
        writer.start()
        return writer, condition.live_files(self.lab.nodes)

    def _finish(self, writer, batch):
        """The outcomes with what became of the cluster at the end of the chain: that is looked at once, so the last one has it."""
        status = self.run()
        found = condition.look(self.lab.nodes, "green")
        writer.stop()
        lost = writer.lost()
        problems = self._judge(status, found, lost)
        last = replace(batch[-1], repeats=1, acknowledged=len(writer.acknowledged), lost=len(lost), longest_gap=round(writer.longest_gap, 1),
                       health=found["health"], allocation=found["allocation"], left_over=len(found["left_over"]),
                       problems=batch[-1].problems + problems)
        return batch[:-1] + [last]

    def suffer(self, fault):
        """Outcome of one fault."""
        progress(fault.name)
        began = time.monotonic()
        self.lab.plaintext()
        if fault.change:
            self.lab.secure()
        victim = self.lab.nodes[1]
        writer = Writer(self.lab.nodes)
        writer.start()
        if fault.deed and not fault.at:
            faults.DEEDS[fault.deed](victim.directory)
        status = self.run(*fault.change, *fault.arguments, **self._told_callback(**fault.environment(victim)))
        after = condition.look(self.lab.nodes, "green" if fault.survives else None)
        problems = self._judge_first(fault, status, after)
        self._cure(fault, victim)
        repeats = 0
        while status and repeats < REPEATS:
            repeats += 1
            status = self.run(*fault.change)
        found = condition.look(self.lab.nodes, "green")
        writer.stop()
        lost = writer.lost()
        problems += self._judge(status, found, lost)
        return Outcome(fault.name, self._told(after), repeats, len(writer.acknowledged), len(lost), round(writer.longest_gap, 1), found["health"],
                       found["allocation"], len(found["left_over"]), problems, round(time.monotonic() - began))

    def _cure(self, fault, victim):
        if fault.cure in faults.DEEDS:
            faults.DEEDS[fault.cure](victim.directory)
        if fault.cure == "thaw":
            bare_restart.stop([victim])  # the signal that waited ends the process
        if fault.cure in ("start", "thaw"):
            launcher = victim.start()
            bare_restart.wait_until(lambda: victim.is_well(len(self.lab.nodes)), 0.5, "%s does not come back" % victim.directory)
            launcher.wait(PATIENCE)

    @staticmethod
    def _told(after):
        return "%s, %s" % ("/".join(sorted(set(after["transport"]))), after["health"])

    @staticmethod
    def _judge_first(fault, status, after):
        problems = []
        died_before = fault.deed == "kill" and not fault.at
        if fault.survives and set(after["transport"]) != {fault.survives} and not died_before:
            problems.append("after the fault the nodes speak %s" % after["transport"])
        if fault.survives and not died_before and (after["health"], after["allocation"]) != ("green", "default"):
            problems.append("after the fault: health %(health)s, allocation %(allocation)s" % after)
        if fault.succeeds is (status != 0):
            problems.append("the faulty run ended with exit status %d" % status)
        return problems

    @staticmethod
    def _judge(status, found, lost):
        problems = ["%d acknowledged documents are lost" % len(lost)] if lost else []
        if status:
            problems.append("the repeated run still fails")
        if set(found["transport"]) != {faults.SECURED}:
            problems.append("the nodes speak %s" % found["transport"])
        if found["health"] != "green":
            problems.append("health %s" % found["health"])
        if found["allocation"] != "default":
            problems.append("allocation %s" % found["allocation"])
        if found["left_over"]:
            problems.append("left over: %s" % ", ".join(found["left_over"]))
        return problems

    def remove(self):
        """Take the lab down."""
        for node in self.lab.nodes if self.lab.made else ():
            if os.path.ismount(node.directory / "config"):
                subprocess.run(["umount", "--lazy", str(node.directory / "config")], check=True)
        self.lab.remove()


def killed_at(number, name, time_of_name):
    """The fault of a control process that dies right before a task of a whole run."""
    return faults.Fault("%s %d, %s" % (faults.EVERYWHERE, number, name), dies_at=name, time=time_of_name, survives=None)
