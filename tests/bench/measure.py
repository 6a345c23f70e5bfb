# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How things are measured and compared: commands with wall and CPU seconds, medians, ratios next to what was aimed at."""

from __future__ import annotations

import os
import pathlib
import resource
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass

ROOT = pathlib.Path(__file__).resolve().parents[2]
COLLECTIONS = ROOT / ".build" / "collections"
PATIENCE = 900  # seconds after which a command is given up

# Both sides of every comparison run with pipelining, as the roles do, and with Ansible's own number of forks.
ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")},
    "LC_ALL": "C.UTF-8",
    "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
    "ANSIBLE_PIPELINING": "true",
    "ANSIBLE_NOCOLOR": "true",
}


class BenchError(Exception):
    """Something that was to be measured does not work; the text says what."""


@dataclass(frozen=True)
class Run:
    """A command that has come to its end. wall, cpu: seconds, the CPU's with those of every process it waited for."""

    wall: float
    cpu: float
    output: str


@dataclass(frozen=True)
class Row:
    """One line of the table: our seconds, the others', and what their ratio should be.

    least: how many times faster we should be; most: how many times longer we may take. Neither: told, not judged.
    """

    what: str
    ours: float
    other: float
    least: float | None = None
    most: float | None = None
    told_as: str = "times faster"

    @property
    def ratio(self):
        """The others' seconds by ours for what has to be faster, ours by the others' for what may take longer."""
        return self.other / self.ours if self.told_as == "times faster" else self.ours / self.other

    @property
    def aim(self):
        """The aim in words."""
        return "%g or more" % self.least if self.least else "%g or less" % self.most if self.most else "-"

    @property
    def met(self):
        """Whether the ratio is what was aimed at, in words."""
        if not self.least and not self.most:
            return "-"
        return "yes" if (self.ratio >= self.least if self.least else self.ratio <= self.most) else "NO"


def run(*command, env=None, stdin="", cwd=ROOT):
    """Run a command to its end; Run. Raises BenchError when it fails or takes longer than anything here may."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    try:
        done = subprocess.run([str(part) for part in command], input=stdin, env={**ENVIRONMENT, **(env or {})}, cwd=cwd,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=PATIENCE, check=False)
    except subprocess.TimeoutExpired:
        raise BenchError("%s is not through after %d seconds" % (command[0], PATIENCE)) from None
    wall = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise BenchError("%s failed (exit status %d):\n%s" % (" ".join(map(str, command)), done.returncode, done.stdout[-4000:]))
    return Run(wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done.stdout)


def ansible_playbook(*arguments):
    """Run ansible-playbook of the environment this runs in."""
    return run(pathlib.Path(sys.executable).with_name("ansible-playbook"), *arguments)


def seconds(function):
    """Wall seconds of one call."""
    began = time.perf_counter()
    function()
    return time.perf_counter() - began


def median_seconds(function, times):
    """The median of the wall seconds of several calls."""
    return statistics.median(seconds(function) for _number in range(times))


def median_run(runs):
    """The medians of several Runs as one; their outputs are gone."""
    return Run(statistics.median(each.wall for each in runs), statistics.median(each.cpu for each in runs), "")


def alternate(times, *functions):
    """[results of the first function, of the second, ...], called by turns so that a change of the load meets all alike."""
    rounds = [[function() for function in functions] for _number in range(times)]
    return [list(column) for column in zip(*rounds)]


def progress(text):
    """Tell what is being done; a benchmark is long."""
    print("%s  %s" % (time.strftime("%H:%M:%S"), text), flush=True)
