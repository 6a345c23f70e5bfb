# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What of TLS is on a host: certificate files below directories, and what ports speak. Standard library only; changes nothing.

A private key in PEM form never leaves the host: whether there is one, and whether it is encrypted, is all that is told.
"""

from __future__ import annotations

import base64
import http.client
import os
import re
import ssl

from ansible_collections.interlock.cluster.plugins.module_utils._node import node_facts, process, tls_contexts, tls_probe

SUFFIXES = (".p12", ".pfx", ".pkcs12", ".jks", ".pem", ".crt", ".cer", ".cert", ".key")
DEEPEST = 4
MOST_FILES = 200
_PRIVATE_KEY = re.compile(rb"-----BEGIN ([A-Z0-9 ]*PRIVATE KEY)-----.*?(?:-----END \1-----|\Z)", re.DOTALL)


def find(directory):
    """(paths of files below a directory whose names are those of TLS files, paths of what could not be looked into).

    Links to directories are not followed, no deeper than DEEPEST, no more than MOST_FILES.
    """
    found, unread = [], []
    top = os.path.abspath(directory)

    def refused(error):
        if error.filename and not isinstance(error, FileNotFoundError):
            unread.append(error.filename)

    for current, below, names in os.walk(top, onerror=refused):
        depth = 0 if current == top else os.path.relpath(current, top).count(os.sep) + 1
        below[:] = sorted(below) if depth < DEEPEST - 1 else []
        found += [os.path.join(current, name) for name in sorted(names) if name.lower().endswith(SUFFIXES)]
    return found[:MOST_FILES], unread


def read(path):
    """As node_facts.read_file with content, apart from private keys in PEM form: private_key is None, "plain" or "encrypted"."""
    found = node_facts.read_file(path, True)
    if "content" in found:
        content, kind = without_private_keys(base64.b64decode(found["content"]))
        found.update(content=base64.b64encode(content).decode("ascii"), private_key=kind)
    return found


def without_private_keys(content):
    """(the content without PEM blocks of private keys, None or "plain" or "encrypted" for what they were)."""
    keys = [(match.group(1), match.group()) for match in _PRIVATE_KEY.finditer(content)]
    if not keys:
        return content, None
    plain = any(label != b"ENCRYPTED PRIVATE KEY" and b"4,ENCRYPTED" not in block for label, block in keys)
    return _PRIVATE_KEY.sub(b"", content), "plain" if plain else "encrypted"


def look_at(endpoint, handshakes, fallback_address, timeout):
    """What a port speaks (see tls_probe) with the layer it was asked for, and what HTTP answers a client without credentials.

    endpoint: layer, port, address (may be None), plaintext_protocol. handshakes: "greeting" does what servers do not log;
    "full" tries plaintext, no certificate and every protocol.
    """
    port = endpoint["port"]
    addresses = process.listening(port)
    address = endpoint["address"] or (process.connectable(addresses[0]) if addresses else fallback_address)
    protocol = endpoint["plaintext_protocol"]
    if handshakes == "full":
        found = tls_probe.probe(address, port, timeout=timeout, plaintext_protocol=protocol, check_protocols=True)
    else:
        found = tls_probe.observe(address, port, timeout, plaintext_protocol=protocol)
    found.update(layer=endpoint["layer"], anonymous_status=None)
    if protocol == "http" and found["reachable"]:
        found["anonymous_status"] = anonymous_status(address, port, found["speaks_tls"], timeout)
    return found


def anonymous_status(address, port, speaks_tls, timeout):
    """The status a GET / without credentials is answered with, None when no answer comes."""
    if speaks_tls:
        connection = http.client.HTTPSConnection(address, port, timeout=timeout, context=tls_contexts.anyone())
    else:
        connection = http.client.HTTPConnection(address, port, timeout=timeout)
    try:
        connection.request("GET", "/", headers={"User-Agent": "interlock.cluster"})
        return connection.getresponse().status
    except (OSError, http.client.HTTPException, ssl.SSLError):
        return None
    finally:
        connection.close()
