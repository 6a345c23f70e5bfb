# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an audit takes for the TLS files of a Redis server and of a Sentinel; its plays are in test_audit_plays.py."""

from __future__ import annotations

import pytest
from ansible_collections.interlock.cluster.plugins.action.certificate_audit_info import RedisFiles
from ansible_collections.interlock.cluster.plugins.plugin_utils._audit_observation import Meant
from ansible_collections.interlock.cluster.plugins.plugin_utils._node_files import NodeFile

SERVER, SENTINEL = "/etc/redis/redis.conf", "/etc/redis/sentinel.conf"
TLS = b"tls-replication yes\ntls-cert-file /t/redis.crt\ntls-key-file /t/redis.key\ntls-ca-cert-file /t/ca.crt\n"
FILES = {SERVER: NodeFile(SERVER, True, b"port 0\ntls-port 6380\n" + TLS), SENTINEL: NodeFile(SENTINEL, True, b"port 26379\ntls-port 26380\n" + TLS)}


def the_three(layer):
    kinds = {"/t/redis.crt": "certificate", "/t/redis.key": "private_key", "/t/ca.crt": "certificate_authorities"}
    return [(path, Meant(layer, kind)) for path, kind in kinds.items()]


@pytest.mark.parametrize(("server", "sentinel", "meant", "remarks"), [
    (SERVER, None, the_three("client"), []),
    (None, SENTINEL, the_three("sentinel"), [("plaintext_open", "sentinel")]),
    # One key is not two findings, but the certificate is compared with what either port serves.
    (SERVER, SENTINEL, the_three("client") + the_three("sentinel")[:1], [("plaintext_open", "sentinel")]),
])
def test_whose_files_they_are(server, sentinel, meant, remarks):
    adapter = RedisFiles({"config_file": server, "sentinel_config_file": sentinel})
    assert adapter.files == [path for path in (server, sentinel) if path] and adapter.directories == ["/etc/redis/tls"]
    assert adapter.meant(FILES) == meant
    assert [(remark["code"], remark["layer"]) for remark in adapter.remarks] == remarks and adapter.problems == []


def test_a_file_that_cannot_be_read_hides_nothing_of_the_other():
    adapter = RedisFiles({"config_file": SERVER, "sentinel_config_file": SENTINEL})
    assert adapter.meant(dict(FILES, **{SERVER: NodeFile(SERVER, True, b'tls-port "6380\n')})) == the_three("sentinel")
    assert len(adapter.problems) == 1 and SERVER in adapter.problems[0]
