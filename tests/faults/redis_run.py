# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""End the playbook redis at every task, repeat it, and see that it finishes and that no client noticed.

    redis_run.py                  every task of preferred and required, for replicas with Sentinels and for a cluster; writes the section
                                  on Redis of docs/reliability.md
    redis_run.py --only required:redis_cluster      that alone; the section has it beside what was found before
    redis_run.py --resume                           those that an earlier run did not come to

The control process is killed right after every task that changed something, and in the midst of those that several nodes have a part in: when
the first has answered. Between two tasks that change nothing the deployment is what it was before, so that is one place and not many. Each time
the deployment begins from the same files, with a client that writes and somebody who asks every node all the time whether all slots have a
master (of replicas, whether there is exactly one); then the same command is run again.
"""

from __future__ import annotations

import argparse
import datetime
import getpass
import importlib.metadata
import json
import os
import pathlib
import signal
import string
import subprocess
import sys
import time
from dataclasses import asdict, dataclass

import redis_lab

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "tests" / "tools"))

import sections  # noqa: E402

WORK = ROOT / ".build" / "faults-redis"
PLAYBOOK = "interlock.cluster.redis"
NETWORKS = {"redis": "127.0.37", "redis_cluster": "127.0.38"}
OUTCOMES = WORK / "outcomes.json"
PATIENCE = 900


@dataclass
class Outcome:
    """What became of one death. problems: what is not as it has to be; empty when all is well."""

    mode: str
    group: str
    where: str
    acknowledged: int
    errors: int
    lost: int
    longest_gap: float
    looks: int
    problems: list
    seconds: int


class Campaign:
    """Deaths at one deployment after the other."""

    def __init__(self):
        WORK.mkdir(parents=True, exist_ok=True)
        self.log = WORK / "output.log"
        self.log.write_text("", encoding="utf-8")

    def play(self, group, playbook, *arguments, **environment):
        """Run a playbook for a deployment; its exit status."""
        command = [pathlib.Path(sys.executable).with_name("ansible-playbook"), "-i", ROOT / "inventories/redis_lab", "-e", "cluster=" + group,
                   "-e", "lab_network=" + NETWORKS[group], "-e", "lab_server_program=" + redis_lab.SERVER, *arguments, playbook]
        outer = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
        inner = {"ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".build/collections"), "INTERLOCK_REDIS_LAB_DIRECTORY": str(WORK / "lab"), "LC_ALL": "C.UTF-8",
                 "USER": getpass.getuser()}
        with self.log.open("a", encoding="utf-8") as stream:
            return subprocess.run([str(part) for part in command], env={**outer, **inner, **environment}, cwd=ROOT, stdin=subprocess.DEVNULL,
                                  stdout=stream, stderr=subprocess.STDOUT, timeout=PATIENCE, check=False).returncode

    def interrupted(self, group, mode, **told):
        """Run the playbook with somebody who may kill it; (exit status, the lines about its tasks)."""
        tasks = WORK / "tasks"
        tasks.write_text("", encoding="utf-8")
        status = self.play(group, PLAYBOOK, "-e", "redis_tls_mode=" + mode, "-e", "redis_tls_capture_seconds=0",
                           ANSIBLE_CALLBACK_PLUGINS=str(HERE / "callback"),
                           ANSIBLE_CALLBACKS_ENABLED="at_task", AT_TASK_LOG=str(tasks), **told)
        return status, [line.partition(" ") for line in tasks.read_text(encoding="utf-8").splitlines()]

    def places(self, group, mode):
        """[(what to tell the callback, what it is called)], from a run that nothing happens to."""
        changed = WORK / "changed"
        changed.write_text("", encoding="utf-8")
        status, tasks = self.interrupted(group, mode, AT_TASK_CHANGED=str(changed))
        if status:
            raise redis_lab.LabError("the playbook does not even succeed without a death: see %s" % self.log)
        names = {number: name for number, _space, name in tasks}
        hosts = changed.read_text(encoding="utf-8").split()
        found = [({"AT_TASK_DIE": "1"}, "before the first task")]
        for number in sorted(set(hosts), key=int):
            if hosts.count(number) > 1:
                found.append(({"AT_TASK_MIDST": number}, "in task %s, %s" % (number, names[number])))
            if str(int(number) + 1) in names:
                found.append(({"AT_TASK_DIE": str(int(number) + 1)}, "after task %s, %s" % (number, names[number])))
        return found, len(names)

    def suffer(self, deployment, mode, told, where):
        """One death and its repetition."""
        began, tls = time.monotonic(), mode == "required"
        deployment.restore()
        client, watcher = redis_lab.Client(deployment, tls), redis_lab.Watcher(deployment)
        watcher.start()
        first = self.interrupted(deployment.group, mode, **told)[0]
        again = self.play(deployment.group, PLAYBOOK, "-e", "redis_tls_mode=" + mode, "-e", "redis_tls_capture_seconds=0")
        (looks, without), seen = watcher.stop(), client.stop()
        problems = ["without a master: %s" % phrase for phrase in without] + seen["first_errors"]
        problems += ["the control process was not killed"] if first != -signal.SIGKILL else []
        problems += ["the repetition fails"] if again else []
        problems += ["%d lost" % seen["lost"]] if seen["lost"] else []
        problems += [] if deployment.whole() else ["it is not whole"]
        problems += ["%d nodes answer plaintext" % deployment.plaintext()] if deployment.plaintext() != (0 if tls else len(deployment.names)) else []
        problems += ["the Sentinels have no quorum"] if not (deployment.clustered or deployment.has_quorum()) else []
        return Outcome(mode, deployment.group, where, seen["acknowledged"], seen["errors"], seen["lost"], seen["longest_gap"], looks, problems,
                       round(time.monotonic() - began))

    def outcomes(self, wanted, known):
        """Every outcome, each as soon as it is known, with the number of tasks of its play. known: {(mode, group, where)} that are not repeated."""
        for group, network in NETWORKS.items():
            modes = [mode for mode in ("preferred", "required") if not wanted or "%s:%s" % (mode, group) in wanted]
            if not modes:
                continue
            deployment = redis_lab.Deployment(group, network, WORK / "lab", lambda playbook, group=group: self.play(group, playbook))
            deployment.destroy()
            try:
                deployment.create()
                deployment.keep()
                for mode in ("preferred", "required"):
                    if mode == "required" and mode in modes:
                        deployment.restore()
                        self.play(group, PLAYBOOK, "-e", "redis_tls_mode=preferred")
                        deployment.keep()
                    if mode in modes:
                        places, tasks = self.places(group, mode)
                        for told, where in [place for place in places if (mode, group, place[1]) not in known]:
                            yield self.suffer(deployment, mode, told, where), tasks
            finally:
                deployment.destroy()


def document(outcomes, tasks):
    """The section on Redis."""
    rows = ["| %s | %s | %s | %d | %d | %d | %.1f |" % (
        outcome.mode, "cluster" if outcome.group == "redis_cluster" else "replicas, Sentinels", outcome.where, outcome.acknowledged, outcome.errors,
        outcome.lost, outcome.longest_gap) for outcome in outcomes]
    version = subprocess.run([redis_lab.SERVER, "--version"], capture_output=True, text=True, check=True).stdout.split()
    template = string.Template((HERE / "redis.md.template").read_text(encoding="utf-8"))
    return template.substitute(
        table="\n".join(rows), deaths=len(outcomes), bad=sum(bool(outcome.problems) for outcome in outcomes),
        acknowledged=sum(outcome.acknowledged for outcome in outcomes), errors=sum(outcome.errors for outcome in outcomes),
        lost=sum(outcome.lost for outcome in outcomes), looks=sum(outcome.looks for outcome in outcomes), date=datetime.date.today().isoformat(),
        tasks=", ".join("%d (%s)" % (count, name) for name, count in tasks.items()), ansible=importlib.metadata.version("ansible-core"),
        version="%s %s" % (version[0], version[2].partition("=")[2]))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--resume", action="store_true", help="keep what is known, and go on")
    parser.add_argument("--only", action="append", help="a mode and a deployment, as in required:redis_cluster")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_signal: sys.exit(143))
    run, outcomes, tasks = Campaign(), [], {}
    if (arguments.only or arguments.resume) and OUTCOMES.exists():
        known = json.loads(OUTCOMES.read_text(encoding="utf-8"))
        outcomes = [Outcome(**fields) for fields in known["outcomes"]
                    if arguments.resume or "%s:%s" % (fields["mode"], fields["group"]) not in arguments.only]
        tasks = known["tasks"]
    for outcome, count in run.outcomes(arguments.only, {(one.mode, one.group, one.where) for one in outcomes}):
        outcomes.append(outcome)
        tasks["%s, %s" % (outcome.mode, "cluster" if outcome.group == "redis_cluster" else "replicas")] = count
        OUTCOMES.write_text(json.dumps({"outcomes": [asdict(one) for one in outcomes], "tasks": tasks}, indent=1), encoding="utf-8")
        print("%-4s  %s %s: %s  (%d acknowledged, %d errors, %d lost, %.1f s at most, looked %d times; %d s)%s" % (
            "BAD" if outcome.problems else "ok", outcome.mode, outcome.group, outcome.where, outcome.acknowledged, outcome.errors, outcome.lost,
            outcome.longest_gap, outcome.looks, outcome.seconds, "".join("\n      " + problem for problem in outcome.problems)), flush=True)
    bad = [outcome for outcome in outcomes if outcome.problems]
    print("%d deaths, %d not as they should be" % (len(outcomes), len(bad)))
    sections.write(ROOT / "docs" / "reliability.md", redis=document(outcomes, tasks))
    print("The section on Redis of docs/reliability.md is written.")
    if bad:
        print("The output of the runs is in %s" % run.log)
    return 1 if bad or not outcomes else 0


if __name__ == "__main__":
    sys.exit(main())
