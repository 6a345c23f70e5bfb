# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is left of a renewal and a rotation of the CA, seen from outside and by none of the collection's own code."""

from __future__ import annotations

import ssl

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

testinfra_hosts = ["ansible://redis_lab"]


def served(node):
    """The certificate of the client port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(node.tls / "redis.crt", node.tls / "redis.key")
    with node.connect(context) as channel:
        return x509.load_der_x509_certificate(channel.getpeercert(binary_form=True))


def authorities(node):
    """The certificates of every generation of the CA, the newest last."""
    return [x509.load_pem_x509_certificates(path.read_bytes())[0] for path in sorted((node.deployment / "ca").glob("generation-*/ca.crt"))]


def test_the_client_saw_nothing(node):
    result = node.what_the_client_saw()
    assert result["acknowledged"] > 100
    assert (result["errors"], result["lost"]) == (0, 0), result["first_errors"]


def test_the_new_ca_alone_is_served_and_trusted(node):
    generations = authorities(node)
    assert len(generations) == 2
    served(node).verify_directly_issued_by(generations[-1])
    assert x509.load_pem_x509_certificates((node.tls / "ca.crt").read_bytes()) == [generations[-1]]


def test_the_pair_for_outgoing_connections_is_of_the_new_ca_and_for_clients_alone(node):
    certificate = x509.load_pem_x509_certificates((node.tls / "client.crt").read_bytes())[0]
    certificate.verify_directly_issued_by(authorities(node)[-1])
    usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [ExtendedKeyUsageOID.CLIENT_AUTH]
    assert node.cli("CONFIG", "GET", "tls-client-cert-file").split()[1] == str(node.tls / "client.crt")


def test_replication_and_cluster_are_whole(node):
    node.assert_whole()


def test_it_is_the_server_that_was_asked_for(node):
    version = node.host.run(f"{node.server_program} --version").stdout.split("v=")[1].split()[0]
    assert f"_version:{version}" in node.cli("INFO", "server")
