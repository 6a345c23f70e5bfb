# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One read of an OpenSearch node turned into verdicts: its level on disk and as it shows, what is as wanted, what is not.

What comes out is public: names, reasons, certificate facts. The contents that held secrets end here.
"""

from __future__ import annotations

import datetime
import posixpath
from dataclasses import dataclass

from ansible_collections.interlock.cluster.plugins.module_utils._engines import elasticsearch
from ansible_collections.interlock.cluster.plugins.module_utils._engines import opensearch as engine
from ansible_collections.interlock.cluster.plugins.module_utils._pki import facts
from ansible_collections.interlock.cluster.plugins.module_utils._stores import settings_file
from ansible_collections.interlock.cluster.plugins.plugin_utils import _elasticsearch_node, _secure_settings
from ansible_collections.interlock.cluster.plugins.plugin_utils._certificate_files import CertificateFiles
from ansible_collections.interlock.cluster.plugins.plugin_utils._certificate_verdict import verdict_on
from ansible_collections.interlock.cluster.plugins.plugin_utils._elasticsearch_node import Assessment
from ansible_collections.interlock.cluster.plugins.plugin_utils._node_files import manifest_of


@dataclass(frozen=True)
class Layout(_elasticsearch_node.Layout):
    """Where things stand on a node. pem: (private key, certificate, CAs) where those are files of their own and no stores."""

    pem: tuple = None

    @classmethod
    def of(cls, config_dir, home, wanted):
        """As the option wanted of opensearch_tls_info says."""
        pem = tuple(wanted[name] for name in ("private_key", "certificate", "certificate_authorities"))
        return cls(config_dir, home, wanted["keystore"], wanted["truststore"], pem=pem if wanted["format"] == "pem" else None)

    @property
    def certificate(self):
        if not self.pem:
            return super().certificate
        return CertificateFiles("pem", *(posixpath.join(self.config_dir, path) for path in self.pem))

    @property
    def settings(self):
        return posixpath.join(self.config_dir, engine.SETTINGS_FILE)

    @property
    def secure_settings(self):
        return posixpath.join(self.config_dir, engine.KEYSTORE_FILE)

    @property
    def users(self):
        return posixpath.join(self.config_dir, engine.USERS_FILE)

    @property
    def demo_authority(self):
        return posixpath.join(self.config_dir, "root-ca.pem")

    @property
    def demo_files(self):
        return {posixpath.join(self.config_dir, name): name for name in engine.DEMO_FILES}

    @property
    def plugins(self):
        return posixpath.join(self.home, "plugins")

    @property
    def files(self):
        return [self.settings, self.secure_settings, self.users, *self.demo_files, self.manifest, *self.certificate.paths]


def assess_node(files, found, takes_plaintext, options, layout, now):
    """The verdicts about one node as plain public data (see opensearch_tls_info, RETURN).

    files: {path: NodeFile}; found: the rest of the node_info result; takes_plaintext: whether a port that speaks TLS answers plaintext too.
    """
    notes = Assessment()
    settings = notes.attempt(lambda: settings_file.read(files[layout.settings].readable() or b"", layout.settings), {})
    if not files[layout.settings].exists:
        notes.problems.append("%s: is not there. Set opensearch_tls_config_dir." % layout.settings)
    plugins = found["directories"].get(layout.plugins)
    if plugins is not None and engine.PLUGIN not in plugins:
        notes.problems.append("%s: the plugin %s is not installed. Install it (bin/opensearch-plugin) before TLS can be switched on."
                              % (layout.plugins, engine.PLUGIN))
    live = live_state(found, settings, takes_plaintext)
    version = live["version"] or engine.version_of(found["directories"].get(layout.library))
    name = str(live["name"] or settings.get("node.name") or options["inventory_hostname"])
    secure = notes.attempt(lambda: compare_secure_settings(files, layout, options, version))
    stores = (engine.KEYSTORE_PASSWORD, engine.TRUSTSTORE_PASSWORD)
    passwords = [secure.value(name) if secure and not layout.pem else None for name in stores]
    names = _elasticsearch_node.wanted_names(settings, live, found["host"]["hostname"], options)
    certificate = verdict_on(layout.certificate, files, passwords, found.get("transport"), name, names, dict(options, valid_only=True), now)
    notes.problems += [problem for problem in [certificate.pop("problem")] if problem]
    notes.problems += ["%s: cannot be read by the user %s, as whom the service runs (mode %s, %s:%s). Give it an owner, group or mode "
                       "with which it can." % (path, options["service"]["user"], files[path].mode, files[path].owner, files[path].group)
                       for path in found["unreadable"] if certificate["verdict"] == "keep" or path not in layout.certificate.paths
                       if path not in (layout.manifest, *layout.demo_files)]
    san = {"dns": names[0], "ip": names[1]}
    demo = demo_files(files, layout)
    # What is used for something else stays, as does what is there in its place.
    used = {posixpath.normpath(posixpath.join(layout.config_dir, str(value))) for value in settings.values()}
    used.update(layout.certificate.paths)
    wanted = dict(options["wanted"], demo=bool(demo))
    demo_users, other_users = engine.users(files[layout.users].content or b"")
    return {
        "name": name,
        "dn": notes.attempt(lambda: engine.node_dn(name)),
        "version": version,
        "cluster_name": live["cluster_name"] or settings.get("cluster.name"),
        "live": live,
        "level_on_disk": engine.LEVELS[engine.level_on_disk(settings)],
        "drift": {engine.LEVELS[level]: notes.attempt(lambda level=level: drift(files, layout, level, wanted, version), [])
                  for level in range(engine.DUAL, engine.FULL + 1)},
        "unknown_before_full": engine.unknown_before_full(settings, options["wanted"], version),
        "nodes_dn": engine.as_names(settings.get(engine.NODES_DN)),
        "seed_hosts": elasticsearch.seed_hosts(settings),
        "finds_others": elasticsearch.finds_others(settings),
        "log_file": engine.log_file(settings, options["home"], live["cluster_name"]),
        "certificate": certificate,
        "expired_trust": [one["subject"] for one in certificate["trusted"] or () if one["not_after"] < facts.timestamp(now)],
        "san": san,
        "restart_for": engine.restart_for(
            version, certificate, san, facts.timestamp(now + datetime.timedelta(days=options["validity_days"])),
            options["wanted"]["format"] != "pem"),
        "secure_settings": [] if secure is None else [{"name": change.name, "action": change.action} for change in secure.changes],
        "keystore": None if secure is None else {"existed": secure.existed, "format": secure.keystore.format},
        "manifest": notes.attempt(lambda: manifest_of(files[layout.manifest])),
        "demo": engine.demo_traces(settings, demo.values()),
        "demo_files": [name for path, name in demo.items() if path not in used],
        "demo_authority": files[layout.demo_authority].content.decode("utf-8", "replace") if layout.demo_authority in demo else None,
        "demo_names": list(engine.DEMO_NAMES) if layout.demo_authority in demo else [],
        "demo_users": demo_users,
        # The administrator is given a password anyway, so nothing is lost with that entry.
        "other_users": [user for user in other_users if user != wanted.get("admin_user")],
        "reload": engine.reload_by(options["wanted"], version),
        "peers": {},
        "clock_offset": found["clock_offset"],
        "free_bytes": found["free_space"].get(options["config_dir"]),
        "problems": notes.problems,
        "warnings": notes.warnings,
    }


def demo_files(files, layout):
    """{path: name} of the files of the demo installer."""
    known = engine.demo_files({name: files[path].content for path, name in layout.demo_files.items() if files[path].content})
    return {path: name for path, name in layout.demo_files.items() if name in known}


def live_state(found, settings, takes_plaintext):
    """What runs now: process, level, members, what the ports speak."""
    process = found["process"]
    api = found.get("api") or {"answers": {}, "scheme": None, "unreachable": None, "host": None}
    transport = found.get("transport") or {}
    # Where nothing answered, a process may still be starting: it will listen where its settings say.
    http_host = api["host"] if api["scheme"] else elasticsearch.http_address(settings) or api["host"] or "127.0.0.1"
    published = elasticsearch.publish_names(settings)
    live = engine.live_facts(api)
    tls = transport.get("speaks_tls") if process["running"] else None
    secured = engine.is_secured(api)
    level = engine.live_level(process["running"], tls, takes_plaintext, api["scheme"], secured)
    live.update(
        running=process["running"], started_at=process["started_at"], listening=[port for _address, port in process["listeners"] or ()],
        scheme=api["scheme"], unreachable=api["unreachable"], http_host=http_host, security=secured,
        transport_host=transport["host"] if transport.get("reachable") else published[0] if published else http_host,
        transport_tls=tls, takes_plaintext=takes_plaintext, level=None if level is None else engine.LEVELS[level],
        served=transport.get("certificate") if transport.get("speaks_tls") else None,
    )
    return live


def compare_secure_settings(files, layout, options, version):
    """The node's secure settings next to the wanted ones."""
    given = options["store_password"]
    if layout.pem:
        wanted = _secure_settings.WantedEntries(absent=(*engine.STORE_PASSWORDS, *engine.OTHER_PASSWORDS))
    else:
        stores = (engine.KEYSTORE_PASSWORD, engine.TRUSTSTORE_PASSWORD)
        wanted = _secure_settings.WantedEntries({name: given.encode("utf-8") for name in stores} if given else {}, stores,
                                                engine.OTHER_PASSWORDS, copied=engine.COPIED_PASSWORDS)
    return _secure_settings.compare(files[layout.secure_settings].readable(), wanted, options["keystore_password"], version,
                                    "opensearch", layout.secure_settings)


def drift(files, layout, level, wanted, version):
    """The names of the settings that are not as a level wants them."""
    settings, absent = engine.level_settings(level, wanted, version)
    merged = settings_file.merge(files[layout.settings].readable() or b"", settings, absent, layout.settings)
    return [change.name for change in merged.changes]
