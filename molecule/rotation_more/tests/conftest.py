# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The cluster that the tests of this scenario work on, with a client that writes and searches from the first test to the last."""

from __future__ import annotations

import pathlib
import sys

TOP = pathlib.Path(__file__).resolve().parents[3]
sys.path[:0] = [str(TOP / "molecule" / "shared" / "tests"), str(TOP / ".build" / "collections")]

from fixtures import client, cluster, unbroken  # noqa: F401 pylint: disable=unused-import  # found by the line above
