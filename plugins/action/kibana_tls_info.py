# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import datetime

from ansible_collections.interlock.cluster.plugins.module_utils._engines import kibana as engine
from ansible_collections.interlock.cluster.plugins.module_utils._pki import keys
from ansible_collections.interlock.cluster.plugins.module_utils._stores import pem
from ansible_collections.interlock.cluster.plugins.plugin_utils import _kibana_node, _node_files, _signed_certificate
from ansible_collections.interlock.cluster.plugins.plugin_utils._action import InterlockAction


class ActionModule(InterlockAction):
    """Tell what a Kibana or Dashboards lacks of what is wanted, what that asks for, and what forbids it."""

    ARGUMENTS = dict(
        flavour=dict(type="str", choices=list(engine.FLAVOURS), default="kibana"),
        config_dir=dict(type="path", required=True),
        certificates_dir=dict(type="str", default="certs"),
        home=dict(type="path", required=True),
        version=dict(type="str"),
        address=dict(type="str", required=True),
        port=dict(type="int", default=5601),
        hosts=dict(type="list", elements="str", required=True),
        verification_mode=dict(type="str", choices=["full", "certificate"], default="full"),
        protocols=dict(type="list", elements="str", default=["TLSv1.2", "TLSv1.3"]),
        ciphers=dict(type="list", elements="str", default=[]),
        client_authentication=dict(type="str", choices=["none", "optional", "required"], default="none"),
        client_certificate=dict(type="bool", default=False),
        client_name=dict(type="str", default="kibana"),
        settings=dict(type="dict", default={}),
        username=dict(type="str"),
        password=dict(type="str", no_log=True),
        token=dict(type="str", no_log=True),
        encryption_keys=dict(type="dict", default={}, no_log=True),
        keystore_password=dict(type="str", no_log=True),
        ca_directory=dict(type="path", required=True),
        elasticsearch_ca_directory=dict(type="path"),
        elasticsearch_authorities=dict(type="list", elements="str", default=[]),
        browser_authorities=dict(type="list", elements="str", default=[]),
        common_name=dict(type="str", required=True),
        san_dns=dict(type="list", elements="str", default=[]),
        san_ip=dict(type="list", elements="str", default=[]),
        key_type=dict(type="str", choices=list(keys.KEY_TYPES), default=keys.DEFAULT_KEY_TYPE),
        validity_days=dict(type="int", default=1095),
        renew_days=dict(type="int", default=30),
        only_certificates=dict(type="bool", default=False),
        **_signed_certificate.arguments(),
    )
    RULES = dict(mutually_exclusive=[("password", "token")])
    BEARS_SECRETS = True

    def perform(self, options):
        layout = _kibana_node.Layout(options)
        given = _signed_certificate.given(options)
        files, result = _node_files.read(self, layout.paths + ([given.path] if given and given.path else []),
                                         transport_port=options["port"], fallback_address=options["address"])
        authorities = pem.dump_certificates(_kibana_node.authorities_of(options)).decode("ascii")
        node = _kibana_node.observe(layout, files, result["transport"], self._upstream(options["hosts"], authorities),
                                    result["host"]["hostname"], options, datetime.datetime.now(datetime.timezone.utc))
        for warning in node["warnings"]:
            self.warn(warning)
        issuers = () if given else _kibana_node.certificates_in(options["ca_directory"])
        return {"changed": False, "node": node, "authorities": authorities, "issuers": pem.dump_certificates(issuers).decode("ascii")}

    def _upstream(self, urls, authorities):
        """{URL: how this host sees it}, of those that are https URLs."""
        found = {}
        for url in urls:
            try:
                host, port = _kibana_node.endpoint(url)
            except ValueError:
                continue
            if url.startswith("https://"):
                found[url] = self.on_node("tls_endpoint_info", {
                    "host": host, "port": port, "ca_certificates": authorities or None, "check_strangers": False, "plaintext_protocol": "http"})
        return found
