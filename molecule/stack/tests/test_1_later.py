# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From both layers in one restart back to plaintext, to transport alone, and then to https by a rolling restart under a client's writes."""

from __future__ import annotations

import pytest


def test_the_way_back_leads_to_plaintext(stack):
    assert [stack.status(node) for node in stack.nodes] == [200] * 3
    stack.runs("revert", *stack.http)
    assert [stack.status(node, scheme="http") for node in stack.nodes] == [200] * 3
    assert not [node.name for node in stack.nodes if (node.config / "certs").exists()]


def test_https_comes_later_and_one_way_works_all_the_time(stack, request):
    stack.runs("elasticsearch")
    assert [stack.status(node, scheme="http") for node in stack.nodes] == [200] * 3
    pids = [node.pid for node in stack.nodes]
    client = request.getfixturevalue("client")
    stack.runs("elasticsearch", *stack.http)
    assert not set(pids) & {node.pid for node in stack.nodes}
    assert {scheme for scheme, _node in client.ways} == {"http", "https"}


def test_nobody_answers_in_plaintext_any_more(stack):
    for node in stack.nodes:
        assert stack.status(node) == 200
        with pytest.raises(OSError):
            stack.status(node, scheme="http")


def test_a_run_changes_nothing_more(stack):
    assert "changed=0" in stack.runs("elasticsearch", *stack.http)
