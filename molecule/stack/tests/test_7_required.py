# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Back to a CA of the collection's own and to PEM files, and from then on nobody is answered on the HTTP layer without a certificate; then
those that show one are let in by it or not at all, and the others as before."""

from __future__ import annotations

import json
import os
import subprocess

import pytest


def asking(stack, client_authentication):
    """The options of a run that asks clients for certificates."""
    wanted = {"elasticsearch_tls_http_client_authentication": client_authentication, "elasticsearch_tls_http_replace": True,
              "elasticsearch_tls_http_format": "pem",
              "elasticsearch_tls_http_trusted": (stack.lab / "company.crt").read_text(encoding="ascii")}
    return [*stack.http, "-e", json.dumps(wanted)]


@pytest.fixture(scope="module")
def options(stack):
    """What demands certificates of clients."""
    return asking(stack, "required")


@pytest.fixture(scope="module")
def client_files(stack):
    """The directory of a client's certificate, delivered by the playbook for clients."""
    directory = stack.lab / "client"
    items = [{"name": "orders", "directory": str(directory)}]
    stack.runs("clients", "--limit", stack.nodes[0].name, "-e", json.dumps({
        "clients": "elasticsearch", "cluster_ca_directory": str(stack.http_authorities), "client_certificates_items": items,
        "client_certificates_owner": "root", "client_certificates_mode": "0600"}))
    return directory


def asked_by(stack, node, tmp_path, *options):
    """Exit status and answer of curl."""
    netrc = tmp_path / "netrc"
    netrc.touch(0o600)
    netrc.write_text("default login elastic password %s" % stack.password, encoding="utf-8")
    (tmp_path / "ca.crt").write_text(stack.bundle(), encoding="ascii")
    url = node.http.replace("http:", "https:") + "/_cluster/health"
    asked = subprocess.run(["curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", "--netrc-file", netrc, "--cacert", tmp_path / "ca.crt", *options, url],
                           stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    return asked.returncode, asked.stdout


def test_a_client_needs_a_certificate(stack, options, client_files, tmp_path):
    stack.runs("elasticsearch", *options)
    own = ["--cert", client_files / "client.crt", "--key", client_files / "client.key"]
    for node in stack.nodes:
        assert asked_by(stack, node, tmp_path, *own) == (0, "200")
        assert asked_by(stack, node, tmp_path)[0] != 0
        assert asked_by(stack, node, tmp_path, "--tls-max", "1.2")[0] != 0


def test_pem_files_have_taken_the_place_of_the_stores(stack):
    for node in stack.nodes:
        settings = (node.config / "elasticsearch.yml").read_text(encoding="utf-8")
        assert "xpack.security.http.ssl.certificate: " in settings and "xpack.security.http.ssl.keystore.path" not in settings
        listed = subprocess.run([node.variables["elasticsearch_tls_home"] + "/bin/elasticsearch-keystore", "list"], capture_output=True, text=True,
                                check=True, env=dict(os.environ, ES_PATH_CONF=str(node.config), **node.variables["elasticsearch_tls_environment"]))
        assert "xpack.security.http" not in listed.stdout and "xpack.security.transport" in listed.stdout
        subprocess.run(["openssl", "pkey", "-in", node.config / "certs/http.key", "-noout", "-check"], check=True, capture_output=True)
        assert (node.config / "certs/http.key").stat().st_mode & 0o007 == 0


def test_the_collection_is_let_in_all_the_same(stack, options):
    assert "changed=0" in stack.runs("elasticsearch", *options)
    before = [stack.served(node, "lab_http_port") for node in stack.nodes]
    stack.runs("renew", *options, "-e", "elasticsearch_tls_reissue=all")
    assert not set(before) & {stack.served(node, "lab_http_port") for node in stack.nodes}


def test_a_client_may_show_a_certificate_and_then_it_counts(stack, client_files, tmp_path):
    stack.runs("elasticsearch", *asking(stack, "optional"))
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=orders", "-days", "2", "-keyout", tmp_path / "foreign.key",
                    "-out", tmp_path / "foreign.crt"], check=True, capture_output=True)
    for node in stack.nodes:
        assert asked_by(stack, node, tmp_path) == (0, "200")
        assert asked_by(stack, node, tmp_path, "--cert", client_files / "client.crt", "--key", client_files / "client.key") == (0, "200")
        assert asked_by(stack, node, tmp_path, "--cert", tmp_path / "foreign.crt", "--key", tmp_path / "foreign.key")[0] != 0
