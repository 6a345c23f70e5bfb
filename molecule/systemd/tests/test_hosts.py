# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The hosts after the playbook, by the tools they have."""

from __future__ import annotations

import base64
import json
import os
import pathlib

import pytest

testinfra_hosts = ["ansible://elasticsearch"]

# Ansible's own log of this scenario's runs, at -vvv: see the base configuration.
LOG = pathlib.Path(os.environ["MOLECULE_PROJECT_DIRECTORY"], ".build", "molecule", "ansible.log")


@pytest.fixture
def variables(host):
    return host.ansible.get_variables()


def test_the_service_runs_and_stays_enabled(host):
    service = host.service("elasticsearch")
    assert service.is_running and service.is_enabled


def test_the_files_are_as_the_packages_have_them(host):
    """Root's, readable by the service's group and by nobody else; the process may not write its configuration."""
    for name in ("elasticsearch.yml", "elasticsearch.keystore", "certs/transport.keystore.p12", "certs/transport.truststore.p12"):
        file = host.file("/etc/elasticsearch/" + name)
        assert (file.user, file.group) == ("root", "elasticsearch") and file.mode & 0o007 == 0 and file.mode & 0o040, name
    directory = host.file("/etc/elasticsearch")
    assert (directory.user, directory.group, directory.mode) == ("root", "elasticsearch", 0o2750)


def test_the_keystore_still_has_its_passphrase_and_our_entries(host):
    command = ("ES_JAVA_HOME=/usr/lib/jvm/java-17-openjdk-amd64 ES_PATH_CONF=/etc/elasticsearch "
               "/usr/share/elasticsearch/bin/elasticsearch-keystore %s")
    assert host.run(command % "has-passwd").rc == 0
    entries = host.run(command % "list < /etc/elasticsearch/passphrase").stdout.split()
    assert {"keystore.seed", "xpack.security.transport.ssl.keystore.secure_password"} <= set(entries)
    assert "bootstrap.password" not in entries


def test_the_transport_layer_wants_a_certificate(host, variables):
    """openssl shows the certificate and what it was asked for."""
    address = "%s.%s" % (variables["lab_network"], variables["lab_node"])
    shown = host.backend.run_local("echo | openssl s_client -connect %s:9300 -tls1_2 2>&1" % address).stdout
    assert "CN = shipments transport CA" in shown and "Acceptable client certificate CA names" in shown


def test_the_cluster_is_whole(host, variables):
    url = "http://%s.%s:9200" % (variables["lab_network"], variables["lab_node"])
    netrc = "%s/secrets/netrc" % variables["lab_directory"]
    health = json.loads(host.backend.run_local("curl --silent --netrc-file %s %s/_cluster/health" % (netrc, url)).stdout)
    assert (health["status"], health["number_of_nodes"], health["number_of_data_nodes"]) == ("green", 3, 1)
    count = json.loads(host.backend.run_local("curl --silent --netrc-file %s %s/parcels/_count" % (netrc, url)).stdout)
    assert count["count"] == variables["lab_documents"]
    assert host.backend.run_local("curl --silent --output /dev/null --write-out '%%{http_code}' %s/" % url).stdout == "401"


def test_no_store_is_in_the_log(host):
    """Over ssh the log has what modules answer, and files are sent in base64."""
    told = LOG.read_text(encoding="utf-8")
    assert "task path:" in told and "censored due to no log" in told
    for name in ("elasticsearch.keystore", "certs/transport.keystore.p12"):
        content = base64.b64decode(host.run("base64 /etc/elasticsearch/" + name).stdout)
        assert len(content) > 100 and base64.b64encode(content).decode("ascii")[:100] not in told, name
