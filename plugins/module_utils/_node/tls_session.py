# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One TLS handshake, driven by hand so that what passes by can be seen. Standard library only.

Python offers neither the certificates of a handshake that fails nor the server's request for a client certificate. OpenSSL
shows every message to the callback that CPython has since 3.8 (SSLContext._msg_callback, a debugging aid). Without it a
session still tells what the public interface tells: the chain or the certificate alone, and None for the rest.
"""

from __future__ import annotations

import ssl

from ansible_collections.interlock.cluster.plugins.module_utils._node import tls_messages
from ansible_collections.interlock.cluster.plugins.module_utils._node.wire import Ended

SEES_MESSAGES = hasattr(ssl.SSLContext, "_msg_callback")
_FATAL = b"\x02"


class Session:
    """A TLS client on a wire, with a context that nothing else uses (the context is what is watched).

    ended: how the server ended it: "closed", "reset", "silent" (see wire.Ended) or "alert"; None while it has not.
    alert: the name of the alert it sent, None when it sent none. problem: what this side's TLS library objects to, or None.
    distrust: why the server's certificate did not verify, None when it did or was not asked to.
    """

    def __init__(self, wire, context, server_hostname=None):
        self.ended = self.alert = self.problem = self.distrust = None
        self._wire = wire
        self._messages, self._first, self._sent, self._greeted = {}, b"", False, False
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        if SEES_MESSAGES:
            context._msg_callback = self._note
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=server_hostname)

    def greet(self):
        """Shake hands up to the server's certificate and what comes with it, and do not answer that.

        So the server learns nothing of this client but its hello. Elasticsearch logs no peer that leaves here, and a page
        of stack trace for one that comes without certificate.
        """
        self._drive(self._tls.do_handshake, self._server_is_known)
        self._greeted = self._server_is_known()

    def finish(self):
        """Answer what greet() held back. TLS 1.2 servers refuse a client certificate here, TLS 1.3 servers later: ask()."""
        self._drive(self._tls.do_handshake)

    def ask(self, request):
        """Send a request and return the first bytes of the answer, b"" when none comes.

        With an empty request nothing is sent, and a session ticket, which a server makes after its judgement, is answer enough.
        """
        if request:
            self._drive(lambda: self._tls.write(request))
        answer = self._drive(lambda: self._tls.read(4096), lambda: not request and self.accepted_ticket)
        if answer == b"" and not self.over:
            self.ended = "closed"
        return answer or b""

    @property
    def over(self):
        """Whether nothing more will come of this session."""
        return self.ended is not None or self.problem is not None

    @property
    def hurried(self):
        """Whether silence means nothing, see wire.Wire."""
        return self._wire.hurried

    @property
    def offered(self):
        """Whether the TLS library here could say hello at all with the protocols its context allows."""
        return self._sent

    @property
    def speaks_tls(self):
        """Whether the server answered in TLS; None when it did not answer."""
        if tls_messages.speaks_tls(self._first):
            return True
        if self.ended == "silent" and len(self._first) < 6:
            return None
        return False if self._first or self.ended in ("closed", "reset") else None

    @property
    def finished(self):
        """Whether this side's part of the handshake came to its end; in TLS 1.3 the server may still refuse."""
        return self._tls.version() is not None

    @property
    def greeted(self):
        """Whether all is known that a server tells of itself: protocol, cipher, certificates, its request for one."""
        return self._greeted

    @property
    def protocol(self):
        """ "TLSv1.3" and so on, None as long as it is not agreed."""
        agreed = self._tls.version()
        if agreed is None and tls_messages.CERTIFICATE in self._messages:
            return tls_messages.VERSIONS.get(self._messages[tls_messages.CERTIFICATE][0])
        return agreed

    @property
    def cipher(self):
        """OpenSSL's name of the cipher suite, None as long as it is not agreed."""
        agreed = self._tls.cipher() if self._greeted else None
        return agreed[0] if agreed else None

    @property
    def accepted_ticket(self):
        """Whether the server sent a session ticket."""
        return tls_messages.NEW_SESSION_TICKET in self._messages

    @property
    def requested(self):
        """Whether the server asked for a client certificate; None when that cannot be seen."""
        return tls_messages.CERTIFICATE_REQUEST in self._messages if self._greeted and SEES_MESSAGES else None

    def authorities(self):
        """The DER names of the CAs whose client certificates the server says it takes; None when it did not ask."""
        return self._parsed(tls_messages.CERTIFICATE_REQUEST, tls_messages.authorities)

    def certificates(self):
        """(DER certificates as served, the server's own first; whether these are all)."""
        served = self._parsed(tls_messages.CERTIFICATE, tls_messages.certificates)
        if served is None and self.finished:
            if hasattr(self._tls, "get_unverified_chain"):
                served = self._tls.get_unverified_chain()
            else:
                return [self._tls.getpeercert(True)], False
        return served or [], served is not None

    def _server_is_known(self):
        return self.finished or (tls_messages.CERTIFICATE in self._messages and self._outgoing.pending > 0 and not self.over)

    def _parsed(self, kind, parse):
        try:
            version, message = self._messages[kind]
            return parse(message, version)
        except (KeyError, tls_messages.MessageError):
            return None

    def _note(self, _tls, direction, version, content_type, message_type, data):
        if direction != "read":
            return
        if content_type == tls_messages.HANDSHAKE:
            self._messages.setdefault(int(message_type), (int(version), data))
        elif content_type == tls_messages.ALERT and data[:1] == _FATAL:
            self.alert = tls_messages.ALERTS.get(data[1], "alert %d" % data[1])

    def _drive(self, step, enough=lambda: False):
        """Run one step of the TLS library to its end, moving bytes as it wants them. Its result, None when it got none."""
        while not self.over:
            result, waits = None, False
            try:
                result = step()
            except ssl.SSLWantReadError:
                waits = True
            except ssl.SSLError as error:
                self._fail(error)
            if enough():
                break
            try:
                self._flush()
                if not waits:
                    return result
                self._incoming.write(self._receive())
            except Ended as end:
                self.ended = end.how
        return None

    def _flush(self):
        data = self._outgoing.read()
        if data:
            self._wire.send(data)
            self._sent = True

    def _receive(self):
        data = self._wire.receive()
        self._first += data[:6 - len(self._first)]
        return data

    def _fail(self, error):
        reason = error.reason or ""
        if self.alert is None and "_ALERT_" in reason:
            self.alert = reason.split("_ALERT_", 1)[1].lower()
        if self.alert is not None:
            self.ended = "alert"
        elif isinstance(error, ssl.SSLZeroReturnError):
            self.ended = "closed"
        else:
            self.distrust = getattr(error, "verify_message", None)
            self.problem = self.distrust or reason.replace("_", " ").lower() or str(error)
