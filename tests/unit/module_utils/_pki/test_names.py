# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.interlock.cluster.plugins.module_utils._pki import names
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("subject", "meant"),
    [
        ("CN=logs CA,O=Example", "CN=logs CA,O=Example"),
        ("CN=a\\,b+OU=x", "CN=a\\,b+OU=x"),
        ("CN=Grüße", "CN=Grüße"),
        ("2.5.4.3=logs", "CN=logs"),
        ("CN = logs CA, O = Example , ou=a + cn=b", "CN=logs CA,O=Example,OU=a+CN=b"),
        (" cn=logs CA", "CN=logs CA"),
        ("CN=a\\, o=b", "CN=a\\, o=b"),
    ],
)
def test_a_subject_is_parsed(subject, meant):
    assert names.text(names.parse_subject(subject)) == meant


@pytest.mark.parametrize(
    "subject",
    ["", "logs CA", "CN=", "CN=" + "a" * 65, "C=GERMANY,CN=x", "emailAddress=a@example.com", "CN=a,,O=b", "CN=a, b", 'CN="a, O=b"'],
)
def test_a_subject_that_cannot_be_read_is_refused(subject):
    with pytest.raises(names.NamesError, match="Write it as RFC 4514 has it"):
        names.parse_subject(subject)


@pytest.mark.parametrize(
    ("subject", "generation", "meant"),
    [
        ("CN=logs CA,O=Example", 1, "CN=logs CA,O=Example"),
        ("CN=logs CA,O=Example", 2, "CN=logs CA G2,O=Example"),
        ("CN=logs CA G2,O=Example", 3, "CN=logs CA G3,O=Example"),
        ("CN=logs CA G2,O=Example", 1, "CN=logs CA G2,O=Example"),
        ("CN=logs CA+OU=x,O=Example", 2, "CN=logs CA G2+OU=x,O=Example"),
        ("O=Example", 2, "CN=G2,O=Example"),
        ("CN=" + "a" * 64, 12, "CN=" + "a" * 60 + " G12"),
        ("CN=" + "ü" * 32, 2, "CN=" + "ü" * 30 + " G2"),
    ],
)
def test_a_new_key_gets_a_new_name(subject, generation, meant):
    assert names.text(names.for_generation(names.parse_subject(subject), generation)) == meant


def test_a_common_name_has_1_to_64_bytes():
    assert names.text(names.common_name("x" * 64)) == "CN=" + "x" * 64
    for wrong in ("", "x" * 65, "ü" * 33):
        with pytest.raises(names.NamesError, match="has %d bytes" % len(wrong.encode())):
            names.common_name(wrong)


@pytest.mark.parametrize(
    ("given_", "meant"),
    [
        ("Node-1.Example.COM", "node-1.example.com"),
        ("node-1.example.com.", "node-1.example.com"),
        ("es_data_1", "es_data_1"),
        ("*.example.com", "*.example.com"),
        ("xn--grsse-kva.example", "xn--grsse-kva.example"),
        ("1", "1"),
    ],
)
def test_a_dns_name(given_, meant):
    assert names.dns_name(given_) == meant
    assert names.dns_name(meant) == meant


@pytest.mark.parametrize(
    "given_",
    ["", ".", "a b", "grüße.example", "-a", "a-", "a..b", "a" * 64, ".".join(["a" * 60] * 5), "*", "a.*.b", "node:9300", "a/b", "a\n"],
)
def test_what_is_no_dns_name_is_refused(given_):
    with pytest.raises(names.NamesError, match="is not a DNS name"):
        names.dns_name(given_)


@pytest.mark.parametrize("given_", ["10.0.0.7", "::1", "10.0.0.7."])
def test_an_address_among_the_dns_names_is_refused(given_):
    with pytest.raises(names.NamesError, match="List it with the IP addresses"):
        names.dns_name(given_)


@pytest.mark.parametrize(
    ("given_", "meant"), [("10.0.0.7", "10.0.0.7"), ("2001:DB8:0:0::1", "2001:db8::1"), ("::ffff:10.0.0.7", "::ffff:10.0.0.7")]
)
def test_an_address(given_, meant):
    assert names.ip_address(names.ip_address(given_)) in (meant, "::ffff:a00:7")


@pytest.mark.parametrize("given_", ["", "node-1", "10.0.0.0/8", "10.0.0.256", "fe80::1%eth0", "10.0.0.07", None, 7])
def test_what_is_no_address_is_refused(given_):
    with pytest.raises(names.NamesError, match="is not an IP address"):
        names.ip_address(given_)


@given(st.ip_addresses())
def test_every_address_has_one_text(address):
    assert names.ip_address(address.exploded) == names.ip_address(address.compressed) == str(address)


def test_unique_keeps_the_order():
    assert names.unique(["b", "a", "b"]) == ("b", "a")


def test_names_and_addresses_are_told_apart():
    assert names.split(["es1", "10.0.0.7", "[::1]", "es1", "0:0:0:0:0:0:0:1", "10.0.0.7"]) == (["es1"], ["10.0.0.7", "::1"])
