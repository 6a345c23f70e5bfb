# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""To full security with a control node that dies again and again, and a node that does not start; a client writes all the time.

Each test leaves the cluster where the next one takes it up.
"""

from __future__ import annotations

import json
import re

import pytest

DUAL, STRICT, HTTPS, FULL = ("a rolling restart into dual mode", "dual mode is switched off", "a rolling restart with TLS on the HTTP layer",
                             "a rolling restart to full security")


def summary(run):
    """{host: {what: how many}} of a run that came to its end."""
    found = re.findall(r"^(\w+) +: (.*?)\s*$", run.stdout.partition("PLAY RECAP")[2], re.M)
    return {host: {name: int(number) for name, number in re.findall(r"(\w+)=(\d+)", counts)} for host, counts in found}


@pytest.mark.parametrize("step, task", [
    (DUAL, "Switch the node's files"),
    (DUAL, "Wait until every node is in the cluster"),
    (STRICT, "Switch dual mode off in the running cluster"),
    (STRICT, "Take dual mode out of the file"),
    (HTTPS, "Start the node"),
    (HTTPS, "Allocate as before"),
])
def test_a_run_that_dies_is_taken_up_by_the_next(cluster, step, task):
    told = cluster.play_and_kill("opensearch", step, task)
    assert "PROBLEM" not in told and "fatal" not in told


def test_a_node_that_does_not_start_goes_back_and_the_others_are_not_touched(cluster):
    unknown = json.dumps({"opensearch_tls_settings": {"plugins.security.no_such_setting": True}, "opensearch_tls_wait_timeout": 180})
    run = cluster.play("opensearch", "-e", unknown)
    assert run.returncode != 0 and FULL in run.stdout
    failed = [host for host, counts in summary(run).items() if counts["failed"]]
    assert failed and "The previous files are live, the node runs in a cluster with all its nodes." in run.stdout, run.stdout[-4000:]
    assert "no_such_setting" in run.stdout, "the node's own word why is not shown"
    assert all("no_such_setting" not in node.settings and "ssl_only: true" in node.settings for node in cluster.nodes)
    cluster.wait_for_green()


@pytest.mark.parametrize("step, task", [
    (FULL, "See that the administrator can log in"),
    (FULL, "Wait until the cluster is as healthy as before"),
    ("the cluster setting of dual mode is removed", "Remove the cluster setting of dual mode"),
])
def test_a_run_that_dies_later_is_taken_up_as_well(cluster, step, task):
    told = cluster.play_and_kill("opensearch", step, task)
    assert "PROBLEM" not in told and "fatal" not in told


def test_it_comes_to_its_end_and_nothing_is_lost(cluster):
    run = cluster.play("opensearch")
    assert run.returncode == 0, run.stdout[-4000:]
    again = cluster.play("opensearch")
    assert again.returncode == 0 and {counts["changed"] for counts in summary(again).values()} == {0}
    cluster.wait_for_green()
    seen = cluster.client("stopped")
    print("what the client saw:", seen)
    assert seen["acknowledged"] > 1000 and seen["lost"] == 0
    status, settings = cluster.nodes[0].ask("_cluster/settings?flat_settings=true")
    assert status == 200 and not [name for name in settings["persistent"] if "dual_mode" in name or "allocation.enable" in name]
    for index in cluster.nodes[0].indices:
        assert cluster.nodes[0].ask(index["name"] + "/_count")[1]["count"] == index["documents"]
