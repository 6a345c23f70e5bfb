# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The two clusters that the tests of this scenario work on."""

from __future__ import annotations

import pathlib
import sys

import pytest
import testinfra

TOP = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(TOP / "molecule" / "shared" / "tests"))

from fixtures import client, cluster, unbroken  # noqa: F401 pylint: disable=unused-import  # found by the line above
from redis_node import node_of


@pytest.fixture(scope="session")
def redis(request):
    """The nodes of the Redis Cluster."""
    hosts = testinfra.get_hosts(["ansible://redis_cluster"], ansible_inventory=request.config.option.ansible_inventory)
    return [node_of(host) for host in hosts]
