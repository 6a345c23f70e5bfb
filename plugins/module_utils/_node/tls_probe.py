# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a port really speaks, found out by real connections. Standard library only; runs on nodes and on the control node.

Whatever the other side does is a finding, never an error, and never takes longer than the limits given.
"""

from __future__ import annotations

import ssl

from ansible_collections.interlock.cluster.plugins.module_utils._node import plaintext, tls_contexts
from ansible_collections.interlock.cluster.plugins.module_utils._node.der import DerError
from ansible_collections.interlock.cluster.plugins.module_utils._node.tls_contexts import ProbeError
from ansible_collections.interlock.cluster.plugins.module_utils._node.tls_session import Session
from ansible_collections.interlock.cluster.plugins.module_utils._node.wire import NoConnection, Target
from ansible_collections.interlock.cluster.plugins.module_utils._node.x509_der import certificate_facts, distinguished_name

PLAINTEXT_PROTOCOLS = plaintext.PROTOCOLS
_VERDICTS = {True: "accepted", False: "refused", None: "unknown"}


def observe(host, port, timeout=5.0, server_name=None, plaintext_protocol="auto"):
    """The cheap look of a converge: one TLS greeting, which servers do not log, and plaintext only where TLS is not spoken.

    The result is that of probe() without identities, trusted, trust_reason and protocols. demands_client_certificate is
    False or None here (requests_client_certificate tells more): that one is demanded shows only to a client that goes on without.
    """
    target, name = _target(host, port, timeout, 3 * timeout, server_name, plaintext_protocol)
    found = _nothing_known(target, name)
    try:
        with target.connect() as wire:
            session = Session(wire, tls_contexts.anyone(), name)
            session.greet()
    except NoConnection as problem:
        found["error"] = str(problem)
        return found
    _tell_tls(found, session, target)
    if session.requested is False:
        found["demands_client_certificate"] = False
    if not session.speaks_tls:
        _tell_plaintext(found, target, plaintext_protocol)
    return found


def reach(host, port, timeout=5.0):
    """Why a port cannot be connected to, None when it can. Nothing is sent."""
    target, _name = _target(host, port, timeout, timeout, None, "auto")
    try:
        with target.connect():
            return None
    except NoConnection as problem:
        return str(problem)


def probe(host, port, server_name=None, timeout=5.0, plaintext_protocol="auto", identities=(), ca_pem=None, check_protocols=False,
          deadline=30.0):
    """Everything that connections can tell of a port, as a dict of plain types.

    timeout, deadline: seconds for each connection and for all of them. identities: dicts of name, certificate, private_key
    (PEM) and passphrase (may be missing), each tried as a client. ca_pem: what the served chain is verified against.

    Result, None meaning that it could not be found out: host, port, address, server_name, reachable, speaks_tls, protocol,
    cipher, certificate, chain (see x509_der.certificate_facts; as served), certificate_pem, chain_pem, chain_complete,
    requests_client_certificate, client_certificate_authorities (names), demands_client_certificate, accepts_plaintext,
    plaintext_speaks, plaintext_detail, identities (name, result: accepted, refused or unknown, detail), trusted, trust_reason,
    protocols (name: accepted), error.

    Raises ProbeError for arguments it cannot work with, before anything is connected.
    """
    target, name = _target(host, port, timeout, deadline, server_name, plaintext_protocol)
    clients = [(identity["name"], tls_contexts.identified(**identity)) for identity in identities]
    verifier = tls_contexts.trusting(ca_pem) if ca_pem else None
    found = _nothing_known(target, name)
    found.update(identities=[], trusted=None, trust_reason=None, protocols=None)
    speaks_tls = None
    try:
        with target.connect() as wire:
            session = Session(wire, tls_contexts.anyone(), name)
            session.greet()
            _tell_tls(found, session, target)
            found["demands_client_certificate"] = _demand(session, plaintext_protocol)
        speaks_tls = session.speaks_tls
        _tell_plaintext(found, target, plaintext_protocol)
    except NoConnection as problem:
        found["error"] = str(problem)
    if not speaks_tls:
        why = found["error"]
        found["identities"] = [_identity(client, None, why) for client, _context in clients]
        found["trust_reason"] = why if verifier else None
        return found
    found["identities"] = [_identity(client, *_tried(target, context, name, plaintext_protocol)) for client, context in clients]
    if verifier:
        found["trusted"], found["trust_reason"] = _verified(target, verifier, name or target.numeric)
    if check_protocols:
        found["protocols"] = {protocol: _spoken(target, protocol, name) for protocol in tls_contexts.PROTOCOLS}
    return found


def _target(host, port, timeout, deadline, server_name, plaintext_protocol):
    """The wire.Target, and the name to send as SNI (None for addresses). Raises ProbeError."""
    where = "%s port %s" % (host, port)
    if not host or "\0" in host:
        raise ProbeError("no host is given", where="host", remedy="Give a name or an address.")
    if not 1 <= port <= 65535:
        raise ProbeError("%s is no TCP port" % port, where=where, remedy="Give a port from 1 to 65535.")
    if timeout <= 0 or deadline <= 0:
        remedy = "Leave them out to have the defaults."
        raise ProbeError("the timeout and the deadline must be more than 0 seconds", where=where, remedy=remedy)
    if plaintext_protocol not in PLAINTEXT_PROTOCOLS:
        raise ProbeError("the plaintext protocol %r is not known" % plaintext_protocol, where=where,
                         remedy="Use one of: %s." % ", ".join(PLAINTEXT_PROTOCOLS))
    target = Target(host, port, timeout, deadline)
    name = (server_name or ("" if target.numeric else target.host)).rstrip(".") or None
    if name and not _can_be_sent(name):
        if server_name:
            raise ProbeError("%r cannot be sent as a server name" % server_name, where="server_name", remedy="Give a host name.")
        name = None
    return target, name


def _can_be_sent(name):
    try:
        tls_contexts.anyone().wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname=name)
    except (ValueError, TypeError):
        return False
    return True


def _nothing_known(target, name):
    return {
        "host": target.host, "port": target.port, "address": None, "server_name": name, "reachable": False, "speaks_tls": None,
        "protocol": None, "cipher": None, "certificate": None, "certificate_pem": None, "chain": [], "chain_pem": [],
        "chain_complete": None, "requests_client_certificate": None, "client_certificate_authorities": None,
        "demands_client_certificate": None, "accepts_plaintext": None, "plaintext_speaks": None, "plaintext_detail": None, "error": None,
    }


def _tell_tls(found, session, target):
    certificates, complete = session.certificates()
    found.update(
        address=target.address,
        reachable=True,
        speaks_tls=session.speaks_tls,
        protocol=session.protocol,
        cipher=session.cipher,
        certificate_pem=ssl.DER_cert_to_PEM_cert(certificates[0]) if certificates else None,
        chain_pem=[ssl.DER_cert_to_PEM_cert(certificate) for certificate in certificates],
        chain_complete=complete if certificates else None,
        requests_client_certificate=session.requested,
        error=None if session.greeted else _why_not(session),
    )
    try:
        found["chain"] = [certificate_facts(certificate) for certificate in certificates]
        found["certificate"] = found["chain"][0] if certificates else None
        names = session.authorities()
        found["client_certificate_authorities"] = None if names is None else [distinguished_name(name) for name in names]
    except DerError as error:
        found["error"] = "what the server sent cannot be decoded: %s" % error


def _why_not(session):
    """Why a session did not come to the server's certificate."""
    if session.alert:
        return "the server ended the handshake with the TLS alert %s" % session.alert
    if session.speaks_tls is None:
        return "the server did not answer a TLS greeting in time"
    if session.speaks_tls is False:
        did = "closed the connection on a TLS greeting" if session.ended else "answered something else"
        return "the server does not speak TLS: it %s" % did
    return "the handshake did not come to its end: %s" % (session.problem or session.ended)


def _tell_plaintext(found, target, protocol):
    accepts, speaks, detail = plaintext.attempt(target, protocol, found["speaks_tls"])
    found.update(accepts_plaintext=accepts, plaintext_speaks=speaks, plaintext_detail=detail)
    if accepts and found["speaks_tls"] is None:
        # it waits for the end of a line that a TLS greeting does not have, as Redis does
        found["speaks_tls"] = False


def _demand(session, protocol):
    """Whether a session without certificate is turned away for that; None when it cannot be told."""
    accepted, _detail = _judged(session, protocol)
    if accepted is False and not session.requested and "certificate" not in (session.alert or ""):
        return None
    return None if accepted is None else not accepted


def _judged(session, protocol):
    """(whether the server takes the client of a session that has greeted it: True, False or None; why).

    TLS 1.3 lets a client finish before its certificate is looked at, and some servers (Node.js) judge it above TLS. So an
    answer to a request is the proof of acceptance, and an alert that of refusal; the rest is inferred.
    """
    if not session.greeted:
        return None, _why_not(session)
    if session.requested is False:
        return True, "the server asks for no client certificate"
    session.finish()
    answer = session.ask(plaintext.request_for(protocol)) if session.finished else b""
    if answer:
        return True, "the server answered a request"
    if session.alert:
        return False, "the server refused with the TLS alert %s" % session.alert
    if session.problem:
        return None, session.problem
    if not session.finished:
        silent = session.ended == "silent"
        return None if silent else False, "the server %s in the handshake" % ("fell silent" if silent else "closed the connection")
    if session.ended == "silent" and session.hurried:
        return None, "no time left to wait for an answer: the deadline for all connections is over"
    if session.ended in (None, "silent"):
        return True, "the server finished the handshake and says nothing against this client"
    if protocol in ("auto", "none") and (session.accepted_ticket or session.protocol != "TLSv1.3"):
        return None, "the server closed the connection after the handshake, without an alert and without an answer"
    return False, "the server closed the connection instead of an answer"


def _identity(name, accepted, detail):
    return {"name": name, "result": _VERDICTS[accepted], "detail": detail}


def _tried(target, context, name, protocol):
    """(verdict, detail) on a client with a certificate."""
    try:
        with target.connect() as wire:
            session = Session(wire, context, name)
            session.greet()
            return _judged(session, protocol)
    except NoConnection as problem:
        return None, str(problem)


def _verified(target, context, expected):
    """(whether the chain leads to the given CAs and the certificate has the expected name, why)."""
    if expected is None:
        return None, "%s is no name that a certificate could be for" % target.host
    try:
        with target.connect() as wire:
            session = Session(wire, context, expected)
            session.greet()
    except NoConnection as problem:
        return None, str(problem)
    if session.greeted:
        return True, "the chain leads to the given CA certificates and the certificate is valid for %s" % expected
    if session.distrust:
        return False, session.distrust
    return None, _why_not(session)


def _spoken(target, protocol, name):
    """Whether the server takes a client that speaks this protocol only; None when that cannot be found out from here."""
    context = tls_contexts.speaking(protocol)
    if context is None:
        return None
    try:
        with target.connect() as wire:
            session = Session(wire, context, name)
            session.greet()
    except NoConnection:
        return None
    if session.greeted:
        return True
    # a server that has older protocols only answers in one of them, to which the library here objects
    refused = session.ended in ("alert", "closed", "reset") or session.problem in ("unsupported protocol", "wrong ssl version")
    return False if session.offered and refused else None
