# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""CA and certificates replaced under a working client: no request fails, no process is another one afterwards."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.usefixtures("client", "unbroken")

# Where a run is killed: the step, and what it is about to do to the CA directory or to the files of the nodes.
KILLED = (
    ("make the new CA", "Change the CA directory"),
    ("phase 1 of 3", "Give the running node what it is to trust"),
    ("phase 2 of 3", "Give the running node what it is to trust"),
    ("phase 3 of 3", "Give the running node what it is to trust"),
    ("archive the old CA", "Change the CA directory"),
)


def plan_of(run):
    """The line in which a check run says which step is next."""
    return next(line for line in run.stdout.splitlines() if line.startswith("Rotation of the CA"))


def test_a_rotation_is_refused_when_a_node_is_not_in_the_play(cluster):
    run = cluster.play("rotate_ca", "-e", "ca_rotation_begin=new_key", "--limit", "%s,%s" % tuple(node.name for node in cluster.nodes[:2]))
    assert run.returncode != 0 and "nodes that are not in this play: %s" % cluster.nodes[2].name in run.stdout
    assert cluster.generations() == (["generation-1"], [])


def test_a_rotation_that_is_killed_in_every_phase_is_continued(cluster):
    serials = [node.serial() for node in cluster.nodes]
    for step, task in KILLED:
        # The first may have died before there was a new CA; from then on there is nothing that this would begin.
        printed = cluster.play_and_kill("rotate_ca", step, task, "-e", "ca_rotation_begin=new_key")
        assert "fatal:" not in printed and "[ERROR]" not in printed, printed[-3000:]
    run = cluster.play("rotate_ca")
    assert run.returncode == 0, run.stdout[-3000:]
    assert not set(serials) & {node.serial() for node in cluster.nodes}
    assert cluster.generations() == (["generation-2"], ["generation-1"])
    for node in cluster.nodes:
        assert node.asks_for() == ["CN = orders transport CA G2"]
        seen = node.greeting("-CAfile", str(cluster.authorities / "generation-2/ca.crt"))
        assert "Verify return code: 0 (ok)" in seen.stdout
    assert plan_of(cluster.play("rotate_ca", "--check")) == "Rotation of the CA: nothing to do"


def test_a_rotation_that_is_stopped_half_way_goes_back(cluster):
    serials = [node.serial() for node in cluster.nodes]
    begun = cluster.play("rotate_ca", "-e", "ca_rotation_begin=new_key", "-e", "ca_rotation_until=trust")
    assert begun.returncode == 0 and len(cluster.nodes[0].asks_for()) == 2
    converged = cluster.play("elasticsearch", "--check")
    assert converged.returncode == 0 and "changed=0" in converged.stdout, "an ordinary run lets a rotation between two phases be"
    assert "phase 2 of 3" in plan_of(cluster.play("rotate_ca", "--check"))
    back = cluster.play("rotate_ca", "-e", "ca_rotation_abort=true")
    assert back.returncode == 0, back.stdout[-3000:]
    assert [node.serial() for node in cluster.nodes] == serials
    assert all(node.asks_for() == ["CN = orders transport CA G2"] for node in cluster.nodes)
    assert cluster.generations() == (["generation-2"], ["generation-1", "generation-3"])


def test_the_certificate_of_the_ca_is_renewed(cluster):
    serials = [node.serial() for node in cluster.nodes]
    key = cluster.authorities / "generation-2/ca.key"
    run = cluster.play("rotate_ca", "-e", "ca_rotation_begin=same_key", "-e", "ca_rotation_validity_days=7300")
    assert run.returncode == 0, run.stdout[-3000:]
    assert not key.exists() and not set(serials) & {node.serial() for node in cluster.nodes}
    for node in cluster.nodes:
        # Still the same CA: what it issued before goes on to verify.
        assert node.asks_for() == ["CN = orders transport CA G2"]
        assert "Verify return code: 0 (ok)" in node.greeting("-CAfile", str(cluster.authorities / "generation-4/ca.crt")).stdout


def test_certificates_are_renewed_by_name_and_then_nothing_is_due(cluster):
    serials = [node.serial() for node in cluster.nodes]
    run = cluster.play("renew", "-e", "elasticsearch_tls_reissue=%s" % cluster.nodes[1].name)
    assert run.returncode == 0, run.stdout[-3000:]
    changed = [before != node.serial() for before, node in zip(serials, cluster.nodes)]
    assert changed == [False, True, False]
    again = cluster.play("renew")
    assert again.returncode == 0 and all("changed=0" in line for line in again.stdout.splitlines() if "unreachable=" in line)
