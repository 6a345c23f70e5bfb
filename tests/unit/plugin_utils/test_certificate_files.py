# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the files of a node hold, and what is decided about it, on a node that is plain and on one that speaks TLS."""

from __future__ import annotations

import datetime
import itertools

import pytest
from ansible_collections.interlock.cluster.plugins.module_utils._errors import InterlockError
from ansible_collections.interlock.cluster.plugins.module_utils._pki import authority, keys
from ansible_collections.interlock.cluster.plugins.module_utils._pki.assessment import Current, Wanted
from ansible_collections.interlock.cluster.plugins.module_utils._stores import pem, pkcs12
from ansible_collections.interlock.cluster.plugins.plugin_utils._certificate_files import CertificateFiles, decide, served_certificate

P12 = CertificateFiles("pkcs12", "/certs/key.p12", None, "/certs/trust.p12")
PEM = CertificateFiles("pem", "/certs/node.key", "/certs/node.crt", "/certs/ca.crt")
FORMATS = {"pkcs12": P12, "pem": PEM}
PASSWORD = "store password"


@pytest.fixture(scope="module")
def ca(certificates):
    return certificates.authority()


@pytest.fixture(scope="module")
def issued(certificates, ca):
    return certificates.issue(ca)


@pytest.fixture(params=FORMATS)
def where(request):
    return FORMATS[request.param]


def contents(where, issued, ca):
    """The files a node gets."""
    return {**where.key_files(issued, "node-1", PASSWORD), **where.trust_files((ca.certificate,), PASSWORD)}


def read(where, files, password=PASSWORD, trust_password=PASSWORD):
    return where.current(files, password, trust_password)


def test_what_is_written_is_read_again(where, issued, ca, files):
    written = contents(where, issued, ca)
    assert set(written) == set(where.paths)
    found = read(where, files(written))
    assert found == Current(issued.certificate, "ec-p256", (ca.certificate,), (ca.certificate,), None, "unreadable", None, True)


def test_a_node_without_any_of_them_has_nothing(where, files):
    assert read(where, files({}, *where.paths)) is None


def test_one_that_is_missing_is_told(where, issued, ca, files):
    written = contents(where, issued, ca)
    trust = written.pop(where.trust)
    found = read(where, files(written, where.trust))
    assert (found.certificate, found.trusted, found.trust_problem) == (issued.certificate, None, "%s is not there" % where.trust)
    found = read(where, files({where.trust: trust}, *where.paths[:-1]))
    assert (found.certificate, found.problem, found.problem_code, found.trusted) == (
        None, "%s is not there" % where.key, "missing", (ca.certificate,))


@pytest.mark.parametrize("password", [None, "", "wrong"])
def test_a_password_that_does_not_open_the_key(where, issued, ca, files, password):
    found = read(where, files(contents(where, issued, ca)), password)
    assert (found.certificate, found.problem_code) == (None, "wrong_password")
    assert found.problem.startswith(where.key + ": ") and not found.problem.endswith(".")
    assert found.trusted == (ca.certificate,)


def test_a_password_that_does_not_open_the_truststore(issued, ca, files):
    found = read(P12, files(contents(P12, issued, ca)), trust_password="wrong")
    assert (found.certificate, found.trusted) == (issued.certificate, None)
    assert found.trust_problem.startswith("/certs/trust.p12: the password is wrong")


def test_a_file_that_cannot_be_read_is_a_finding(where, issued, ca, files):
    broken = contents(where, issued, ca)
    for path in where.paths:
        for content in (b"damaged", "Permission denied"):
            found = read(where, files({**broken, path: content}))
            problem = found.trust_problem if path == where.trust else found.problem
            assert problem.startswith(path + ": ") and not problem.endswith(".")
            assert found.problem_code == "unreadable"


def test_a_truststore_that_is_a_membership_key_as_well(issued, ca, files):
    """The one file of the documented procedure: Java would accept an expired peer whose certificate stands in it."""
    one = pkcs12.dump_keystore(pkcs12.KeyEntry(issued.key, issued.certificate, (ca.certificate,)), "node-1", PASSWORD)
    found = read(P12, files({P12.key: one, P12.trust: one}))
    assert found.trust_problem == "/certs/trust.p12: the truststore also holds a private key"


def test_a_key_and_a_certificate_of_two_nodes(issued, ca, certificates, files):
    other = certificates.issue(ca)
    found = read(PEM, files({**contents(PEM, issued, ca), PEM.key: pem.dump_key(other.key)}))
    assert (found.key_matches, found.certificate) == (False, issued.certificate)
    assert read(PEM, files({**contents(PEM, issued, ca), PEM.key: pem.dump_key(issued.key)}), None).key_matches


# Decisions

NEAR, FAR = datetime.timedelta(days=10), datetime.timedelta(days=2000)


@pytest.fixture(scope="module")
def make(certificates, ca, issued):
    """make(now=, **changes of Current or Wanted) -> (current, wanted, now)."""
    def maker(change=None):
        now = certificates.now
        request, current = certificates.request(), {"key_type": "ec-p256", "chain": (ca.certificate,), "trusted": (ca.certificate,)}
        current["certificate"], wanted = issued.certificate, {"authorities": (ca.certificate,), "issuer": ca.certificate}
        other = certificates.authority("CN=other CA")
        if change == "expired":
            now = now + FAR
        elif change == "expiring":
            now = issued.certificate.not_valid_after_utc - NEAR
        elif change == "names":
            request = certificates.request(dns=("node-1", "another"))
        elif change == "key type":
            request = certificates.request(key_type="rsa-2048")
        elif change == "issuer":
            wanted = {"authorities": (other.certificate,), "issuer": other.certificate}
            current["trusted"] = (other.certificate,)
        elif change == "trust":
            current["trusted"] = (ca.certificate, other.certificate)
        elif change == "trust unreadable":
            current.update(trusted=None, trust_problem="/certs/trust.p12: no")
        elif change == "store unreadable":
            current = dict(current, certificate=None, problem="/certs/key.p12: no")
        elif change == "missing":
            current = None
        elif change == "no CA yet":
            wanted = {"authorities": (), "issuer": None}
        return current and Current(**current), Wanted(request, **wanted), now

    return maker


# change: (verdict on a plain node, on one that speaks TLS, on that with renew), and whether the middle one comes with a warning
DECISIONS = {
    None: ("keep", "keep", "keep"),
    "expired": ("issue", "keep", "issue"),
    "expiring": ("issue", "keep", "issue"),
    "names": ("issue", "issue", "issue"),
    "key type": ("issue", "issue", "issue"),
    "issuer": ("issue", "refuse", "refuse"),
    "trust": ("trust", "refuse", "refuse"),
    "trust unreadable": ("trust", "refuse", "refuse"),
    "store unreadable": ("issue", "issue", "issue"),
    "missing": ("issue", "issue", "issue"),
    "no CA yet": ("issue", "refuse", "refuse"),
}


@pytest.mark.parametrize("change", DECISIONS)
def test_decisions(make, issued, change):
    current, wanted, now = make(change)
    verdicts = [decide(current, wanted, served, renew, now) for served, renew in ((None, False), (issued.certificate, False), (issued.certificate, True))]
    assert tuple(decision.verdict for decision in verdicts) == DECISIONS[change]
    for decision in verdicts:
        assert bool(decision.reasons) == (decision.verdict != "keep")
        assert decision.texts == [reason.text for reason in decision.reasons]
    assert decide(current, wanted, None, True, now) == verdicts[0], "renew is for what runs"
    warned = change in ("expired", "expiring")
    assert [bool(decision.warnings) for decision in verdicts] == [False, warned, False]
    if warned:
        assert "; it is renewed only when told to" in verdicts[1].warnings[0]


def test_what_else_is_due_is_made_at_once_and_then_renews_as_well(make, issued, certificates):
    current, wanted, now = make("expiring")
    wanted = Wanted(certificates.request(dns=("node-1", "another")), wanted.authorities, wanted.issuer)
    decision = decide(current, wanted, issued.certificate, False, now)
    assert (decision.verdict, len(decision.warnings)) == ("issue", 1)
    assert [reason.code for reason in decision.reasons] == ["san_missing"]


@pytest.mark.parametrize("renew, missing", list(itertools.product((False, True), (False, True))))
def test_a_node_that_serves_a_foreign_certificate_is_let_be_whatever_its_files_hold(make, certificates, renew, missing):
    foreign = certificates.issue(certificates.authority("CN=foreign CA"))
    current, wanted, now = make("missing" if missing else None)
    decision = decide(current, wanted, foreign.certificate, renew, now)
    assert decision.verdict == "refuse"
    assert decision.texts == ["the running node serves a certificate of another CA"]


@pytest.mark.parametrize("change, rotation, verdict", [
    (None, "trust", "keep"), (None, "certificate", "keep"), ("trust", "trust", "trust"), ("trust", "certificate", "trust"),
    ("issuer", "trust", "keep"), ("issuer", "certificate", "issue"), ("expired", "trust", "keep"), ("expired", "certificate", "issue"),
])
def test_a_rotation_may_change_what_a_converge_may_not(make, issued, change, rotation, verdict):
    current, wanted, now = make(change)
    assert decide(current, wanted, issued.certificate, False, now, rotation=rotation).verdict == verdict


@pytest.mark.parametrize("change, verdict", [(None, "issue"), ("expiring", "issue"), ("names", "issue"), ("issuer", "refuse"), ("trust", "refuse")])
def test_a_certificate_that_is_asked_for_is_made_but_not_of_another_ca(make, issued, change, verdict):
    current, wanted, now = make(change)
    decision = decide(current, wanted, issued.certificate, False, now, reissue=True)
    assert (decision.verdict, "a new one was asked for" in decision.texts) == (verdict, verdict == "issue")


def test_what_a_renewed_ca_issued_before_is_told_by_its_chain(certificates, ca, issued):
    renewed = authority.renew(ca, 9000, 2, certificates.now, certificates.serial())
    current = Current(issued.certificate, "ec-p256", (ca.certificate,), (renewed.certificate,))
    wanted = Wanted(certificates.request(), (renewed.certificate,), renewed.certificate)
    assert decide(current, wanted, issued.certificate, True, certificates.now).verdict == "refuse"
    decision = decide(current, wanted, issued.certificate, False, certificates.now, rotation="certificate")
    assert decision.verdict == "issue" and "issued under another certificate of the CA" in decision.texts[0]
    after = Current(certificates.issue(renewed).certificate, "ec-p256", (renewed.certificate,), (renewed.certificate,))
    assert decide(after, wanted, after.certificate, False, certificates.now).verdict == "keep"


def test_the_served_certificate(issued):
    text = pem.dump_certificates([issued.certificate]).decode()
    assert served_certificate({"speaks_tls": True, "certificate_pem": text}) == issued.certificate
    for transport in (None, {}, {"speaks_tls": False, "certificate_pem": text}, {"speaks_tls": True, "certificate_pem": None}):
        assert served_certificate(transport) is None
    with pytest.raises(InterlockError, match="the served certificate"):
        served_certificate({"speaks_tls": True, "certificate_pem": "nonsense"})


def test_keys_never_match_by_chance(issued):
    assert not keys.matches(keys.generate("ec-p256"), issued.certificate)
