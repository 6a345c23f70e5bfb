# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import datetime
import time

from ansible_collections.interlock.cluster.plugins.module_utils._ansible.arguments import service_argument
from ansible_collections.interlock.cluster.plugins.module_utils._engines import elasticsearch as engine
from ansible_collections.interlock.cluster.plugins.module_utils._errors import InterlockError
from ansible_collections.interlock.cluster.plugins.module_utils._pki.node_certificate import PROFILES
from ansible_collections.interlock.cluster.plugins.module_utils._stores import settings_file
from ansible_collections.interlock.cluster.plugins.plugin_utils import _certificate_verdict, _node_files, _signed_certificate
from ansible_collections.interlock.cluster.plugins.plugin_utils._action import InterlockAction
from ansible_collections.interlock.cluster.plugins.plugin_utils._api_action import identity
from ansible_collections.interlock.cluster.plugins.plugin_utils._elasticsearch_node import (
    Layout,
    assess_node,
    foreign_stores,
    is_alone,
    needs_a_look_around,
    stores_before,
)


class ActionModule(InterlockAction):
    """Tell what of a node's TLS is as wanted, in one module execution on the node."""

    ARGUMENTS = dict(
        service=service_argument(),
        config_dir=dict(type="path", required=True),
        keystore=dict(type="str", default="certs/transport.keystore.p12"),
        truststore=dict(type="str", default="certs/transport.truststore.p12"),
        private_key_origin=dict(type="str", choices=["controller", "node"], default="controller", no_log=False),
        private_key=dict(type="str", default="certs/transport.key", no_log=False),
        certificate=dict(type="str", default="certs/transport.crt"),
        certificate_authorities=dict(type="str", default="certs/transport.ca.crt"),
        username=dict(type="str", default="elastic"),
        password=dict(type="str", no_log=True),
        settings=dict(type="dict", default={}),
        settings_absent=dict(type="list", elements="str", default=[]),
        external=dict(type="bool", default=False),
        takeover=dict(type="bool", default=False),
        http_certificates=dict(type="str"),
        http=dict(type="dict", options=dict(
            keystore=dict(type="str", default="certs/http.keystore.p12"),
            truststore=dict(type="str", default="certs/http.truststore.p12"),
            format=dict(type="str", choices=["pkcs12", "pem"], default="pkcs12"),
            private_key=dict(type="str", default="certs/http.key", no_log=False),
            certificate=dict(type="str", default="certs/http.crt"),
            certificate_authorities=dict(type="str", default="certs/http.ca.crt"),
            authorities=dict(type="list", elements="str", default=[]),
            issuer=dict(type="str"),
            san_dns=dict(type="list", elements="str", default=[]),
            san_ip=dict(type="list", elements="str", default=[]),
            san_found=dict(type="bool", default=True),
            replace=dict(type="bool", default=False),
            external=dict(type="bool", default=False),
            profile=dict(type="str", choices=list(PROFILES), default=PROFILES[0]),
            **_signed_certificate.arguments(),
        )),
        **_signed_certificate.arguments(),
        **_certificate_verdict.arguments(),
    )
    BEARS_SECRETS = True

    def perform(self, options):
        http = options["http"] or {}
        layout = layout_of(options, http)
        asked = time.time()
        for layer in filter(None, (options, http)):
            layer["given"] = _signed_certificate.given(layer)
        keys_given = [layer["given"].path for layer in (options, http)
                      if layer.get("given") and layer["given"].path and not layer["given"].held]
        api = dict(http_port=options["http_port"], api_paths=list(engine.API_PATHS), username=options["username"],
                   password=options["password"], scheme="https_or_http" if http else "http_or_https",
                   ca_certificates=options["http_certificates"], names=[*http.get("san_dns", []), *http.get("san_ip", []), "localhost"])
        files, found = _node_files.read(
            self, layout.files + keys_given, public_keys=layout.public_keys, directories=[layout.library],
            free_space_of=[layout.config_dir], process=True, transport_port=options["transport_port"], service=options["service"], **api)
        if http and found.get("http", {}).get("requests_client_certificate") and found["api"]["unreachable"]:
            own = own_identity(layout, options, files)
            found["api"] = self.on_node("node_info", dict(api, fallback_address=found["api"]["host"], **own))["api"]
        found["clock_offset"] = clock_offset(found["host"]["now"], asked, time.time())
        if options["takeover"]:
            files.update(self._foreign_files(files, layout))
        options.update(inventory_hostname=self.hostname, ansible_host=self.task_vars.get("ansible_host"))
        now = datetime.datetime.now(datetime.timezone.utc)
        node = assess_node(files, found, options, layout, now)
        if needs_a_look_around(node):
            settings = settings_file.read(files[layout.settings].content or b"", layout.settings) if not node["problems"] else {}
            peers = engine.peer_addresses(settings, node["live"], options["transport_port"])
            node["peers"] = self.on_node("node_peers", {"peers": peers, "tls": is_alone(node)})["peers"] if peers else {}
        return {"changed": False, "node": node}

    def _foreign_files(self, files, layout):
        """The files that the settings of other means name; what is wrong with those settings is found when they are judged."""
        try:
            stores = foreign_stores(settings_file.read(files[layout.settings].readable() or b"", layout.settings), layout)
        except InterlockError:
            stores = None
        stores = stores or stores_before(files, layout)
        return _node_files.read(self, stores.paths)[0] if stores else {}


def layout_of(options, http):
    """Where things stand on the node. http: the options of that layer, empty where it is not ours."""
    held = options["private_key_origin"] == "node"
    return Layout(options["config_dir"], options["home"], options["keystore"], options["truststore"], http.get("keystore"),
                  http.get("truststore"), pem_files(options), held,
                  options["signed_key_path"] if held and not options["signed_key"] else None,
                  pem_files(http) if http else (), http.get("format", "pkcs12"))


def pem_files(options):
    """The PEM files of a layer as settings name them."""
    return options["private_key"], options["certificate"], options["certificate_authorities"]


def own_identity(layout, options, files):
    """What the node shows to its own HTTP layer, as node_info takes it. files: {path: NodeFile}."""
    place = layout.http_certificate
    if place.format == "pem":
        return {"client_files": {"certificate": place.certificate, "private_key": place.key}}
    setting = {"path": layout.secure_settings, "name": engine.HTTP.keystore_password, "password": options["keystore_password"]}
    return identity(place.key, setting, files)


def clock_offset(there, asked, answered):
    """Seconds a node's clock is ahead of ours, negative behind; 0 for a time between question and answer, which both may have been."""
    return there - answered if there > answered else min(0, there - asked)
