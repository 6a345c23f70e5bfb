# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Certificates that are signed elsewhere: what is asked for, and whether what came back may be used."""

from __future__ import annotations

from ansible_collections.interlock.cluster.plugins.module_utils import _deps
from ansible_collections.interlock.cluster.plugins.module_utils._errors import InterlockError
from ansible_collections.interlock.cluster.plugins.module_utils._pki import authority, facts, keys, names, node_certificate

# What only certificates of public CAs have: the policies of the CA/Browser Forum, and signed timestamps of public logs
_PUBLIC_POLICIES = ("2.23.140.1.1", "2.23.140.1.2.1", "2.23.140.1.2.2", "2.23.140.1.2.3")
_TIMESTAMPS = "1.3.6.1.4.1.11129.2.4.2"
_WEAK_HASHES = ("md5", "sha1")
_SHORTEST_RSA = 2048


class SignedCertificateError(InterlockError):
    """A certificate that was signed elsewhere may not be used."""


def signing_request(key, request):
    """The PKCS#10 request of a key, with the names and purposes that the certificate needs. request: node_certificate.Request."""
    return _asking(key.public_key(), request).sign(key, authority.signature_hash(key))


def requested(signing, key, request):
    """Whether a PKCS#10 request is of this (private or public) key and asks for these names, as signing_request() would write it."""
    if not signing.is_signature_valid or not keys.matches(key, signing):
        return False
    # The names and extensions do not depend on who signs, and the private key may be out of reach.
    scratch = keys.generate(keys.DEFAULT_KEY_TYPE)
    wanted = _asking(signing.public_key(), request).sign(scratch, authority.signature_hash(scratch))
    return signing.subject == wanted.subject and {(one.oid, one.critical, one.value) for one in signing.extensions} == {
        (one.oid, one.critical, one.value) for one in wanted.extensions}


def requesting_key(text):
    """The public key of a PKCS#10 request (PEM text) that was signed with its private key. Raises SignedCertificateError."""
    try:
        signing = _deps.x509.load_pem_x509_csr(text.encode("utf-8"))
        valid = signing.is_signature_valid
        kind = keys.describe(signing.public_key())
    except (ValueError, _deps.UnsupportedAlgorithm) as error:
        raise SignedCertificateError("cannot be read (%s)" % error, where="the request", remedy="Give a PKCS#10 request in PEM.") from None
    if not valid:
        raise SignedCertificateError("is not signed with the key it asks for", where="the request", remedy="Make it anew.")
    if kind not in keys.KEY_TYPES:
        raise SignedCertificateError("its key is %s" % kind, where="the request", remedy="Use one of: %s." % ", ".join(keys.KEY_TYPES))
    return signing.public_key()


def asked_of_openssl(key_type, request):
    """What a request of a key of this type asks for, in the words of openssl. request: node_certificate.Request."""
    return {
        "common_name": request.common_name,
        "dns": list(names.unique(names.dns_name(name) for name in request.dns)),
        "ip": list(names.unique(names.ip_address(address) for address in request.ip)),
        "digest": "sha384" if key_type == "ec-p384" else "sha256",
        "key_usage": ["digitalSignature"] + (["keyEncipherment"] if key_type.startswith("rsa-") else []),
        "extended_key_usage": {node_certificate.SERVER: ["serverAuth"], node_certificate.CLIENT: ["clientAuth"]}.get(
            request.profile, ["serverAuth", "clientAuth"]),
    }


def _asking(public_key, request):
    x509 = _deps.x509
    return (
        x509.CertificateSigningRequestBuilder(names.common_name(request.common_name))
        .add_extension(x509.SubjectAlternativeName(node_certificate.general_names(request)), critical=False)
        .add_extension(node_certificate.key_usage(public_key), critical=True)
        .add_extension(x509.ExtendedKeyUsage(node_certificate.purposes(request.profile)), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    )


def problems(certificates, key, request, authorities, now):
    """Why a certificate with its chain may not be used, as phrases for people; none when it may.

    certificates: the certificate first, what is above it in any order. key: the private key it is for, None when that is not known.
    authorities: the CA certificates that the nodes trust, empty when they are not known yet. now: aware datetime.
    """
    leaf = certificates[0]
    found = []
    if facts.is_ca(leaf):
        found.append("the first certificate is a CA's, %s; the node's own comes first" % names.text(leaf.subject))
    if key is not None and not keys.matches(key, leaf):
        found.append("it does not belong to the private key: it was made for another request")
    found += _dates(leaf, now) + _names(leaf, request) + _purposes(leaf, request.profile) + _strength(leaf)
    if _is_public(leaf) and request.profile != node_certificate.SERVER:
        found.append("it is of a public CA: anybody could get one of those and be a member of the cluster")
    found += _path(certificates, authorities)
    identifier = facts.extension(leaf, _deps.x509.AuthorityKeyIdentifier)
    if identifier is not None and identifier.authority_cert_serial_number is not None:
        found.append("its authority key identifier names the CA by serial number and will be refused once that CA is renewed "
                     "(openssl: authorityKeyIdentifier = keyid)")
    return found


def chain_of(certificates, authorities):
    """The certificates above the first, nearest first, up to one of the authorities and with it."""
    path, left = [certificates[0]], [*certificates[1:], *authorities]
    while True:
        above = next((other for other in left if other not in path and authority.issued_by(path[-1], other)), None)
        if above is None:
            return tuple(path[1:])
        path.append(above)


def _dates(leaf, now):
    if now > leaf.not_valid_after_utc:
        return ["it expired on %s" % facts.timestamp(leaf.not_valid_after_utc)]
    if now < leaf.not_valid_before_utc:
        return ["it is not valid before %s" % facts.timestamp(leaf.not_valid_before_utc)]
    return []


def _names(leaf, request):
    held = set(facts.san_dns(leaf)) | set(facts.san_ip(leaf))
    wanted = [names.dns_name(name) for name in request.dns] + [names.ip_address(address) for address in request.ip]
    missing = [name for name in names.unique(wanted) if name not in held]
    return ["its SAN lacks %s" % ", ".join(missing)] if missing else []


def _purposes(leaf, profile):
    found = []
    usage = facts.extension(leaf, _deps.x509.ExtendedKeyUsage)
    problem = node_certificate.usage_problem(usage, profile)
    if problem:
        both = ": a node is both, so it has to have both or no such extension" if profile == node_certificate.NODE else ""
        found.append("its extended key usage %s%s" % (problem, both))
    usage = facts.extension(leaf, _deps.x509.KeyUsage)
    if usage is not None and not usage.digital_signature:
        found.append("its key usage lacks digitalSignature")
    return found


def _strength(leaf):
    kind = keys.of_certificate(leaf)
    found = ["its key is %s, which not every engine and client accepts" % kind] if _is_weak(kind) else []
    hashed = leaf.signature_hash_algorithm
    if hashed is not None and hashed.name in _WEAK_HASHES:
        found.append("it is signed with %s" % hashed.name)
    return found


def _is_weak(kind):
    family, _dash, size = kind.partition("-")
    return int(size) < _SHORTEST_RSA if family == "rsa" else kind not in ("ec-p256", "ec-p384", "ec-secp521r1")


def _is_public(leaf):
    policies = facts.extension(leaf, _deps.x509.CertificatePolicies) or ()
    public = any(policy.policy_identifier.dotted_string in _PUBLIC_POLICIES for policy in policies)
    return public or any(extension.oid.dotted_string == _TIMESTAMPS for extension in leaf.extensions)


def _path(certificates, authorities):
    chain = chain_of(certificates, authorities)
    unused = [one for one in certificates[1:] if one not in chain]
    found = ["%s was given with it and is not above it" % names.text(unused[0].subject)] if unused else []
    if authorities and not any(one in authorities for one in chain):
        top = (certificates[0], *chain)[-1]
        found.append("its chain ends at %s, which was issued by %s, and leads to no CA that the nodes trust (%s)" % (
            names.text(top.subject), names.text(top.issuer), ", ".join(names.text(one.subject) for one in authorities)))
    return found
