# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where elasticsearch.yml says that its TLS files are, and what it gives reason to remark."""

from __future__ import annotations

import pytest
from ansible_collections.interlock.cluster.plugins.module_utils._engines import elasticsearch_audit

SSL = "xpack.security.transport.ssl."
SOUND = {"xpack.security.enabled": True, SSL + "enabled": True, SSL + "keystore.path": "certs/k.p12", SSL + "truststore.path": "certs/t.p12"}


def test_the_files_that_the_settings_name():
    settings = dict(SOUND, **{
        "xpack.security.http.ssl.key": "/etc/es/http.key", "xpack.security.http.ssl.certificate": "http.crt",
        "xpack.security.http.ssl.certificate_authorities": ["a.pem", "b.pem"], SSL + "truststore.password": "old way"})
    secure = {SSL + "keystore.secure_password": b"secret"}
    found = {(file.layer, file.kind, file.path): file.password for file in elasticsearch_audit.tls_files(settings, secure, "/etc/es")}
    assert found == {
        ("transport", "keystore", "/etc/es/certs/k.p12"): "secret", ("transport", "truststore", "/etc/es/certs/t.p12"): "old way",
        ("http", "private_key", "/etc/es/http.key"): "", ("http", "certificate", "/etc/es/http.crt"): "",
        ("http", "certificate_authorities", "/etc/es/a.pem"): "", ("http", "certificate_authorities", "/etc/es/b.pem"): ""}


def test_a_path_that_only_the_node_can_resolve_is_left_out():
    assert elasticsearch_audit.tls_files({SSL + "key": "${CERTS}/key.pem"}, {}, "/etc/es") == []


def test_no_password_is_shown():
    (file,) = elasticsearch_audit.tls_files({SSL + "keystore.path": "k"}, {SSL + "keystore.secure_password": b"secret"}, "/c")
    assert "secret" not in repr(file)


@pytest.mark.parametrize("changed, codes", [
    ({}, []),
    ({"xpack.security.enabled": False, SSL + "verification_mode": "none"}, []),
    ({SSL + "verification_mode": "none"}, ["verification_off"]),
    ({SSL + "client_authentication": "optional"}, ["client_authentication_off"]),
    ({SSL + "client_authentication": "required", SSL + "verification_mode": "certificate"}, []),
    ({SSL + "truststore.path": None}, ["no_truststore"]),
    ({SSL + "truststore.path": None, SSL + "certificate_authorities": ["ca.pem"]}, []),
    ({SSL + "truststore.path": "certs/k.p12"}, ["one_store"]),
])
def test_remarks(changed, codes):
    settings = {name: value for name, value in dict(SOUND, **changed).items() if value is not None}
    assert [remark["code"] for remark in elasticsearch_audit.remarks(settings)] == codes


def test_the_names_that_peers_dial():
    assert elasticsearch_audit.names({"network.host": ["_local_", "10.0.0.7"]}) == ["10.0.0.7"]
