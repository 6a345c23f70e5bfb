# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import datetime

from ansible_collections.interlock.cluster.plugins.module_utils._engines import redis as engine
from ansible_collections.interlock.cluster.plugins.module_utils._errors import InterlockError
from ansible_collections.interlock.cluster.plugins.module_utils._pki import keys, names
from ansible_collections.interlock.cluster.plugins.module_utils._pki.node_certificate import CLIENT
from ansible_collections.interlock.cluster.plugins.plugin_utils import _node_files
from ansible_collections.interlock.cluster.plugins.plugin_utils._action import InterlockAction
from ansible_collections.interlock.cluster.plugins.plugin_utils._certificate_files import CertificateFiles
from ansible_collections.interlock.cluster.plugins.plugin_utils._certificate_verdict import verdict_on

PLACES = dict(config_file=dict(type="path", required=True), port=dict(type="int", required=True),
              secure_port=dict(type="int", required=True))


# What Ansible puts in the place of a secret argument, in whatever a module answers (module_utils/common/parameters.py, remove_values)
HIDDEN, ALL_HIDDEN = "********", "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"


class HiddenError(InterlockError):
    """Something that was read is not what it is on the node."""


def hidden_in(value):
    """Whether Ansible has hidden something in what a module answered."""
    if isinstance(value, dict):
        return any(hidden_in(item) for pair in value.items() for item in pair)
    if isinstance(value, (list, tuple)):
        return any(map(hidden_in, value))
    return isinstance(value, str) and (HIDDEN in value or value == ALL_HIDDEN)


class ActionModule(InterlockAction):
    """Tell what of a Redis or Valkey node's TLS is as wanted, in one module execution on the node."""

    ARGUMENTS = dict(
        address=dict(type="str", required=True),
        server=dict(type="dict", options=PLACES),
        sentinel=dict(type="dict", options=dict(PLACES, password=dict(type="str", no_log=True))),
        username=dict(type="str"),
        password=dict(type="str", no_log=True),
        fallback_password=dict(type="str", no_log=True),
        renamed_commands=dict(type="dict", default={}, no_log=True),
        timeout=dict(type="int", default=30),
        certificate=dict(type="path", required=True),
        private_key=dict(type="path", required=True, no_log=False),
        ca_certificates=dict(type="path", required=True),
        client_certificate=dict(type="path"),
        client_private_key=dict(type="path", no_log=False),
        separate_client=dict(type="bool", default=False),
        parameters=dict(type="dict", default={}),
        authorities=dict(type="list", elements="str", default=[]),
        issuer=dict(type="str"),
        san_dns=dict(type="list", elements="str", default=[]),
        san_ip=dict(type="list", elements="str", default=[]),
        key_type=dict(type="str", choices=list(keys.KEY_TYPES), default=keys.DEFAULT_KEY_TYPE),
        validity_days=dict(type="int", default=1095),
        renew_days=dict(type="int", default=30),
        renew=dict(type="bool", default=False),
        reissue=dict(type="bool", default=False),
        rotation=dict(type="str", choices=["trust", "certificate"]),
    )
    RULES = dict(required_one_of=[("server", "sentinel")], required_together=[("client_certificate", "client_private_key")],
                 required_if=[("separate_client", True, ("client_certificate",))])
    BEARS_SECRETS = True

    def perform(self, options):
        place = CertificateFiles("pem", options["private_key"], options["certificate"], options["ca_certificates"])
        outgoing = CertificateFiles("pem", options["client_private_key"], options["client_certificate"], None)
        found = self.on_node("redis_node_info", {
            "address": options["address"], "server": options["server"], "sentinel": options["sentinel"],
            "files": place.paths + outgoing.paths,
            "content": True, "username": options["username"], "password": options["password"],
            "fallback_password": options["fallback_password"],
            "renamed_commands": options["renamed_commands"], "timeout": options["timeout"],
            "tls": {"certificate": place.certificate, "private_key": place.key, "ca_certificates": place.trust,
                    "accept_expired": options["renew"]}})
        if hidden_in([found[part] for part in ("files", "place", "server", "sentinel") if part in found]):
            raise HiddenError("a password, or a name in redis_tls_renamed_commands, is also a part of what has to be read here, as of a "
                              "path, an address or the value of a directive, and Ansible hides it wherever it stands", where=self.hostname,
                              remedy="Give the server another password by hand (CONFIG SET masterauth and requirepass): a long one.")
        files = _node_files.from_result(found.pop("files"))
        now = datetime.datetime.now(datetime.timezone.utc)
        return {"changed": False, "node": self._assess((place, outgoing), files, found, options, now)}

    def _assess(self, places, files, found, options, now):
        server, sentinel = found.get("server"), found.get("sentinel")
        live = server["live"] if server else None
        sans = names.split(self._names(server, options))
        serves = (server or sentinel)["serves"]
        transport = {"speaks_tls": True, "certificate_pem": serves["certificate_pem"]} if serves else None
        certificate = verdict_on(places[0], files, (None, None), transport, self.hostname, sans, options, now)
        pair = (options["client_certificate"], options["client_private_key"])
        separate = engine.client_pair(pair, options["separate_client"], live and live["config"], sentinel and sentinel["config"])
        client = None
        if options["separate_client"]:
            client = verdict_on(places[1], files, (None, None), transport, self.hostname, ((), ()), dict(options, profile=CLIENT), now)
        loaded = bool(live) and live["config"].get(engine.CLIENT_MATERIAL[0]) == pair[0]
        certificate = engine.together(certificate, client, loaded)
        for part in (server, sentinel):
            if part and part["serves"]:
                part["serves"].pop("certificate_pem")
        if sentinel:
            sentinel.update({name: options["sentinel"][name] for name in ("port", "secure_port")})
        node = {
            "name": self.hostname, "address": options["address"], "names": [*sans[0], *sans[1]], "san": {"dns": sans[0], "ip": sans[1]},
            "port": options["server"]["port"] if server else None, "secure_port": options["server"]["secure_port"] if server else None,
            "parameters": dict(separate, **{name: engine.text(value) for name, value in options["parameters"].items()}),
            "server": server, "sentinel": sentinel, "certificate": certificate,
            "client_certificate": client, "place": found["place"],
            "live": live, "bus_port": engine.bus_port({"live": live}) if live and live["cluster"] else None, "clock": found["host"]["now"],
        }
        return node

    def _names(self, server, options):
        """Everything the node is dialled by: its address, the one its peers know, and what the user adds."""
        found = [options["address"], self.task_vars.get("ansible_host"), self.hostname, *options["san_dns"], *options["san_ip"]]
        live = server["live"] if server else None
        if live and live["cluster"]:
            mine = [node for node in live["cluster"]["nodes"] if "myself" in node["flags"]]
            found += [node["host"] for node in mine] + [node.get("hostname") for node in mine]
        return [name for name in found if name]
