# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import datetime
import os

from ansible_collections.interlock.cluster.plugins.module_utils._ansible.arguments import opensearch_request_arguments
from ansible_collections.interlock.cluster.plugins.module_utils._ansible.ca_directory import CaDirectory
from ansible_collections.interlock.cluster.plugins.module_utils._pki.node_certificate import Request, issue, serial_from
from ansible_collections.interlock.cluster.plugins.module_utils._stores import pem
from ansible_collections.interlock.cluster.plugins.plugin_utils._action import InterlockAction
from ansible_collections.interlock.cluster.plugins.plugin_utils._proof_identities import identity


class ActionModule(InterlockAction):
    """Be the administrator of an OpenSearch cluster for one request, with a certificate that nobody keeps."""

    ARGUMENTS = dict(
        ca_directory=dict(type="path", required=True),
        ca_passphrase=dict(type="str", no_log=True),
        admin_name=dict(type="str", required=True),
        **opensearch_request_arguments(),
    )
    BEARS_SECRETS = True

    def perform(self, options):
        now = datetime.datetime.now(datetime.timezone.utc)
        directory = CaDirectory(options["ca_directory"])
        trusted = "".join(pem.dump_certificates([entry.certificate]).decode("ascii") for entry in directory.load_public())
        own = directory.load(options["ca_passphrase"], now)
        admin = issue(own, Request(options["admin_name"], ("interlock-admin.invalid",), (), "ec-p256", 1), now, serial_from(os.urandom))
        directory.append(admin, own.generation, now)
        known = identity("admin", admin)
        found = self.on_node("opensearch_admin", {
            "host": options["host"], "port": options["port"], "ca_certificates": trusted, "certificate": known["certificate"],
            "private_key": known["private_key"],
            **{name: options[name] for name in opensearch_request_arguments() if name not in ("host", "port")}})
        return {"changed": found["changed"], "done": found["done"]}
