# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What settings say of a transport layer that other means secured, and which CA it has."""

from __future__ import annotations

import pytest
from ansible_collections.interlock.cluster.plugins.module_utils._engines import elasticsearch_takeover as takeover
from ansible_collections.interlock.cluster.plugins.module_utils._engines.elasticsearch_plan import Options, plan

T = "xpack.security.transport.ssl."
ON = {"xpack.security.enabled": True, T + "enabled": True}
OWN = ("certs/key.p12", "/etc/es/certs/key.p12")
P12, TRUST12 = T + "keystore.secure_password", T + "truststore.secure_password"

STORES = {
    "certutil": ({"keystore.path": "a.p12", "truststore.path": "a.p12"}, ("pkcs12", "a.p12", None, ("a.p12",), (P12, None), (TRUST12, None))),
    "plain passwords": ({"keystore.path": "a.p12", "truststore.path": "b.p12", "keystore.password": "x", "truststore.password": "y"},
                        ("pkcs12", "a.p12", None, ("b.p12",), (P12, "x"), (TRUST12, "y"))),
    "no truststore": ({"keystore.path": "a.p12", "keystore.password": "x"}, ("pkcs12", "a.p12", None, ("a.p12",), (P12, "x"), (P12, "x"))),
    "pem": ({"key": "a.key", "certificate": "a.crt", "certificate_authorities": ["ca.crt", "b.crt"], "key_passphrase": "x"},
            ("pem", "a.key", "a.crt", ("ca.crt", "b.crt"), (T + "secure_key_passphrase", "x"), (None, None))),
    "pem, one CA": ({"key": "a.key", "certificate": "a.crt", "certificate_authorities": "ca.crt"},
                    ("pem", "a.key", "a.crt", ("ca.crt",), (T + "secure_key_passphrase", None), (None, None))),
}


@pytest.mark.parametrize("name", STORES)
def test_where_keys_and_trust_are(name):
    settings, (format_, key, certificate, trust, key_password, trust_password) = STORES[name]
    found = takeover.foreign_stores(dict(ON, **{T + part: value for part, value in settings.items()}), OWN)
    assert (found.format, found.key, found.certificate, found.trust) == (format_, key, certificate, trust)
    assert (found.key_password, found.trust_password) == (key_password, trust_password)
    assert found.paths == list(dict.fromkeys([key, *([certificate] if certificate else []), *trust]))
    assert "'x'" not in repr(found)


@pytest.mark.parametrize("settings", [
    {}, ON, dict(ON, **{T + "keystore.path": "certs/key.p12"}), dict(ON, **{T + "keystore.path": "/etc/es/certs/key.p12"}),
    {"xpack.security.enabled": False, T + "enabled": True, T + "keystore.path": "a.p12"},
    {"xpack.security.enabled": True, T + "enabled": False, T + "keystore.path": "a.p12"},
])
def test_what_is_not_foreign(settings):
    assert takeover.foreign_stores(settings, OWN) is None


def test_what_goes_and_what_a_first_pass_writes():
    settings = dict(ON, **{T + "keystore.password": "x", T + "key": "k", T + "keystore.algorithm": "y", T + "verification_mode": "certificate",
                           "xpack.security.enrollment.enabled": "true"})
    assert takeover.outdated(settings) == [T + "keystore.password", T + "key"]
    wanted = {T + "verification_mode": "full", T + "keystore.path": "certs/key.p12"}
    assert takeover.settings_of_now(wanted, settings) == {
        T + "verification_mode": "certificate", T + "keystore.path": "certs/key.p12", "xpack.security.enrollment.enabled": False}
    assert takeover.settings_of_now(wanted, ON) == wanted, "the mode that is in effect without a setting is full"


def test_a_store_that_another_layer_uses_stays():
    settings = {"xpack.security.http.ssl.keystore.path": "a.p12", "xpack.http.ssl.certificate_authorities": ["b.crt", "c.crt"]}
    assert takeover.left_over(["a.p12", "b.crt", "d.p12"], settings) == ["d.p12"]


def taken(nodes, *trusted, foreign=True):
    """A node's verdicts; trusted: (name of a CA, whether it issued the certificate)."""
    found = [{"subject": "CN=" + name, "sha256": name * 8, "pem": name, "issues": issues} for name, issues in trusted]
    return nodes.secured(takeover={"foreign": foreign, "verification_mode": "certificate", "trusted": found, "issuer": "CN=x"})


AUTHORITIES = {
    "one": ([[("a", True)], [("a", True)]], "a", None),
    "one of two that are trusted": ([[("a", True), ("b", False)], [("a", True)]], "a", None),
    "a CA each": ([[("a", True)], [("b", True)]], None, "the nodes have certificates of several CAs: CN=a (aaaaaaaa) on one; CN=b (bbbbbbbb) on two."),
    "not trusted by all": ([[("a", True)], [("b", False)]], "a", "two: does not trust the CA CN=a"),
    "not trusted by itself": ([[("a", False)]], None, "no node trusts the CA that issued its own certificate (CN=x)"),
    "nothing is left to take over": ([[]], None, None),
}


@pytest.mark.parametrize("case", AUTHORITIES)
def test_the_ca_that_is_adopted(nodes, case):
    trusted, authority, problem = AUTHORITIES[case]
    cluster = {host: taken(nodes, *found) for host, found in zip(("one", "two"), trusted)}
    found, problems = takeover.authority(cluster)
    assert found == authority and len(problems) == bool(problem)
    assert all(text.startswith(problem) for text in problems)
    planned = plan(cluster, Options(goal="takeover"))
    assert planned["authority"] == authority and planned["problems"][:len(problems)] == problems
    assert plan(cluster, Options())["authority"] is None
