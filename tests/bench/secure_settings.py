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
REPEATED = 5  # tasks in one playbook run


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
        """One call a setting; the tool takes any number of names, but values for several only from a terminal."""
        for name, value in values().items():
            run(self.program, "add", "--stdin", "--force", "--silent", name, stdin=value + "\n", env=self.env)


def set_by_backend(file):
    """Read, compare, write: what the action does between its two round trips to the node."""
    wanted = WantedEntries({name: value.encode("ascii") for name, value in values().items()})
    file.write_bytes(compare(file.read_bytes(), wanted, "", None, "elasticsearch", str(file)).content())


def set_by_action(file):
    """(seconds of one task in a play, seconds of the whole command with one task)."""
    def play(repeated):
        ran = ansible_playbook("-i", "localhost,", PLAYBOOK, "-e", "keystore=%s" % file, "-e", "repeated=%d" % repeated)
        if "changed=%d" % repeated not in ran.output:
            raise BenchError("the secure settings were not changed:\n%s" % ran.output)
        return ran

    whole = play(1).wall
    task = float(re.search(r"seconds of all tasks: ([0-9.]+)", play(REPEATED).output).group(1)) / REPEATED
    return task, whole


def measure(home, java, scratch, times):
    """(rows, figures)."""
    progress("(b) three secure settings")
    theirs = Theirs(home, java, scratch / "config")
    ours = scratch / "elasticsearch.keystore"
    shutil.copyfile(theirs.file, ours)
    calls, actions = alternate(times, lambda: seconds(theirs.set), lambda: set_by_action(ours))
    other = statistics.median(calls)
    task, whole = (statistics.median(column) for column in zip(*actions))
    backend = median_seconds(lambda: set_by_backend(ours), times * 3)
    rows = [
        Row("(b) 3 secure settings, the backend", backend, other, least=10),
        Row("(b) 3 secure settings, the task in a play", task, other, least=10),
        Row("(b) 3 secure settings, ansible-playbook from start to end", whole, other),
    ]
    return rows, {"b_tool": "%.2f" % other, "b_call": "%.2f" % (other / len(NAMES)), "b_backend": "%.3f" % backend, "b_task": "%.2f" % task,
                  "b_whole": "%.2f" % whole}
