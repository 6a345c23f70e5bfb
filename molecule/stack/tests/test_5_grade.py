# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Both ports, graded by a scanner that knows nothing of this collection: sslyze, in an environment of its own."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess

import pytest

PROJECT = pathlib.Path(os.environ["MOLECULE_PROJECT_DIRECTORY"])
OLD = ("ssl_3_0", "tls_1_0", "tls_1_1")
WEAK = ("RC4", "DES", "NULL", "EXP", "anon", "MD5")


@pytest.fixture(scope="module")
def sslyze():
    """The scanner."""
    subprocess.run([str(PROJECT / "tests/tools/prerequisites.sh"), "scanner"], check=True, cwd=PROJECT)
    return str(PROJECT / ".build/scanner/bin/sslyze")


@pytest.fixture(scope="module")
def member(stack, tmp_path_factory):
    """The key and certificate of a node, which the transport layer lets in, for the scanner."""
    node = stack.nodes[0]
    directory = tmp_path_factory.mktemp("member")
    command = [node.variables["elasticsearch_tls_home"] + "/bin/elasticsearch-keystore", "show",
               "xpack.security.transport.ssl.keystore.secure_password"]
    environment = dict(os.environ, ES_PATH_CONF=str(node.config), **node.variables["elasticsearch_tls_environment"])
    password = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.strip()
    for name, kind in (("crt", "-nokeys"), ("key", "-nocerts")):
        subprocess.run(["openssl", "pkcs12", "-in", str(node.config / "certs/transport.keystore.p12"), "-passin", "env:STORE", "-nodes", kind,
                        "-out", str(directory / name)], env=dict(os.environ, STORE=password), check=True, capture_output=True)
    yield directory
    (directory / "key").unlink()


def scanned(sslyze, address, report, *options):
    """What the scanner found, by what it was asked."""
    subprocess.run([sslyze, "--tlsv1", "--tlsv1_1", "--tlsv1_2", "--tlsv1_3", "--sslv2", "--sslv3", "--certinfo", "--heartbleed", "--robot",
                    "--reneg", "--compression", *options, "--json_out=%s" % report, address], capture_output=True, text=True, check=False)
    (server,) = json.loads(report.read_text(encoding="utf-8"))["server_scan_results"]
    assert server["scan_status"] == "COMPLETED", server["connectivity_error_trace"]
    return {name: found["result"] for name, found in server["scan_result"].items() if found["status"] == "COMPLETED"}


def judge(found, authorities):
    # The scanner's client for SSLv2 cannot load a key of an elliptic curve, so that one is not tried where a client needs one.
    assert not found.get("ssl_2_0_cipher_suites", {}).get("accepted_cipher_suites")
    assert [name for name in OLD if found[name + "_cipher_suites"]["accepted_cipher_suites"]] == []
    accepted = [entry["cipher_suite"]["name"] for name in ("tls_1_2", "tls_1_3") for entry in found[name + "_cipher_suites"]["accepted_cipher_suites"]]
    assert len(accepted) > 3 and [name for name in accepted if any(weak in name for weak in WEAK)] == []
    (deployment,) = found["certificate_info"]["certificate_deployments"]
    assert [result for result in deployment["path_validation_results"] if result["was_validation_successful"]], "the chain leads to " + authorities
    assert deployment["received_chain_has_valid_order"] and not deployment["verified_chain_has_sha1_signature"]
    assert found["heartbleed"]["is_vulnerable_to_heartbleed"] is False
    assert found["robot"]["robot_result"].startswith("NOT_VULNERABLE")
    assert found["tls_compression"]["supports_compression"] is False


def test_the_http_layer(stack, sslyze, tmp_path):
    (tmp_path / "ca.crt").write_text(stack.bundle(), encoding="ascii")
    for node in stack.nodes:
        address = "%s:%s" % (node.variables["lab_address"], node.variables["lab_http_port"])
        judge(scanned(sslyze, address, tmp_path / "report.json", "--certinfo_ca_file=%s" % (tmp_path / "ca.crt")), "the CA of the HTTP layer")


def test_the_transport_layer(stack, sslyze, member, tmp_path):
    (authority,) = stack.authorities.glob("generation-*/ca.crt")
    address = stack.nodes[0].transport
    judge(scanned(sslyze, address, tmp_path / "report.json", "--certinfo_ca_file=%s" % authority, "--cert=%s" % (member / "crt"),
                  "--key=%s" % (member / "key")), "the CA of the transport layer")
