# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a process has the code of TLS, by what it has mapped to run. Real servers are in tests/interop/test_redis_versions.py."""

from __future__ import annotations

import mmap
import os

from ansible_collections.interlock.cluster.plugins.module_utils._node import redis_build


def test_this_process_has_none_until_it_maps_some(tmp_path):
    assert redis_build.has_tls(os.getpid()) is False
    program = tmp_path / "server with a space"
    program.write_bytes(b"x" * (redis_build.CHUNK - 5) + redis_build.SIGN + b"x")  # across two chunks
    with program.open("rb") as stream, mmap.mmap(stream.fileno(), 0, prot=mmap.PROT_READ | mmap.PROT_EXEC):
        assert redis_build.has_tls(os.getpid()) is True


def test_a_process_that_is_not_here_tells_nothing():
    assert redis_build.has_tls(2 ** 22 + 1) is None
