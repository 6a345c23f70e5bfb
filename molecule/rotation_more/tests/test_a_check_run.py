# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Renewal and rotation in check mode: what would be done is told, and nothing is changed. And where nothing is due, nothing is."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.usefixtures("client", "unbroken")


def files_of(cluster):
    """Everything in the configuration directories and in that of the CA."""
    places = [cluster.authorities, *(node.config for node in cluster.nodes)]
    return {str(path): path.read_bytes() for place in places for path in sorted(place.rglob("*")) if path.is_file() and path.suffix != ".jsonl"}


@pytest.mark.parametrize("playbook, option, told", [
    ("rotate_ca", "ca_rotation_begin=new_key", "Rotation of the CA: make the new CA"),
    ("rotate_ca", "ca_rotation_begin=same_key", "Rotation of the CA: make the new CA"),
    ("renew", "elasticsearch_tls_reissue=all", "a new one was asked for"),
])
def test_a_check_run_tells_what_would_be_done_and_changes_nothing(cluster, playbook, option, told):
    before = files_of(cluster)
    run = cluster.play(playbook, "--check", "--diff", "-e", option)
    assert run.returncode == 0 and told in run.stdout, run.stdout[-3000:]
    assert files_of(cluster) == before


@pytest.mark.parametrize("playbook", ["rotate_ca", "renew"])
def test_where_nothing_is_due_nothing_is_done(cluster, playbook):
    run = cluster.play(playbook)
    assert run.returncode == 0 and all("changed=0" in line for line in run.stdout.splitlines() if "unreachable=" in line), run.stdout[-3000:]
