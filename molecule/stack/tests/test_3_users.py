# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Passwords of built-in users: set, left alone, changed, and recovered when nobody knows that of elastic; and none of them is told."""

from __future__ import annotations

import json

import pytest

KIBANA, BEATS, NEWER = "lab-kibana-1", "lab-beats-1", "lab-kibana-2"
CHANGED = "lab-elastic-2"


@pytest.fixture
def secretly(tmp_path):
    """Options that give variables in a file, as a vault would: Ansible shows its own command line at -vvvv."""
    def given(**variables):
        path = tmp_path / "vault.json"
        path.touch(0o600)
        path.write_text(json.dumps(variables), encoding="utf-8")
        return ["-e", "@%s" % path]

    return given


@pytest.fixture
def given(secretly):
    """The same for the passwords of users."""
    def passwords(**by_user):
        return secretly(elasticsearch_tls_user_passwords=by_user)

    return passwords


def knows(stack, user, password):
    return [stack.status(node, "/_security/_authenticate", user, password) for node in stack.nodes] == [200] * len(stack.nodes)


def test_passwords_are_set_once(stack, given):
    wanted = [*stack.http, *given(kibana_system=KIBANA, beats_system=BEATS)]
    assert not knows(stack, "kibana_system", KIBANA)
    stack.runs("elasticsearch", *wanted, "--check")
    assert not knows(stack, "kibana_system", KIBANA), "check mode sets nothing"
    told = stack.runs("elasticsearch", *wanted, "--diff", "-vvv")
    assert knows(stack, "kibana_system", KIBANA) and knows(stack, "beats_system", BEATS)
    assert "kibana_system: password set" in told and KIBANA not in told and BEATS not in told
    assert "password set" not in stack.runs("elasticsearch", *wanted, "--diff")


def test_a_password_is_changed(stack, given):
    stack.runs("elasticsearch", *stack.http, *given(kibana_system=NEWER, beats_system=BEATS))
    assert knows(stack, "kibana_system", NEWER) and not knows(stack, "kibana_system", KIBANA) and knows(stack, "beats_system", BEATS)


def test_the_password_of_elastic_is_changed_and_recovered(stack, given, secretly):
    before = {node.name: [(node.config / name).read_bytes() for name in ("users", "users_roles")] for node in stack.nodes}
    change = secretly(elasticsearch_tls_elastic_password=CHANGED, elasticsearch_tls_elastic_password_before=stack.password)
    told = stack.runs("elasticsearch", *stack.http, *change, "-vvv")
    assert knows(stack, "elastic", CHANGED) and CHANGED not in told and stack.password not in told
    refused = stack.play("elasticsearch", *stack.http, "-e", "elasticsearch_tls_restart=full", *given(kibana_system=NEWER))
    assert refused.returncode != 0, "nobody in the inventory knows the password now"
    told = stack.runs("elasticsearch", *stack.http, "-e", "elasticsearch_tls_recover_password=true", "-vvv")
    assert knows(stack, "elastic", stack.password) and not knows(stack, "elastic", CHANGED) and stack.password not in told
    after = {node.name: [(node.config / name).read_bytes() for name in ("users", "users_roles")] for node in stack.nodes}
    assert after == before, "the superuser for that is gone"
