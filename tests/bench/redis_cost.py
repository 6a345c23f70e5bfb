# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What TLS costs a Redis server, by redis-benchmark against one server that answers both, and write the section on Redis of
docs/performance.md.

    redis_cost.py             everything, some minutes
    redis_cost.py --quick     small numbers, to see that it works; writes nothing

The two sides take turns. Beside the throughput the CPU seconds of the server are told, which hardly depend on what else the machine does.
"""

from __future__ import annotations

import argparse
import csv
import datetime
import os
import pathlib
import platform
import re
import statistics
import string
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT / ".build" / "collections"), str(ROOT / "tests" / "tools")]

import sections  # noqa: E402
from ansible_collections.interlock.cluster.plugins.module_utils._engines import redis as engine  # noqa: E402
from ansible_collections.interlock.cluster.plugins.module_utils._node import redis_live  # noqa: E402
from ansible_collections.interlock.cluster.plugins.module_utils._pki import authority, node_certificate  # noqa: E402
from ansible_collections.interlock.cluster.plugins.module_utils._stores import pem  # noqa: E402

ADDRESS, PLAIN, SECURE = "127.0.33.80", 7591, 7592
PROGRAM = os.environ.get("INTERLOCK_REDIS_SERVER") or "/usr/bin/redis-server"
KEYS = ("ec-p256", "rsa-2048")
# name: (arguments of redis-benchmark, the test's name in its answer, requests, how many times fewer with TLS)
LOADS = {
    "set_1": (["-t", "set", "-P", "1", "-c", "50", "-d", "100"], "SET", 200000, 1),
    "get_1": (["-t", "get", "-P", "1", "-c", "50", "-d", "100"], "GET", 200000, 1),
    "set_16": (["-t", "set", "-P", "16", "-c", "50", "-d", "100"], "SET", 600000, 1),
    "get_16": (["-t", "get", "-P", "16", "-c", "50", "-d", "100"], "GET", 600000, 1),
    "connect": (["-t", "ping_mbulk", "-k", "0", "-c", "10"], "PING_MBULK", 20000, 8),
}


class Server:
    """A server with a plaintext and a TLS port; its own key can be exchanged."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self.now, self.serial = datetime.datetime.now(datetime.timezone.utc), iter(range(2, 100))
        (self.directory / "redis.conf").write_text("bind %s\nport %d\ndir %s\nsave \"\"\nappendonly no\n" % (ADDRESS, PLAIN, directory), encoding="utf-8")
        self.process = subprocess.Popen([PROGRAM, str(self.directory / "redis.conf")], stdout=subprocess.DEVNULL)
        time.sleep(1)

    def use(self, key_type):
        """Serve a certificate of a key type, for server and client."""
        ca = authority.create("CN=bench", key_type, 30, 1, self.now, 1)
        (self.directory / "ca").write_bytes(pem.dump_certificates([ca.certificate]))
        for name in ("server", "client"):
            issued = node_certificate.issue(ca, node_certificate.Request(name, (), (ADDRESS,), key_type, 5), self.now, next(self.serial))
            (self.directory / (name + ".crt")).write_bytes(pem.dump_certificates((issued.certificate,)))
            (self.directory / (name + ".key")).write_bytes(pem.dump_key(issued.key))
        with redis_live.connect(ADDRESS, (PLAIN, 0)) as connection:
            connection.command("CONFIG", "SET", "tls-cert-file", self.path("server.crt"), "tls-key-file", self.path("server.key"), "tls-ca-cert-file",
                               self.path("ca"), "tls-auth-clients", "yes", "tls-protocols", "TLSv1.2 TLSv1.3", "tls-ciphers", engine.CIPHERS,
                               "tls-port", str(SECURE))

    def path(self, name):
        return str(self.directory / name)

    def cpu(self):
        """The CPU seconds that the server has used."""
        with redis_live.connect(ADDRESS, (PLAIN, 0)) as connection:
            found = connection.info("cpu")
        return float(found["used_cpu_sys"]) + float(found["used_cpu_user"])

    def load(self, name, tls, share):
        """(requests a second, the server's CPU microseconds a request) of one run of redis-benchmark."""
        arguments, test, requests, fewer = LOADS[name]
        count = max(int(requests * share) // (fewer if tls else 1), 200)
        how = ["-p", str(SECURE), "--tls", "--cert", self.path("client.crt"), "--key", self.path("client.key"), "--cacert", self.path("ca")]
        before = self.cpu()
        told = subprocess.run(["redis-benchmark", "-h", ADDRESS, *(how if tls else ["-p", str(PLAIN)]), *arguments, "-n", str(count), "--csv"],
                              capture_output=True, text=True, check=True).stdout
        used = self.cpu() - before
        (row,) = [row for row in csv.reader(told.splitlines()) if row and row[0] == test]
        return float(row[1]), used / count * 1e6

    def end(self):
        self.process.kill()
        self.process.wait()


def measure(server, times, share):
    """{name: {plain, tls, ratio, cpu_plain, cpu_tls}} of every load, and of new connections with every type of key."""
    found = {}
    for key_type in KEYS:
        server.use(key_type)
        for name in LOADS if key_type == KEYS[0] else ["connect"]:
            rounds = [(server.load(name, False, share), server.load(name, True, share)) for _number in range(times)]
            plain, tls = ([one[side][0] for one in rounds] for side in (0, 1))
            label = name if name != "connect" else "connect_" + key_type.partition("-")[0]
            found[label] = {
                "plain": statistics.median(plain), "tls": statistics.median(tls),
                "ratio": statistics.median(second / first for first, second in zip(plain, tls)),
                "cpu_plain": statistics.median(one[0][1] for one in rounds), "cpu_tls": statistics.median(one[1][1] for one in rounds),
            }
            print("%-14s plaintext %8.0f/s, TLS %8.0f/s: %3.0f %%; server's CPU %6.1f and %7.1f us a request" % (
                label, found[label]["plain"], found[label]["tls"], 100 * found[label]["ratio"], found[label]["cpu_plain"], found[label]["cpu_tls"]), flush=True)
    return found


def figure(what, value):
    """A figure as the table has it: CPU of microseconds with a decimal, everything else without."""
    return "%.*f" % (what.startswith("cpu") and value < 100, value * 100 if what == "ratio" else value)


def document(found, load, times):
    """The section on Redis."""
    told = {"%s_%s" % (name, what): figure(what, value) for name, figures in found.items() for what, value in figures.items()}
    model = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    version = subprocess.run([PROGRAM, "--version"], capture_output=True, text=True, check=True).stdout.split()
    template = string.Template((HERE / "redis.md.template").read_text(encoding="utf-8"))
    return template.substitute(told, date=datetime.date.today().isoformat(), cores=len(os.sched_getaffinity(0)), load="%.1f" % load, times=times,
                               processor=model.group(1) if model else platform.machine(), version="%s %s" % (version[0], version[2].partition("=")[2]))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="small numbers, once each")
    parser.add_argument("--times", type=int, default=5, help="how often the two sides take turns")
    parser.add_argument("--share", type=float, default=1, help="the part of the requests that are sent, on a slow machine")
    arguments = parser.parse_args()
    times, share, load = (1, 0.05, 0) if arguments.quick else (arguments.times, arguments.share, os.getloadavg()[0])
    with tempfile.TemporaryDirectory(prefix="interlock-redis-bench-") as directory:
        server = Server(directory)
        try:
            found = measure(server, times, share)
        finally:
            server.end()
    if not arguments.quick:
        sections.write(ROOT / "docs" / "performance.md", redis=document(found, load, times))
        print("The section on Redis of docs/performance.md is written.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
