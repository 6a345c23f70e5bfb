# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the verifiers of a running cluster share: the cluster, a client that works while a test runs, and processes that stay."""

from __future__ import annotations

import pytest
from cluster import Client, cluster_of


@pytest.fixture(scope="session")
def cluster(request):
    """The cluster as the inventory describes it."""
    return cluster_of(request.config.option.ansible_inventory)


@pytest.fixture
def client(cluster):
    """A client that works while the test runs. Nothing it asks for may fail."""
    working = Client(cluster)
    working.start()
    yield working
    assert working.end() == []
    assert working.written > 20


@pytest.fixture
def unbroken(cluster):
    """No process may be another one after the test."""
    before = [node.pid for node in cluster.nodes]
    yield
    assert [node.pid for node in cluster.nodes] == before
    assert cluster.ask(cluster.nodes[0], "GET", "/_cluster/health")["number_of_nodes"] == len(cluster.nodes)
