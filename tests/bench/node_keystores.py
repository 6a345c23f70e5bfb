# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""(a) The keystores of many nodes, against `elasticsearch-certutil cert --in` for as many instances."""

from __future__ import annotations

import datetime
import functools
import multiprocessing
import os
import secrets
import statistics

from ansible_collections.interlock.cluster.plugins.module_utils._ansible.ca_directory import CaDirectory
from ansible_collections.interlock.cluster.plugins.module_utils._pki import authority, keys
from ansible_collections.interlock.cluster.plugins.module_utils._pki.node_certificate import Request, issue, serial_from, sign
from ansible_collections.interlock.cluster.plugins.module_utils._stores import pkcs12
from measure import BenchError, Row, median_seconds, progress, run, seconds

FORKS = 5  # Ansible's own number
PASSPHRASE = "a passphrase of the benchmark"
SINGLE = 20  # how often one step is done to tell what it costs


def now():
    """This moment."""
    return datetime.datetime.now(datetime.timezone.utc)


def request(number, key_type):
    """What a node of an estate asks for; the names are those of the instances file below."""
    name = "node-%04d" % number
    return Request(name, (name, name + ".example.org"), ("10.1.%d.%d" % (number // 250, number % 250 + 1),), key_type, 1095)


def make_authority(directory, key_type="ec-p256"):
    """A CA in a directory of its own, its key encrypted."""
    made = authority.create("CN=Bench CA", key_type, 3650, 1, now(), serial_from(os.urandom))
    CaDirectory(str(directory)).add(made, PASSPHRASE, "created", now())


def node_stores(directory, wanted, password):
    """(keystore.p12, truststore.p12) of one node: what a fork of Ansible does in node_certificate, the ledger with it."""
    ca = CaDirectory(str(directory))
    loaded = ca.load(PASSPHRASE, now())
    issued = issue(loaded, wanted, now(), serial_from(os.urandom))
    stores = (pkcs12.dump_keystore(pkcs12.KeyEntry(issued.key, issued.certificate, issued.chain), wanted.common_name, password),
              pkcs12.dump_truststore([loaded.certificate], password))
    ca.append(issued, loaded.generation, now())
    return stores


def make_stores(number, directory, key_type):
    """The stores of the node of this number; the number of bytes in them."""
    return sum(map(len, node_stores(directory, request(number, key_type), secrets.token_urlsafe(24))))


def make_key_and_signature(number, issuer, key_type):
    """The limit: nothing but a key and a signature."""
    sign(issuer, request(number, key_type), keys.generate(key_type).public_key(), now(), serial_from(os.urandom))


def in_forks(function, count):
    """Call function(number) for so many numbers, spread over as many processes as Ansible forks."""
    forks = [multiprocessing.get_context("fork").Process(target=_call, args=(function, range(first, count, FORKS))) for first in range(FORKS)]
    for fork in forks:
        fork.start()
    for fork in forks:
        fork.join()
    if any(fork.exitcode for fork in forks):
        raise BenchError("a process that makes keystores failed, see above")


def _call(function, numbers):
    for number in numbers:
        function(number)


def by_certutil(home, java, scratch, count):
    """Wall seconds of elasticsearch-certutil for so many instances, with a CA of its own making."""
    env = {"ES_JAVA_HOME": str(java), "ES_PATH_CONF": str(home / "config")}
    tool = home / "bin" / "elasticsearch-certutil"
    instances = scratch / "instances.yml"
    lines = ["instances:"]
    for wanted in (request(number, "") for number in range(count)):
        lines.append("  - {name: %s, dns: [%s], ip: [%s]}" % (wanted.common_name, ", ".join(wanted.dns), ", ".join(wanted.ip)))
    instances.write_text("\n".join(lines) + "\n", encoding="utf-8")
    run(tool, "ca", "--silent", "--out", scratch / "ca.p12", "--pass", PASSPHRASE, env=env)
    return run(tool, "cert", "--silent", "--in", instances, "--ca", scratch / "ca.p12", "--ca-pass", PASSPHRASE, "--out", scratch / "nodes.zip",
               "--pass", PASSPHRASE, env=env).wall


def measure(home, java, scratch, count, times):
    """(rows, figures): the comparison for both key types."""
    progress("(a) elasticsearch-certutil for %d instances" % count)
    theirs = by_certutil(home, java, scratch, count)
    rows, figures = [], {"a_count": count, "a_certutil": "%.0f" % theirs, "a_forks": FORKS}
    for key_type, word, repeated in (("ec-p256", "p256", times), ("rsa-2048", "rsa2048", 1)):
        progress("(a) %d node keystores, %s" % (count, key_type))
        directory = scratch / ("ca-" + key_type)
        make_authority(directory, key_type)
        issuer = CaDirectory(str(directory)).load(PASSPHRASE, now())
        ours = statistics.median(
            seconds(lambda: in_forks(functools.partial(make_stores, directory=directory, key_type=key_type), count)) for _number in range(repeated))
        limit = statistics.median(
            seconds(lambda: in_forks(functools.partial(make_key_and_signature, issuer=issuer, key_type=key_type), count))
            for _number in range(repeated))
        rows.append(Row("(a) %d node keystores, %s" % (count, key_type.upper().replace("EC-", "")), ours, theirs,
                        least=20 if key_type == "ec-p256" else None))
        figures.update({"a_%s" % word: "%.1f" % ours, "a_%s_limit" % word: "%.1f" % limit})
        figures.update(steps(word, key_type, issuer, directory))
    return rows, figures


def steps(word, key_type, issuer, directory):
    """Milliseconds of each step for one node, in one process."""
    key = keys.generate(key_type)
    wanted = request(1, key_type)
    issued = issue(issuer, wanted, now(), serial_from(os.urandom))
    entry = pkcs12.KeyEntry(issued.key, issued.certificate, issued.chain)
    ca = CaDirectory(str(directory))
    costs = {
        "key": lambda: keys.generate(key_type),
        "sign": lambda: sign(issuer, wanted, key.public_key(), now(), serial_from(os.urandom)),
        "open": lambda: ca.load(PASSPHRASE, now()),
        "ledger": lambda: ca.append(issued, 1, now()),
        "keystore": lambda: pkcs12.dump_keystore(entry, wanted.common_name, PASSPHRASE),
        "truststore": lambda: pkcs12.dump_truststore([issuer.certificate], PASSPHRASE),
    }
    return {"a_%s_%s" % (word, step): "%.2f" % (1000 * median_seconds(function, SINGLE)) for step, function in costs.items()}
