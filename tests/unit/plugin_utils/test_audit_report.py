# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An audit for people and for machines: the table, the JSON document, the metrics as Prometheus itself reads them."""

from __future__ import annotations

import datetime
import json

import pytest
from ansible_collections.interlock.cluster.plugins.module_utils._pki.audit import Judgement
from ansible_collections.interlock.cluster.plugins.plugin_utils import _audit_report as reports

NOW = datetime.datetime(2026, 6, 1, 12, tzinfo=datetime.timezone.utc)
END = datetime.datetime(2026, 7, 1, 12, tzinfo=datetime.timezone.utc)
CERTIFICATE = {"subject": 'CN=es1,O=A \\"quoted\\" name', "issuer": "CN=logs CA", "serial": "5f", "sha256": "aa", "not_after": "2026-07-01T12:00:00Z"}
CA = dict(CERTIFICATE, subject="CN=logs CA", serial="1", sha256="bb")
TLS = {"layer": "transport", "host": "10.0.0.7", "port": 9300, "reachable": True, "speaks_tls": True, "protocol": "TLSv1.3", "accepts_plaintext": False,
       "demands_client_certificate": True, "requests_client_certificate": True, "anonymous_status": None, "certificate": CERTIFICATE}
PLAIN = {"layer": "http", "host": "10.0.0.7", "port": 9200, "reachable": True, "speaks_tls": False, "protocol": None, "accepts_plaintext": True,
         "demands_client_certificate": None, "requests_client_certificate": None, "anonymous_status": 401, "certificate": None}
CLOSED = dict(PLAIN, layer="bus", port=1, reachable=False, speaks_tls=None, anonymous_status=None)
KEYSTORE = {"path": "/c/k.p12", "layer": "transport", "certificate": CERTIFICATE, "authorities": []}
TRUSTSTORE = {"path": "/c/t.p12", "layer": "transport", "certificate": None, "authorities": [CA, CA]}
NODES = {"es1": {"reached": True, "endpoints": [TLS, PLAIN, CLOSED], "files": [KEYSTORE, TRUSTSTORE]}, "es2": {"reached": False, "problem": "no route"}}
FINDING = {"severity": "critical", "code": "unreachable", "node": "es2", "layer": None, "where": None, "text": "could not be looked at: no route"}
WARNING = {"severity": "warning", "code": "plaintext", "node": "es1", "layer": "http", "where": "10.0.0.7:9200", "text": "it speaks plaintext"}
JUDGEMENT = Judgement([FINDING, WARNING], [{"facts": CA, "issues": True, "trusted_by": ["es1"], "in_directory": True}])


def test_a_row_for_each_port_and_for_a_host_that_was_not_reached():
    rows = reports.rows(NODES, JUDGEMENT.findings, NOW)
    assert [(row["node"], row["layer"], row["speaks"], row["days"], row["plaintext_refused"], row["stranger_refused"], row["verdict"]) for row in rows] == [
        ("es1", "transport", "TLSv1.3", 30, True, True, "ok"),
        ("es1", "http", "plaintext", "-", False, True, "warning"),
        ("es1", "bus", "nothing", "-", "-", "-", "ok"),
        ("es2", "-", "nothing", "-", "-", "-", "critical"),
    ]
    assert {tuple(row) for row in rows} == {tuple(rows[0])}, "one table has one set of columns"


@pytest.mark.parametrize("changed, refused", [
    ({"demands_client_certificate": None}, True), ({"demands_client_certificate": None, "requests_client_certificate": False}, False),
    ({"anonymous_status": 200}, False), ({"anonymous_status": 403}, True), ({"speaks_tls": False}, False)])
def test_whether_a_stranger_is_refused(changed, refused):
    (row,) = reports.rows({"es1": {"endpoints": [dict(TLS, **changed)]}}, [], NOW)
    assert row["stranger_refused"] is refused


def test_sentences():
    assert reports.sentence(FINDING) == "CRITICAL: es2: could not be looked at: no route [unreachable]"
    assert reports.sentence(WARNING) == "WARNING: es1, http, 10.0.0.7:9200: it speaks plaintext [plaintext]"
    assert reports.sentence(dict(WARNING, node=None, layer=None, where="CA x")) == "WARNING: the cluster, CA x: it speaks plaintext [plaintext]"


def test_the_document():
    found = json.loads(reports.document("logs", JUDGEMENT, NODES, NOW))
    assert (found["format"], found["cluster"], found["audited_at"], found["status"]) == (1, "logs", "2026-06-01T12:00:00Z", "critical")
    assert found["counts"] == {"critical": 1, "warning": 1, "unknown": 0} and found["findings"] == JUDGEMENT.findings
    assert found["nodes"] == NODES and found["authorities"] == JUDGEMENT.authorities


class TestMetrics:
    @pytest.fixture
    def families(self):
        text = reports.metrics('lo"gs\n\\', JUDGEMENT, NODES, NOW).decode()
        parser = pytest.importorskip("prometheus_client.parser", reason="prometheus_client is not installed: make the environment anew")
        return {family.name: family for family in parser.text_string_to_metric_families(text)}

    def test_every_family_has_its_help_and_type(self, families):
        assert {name: (family.type, bool(family.documentation)) for name, family in families.items()} == dict.fromkeys(
            ["interlock_certificate_not_after_timestamp_seconds", "interlock_endpoint_tls", "interlock_node_observed", "interlock_audit_findings",
             "interlock_audit_timestamp_seconds"], ("gauge", True))

    def test_a_date_for_each_certificate_and_place(self, families):
        samples = families["interlock_certificate_not_after_timestamp_seconds"].samples
        assert {(s.labels["node"], s.labels["port"], s.labels["layer"], s.labels["where"], s.labels["path"], s.labels["serial"]) for s in samples} == {
            ("es1", "9300", "transport", "served", "", "5f"), ("es1", "", "transport", "disk", "/c/k.p12", "5f"),
            ("es1", "", "transport", "trusted", "/c/t.p12", "1"), ("", "", "", "ca", "", "1")}
        assert {s.value for s in samples} == {END.timestamp()} and len(samples) == 4, "no sample twice: Prometheus refuses the whole file"
        assert {s.labels["cluster"] for s in samples} == {'lo"gs\n\\'} and CERTIFICATE["subject"] in {s.labels["subject"] for s in samples}

    def test_ports_nodes_and_counts(self, families):
        assert {(s.labels["layer"], s.value) for s in families["interlock_endpoint_tls"].samples} == {("transport", 1), ("http", 0)}
        assert {(s.labels["node"], s.value) for s in families["interlock_node_observed"].samples} == {("es1", 1), ("es2", 0)}
        assert {(s.labels["severity"], s.value) for s in families["interlock_audit_findings"].samples} == {("critical", 1), ("warning", 1), ("unknown", 0)}
        assert families["interlock_audit_timestamp_seconds"].samples[0].value == NOW.timestamp()

    def test_nothing_observed_is_no_empty_family(self):
        text = reports.metrics("logs", Judgement([], []), {}, NOW).decode()
        assert "not_after" not in text and text.endswith("\n")
