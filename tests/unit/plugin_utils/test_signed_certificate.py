# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A given certificate changes what is decided about a node, and is never taken unseen."""

from __future__ import annotations

import datetime

import pytest
from ansible_collections.interlock.cluster.plugins.module_utils._pki.assessment import Current, Reason, Wanted
from ansible_collections.interlock.cluster.plugins.module_utils._pki.signed_certificate import SignedCertificateError
from ansible_collections.interlock.cluster.plugins.module_utils._stores import pem
from ansible_collections.interlock.cluster.plugins.plugin_utils import _signed_certificate
from ansible_collections.interlock.cluster.plugins.plugin_utils._certificate_files import Decision
from ansible_collections.interlock.cluster.plugins.plugin_utils._certificate_verdict import signing_problem
from ansible_collections.interlock.cluster.plugins.plugin_utils._node_files import NodeFile

PATH = "/c/.request.key"


@pytest.fixture(scope="module")
def made(certificates):
    """A CA, the certificate it signed, and an older one."""
    ca = certificates.authority("CN=company CA", now=certificates.now - datetime.timedelta(days=10))
    older = certificates.issue(ca, now=certificates.now - datetime.timedelta(days=5))
    return {"ca": ca, "given": certificates.issue(ca), "older": older}


def given(issued, key=None, path=PATH, passphrase=None):
    options = {"signed_certificate": pem.dump_certificates([issued.certificate]).decode(), "signed_key": key, "signed_key_path": path,
               "signed_key_passphrase": passphrase}
    return _signed_certificate.given(options)


def decision(verdict, *codes):
    return Decision(verdict, tuple(Reason(code, code) for code in codes))


def test_none_is_given():
    assert _signed_certificate.given({"signed_certificate": None}) is None
    assert _signed_certificate.given({"signed_certificate": ""}) is None


@pytest.mark.parametrize("before, held, after, reasons", [
    (decision("issue", "missing"), None, "issue", ["given", "missing"]),
    (decision("keep"), "older", "issue", ["given"]),
    (decision("issue", "san_missing"), "older", "issue", ["given", "san_missing"]),
    (decision("keep"), "given", "keep", []),
    (decision("issue", "key_type", "expiring", "san_extra"), "given", "keep", []),
    (decision("issue", "key_type", "trust"), "given", "trust", ["trust"]),
    (decision("issue", "san_missing"), "given", "issue", ["san_missing"]),
    (decision("refuse", "other_issuer"), "older", "refuse", ["other_issuer"]),
])
def test_what_it_changes_about_a_decision(made, before, held, after, reasons):
    current = None if held is None else Current(made[held].certificate)
    found = given(made["given"]).decided(before, current)
    assert (found.verdict, [reason.code for reason in found.reasons]) == (after, reasons)


def test_one_that_is_older_than_what_the_node_has_is_left(made):
    found = given(made["older"]).decided(decision("keep"), Current(made["given"].certificate))
    assert found.verdict == "keep" and "older" in found.warnings[0]


def test_its_end_is_a_warning(made):
    assert "new one signed" in given(made["given"]).decided(decision("issue", "expiring"), Current(made["given"].certificate)).warnings[0]


class TestKeys:
    def wanted(self, certificates, made):
        return Wanted(certificates.request(), (made["ca"].certificate,), made["ca"].certificate)

    def files(self, content):
        return {PATH: NodeFile(PATH, content is not None, content)}

    @pytest.mark.parametrize("where", ["on the node", "by content"])
    def test_the_key_is_on_the_node_or_given(self, certificates, made, where):
        key = pem.dump_key(made["given"].key, "pass")
        one = given(made["given"], key.decode() if where == "by content" else None, passphrase="pass")
        issued = one.issued(self.files(None if where == "by content" else key), self.wanted(certificates, made), certificates.now)
        assert issued.certificate == made["given"].certificate and issued.chain == (made["ca"].certificate,)
        assert one.belongs_to(issued.certificate, self.files(key)) is (where == "on the node")

    @pytest.mark.parametrize("content, complaint", [(None, "there is no private key for it (%s)" % PATH), ("older", "does not belong to the private key")])
    def test_none_or_another(self, certificates, made, content, complaint):
        files = self.files(None if content is None else pem.dump_key(made[content].key))
        one = given(made["given"])
        with pytest.raises(SignedCertificateError) as raised:
            one.issued(files, self.wanted(certificates, made), certificates.now)
        assert complaint in str(raised.value) and "csr" in str(raised.value)
        assert _signed_certificate.problem_of(one, files, self.wanted(certificates, made), certificates.now) == str(raised.value)
        assert not one.belongs_to(made["given"].certificate, files)


class TestProblemsOfANode:
    """What preflight says before anything has changed."""

    @pytest.mark.parametrize("verdict, external, expected", [
        ("keep", True, None), ("trust", True, None), ("issue", False, None), ("issue", True, "needs a certificate that is signed elsewhere (missing)")])
    def test_a_node_that_needs_one_and_is_given_none(self, certificates, verdict, external, expected):
        found = signing_problem(decision(verdict, "missing"), None, {}, None, {"external": external}, certificates.now)
        assert found == expected if expected is None else found.startswith(expected)

    def test_one_that_may_not_be_used(self, certificates, made):
        wanted = Wanted(certificates.request(), (made["ca"].certificate,), made["ca"].certificate)
        files = {PATH: NodeFile(PATH, False)}
        assert "there is no private key" in signing_problem(decision("issue", "given"), given(made["given"]), files, wanted, {}, certificates.now)
