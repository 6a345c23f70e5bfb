# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Kibana and Dashboards are to be told, what that takes, and what forbids it."""

from __future__ import annotations

import pytest
from ansible_collections.interlock.cluster.plugins.module_utils._engines import kibana
from ansible_collections.interlock.cluster.plugins.module_utils._engines.kibana import DASHBOARDS, KIBANA, Found, Login, Paths

PATHS = Paths("/c/server.crt", "/c/server.key", "/c/authorities.crt")
WITH_CLIENT = Paths("/c/server.crt", "/c/server.key", "/c/authorities.crt", "/c/client.crt", "/c/client.key", "/c/browsers.crt")
OPTIONS = {"protocols": ["TLSv1.2", "TLSv1.3"], "ciphers": [], "client_authentication": "none", "verification_mode": "full"}
HOSTS = ["https://es1:9200"]


def test_the_settings_of_kibana():
    wanted, absent = kibana.settings(KIBANA, HOSTS, PATHS, Login("password", "kibana_system"), OPTIONS)
    assert wanted == {
        "server.ssl.enabled": True, "server.ssl.certificate": "/c/server.crt", "server.ssl.key": "/c/server.key",
        "server.ssl.supportedProtocols": ["TLSv1.2", "TLSv1.3"], "elasticsearch.hosts": HOSTS,
        "elasticsearch.ssl.certificateAuthorities": ["/c/authorities.crt"], "elasticsearch.ssl.verificationMode": "full",
        "elasticsearch.username": "kibana_system"}
    assert {"server.ssl.keystore", "elasticsearch.password", "elasticsearch.serviceAccountToken"} <= set(absent)


def test_dashboards_has_other_names_and_secure_cookies():
    wanted, absent = kibana.settings(DASHBOARDS, HOSTS, PATHS, Login(), OPTIONS)
    assert wanted["opensearch.hosts"] == HOSTS and wanted["opensearch_security.cookie.secure"] is True
    assert not [name for name in [*wanted, *absent] if name.startswith("elasticsearch.")]


@pytest.mark.parametrize("flavour, version, wanted, expected", [
    (DASHBOARDS, "2.11.1", ["TLSv1.2", "TLSv1.3"], ["TLSv1.2"]),
    (DASHBOARDS, "2.11.1", ["TLSv1.3"], []),
    (DASHBOARDS, "2.12.0", ["TLSv1.3"], ["TLSv1.3"]),
    (DASHBOARDS, None, ["TLSv1.2", "TLSv1.3"], ["TLSv1.2", "TLSv1.3"]),
    (KIBANA, "7.17.0", ["TLSv1.2", "TLSv1.3"], ["TLSv1.2", "TLSv1.3"]),
])
def test_a_protocol_that_a_release_does_not_know_is_left_out(flavour, version, wanted, expected):
    assert kibana.protocols(flavour, version, wanted) == expected


def test_a_client_certificate_is_shown_in_every_request():
    wanted, _absent = kibana.settings(KIBANA, HOSTS, WITH_CLIENT, Login(), dict(OPTIONS, client_authentication="required"))
    assert wanted["elasticsearch.ssl.alwaysPresentCertificate"] is True
    assert wanted["server.ssl.certificateAuthorities"] == ["/c/browsers.crt"]


def test_a_login_that_is_not_given_is_left_alone():
    wanted, absent = kibana.settings(KIBANA, HOSTS, PATHS, Login(), OPTIONS)
    assert not [name for name in [*wanted, *absent] if name.endswith(("username", "password", "Token"))]
    assert kibana.secure_settings(KIBANA, Login(), None) == ({}, [])


def test_a_token_and_a_password_exclude_each_other():
    wanted, absent = kibana.settings(KIBANA, HOSTS, PATHS, Login("token"), OPTIONS)
    assert "elasticsearch.username" in absent and "elasticsearch.username" not in wanted
    assert kibana.secure_settings(KIBANA, Login("token"), "t") == ({"elasticsearch.serviceAccountToken": "t"}, ["elasticsearch.password"])
    assert kibana.secure_settings(DASHBOARDS, Login("password", "u"), "p") == ({"opensearch.password": "p"}, ["opensearch.serviceAccountToken"])


@pytest.mark.parametrize(("flavour", "version", "expected"), [
    (KIBANA, "8.11.2", True), (KIBANA, "8.12.0", True), (KIBANA, "9.0.0", True), (KIBANA, "8.11.1", False), (KIBANA, "7.17.28", False),
    (KIBANA, None, False), (KIBANA, "odd", False), (DASHBOARDS, "9.9.9", False)])
def test_which_release_reads_its_certificate_anew(flavour, version, expected):
    assert kibana.reloads(flavour, version) is expected


CERTIFICATE = {"certificate": "expires in 3 days"}


@pytest.mark.parametrize(("found", "kind", "resume"), [
    (Found({}, "a", "a", "8.19.0"), "none", False),
    (Found(CERTIFICATE, "a", "a", "8.19.0"), "reload", False),
    (Found(CERTIFICATE, "a", "a", "8.10.0"), "restart", False),
    (Found(CERTIFICATE, None, "a", "8.19.0"), "restart", False),  # TLS cannot be switched on by SIGHUP
    (Found(dict(CERTIFICATE, trust="lacks"), "a", "a", "8.19.0"), "restart", False),
    (Found({"settings": "x"}, "a", "a", "8.19.0"), "restart", False),
    (Found({}, None, "a", "8.19.0"), "restart", False),
    (Found({}, "b", "a", "8.19.0"), "reload", False),
    (Found({}, "b", "a", "8.0.0"), "restart", False),
    (Found({}, "a", "a", "8.19.0", ("switched", {})), "none", False),
    (Found({}, "a", "a", "8.19.0", ("switched", {"restart": "reload"})), "reload", True),
    (Found(CERTIFICATE, None, None, "8.19.0", ("switching", {"restart": "restart"})), "restart", True),
])
def test_what_a_change_takes(found, kind, resume):
    assert (kibana.plan(KIBANA, found)[0], kibana.plan(KIBANA, found)[2]) == (kind, resume)


def test_a_change_has_reasons():
    assert kibana.plan(KIBANA, Found(CERTIFICATE, "a", "a", None))[1] == ["certificate: expires in 3 days"]


GOOD = {"reachable": True, "speaks_tls": True, "trusted": True, "trust_reason": "", "error": None}


@pytest.mark.parametrize(("hosts", "probe", "login", "present", "words"), [
    (HOSTS, GOOD, Login(), {"a": 1}, None),
    (HOSTS, GOOD, Login(), {}, "kibana.yml is not there or empty"),
    ([], GOOD, Login(), {"a": 1}, "no address of the search engine"),
    (["http://es1:9200"], GOOD, Login(), {"a": 1}, "http://es1:9200 is no https URL"),
    (HOSTS, dict(GOOD, reachable=False, error="Connection refused"), Login(), {"a": 1}, "cannot be reached from here: Connection refused"),
    (HOSTS, dict(GOOD, speaks_tls=False), Login(), {"a": 1}, "does not speak TLS"),
    (HOSTS, dict(GOOD, trusted=False, trust_reason="unknown CA"), Login(), {"a": 1}, "is not to be trusted: unknown CA"),
    (HOSTS, GOOD, Login("password", "elastic"), {"a": 1}, "as the user elastic"),
    (HOSTS, GOOD, Login(), {"elasticsearch.username": "elastic"}, "as the user elastic"),
])
def test_what_forbids_a_change(hosts, probe, login, present, words):
    found = kibana.problems(KIBANA, hosts, {host: probe for host in hosts if host.startswith("https")}, login, present)
    assert (found == []) if words is None else (len(found) == 1 and words in found[0])
