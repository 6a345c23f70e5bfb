# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The judgement of an audit: each flaw by itself is found, and a sound cluster has none."""

from __future__ import annotations

import datetime

import pytest
from ansible_collections.interlock.cluster.plugins.module_utils._pki import audit, audit_facts, keys
from ansible_collections.interlock.cluster.plugins.module_utils._pki.audit_findings import Thresholds
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.x509.oid import ExtendedKeyUsageOID

DAY = datetime.timedelta(days=1)


class Cluster:
    """Two nodes that are as they should be, to be spoiled."""

    def __init__(self, certificates):
        self.certificates, self.now = certificates, certificates.now
        self.ca = certificates.authority("CN=logs CA")
        self.nodes = {name: self.node(name, number) for number, name in enumerate(("es1", "es2"), 1)}

    def facts(self, certificate):
        return audit_facts.audited(certificate)

    def leaf(self, name="es1", issuer=None, **request):
        request = dict({"ip": ("10.0.0.1",)}, **request)
        return self.facts(self.certificates.issue(issuer or self.ca, self.certificates.request(name, dns=(name,), **request)).certificate)

    def node(self, name, number):
        address = "10.0.0.%d" % number
        leaf, ca = self.leaf(name, ip=(address,)), self.facts(self.ca.certificate)
        file = {"exists": True, "mode": "0640", "owner": "root", "group": "es", "mtime": self.now.timestamp() - 86400, "problem": None, "private_key": None,
                "certificate": None, "chain": [], "authorities": [], "broken": None, "layer": "transport"}
        return {
            "reached": True, "problem": None, "clock": self.now.timestamp(), "clock_skew": 0, "names": {"transport": [address]}, "owners": [],
            "remarks": [], "problems": [],
            "files": [dict(file, path="/c/k.p12", kind="keystore", private_key="encrypted", certificate=leaf, chain=[ca]),
                      dict(file, path="/c/t.p12", kind="truststore", authorities=[ca])],
            "endpoints": [{"layer": "transport", "host": address, "port": 9300, "reachable": True, "speaks_tls": True, "protocol": "TLSv1.3",
                           "cipher": "TLS_AES_256_GCM_SHA384", "requests_client_certificate": True, "demands_client_certificate": True,
                           "accepts_plaintext": False, "plaintext_detail": "", "protocols": {"TLSv1": None, "TLSv1.1": False, "TLSv1.2": True},
                           "anonymous_status": None, "error": None, "certificate": leaf, "chain": [ca], "broken": None}],
        }

    @property
    def keystore(self):
        return self.nodes["es1"]["files"][0]

    @property
    def truststore(self):
        return self.nodes["es1"]["files"][1]

    @property
    def port(self):
        return self.nodes["es1"]["endpoints"][0]

    def serve(self, certificate, chain=None):
        """es1 holds and serves another certificate."""
        for place in (self.keystore, self.port):
            place.update(certificate=certificate, chain=place["chain"] if chain is None else chain)

    def codes(self, now=None, ca=None, accepted=(), thresholds=None):
        """{(severity, code, node)} of the judgement."""
        self.judged = audit.judge(self.nodes, ca, now or self.now, thresholds, accepted)
        return {(finding["severity"], finding["code"], finding["node"]) for finding in self.judged.findings}

    def directory(self, **changed):
        """What ca_info tells."""
        generation = {"generation": 1, "current": True, "origin": "created", "key_encrypted": True, "facts": self.facts(self.ca.certificate)}
        return dict({"exists": True, "problems": [], "generations": [generation]}, **changed)


@pytest.fixture
def cluster(certificates):
    return Cluster(certificates)


def test_a_sound_cluster_has_no_findings(cluster):
    assert cluster.codes(ca=cluster.directory()) == set()
    assert cluster.judged.status == "ok"
    (authority,) = cluster.judged.authorities
    assert authority["issues"] and authority["in_directory"] and authority["trusted_by"] == ["es1", "es2"]


def port(**changed):
    return lambda cluster: cluster.port.update(changed)


def keystore(**changed):
    return lambda cluster: cluster.keystore.update(changed)


def truststore(**changed):
    return lambda cluster: cluster.truststore.update(changed)


def node(**changed):
    return lambda cluster: cluster.nodes["es1"].update(changed)


def extra_file(**changed):
    return lambda cluster: cluster.nodes["es1"]["files"].append(dict(cluster.truststore, path="/c/x", layer=None, kind=None, authorities=[], **changed))


def serve(**request):
    return lambda cluster: cluster.serve(cluster.leaf(**request))


def serve_with(**changed):
    return lambda cluster: cluster.serve(dict(cluster.leaf(), **changed))


FLAWS = {
    "unreachable": (lambda cluster: cluster.nodes.update(es1={"reached": False, "unreachable": True, "problem": "no route"}), {("critical", "unreachable")}),
    "module failed": (lambda cluster: cluster.nodes.update(es1={"reached": False, "problem": "no Python"}), {("critical", "unobserved")}),
    "port closed": (port(reachable=False, certificate=None, error="refused"), {("critical", "closed")}),
    "port silent": (port(speaks_tls=None, certificate=None, error="no answer"), {("unknown", "silent")}),
    "plaintext": (port(speaks_tls=False, certificate=None, accepts_plaintext=True), {("critical", "plaintext")}),
    "plaintext beside TLS": (port(accepts_plaintext=True), {("critical", "plaintext")}),
    "plaintext HTTP": (port(layer="http", speaks_tls=False, certificate=None, anonymous_status=401), {("warning", "plaintext")}),
    "anonymous": (port(layer="http", anonymous_status=200), {("critical", "anonymous")}),
    "no client certificate asked for": (port(requests_client_certificate=False, demands_client_certificate=None), {("critical", "no_client_certificate")}),
    "no client certificate demanded": (port(demands_client_certificate=False), {("critical", "no_client_certificate")}),
    "old protocol": (port(protocols={"TLSv1.1": True}), {("warning", "old_protocol")}),
    "old protocol agreed on": (port(protocol="TLSv1", protocols=None), {("warning", "old_protocol")}),
    "weak cipher": (port(cipher="DES-CBC3-SHA"), {("warning", "weak_cipher")}),
    "unreadable certificate": (port(certificate=None, error="damaged"), {("unknown", "no_certificate")}),
    "broken chain": (port(broken="a was not issued by b"), {("critical", "chain_broken")}),
    "other certificate on disk": (lambda cluster: cluster.port.update(certificate=cluster.leaf()), {("warning", "drift")}),
    "address not in the certificate": (node(names={"transport": ["10.9.9.9"]}), {("warning", "san_missing")}),
    "one-sided": (serve_with(both_sides=False), {("critical", "one_sided")}),
    "weak key": (serve_with(key_type="rsa-1024"), {("warning", "weak_key")}),
    "weak curve": (serve_with(key_type="ec-secp192r1"), {("warning", "weak_key")}),
    "weak signature": (serve_with(signature="sha1"), {("warning", "weak_signature")}),
    "AKI by serial": (serve_with(authority_serial=True), {("warning", "authority_serial")}),
    "a CA's as leaf": (serve_with(is_ca=True), {("warning", "leaf_is_ca")}),
    "soon": (serve(validity_days=20), {("warning", "expiring")}),
    "very soon": (serve(validity_days=6), {("critical", "expiring")}),
    "soon on disk only": (lambda cluster: cluster.keystore.update(certificate=cluster.leaf(validity_days=20)), {("warning", "expiring"), ("warning", "drift")}),
    "readable for all": (keystore(mode="0644"), {("critical", "readable")}),
    "writable for all": (truststore(mode="0646"), {("critical", "writable")}),
    "a key nobody names": (extra_file(private_key="plain", mode="0644"), {("critical", "readable")}),
    "a CA's key": (lambda cluster: extra_file(private_key="encrypted", certificate=cluster.facts(cluster.ca.certificate))(cluster),
                   {("critical", "ca_key_on_node")}),
    "file missing": (keystore(exists=False, certificate=None, private_key=None, mode=None), {("critical", "file_missing")}),
    "file unread": (keystore(problem="Permission denied", certificate=None), {("unknown", "unread")}),
    "foreign owner": (lambda cluster: cluster.nodes["es1"].update(owners=["elasticsearch"]), {("warning", "owner")}),
    "key in the truststore": (truststore(private_key="encrypted"), {("warning", "trust_holds_key")}),
    "leaf in the truststore": (lambda cluster: cluster.truststore["authorities"].append(cluster.leaf()), {("warning", "trust_holds_leaf")}),
    "clock": (node(clock_skew=-90), {("warning", "clock_skew")}),
    "a remark of the engine": (node(remarks=[{"severity": "critical", "code": "verification_off", "layer": "transport", "text": "x"}]),
                               {("critical", "verification_off")}),
    "something unread": (node(problems=["/c may not be looked into"]), {("unknown", "unread")}),
}


@pytest.mark.parametrize(("spoil", "expected"), FLAWS.values(), ids=FLAWS)
def test_each_flaw_is_found_and_nothing_else(cluster, spoil, expected):
    spoil(cluster)
    assert cluster.codes() == {(severity, code, "es1") for severity, code in expected}


def test_the_worst_comes_first_and_names_the_status(cluster):
    cluster.port.update(accepts_plaintext=True, protocols={"TLSv1": True})
    cluster.nodes["es2"]["problems"] = ["x"]
    cluster.codes()
    assert [finding["severity"] for finding in cluster.judged.findings] == ["critical", "warning", "unknown"]
    assert cluster.judged.status == "critical"


@pytest.mark.parametrize("accepted, left", [
    (["old_protocol"], set()), (["old_protocol:transport"], set()), (["old_protocol:transport:es1"], set()),
    (["old_protocol:http", "old_protocol:transport:es2", "old"], {("warning", "old_protocol", "es1")})])
def test_findings_can_be_accepted(cluster, accepted, left):
    port(protocols={"TLSv1": True})(cluster)
    assert cluster.codes(accepted=accepted) == left


@pytest.mark.parametrize("left, expected", [(30.5, set()), (29.5, {"warning"}), (7.5, {"warning"}), (6.9, {"critical"}), (-0.001, {"critical"})])
def test_thresholds_count_days_that_are_left(cluster, left, expected):
    end = datetime.datetime.strptime(cluster.port["certificate"]["not_after"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=datetime.timezone.utc)
    assert {severity for severity, _code, _node in cluster.codes(end - left * DAY)} == expected
    assert cluster.codes(end - 29.5 * DAY, thresholds=Thresholds(warning_days=29)) == set()


def test_a_file_of_this_minute_is_on_its_way_in(cluster):
    cluster.port["certificate"] = cluster.leaf()
    cluster.keystore["mtime"] = cluster.now.timestamp() - 30
    assert cluster.codes() == set()


def test_a_certificate_that_begins_tomorrow(cluster):
    assert cluster.codes(cluster.now - DAY) == {("critical", "not_yet_valid", "es1"), ("critical", "not_yet_valid", "es2"), ("critical", "not_yet_valid", None)}


def test_a_wildcard_covers_a_name(cluster):
    cluster.nodes["es1"]["names"] = {"transport": ["es1.example.com"]}
    cluster.serve(dict(cluster.leaf(), san_dns=["*.example.com"]))
    assert cluster.codes() == set()


class TestAuthorities:
    def test_the_ca_in_use_is_counted_by_its_own_thresholds(self, cluster):
        cluster.ca = cluster.certificates.authority("CN=logs CA", days=100)
        cluster.nodes = {"es1": cluster.node("es1", 1)}
        assert cluster.codes() == {("warning", "expiring", None)}
        assert cluster.codes(cluster.now + 75 * DAY) == {("critical", "expiring", None), ("warning", "expiring", "es1")}
        assert ("critical", "expired", None) in cluster.codes(cluster.now + 101 * DAY)

    def test_one_in_the_directory_counts_before_it_issued_anything(self, cluster):
        young = cluster.certificates.authority("CN=logs CA G2", days=100)
        generation = {"generation": 2, "current": True, "key_encrypted": False, "facts": cluster.facts(young.certificate)}
        generations = cluster.directory()["generations"] + [generation]
        assert cluster.codes(ca=cluster.directory(generations=generations)) == {("warning", "expiring", None), ("warning", "ca_key_plain", None)}

    def test_an_expired_one_that_is_only_trusted_is_in_the_way(self, cluster):
        old = cluster.certificates.authority("CN=old CA", days=100, now=cluster.now - 200 * DAY)
        cluster.truststore["authorities"].append(cluster.facts(old.certificate))
        assert cluster.codes() == {("warning", "expired_ca_trusted", None)}

    def test_what_ca_info_says(self, cluster):
        assert cluster.codes(ca={"failed": True, "msg": "no cryptography"}) == {("unknown", "ca_unread", None)}
        assert cluster.codes(ca=cluster.directory(problems=["others can enter"])) == {("warning", "ca_problem", None)}
        nothing = cluster.directory(exists=False, generations=[])
        assert cluster.codes(ca=nothing) == {("warning", "ca_missing", None)}
        assert cluster.codes(ca=dict(nothing, problems=["belongs to somebody else"])) == {("unknown", "ca_problem", None)}

    def test_a_certificate_of_a_ca_that_is_not_in_the_directory(self, cluster):
        other = cluster.directory()
        other["generations"][0]["facts"] = cluster.facts(cluster.certificates.authority("CN=other CA").certificate)
        assert {("warning", "foreign_issuer", "es1"), ("warning", "foreign_issuer", "es2")} == cluster.codes(ca=other)


class TestAcross:
    def test_a_node_that_does_not_trust_the_others(self, cluster):
        other = cluster.certificates.authority("CN=other CA")
        cluster.truststore["authorities"] = [cluster.facts(other.certificate)]
        assert cluster.codes() == {("critical", "not_trusted", "es1"), ("critical", "not_trusted", "es2")}
        assert all("es1 trusts" in finding["text"] for finding in cluster.judged.findings)

    def test_an_unread_truststore_says_nothing(self, cluster):
        cluster.truststore.update(problem="Permission denied", authorities=[])
        assert cluster.codes() == {("unknown", "unread", "es1")}

    def test_a_chain_leads_over_what_is_served_to_a_root_that_is_trusted(self, cluster):
        key, intermediate, root = cluster.certificates.chained()
        issuer = type(cluster.ca)(key, intermediate, (root,), 1)
        leaf = cluster.leaf(issuer=issuer)
        for name in cluster.nodes:
            cluster.nodes[name]["files"][1]["authorities"].append(cluster.facts(root))
        cluster.serve(leaf, [cluster.facts(intermediate)])
        assert cluster.codes(thresholds=Thresholds(ca_warning_days=1)) == set()
        cluster.serve(leaf, [])
        assert cluster.codes(thresholds=Thresholds(ca_warning_days=1)) == {("critical", "not_trusted", "es1")}

    def test_two_cas_of_one_name_are_told_apart_by_their_keys(self, cluster):
        twin = cluster.certificates.authority("CN=logs CA")
        cluster.serve(cluster.leaf(issuer=twin), [])
        assert cluster.codes() == {("critical", "not_trusted", "es1")}

    def test_one_certificate_on_two_nodes(self, cluster):
        cluster.nodes["es2"]["names"] = {}
        for place in (cluster.nodes["es2"]["files"][0], cluster.nodes["es2"]["endpoints"][0]):
            place["certificate"] = cluster.port["certificate"]
        assert cluster.codes() == {("warning", "shared_key", None)}


class TestFacts:
    def test_of_a_certificate_of_ours(self, cluster):
        leaf, ca = cluster.leaf(), cluster.facts(cluster.ca.certificate)
        assert (leaf["signature"], leaf["both_sides"], leaf["authority_serial"], leaf["self_signed"]) == ("sha256", True, False, False)
        assert leaf["authority_key_id"] == ca["subject_key_id"] and ca["self_signed"]

    def test_of_one_that_openssl_made_with_issuer_and_serial(self, cluster, certificates):
        key = keys.generate("ec-p256")
        aki = x509.AuthorityKeyIdentifier(b"k" * 20, [x509.DirectoryName(x509.Name.from_rfc4514_string("CN=x"))], 7)
        purposes = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
        made = audit_facts.audited(certificates.by_hand("CN=x", key, extensions=[(aki, False), (purposes, False)]))
        assert (made["authority_serial"], made["authority_key_id"], made["both_sides"]) == (True, (b"k" * 20).hex(), False)

    def test_a_broken_link_is_told_by_signature(self, cluster, certificates):
        issued = certificates.issue(cluster.ca)
        assert audit_facts.broken_link([issued.certificate, cluster.ca.certificate]) is None
        twin = certificates.authority("CN=logs CA")
        assert "was not issued by" in audit_facts.broken_link([issued.certificate, twin.certificate])

    def test_a_signature_that_has_no_hash_of_its_own(self, certificates):
        made = certificates.by_hand("CN=x", ed25519.Ed25519PrivateKey.generate())
        assert audit_facts.audited(made)["signature"] is None
