# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The cluster that the tests of this scenario work on, one after the other."""

from __future__ import annotations

import pathlib
import sys

import pytest

TOP = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(TOP / "molecule" / "shared" / "tests"))

from opensearch import cluster_of  # found by the line above


@pytest.fixture(scope="session")
def cluster(request):
    """The cluster as the inventory describes it."""
    return cluster_of(request.config.option.ansible_inventory)
