# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where redis.conf and sentinel.conf say that TLS files are, and what in them an audit has to remark. Pure."""

from __future__ import annotations

import posixpath

CLIENT, SENTINEL = "client", "sentinel"
_FILES = {"tls-cert-file": "certificate", "tls-key-file": "private_key", "tls-ca-cert-file": "certificate_authorities"}
# A pair for the connections that replication and bus make: for clients alone, so no layer whose peers have to be both.
_OUTGOING_FILES = {"tls-client-cert-file": "certificate", "tls-client-key-file": "private_key"}


def tls_files(directives, directory, layer=CLIENT):
    """[(path, layer, kind)] that the directives name; relative paths are those of the working directory. directives: {name: [words]}.

    layer: that of the port which serves the certificate, CLIENT of a server and SENTINEL of a Sentinel.
    """
    found = []
    for files, whose in ((_FILES, layer), (_OUTGOING_FILES, "outgoing")):
        for name, kind in files.items():
            path = " ".join(directives.get(name, []))
            if path:
                found.append((posixpath.normpath(posixpath.join(_one(directives, "dir", directory), path)), whose, kind))
    return found


def remarks(directives, layer=CLIENT):
    """What the directives themselves give reason to say: list of {severity, code, layer, text}. layer: as of tls_files()."""
    if _one(directives, "tls-port", "0") == "0":
        return []  # the port itself tells
    found, port = [], _one(directives, "port", "26379" if layer == SENTINEL else "6379")

    def remark(severity, code, layer, text):
        found.append({"severity": severity, "code": code, "layer": layer, "text": text})

    if _one(directives, "tls-auth-clients", "yes") != "yes":
        remark("warning", "client_authentication_off", layer,
               "tls-auth-clients is %s: a client without a certificate is let in" % _one(directives, "tls-auth-clients", "yes"))
    if _one(directives, "tls-replication", "no") != "yes":
        remark("critical", "replication_in_plaintext", "replication", "tls-replication is no: %s in plaintext" % (
            "the Sentinel talks to servers and other Sentinels" if layer == SENTINEL else "replicas replicate"))
    if _one(directives, "cluster-enabled", "no") == "yes" and _one(directives, "tls-cluster", "no") != "yes":
        remark("critical", "bus_in_plaintext", "bus", "tls-cluster is no: the nodes talk to each other in plaintext")
    if port != "0":
        remark("warning", "plaintext_open", layer, "port is %s: plaintext is answered as well" % port)
    if "tls-key-file-pass" in directives:
        remark("warning", "key_password_in_clear", layer, "tls-key-file-pass stands in the file in clear")
    return found


def _one(directives, name, default):
    return " ".join(directives.get(name, [default])).lower() if name != "dir" else " ".join(directives.get(name, [default]))
