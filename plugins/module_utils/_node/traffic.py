# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What goes over the wire at some ports, watched for a moment: is any of it plaintext? Standard library only, Linux, root.

A packet's payload begins a record of TLS, or is the middle of one, or is plaintext that shows by its first bytes: RESP in either direction,
or the signature of the cluster bus (clusterMsg.sig, "RCmb"), or the header of the transport layer of Elasticsearch and OpenSearch ("ES").
"""

from __future__ import annotations

import re
import select
import socket
import struct
import time

from ansible_collections.interlock.cluster.plugins.module_utils._errors import InterlockError

ETH_P_ALL, ETH_P_IP, ETH_P_IPV6 = 0x0003, 0x0800, 0x86DD
TCP = 6
BUS = b"RCmb"
TRANSPORT = b"ES"
_RESP = re.compile(rb"(\*[0-9]+|\$-?[0-9]+|:-?[0-9]+|\+[A-Z]+|-[A-Z]+ [ -~]*)\r\n|PING\r\n")
_TLS = re.compile(rb"[\x14-\x17]\x03[\x00-\x04]")


class CaptureError(InterlockError):
    """Traffic cannot be watched here."""


def watch(ports, seconds, addresses=()):
    """{port: {packets, tls, resp, bus, transport}} of TCP payloads from and to the ports.

    addresses: of these alone. Raises CaptureError.
    """
    wanted = {socket.inet_pton(socket.AF_INET6 if ":" in address else socket.AF_INET, address) for address in addresses}
    seen = {port: {"packets": 0, "tls": 0, "resp": 0, "bus": 0, "transport": 0} for port in ports}
    try:
        sock = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ETH_P_ALL))
    except (OSError, AttributeError) as error:
        raise CaptureError("packets cannot be watched: %s" % error, remedy="Run as root (become: true) on Linux.") from error
    with sock:
        until = time.monotonic() + seconds
        while True:
            left = until - time.monotonic()
            if left <= 0 or not select.select([sock], [], [], left)[0]:
                return seen
            packet, address = sock.recvfrom(65535)
            found = payload(packet, address[1])
            if found and found[2]:
                for port in {port for host, port in found[:2] if not wanted or host in wanted}.intersection(seen):
                    count(seen[port], found[2])


def count(counts, data):
    """Count one payload."""
    counts["packets"] += 1
    kind = kind_of(data)
    if kind:
        counts[kind] += 1


def kind_of(data):
    """tls, resp, bus or transport by the first bytes of a payload; None for the middle of something longer."""
    if _TLS.match(data):
        return "tls"
    if data.startswith(BUS):
        return "bus"
    if data.startswith(TRANSPORT) and len(data) >= 6:
        return "transport"
    return "resp" if _RESP.match(data) else None


def payload(packet, protocol):
    """((source, port), (destination, port), payload) of a TCP packet without its link layer, None for anything else."""
    if protocol == ETH_P_IP and len(packet) >= 20:
        size, kind, length = (packet[0] & 15) * 4, packet[9], struct.unpack("!H", packet[2:4])[0]
        hosts = packet[12:16], packet[16:20]
    elif protocol == ETH_P_IPV6 and len(packet) >= 40:
        size, kind, length = 40, packet[6], 40 + struct.unpack("!H", packet[4:6])[0]
        hosts = packet[8:24], packet[24:40]
    else:
        return None
    if kind != TCP or len(packet) < size + 20:
        return None
    ports = struct.unpack("!HH", packet[size:size + 4])
    begin = size + (packet[size + 12] >> 4) * 4
    # Length 0 stands in packets that the network card cuts up later.
    return (hosts[0], ports[0]), (hosts[1], ports[1]), packet[begin:length or None]
