# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A node of OpenSearch that does not answer at once is asked again, with everything that it was asked with before."""

from __future__ import annotations

import collections
import types

import pytest
from ansible_collections.interlock.cluster.plugins.action import opensearch_tls_info as subject

OPTIONS = {"config_dir": "/etc/opensearch", "home": "/usr/share/opensearch", "wanted": {}, "http_port": 9200, "transport_port": 9300,
           "username": "admin", "password": "s", "service": {}, "authorities": ["first\n", "second\n"]}
LAYOUT = types.SimpleNamespace(files=[], library="", plugins="", config_dir="", demo_authority="demo", settings="settings")


class Action(subject.ActionModule):
    """On no host: what would be asked of the node is noted."""

    hostname = "os1"

    def __init__(self):  # pylint: disable=super-init-not-called
        self.task_vars, self.asked = {}, []

    def on_node(self, module, arguments):
        self.asked.append((module, arguments))
        return {"api": {"unreachable": None}}


@pytest.mark.parametrize("demo", [None, b"demo\n"], ids=["ours", "the demo's"])
def test_a_slow_node_is_asked_again_with_whom_to_trust(monkeypatch, demo):
    action, first = Action(), {}
    found = {"host": {"now": 0}, "api": {"scheme": "https", "unreachable": "timed out"}, "process": {"running": True}}
    files = collections.defaultdict(lambda: types.SimpleNamespace(content=None), demo=types.SimpleNamespace(content=demo))

    def read(_action, _files, **asked):
        first.update(asked)
        return files, found

    monkeypatch.setattr(subject._node_files, "read", read)
    monkeypatch.setattr(subject, "demo_files", lambda *_arguments: {"demo": "root-ca.pem"} if demo else {})
    monkeypatch.setattr(subject.Layout, "of", lambda *_arguments: LAYOUT)
    monkeypatch.setattr(subject, "assess_node", lambda *_arguments: {"problems": ["enough"], "live": {}})
    action.perform(dict(OPTIONS))
    ((module, again),) = action.asked
    assert module == "node_info" and first["ca_certificates"] == "first\nsecond\n"
    assert again["ca_certificates"] == ("demo\n" if demo else first["ca_certificates"])
    assert found["api"]["unreachable"] is None
