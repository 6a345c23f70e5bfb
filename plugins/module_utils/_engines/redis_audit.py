# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where redis.conf says that TLS files are, and what in it an audit has to remark. Pure."""

from __future__ import annotations

import posixpath

# A pair for clients is for the connections that replication and bus make: for clients alone, so no layer whose peers have to be both.
_FILES = (
    ("tls-cert-file", "client", "certificate"), ("tls-key-file", "client", "private_key"),
    ("tls-ca-cert-file", "client", "certificate_authorities"),
    ("tls-client-cert-file", "outgoing", "certificate"), ("tls-client-key-file", "outgoing", "private_key"),
)


def tls_files(directives, directory):
    """[(path, layer, kind)] that the directives name; relative paths are those of the working directory. directives: {name: [words]}."""
    found = []
    for name, layer, kind in _FILES:
        path = " ".join(directives.get(name, []))
        if path:
            found.append((posixpath.normpath(posixpath.join(_one(directives, "dir", directory), path)), layer, kind))
    return found


def remarks(directives):
    """What the directives themselves give reason to say: list of {severity, code, layer, text}."""
    if _one(directives, "tls-port", "0") == "0":
        return []  # the port itself tells
    found = []

    def remark(severity, code, layer, text):
        found.append({"severity": severity, "code": code, "layer": layer, "text": text})

    if _one(directives, "tls-auth-clients", "yes") != "yes":
        remark("warning", "client_authentication_off", "client",
               "tls-auth-clients is %s: a client without a certificate is let in" % _one(directives, "tls-auth-clients", "yes"))
    if _one(directives, "tls-replication", "no") != "yes":
        remark("critical", "replication_in_plaintext", "replication", "tls-replication is no: replicas replicate in plaintext")
    if _one(directives, "cluster-enabled", "no") == "yes" and _one(directives, "tls-cluster", "no") != "yes":
        remark("critical", "bus_in_plaintext", "bus", "tls-cluster is no: the nodes talk to each other in plaintext")
    if _one(directives, "port", "6379") != "0":
        remark("warning", "plaintext_open", "client", "port is %s: plaintext is answered as well" % _one(directives, "port", "6379"))
    if "tls-key-file-pass" in directives:
        remark("warning", "key_password_in_clear", "client", "tls-key-file-pass stands in the file in clear")
    return found


def _one(directives, name, default):
    return " ".join(directives.get(name, [default])).lower() if name != "dir" else " ".join(directives.get(name, [default]))
