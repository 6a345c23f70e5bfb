# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""(e) The audit of many endpoints, each a real TLS port with its node's directory, against a playbook with one ping of the same hosts.

The ports are this process's own child: what is measured is what the audit costs, not what Elasticsearch does with a handshake.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import multiprocessing
import ssl
import subprocess

import directories
from ansible_collections.interlock.cluster.plugins.module_utils._stores import pem, pkcs12
from measure import ROOT, BenchError, Row, alternate, ansible_playbook, median_run, progress, seconds
from measure import run as run_command

PLAYBOOK = "interlock.cluster.audit"
PING = ROOT / "tests" / "bench" / "ping.yml"
PORT = 19300
MESSAGE = b"ES\xff\xff\xff\xff"


def address(number):
    """A loopback address for each node."""
    return "127.0.%d.%d" % (101 + number // 250, 1 + number % 250)


def measure(home, scratch, count, times):
    """(rows, figures) for so many endpoints."""
    progress("(e) making the directories and ports of %d endpoints" % count)
    inventory = directories.make(scratch / "endpoints", home, count)
    content = json.loads(inventory.read_text(encoding="utf-8"))
    hosts = content["elasticsearch"]["hosts"]
    for number, variables in enumerate(hosts.values()):
        variables["certificate_audit_endpoints"] = [
            {"layer": "transport", "port": PORT, "address": address(number), "plaintext_protocol": "elasticsearch"}]
    inventory.write_text(json.dumps(content), encoding="utf-8")
    for path in inventory.parent.glob("node-*/config/elasticsearch.keystore"):
        path.chmod(0o600)
    for path in inventory.parent.glob("node-*/config/certs/*"):
        path.chmod(0o600)
    with serving(inventory.parent, list(hosts)):
        progress("(e) the audit of %d endpoints" % count)
        pings, greetings, audits, loops = alternate(
            times, lambda: ansible_playbook("-i", inventory, PING), lambda: audit(inventory, "greeting"), lambda: audit(inventory, "full"),
            lambda: seconds(lambda: openssl(count)))
    ping, greeting, full, loop = median_run(pings), median_run(greetings), median_run(audits), sorted(loops)[len(loops) // 2]
    rows = [
        Row("(e) audit of %d endpoints, one greeting each / one ping" % count, greeting.wall, ping.wall, most=2, told_as="times"),
        Row("(e) the same, every handshake", full.wall, ping.wall, told_as="times"),
        Row("(e) the same in CPU seconds", full.cpu, ping.cpu, told_as="times"),
    ]
    return rows, {"e_count": count, "e_ping": "%.1f" % ping.wall, "e_greeting": "%.1f" % greeting.wall, "e_full": "%.1f" % full.wall,
                  "e_openssl": "%.1f" % loop}


def audit(inventory, handshakes):
    """One audit; BenchError when it finds anything, for then it is not what was to be measured."""
    ran = ansible_playbook("-i", inventory, PLAYBOOK, "-e", "certificate_audit_handshakes=%s" % handshakes)
    if "Verdict: ok" not in ran.output:
        raise BenchError("the audit found something:\n%s" % ran.output[-6000:])
    return ran


def openssl(count):
    """What a script would do: the date of each served certificate, and nothing of trust, files or plaintext."""
    for number in range(count):
        # It has no client certificate, so its status is that of a refused client.
        served = subprocess.run(["openssl", "s_client", "-connect", "%s:%d" % (address(number), PORT)], stdin=subprocess.DEVNULL,
                                capture_output=True, text=True, check=False)
        run_command("openssl", "x509", "-noout", "-enddate", stdin=served.stdout)


@contextlib.contextmanager
def serving(directory, names):
    """Every node's certificate on its port, from a process that ends with this."""
    ready = multiprocessing.Event()
    child = multiprocessing.get_context("fork").Process(target=serve, args=(directory, names, ready), daemon=True)
    child.start()
    try:
        if not ready.wait(120):
            raise BenchError("the ports of (e) did not open")
        yield
    finally:
        child.terminate()
        child.join()


def serve(directory, names, ready):
    """Open the ports and answer on them, until the process is ended."""
    async def run():
        for number, name in enumerate(names):
            context = server_context(directory, name)
            await asyncio.start_server(answer, address(number), PORT, ssl=context, backlog=64)
        ready.set()
        await asyncio.Event().wait()

    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(run())


async def answer(reader, writer):
    """The ping of a transport layer."""
    with contextlib.suppress(OSError, ssl.SSLError, asyncio.IncompleteReadError):
        if await reader.readexactly(len(MESSAGE)) == MESSAGE:
            writer.write(MESSAGE)
            await writer.drain()
        writer.close()


def server_context(directory, name):
    """Mutual TLS with what is in the stores of a node."""
    config = directory / name / "config"
    stores = {store: (config / path).read_bytes() for store, path in directories.STORES.items()}
    entry = pkcs12.load_keystore(stores["keystore"], directories.STORE_PASSWORD, name)
    trusted = pkcs12.load_truststore(stores["truststore"], directories.STORE_PASSWORD, name)
    path = directory / name / "port.tmp"
    path.write_bytes(pem.dump_certificates([entry.certificate, *entry.chain]) + pem.dump_key(entry.key))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    path.unlink()
    context.load_verify_locations(cadata=pem.dump_certificates(trusted).decode("ascii"))
    context.verify_mode = ssl.CERT_REQUIRED
    return context
