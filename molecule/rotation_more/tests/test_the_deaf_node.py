# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A node that does not read its files anew: a renewal is taken back, or restarts that node when it is allowed to."""

from __future__ import annotations

import pytest

TIMEOUT = ("-e", "elasticsearch_tls_reload_timeout=15")


@pytest.fixture(scope="module")
def deaf(cluster):
    """A node that was started with the reload of files switched off; it is as the others afterwards."""
    node = cluster.ordinary_nodes()[0]
    settings = node.config / "elasticsearch.yml"
    before = settings.read_text(encoding="utf-8")
    settings.write_text(before + "resource.reload.enabled: false\n", encoding="utf-8")
    node.restart()
    cluster.wait_for_green()
    yield node
    settings.write_text(before, encoding="utf-8")
    node.restart()
    cluster.wait_for_green()


def test_it_gets_its_previous_certificate_back(cluster, deaf):
    serial, process = deaf.serial(), deaf.pid
    store = deaf.config / "certs/transport.keystore.p12"
    before = store.read_bytes()
    run = cluster.play("renew", "-e", "elasticsearch_tls_reissue=%s" % deaf.name, *TIMEOUT)
    assert run.returncode != 0 and "The previous certificate is back in its place" in run.stdout, run.stdout[-3000:]
    assert (deaf.serial(), deaf.pid, store.read_bytes()) == (serial, process, before)


def test_it_is_restarted_when_that_is_allowed(cluster, deaf):
    serials, processes = ([node.serial() for node in cluster.nodes], [node.pid for node in cluster.nodes])
    run = cluster.play("renew", "-e", "elasticsearch_tls_reissue=%s" % deaf.name, "-e", "elasticsearch_tls_restart=rolling", *TIMEOUT)
    assert run.returncode == 0, run.stdout[-3000:]
    for node, serial, process in zip(cluster.nodes, serials, processes):
        assert (node.serial() != serial, node.pid != process) == (node is deaf, node is deaf)
    cluster.wait_for_green()
