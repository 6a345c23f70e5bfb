# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The HTTP layer in the years that follow: its certificate is renewed and its CA replaced under running processes and a client's writes."""

from __future__ import annotations

import pytest


@pytest.fixture
def unbroken(stack):
    """No process may be another one after the test."""
    before = [node.pid for node in stack.nodes]
    yield
    assert [node.pid for node in stack.nodes] == before


def seen(stack):
    return [[stack.served(node, port) for port in ("lab_transport_port", "lab_http_port")] for node in stack.nodes]


@pytest.mark.usefixtures("client", "unbroken")
def test_both_certificates_are_renewed(stack):
    before = seen(stack)
    stack.runs("renew", *stack.http, "-e", "elasticsearch_tls_reissue=all")
    assert all(old != new for was, now in zip(before, seen(stack)) for old, new in zip(was, now))


@pytest.mark.usefixtures("client", "unbroken")
def test_the_ca_of_the_transport_layer_is_replaced_alone(stack):
    before = seen(stack)
    stack.runs("rotate_ca", *stack.http, "-e", "ca_rotation_begin=new_key")
    assert all(was[0] != now[0] and was[1] == now[1] for was, now in zip(before, seen(stack)))
    assert stack.generations() == (["generation-2"], ["generation-1"])


@pytest.mark.usefixtures("client", "unbroken")
def test_the_ca_of_the_http_layer_is_replaced_alone(stack):
    before = seen(stack)
    stack.runs("rotate_ca", *stack.http, "-e", "ca_rotation_begin=new_key", "-e", "ca_rotation_of=elasticsearch_tls_http_ca")
    after = seen(stack)
    assert all(was[0] == now[0] and was[1] != now[1] and "2" in now[1] for was, now in zip(before, after))
    assert sorted(path.name for path in stack.http_authorities.glob("generation-*")) == ["generation-2"]
    assert [stack.status(node) for node in stack.nodes] == [200] * 3


def test_an_audit_finds_both_layers_sound(stack):
    told = stack.runs("audit", *stack.http)
    assert told.count("http") >= len(stack.nodes)
