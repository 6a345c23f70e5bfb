# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a port takes plaintext: harmless requests of the protocols it may speak, and what the answers mean. Standard library only."""

from __future__ import annotations

from ansible_collections.interlock.cluster.plugins.module_utils._node.wire import Ended, NoConnection

# Each is answered without any login and changes nothing. Elasticsearch answers its transport ping with the same bytes (and does
# not log it), an HTTP request on the transport port with a sentence; Redis answers the HTTP request with an error: one request
# tells all three apart. An HTTP request without "Host:" is not taken for an attack by Redis.
REQUESTS = {
    "elasticsearch": b"ES\xff\xff\xff\xff",
    "http": b"GET / HTTP/1.0\r\n\r\n",
    "redis": b"PING\r\n",
}
PROTOCOLS = ("auto", "elasticsearch", "http", "redis", "none")
_ORDER = {"auto": ("http", "elasticsearch"), "none": ()}
_NOT_HTTP = b"This is not an HTTP port"
_ENOUGH = 64


def request_for(protocol):
    """What to send inside TLS so that a server which takes the client answers; b"" for none."""
    return REQUESTS.get((_ORDER.get(protocol, (protocol,)) or ("",))[0], b"")


def attempt(target, protocol, speaks_tls):
    """(accepts plaintext: True, False or None when it cannot be told, what it speaks or None, detail) of a wire.Target.

    speaks_tls: what is known of the port. One connection for each request of the protocol.
    """
    accepts, detail = None, "not tried"
    for name in _ORDER.get(protocol, (protocol,)):
        try:
            answer, how = _ask(target, REQUESTS[name])
        except NoConnection as problem:
            return None, None, str(problem)
        if answer:
            return _meaning(answer, speaks_tls)
        if how == "silent":
            return None, None, "the server did not answer a plaintext request (%s)" % name
        accepts, detail = False, "the server closed the connection on a plaintext request (%s)" % name
    return accepts, None, detail


def _ask(target, request):
    answer = b""
    with target.connect() as wire:
        try:
            wire.send(request)
            # a line, or one of the answers that are none
            while len(answer) < _ENOUGH and b"\n" not in answer and spoken(answer) not in ("elasticsearch", "tls"):
                answer += wire.receive()
        except Ended as end:
            return answer, end.how
    return answer, None


def spoken(answer):
    """The protocol an answer is in: elasticsearch, http, redis or tls; None when it is none of these."""
    if answer.startswith(b"HTTP/"):
        return "http"
    if answer.startswith((REQUESTS["elasticsearch"], _NOT_HTTP)):
        return "elasticsearch"
    if answer.startswith((b"\x15\x03", b"\x16\x03")):
        return "tls"
    if answer.startswith((b"+PONG", b"-ERR ", b"-NOAUTH ", b"-DENIED ", b"-LOADING ", b"-MASTERDOWN ", b"-NOPERM ")):
        return "redis"
    return None


def _meaning(answer, speaks_tls):
    protocol, line = spoken(answer), _first_line(answer)
    if protocol == "tls":
        return False, None, "the server answered plaintext with a TLS alert"
    if speaks_tls and protocol == "http" and _turned_away(answer):
        return False, None, "the server only tells plaintext clients to use https: %s" % line
    return True, protocol or "unknown", "the server answered in plaintext: %s" % line


def _turned_away(answer):
    """Servers on an https port answer plaintext HTTP with 400 (nginx, Go), 426, or a redirect."""
    status = answer.split(b" ", 2)[1:2]
    return bool(status) and (status[0][:3] in (b"400", b"426") or status[0][:1] == b"3")


def _first_line(answer):
    line = answer.splitlines()[0][:_ENOUGH] if answer.splitlines() else b""
    return "".join(chr(octet) if 0x20 <= octet < 0x7F else "\\x%02x" % octet for octet in line)
