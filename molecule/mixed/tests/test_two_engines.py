# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbooks of the lifecycle on an inventory of two engines: each host is done by its own, and what a CA is for is done by the cluster."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.usefixtures("client", "unbroken", "never_restarted")

BOTH = "cluster=elasticsearch:redis_cluster"


@pytest.fixture
def never_restarted(redis):
    """No server of Redis may be another process after the test, and the cluster has to be whole."""
    before = [node.process() for node in redis]
    yield
    assert [node.process() for node in redis] == before
    redis[0].assert_whole()


def serials(nodes):
    return [node.served().serial_number for node in nodes]


def test_one_run_renews_the_certificates_of_both(cluster, redis):
    before = [node.serial() for node in cluster.nodes] + serials(redis)
    run = cluster.play("renew", "-e", BOTH, "-e", "elasticsearch_tls_reissue=all", "-e", "redis_tls_reissue=all")
    assert run.returncode == 0, run.stdout[-3000:]
    assert not set(before) & {*(node.serial() for node in cluster.nodes), *serials(redis)}
    again = cluster.play("renew", "-e", BOTH)
    assert again.returncode == 0 and all("changed=0" in line for line in again.stdout.splitlines() if "unreachable=" in line)


def test_one_ca_is_rotated_at_a_time(cluster, redis):
    before = [node.serial() for node in cluster.nodes] + serials(redis)
    run = cluster.play("rotate_ca", "-e", BOTH, "-e", "ca_rotation_begin=new_key")
    assert run.returncode != 0 and "the hosts have CAs of their own (" in run.stdout
    assert [node.serial() for node in cluster.nodes] + serials(redis) == before
    assert cluster.generations() == (["generation-1"], []) and [path.name for path in redis[0].authorities()] == ["generation-1"]


@pytest.mark.parametrize("group", ["elasticsearch", "redis_cluster"])
def test_the_ca_of_each_is_replaced_and_that_of_the_other_is_not(cluster, redis, group):
    before = {"elasticsearch": [node.serial() for node in cluster.nodes], "redis_cluster": serials(redis)}
    run = cluster.play("rotate_ca", "-e", "cluster=" + group, "-e", "ca_rotation_begin=new_key")
    assert run.returncode == 0, run.stdout[-3000:]
    after = {"elasticsearch": [node.serial() for node in cluster.nodes], "redis_cluster": serials(redis)}
    assert {name: not set(before[name]) & set(after[name]) for name in before} == {name: name == group for name in before}
    generations = cluster.generations() if group == "elasticsearch" else tuple(
        [path.name.partition(".")[0] for path in redis[0].authorities(place)] for place in (".", "archive"))
    assert generations == (["generation-2"], ["generation-1"])


def test_each_is_audited_by_itself(cluster):
    for group in ("elasticsearch", "redis_cluster"):
        run = cluster.play("audit", "-e", "cluster=" + group, "-e", "certificate_audit_fail_on=critical")
        assert run.returncode == 0 and "Certificates of %s" % group in run.stdout, run.stdout[-3000:]
    both = cluster.play("audit", "-e", BOTH)
    assert both.returncode != 0 and "Run the playbook for one cluster at a time" in both.stdout
