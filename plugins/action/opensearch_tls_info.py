# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import datetime
import time

from ansible_collections.interlock.cluster.plugins.action.elasticsearch_tls_info import clock_offset
from ansible_collections.interlock.cluster.plugins.module_utils._ansible.arguments import service_argument
from ansible_collections.interlock.cluster.plugins.module_utils._engines import elasticsearch
from ansible_collections.interlock.cluster.plugins.module_utils._engines import opensearch as engine
from ansible_collections.interlock.cluster.plugins.module_utils._stores import settings_file
from ansible_collections.interlock.cluster.plugins.plugin_utils import _certificate_verdict, _node_files
from ansible_collections.interlock.cluster.plugins.plugin_utils._action import InterlockAction
from ansible_collections.interlock.cluster.plugins.plugin_utils._opensearch_node import Layout, assess_node, demo_files


PATIENCE = 30  # seconds for a node that did not answer at once


class ActionModule(InterlockAction):
    """Tell which level an OpenSearch node is on, and what of its TLS is as wanted, in one module execution on a node that is through."""

    ARGUMENTS = dict(
        service=service_argument(),
        config_dir=dict(type="path", required=True),
        wanted=dict(type="dict", required=True),
        username=dict(type="str", default="admin"),
        password=dict(type="str", no_log=True),
        **_certificate_verdict.arguments(),
    )
    BEARS_SECRETS = True

    def perform(self, options):
        layout = Layout.of(options["config_dir"], options["home"], options["wanted"])
        ask = {"http_port": options["http_port"], "api_paths": list(engine.API_PATHS), "username": options["username"],
               "password": options["password"], "service": options["service"], "process": True,
               "ca_certificates": "".join(options["authorities"]) or None,
               "names": [name for name in (self.task_vars.get("ansible_host"), self.hostname) if name]}
        asked = time.time()
        files, found = _node_files.read(
            self, layout.files, directories=[layout.library, layout.plugins], free_space_of=[layout.config_dir],
            transport_port=options["transport_port"], **ask)
        found["clock_offset"] = clock_offset(found["host"]["now"], asked, time.time())
        demo = files[layout.demo_authority].content if layout.demo_authority in demo_files(files, layout) else None
        if demo and found.get("api", {}).get("scheme") == "https" and found["api"]["unreachable"]:
            # What the demo installer made has a CA of its own, which the node has beside its certificate.
            found["api"] = self.on_node("node_info", dict(
                ask, ca_certificates=demo.decode("utf-8", "replace"), names=[*ask["names"], *engine.DEMO_NAMES]))["api"]
        elif found["process"]["running"] and found.get("api", {}).get("unreachable"):
            # One that is only slow to answer must not be taken for one that asks nobody who they are.
            found["api"] = self.on_node("node_info", dict(ask, timeout=PATIENCE))["api"]
        options.update(inventory_hostname=self.hostname, ansible_host=self.task_vars.get("ansible_host"), given=None, external=False)
        now = datetime.datetime.now(datetime.timezone.utc)
        node = assess_node(files, found, self._takes_plaintext(found, options), options, layout, now)
        if not node["problems"] and node["live"]["level"] != "full":
            settings = settings_file.read(files[layout.settings].content or b"", layout.settings)
            peers = elasticsearch.peer_addresses(settings, node["live"], options["transport_port"])
            node["peers"] = self.on_node("node_peers", {"peers": peers, "tls": True})["peers"] if peers else {}
        return {"changed": False, "node": node}

    def _takes_plaintext(self, found, options):
        """Whether a node that speaks TLS and knows no users answers plaintext as well; None where that is not asked."""
        transport = found.get("transport") or {}
        if not transport.get("speaks_tls") or engine.is_secured(found["api"]):
            return None
        probe = {"host": transport["host"], "port": options["transport_port"], "plaintext_protocol": "elasticsearch"}
        return self.on_node("tls_endpoint_info", probe)["accepts_plaintext"]
