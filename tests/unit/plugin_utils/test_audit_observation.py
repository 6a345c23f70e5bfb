# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files and ports of a node as an audit tells of them: public data only, whatever is in them."""

from __future__ import annotations

import json

import pytest
from ansible_collections.interlock.cluster.plugins.module_utils._stores import pem, pkcs12
from ansible_collections.interlock.cluster.plugins.plugin_utils._audit_observation import UNKNOWN, Meant, endpoint_observation, file_observation

READ = {"exists": True, "mode": "0640", "owner": "root", "group": "es", "mtime": 1.0}


@pytest.fixture(scope="module")
def made(certificates):
    """A CA, a certificate of it, and stores with both."""
    ca = certificates.authority("CN=logs CA")
    issued = certificates.issue(ca)
    entry = pkcs12.KeyEntry(issued.key, issued.certificate, (ca.certificate,))
    return {
        "ca": ca, "issued": issued,
        "keystore": pkcs12.dump_keystore(entry, "es1", "secret"),
        "truststore": pkcs12.dump_truststore([ca.certificate], "secret"),
        "ca store": pkcs12.dump_keystore(pkcs12.KeyEntry(ca.key, ca.certificate, ()), "ca", "secret"),
        "pem": pem.dump_certificates([issued.certificate, ca.certificate]),
        "ca pem": pem.dump_certificates([ca.certificate]),
        "twin pem": pem.dump_certificates([issued.certificate, certificates.authority("CN=logs CA").certificate]),
    }


def observe(content, meant=UNKNOWN, path="/c/x.p12", passwords=("", "secret"), **read):
    return file_observation(path, dict(READ, **read), content, meant, passwords)


def subjects(found):
    """(own certificate, chain, authorities) by subject."""
    own = found["certificate"] and found["certificate"]["subject"]
    return own, [one["subject"] for one in found["chain"]], [one["subject"] for one in found["authorities"]]


NODE, CA = "CN=node-1", "CN=logs CA"


@pytest.mark.parametrize("content, meant, path, expected, key", [
    ("keystore", Meant("transport", "keystore", "secret"), "/c/x.p12", (NODE, [CA], []), "encrypted"),
    ("truststore", Meant("transport", "truststore", "secret"), "/c/x.p12", (None, [], [CA]), None),
    ("keystore", Meant("transport", "truststore", "secret"), "/c/x.p12", (NODE, [CA], [CA]), "encrypted"),
    ("keystore", Meant("transport", "keystore", "secret"), "/c/no_suffix", (NODE, [CA], []), "encrypted"),
    ("keystore", UNKNOWN, "/c/lies_about.p12", (NODE, [CA], []), "encrypted"),
    ("ca store", UNKNOWN, "/c/elastic-stack-ca.p12", (CA, [], []), "encrypted"),
    ("pem", Meant("http", "certificate"), "/c/x.crt", (NODE, [CA], []), None),
    ("pem", UNKNOWN, "/c/x.pem", (NODE, [CA], []), None),
    ("ca pem", UNKNOWN, "/c/ca.crt", (None, [], [CA]), None),
    ("ca pem", Meant("http", "certificate_authorities"), "/c/ca.crt", (None, [], [CA]), None),
])
def test_what_is_in_a_file(made, content, meant, path, expected, key):
    found = observe(made[content], meant, path)
    assert (subjects(found), found["private_key"], found["problem"], found["broken"]) == (expected, key, None, None)
    assert json.dumps(found) and "secret" not in repr(meant)


@pytest.mark.parametrize("content, meant, problem", [
    (b"\x30\x03\x02\x01\x03", Meant("transport", "keystore", ""), "cannot|password|PKCS#12"),
    (b"\xfe\xed\xfe\xed", Meant("transport", "keystore", ""), "JKS"),
    (b"-----BEGIN CERTIFICATE-----\nx", UNKNOWN, "truncated"),
    ("keystore", Meant("transport", "keystore", "wrong"), "password is wrong"),
    ("keystore", UNKNOWN, "its password is not known"),
])
def test_what_cannot_be_opened_is_a_problem_of_the_file(made, content, meant, problem):
    found = observe(made.get(content, content), meant, "/c/x", passwords=("",))
    assert any(word in found["problem"] for word in problem.split("|")) and subjects(found) == (None, [], [])


def test_a_file_that_was_not_read_or_is_not_there():
    found = file_observation("/c/x", {"exists": True, "error": "Permission denied"}, None, Meant("transport", "keystore", ""), ())
    assert (found["exists"], found["problem"], found["mode"]) == (True, "Permission denied", None)
    assert file_observation("/c/x", {"exists": False}, None, UNKNOWN, ())["exists"] is False


def test_a_key_that_stayed_on_the_node_and_other_text(made):
    found = observe(b"\n", Meant("http", "private_key"), "/c/x.key", private_key="plain")
    assert (found["private_key"], found["problem"]) == ("plain", None)
    assert observe(b"cluster.name: x\n", Meant(None, "settings"), "/c/elasticsearch.yml")["problem"] is None


def test_a_chain_that_is_broken_by_signature_only(made):
    assert "was not issued by" in observe(made["twin pem"], path="/c/x.pem")["broken"]


class TestEndpoints:
    def test_the_served_chain_is_told_in_the_words_of_the_files(self, made):
        probed = {"layer": "transport", "host": "10.0.0.7", "port": 9300, "reachable": True, "speaks_tls": True,
                  "chain_pem": [pem.dump_certificates([certificate]).decode() for certificate in (made["issued"].certificate, made["ca"].certificate)]}
        found = endpoint_observation(probed)
        assert (found["certificate"]["subject"], [one["subject"] for one in found["chain"]], found["broken"]) == (NODE, [CA], None)
        assert (found["layer"], found["protocols"]) == ("transport", None)
        probed["chain_pem"][1] = made["twin pem"].decode().split("-----END CERTIFICATE-----\n")[1] + "-----END CERTIFICATE-----\n"
        assert "was not issued by" in endpoint_observation(probed)["broken"]

    def test_no_chain_and_a_damaged_one(self):
        assert endpoint_observation({"reachable": False, "chain_pem": []})["certificate"] is None
        damaged = endpoint_observation({"reachable": True, "chain_pem": ["-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"]})
        assert damaged["certificate"] is None and "damaged" in damaged["error"]
