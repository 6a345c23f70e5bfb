# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One client that writes without a pause while a cluster changes under it, and remembers what was acknowledged: that must never be missing.

    writer.py DIRECTORY

DIRECTORY/target.json says where to write: {"addresses", "user", "password_file", "ca_directory", "also_trusted"}. As a client that is told
of the change would, it asks one node after the other, in https where there is a CA and the node speaks it, with its password always, and
reads anew whom to trust when a node is not what it expects. When
DIRECTORY/stop is there it reads every acknowledged document back, writes DIRECTORY/result.json and ends. It has none of the collection's
own code.
"""

from __future__ import annotations

import base64
import collections
import contextlib
import json
import os
import pathlib
import ssl
import sys
import time
import urllib.error
import urllib.request

PAUSE = 0.02
CHUNK = 500
INDEX = "acknowledged"


class Client:
    """Asks any of several nodes, in the scheme that was understood last at each."""

    def __init__(self, target):
        password = pathlib.Path(target["password_file"]).read_text(encoding="utf-8").strip()
        self.authorization = "Basic " + base64.b64encode(f"{target['user']}:{password}".encode()).decode()
        self.schemes = collections.OrderedDict((address, "http") for address in target["addresses"])
        self.authorities, self.also = pathlib.Path(target["ca_directory"]), target.get("also_trusted")
        self.context = None

    def trust(self):
        """A context that verifies with the CAs of the cluster; None as long as there is none."""
        if self.context is None:
            found = [*self.authorities.glob("generation-*/ca.crt"), *([pathlib.Path(self.also)] if self.also else [])]
            context = ssl.create_default_context()
            context.check_hostname = not self.also  # a certificate of the demo is for no address of a real node
            for path in found:
                with contextlib.suppress(FileNotFoundError):
                    context.load_verify_locations(cafile=str(path))
                    self.context = context
        return self.context

    def call(self, address, method, path, body, timeout=5):
        """The answer of one node. Raises OSError when there is none or it is no success."""
        scheme = self.schemes[address]
        request = urllib.request.Request(f"{scheme}://{address}{path}", json.dumps(body).encode(), method=method,
                                         headers={"Authorization": self.authorization, "Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=timeout, context=self.trust() if scheme == "https" else None) as answer:
                return json.load(answer)
        except urllib.error.HTTPError:
            raise
        except (OSError, ValueError):
            self.context = None
            self.schemes[address] = "https" if scheme == "http" and self.trust() else "http"
            raise


def make_index(client, address):
    """The index to write into. The first question is in the wrong scheme where the node speaks https already."""
    body = {"settings": {"number_of_shards": 2, "number_of_replicas": 1}}
    for _attempt in range(30):
        try:
            client.call(address, "PUT", f"/{INDEX}?wait_for_active_shards=all", body, 60)
            return
        except urllib.error.HTTPError as refusal:
            if refusal.code == 400:  # it is there: the answer of an attempt before was lost
                return
            time.sleep(1)
        except (OSError, ValueError):
            time.sleep(1)
    sys.exit("no index could be made at %s" % address)


def main(directory):
    """Write until told to stop."""
    target = json.loads((directory / "target.json").read_text(encoding="utf-8"))
    client, addresses, number = Client(target), list(target["addresses"]), 0
    acknowledged, errors, longest, last = [], collections.Counter(), 0.0, time.monotonic()
    make_index(client, addresses[0])
    place = directory.stat().st_ino
    while not (directory / "stop").exists():
        if not directory.exists() or directory.stat().st_ino != place:
            return  # the lab is gone, or another one is there
        address = addresses[number % len(addresses)]
        number += 1
        try:
            client.call(address, "PUT", f"/{INDEX}/_create/{number}", {"number": number})
        except (OSError, ValueError) as error:
            errors[str(getattr(error, "code", None) or type(getattr(error, "reason", error)).__name__)] += 1
            time.sleep(PAUSE)
            continue
        if not acknowledged:
            (directory / "running").touch()
            last = time.monotonic()
        acknowledged.append(number)
        now = time.monotonic()
        longest, last = max(longest, now - last), now
        time.sleep(PAUSE)
    lost = []
    for begin in range(0, len(acknowledged), CHUNK):
        ids = [str(one) for one in acknowledged[begin:begin + CHUNK]]
        for _attempt in range(20):
            try:
                found = client.call(addresses[0], "POST", f"/{INDEX}/_mget?_source=false", {"ids": ids}, 60)
                break
            except (OSError, ValueError):
                time.sleep(1)
        lost += [document["_id"] for document in found["docs"] if not document.get("found")]
    result = {"attempts": number, "acknowledged": len(acknowledged), "errors": sum(errors.values()), "kinds": dict(errors),
              "lost": len(lost), "longest_gap": round(longest, 3)}
    temporary = directory / "result.new"
    temporary.write_text(json.dumps(result), encoding="utf-8")
    os.replace(temporary, directory / "result.json")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
