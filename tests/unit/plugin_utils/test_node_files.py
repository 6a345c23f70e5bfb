# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files of a node as actions read and write them: one module execution each."""

from __future__ import annotations

import base64

import pytest
from ansible_collections.interlock.cluster.plugins.plugin_utils import _node_files
from ansible_collections.interlock.cluster.plugins.plugin_utils._node_files import NodeFile, NodeFileError

LIVE, STAGED = "/etc/es/elasticsearch.yml", "/etc/es/.elasticsearch.yml.interlock-staged"


class Action:
    """Notes what is asked of the node."""

    def __init__(self, **files):
        self.files, self.asked = files, []

    def on_node(self, module, arguments):
        self.asked.append((module, arguments))
        return {"files": {path: self.files.get(path, {"exists": False}) for path in arguments.get("files", []) if isinstance(path, str)},
                "host": "h", "backups": []}


def there(content):
    return {"exists": True, "content": base64.b64encode(content).decode(), "mode": "0640", "owner": "root", "group": "es"}


def test_files_are_read_in_one_round_trip():
    action = Action(**{LIVE: there(b"live")})
    found, rest = _node_files.read(action, [LIVE, "/none"], process=True)
    assert action.asked == [("node_info", {"process": True, "files": [LIVE, "/none"], "content": True})]
    assert found == {LIVE: NodeFile(LIVE, True, b"live", None, "0640", "root", "es"), "/none": NodeFile("/none", False)}
    assert rest == {"host": "h", "backups": []}, "the contents end here"


@pytest.mark.parametrize("staged, expected", [(False, b"live"), (True, b"next")])
def test_the_next_version_counts_when_asked_for(staged, expected):
    found, _rest = _node_files.read(Action(**{LIVE: there(b"live"), STAGED: there(b"next")}), [LIVE], staged=staged)
    assert {path: file.content for path, file in found.items()} == {LIVE: expected}


def test_without_a_next_version_the_live_one_counts():
    found, _rest = _node_files.read(Action(**{LIVE: there(b"live")}), [LIVE], staged=True)
    assert found[LIVE].content == b"live"


def test_what_cannot_be_read_is_an_error_only_when_it_is_needed():
    found, _rest = _node_files.read(Action(**{LIVE: {"exists": True, "error": "Permission denied"}}), [LIVE, "/none"])
    assert found["/none"].readable() is None
    with pytest.raises(NodeFileError) as refused:
        found[LIVE].readable()
    assert str(refused.value) == "%s: cannot be read: Permission denied. Run as a user who may read it (become: true), or correct its owner and mode." % LIVE


@pytest.mark.parametrize("staged, state", [(True, "staged"), (False, "written")])
def test_files_are_written_in_one_round_trip(staged, state):
    action = Action()
    argument = _node_files.file_argument(LIVE, b"\x00new", "0600", "root", backup=True)
    assert argument == {"path": LIVE, "content": "AG5ldw==", "mode": "0600", "owner": "root", "group": None, "directory_mode": "0750",
                        "backup": True}
    _node_files.write(action, "/etc/es", [argument], staged)
    assert action.asked == [("staged_files", {"directory": "/etc/es", "state": state, "files": [argument]})]
