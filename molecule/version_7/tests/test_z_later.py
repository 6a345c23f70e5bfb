# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The oldest supported version reads its files anew as well: renewal and rotation under a working client, no process is another one."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.usefixtures("client", "unbroken")


def test_every_certificate_is_renewed(cluster):
    serials = [node.serial() for node in cluster.nodes]
    run = cluster.play("renew", "-e", "elasticsearch_tls_reissue=all")
    assert run.returncode == 0, run.stdout[-3000:]
    assert not set(serials) & {node.serial() for node in cluster.nodes}


def test_the_ca_is_rotated(cluster):
    serials = [node.serial() for node in cluster.nodes]
    run = cluster.play("rotate_ca", "-e", "ca_rotation_begin=new_key")
    assert run.returncode == 0, run.stdout[-3000:]
    assert not set(serials) & {node.serial() for node in cluster.nodes}
    assert cluster.generations() == (["generation-2"], ["generation-1"])
    for node in cluster.nodes:
        assert node.asks_for() == ["CN = orders transport CA G2"]
        assert "Verify return code: 0 (ok)" in node.greeting("-CAfile", str(cluster.authorities / "generation-2/ca.crt")).stdout
