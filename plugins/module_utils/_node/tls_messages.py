# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The few TLS messages a probe looks into (RFC 5246, RFC 8446). Standard library only."""

from __future__ import annotations

from ansible_collections.interlock.cluster.plugins.module_utils._errors import InterlockError

# Content types and handshake types, by the names the RFCs give them
ALERT, HANDSHAKE = 21, 22
SERVER_HELLO, NEW_SESSION_TICKET, CERTIFICATE, CERTIFICATE_REQUEST = 2, 4, 11, 13
TLS_1_2, TLS_1_3 = 0x0303, 0x0304
VERSIONS = {0x0300: "SSLv3", 0x0301: "TLSv1", 0x0302: "TLSv1.1", TLS_1_2: "TLSv1.2", TLS_1_3: "TLSv1.3"}
_CERTIFICATE_AUTHORITIES = 47

# RFC 8446, section 6 and the older ones servers still send
ALERTS = {
    0: "close_notify", 10: "unexpected_message", 20: "bad_record_mac", 22: "record_overflow", 40: "handshake_failure",
    42: "bad_certificate", 43: "unsupported_certificate", 44: "certificate_revoked", 45: "certificate_expired",
    46: "certificate_unknown", 47: "illegal_parameter", 48: "unknown_ca", 49: "access_denied", 50: "decode_error",
    51: "decrypt_error", 70: "protocol_version", 71: "insufficient_security", 80: "internal_error", 86: "inappropriate_fallback",
    90: "user_canceled", 100: "no_renegotiation", 109: "missing_extension", 110: "unsupported_extension", 112: "unrecognized_name",
    113: "bad_certificate_status_response", 115: "unknown_psk_identity", 116: "certificate_required", 120: "no_application_protocol",
}


class MessageError(InterlockError):
    """A TLS message that ends too early."""


def speaks_tls(first):
    """Whether the first six bytes a server sent after a ClientHello are TLS: an alert, or a record that starts with a ServerHello."""
    return first[:2] == bytes([ALERT, 3]) or (first[:2] == bytes([HANDSHAKE, 3]) and first[5:6] == bytes([SERVER_HELLO]))


def certificates(message, version):
    """The DER certificates in a Certificate message, the server's own first. Raises MessageError."""
    body, found = message[4:], []
    if version >= TLS_1_3:
        _context, body = _vector(body, 1)
    listed, _rest = _vector(body, 3)
    while listed:
        certificate, listed = _vector(listed, 3)
        found.append(certificate)
        if version >= TLS_1_3:
            _extensions, listed = _vector(listed, 2)
    return found


def authorities(message, version):
    """The DER names of the CAs a CertificateRequest names; empty when the server does not say. Raises MessageError."""
    body, found = message[4:], []
    if version >= TLS_1_3:
        listed = _extension(_vector(body, 1)[1], _CERTIFICATE_AUTHORITIES)
    else:
        _types, listed = _vector(body, 1)
        if version == TLS_1_2:
            _algorithms, listed = _vector(listed, 2)
    names = _vector(listed, 2)[0] if listed else b""
    while names:
        name, names = _vector(names, 2)
        found.append(name)
    return found


def _extension(body, wanted):
    extensions, _rest = _vector(body, 2)
    while extensions:
        kind = int.from_bytes(extensions[:2], "big")
        content, extensions = _vector(extensions[2:], 2)
        if kind == wanted:
            return content
    return b""


def _vector(data, width):
    """The content of a vector whose length takes width bytes (RFC 8446, section 3.4), and what follows it."""
    end = width + int.from_bytes(data[:width], "big")
    if len(data) < width or len(data) < end:
        raise MessageError("a TLS message ends too early")
    return data[width:end], data[end:]
