# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A real node with a certificate of the right CA and a name that nobody was told: the handshake is good, and it does not get in."""

from __future__ import annotations

import copy
import os
import re
import shutil
import signal
import subprocess

import pytest
from cluster import wait_until

EXTENSIONS = """subjectAltName=IP:{address}
extendedKeyUsage=serverAuth,clientAuth
basicConstraints=critical,CA:FALSE
"""


@pytest.fixture
def stranger(cluster):
    """A node beside the others, with their settings and a certificate of their CA that openssl made."""
    known = cluster.nodes[0]
    node = copy.copy(known)
    node.name, node.address = "stranger", known.address.rpartition(".")[0] + ".9"
    place = known.directory / node.name
    node.config, node.pid_file = place / "config", place / "opensearch.pid"
    shutil.copytree(known.config, node.config)
    for name in ("data", "logs", "tmp"):
        (place / name).mkdir()
    settings = node.settings.replace(str(known.directory / known.name), str(place)).replace(known.address + "\n", node.address + "\n")
    settings = re.sub(r"node\.name: .*", "node.name: stranger", settings)
    settings = re.sub(r"(?m)^cluster\.initial_cluster_manager_nodes:.*\n", "", settings)
    settings = re.sub(r"(?m)^(plugins\.security\.ssl\.(transport|http)\.)(keystore|truststore)_\w+:.*\n", "", settings)
    for layer in ("transport", "http"):
        settings += "".join(f"plugins.security.ssl.{layer}.{name}: stranger/{file}\n" for name, file in
                            (("pemkey_filepath", "key"), ("pemcert_filepath", "crt"), ("pemtrustedcas_filepath", "ca")))
    (node.config / "opensearch.yml").write_text(settings, encoding="utf-8")
    (node.config / "opensearch.keystore").unlink()
    options = node.config / "jvm.options.d" / "lab.options"
    options.write_text(options.read_text(encoding="utf-8").replace(str(known.directory / known.name), str(place)), encoding="utf-8")
    jvm = node.config / "jvm.options"
    jvm.write_text(jvm.read_text(encoding="utf-8").replace(str(known.directory / known.name), str(place)), encoding="utf-8")
    node.environment = dict(known.environment, OPENSEARCH_TMPDIR=str(place / "tmp"))
    give_certificate(node)
    for path in [place, *place.rglob("*")]:
        shutil.chown(path, node.owner)
    yield node
    if node.pid_file.exists():
        os.kill(int(node.pid_file.read_text(encoding="ascii")), signal.SIGKILL)


def give_certificate(node):
    """Key and certificate of the CA, for a name that is not in nodes_dn."""
    certs = node.config / "stranger"
    certs.mkdir()
    authority = node.authority
    subprocess.run(["openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=stranger",
                    "-keyout", certs / "key", "-out", certs / "csr"], check=True, capture_output=True)
    (certs / "ext").write_text(EXTENSIONS.format(address=node.address), encoding="ascii")
    subprocess.run(["openssl", "x509", "-req", "-in", certs / "csr", "-CA", authority, "-CAkey", authority.with_suffix(".key"), "-days", "1",
                    "-passin", "env:PASSPHRASE", "-extfile", certs / "ext", "-out", certs / "crt"],
                   check=True, capture_output=True, env=dict(os.environ, PASSPHRASE=node.secrets[1]))
    shutil.copy(authority, certs / "ca")


def test_it_speaks_tls_with_the_others_and_never_joins(cluster, stranger):
    certs = stranger.config / "stranger"
    said = cluster.nodes[0].client("transport", "-tls1_2", "-cert", str(certs / "crt"), "-key", str(certs / "key"))
    assert "Verify return code: 0" in said.stdout and "alert" not in said.stderr, "its handshake is not the question here"
    stranger.start()
    refusal = re.compile(r"CN=stranger")
    wait_until(lambda: any(refusal.search(node.log) for node in cluster.nodes), "nobody refused it")
    for node in cluster.nodes:
        assert node.ask("_cluster/health")[1]["number_of_nodes"] == len(cluster.nodes)
    status, members = cluster.nodes[0].ask("_nodes/_all?filter_path=nodes.*.name")
    assert status == 200 and "stranger" not in {member["name"] for member in members["nodes"].values()}
