# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action node_certificate in one play of many nodes, each run as check, do, check, do; a directory is a node."""

from __future__ import annotations

import contextlib
import datetime
import json

import pytest
from ansible_collections.interlock.cluster.plugins.module_utils._ansible.ca_directory import CaDirectory
from ansible_collections.interlock.cluster.plugins.module_utils._stores import pem, pkcs12
from ansible_collections.interlock.cluster.tests.unit.support.playbooks import run_playbook
from ansible_collections.interlock.cluster.tests.unit.support.tls_server import transport_layer

PASSPHRASE, STORE, OTHER = "kno4 of the CA here", "kno4-of-the-stores", "kno4-of-something-else"
NOW = datetime.datetime.now(datetime.timezone.utc)
RUNS = ("check first", "do", "check again", "do again")


def runs(host):
    """Which of the runs are made of a host."""
    if host in REFUSED and host not in ("wrong passphrase", "live foreign"):
        return RUNS[1:2]
    return RUNS if host in ("pkcs12", "pem", "foreign trust", "live renewed") else RUNS[:2]


class Nodes:
    """Directories with files, and the options node_certificate is given for them."""

    def __init__(self, top, certificates):
        self.top, self.certificates, self.hosts = top, certificates, {}
        self.ca = certificates.authority("CN=logs CA", now=NOW - datetime.timedelta(days=365))
        self.foreign = certificates.authority("CN=foreign CA", now=NOW)
        self.directory = CaDirectory(str(top / "ca"))
        self.directory.add(self.ca, PASSPHRASE, "created", NOW)

    def issue(self, issuer=None, days=1095, began=NOW):
        request = self.certificates.request("node-1", validity_days=days)
        return self.certificates.issue(issuer or self.ca, request, began)

    def add(self, name, files=(), **options):
        """A node whose directory holds the files."""
        path = self.top / name
        path.mkdir()
        for file, content in dict(files).items():
            (path / file).write_bytes(content)
            (path / file).chmod(0o640)
        given = {"keystore": str(path / "certs" / "key.p12"), "truststore": str(path / "certs" / "trust.p12"), "password": STORE,
                 "ca_directory": str(self.top / "ca"), "ca_passphrase": PASSPHRASE, "common_name": "node-1", "dns": ["node-1"],
                 "ip": ["10.0.0.7"], "renew_days": 30}
        given.update(options)
        self.hosts[name] = {"runs": runs(name), "certificate": {key: value for key, value in given.items() if value is not None}}
        return path

    def stores(self, issued, password=STORE, trusted=None):
        """The two stores as a node would have them, by name below its directory."""
        entry = pkcs12.KeyEntry(issued.key, issued.certificate, tuple(issued.chain))
        return {"key.p12": pkcs12.dump_keystore(entry, "node-1", password),
                "trust.p12": pkcs12.dump_truststore([trusted or self.ca.certificate], password)}

    def flat(self, name):
        """Options for stores that stand in the node's directory itself."""
        return {"keystore": str(self.top / name / "key.p12"), "truststore": str(self.top / name / "trust.p12")}

    def tree(self, name):
        """Everything a node has."""
        path = self.top / name
        return {str(file.relative_to(path)): file.read_bytes() for file in path.rglob("*") if file.is_file()}


@pytest.fixture(scope="module")
def nodes(tmp_path_factory, certificates):
    return Nodes(tmp_path_factory.mktemp("certificates"), certificates)


@pytest.fixture(scope="module")
def outcome(nodes):
    """Every scenario in one run of ansible-playbook -vvv --diff."""
    add, flat = nodes.add, nodes.flat
    add("pkcs12")
    content = {"ca_directory": None, "ca_certificate": pem.dump_certificates([nodes.ca.certificate]).decode(),
               "ca_private_key": pem.dump_key(nodes.ca.key, PASSPHRASE).decode()}
    path = nodes.top / "pem"
    add("pem", format="pem", keystore=None, truststore=None, password=None, private_key=str(path / "node.key"), mode="0600",
        certificate=str(path / "node.crt"), certificate_authorities=str(path / "ca.crt"), **content)
    add("without its key", **dict(content, ca_private_key=None))
    expired = nodes.issue(days=40, began=NOW - datetime.timedelta(days=60))
    add("expired", nodes.stores(expired), **flat("expired"))
    add("other password", nodes.stores(nodes.issue(), OTHER), **flat("other password"))
    add("foreign trust", nodes.stores(nodes.issue(), trusted=nodes.foreign.certificate), **flat("foreign trust"))
    add("wrong passphrase", ca_passphrase=OTHER)
    add("no store password", password=None)
    add("no CA", ca_directory=str(nodes.top / "none"))
    add("odd mode", mode=416)
    with contextlib.ExitStack() as stack:
        expiring = nodes.issue(days=40, began=NOW - datetime.timedelta(days=30))
        for name, issued, options in (("live expiring", expiring, {}), ("live renewed", expiring, {"renew": True}),
                                      ("live foreign", nodes.issue(nodes.foreign), {"renew": True}),
                                      ("live other names", nodes.issue(), {"dns": ["node-1", "alias"]})):
            port = stack.enter_context(transport_layer(nodes.top, issued))
            add(name, nodes.stores(issued), port=port, **flat(name), **options)
        nodes.before = {name: nodes.tree(name) for name in nodes.hosts}
        tasks = [{"name": run, "interlock.cluster.node_certificate": None, "args": "{{ certificate }}", "check_mode": "check" in run,
                  "ignore_errors": True, "when": "%r in runs" % run} for run in RUNS]
        return run_playbook(nodes.top, [{"hosts": "all", "gather_facts": False, "tasks": tasks}], nodes.hosts, "-vvv", "--diff")


def results(outcome, host):
    """(results, statuses) of a host's runs."""
    found = [outcome.only(host, run) for run in runs(host)]
    return [result for _status, result in found], [status for status, _result in found]


def in_store(nodes, name, where=("certs/key.p12", "certs/trust.p12"), password=STORE):
    tree = nodes.tree(name)
    return pkcs12.load_keystore(tree[where[0]], password, "here"), pkcs12.load_truststore(tree[where[1]], password, "here")


FLAT = ("key.p12", "trust.p12")


def test_a_node_gets_its_certificate_once(outcome, nodes):
    found, statuses = results(outcome, "pkcs12")
    assert statuses == ["ok"] * 4, outcome.output
    assert [(result["changed"], result["verdict"]) for result in found] == [(True, "issue"), (True, "issue"), (False, "keep"), (False, "keep")]
    assert found[0]["reasons"] == found[1]["reasons"] == ["there is no certificate yet"]
    entry, trusted = in_store(nodes, "pkcs12")
    assert (entry.chain, trusted) == ((nodes.ca.certificate,), (nodes.ca.certificate,))
    facts = found[1]["certificate"]
    assert facts["serial"] == "%x" % entry.certificate.serial_number and facts["san_ip"] == ["10.0.0.7"]
    assert found[0]["certificate"] is None and found[2]["certificate"] == found[3]["certificate"] == facts
    key = nodes.top / "pkcs12" / "certs"
    assert [path.stat().st_mode & 0o7777 for path in (key, key / "key.p12", key / "trust.p12")] == [0o750, 0o640, 0o640]
    assert not [name for name in nodes.tree("pkcs12") if "interlock" in name]


def test_the_diff_is_public_and_gives_the_reasons(outcome, nodes):
    found, _statuses = results(outcome, "pkcs12")
    predicted, made = found[0]["diff"], found[1]["diff"]
    assert predicted["before"] == made["before"] == {}
    assert predicted["after"] == {"subject": "CN=node-1", "san_dns": ["node-1"], "san_ip": ["10.0.0.7"], "key_type": "ec-p256",
                                  "reasons": ["there is no certificate yet"]}
    assert made["after"] == dict(found[1]["certificate"], reasons=["there is no certificate yet"])
    assert predicted["before_header"] == str(nodes.top / "pkcs12/certs/key.p12")
    assert found[2]["diff"] == {}


def test_what_was_issued_is_in_the_ledger(outcome, nodes):
    serials = {entry["serial"] for entry in nodes.directory.ledger()[0]}
    made = [result for item in outcome.results for result in [item["result"]] if item["task"] == "do" and result.get("verdict") == "issue"
            and item["host"] != "pem"]
    assert serials == {result["certificate"]["serial"] for result in made if not result.get("failed")}
    assert len(serials) == 5


def test_pem_files_from_a_ca_by_content(outcome, nodes):
    found, statuses = results(outcome, "pem")
    assert (statuses, [result["changed"] for result in found]) == (["ok"] * 4, [True, True, False, False])
    tree = nodes.tree("pem")
    assert set(tree) == {"node.key", "node.crt", "ca.crt"}
    certificates = pem.load_certificates(tree["node.crt"], "here")
    assert certificates[1:] == pem.load_certificates(tree["ca.crt"], "here") == (nodes.ca.certificate,)
    assert pem.load_key(tree["node.key"], None, "here").public_key() == certificates[0].public_key()
    assert {(nodes.top / "pem" / name).stat().st_mode & 0o7777 for name in tree} == {0o600}


@pytest.mark.parametrize("name, reason", [
    ("expired", "expired on "), ("other password", "the password is wrong"), ("foreign trust", "truststore lacks CN=logs CA"),
])
def test_what_is_not_as_wanted_is_made_anew(outcome, nodes, name, reason):
    found, statuses = results(outcome, name)
    assert (statuses[:2], [result["changed"] for result in found[:2]]) == (["ok"] * 2, [True, True])
    assert all(any(reason in text for text in result["reasons"]) for result in found[:2])
    assert in_store(nodes, name, FLAT)[1] == (nodes.ca.certificate,)


def test_a_foreign_trust_leaves_the_certificate(outcome, nodes):
    found, _statuses = results(outcome, "foreign trust")
    assert [result["verdict"] for result in found] == ["trust", "trust", "keep", "keep"]
    assert nodes.tree("foreign trust")["key.p12"] == nodes.before["foreign trust"]["key.p12"]
    assert found[0]["diff"]["before"]["serial"] == found[0]["diff"]["after"]["serial"]


# name: (whether check mode says so too, what the error says)
REFUSED = {
    "wrong passphrase": (False, "ca/generation-1/ca.key: the passphrase of the private key is wrong"),
    "no store password": (False, "certs/key.p12: there is no password for the store. Set its secure setting first"),
    "no CA": (False, "none: there is no CA here. Create or adopt one"),
    "without its key": (False, "ca_private_key: the private key of the CA is needed to issue a certificate. Give its content beside ca_certificate."),
    "odd mode": (False, "certs/key.p12: the mode 416 is not one of four octal digits"),
    "live foreign": (True, "key.p12: the running node serves a certificate of another CA. "
                           "The node already speaks TLS: a change of issuer or trust would cut it off from the others. "
                           "It takes a rotation of the CA (the playbook rotate_ca)."),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_is_left_as_it_was(outcome, nodes, name):
    in_check_mode, message = REFUSED[name]
    found, statuses = results(outcome, name)
    assert statuses == ["failed" if in_check_mode else "ok", "failed"][-len(runs(name)):]
    for result, status in zip(found, statuses):
        assert message in result["msg"] if status == "failed" else result["changed"]
    assert nodes.tree(name) == nodes.before[name]


def test_a_live_node_is_renewed_only_when_told_to(outcome, nodes):
    found, statuses = results(outcome, "live expiring")
    assert (statuses, [result["changed"] for result in found]) == (["ok"] * 2, [False] * 2)
    assert all("the certificate expires in 9 days (renewal window 30 days); it is renewed only when told to" in str(result["warnings"])
               for result in found)
    assert nodes.tree("live expiring") == nodes.before["live expiring"]
    found, _statuses = results(outcome, "live renewed")
    assert [result["verdict"] for result in found] == ["issue", "issue", "keep", "keep"]
    assert found[1]["certificate"]["serial"] != found[1]["diff"]["before"]["serial"]


def test_a_live_node_gets_another_name_from_the_same_ca(outcome):
    found, _statuses = results(outcome, "live other names")
    assert [(result["verdict"], result["reasons"]) for result in found] == [("issue", ["SAN alias missing"])] * 2


def test_no_secret_is_printed_or_returned(outcome, nodes):
    keys = [pem.dump_key(nodes.ca.key).decode().splitlines()[1], pem.dump_key(nodes.ca.key, PASSPHRASE).decode()[:20]]
    everything = outcome.output + json.dumps(outcome.results)
    assert len(outcome.results) == len(nodes.hosts) * len(RUNS) and "<pkcs12> EXEC" in everything
    for secret in [PASSPHRASE, STORE, OTHER, "kno4", "PRIVATE KEY", *keys]:
        assert secret not in everything
