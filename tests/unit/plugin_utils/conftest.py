# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A node's files as they were read."""

from __future__ import annotations

import pytest
from ansible_collections.interlock.cluster.plugins.plugin_utils._node_files import NodeFile


def node_files(contents, *missing):
    """{path: NodeFile}: bytes are the content, a text is why the file cannot be read."""
    found = {path: NodeFile(path, False) for path in missing}
    for path, content in contents.items():
        found[path] = NodeFile(path, True, error=content) if isinstance(content, str) else NodeFile(path, True, content)
    return found


@pytest.fixture(scope="session")
def files():
    """See node_files."""
    return node_files
