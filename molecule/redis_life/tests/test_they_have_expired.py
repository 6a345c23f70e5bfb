# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every certificate of a deployment has expired while its processes run and plaintext is closed: nobody gets in, and renewal brings it back.

The clock cannot be set forward, so every node gets a certificate that ends within the minute.
"""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import datetime, timedelta, timezone

import pytest
import testinfra
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from redis_node import node_of

FILES = ("redis.crt", "client.crt")


@pytest.fixture(params=["redis", "redis_cluster", "redis_alone"])
def group(request):
    return request.param


@pytest.fixture
def nodes(request, group):
    """The nodes of a deployment."""
    hosts = testinfra.get_hosts(["ansible://" + group], ansible_inventory=request.config.option.ansible_inventory)
    return [node_of(host) for host in hosts]


def let_end(node, ends):
    """Give a node its certificates anew, with the same names and keys, but ending then; and have the process read them."""
    (generation,) = node.authorities()
    key = serialization.load_pem_private_key((generation / "ca.key").read_bytes(), node.secret("ca_passphrase").encode())
    authority = x509.load_pem_x509_certificate((generation / "ca.crt").read_bytes())
    for name in FILES:
        path = node.tls / name
        old, *chain = x509.load_pem_x509_certificates(path.read_bytes())
        builder = x509.CertificateBuilder(authority.subject, old.subject, old.public_key(), x509.random_serial_number(),
                                          old.not_valid_before_utc, ends)
        for extension in old.extensions:
            builder = builder.add_extension(extension.value, extension.critical)
        path.write_bytes(b"".join(one.public_bytes(serialization.Encoding.PEM) for one in [builder.sign(key, hashes.SHA256()), *chain]))
    told = node.cli("CONFIG", "SET", "tls-cert-file", str(node.tls / "redis.crt"), "tls-key-file", str(node.tls / "redis.key"),
                    "tls-client-cert-file", str(node.tls / "client.crt"), "tls-client-key-file", str(node.tls / "client.key"))
    assert told.strip() == "OK", told


def test_renewal_brings_it_back(request, group, nodes):
    processes = [node.process() for node in nodes]
    ends = datetime.now(timezone.utc).replace(microsecond=0) + timedelta(seconds=20 + 3 * len(nodes))
    for node in nodes:
        let_end(node, ends)
    # A link that breaks now does not come back by itself.
    time.sleep(max(0, (ends - datetime.now(timezone.utc)).total_seconds()) + 2)
    assert all("certificate verify failed" in node.cli("PING") for node in nodes), nodes[0].cli("PING")
    run = subprocess.run([sys.executable, "-m", "ansible", "playbook", "-i", request.config.option.ansible_inventory, "interlock.cluster.renew",
                          "-e", "cluster=" + group, "-e", '{"redis_tls_separate_client_certificate": true}'],
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    assert run.returncode == 0, run.stdout[-4000:]
    for node in nodes:
        assert node.served().not_valid_after_utc > ends + timedelta(days=100)
        node.assert_whole()
    assert [node.process() for node in nodes] == processes, "a server was restarted for it"
