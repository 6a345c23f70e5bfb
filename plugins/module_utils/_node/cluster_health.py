# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Wait on a node for its cluster, a slice of seconds at a time. Standard library only.

One execution polls in place instead of being started again and again: on a host that is busy starting an engine,
starting Python costs more than the question.
"""

from __future__ import annotations

import re
import time

from ansible_collections.interlock.cluster.plugins.module_utils._node.elasticsearch_client import ApiError

ORDER = ("red", "yellow", "green")
LOG_LINES = 8
TELLING = re.compile(r"ERROR|FATAL|fatal|Exception|Caused by")


def wait(client, service, expected_nodes, least_nodes, status, seconds, logs):
    """What is found at the end of the slice, earlier when the goal is reached or the process has ended.

    status: the least cluster health that will do, or "any" for any answer of the node. least_nodes: how many nodes there have to
    be, for a node that joins others whose names nobody knows.
    """
    deadline = time.monotonic() + seconds
    while True:
        found = look(client, expected_nodes, least_nodes, status)
        found["running"] = found["status"] is not None or service.pid() is not None or service.is_starting()
        if not found["running"]:
            found["log_lines"] = last_lines(logs)
        if found["reached"] or not found["running"] or time.monotonic() >= deadline:
            found["at"] = time.time()
            return found
        time.sleep(0.5)


def look(client, expected_nodes, least_nodes, status):
    """One look: status, nodes, missing, shards still to come, reached, and why there is no answer."""
    found = {"status": None, "nodes": [], "missing": sorted(expected_nodes), "shards_to_come": None, "reached": False, "answer": None}
    try:
        code, health = client.request("GET", "/_cluster/health?master_timeout=2s&timeout=2s")
        if code != 200:
            # 503 is no elected master, 401 a security index that is still recovering: neither is final.
            found.update(answer="answered with %d" % code, reached=status == "any")
            return found
        nodes = client.call("GET", "/_nodes/_all/name?filter_path=nodes.*.name")["nodes"]
    except (ApiError, KeyError, TypeError) as error:
        found["answer"] = str(error)
        return found
    found["nodes"] = sorted(node["name"] for node in nodes.values())
    found["missing"] = sorted(set(expected_nodes) - set(found["nodes"]))
    found["status"] = health["status"]
    found["shards_to_come"] = health["initializing_shards"] + health["unassigned_shards"]
    complete = not found["missing"] and len(nodes) >= least_nodes
    found["reached"] = status == "any" or complete and ORDER.index(health["status"]) >= ORDER.index(status)
    return found


def last_lines(paths):
    """The last lines that tell of an error in the logs, each text once; the very last lines where none does."""
    lines, seen = [], set()
    for path in paths:
        try:
            with open(path, "rb") as stream:
                stream.seek(max(0, stream.seek(0, 2) - 65536))
                text = stream.read().decode("utf-8", "replace").splitlines()
        except OSError:
            continue
        frameless = [line[:600] for line in text if line.strip() and not line.startswith(("\tat ", "\t... "))]
        telling = [line for line in frameless if TELLING.search(line)] or frameless
        for line in telling[-LOG_LINES:]:
            if line not in seen:
                seen.add(line)
                lines.append("%s: %s" % (path, line))
    return lines
