# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import dataclasses
import datetime
import ipaddress

import pytest
from ansible_collections.interlock.cluster.plugins.module_utils._pki import assessment, authority, facts, keys, node_certificate
from ansible_collections.interlock.cluster.plugins.module_utils._pki.assessment import Current, Reason, Wanted, assess
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given
from hypothesis import strategies as st

DAY = datetime.timedelta(days=1)
HOUR = datetime.timedelta(hours=1)


@pytest.fixture(scope="module")
def ca(certificates):
    return certificates.authority()


@pytest.fixture(scope="module")
def wanted(certificates, ca):
    return Wanted(certificates.request(), (ca.certificate,), ca.certificate)


@pytest.fixture(scope="module")
def current(certificates, ca):
    return current_from(certificates.issue(ca))


def current_from(issued):
    return Current(issued.certificate, keys.describe(issued.key), issued.chain, issued.chain[:1])


def codes(reasons):
    return [reason.code for reason in reasons]


def texts(reasons):
    return [reason.text for reason in reasons]


def test_what_is_as_wanted_gives_no_reason(current, wanted, certificates):
    assert assess(current, wanted, certificates.now) == []


@pytest.mark.parametrize("nothing", [None, Current(trusted=None)])
def test_nothing_there(nothing, wanted, certificates):
    assert assess(nothing, wanted, certificates.now) == [Reason("missing", "there is no certificate yet")]


@pytest.mark.parametrize("code", ["unreadable", "wrong_password"])
def test_a_store_that_cannot_be_read(code, wanted, certificates):
    found = assess(Current(problem="keystore.p12 is damaged", problem_code=code, trusted=None), wanted, certificates.now)
    assert found == [Reason(code, "keystore.p12 is damaged")]


def test_a_truststore_that_cannot_be_read_leaves_the_certificate_alone(current, wanted, certificates):
    broken = dataclasses.replace(current, trusted=None, trust_problem="truststore.p12: the password is wrong")
    assert assess(broken, wanted, certificates.now) == [Reason("trust", "truststore.p12: the password is wrong")]


@pytest.mark.parametrize(
    ("left", "code", "text"),
    [
        (31 * DAY, None, None),
        (30 * DAY + HOUR, None, None),
        (30 * DAY, "expiring", "expires in 30 days (renewal window 30 days)"),
        (12 * DAY + 5 * HOUR, "expiring", "expires in 12 days (renewal window 30 days)"),
        (1 * DAY, "expiring", "expires in 1 day (renewal window 30 days)"),
        (5 * HOUR, "expiring", "expires in 5 hours (renewal window 30 days)"),
        (HOUR / 2, "expiring", "expires in less than an hour (renewal window 30 days)"),
        (0 * DAY, "expiring", "expires in less than an hour (renewal window 30 days)"),
        (-HOUR, "expired", "expired on 2029-05-31T12:00:00Z"),
    ],
)
def test_its_end(current, wanted, left, code, text):
    found = assess(current, wanted, current.certificate.not_valid_after_utc - left)
    assert found == ([] if code is None else [Reason(code, text)])


def test_its_beginning(current, wanted, certificates):
    found = assess(current, wanted, certificates.now - 2 * HOUR)
    assert found == [Reason("not_yet_valid", "not valid before 2026-06-01T11:00:00Z (it is 2026-06-01T10:00:00Z here)")]


def test_a_certificate_that_ends_with_its_ca_is_not_renewed_again_and_again(certificates):
    short = certificates.authority(days=20)
    issued = certificates.issue(short)
    wanted = Wanted(certificates.request(), (short.certificate,), short.certificate)
    assert issued.capped
    assert assess(current_from(issued), wanted, certificates.now + 5 * DAY) == []
    assert codes(assess(current_from(issued), wanted, certificates.now + 21 * DAY)) == ["expired"]


def test_a_renewal_window_as_long_as_the_validity_is_refused(certificates, ca, current):
    wanted = Wanted(certificates.request(validity_days=30), (ca.certificate,), ca.certificate, renew_days=30)
    with pytest.raises(node_certificate.RequestError, match="a renewal window of 30 days is not shorter than the validity of 30 days"):
        assess(current, wanted, certificates.now)


def test_another_issuer(certificates, current):
    new = certificates.authority("CN=logs CA G2").certificate
    found = assess(current, Wanted(certificates.request(), current.trusted, new), certificates.now)
    assert found == [Reason("other_issuer", "issued by CN=logs CA, not by CN=logs CA G2")]


def test_another_issuer_of_the_same_name(certificates, current):
    namesake = certificates.authority().certificate
    found = assess(current, Wanted(certificates.request(), current.trusted, namesake), certificates.now)
    assert found == [Reason("other_issuer", "issued by another CA of the name CN=logs CA")]


def test_the_same_key_under_another_name_is_another_issuer(certificates, ca, current):
    extensions = [(x509.BasicConstraints(ca=True, path_length=None), True)]
    renamed = certificates.by_hand("CN=renamed", ca.key, extensions=extensions)
    found = assess(current, Wanted(certificates.request(), current.trusted, renamed), certificates.now)
    assert found == [Reason("other_issuer", "issued by CN=logs CA, not by CN=renamed")]


def test_a_ca_that_is_yet_to_be_made(certificates, current):
    found = assess(current, Wanted(certificates.request(), current.trusted, None), certificates.now)
    assert found == [Reason("other_issuer", "issued by CN=logs CA, not by the CA that is yet to be made")]


def signed_with(certificates, ca, identifier):
    """A leaf of ca with this authority key identifier."""
    key = keys.generate("ec-p256")
    names = x509.SubjectAlternativeName([x509.DNSName("node-1"), x509.IPAddress(ipaddress.ip_address("10.0.0.7"))])
    leaf = certificates.by_hand("CN=node-1", key, ("CN=logs CA", ca.key), [(names, False), (identifier, False)])
    return Current(leaf, "ec-p256", (ca.certificate,), (ca.certificate,))


def test_an_identifier_that_breaks_the_path_counts_as_another_issuer(certificates, ca, wanted):
    wrong = x509.AuthorityKeyIdentifier(b"another identifier", None, None)
    found = assess(signed_with(certificates, ca, wrong), wanted, certificates.now)
    assert codes(found) == ["other_issuer"]
    assert "its authority key identifier names another certificate than the CA's" in found[0].text


def test_an_identifier_by_serial_breaks_once_the_ca_is_renewed(certificates, ca, wanted):
    skid = x509.SubjectKeyIdentifier.from_public_key(ca.key.public_key()).digest
    name = [x509.DirectoryName(ca.certificate.subject)]
    of_this = x509.AuthorityKeyIdentifier(skid, name, ca.certificate.serial_number)
    of_an_older = x509.AuthorityKeyIdentifier(skid, name, ca.certificate.serial_number + 1)
    assert assess(signed_with(certificates, ca, of_this), wanted, certificates.now) == []
    assert codes(assess(signed_with(certificates, ca, of_an_older), wanted, certificates.now)) == ["other_issuer"]


@pytest.mark.parametrize(
    ("held", "asked", "reasons"),
    [
        ((["node-1"], ["10.0.0.7"]), (["NODE-1."], ["10.0.0.7"]), []),
        ((["node-1"], ["2001:db8::1"]), (["node-1"], ["2001:0DB8:0::1"]), []),
        ((["node-1"], []), (["node-1"], ["10.0.0.7"]), [("san_missing", "SAN 10.0.0.7 missing")]),
        ((["a"], []), (["b", "c"], []), [("san_missing", "SAN b, c missing"), ("san_extra", "SAN a not wanted")]),
        ((["a"], ["10.0.0.7"]), (["a"], []), [("san_extra", "SAN 10.0.0.7 not wanted")]),
    ],
)
def test_names_are_compared_by_meaning(certificates, ca, held, asked, reasons):
    issued = certificates.issue(ca, certificates.request(dns=held[0], ip=held[1]))
    wanted = Wanted(certificates.request(dns=asked[0], ip=asked[1]), (ca.certificate,), ca.certificate)
    assert assess(current_from(issued), wanted, certificates.now) == [Reason(*reason) for reason in reasons]
    tolerant = dataclasses.replace(wanted, tolerate_extra_names=True)
    missing_only = [Reason(*reason) for reason in reasons if reason[0] == "san_missing"]
    assert assess(current_from(issued), tolerant, certificates.now) == missing_only


def test_an_address_written_as_a_dns_name_does_not_count(certificates, ca):
    key = keys.generate("ec-p256")
    names = x509.SubjectAlternativeName([x509.DNSName("node-1"), x509.DNSName("10.0.0.7")])
    leaf = certificates.by_hand("CN=node-1", key, ("CN=logs CA", ca.key), [(names, False)])
    wanted = Wanted(certificates.request(), (ca.certificate,), ca.certificate, tolerate_extra_names=True)
    found = assess(Current(leaf, "ec-p256", (), (ca.certificate,)), wanted, certificates.now)
    assert found == [Reason("san_missing", "SAN 10.0.0.7 missing")]


def test_a_certificate_without_names(certificates, ca, wanted):
    leaf = certificates.by_hand("CN=node-1", keys.generate("ec-p256"), ("CN=logs CA", ca.key))
    found = assess(Current(leaf, "ec-p256", (), (ca.certificate,)), wanted, certificates.now)
    assert texts(found) == ["SAN node-1, 10.0.0.7 missing"]


def test_another_key_type(certificates, ca, current):
    wanted = Wanted(certificates.request(key_type="rsa-2048"), (ca.certificate,), ca.certificate)
    assert assess(current, wanted, certificates.now) == [Reason("key_type", "key is ec-p256, rsa-2048 wanted")]
    unknown = dataclasses.replace(current, key_type=None)
    assert texts(assess(unknown, wanted, certificates.now)) == ["key is ec-p256, rsa-2048 wanted"]


def test_a_key_that_does_not_belong(current, wanted, certificates):
    found = assess(dataclasses.replace(current, key_matches=False), wanted, certificates.now)
    assert found == [Reason("key_mismatch", "the private key does not belong to the certificate")]


@pytest.mark.parametrize(
    ("purposes", "good"),
    [
        (None, True),
        ([ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE], True),
        ([ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH], True),
        ([ExtendedKeyUsageOID.SERVER_AUTH], False),
        ([ExtendedKeyUsageOID.CLIENT_AUTH], False),
        ([ExtendedKeyUsageOID.CODE_SIGNING], False),
    ],
)
def test_extended_key_usage(certificates, ca, wanted, purposes, good):
    names = x509.SubjectAlternativeName([x509.DNSName("node-1"), x509.IPAddress(ipaddress.ip_address("10.0.0.7"))])
    extensions = [(names, False)] + ([(x509.ExtendedKeyUsage(purposes), False)] if purposes else [])
    leaf = certificates.by_hand("CN=node-1", keys.generate("ec-p256"), ("CN=logs CA", ca.key), extensions)
    found = assess(Current(leaf, "ec-p256", (), (ca.certificate,)), wanted, certificates.now)
    assert codes(found) == ([] if good else ["extended_key_usage"])


def test_trust_is_a_set_of_certificates(certificates, ca, current):
    new = certificates.authority("CN=logs CA G2").certificate
    both = Wanted(certificates.request(), (ca.certificate, new), ca.certificate)
    lacking = assess(current, both, certificates.now)
    assert lacking == [Reason("trust", "truststore lacks %s" % facts.label(new))]
    holding = dataclasses.replace(current, trusted=(new, ca.certificate, new))
    assert assess(holding, both, certificates.now) == []
    dropped = dataclasses.replace(both, authorities=(ca.certificate,))
    assert assess(holding, dropped, certificates.now) == [Reason("trust", "truststore also holds %s" % facts.label(new))]
    other = dataclasses.replace(current, trusted=(new,))
    assert texts(assess(other, dropped, certificates.now)) == [
        "truststore lacks %s and also holds %s" % (facts.label(ca.certificate), facts.label(new))
    ]
    empty = dataclasses.replace(current, trusted=())
    assert codes(assess(empty, dropped, certificates.now)) == ["trust"]


def test_a_leaf_among_the_trusted_is_unwanted(current, wanted, certificates):
    mixed = dataclasses.replace(current, trusted=(*current.trusted, current.certificate))
    assert texts(assess(mixed, wanted, certificates.now)) == ["truststore also holds %s" % facts.label(current.certificate)]


def test_reasons_come_in_order_of_severity(certificates, ca):
    """Everything at once that can be wrong at once."""
    old = certificates.authority("CN=old CA")
    names = x509.SubjectAlternativeName([x509.DNSName("old-name")])
    purposes = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    extensions = [(names, False), (purposes, False)]
    key = keys.generate("ec-p384")
    for end, dated in [(certificates.now - DAY, ["expired"]), (certificates.now + 12 * DAY, ["expiring"])]:
        leaf = certificates.by_hand("CN=node-1", key, ("CN=old CA", old.key), extensions, end=end)
        current = Current(leaf, "ec-p384", (), (old.certificate,), key_matches=False)
        found = codes(assess(current, Wanted(certificates.request(), (ca.certificate,), ca.certificate), certificates.now))
        rest = ["key_mismatch", "other_issuer", "trust", "extended_key_usage", "san_missing", "key_type", "san_extra"]
        assert sorted(found) == sorted(rest + dated)
        assert found == sorted(found, key=assessment.SEVERITY.index)
        assert found[0] == "key_mismatch" and found[-1] == "san_extra"


@given(st.integers(-400, 4000))
def test_days_left_counts_whole_days(days):
    class Ending:
        not_valid_after_utc = datetime.datetime(2026, 6, 1, tzinfo=datetime.timezone.utc) + days * DAY

    now = datetime.datetime(2026, 6, 1, tzinfo=datetime.timezone.utc)
    assert assessment.days_left(Ending, now) == days
    assert assessment.days_left(Ending, now + datetime.timedelta(seconds=1)) == days - 1


def test_the_check_of_an_authority_and_the_assessment_agree_on_purposes():
    assert authority.allows_both_sides([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])
    assert not authority.allows_both_sides([])
