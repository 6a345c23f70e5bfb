# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import datetime

import pytest
from ansible_collections.interlock.cluster.plugins.module_utils._errors import InterlockError
from ansible_collections.interlock.cluster.plugins.module_utils._pki import authority, facts, keys
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

DAY = datetime.timedelta(days=1)
IS_CA = (x509.BasicConstraints(ca=True, path_length=None), True)


def extension(certificate, kind):
    found = certificate.extensions.get_extension_for_class(kind)
    return found.value, found.critical


def test_a_new_ca_is_of_the_decided_form(certificates):
    made = certificates.authority("CN=logs CA,O=Example", days=3650, generation=1)
    certificate = made.certificate
    assert (certificate.subject, certificate.issuer) == (x509.Name.from_rfc4514_string("CN=logs CA,O=Example"),) * 2
    assert extension(certificate, x509.BasicConstraints) == (x509.BasicConstraints(ca=True, path_length=None), True)
    assert extension(certificate, x509.KeyUsage) == (authority.key_usage("key_cert_sign", "crl_sign"), True)
    skid = x509.SubjectKeyIdentifier.from_public_key(made.key.public_key())
    assert extension(certificate, x509.SubjectKeyIdentifier) == (skid, False)
    assert extension(certificate, x509.AuthorityKeyIdentifier) == (x509.AuthorityKeyIdentifier(skid.digest, None, None), False)
    assert certificate.not_valid_before_utc == certificates.now - datetime.timedelta(hours=1)
    assert certificate.not_valid_after_utc == certificates.now + 3650 * DAY
    assert keys.matches(made.key, certificate)
    assert (made.chain, made.generation) == ((), 1)
    authority.check(made.key, certificate, (), certificates.now, "here")


def test_the_next_generation_has_another_name_and_identifier(certificates):
    first, second = certificates.authority(generation=1), certificates.authority(generation=2)
    assert facts.certificate_facts(second.certificate)["subject"] == "CN=logs CA G2"
    assert extension(first.certificate, x509.SubjectKeyIdentifier) != extension(second.certificate, x509.SubjectKeyIdentifier)


@pytest.mark.parametrize("key_type", keys.KEY_TYPES[:3])
def test_a_ca_of_every_kind_of_key_passes_its_own_check(certificates, key_type):
    made = certificates.authority(key_type=key_type)
    assert keys.of_certificate(made.certificate) == key_type
    authority.check(made.key, made.certificate, made.chain, certificates.now, "here")


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"days": 0}, "validity of 0 days"),
        ({"days": -1}, "validity of -1 days"),
        ({"days": 36501}, "1 to 36500 days"),
        ({"key_type": "dsa"}, "the key type 'dsa'"),
        ({"subject": "logs"}, "the subject 'logs'"),
    ],
)
def test_what_cannot_be_made_is_refused(certificates, wrong, message):
    with pytest.raises(InterlockError, match=message):
        certificates.authority(**wrong)


def key_usage_without_cert_sign():
    return (authority.key_usage("digital_signature"), True)


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        (dict(extensions=[]), "is not a CA's"),
        (dict(extensions=[(x509.BasicConstraints(ca=False, path_length=None), True)]), "is not a CA's"),
        (dict(extensions=[IS_CA, key_usage_without_cert_sign()]), "keyUsage lacks keyCertSign"),
        (dict(extensions=[IS_CA, (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False)]), "limited to other purposes"),
        (dict(extensions=[IS_CA], end=datetime.datetime(2026, 5, 31, tzinfo=datetime.timezone.utc)), "expired on 2026-05-31T00:00:00Z"),
        (
            dict(extensions=[IS_CA], begin=datetime.datetime(2026, 6, 2, tzinfo=datetime.timezone.utc)),
            "valid from 2026-06-02T00:00:00Z only, and the clock here says 2026-06-01T12:00:00Z",
        ),
        (dict(extensions=[IS_CA], key=ed25519.Ed25519PrivateKey.generate()), "the CA key is ed25519"),
        (dict(extensions=[IS_CA], key=rsa.generate_private_key(65537, 1024)), "the CA key is rsa-1024"),
    ],
)
def test_a_ca_that_may_not_issue_is_refused(certificates, shape, message):
    key = shape.pop("key", None) or keys.generate("ec-p256")
    certificate = certificates.by_hand("CN=old CA", key, **shape)
    with pytest.raises(authority.AuthorityError) as caught:
        authority.check(key, certificate, (), certificates.now, "/etc/old/ca.crt")
    assert message in str(caught.value)
    assert str(caught.value).startswith("/etc/old/ca.crt: ")


@pytest.mark.parametrize(
    "extensions",
    [
        [IS_CA],
        [IS_CA, (authority.key_usage("key_cert_sign"), True)],
        [IS_CA, (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]), False)],
        [IS_CA, (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE]), False)],
    ],
)
def test_a_ca_made_elsewhere_may_issue(certificates, extensions):
    key = keys.generate("ec-p256")
    authority.check(key, certificates.by_hand("CN=old CA", key, extensions=extensions), (), certificates.now, "here")


def test_the_key_of_another_ca_is_refused(certificates):
    one, other = certificates.authority(), certificates.authority()
    with pytest.raises(authority.AuthorityError, match="the private key does not belong to the CA certificate CN=logs CA"):
        authority.check(other.key, one.certificate, (), certificates.now, "here")


def test_a_ca_is_valid_to_its_last_second(certificates):
    made = certificates.authority(days=10)
    end = made.certificate.not_valid_after_utc
    authority.check(made.key, made.certificate, (), end, "here")
    with pytest.raises(authority.AuthorityError, match="expired"):
        authority.check(made.key, made.certificate, (), end + datetime.timedelta(seconds=1), "here")


def test_an_intermediate_with_its_chain(certificates):
    key, intermediate, root = certificates.chained()
    authority.check(key, intermediate, (root,), certificates.now, "here")
    foreign = certificates.authority().certificate
    with pytest.raises(authority.AuthorityError, match="the chain is broken: CN=intermediate .* was not issued by CN=logs CA"):
        authority.check(key, intermediate, (foreign,), certificates.now, "here")


def test_an_expired_root_above_the_ca_is_refused(certificates):
    root_key, key = keys.generate("ec-p256"), keys.generate("ec-p256")
    root = certificates.by_hand("CN=root", root_key, extensions=[IS_CA], end=certificates.now - datetime.timedelta(hours=1))
    intermediate = certificates.by_hand("CN=intermediate", key, ("CN=root", root_key), [IS_CA])
    with pytest.raises(authority.AuthorityError, match="CN=root .* expired"):
        authority.check(key, intermediate, (root,), certificates.now, "here")


def test_a_chain_is_put_in_order(certificates):
    _key, intermediate, root = certificates.chained()
    assert authority.order_chain(intermediate, [root, intermediate]) == (root,)
    assert authority.order_chain(root, [root, root]) == ()
    lower_key = keys.generate("ec-p256")
    lower = certificates.by_hand("CN=lower", lower_key, ("CN=intermediate", _key), [IS_CA])
    assert authority.order_chain(lower, [root, intermediate]) == (intermediate, root)


def test_a_certificate_that_is_not_above_the_ca_is_refused(certificates):
    _key, intermediate, root = certificates.chained()
    stray = certificates.authority("CN=stray").certificate
    with pytest.raises(authority.AuthorityError, match="CN=stray .* is not above the CA CN=intermediate"):
        authority.order_chain(intermediate, [stray, root])


def test_issued_by_looks_at_the_signature_not_at_the_name(certificates):
    one, other = certificates.authority(), certificates.authority()
    leaf = certificates.issue(one).certificate
    assert authority.issued_by(leaf, one.certificate)
    assert not authority.issued_by(leaf, other.certificate)
    renamed = certificates.by_hand("CN=renamed", one.key, extensions=[IS_CA])
    assert not authority.issued_by(leaf, renamed)
