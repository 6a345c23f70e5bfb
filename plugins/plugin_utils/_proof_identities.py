# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The clients with which it is proved whom a port lets in, made for one proof and kept in memory."""

from __future__ import annotations

import datetime
import os

from ansible_collections.interlock.cluster.plugins.module_utils._ansible.ca_directory import CaDirectory
from ansible_collections.interlock.cluster.plugins.module_utils._pki import authority as authorities
from ansible_collections.interlock.cluster.plugins.module_utils._pki.node_certificate import Request, issue, serial_from
from ansible_collections.interlock.cluster.plugins.module_utils._stores import pem

MEMBER, FOREIGN = "member", "foreign"
REQUEST = Request("interlock proof", ("interlock-proof.invalid",), (), "ec-p256", 1)


def proof_identities(options, own_identity):
    """(a member's and a stranger's identity as tls_endpoint_info takes them; the CAs to trust as PEM).

    options: ca_directory, ca_passphrase and trusted; own_identity(): the certificate, chain and key that the node has, for a CA whose
    key is elsewhere: nothing can be issued then, and the node itself is the member that has to be let in.
    """
    now = datetime.datetime.now(datetime.timezone.utc)
    directory = CaDirectory(options["ca_directory"])
    number = directory.current()
    if number is not None and directory.external(number):
        own, member = directory.load_external(now, number), own_identity()
    else:
        own = directory.load(options["ca_passphrase"], now)
        member = issue(own, REQUEST, now, serial_from(os.urandom))
        directory.append(member, own.generation, now)
    trusted = options["trusted"] or [pem.dump_certificates([own.certificate]).decode("ascii")]
    return [identity(MEMBER, member), stranger()], "".join(trusted)


def stranger():
    """A client of a CA that nobody trusts."""
    now = datetime.datetime.now(datetime.timezone.utc)
    nobody = authorities.create("CN=a CA this cluster must not trust", "ec-p256", 1, 1, now, serial_from(os.urandom))
    return identity(FOREIGN, issue(nobody, REQUEST, now, serial_from(os.urandom)))


def held(name, certificate, private_key_path):
    """A client whose key stays on the node that plays it. certificate: PEM text."""
    return {"name": name, "certificate": certificate, "private_key_path": private_key_path}


def identity(name, issued):
    """A client as tls_endpoint_info takes it."""
    return {"name": name, "certificate": pem.dump_certificates((issued.certificate, *issued.chain)).decode("ascii"),
            "private_key": pem.dump_key(issued.key).decode("ascii")}
