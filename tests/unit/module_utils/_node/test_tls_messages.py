# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Messages as RFC 5246 and RFC 8446 lay them out; real servers send theirs in test_tls_probe.py."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.interlock.cluster.plugins.module_utils._node import tls_messages
from ansible_collections.interlock.cluster.plugins.module_utils._node.tls_messages import TLS_1_2, TLS_1_3

TLS_1_1 = 0x0302


def vector(content, width):
    return len(content).to_bytes(width, "big") + content


def message(kind, body):
    return bytes([kind]) + vector(body, 3)


def certificate_message(certificates, version):
    if version < TLS_1_3:
        return message(11, vector(b"".join(vector(each, 3) for each in certificates), 3))
    return message(11, vector(b"context", 1) + vector(b"".join(vector(each, 3) + vector(b"\0\x05\0\0", 2) for each in certificates), 3))


def request_message(names, version):
    listed = vector(b"".join(vector(each, 2) for each in names), 2)
    if version < TLS_1_2:
        return message(13, vector(b"\x01\x40", 1) + listed)
    if version < TLS_1_3:
        return message(13, vector(b"\x01\x40", 1) + vector(b"\x04\x03", 2) + listed)
    extensions = b"\0\x0d" + vector(vector(b"\x04\x03", 2), 2) + (b"\0\x2f" + vector(listed, 2) if names else b"")
    return message(13, vector(b"", 1) + vector(extensions, 2))


@pytest.mark.parametrize("version", [TLS_1_1, TLS_1_2, TLS_1_3])
@given(st.lists(st.binary(min_size=1, max_size=300), max_size=4))
def test_what_is_listed_is_found(version, listed):
    assert tls_messages.certificates(certificate_message(listed, version), version) == listed
    assert tls_messages.authorities(request_message(listed, version), version) == listed


@pytest.mark.parametrize("version", [TLS_1_1, TLS_1_2, TLS_1_3])
@given(st.binary(max_size=60))
def test_arbitrary_bytes_raise_nothing_but_the_typed_error(version, content):
    for read in (tls_messages.certificates, tls_messages.authorities):
        try:
            read(content, version)
        except tls_messages.MessageError:
            pass


@pytest.mark.parametrize("version", [TLS_1_2, TLS_1_3])
def test_a_cut_off_message_is_refused(version):
    whole = certificate_message([b"one", b"two"], version)
    for length in range(len(whole)):
        with pytest.raises(tls_messages.MessageError):
            tls_messages.certificates(whole[:length], version)


@pytest.mark.parametrize(
    ("first", "speaks"),
    [
        (b"\x16\x03\x03\x00\x7a\x02", True),
        (b"\x15\x03\x01\x00\x02\x02", True),
        (b"\x16\x03\x01\x02\x00\x01", False),  # our own ClientHello, come back from an echo service
        (b"HTTP/1", False),
        (b"\x15", False),
        (b"\x16\x03\x03", False),
        (b"SSH-2.", False),
    ],
)
def test_whether_the_first_bytes_are_tls(first, speaks):
    assert tls_messages.speaks_tls(first) is speaks
