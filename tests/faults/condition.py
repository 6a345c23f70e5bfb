# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a cluster is after a fault: seen through its own API and by looking at its files, not through the collection."""

from __future__ import annotations

import hashlib
import json
import socket
import ssl
import time

from writer import call

PATIENCE = 90  # seconds for a cluster that was just started to say how it is


def look(nodes, goal=None):
    """The condition as a dict. goal: the health to wait for, None to take what is there."""
    deadline = time.monotonic() + PATIENCE
    while True:
        found = {
            "health": _health(nodes),
            "allocation": _allocation(nodes),
            "transport": [speaks(node) for node in nodes],
            "left_over": sorted(name for node in nodes for name in left_over(node)),
        }
        if goal in (None, found["health"]) or time.monotonic() > deadline:
            return found
        time.sleep(1)


def _ask(nodes, path):
    for node in nodes:
        try:
            return call(node.address, node.authorization, "GET", path, timeout=5)
        except (OSError, ValueError):
            continue
    return None


def _health(nodes):
    answer = _ask(nodes, "/_cluster/health?timeout=3s&master_timeout=3s")
    if answer is None:
        return "no answer"
    return answer["status"] if answer["number_of_nodes"] == len(nodes) else "%d nodes, %s" % (answer["number_of_nodes"], answer["status"])


def _allocation(nodes):
    answer = _ask(nodes, "/_cluster/settings?flat_settings=true")
    if answer is None:
        return "no answer"
    values = [answer[kind].get("cluster.routing.allocation.enable") for kind in ("persistent", "transient")]
    return next((value for value in values if value), "default")


def speaks(node):
    """What the transport layer of a node speaks: TLS, plaintext or nothing."""
    host = node.address.rpartition(":")[0]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with socket.create_connection((host, 9300), 5) as connection:
            try:
                with context.wrap_socket(connection):
                    return "TLS"
            except ssl.SSLError as error:
                # A server that wants a certificate of its client has spoken TLS.
                return "TLS" if "ALERT" in str(error) else "plaintext"
            except OSError:
                return "plaintext"
    except OSError:
        return "nothing"


def left_over(node):
    """Names of files that no finished run leaves: staged or half-written ones, and manifests of something unfinished."""
    config = node.directory / "config"
    names = ["%s/%s" % (node.directory.name, path.name) for path in config.rglob(".*.interlock-*") if not path.name.endswith("-previous")]
    manifest = config / ".interlock-manifest.json"
    if manifest.exists():
        known = json.loads(manifest.read_text(encoding="utf-8"))
        if known["state"] != "switched" or known["context"]:
            names.append("%s/%s (%s %s)" % (node.directory.name, manifest.name, known["state"], sorted(known["context"])))
    return names


def live_files(nodes):
    """What the processes of the nodes read: {path: digest} of their configuration without anything that is staged or kept."""
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for node in nodes
            for path in sorted((node.directory / "config").rglob("*")) if path.is_file() and ".interlock-" not in path.name}
