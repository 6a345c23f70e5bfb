# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What opensearch_security has opensearch_admin do on the node: only what is not so yet, and judged by what it leads to."""

from __future__ import annotations

import pytest
from ansible_collections.interlock.cluster.plugins.module_utils._node import opensearch_admin
from ansible_collections.interlock.cluster.plugins.module_utils._node.elasticsearch_client import ApiError
from ansible_collections.interlock.cluster.plugins.modules import opensearch_admin as module

AUTHINFO = "/_plugins/_security/authinfo"
USER = "/_plugins/_security/api/internalusers/admin"
NODES = "/_plugins/_security/api/nodesdn/interlock"
PASSWORD = "kno4 of the admin"


class Node:
    """A node that knows users and answers as its plugin does."""

    where = "here"

    def __init__(self, users=None, answers=None):
        self.users, self.answers, self.asked = dict(users or {}), dict(answers or {}), []
        self.names = ["CN=os1", opensearch_admin.NOBODY]

    def request(self, method, path, body=None):
        self.asked.append((method, path))
        queued = self.answers.get((method, path))
        if queued:
            answer = queued.pop(0)
            if isinstance(answer, Exception):
                raise answer
            if answer is not None:
                return answer
        if path == AUTHINFO:
            return (200, {}) if self.users.get("admin") == PASSWORD else (401, "Unauthorized")
        if method == "GET" and path == USER:
            return (200, {}) if "admin" in self.users else (404, {})
        if path == USER:
            self.users["admin"] = body["password"] if method == "PUT" else body[0]["value"]
            return 200, {"status": "OK"}
        if method == "GET":
            return 200, {"interlock": {"nodes_dn": self.names}}
        if path == NODES:
            self.names = body["nodes_dn"]
        return 200, {"message": "updated"}


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    monkeypatch.setattr(opensearch_admin.time, "sleep", lambda seconds: None)


def ensure(node, seconds=5):
    return opensearch_admin.ensure_user(node, node, "admin", PASSWORD, ["admin"], seconds)


def test_a_user_who_logs_in_is_left_alone():
    node = Node({"admin": PASSWORD})
    assert ensure(node) is False and node.asked == [("GET", AUTHINFO)]


@pytest.mark.parametrize("users, method", [({}, "PUT"), ({"admin": "another"}, "PATCH")])
def test_a_user_who_does_not_is_made_or_given_the_password_and_nothing_else(users, method):
    node = Node(users)
    assert ensure(node) is True
    assert node.users == {"admin": PASSWORD} and (method, USER) in node.asked


def test_an_index_that_is_not_read_yet_is_waited_for():
    node = Node({}, {("GET", AUTHINFO): [(503, "OpenSearch Security not initialized."), ApiError("no answer"), None]})
    assert ensure(node) is True


def test_what_counts_is_that_the_user_logs_in():
    """A node stores the user and then fails to tell those that have no full security yet."""
    node = Node()

    class Failing(Node):
        def request(self, method, path, body=None):
            answer = node.request(method, path, body)
            return (500, {"message": "no handler found"}) if method == "PUT" else answer

    assert opensearch_admin.ensure_user(Failing(), node, "admin", PASSWORD, ["admin"], 5) is True


def test_a_password_that_is_refused_is_told_with_the_reason_and_without_the_password(monkeypatch):
    monkeypatch.setattr(opensearch_admin, "LONGEST_UPDATE", 0)
    node = Node({}, {("PUT", USER): [(400, {"reason": "Password does not match minimum criteria"})]})
    with pytest.raises(ApiError, match="minimum criteria") as caught:
        ensure(node)
    assert PASSWORD not in str(caught.value)


def test_running_nodes_are_told_the_names_once():
    node = Node()
    assert opensearch_admin.ensure_nodes_dn(node, "interlock", ["CN=os1"], 5, False) is False
    assert opensearch_admin.ensure_nodes_dn(node, "interlock", ["CN=os2", "CN=os1"], 5, True) is True
    assert ("PUT", NODES) not in node.asked
    assert opensearch_admin.ensure_nodes_dn(node, "interlock", ["CN=os2", "CN=os1"], 5, False) is True
    assert node.asked[-1] == ("PUT", NODES)
    assert opensearch_admin.ensure_nodes_dn(node, "interlock", ["CN=os1", "CN=os2"], 5, False) is False


def test_the_list_of_the_running_nodes_is_never_that_of_a_settings_file():
    """Of two equal ones the plugin makes one, and then answers every request between nodes with an error."""
    node = Node()
    opensearch_admin.ensure_nodes_dn(node, "interlock", ["CN=os1", "CN=os2"], 5, False)
    (more,) = set(node.names) - {"CN=os1", "CN=os2"}
    assert "=" not in more and "*" not in more, "what is no subject of a certificate"


def test_both_layers_are_reloaded_and_a_refusal_is_an_error():
    node = Node()
    opensearch_admin.reload_certificates(node, 5)
    assert [path.split("/")[-2] for _method, path in node.asked] == ["http", "transport"]
    path = "/_plugins/_security/api/ssl/transport/reloadcerts"
    with pytest.raises(ApiError, match="valid Issuer DNs"):
        opensearch_admin.reload_certificates(Node({}, {("PUT", path): [(400, {"message": "New certificates do not have valid Issuer DNs"})]}), 5)


def test_check_mode_of_the_module_changes_nothing(monkeypatch):
    node = Node()
    monkeypatch.setattr(module, "Client", lambda *arguments, **options: node)
    params = {"host": "h", "port": 9200, "names": [], "ca_certificates": "", "certificate": "", "private_key": "", "user": "admin",
              "password": PASSWORD, "backend_roles": ["admin"], "nodes_dn": ["CN=os1", "CN=os2"], "reload": True, "timeout": 5}
    assert module.run(params, True) == {"changed": True, "done": ["nodes_dn", "reload"]}
    assert {method for method, _path in node.asked} == {"GET"}
