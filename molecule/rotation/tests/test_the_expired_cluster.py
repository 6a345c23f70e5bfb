# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every certificate of the cluster has expired: open connections go on, a node that was restarted cannot come back, renewal brings it back.

The clock cannot be set forward, so every node gets a certificate that ends within the minute.
"""

from __future__ import annotations

import time

import pytest
from ansible_collections.interlock.cluster.plugins.module_utils._ansible.ca_directory import CaDirectory
from ansible_collections.interlock.cluster.plugins.module_utils._node.staging import write_file
from ansible_collections.interlock.cluster.plugins.module_utils._stores import elasticsearch_keystore, pkcs12
from cluster import wait_until
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from datetime import datetime, timedelta, timezone

SETTING = "xpack.security.transport.ssl.keystore.secure_password"


def let_end(cluster, node, ends):
    """Give a node its certificate anew, with the same names and key, but ending then."""
    path = node.config / "certs/transport.keystore.p12"
    secure = elasticsearch_keystore.load((node.config / "elasticsearch.keystore").read_bytes(), "", "the secure settings")
    password = secure.entries[SETTING].decode()
    entry = pkcs12.load_keystore(path.read_bytes(), password, str(path))
    passphrase = (cluster.lab / "secrets/ca_passphrase").read_text(encoding="utf-8").strip()
    ca = CaDirectory(str(cluster.authorities)).load(passphrase, datetime.now(timezone.utc))
    begins = min(ends, datetime.now(timezone.utc)).replace(microsecond=0) - timedelta(minutes=30)
    builder = x509.CertificateBuilder(ca.certificate.subject, entry.certificate.subject, entry.key.public_key(), x509.random_serial_number(),
                                      begins, ends)
    for extension in entry.certificate.extensions:
        builder = builder.add_extension(extension.value, extension.critical)
    ended = pkcs12.KeyEntry(entry.key, builder.sign(ca.key, hashes.SHA256()), (ca.certificate,))
    status = path.stat()
    write_file(str(path), pkcs12.dump_keystore(ended, "x", password), status.st_mode & 0o777, status.st_uid, status.st_gid)


@pytest.fixture(scope="module")
def authority(cluster, tmp_path_factory):
    """The certificate of the CA in use and what is above it, for openssl, which wants a root."""
    generation = next(cluster.authorities.glob("generation-*"))
    path = tmp_path_factory.mktemp("authority") / "ca.crt"
    path.write_bytes(b"".join((generation / name).read_bytes() for name in ("ca.crt", "chain.pem") if (generation / name).exists()))
    return str(path)


def expire(cluster, authority):
    """Every node serves a certificate that has expired, and is still in the cluster."""
    ends = datetime.now(timezone.utc).replace(microsecond=0) + timedelta(seconds=25)
    for node in cluster.nodes:
        let_end(cluster, node, ends)
    time.sleep(30)
    for node in cluster.nodes:
        assert "certificate has expired" in node.greeting("-CAfile", authority).stdout
        assert cluster.members(node) == len(cluster.nodes), "open connections outlive their certificates"


def test_a_run_warns_before_and_renews_when_told_to(cluster):
    for node in cluster.nodes:
        let_end(cluster, node, datetime.now(timezone.utc).replace(microsecond=0) + timedelta(days=10, minutes=5))
    time.sleep(15)
    serials = [node.serial() for node in cluster.nodes]
    run = cluster.play("elasticsearch")
    assert run.returncode == 0 and run.stdout.count("expires in 10 days (renewal window 30 days); it is renewed only when told to") >= 3, run.stdout[-3000:]
    assert [node.serial() for node in cluster.nodes] == serials
    audit = cluster.play("audit", "-e", '{"certificate_audit_accept": ["plaintext:http"]}')
    assert audit.returncode != 0 and "10 days" in audit.stdout, audit.stdout[-3000:]
    run = cluster.play("renew")
    assert run.returncode == 0, run.stdout[-3000:]
    assert not set(serials) & {node.serial() for node in cluster.nodes}


def test_an_ordinary_run_only_warns_of_what_has_expired(cluster, authority):
    expire(cluster, authority)
    serials = [node.serial() for node in cluster.nodes]
    run = cluster.play("elasticsearch")
    assert run.returncode == 0 and run.stdout.count("it is renewed only when told to") >= len(cluster.nodes), run.stdout[-3000:]
    assert [node.serial() for node in cluster.nodes] == serials


def test_a_node_that_was_restarted_is_refused_until_the_certificates_are_renewed(cluster, authority):
    lost = cluster.ordinary_nodes()[0]
    others = [node for node in cluster.nodes if node is not lost]
    processes = [node.pid for node in others]
    lost.restart()
    wait_until(lambda: cluster.members(others[0]) == 2 and cluster.members(lost) == 0, "the node was let in")
    run = cluster.play("renew", "-e", "elasticsearch_tls_batch=3")
    assert run.returncode == 0, run.stdout[-3000:]
    wait_until(lambda: cluster.members(lost) == 3, "the node did not come back")
    assert [node.pid for node in others] == processes, "the others were not restarted"
    assert all("Verify return code: 0 (ok)" in node.greeting("-CAfile", authority).stdout for node in cluster.nodes)


def test_without_its_elected_master_the_cluster_is_brought_back_as_well(cluster, authority):
    """The nodes that are left find no new master: for that they connect anew, which their certificates do not allow any more."""
    expire(cluster, authority)
    others = cluster.ordinary_nodes()
    master = next(node for node in cluster.nodes if node not in others)
    processes = [node.pid for node in others]
    master.restart()
    wait_until(lambda: cluster.members(master) == 0, "the node was let in")
    run = cluster.play("renew", "-e", "elasticsearch_tls_batch=3")
    assert run.returncode == 0, run.stdout[-3000:]
    wait_until(lambda: all(cluster.members(node) == 3 for node in cluster.nodes), "the cluster did not come back")
    cluster.wait_for_green()
    assert [node.pid for node in others] == processes, "the others were not restarted"
