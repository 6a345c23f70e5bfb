# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The clients a probe plays: anyone, one with a certificate, one that verifies, one of a single protocol. Standard library only."""

from __future__ import annotations

import os
import ssl
import warnings

from ansible_collections.interlock.cluster.plugins.module_utils._errors import InterlockError

_VERIFY_X509_PARTIAL_CHAIN = 0x80000
_VERSIONS = {"TLSv1": "TLSv1", "TLSv1.1": "TLSv1_1", "TLSv1.2": "TLSv1_2", "TLSv1.3": "TLSv1_3"}
PROTOCOLS = tuple(_VERSIONS)
_MEMORY_REMEDY = "Keys are not written to a disk here: run this on Linux with /proc, or without client certificates."


class ProbeError(InterlockError):
    """The probe was given something it cannot work with; what the other side does never raises this."""


def anyone():
    """A client that talks to any server, so that what it speaks can be found out. It verifies nothing and has no certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    try:
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
    except ssl.SSLError:
        pass  # a library without security levels has no strict ones to leave either
    return context


def speaking(protocol):
    """A client of one protocol (of PROTOCOLS) only; None where Python's TLS library does not have it."""
    context = anyone()
    try:
        version = getattr(ssl.TLSVersion, _VERSIONS[protocol])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # old protocols are what is asked about here
            context.minimum_version = version
            context.maximum_version = version
    except (ValueError, ssl.SSLError):
        return None
    return context


def trusting(ca_pem):
    """A client that verifies chain and name, with every given certificate an anchor, as in a Java truststore. Raises ProbeError."""
    context = anyone()
    _anchor(context, ca_pem)
    return context


def verifying(ca_pem, identity=None):
    """A client that hands over secrets: it verifies chain and name, and speaks only what is held to be safe now. Raises ProbeError.

    ca_pem: the anchors, None for those of the host; identity: certificate and private_key as PEM.
    """
    context = ssl.create_default_context()
    if ca_pem:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        _anchor(context, ca_pem)
    if identity:
        _identify(context, "the client", **identity)
    return context


def _anchor(context, ca_pem):
    try:
        context.load_verify_locations(cadata=ca_pem)
    except (ssl.SSLError, ValueError, TypeError) as error:
        raise ProbeError("holds no certificates in PEM form (%s)" % (getattr(error, "reason", None) or error), where="ca_certificates",
                         remedy="Give the content of a PEM file with the CA certificates.") from error
    context.verify_mode = ssl.CERT_REQUIRED
    context.check_hostname = True
    context.verify_flags |= _VERIFY_X509_PARTIAL_CHAIN
    if ssl.HAS_NEVER_CHECK_COMMON_NAME:
        context.hostname_checks_common_name = False


def identified(name, certificate, private_key, passphrase=None):
    """A client with a certificate (PEM, may be followed by its chain) and its private key (PEM). Raises ProbeError."""
    context = anyone()
    _identify(context, "identity %s" % name, certificate, private_key, passphrase)
    return context


def _identify(context, where, certificate, private_key, passphrase=None):
    """Python reads keys from files only. This one is in memory and has no name, so the key never comes to a disk."""
    content = "%s\n%s\n" % (certificate, private_key)
    with _memory_file(where, content.encode("utf-8")) as stream:
        try:
            # a passphrase that is not given must not be asked for on a terminal
            context.load_cert_chain("/proc/self/fd/%d" % stream.fileno(), password=lambda: passphrase or "")
        except ssl.SSLError as error:
            remedy = "Give the certificate and its own private key, both in PEM form."
            raise ProbeError(_what_is_wrong(error), where=where, remedy=remedy) from error
        except OSError as error:
            raise ProbeError("/proc/self/fd cannot be read (%s)" % error.strerror, where=where, remedy=_MEMORY_REMEDY) from error


def _memory_file(where, content):
    if not hasattr(os, "memfd_create"):
        raise ProbeError("this Python has no os.memfd_create to hold a private key in memory", where=where, remedy=_MEMORY_REMEDY)
    try:
        stream = os.fdopen(os.memfd_create("identity", os.MFD_CLOEXEC), "wb", buffering=0)
    except OSError as error:
        found = "no memory file can be made for the private key (%s)" % error.strerror
        raise ProbeError(found, where=where, remedy=_MEMORY_REMEDY) from error
    stream.write(content)
    return stream


def _what_is_wrong(error):
    if error.reason == "KEY_VALUES_MISMATCH":
        return "the private key does not belong to the certificate"
    return "the certificate or the private key cannot be read, or the passphrase of the key is wrong (%s)" % (error.reason or error)
