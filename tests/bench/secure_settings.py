# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""(b) Three secure settings set at once, against three calls of `elasticsearch-keystore add`."""

from __future__ import annotations

import pathlib
import re
import secrets
import shutil
import statistics

from ansible_collections.interlock.cluster.plugins.plugin_utils._secure_settings import WantedEntries, compare
from measure import BenchError, Row, alternate, ansible_playbook, median_seconds, progress, run, seconds

NAMES = (
    "bootstrap.password",
    "xpack.security.transport.ssl.keystore.secure_password",
    "xpack.security.transport.ssl.truststore.secure_password",
)
PLAYBOOK = pathlib.Path(__file__).with_name("secure_settings.yml")


def values():
    """New values, so that something has to be written every time."""
    return {name: secrets.token_urlsafe(24) for name in NAMES}


class Theirs:
    """The tool that comes with Elasticsearch, on a keystore it made itself."""

    def __init__(self, home, java, config):
        self.program = home / "bin" / "elasticsearch-keystore"
        self.env = {"ES_JAVA_HOME": str(java), "ES_PATH_CONF": str(config)}
        shutil.copytree(home / "config", config)
        run(self.program, "create", "--silent", env=self.env)
        self.file = config / "elasticsearch.keystore"

    def set(self):
        """One call a setting."""
        for name, value in values().items():
            self._add(value + "\n", name)

    def set_at_once(self):
        """One call for all, which few know of."""
        self._add("".join(value + "\n" for value in values().values()), *NAMES)

    def _add(self, stdin, *names):
        run(self.program, "add", "--stdin", "--force", "--silent", *names, stdin=stdin, env=self.env)


def set_by_backend(file):
    """Read, compare, write: what the action does between its two round trips to the node."""
    wanted = WantedEntries({name: value.encode("ascii") for name, value in values().items()})
    file.write_bytes(compare(file.read_bytes(), wanted, "", None, "elasticsearch", str(file)).content())


def set_by_action(file):
    """(seconds of the task in its play, seconds of the whole command)."""
    ran = ansible_playbook("-i", "localhost,", PLAYBOOK, "-e", "keystore=%s" % file)
    if "changed=1" not in ran.output:
        raise BenchError("the secure settings were not changed:\n%s" % ran.output)
    return float(re.search(r"seconds of the task: ([0-9.]+)", ran.output).group(1)), ran.wall


def measure(home, java, scratch, times):
    """(rows, figures)."""
    progress("(b) three secure settings")
    theirs = Theirs(home, java, scratch / "config")
    ours = scratch / "elasticsearch.keystore"
    shutil.copyfile(theirs.file, ours)
    calls, single, actions = alternate(
        times, lambda: seconds(theirs.set), lambda: seconds(theirs.set_at_once), lambda: set_by_action(ours))
    other = statistics.median(calls)
    task, whole = (statistics.median(column) for column in zip(*actions))
    backend = median_seconds(lambda: set_by_backend(ours), times * 3)
    check(theirs, ours)
    rows = [
        Row("(b) 3 secure settings, the backend", backend, other, least=10),
        Row("(b) 3 secure settings, the task in its play", task, other, least=10),
        Row("(b) 3 secure settings, ansible-playbook from start to end", whole, other),
    ]
    return rows, {"b_three": "%.2f" % other, "b_one": "%.2f" % statistics.median(single), "b_backend": "%.3f" % backend, "b_task": "%.2f" % task,
                  "b_whole": "%.2f" % whole}


def check(theirs, file):
    """Raise BenchError unless their tool reads what we wrote."""
    shutil.copyfile(file, theirs.file)
    listed = run(theirs.program, "list", env=theirs.env).output.split()
    if not set(NAMES) <= set(listed):
        raise BenchError("elasticsearch-keystore list does not show what was set: %s" % ", ".join(listed))
