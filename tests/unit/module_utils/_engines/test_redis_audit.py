# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an audit takes from redis.conf."""

from __future__ import annotations

import pytest
from ansible_collections.interlock.cluster.plugins.module_utils._engines import redis_audit

SECURE = {"port": ["0"], "tls-port": ["6380"], "tls-replication": ["yes"], "tls-cluster": ["yes"], "cluster-enabled": ["yes"]}


def test_files():
    directives = {"dir": ["/Data"], "tls-cert-file": ["/t/redis.crt"], "tls-key-file": ["redis.key"], "tls-ca-cert-file": [""],
                  "tls-client-cert-file": ["/t/out.crt"]}
    assert redis_audit.tls_files(directives, "/etc/redis") == [
        ("/t/redis.crt", "client", "certificate"), ("/Data/redis.key", "client", "private_key"), ("/t/out.crt", "outgoing", "certificate")]
    assert redis_audit.tls_files({"tls-cert-file": ["/t/a"]}, "/etc/redis", "sentinel") == [("/t/a", "sentinel", "certificate")]
    assert redis_audit.tls_files({"tls-cert-file": ["a"]}, "/etc/redis") == [("/etc/redis/a", "client", "certificate")]


@pytest.mark.parametrize(("changed", "codes"), [
    ({}, []),
    ({"tls-port": ["0"]}, []),
    ({"port": ["6379"]}, ["plaintext_open"]),
    ({"tls-auth-clients": ["optional"]}, ["client_authentication_off"]),
    ({"tls-replication": ["no"]}, ["replication_in_plaintext"]),
    ({"tls-cluster": ["no"]}, ["bus_in_plaintext"]),
    ({"tls-cluster": ["no"], "cluster-enabled": ["no"]}, []),
    ({"tls-key-file-pass": ["x"]}, ["key_password_in_clear"]),
])
def test_remarks(changed, codes):
    assert [remark["code"] for remark in redis_audit.remarks(dict(SECURE, **changed))] == codes


def test_remarks_on_a_sentinel():
    directives = {"tls-port": ["26380"], "tls-replication": ["no"]}
    found = redis_audit.remarks(directives, "sentinel")
    assert [(remark["code"], remark["layer"]) for remark in found] == [("replication_in_plaintext", "replication"), ("plaintext_open", "sentinel")]
    assert "Sentinel talks to servers" in found[0]["text"] and "26379" in found[1]["text"]
