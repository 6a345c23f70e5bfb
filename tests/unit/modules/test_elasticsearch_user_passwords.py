# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""elasticsearch_user_passwords: whoever gets in is left alone, whoever does not gets the password, and no password is told."""

from __future__ import annotations

import base64
import json

import pytest
from ansible_collections.interlock.cluster.plugins.modules import elasticsearch_user_passwords

ELASTIC = "kno4-of-elastic"
WANTED = {"kibana_system": "kno4-of-kibana", "beats_system": "kno4-of-beats"}


class Realm:
    """Answers as the native realm does, with the passwords that it has."""

    def __init__(self, api, **passwords):
        self.passwords = dict({"elastic": ELASTIC}, **passwords)
        self.disabled = set()
        api.script = {"GET /_security/_authenticate": Answers(api, self.authenticated)}
        for name in WANTED:
            api.script["PUT /_security/user/%s/_password" % name] = Answers(api, lambda asked, name=name: self.set(name, asked))

    def authenticated(self, asked):
        name, password = base64.b64decode(asked.headers["Authorization"].partition(" ")[2]).decode().split(":", 1)
        return (200, {"username": name}) if self.passwords.get(name) == password and name not in self.disabled else (401, {})

    def set(self, name, asked):
        self.passwords[name] = asked.body["password"]
        return 200, {}


class Answers:
    """A script whose answer depends on what was asked last."""

    def __init__(self, api, answer):
        self.api, self.answer = api, answer

    def __len__(self):
        return 1

    def __getitem__(self, _index):
        return self.answer(self.api.asked[-1])


@pytest.fixture
def run(run_module, api, monkeypatch):
    monkeypatch.setattr("time.sleep", lambda seconds: None)

    def call(check=False, password=ELASTIC, **arguments):
        result = run_module(elasticsearch_user_passwords, check, connection={"port": api.port, "password": password}, **arguments)
        assert "kno4" not in json.dumps(result)
        return result

    return call


def puts(api):
    return [asked.path for asked in api.asked if asked.method == "PUT"]


def test_only_the_passwords_that_differ_are_set(run, api):
    realm = Realm(api, beats_system=WANTED["beats_system"], kibana_system="other")
    result = run(passwords=WANTED)
    assert (result["changed"], result["users"], puts(api)) == (True, ["kibana_system"], ["/_security/user/kibana_system/_password"])
    assert realm.passwords["kibana_system"] == WANTED["kibana_system"]
    assert "kibana_system: password set" in result["diff"]["after"]
    result = run(passwords=WANTED)
    assert (result["changed"], len(puts(api))) == (False, 1)


def test_check_mode_tells_and_sets_nothing(run, api):
    Realm(api)
    result = run(True, passwords=WANTED)
    assert (result["changed"], result["users"], puts(api)) == (True, sorted(WANTED), [])


def test_a_user_that_stays_locked_out_is_an_error(run, api):
    Realm(api).disabled = {"kibana_system"}
    result = run(passwords={"kibana_system": WANTED["kibana_system"]})
    assert result["failed"] and "the user kibana_system: is refused with the password that was just set" in result["msg"]


def test_without_a_password_that_may_nothing_is_tried(run, api):
    Realm(api)
    result = run(password="kno4-wrong", passwords=WANTED, retry_seconds=0)
    assert result["failed"] and puts(api) == [] and {asked.headers["Authorization"] for asked in api.asked} == {
        "Basic " + base64.b64encode(b"elastic:kno4-wrong").decode()}


def test_a_password_that_is_too_short_is_found_before_anything_is_asked(run, api):
    result = run(passwords={"kibana_system": "12345"})
    assert result["failed"] and "kibana_system: fewer than 6 characters" in result["msg"] and api.asked == []
