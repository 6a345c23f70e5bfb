# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading DER (X.690), as much of it as certificates use. Standard library only."""

from __future__ import annotations

from ansible_collections.interlock.cluster.plugins.module_utils._errors import InterlockError

BOOLEAN, INTEGER, BIT_STRING, OCTET_STRING, OID = 0x01, 0x02, 0x03, 0x04, 0x06
UTF8_STRING, TELETEX_STRING, IA5_STRING, UTC_TIME, GENERALIZED_TIME = 0x0C, 0x14, 0x16, 0x17, 0x18
UNIVERSAL_STRING, BMP_STRING, SEQUENCE, SET = 0x1C, 0x1E, 0x30, 0x31

# Longer ones are not met in certificates, and turning huge arcs into decimal text is slow.
_LONGEST_OID = 63


class DerError(InterlockError):
    """Bytes that are not the DER they should be."""


class Elements:
    """The elements inside one constructed DER value, taken in their order."""

    def __init__(self, data):
        self._data, self._at = data, 0

    def __bool__(self):
        return self._at < len(self._data)

    def next_is(self, tag):
        """Whether the next element has this tag."""
        return bool(self) and self._data[self._at] == tag

    def take(self, tag):
        """The content of the next element, which must have this tag. Raises DerError."""
        found, content, self._at = _element(self._data, self._at)
        if found != tag:
            raise DerError("DER tag 0x%02x found where 0x%02x belongs" % (found, tag))
        return content

    def take_any(self):
        """(tag, content) of the next element. Raises DerError."""
        tag, content, self._at = _element(self._data, self._at)
        return tag, content

    def enter(self, tag):
        """The elements inside the next element, which must have this tag. Raises DerError."""
        return Elements(self.take(tag))

    def end(self):
        """Raises DerError when something is left."""
        if self:
            raise DerError("%d bytes too many in a DER value" % (len(self._data) - self._at))


def only(data, tag):
    """The content of the one element with this tag that data consists of. Raises DerError."""
    elements = Elements(data)
    content = elements.take(tag)
    elements.end()
    return content


def _element(data, at):
    """(tag, content, where the next element starts) of the element at a place in data."""
    tag, length, start = data[at:at + 1], data[at + 1:at + 2], at + 2
    if not length:
        raise DerError("DER data ends too early")
    if tag[0] & 0x1F == 0x1F:
        raise DerError("DER tag 0x%02x.. is of the long form, which certificates do not use" % tag[0])
    size = length[0]
    if size > 0x7F:
        octets = data[start:start + (size & 0x7F)]
        size, start = int.from_bytes(octets, "big"), start + (size & 0x7F)
        # DER has one way to write a length: the shortest
        if not 1 <= len(octets) <= 4 or size < 0x80 or octets[0] == 0:
            raise DerError("a DER length is not written as DER demands")
    if start + size > len(data):
        raise DerError("DER data ends too early")
    return tag[0], data[start:start + size], start + size


def integer(content):
    """The number an INTEGER holds. Raises DerError."""
    if not content:
        raise DerError("an INTEGER is empty")
    return int.from_bytes(content, "big", signed=True)


def boolean(content):
    """The truth a BOOLEAN holds. Raises DerError."""
    if content not in (b"\x00", b"\xff"):
        raise DerError("a BOOLEAN is neither true nor false")
    return content == b"\xff"


def oid(content):
    """An OBJECT IDENTIFIER in dotted form. Raises DerError."""
    if not 1 <= len(content) <= _LONGEST_OID or content[-1] & 0x80:
        raise DerError("an OBJECT IDENTIFIER is cut off, empty or too long")
    arcs, value = [], 0
    for octet in content:
        if octet == 0x80 and value == 0:
            raise DerError("an OBJECT IDENTIFIER is not written as DER demands")
        value = value << 7 | octet & 0x7F
        if not octet & 0x80:
            arcs.append(value)
            value = 0
    first = min(arcs[0] // 40, 2)
    return ".".join(str(arc) for arc in [first, arcs[0] - 40 * first] + arcs[1:])


def whole_octets(content):
    """The bytes of a BIT STRING that has no unused bits. Raises DerError."""
    if not content or content[0] != 0:
        raise DerError("a BIT STRING does not hold whole octets")
    return content[1:]
