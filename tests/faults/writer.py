# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A client that writes documents and remembers which the cluster acknowledged: those must never be missing.

It asks one node after the other, waits after a refusal, and gives the same credentials before and after security is on.
"""

from __future__ import annotations

import json
import threading
import time
import urllib.error
import urllib.request

INDEX = "acknowledged"
PAUSE = 0.05  # seconds between two documents


def call(address, authorization, method, path, body=None, timeout=10):
    """The decoded answer of a node. Raises OSError when there is none or it is no success."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request("http://%s%s" % (address, path), data, method=method,
                                     headers={"Authorization": authorization, "Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=timeout) as answer:
        return json.load(answer)


class Writer:
    """Writes from a thread between start() and stop(). acknowledged: the ids the cluster said it has; refused: how many it did not take."""

    def __init__(self, nodes):
        self.nodes = nodes
        self.acknowledged, self.refused, self.longest_gap = [], 0, 0.0
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._write, daemon=True)

    def start(self):
        """Make the index, with a copy of every shard, and begin."""
        body = {"settings": {"number_of_shards": 2, "number_of_replicas": 1}}
        call(self.nodes[0].address, self.nodes[0].authorization, "PUT", "/%s?wait_for_active_shards=all" % INDEX, body, 60)
        self._thread.start()

    def stop(self):
        """End, after at most one more document."""
        self._stopping.set()
        self._thread.join(60)

    def _write(self):
        number, last = 0, time.monotonic()
        while not self._stopping.is_set():
            node = self.nodes[number % len(self.nodes)]
            number += 1
            try:
                call(node.address, node.authorization, "PUT", "/%s/_create/%d" % (INDEX, number), {"number": number}, 5)
            except (OSError, ValueError):
                self.refused += 1
                time.sleep(PAUSE)
                continue
            self.acknowledged.append(number)
            now = time.monotonic()
            self.longest_gap = max(self.longest_gap, now - last)
            last = now
            time.sleep(PAUSE)

    def lost(self):
        """The acknowledged ids that the cluster does not have any more."""
        node = self.nodes[0]
        missing = []
        for start in range(0, len(self.acknowledged), 500):
            ids = [str(number) for number in self.acknowledged[start:start + 500]]
            found = call(node.address, node.authorization, "POST", "/%s/_mget?_source=false" % INDEX, {"ids": ids}, 60)
            missing += [document["_id"] for document in found["docs"] if not document.get("found")]
        return missing
