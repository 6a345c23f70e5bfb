# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the fault campaign.

    run.py            every fault, and a control process that dies before each task; writes docs/reliability.md
    run.py --short    the few that `make test` makes
    run.py --only X   the faults whose name contains X
    run.py --resume   every fault that an interrupted campaign has not come to
"""

from __future__ import annotations

import argparse
import datetime
import importlib.metadata
import json
import pathlib
import signal
import string
import sys
from dataclasses import asdict

import campaign
import faults

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tools"))

import sections  # noqa: E402

SHORT = ("corrupt keystore", "node killed while it starts")
NO_RETURN = "Mark the point of no return"
OUTCOMES = campaign.WORK / "outcomes.json"


def chosen(arguments):
    """(faults to be suffered one by one, whether the control process dies before every task as well)."""
    if arguments.short:
        return [fault for fault in faults.FAULTS if fault.name in SHORT], False
    if arguments.only:
        return [fault for fault in faults.FAULTS if any(part in fault.name for part in arguments.only)], False
    return faults.FAULTS, True


def suffer_all(run, arguments, skipped):
    """Outcomes, each as soon as it is known. What this machine cannot do is added to skipped."""
    one_by_one, everywhere = chosen(arguments)
    known = {outcome.fault: outcome for outcome in remembered()} if arguments.resume else {}
    for fault in one_by_one:
        lacking = faults.missing(fault)
        if lacking:
            skipped.append("%s: this machine lacks %s" % (fault.name, lacking))
        else:
            yield known.get(fault.name) or run.suffer(fault)
    if everywhere:
        yield from [outcome for outcome in known.values() if is_in_chain(outcome)] or killed_everywhere(run)


def killed_everywhere(run):
    """The outcomes of control processes that die before each task."""
    names = run.boundaries()
    return run.killed_everywhere(names, names.index(NO_RETURN) + 1)


def remembered():
    """The outcomes of the campaign before, those that were well."""
    if not OUTCOMES.exists():
        return []
    outcomes = [campaign.Outcome(**fields) for fields in json.loads(OUTCOMES.read_text(encoding="utf-8"))]
    chain = [outcome for outcome in outcomes if is_in_chain(outcome)]
    return [outcome for outcome in outcomes if (all(link.well for link in chain) if outcome in chain else outcome.well)]


def is_in_chain(outcome):
    """Whether an outcome is one of a control process that dies before every task: those are known all together or not at all."""
    return outcome.fault.startswith(faults.EVERYWHERE + " ")


def line(outcome):
    """One outcome for the terminal."""
    problems = "".join("\n      " + problem for problem in outcome.problems)
    return "%-4s  %s  (%d s)%s" % ("ok" if outcome.well else "BAD", outcome.fault, outcome.seconds, problems)


def document(outcomes, skipped):
    """docs/reliability.md: the template with the table."""
    rows = ["| %s |" % " | ".join(map(str, cells(outcome))) for outcome in outcomes]
    chain = sum(map(is_in_chain, outcomes))
    template = string.Template((HERE / "reliability.md.template").read_text(encoding="utf-8"))
    return template.substitute(
        table="\n".join(rows), faults=len(outcomes) - chain, chain=chain, bad=sum(not outcome.well for outcome in outcomes),
        acknowledged=total(outcomes, "acknowledged"), lost=total(outcomes, "lost"),
        date=datetime.date.today().isoformat(), ansible=importlib.metadata.version("ansible-core"), version=campaign.Campaign.version,
        skipped="\n".join("- not done here: %s" % reason for reason in skipped) or "- every fault was done")


def cells(outcome):
    """The cells of an outcome's row."""
    ended = (outcome.repeats, outcome.acknowledged, outcome.lost, outcome.longest_gap, outcome.health, outcome.allocation, outcome.left_over)
    return (outcome.fault, outcome.first, *map(told, ended))


def told(found):
    """What was found, for the table; an arrow where it was looked at only in a row below."""
    return "↓" if found is None else found


def total(outcomes, name):
    """The sum of a number over all outcomes."""
    return sum(getattr(outcome, name) or 0 for outcome in outcomes)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--short", action="store_true", help="the few that `make test` makes")
    parser.add_argument("--only", action="append", help="part of the name of a fault")
    parser.add_argument("--resume", action="store_true", help="keep what an interrupted campaign has found")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_signal: sys.exit(143))
    run, outcomes, skipped = campaign.Campaign(), [], []
    try:
        for outcome in suffer_all(run, arguments, skipped):
            outcomes.append(outcome)
            print(line(outcome), flush=True)
            OUTCOMES.write_text(json.dumps([asdict(outcome) for outcome in outcomes], indent=1), encoding="utf-8")
    finally:
        run.remove()
    for reason in skipped:
        print("skipped: %s" % reason)
    bad = [outcome for outcome in outcomes if not outcome.well]
    print("%d outcomes, %d not as they should be; %d documents acknowledged, %d lost" % (
        len(outcomes), len(bad), total(outcomes, "acknowledged"), total(outcomes, "lost")))
    if not arguments.short and not arguments.only:
        sections.write(campaign.ROOT / "docs" / "reliability.md", before=document(outcomes, skipped))
        print("docs/reliability.md is written.")
    if bad:
        print("The output of the runs is in %s" % run.log)
    return 1 if bad or not outcomes else 0


if __name__ == "__main__":
    sys.exit(main())
