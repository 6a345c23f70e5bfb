# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A CA that was made elsewhere, read from PEM or PKCS#12, by path or by content."""

from __future__ import annotations

import base64
import binascii

from ansible_collections.interlock.cluster.plugins.module_utils._ansible.private_files import read
from ansible_collections.interlock.cluster.plugins.module_utils._errors import InterlockError
from ansible_collections.interlock.cluster.plugins.module_utils._pki import authority, keys
from ansible_collections.interlock.cluster.plugins.module_utils._stores import pem, pkcs12

_PAIRS = tuple((name, name + "_content") for name in ("certificate", "private_key", "pkcs12", "chain"))


class AdoptionError(InterlockError):
    """The CA to adopt is not described as it has to be."""


def adoption_arguments():
    """The suboptions of adopt (documented in the module ca)."""
    return dict(
        certificate=dict(type="path"),
        certificate_content=dict(type="str"),
        private_key=dict(type="path", no_log=False),
        private_key_content=dict(type="str", no_log=True),
        pkcs12=dict(type="path"),
        pkcs12_content=dict(type="str", no_log=True),
        source_passphrase=dict(type="str", no_log=True),
        chain=dict(type="path"),
        chain_content=dict(type="str"),
        external=dict(type="bool", default=False),
    )


def read_source(adopt, generation, now):
    """The Authority that the suboptions describe, checked. now: aware datetime.

    Raises AdoptionError, PrivateFileError, the errors of the stores, and authority.AuthorityError.
    """
    _check_form(adopt)
    if adopt.get("pkcs12") or adopt.get("pkcs12_content"):
        key, certificate, others, where = _from_pkcs12(adopt)
    elif adopt.get("external"):
        key, (certificate, *others), where = None, *_certificates(adopt)
    else:
        key, certificate, others, where = _from_pem(adopt)
    chain_content, chain_where = _content(adopt, "chain")
    if chain_content is not None:
        others = [*others, *pem.load_certificates(chain_content, where=chain_where)]
    chain = authority.order_chain(certificate, others)
    if key is None:
        authority.check_public(certificate, chain, now, where)
    else:
        authority.check(key, certificate, chain, now, where)
    return authority.Authority(key, certificate, chain, generation)


def source_files(adopt):
    """The paths among the suboptions."""
    return [adopt[name] for name, unused in _PAIRS if adopt.get(name)]


def _check_form(adopt):
    for name, content in _PAIRS:
        if adopt.get(name) and adopt.get(content):
            raise AdoptionError("both adopt.%s and adopt.%s are given" % (name, content), remedy="Give one of the two.")
    has = {name: bool(adopt.get(name) or adopt.get(content)) for name, content in _PAIRS}
    if adopt.get("external"):
        if has["certificate"] and not has["private_key"] and not has["pkcs12"]:
            return
        raise AdoptionError("a CA that signs elsewhere is described by its certificate alone", "adopt.external",
                            "Give certificate, and chain when it is no root; to sign here, leave external out.")
    if has["pkcs12"] == (has["certificate"] or has["private_key"]) or has["certificate"] != has["private_key"]:
        raise AdoptionError(
            "adopt describes no CA (given: %s)" % (", ".join(name for name, given in has.items() if given) or "nothing"),
            remedy="Give certificate and private_key, or pkcs12, each as a path or as its _content.",
        )


def _from_pkcs12(adopt):
    if adopt.get("pkcs12"):
        content, where = read(adopt["pkcs12"]), adopt["pkcs12"]
    else:
        content, where = _decoded(adopt["pkcs12_content"]), "adopt.pkcs12_content"
    entry = pkcs12.load_keystore(content, adopt.get("source_passphrase") or "", where=where)
    return entry.key, entry.certificate, tuple(entry.chain), where


def _certificates(adopt):
    content, where = _content(adopt, "certificate")
    return pem.load_certificates(content, where=where), where


def _from_pem(adopt):
    certificates, where = _certificates(adopt)
    key_content, key_where = _content(adopt, "private_key")
    key = pem.load_key(key_content, adopt.get("source_passphrase") or None, where=key_where)
    # A bundle may have the root first: the CA's own certificate is the one of its key.
    certificate = next((certificate for certificate in certificates if keys.matches(key, certificate)), certificates[0])
    return key, certificate, tuple(certificates), where


def _content(adopt, name):
    if adopt.get(name):
        return read(adopt[name]), adopt[name]
    content = adopt.get(name + "_content")
    return (content.encode() if content else None), "adopt.%s_content" % name


def _decoded(text):
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        raise AdoptionError("is not base64", "adopt.pkcs12_content", "Give the file's bytes in base64.")
