# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where opensearch.yml says that its TLS files are, and what it gives reason to remark."""

from __future__ import annotations

import pytest
from ansible_collections.interlock.cluster.plugins.module_utils._engines import opensearch, opensearch_audit

WANTED = {"format": "pkcs12", "keystore": "certs/k.p12", "truststore": "certs/t.p12", "protocols": ["TLSv1.3"], "ciphers": [],
          "hostname_verification": True, "admin_dn": "CN=admin", "nodes_dn": ["CN=os1"]}
SOUND = opensearch.level_settings(opensearch.FULL, WANTED, "2.19.4")[0]
TRANSPORT, HTTP = opensearch.TRANSPORT, opensearch.HTTP


def test_the_files_that_the_settings_name():
    settings = {TRANSPORT + "keystore_filepath": "certs/k.p12", TRANSPORT + "truststore_filepath": "certs/t.p12",
                TRANSPORT + "truststore_password": "old way", HTTP + "pemkey_filepath": "/etc/os/http.key",
                HTTP + "pemcert_filepath": "http.pem", HTTP + "pemtrustedcas_filepath": "ca.pem", HTTP + "keystore_filepath": "plain.p12"}
    secure = {TRANSPORT + "keystore_password_secure": b"secret"}
    found = {(file.layer, file.kind, file.path): file.password for file in opensearch_audit.tls_files(settings, secure, "/etc/os")}
    assert found == {
        ("transport", "keystore", "/etc/os/certs/k.p12"): "secret", ("transport", "truststore", "/etc/os/certs/t.p12"): "old way",
        ("http", "keystore", "/etc/os/plain.p12"): "changeit", ("http", "private_key", "/etc/os/http.key"): "changeit",
        ("http", "certificate", "/etc/os/http.pem"): "", ("http", "certificate_authorities", "/etc/os/ca.pem"): ""}


@pytest.mark.parametrize("changed, codes", [
    ({}, []),
    ({opensearch.DISABLED: True, opensearch.UNSAFE_DEMO: True}, []),
    ({opensearch.UNSAFE_DEMO: True}, ["demo_certificates"]),
    ({opensearch.ADMIN_DN: ["CN=kirk,OU=client,O=client,L=test,C=de"]}, ["demo_certificates"]),
    ({opensearch.SSL_ONLY: True, opensearch.DUAL_MODE: True}, ["dual_mode", "ssl_only"]),
    ({opensearch.SSL_ONLY: True}, ["ssl_only"]),
    ({TRANSPORT + "enforce_hostname_verification": False}, ["hostname_verification_off"]),
    ({"transport.ssl.enforce_hostname_verification": "false"}, ["hostname_verification_off"]),
    ({opensearch.NODES_DN: "*"}, ["nodes_dn_any"]),
    ({opensearch.HTTP_ENABLED: False}, ["http_in_plaintext"]),
    ({opensearch.WATCHER: False}, ["no_reload"]),
    ({opensearch.WATCHER: False, opensearch.RELOAD_API: True}, []),
    ({HTTP + "keystore_password": "open"}, ["password_in_clear"]),
])
def test_remarks(changed, codes):
    assert [remark["code"] for remark in opensearch_audit.remarks(dict(SOUND, **changed))] == codes


def test_no_password_is_remarked():
    assert "open" not in str(opensearch_audit.remarks(dict(SOUND, **{HTTP + "keystore_password": "open sesame"})))


def test_the_names_that_peers_dial():
    assert opensearch_audit.names({"network.host": "10.0.0.7"}) == ["10.0.0.7"]
