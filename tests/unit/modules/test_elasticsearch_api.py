# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The modules that talk to the HTTP layer: elasticsearch_api, elasticsearch_cluster_settings, elasticsearch_user_password."""

from __future__ import annotations

import json

import pytest
from ansible_collections.interlock.cluster.plugins.module_utils._node import elasticsearch_client
from ansible_collections.interlock.cluster.plugins.modules import elasticsearch_api, elasticsearch_cluster_settings, elasticsearch_user_password
from ansible_collections.interlock.cluster.tests.unit.support.scripted_api import NO_MASTER, UNAUTHORIZED

PASSWORD = "kno4-of-elastic"


@pytest.fixture
def run(run_module, api, monkeypatch):
    """run(module, ...) against the scripted API, as elastic; the password may not be in the result."""
    monkeypatch.setattr("time.sleep", lambda seconds: None)

    def call(module, check=False, connection=None, **arguments):
        connection = dict({"port": api.port, "password": PASSWORD}, **(connection or {}))
        result = run_module(module, check, connection=connection, **arguments)
        assert PASSWORD not in json.dumps(result)
        return result

    return call


# elasticsearch_api

@pytest.mark.parametrize("check", [True, False])
def test_a_get_is_made_in_both_modes_and_is_no_change(run, api, check):
    api.script["GET /a"] = [(200, {"b": 1})]
    result = run(elasticsearch_api, check, path="/a?x=1")
    assert (result["changed"], result["answer"]) == (False, {"b": 1})
    assert api.paths() == ["GET /a?x=1"]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_anything_else_is_a_change_and_not_made_in_check_mode(run, api, method):
    api.script["%s /a" % method] = [(200, {"b": 1})]
    result = run(elasticsearch_api, True, method=method, path="/a")
    assert result["changed"] and "answer" not in result and api.asked == []
    result = run(elasticsearch_api, method=method, path="/a", body={"c": [1]})
    assert (result["changed"], result["answer"], api.asked[0].body) == (True, {"b": 1}, {"c": [1]})


def test_an_error_answer_is_a_failure(run, api):
    result = run(elasticsearch_api, path="/none")
    assert result["failed"] and result["msg"] == "http://127.0.0.1:%d: GET /none was answered with 404: {'error': 'no handler'}." % api.port


# elasticsearch_cluster_settings

ALLOCATION = "cluster.routing.allocation.enable"


def settings(**values):
    return 200, dict({"persistent": {}, "transient": {}}, **values)


@pytest.mark.parametrize("found, wanted, changed", [
    ({}, "primaries", True), ({}, None, False), ({ALLOCATION: "primaries"}, "primaries", False), ({ALLOCATION: "all"}, None, True),
    ({ALLOCATION: "all"}, "primaries", True), ({ALLOCATION: "true"}, True, False), ({ALLOCATION: "7"}, 7, False),
    ({ALLOCATION: ["a", "1"]}, ["a", 1], False), ({ALLOCATION: "false"}, True, True),
])
@pytest.mark.parametrize("check", [True, False])
def test_settings_are_compared_by_value(run, api, found, wanted, changed, check):
    api.script = {"GET /_cluster/settings": [settings(persistent=dict(found, other="x"))], "PUT /_cluster/settings": [(200, {})]}
    result = run(elasticsearch_cluster_settings, check, settings={ALLOCATION: wanted})
    assert (result["changed"], result["before"]) == (changed, {ALLOCATION: found.get(ALLOCATION)})
    puts = [asked.body for asked in api.asked if asked.method == "PUT"]
    told = {True: "true", 7: "7"}.get(wanted, wanted) if not isinstance(wanted, list) else ["a", "1"]
    assert puts == ([{"persistent": {ALLOCATION: told}}] if changed and not check else [])
    assert result["diff"] == {"before": {ALLOCATION: found.get(ALLOCATION)}, "after": {ALLOCATION: told}}


def test_a_transient_setting_of_the_same_name_is_told(run, api):
    api.script = {"GET /_cluster/settings": [settings(transient={ALLOCATION: "none", "other": "x"})]}
    assert run(elasticsearch_cluster_settings, settings={ALLOCATION: None})["transient"] == {ALLOCATION: "none"}


@pytest.mark.parametrize("seconds, failed", [(0, True), (60, False)])
def test_a_cluster_that_is_coming_up_is_waited_for_when_asked_to(run, api, seconds, failed):
    api.script = {"GET /_cluster/settings": [UNAUTHORIZED, NO_MASTER, settings()], "PUT /_cluster/settings": [NO_MASTER, (200, {})]}
    result = run(elasticsearch_cluster_settings, settings={ALLOCATION: "all"}, retry_seconds=seconds)
    assert bool(result.get("failed")) is failed
    assert len(api.asked) == (1 if failed else 6)


# elasticsearch_user_password

AUTHENTICATE, STORE = "GET /_security/_authenticate", "PUT /_security/user/elastic/_password"


@pytest.mark.parametrize("check", [True, False])
def test_the_password_is_stored_once_it_was_seen_to_be_right(run, api, check):
    api.script = {AUTHENTICATE: [(200, {})], STORE: [(200, {})]}
    result = run(elasticsearch_user_password, check)
    assert (result["changed"], result["username"]) == (True, "elastic")
    assert api.paths() == [AUTHENTICATE] + ([] if check else [STORE])
    if not check:
        assert api.asked[1].body == {"password": PASSWORD}


def test_401_is_not_final_while_the_security_index_recovers(run, api):
    api.script = {AUTHENTICATE: [UNAUTHORIZED, NO_MASTER, UNAUTHORIZED, (200, {})], STORE: [NO_MASTER, (200, {})]}
    assert run(elasticsearch_user_password)["changed"]
    assert api.paths().count(STORE) == 2


def test_a_wrong_password_is_refused_in_the_end(run, api, monkeypatch):
    api.script = {AUTHENTICATE: [UNAUTHORIZED]}
    result = run(elasticsearch_user_password, retry_seconds=0)
    assert result["failed"] and result["msg"].endswith("Check the password that the role is given for this user.")
    assert api.paths() == [AUTHENTICATE]


def test_without_a_password_nothing_is_asked(run, api):
    result = run(elasticsearch_user_password, connection={"password": ""})
    assert result["failed"]
    assert result["msg"] == "connection.password: no password is given to authenticate with and to store. Give the user's password."
    assert api.asked == []


def test_patience_is_the_shared_one():
    for module in (elasticsearch_cluster_settings, elasticsearch_user_password):
        assert module.patiently is elasticsearch_client.patiently
