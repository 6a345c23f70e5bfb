# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A cluster whose keys the control process made comes to keys that never leave their nodes, and back: by rolling restarts, under a client."""

from __future__ import annotations

import pytest
from ansible_collections.interlock.cluster.plugins.module_utils._stores import elasticsearch_keystore, settings_file
from cluster import Client

PREFIX = "xpack.security.transport.ssl."


def named_in(node):
    """(the settings of the transport layer, the names of its secure settings) of a node."""
    settings = settings_file.read((node.config / "elasticsearch.yml").read_bytes())
    secure = elasticsearch_keystore.load((node.config / "elasticsearch.keystore").read_bytes(), "", node.name).entries
    return {name for name in settings if name.startswith(PREFIX)}, {name for name in secure if name.startswith(PREFIX)}


@pytest.mark.parametrize("origin, wanted, passwords", [
    ("node", {"key", "certificate", "certificate_authorities"}, set()),
    ("controller", {"keystore.path", "truststore.path"}, {"keystore.secure_password", "truststore.secure_password"}),
])
def test_who_makes_the_keys_is_changed(cluster, origin, wanted, passwords):
    serials = [node.serial() for node in cluster.nodes]
    client = Client(cluster, others=True)
    client.start()
    run = cluster.play("elasticsearch", "-e", "elasticsearch_tls_private_key_origin=%s" % origin)
    assert (run.returncode, client.end()) == (0, []), run.stdout[-4000:]
    assert not set(serials) & {node.serial() for node in cluster.nodes}
    for node in cluster.nodes:
        settings, secure = named_in(node)
        files = {"key", "certificate", "certificate_authorities", "keystore.path", "truststore.path"}
        assert {name[len(PREFIX):] for name in settings} & files == wanted and {name[len(PREFIX):] for name in secure} == passwords
        seen = node.greeting("-CAfile", str(next(cluster.authorities.glob("generation-*/ca.crt"))), "-verify_ip", node.variables["lab_address"])
        assert "Verify return code: 0 (ok)" in seen.stdout
    cluster.wait_for_green()
