# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Measure the collection against what one would use without it, print a table, and write docs/performance.md.

    run.py                     everything, about twenty minutes on two idle cores
    run.py --quick             the same with small numbers, to see that it works; writes nothing
    run.py --only secure_settings --only outage     some of it; writes nothing

docs/performance.md is performance.md.template with the figures of this one run.
"""

from __future__ import annotations

import argparse
import datetime
import fcntl
import importlib.metadata
import importlib.util
import os
import pathlib
import platform
import re
import shutil
import signal
import string
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT / ".build" / "collections"), str(ROOT / "tests" / "tools")]

import audit_endpoints  # noqa: E402
import lifecycle  # noqa: E402
import node_keystores  # noqa: E402
import outage  # noqa: E402
import secure_settings  # noqa: E402
import sections  # noqa: E402
import unchanged  # noqa: E402
from lab import VERSION, Lab  # noqa: E402
from measure import BenchError  # noqa: E402

PARTS = ("node_keystores", "secure_settings", "outage", "unchanged", "audit_endpoints", "lifecycle")
FULL = {"instances": 1000, "directories": 100, "endpoints": 100, "times": 3}
QUICK = {"instances": 50, "directories": 10, "endpoints": 10, "times": 1}


def distributions():
    """The module that knows where Elasticsearch and its Java are; it belongs to the interop tests."""
    spec = importlib.util.spec_from_file_location("distributions", ROOT / "tests" / "interop" / "distributions.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def measure(parts, size, scratch, lab):
    """(rows, figures) of the named parts."""
    tools = distributions()
    home, java = tools.elasticsearch(VERSION), tools.java_home(VERSION)
    times = size["times"]
    every = {
        "node_keystores": [lambda: node_keystores.measure(home, java, scratch, size["instances"], times)],
        "secure_settings": [lambda: secure_settings.measure(home, java, scratch, times)],
        "outage": [lambda: outage.measure(lab, times)],
        "unchanged": [lambda: unchanged.measure_nodes(lab, times), lambda: unchanged.measure_directories(home, scratch, size["directories"], times)],
        "audit_endpoints": [lambda: audit_endpoints.measure(home, scratch, size["endpoints"], times)],
        "lifecycle": [lambda: lifecycle.measure_rotation(lab, times), lambda: lifecycle.measure_renewal(home, scratch, size["directories"], times)],
    }
    rows, figures = [], {"version": VERSION, "java": java_version(java)}
    for part in parts:
        for step in every[part]:
            new_rows, new_figures = step()
            print("\n".join(table(new_rows)), flush=True)
            rows += new_rows
            figures.update(new_figures)
    return rows, figures


def java_version(home):
    """The version of a Java by its release file."""
    return re.search(r'^JAVA_VERSION="(.*)"', (home / "release").read_text(encoding="utf-8"), re.MULTILINE).group(1)


def only_one():
    """Keep a second benchmark from running beside this one and in its lab. Returns the lock, to be kept."""
    lock = (ROOT / ".build" / "bench.lock").open("w", encoding="utf-8")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        sys.exit("another benchmark is running in this checkout")
    return lock


def surroundings():
    """What the figures depend on beside the code."""
    model = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    return {
        "date": datetime.date.today().isoformat(),
        "cores": str(len(os.sched_getaffinity(0))),
        "processor": model.group(1) if model else platform.machine(),
        "load": "%.1f" % os.getloadavg()[0],
        "python": platform.python_version(),
        "ansible": importlib.metadata.version("ansible-core"),
        "cryptography": importlib.metadata.version("cryptography"),
    }


def table(rows):
    """The rows as lines of equally wide columns."""
    cells = [("what", "ours", "other", "ratio", "aim", "met")]
    cells += [(row.what, shown(row.ours), shown(row.other), "%.2f %s" % (row.ratio, row.told_as), row.aim, row.met) for row in rows]
    widths = [max(len(line[column]) for line in cells) for column in range(len(cells[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip() for line in cells]


def shown(value):
    """Seconds, with as many digits as mean something."""
    return "%.*f s" % (3 if value < 1 else 1, value)


def document(rows, figures):
    """docs/performance.md: the template with its figures."""
    template = string.Template((HERE / "performance.md.template").read_text(encoding="utf-8"))
    return template.substitute(figures, table="\n".join(table(rows)))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="small numbers, once each")
    parser.add_argument("--only", action="append", choices=PARTS, help="a part to measure")
    parser.add_argument("--times", type=int, help="how often what is cheap enough is repeated, instead of %d" % FULL["times"])
    arguments = parser.parse_args()
    size = dict(QUICK if arguments.quick else FULL)
    size["times"] = arguments.times or size["times"]
    signal.signal(signal.SIGTERM, lambda *_signal: sys.exit(143))
    found = surroundings()
    print("%(cores)s cores, load %(load)s" % found)
    lock = only_one()
    lab = Lab()
    scratch = pathlib.Path(tempfile.mkdtemp(prefix="interlock-bench-"))
    try:
        rows, figures = measure(arguments.only or PARTS, size, scratch, lab)
    except (BenchError, distributions().Unavailable) as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(scratch)
        lab.remove()
        lock.close()
    print("\n" + "\n".join(table(rows)))
    if not arguments.only:
        text = document(rows, {**found, **figures})
        if not arguments.quick:
            sections.write(ROOT / "docs" / "performance.md", before=text)
            print("\ndocs/performance.md is written.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
