# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the roles left behind, asked with the clients of others: Elastic's for Python and for Node.js, curl's TLS, Java."""

from __future__ import annotations

import json
import os
import pathlib
import ssl
import stat
import subprocess
import urllib.request

import elasticsearch
import pytest
import yaml

PROJECT = pathlib.Path(os.environ["MOLECULE_PROJECT_DIRECTORY"])
LOG = PROJECT / ".build" / "molecule" / "ansible.log"
STAND_INS = {"kb1": "kibana.yml", "kb2": "kibana.yml", "osd1": "opensearch_dashboards.yml"}


def variable(host, expression):
    command = ["ansible", "-i", str(PROJECT / "molecule/kibana/inventory"), host, "-m", "ansible.builtin.debug", "-a", "msg={{ %s }}" % expression]
    answer = subprocess.run(command, capture_output=True, text=True, check=True, env=dict(os.environ, ANSIBLE_VERBOSITY="0", ANSIBLE_LOG_PATH="/dev/null"))
    return json.loads(answer.stdout.partition("=>")[2])["msg"]


@pytest.fixture(scope="session")
def lab():
    return pathlib.Path(variable("es1", "lab_directory"))


@pytest.fixture(scope="session")
def search_engine():
    return variable("es1", "search_engine")


@pytest.fixture(scope="session")
def password(lab):
    return (lab / "secrets" / "elastic_password").read_text()


def context(ca, client=None):
    found = ssl.create_default_context(cafile=str(ca))
    if client:
        found.load_cert_chain(str(client / "client.crt"), str(client / "client.key"))
    return found


def address_of(lab, host):
    return yaml.safe_load((lab / host / "config" / STAND_INS[host]).read_text())["server.host"]


@pytest.mark.parametrize("host", STAND_INS)
class TestKibana:
    def test_it_is_available_over_https(self, lab, host):
        url = "https://%s:5601/api/status" % address_of(lab, host)
        with urllib.request.urlopen(url, context=context(lab / "operator" / "ca.crt"), timeout=20) as answer:
            found = json.load(answer)["status"]["overall"]
        assert found["level"] == "available"
        assert found["summary"] == ("elastic/kibana" if host == "kb2" else "kibana_system")

    def test_plaintext_is_not_answered(self, lab, host):
        with pytest.raises(OSError):
            urllib.request.urlopen("http://%s:5601/api/status" % address_of(lab, host), timeout=5)

    def test_what_an_operator_wrote_is_still_there(self, lab, host):
        text = (lab / host / "config" / STAND_INS[host]).read_text()
        for line in ("# Dashboards for the orders team. Changes by merge request only.", "  # its own address", "requestTimeout: 90000",
                     "loggers:            # a list of more than plain values", "map.tilemap.url:"):
            assert line in text
        assert "old-and-in-the-clear" not in text and "http://" not in text

    def test_keys_and_secrets_are_not_for_everybody(self, lab, host):
        config = lab / host / "config"
        keystore = next(config.glob("*.keystore"))
        for path in (keystore, config / "certs" / "server.key", config / "certs" / "client.key"):
            assert stat.S_IMODE(path.stat().st_mode) & 0o007 == 0, path

    def test_encryption_keys_in_use_are_left_alone(self, lab, host):
        settings = yaml.safe_load((lab / host / "config" / STAND_INS[host]).read_text())
        script = PROJECT / "tests/interop/files/kibana_keystore.js"
        answer = subprocess.run(["node", script, "load", next((lab / host / "config").glob("*.keystore"))], capture_output=True, text=True, check=True)
        names = set(json.loads(answer.stdout))
        encryption = {name for name in names if name.endswith("encryptionKey")}
        assert encryption == ({"xpack.security.encryptionKey", "xpack.encryptedSavedObjects.encryptionKey"} if host == "kb2" else set())
        assert ("xpack.encryptedSavedObjects.encryptionKey" in settings) is (host == "kb1")


@pytest.mark.parametrize("name", ["kb1/config/certs/server.crt", "kb2/config/certs/client.crt", "osd1/config/certs/authorities.crt",
                                  "app1-orders/client.crt", "app1-orders/ca.crt", "app1-shipper/ca.crt"])
def test_only_the_new_ca_is_left(lab, name):
    def told(*command):
        """What openssl says, however its version spaces names."""
        return subprocess.run(["openssl", *command], capture_output=True, text=True, check=True).stdout.replace(" ", "").splitlines()

    (authority,) = (lab / "ca").glob("generation-*/ca.crt")
    (subject,) = told("x509", "-noout", "-subject", "-in", authority)
    issuers = {line for line in told("storeutl", "-noout", "-certs", "-text", lab / name) if line.startswith("Issuer:")}
    assert authority.parent.name == "generation-2" and issuers == {subject.replace("subject=", "Issuer:")}


def client(search_engine, password, ca, files=None):
    given = {"client_cert": str(files / "client.crt"), "client_key": str(files / "client.key")} if files else {}
    return elasticsearch.Elasticsearch(search_engine, ca_certs=str(ca), basic_auth=("elastic", password), request_timeout=20, max_retries=0, **given)


class TestPython:
    def test_with_the_bundle_and_its_certificate_it_is_let_in(self, lab, search_engine, password):
        files = lab / "app1-orders"
        assert client(search_engine, password, files / "ca.crt", files).security.authenticate()["username"] == "elastic"

    def test_without_a_certificate_it_is_not(self, lab, search_engine, password):
        with pytest.raises(elasticsearch.ConnectionError):
            client(search_engine, password, lab / "app1-shipper" / "ca.crt").security.authenticate()

    def test_without_the_bundle_it_trusts_nobody(self, lab, search_engine, password):
        with pytest.raises(elasticsearch.SSLError):
            client(search_engine, password, ssl.get_default_verify_paths().cafile or "/etc/ssl/certs/ca-certificates.crt",
                   lab / "app1-orders").security.authenticate()


NODE = """
const { Client } = require('@elastic/elasticsearch');
const fs = require('fs');
const [node, ca, cert, key] = process.argv.slice(2);
const tls = { ca: ca && fs.readFileSync(ca), cert: cert && fs.readFileSync(cert), key: key && fs.readFileSync(key) };
const client = new Client({ node, tls, auth: { username: 'elastic', password: process.env.PASSWORD }, maxRetries: 0 });
client.security.authenticate().then((found) => console.log(found.username), (error) => { console.log(error.message); process.exit(1); });
"""


class TestNode:
    @staticmethod
    def run(lab, search_engine, password, *files):
        (lab / "stand_in" / "client.js").write_text(NODE)
        return subprocess.run(["node", lab / "stand_in" / "client.js", search_engine, *files], capture_output=True, text=True, check=False,
                              env=dict(os.environ, PASSWORD=password))

    def test_with_the_bundle_and_its_certificate_it_is_let_in(self, lab, search_engine, password):
        files = lab / "app1-orders"
        answer = self.run(lab, search_engine, password, files / "ca.crt", files / "client.crt", files / "client.key")
        assert (answer.returncode, answer.stdout.strip()) == (0, "elastic"), answer.stdout + answer.stderr

    def test_without_a_certificate_it_is_not(self, lab, search_engine, password):
        assert self.run(lab, search_engine, password, lab / "app1-orders" / "ca.crt").returncode == 1

    def test_without_the_bundle_it_trusts_nobody(self, lab, search_engine, password):
        files = lab / "app1-orders"
        answer = self.run(lab, search_engine, password, "", files / "client.crt", files / "client.key")
        assert answer.returncode == 1 and "certificate" in answer.stdout


def test_curl_is_let_in(lab, search_engine):
    files = lab / "app1-orders"
    command = ["curl", "--silent", "--show-error", "--fail", "--cacert", files / "ca.crt", "--cert", files / "client.crt", "--key", files / "client.key",
               "--netrc-file", lab / "secrets" / "netrc", search_engine + "/_cluster/health"]
    assert json.loads(subprocess.run(command, capture_output=True, check=True).stdout)["cluster_name"] == "orders"


def test_java_finds_key_and_trust(lab):
    directory = lab / "app1-billing"
    environment = dict(os.environ, STORE=(lab / "secrets" / "store_password").read_text())
    for name, entry in (("client.p12", "PrivateKeyEntry"), ("ca.p12", "trustedCertEntry")):
        command = [lab / "java" / "bin" / "keytool", "-list", "-storetype", "PKCS12", "-keystore", directory / name, "-storepass:env", "STORE"]
        answer = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
        assert entry in answer.stdout, answer.stdout + answer.stderr


def test_no_secret_is_in_the_log(lab):
    log = LOG.read_text(encoding="utf-8", errors="replace")
    secrets = {path.name: path.read_text().strip() for path in (lab / "secrets").iterdir() if path.name != "netrc"}
    assert secrets["kibana_token"] and [name for name, value in secrets.items() if value in log] == []
    assert "old-and-in-the-clear" not in log and "PRIVATE KEY" not in log
