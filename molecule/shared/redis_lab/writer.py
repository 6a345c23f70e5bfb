# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One client that writes without a pause while a deployment changes under it, and counts what was acknowledged.

    writer.py DIRECTORY

DIRECTORY/target.json says where to write: {"address", "port", "cluster", "password_file", and for TLS "certificate", "private_key",
"ca_certificates"}. It is read again when it changes, which is how the client "moves". When DIRECTORY/stop is there it verifies that every
acknowledged key can be read, writes DIRECTORY/result.json and ends. It is redis-py, and none of the collection's own code.
"""

from __future__ import annotations

import json
import os
import pathlib
import sys
import time

import redis

PAUSE = 0.002
CHUNK = 500


def connect(target):
    """A client as the target says, which tries nothing again by itself."""
    options = {"password": pathlib.Path(target["password_file"]).read_text(encoding="utf-8").strip(), "socket_timeout": 5,
               "decode_responses": True}
    if target.get("certificate"):
        options.update(ssl=True, ssl_certfile=target["certificate"], ssl_keyfile=target["private_key"],
                       ssl_ca_certs=target["ca_certificates"], ssl_check_hostname=True)
    if target.get("cluster"):
        return redis.RedisCluster(host=target["address"], port=target["port"], **options)
    return redis.Redis(host=target["address"], port=target["port"], retry=None, **options)


def main(directory):
    """Write until told to stop."""
    place, stop = directory / "target.json", directory / "stop"
    client, known, number = None, None, 0
    acknowledged, errors, longest, last = [], [], 0.0, time.monotonic()
    while not stop.exists():
        stamp = place.stat().st_mtime_ns
        try:
            if stamp != known:
                client, known = connect(json.loads(place.read_text(encoding="utf-8"))), stamp
            number += 1
            if client.set(f"key:{number}", number):
                if not acknowledged:
                    (directory / "running").touch()
                acknowledged.append(number)
                longest, last = max(longest, time.monotonic() - last), time.monotonic()
        except redis.RedisError as error:
            errors.append(f"{number}: {type(error).__name__}: {error}"[:200])
            time.sleep(0.05)
        time.sleep(PAUSE)
    lost = []
    read = getattr(client, "mget_nonatomic", client.mget)
    for begin in range(0, len(acknowledged), CHUNK):
        chunk = acknowledged[begin:begin + CHUNK]
        values = read([f"key:{number}" for number in chunk])
        lost += [number for number, value in zip(chunk, values) if value != str(number)]
    result = {"attempts": number, "acknowledged": len(acknowledged), "errors": len(errors), "first_errors": errors[:5], "lost": len(lost),
              "longest_gap": round(longest, 3)}
    temporary = directory / "result.new"
    temporary.write_text(json.dumps(result), encoding="utf-8")
    os.replace(temporary, directory / "result.json")
    print(json.dumps(result))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
