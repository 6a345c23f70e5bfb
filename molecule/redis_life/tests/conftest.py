# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The servers that the tests of this scenario look at."""

from __future__ import annotations

import pathlib
import sys

import pytest

TOP = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(TOP / "molecule" / "shared" / "tests"))

from redis_node import node_of  # found by the line above


@pytest.fixture(scope="module")
def node(host):
    """A node, each in turn."""
    return node_of(host)
