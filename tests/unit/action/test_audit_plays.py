# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role certificate_audit on hosts that are this machine: certificate_audit_info, certificate_audit_report, exit status, files.

A node is a directory and servers of this test on loopback. One host cannot be reached, one has no Python.
"""

from __future__ import annotations

import contextlib
import datetime
import json
import os

import pytest
from ansible_collections.interlock.cluster.plugins.action.certificate_audit_info import clock_skew, dialled, unread
from ansible_collections.interlock.cluster.plugins.module_utils._ansible.ca_directory import CaDirectory
from ansible_collections.interlock.cluster.plugins.module_utils._stores import elasticsearch_keystore as keystores
from ansible_collections.interlock.cluster.plugins.module_utils._stores import pem, pkcs12
from ansible_collections.interlock.cluster.tests.unit.support.playbooks import run_playbook
from ansible_collections.interlock.cluster.tests.unit.support.scripted_api import UNAUTHORIZED, scripted_api
from ansible_collections.interlock.cluster.tests.unit.support.tls_server import transport_layer

SECRET = "kno4-of-the-stores"
SSL = "xpack.security.transport.ssl."
NOW = datetime.datetime.now(datetime.timezone.utc)
JUDGE = "interlock.cluster.certificate_audit : Judge the cluster"
PLAY = [{"hosts": "all", "gather_facts": False, "roles": ["interlock.cluster.certificate_audit"]}]


class Estate:
    """Nodes with their stores, a CA, and ports that serve what is in the stores."""

    def __init__(self, top, certificates, stack):
        self.top, self.certificates, self.stack, self.hosts = top, certificates, stack, {}
        self.ca = certificates.authority("CN=logs CA", now=NOW)
        CaDirectory(str(top / "ca")).add(self.ca, "a passphrase of the CA", "created", NOW)
        (top / "ports").mkdir()

    def node(self, name, days=1000, served=None, **variables):
        """A node whose certificate is valid for so many days. served: another certificate at its port."""
        config = self.top / name
        config.mkdir()
        issued = self.certificates.issue(self.ca, self.certificates.request(name, validity_days=days), NOW)
        (config / "k.p12").write_bytes(pkcs12.dump_keystore(pkcs12.KeyEntry(issued.key, issued.certificate, (self.ca.certificate,)), name, SECRET))
        (config / "t.p12").write_bytes(pkcs12.dump_truststore([self.ca.certificate], SECRET))
        settings = {"xpack.security.enabled": True, SSL + "enabled": True, SSL + "keystore.path": "k.p12", SSL + "truststore.path": "t.p12"}
        (config / "elasticsearch.yml").write_text("".join("%s: %s\n" % (key, json.dumps(value)) for key, value in settings.items()))
        entries = {"keystore.seed": b"s" * 20, SSL + "keystore.secure_password": SECRET.encode(), SSL + "truststore.secure_password": SECRET.encode()}
        (config / "elasticsearch.keystore").write_bytes(keystores.dump(keystores.Keystore(entries, 4), "", os.urandom))
        for path in config.iterdir():
            path.chmod(0o600)
            os.utime(path, (0, NOW.timestamp() - 3600))
        api = self.stack.enter_context(scripted_api())
        api.script = {"GET /": [UNAUTHORIZED] * 10}
        port = self.stack.enter_context(transport_layer(self.top / "ports", served or issued, self.ca.certificate))
        self.hosts[name] = dict(variables, elasticsearch_tls_config_dir=str(config), elasticsearch_tls_transport_port=port,
                                elasticsearch_tls_http_port=api.port)
        return issued

    def run(self, *options, **variables):
        variables = dict({"cluster": "logs", "cluster_ca_directory": str(self.top / "ca"), "certificate_audit_timeout": 2}, **variables)
        return run_playbook(self.top, PLAY, self.hosts, "-e", json.dumps(variables), "-vvv", *options)


@pytest.fixture(scope="module")
def estate(tmp_path_factory, certificates):
    """Two sound nodes, one whose certificate ends soon, one that serves another, one that is not there, one without Python."""
    with contextlib.ExitStack() as stack:
        estate = Estate(tmp_path_factory.mktemp("audit"), certificates, stack)
        estate.node("sound")
        estate.node("soon", days=20)
        other = estate.certificates.issue(estate.ca, certificates.request("drifted"), NOW)
        estate.node("drifted", served=other)
        estate.hosts["gone"] = {"ansible_connection": "ssh", "ansible_host": "127.0.0.1", "ansible_port": 1, "ansible_ssh_common_args": "-o ConnectTimeout=2"}
        estate.hosts["broken"] = {"ansible_python_interpreter": "/nonexistent/python"}
        yield estate


@pytest.fixture(scope="module")
def outcome(estate):
    """One whole run."""
    return estate.run(certificate_audit_json_file=str(estate.top / "audit.json"), certificate_audit_metrics_file=str(estate.top / "audit.prom"))


@pytest.fixture(scope="module")
def document(estate, outcome):
    return json.loads((estate.top / "audit.json").read_text())


def findings(document, node):
    return {(finding["severity"], finding["code"]) for finding in document["findings"] if finding["node"] == node}


PLAINTEXT = ("warning", "plaintext")


def test_what_is_found_of_each_node(document):
    assert findings(document, "sound") == {PLAINTEXT}
    assert findings(document, "soon") == {PLAINTEXT, ("warning", "expiring")}
    assert findings(document, "drifted") == {PLAINTEXT, ("warning", "drift")}
    assert findings(document, "gone") == {("critical", "unreachable")}
    assert findings(document, "broken") == {("critical", "unobserved")}
    assert findings(document, None) == set() and document["status"] == "critical"


def test_the_ca_and_who_trusts_it(document):
    (authority,) = document["authorities"]
    assert (authority["in_directory"], authority["issues"], sorted(authority["trusted_by"])) == (True, True, ["drifted", "soon", "sound"])


def test_no_host_drops_out_and_the_exit_status_tells(outcome):
    assert outcome.code == 2
    assert {host: outcome.of(host)[-1][0] for host in ("sound", "soon", "drifted", "gone", "broken")} == dict.fromkeys(
        ("sound", "soon", "drifted", "gone", "broken"), "failed")
    lines = outcome.only("sound", JUDGE)[1]["lines"]
    assert any(line.split()[:2] == ["soon", "transport"] for line in lines)
    assert any("WARNING: soon, transport, " in line and "expires in 19 days" in line for line in lines)


def test_nothing_is_changed_and_one_module_execution_on_a_node(estate, outcome):
    assert not any(result.get("changed") for _status, result in (item for host in estate.hosts for item in outcome.of(host)))
    assert outcome.output.count("tls_inventory_info.py") >= 3
    assert "staged_files" not in outcome.output and "node_info" not in outcome.output


def test_no_secret_is_printed_or_written(estate, outcome):
    for text in (outcome.output, (estate.top / "audit.json").read_text(), (estate.top / "record").read_text()):
        assert SECRET not in text and "PRIVATE KEY" not in text


def test_the_metrics_are_what_prometheus_reads(estate, outcome):
    parser = pytest.importorskip("prometheus_client.parser", reason="prometheus_client is not installed: make the environment anew")
    families = {family.name: family.samples for family in parser.text_string_to_metric_families((estate.top / "audit.prom").read_text())}
    served = {sample.labels["node"]: sample.value for sample in families["interlock_certificate_not_after_timestamp_seconds"]
              if sample.labels["where"] == "served"}
    assert set(served) == {"sound", "soon", "drifted"} and 19 * 86400 < served["soon"] - NOW.timestamp() <= 20 * 86400
    observed = {sample.labels["node"]: sample.value for sample in families["interlock_node_observed"]}
    assert observed == {"sound": 1, "soon": 1, "drifted": 1, "gone": 0, "broken": 0}
    assert (estate.top / "audit.prom").stat().st_mode & 0o777 == 0o644


def test_a_sound_cluster_is_exit_status_0(estate):
    outcome = estate.run("--limit", "sound", "--check", certificate_audit_accept=["plaintext:http"], certificate_audit_json_file=str(estate.top / "none.json"))
    assert outcome.code == 0 and not (estate.top / "none.json").exists(), "check mode writes nothing"
    assert outcome.only("sound", JUDGE)[1]["status"] == "ok"


def test_hosts_of_several_clusters_are_refused(estate):
    """A CA of another cluster would be judged as a foreign one."""
    hosts = {name: dict(estate.hosts["sound"], cluster_ca_directory=str(estate.top / name)) for name in ("ca", "other")}
    outcome = run_playbook(estate.top, PLAY, hosts, "-e", "cluster=all")
    assert outcome.code == 2 and "The hosts have CAs of their own (%s/ca, %s/other)." % (estate.top, estate.top) in " ".join(outcome.output.split())
    assert "Judge the cluster" not in outcome.output


def test_what_cannot_be_written_is_told_and_fails(estate):
    outcome = estate.run("--limit", "sound", certificate_audit_accept=["plaintext:http"], certificate_audit_json_file="/nonexistent/audit.json")
    assert outcome.code == 2
    assert any("/nonexistent/audit.json could not be written" in line for line in outcome.only("sound", JUDGE)[1]["lines"])


def test_any_server_can_be_looked_at(estate, certificates):
    """Without an engine: files and ports as the task names them."""
    issued = certificates.issue(estate.ca, certificates.request("cache", dns=("localhost",), ip=("127.0.0.1",)), NOW)
    directory = estate.top / "redis"
    directory.mkdir()
    (directory / "redis.crt").write_bytes(pem.dump_certificates([issued.certificate]))
    (directory / "redis.key").write_bytes(pem.dump_key(issued.key))
    (directory / "redis.key").chmod(0o644)
    with transport_layer(estate.top / "ports", issued, estate.ca.certificate) as port:
        options = {"engine": "none", "directories": [str(directory)], "endpoints": [{"layer": "bus", "port": port}], "timeout": 2,
                   "files": [{"path": str(directory / "redis.crt"), "layer": "bus", "kind": "certificate"}]}
        tasks = [{"name": "look", "interlock.cluster.certificate_audit_info": options, "register": "seen"},
                 {"name": "judge", "interlock.cluster.certificate_audit_report": {"cluster": "cache", "nodes": {"redis": "{{ seen }}"}, "fail_on": "critical"}}]
        outcome = run_playbook(estate.top, [{"hosts": "redis", "gather_facts": False, "tasks": tasks}], {"redis": {}})
    judged = outcome.only("redis", "judge")[1]
    assert [(finding["code"], finding["where"]) for finding in judged["findings"]] == [("readable", str(directory / "redis.key"))]
    assert list(judged["failures"]) == ["redis"]


@pytest.mark.parametrize("theirs, skew", [(5, -5), (10, 0), (15, 0), (25, 5)])
def test_a_clock_that_was_read_meanwhile_is_right_anywhere_between(theirs, skew):
    assert clock_skew(theirs, 10, 20) == skew


def test_names_are_those_of_the_settings_or_where_it_listens():
    endpoints = [{"layer": "transport", "host": "127.0.0.1"}, {"layer": "http", "host": "10.0.0.7"}]
    assert dialled(endpoints, {"transport": ["es1"]}) == {"transport": ["es1"], "http": ["10.0.0.7"]}
    assert dialled(endpoints, {}) == {"transport": [], "http": ["10.0.0.7"]}


def test_of_a_closed_directory_no_file_is_named():
    assert unread(["/c/a: no", "/d/b: no"], ["/c"]) == ["/d/b: no", "/c may not be looked into: what is in it is not judged"]
