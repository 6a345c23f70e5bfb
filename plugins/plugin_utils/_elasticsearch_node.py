# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One read of an Elasticsearch node turned into verdicts: what is as wanted, what is not, and what is live.

What comes out is public: names, reasons, certificate facts. The contents that held secrets end here.
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field

from ansible_collections.interlock.cluster.plugins.module_utils._engines import elasticsearch as engine
from ansible_collections.interlock.cluster.plugins.module_utils._engines import elasticsearch_takeover as takeovers
from ansible_collections.interlock.cluster.plugins.module_utils._errors import InterlockError
from ansible_collections.interlock.cluster.plugins.module_utils._node.staging import MANIFEST, previous_path
from ansible_collections.interlock.cluster.plugins.module_utils._pki import names as pki_names
from ansible_collections.interlock.cluster.plugins.module_utils._stores import settings_file
from ansible_collections.interlock.cluster.plugins.plugin_utils import _elasticsearch_takeover, _node_files, _secure_settings
from ansible_collections.interlock.cluster.plugins.plugin_utils._certificate_files import CertificateFiles
from ansible_collections.interlock.cluster.plugins.plugin_utils._certificate_verdict import verdict_on


@dataclass(frozen=True)
class Layout:
    """Where things stand on a node. http_keystore, http_truststore: None where the HTTP layer is not ours.

    pem: the key, the certificate and the CAs of a transport layer whose key never leaves its node, and which are in use when held is set;
    waiting: the path of a key of the node that waits for its certificate; http_pem: such files of the HTTP layer, in use with http_format
    "pem".
    """

    config_dir: str
    home: str
    keystore: str
    truststore: str
    http_keystore: str = None
    http_truststore: str = None
    pem: tuple = ()
    held: bool = False
    waiting: str = None
    http_pem: tuple = ()
    http_format: str = "pkcs12"

    @property
    def settings(self):
        return posixpath.join(self.config_dir, engine.SETTINGS_FILE)

    @property
    def secure_settings(self):
        return posixpath.join(self.config_dir, engine.KEYSTORE_FILE)

    @property
    def manifest(self):
        return posixpath.join(self.config_dir, MANIFEST)

    @property
    def library(self):
        return posixpath.join(self.home, "lib")

    @property
    def certificate(self):
        if self.held:
            return CertificateFiles("pem", *(posixpath.join(self.config_dir, path) for path in self.pem), held=True)
        return self._stores(self.keystore, self.truststore)

    @property
    def http_certificate(self):
        if self.http_format == "pem":
            return CertificateFiles("pem", *(posixpath.join(self.config_dir, path) for path in self.http_pem))
        return self._stores(self.http_keystore, self.http_truststore) if self.http_keystore else None

    @property
    def layers_with_stores(self):
        """The layers that are ours and have PKCS#12 stores."""
        http = [engine.HTTP] if self.http_keystore and self.http_format == "pkcs12" else []
        return ([] if self.held else [engine.TRANSPORT]) + http

    @property
    def layers_without_stores(self):
        """The layers that are ours and have PEM files."""
        ours = [engine.TRANSPORT] + ([engine.HTTP] if self.http_keystore else [])
        return [layer for layer in ours if layer not in self.layers_with_stores]

    @property
    def certificate_paths(self):
        return [path for place in (self.certificate, self.http_certificate) if place for path in place.paths]

    @property
    def public_keys(self):
        """The keys of which only the public part is read."""
        return [path for path in (self.certificate.key, self.waiting) if path] if self.held else []

    @property
    def own(self):
        """The files as the collection names them in the settings, of either form."""
        http = (self.http_keystore, self.http_truststore, *self.http_pem) if self.http_keystore else ()
        relative = (self.keystore, self.truststore, *self.pem, *http)
        return (*relative, *(posixpath.join(self.config_dir, path) for path in relative))

    def _stores(self, keystore, truststore):
        return CertificateFiles("pkcs12", posixpath.join(self.config_dir, keystore), None, posixpath.join(self.config_dir, truststore))

    @property
    def previous_settings(self):
        return previous_path(self.settings)

    @property
    def files(self):
        places = [place for place in (self.certificate, self.http_certificate) if place]
        return [self.settings, self.previous_settings, self.secure_settings, self.manifest,
                *(path for place in places for path in place.read_paths)]


@dataclass
class Assessment:
    """The verdicts about one node while they are being found; problems are phrases that say what to do."""

    problems: list = field(default_factory=list)
    warnings: list = field(default_factory=list)

    def attempt(self, function, fallback=None):
        """The function's result; an error becomes one of the node's problems, so that all of them are reported together."""
        try:
            return function()
        except InterlockError as error:
            if str(error) not in self.problems:
                self.problems.append(str(error))
            return fallback


def assess_node(files, found, options, layout, now):
    """The verdicts about one node as plain public data (see elasticsearch_tls_info, RETURN).

    files: {path: NodeFile}, in a takeover those of foreign stores too; found: the rest of the node_info result; options:
    elasticsearch_tls_info's.
    """
    notes = Assessment()
    settings = notes.attempt(lambda: settings_file.read(files[layout.settings].readable() or b"", layout.settings), {})
    if not files[layout.settings].exists:
        notes.problems.append("%s: is not there. Set elasticsearch_tls_config_dir." % layout.settings)
    live = live_state(found, settings, options)
    version = live["version"] or engine.version_of(found["directories"].get(layout.library))
    name = live["name"] or settings.get("node.name") or options["inventory_hostname"]
    switching_on = live["security"] is False or (live["security"] is None and not engine.security_enabled(settings))
    stores = notes.attempt(lambda: foreign_stores(settings, layout))
    options["superseded"] = engine.superseded(settings, options["settings"], layout.own)
    options["settings_absent"] = [*options["settings_absent"], *options["superseded"]]
    if layout.held:
        notes.problems += problems_of_held_keys(found, options)
    taken = take_over(files, layout, settings, stores, options, notes) if options.get("takeover") else None
    secure = notes.attempt(lambda: compare_secure_settings(files, layout, options, version, switching_on, bool(taken and stores)))
    names = wanted_names(settings, live, found["host"]["hostname"], options)
    certificate = assess_certificate(engine.TRANSPORT, layout.certificate, files, secure, found.get("transport"), names, name, options, now)
    if taken:
        certificate.update(verdict_of_takeover(stores))
    http = assess_http(files, layout, secure, found, settings, live, name, options, now)
    notes.problems += [problem for problem in [certificate.pop("problem"), http and http["certificate"].pop("problem")] if problem]
    kept = {path for place, verdict in ((layout.certificate, certificate), (layout.http_certificate, http and http["certificate"]))
            if place and verdict["verdict"] == "keep" for path in place.paths}
    notes.problems += contradictions(files[layout.settings], settings, secure, options, layout, stores if taken is None else None)
    notes.problems += ["%s: cannot be read by the user %s, as whom the service runs (mode %s, %s:%s). Give it an owner, group or mode "
                       "with which it can." % (path, options["service"]["user"], files[path].mode, files[path].owner, files[path].group)
                       for path in found["unreadable"] if path in kept or path not in layout.certificate_paths
                       if path not in (layout.manifest, layout.waiting)]
    if secure and secure.existed and secure.keystore.password_protected and options["service"]["manager"] == "systemd" \
            and not found["process"]["passphrase_file"]:
        notes.warnings.append("%s: is password-protected, and the unit %s is not told where its passphrase is. Without "
                              "ES_KEYSTORE_PASSPHRASE_FILE in its environment systemd cannot start it."
                              % (layout.secure_settings, options["service"]["name"]))
    merged = notes.attempt(lambda: settings_file.merge(
        files[layout.settings].readable() or b"", options["settings"], options["settings_absent"], layout.settings))
    if merged and merged.kept:
        notes.problems.append("%s: the value of %s is a placeholder, so what it means here cannot be known. "
                              "Write the value itself into the file."
                              % (layout.settings, ", ".join(merged.kept)))
    left = stores or (taken and stores_before(files, layout))
    if left and taken and merged:
        taken["left_over"] = _elasticsearch_takeover.left_over(left, files, layout.config_dir, merged.content, layout.settings)
    if stores and taken:
        notes.warnings += _elasticsearch_takeover.sharing_warnings(stores, settings, layout.config_dir, layout.settings)
    return {
        "name": str(name),
        "version": version,
        "cluster_name": live["cluster_name"] or settings.get("cluster.name"),
        "live": live,
        "switching_security_on": switching_on,
        "encrypted_on_disk": engine.transport_encrypted(settings),
        "seed_hosts": engine.seed_hosts(settings),
        "finds_others": engine.finds_others(settings),
        "log_file": engine.log_file(settings, options["home"], live["cluster_name"]),
        "certificate": certificate,
        "takeover": taken,
        "san": {"dns": names[0], "ip": names[1]},
        "http": http,
        "settings_absent": options["settings_absent"],
        "settings": [] if merged is None else [change.name for change in merged.changes],
        "secure_settings": [] if secure is None else [{"name": change.name, "action": change.action} for change in secure.changes],
        "keystore": None if secure is None else {"existed": secure.existed, "format": secure.keystore.format},
        "manifest": notes.attempt(lambda: _node_files.manifest_of(files[layout.manifest])),
        "previous_encrypted": notes.attempt(lambda: previously_encrypted(files, settings, layout)),
        "peers": {},
        "clock_offset": found["clock_offset"],
        "free_bytes": found["free_space"].get(options["config_dir"]),
        "problems": notes.problems,
        "warnings": notes.warnings,
    }


def problems_of_held_keys(found, options):
    """What keeps a node from making its keys itself."""
    problems = []
    if found.get("openssl") is None:
        problems.append("openssl is not there or does not run, and the node is to make its keys with it. Install it, or set "
                        "elasticsearch_tls_private_key_origin to controller.")
    if options.get("takeover"):
        problems.append("a cluster is taken over with keys that the control process makes. Set elasticsearch_tls_private_key_origin to "
                        "controller for that; an ordinary run with it set to node then replaces the keys.")
    return problems


def live_state(found, settings, options):
    """What runs now: process, security, members, and what the transport layer speaks (see engine.live_facts)."""
    process = found["process"]
    api = found.get("api") or {"answers": {}, "scheme": None, "unreachable": None, "host": None}
    transport = found.get("transport") or {}
    # Where nothing answered, a process may still be starting: it will listen where its settings say.
    http_host = api["host"] if api["scheme"] else engine.http_address(settings) or api["host"] or "127.0.0.1"
    published = engine.publish_names(settings)
    transport_host = transport["host"] if transport.get("reachable") else published[0] if published else http_host
    live = engine.live_facts(api)
    listening = [port for _address, port in process["listeners"] or ()]
    live.update(
        running=process["running"], started_at=process["started_at"], listening=listening,
        scheme=api["scheme"], unreachable=api["unreachable"], http_host=http_host, transport_host=transport_host,
        transport_tls=transport.get("speaks_tls") if process["running"] else None,
        served=transport.get("certificate") if transport.get("speaks_tls") else None,
        http_served=(found.get("http") or {}).get("certificate"),
        http_asks_clients=(found.get("http") or {}).get("requests_client_certificate"),
    )
    return live


def foreign_stores(settings, layout):
    """The stores of other means that a node's transport layer has, None where it has those of the collection, or none."""
    return _elasticsearch_takeover.stores_of(settings, layout.config_dir, layout.own)


def stores_before(files, layout):
    """The stores of other means that a node had before the last change, as long as that is kept: a run that died did not put them aside."""
    try:
        return foreign_stores(settings_file.read(files[layout.previous_settings].readable() or b"", layout.previous_settings), layout)
    except InterlockError:
        return None


def take_over(files, layout, settings, stores, options, notes):
    """The verdicts of a takeover; what is wanted of settings becomes what is wanted as long as it lasts."""
    options["settings"] = takeovers.settings_of_now(options["settings"], settings)
    options["settings_absent"] = [*options["settings_absent"], *(takeovers.outdated(settings) if stores else ())]
    entries = notes.attempt(lambda: _elasticsearch_takeover.entries_of(
        files[layout.secure_settings].readable(), options["keystore_password"], layout.secure_settings), {})
    found = notes.attempt(lambda: _elasticsearch_takeover.verdicts(stores, files, entries, settings)) \
        or _elasticsearch_takeover.verdicts(None, files, entries, settings)
    return dict(found, settings=options["settings"], settings_absent=options["settings_absent"],
                secure_settings_absent=list(takeovers.OUTDATED_SECURE), left_over=[])


def verdict_of_takeover(stores):
    """What of the verdict on a certificate counts in a takeover: whether the stores are to be packed. All else comes after it."""
    reasons = ["its key and certificate are in %s, which other means made" % stores.key] if stores else []
    return {"verdict": "issue" if stores else "keep", "reasons": reasons, "problem": None}


def assess_http(files, layout, secure, found, settings, live, name, options, now):
    """The verdict on the HTTP layer: its certificate and the names that has to have. None where that layer is not ours."""
    if not options["http"]:
        return None
    asked = dict(options, **options["http"])
    dns, ip = wanted_http_names(settings, live, found["host"]["hostname"], asked)
    certificate = assess_certificate(engine.HTTP, layout.http_certificate, files, secure, found.get("http"), (dns, ip), name, asked, now)
    if not dns and not ip:
        certificate["problem"] = ("elasticsearch_tls_http_san_found is false, and no name is given for the certificate of the HTTP layer. "
                                  "Set elasticsearch_tls_http_san_dns.")
    return {"certificate": certificate, "san": {"dns": dns, "ip": ip}}


def compare_secure_settings(files, layout, options, version, switching_on, taken=False):
    """The node's secure settings next to the wanted ones. taken: other means made its stores, so their passwords are known to others."""
    generated = [name for layer in layout.layers_with_stores for name in layer.store_passwords]
    values = {name: options["store_password"].encode("utf-8") for name in generated if options["store_password"]}
    if switching_on and options["password"]:
        values[engine.BOOTSTRAP_PASSWORD] = options["password"].encode("utf-8")
    absent = (*(() if switching_on else (engine.BOOTSTRAP_PASSWORD,)), *(takeovers.OUTDATED_SECURE if taken else ()),
              *(name for layer in layout.layers_without_stores for name in layer.store_passwords))
    wanted = _secure_settings.WantedEntries(values, tuple(generated), absent, engine.TRANSPORT.store_passwords if taken else ())
    return _secure_settings.compare(files[layout.secure_settings].readable(), wanted, options["keystore_password"], version,
                                    "elasticsearch", layout.secure_settings)


def wanted_names(settings, live, hostname, options):
    """(DNS names, addresses) a node's certificate needs: everything it is dialled by.

    A peer checks the address it dialled, with no reverse look-up (SecurityNetty4Transport): what the node publishes,
    and its entry in discovery.seed_hosts, which is told from the others by the names this host is known by.
    """
    published = live["transport_names"] or engine.publish_names(settings)
    known = {hostname, options["inventory_hostname"], options["ansible_host"], *published}
    seeds = engine.own_seeds(settings, known)
    return tuple(pki_names.split([*published, *seeds, hostname, *options["san_dns"], *options["san_ip"]]))


def wanted_http_names(settings, live, hostname, options):
    """(DNS names, addresses) the certificate of the HTTP layer needs: what clients may know the node by.

    options: san_dns and san_ip, and san_found; without that, those that are given and no others, as a public CA may want it.
    """
    published = live["http_names"] or engine.publish_names(settings, engine.HTTP)
    found = [*published, hostname] if options["san_found"] else []
    return tuple(pki_names.split([*found, *options["san_dns"], *options["san_ip"]]))


def assess_certificate(layer, place, files, secure, probed, names, common_name, options, now):
    """The verdict on the certificate of a layer (see verdict_on). probed: what its live port shows."""
    # A password that is yet to be generated opens nothing: what cannot be opened then has to be made anew anyway.
    passwords = [secure.value(name) if secure and place.format == "pkcs12" else None for name in layer.store_passwords]
    in_use = not any(name.startswith(layer.prefix) for name in options["superseded"])
    return verdict_on(place, files, passwords, probed, common_name, names, options, now, in_use)


def contradictions(file, settings, secure, options, layout, foreign):
    """What in the settings of a node cannot stand beside what is to be written, each with what to do.

    foreign: the stores of other means that are not being taken over.
    """
    if foreign:
        return ["%s: its transport layer has the stores %s, which other means made. Take the cluster over with the playbook takeover."
                % (layout.settings, ", ".join(foreign.paths))]
    found = []
    names = [name for name in engine.contradictions(settings, options["settings"]) if name not in options["settings_absent"]]
    if names:
        found.append("%s: sets %s, which Elasticsearch does not take beside the keystore and truststore of this collection. Remove it."
                     % (layout.settings, ", ".join(names)))
    if engine.AUTO_CONFIGURED in (file.readable() or b"") and not engine.transport_encrypted(settings):
        found.append("%s: has the block of the automatic security configuration, which makes a CA of its own on every node. "
                     "Remove the block and the entries of its stores (elasticsearch-keystore list) first." % layout.settings)
    refused = [(layer.keystore_key_password, "The key in the keystore of this collection has the password of the store")
               for layer in layout.layers_with_stores]
    refused += [(layer.key_passphrase, "The key of this collection has no passphrase") for layer in layout.layers_without_stores]
    found += ["%s: has %s. %s. Remove the entry." % (layout.secure_settings, name, why) for name, why in refused
              if secure and not options.get("takeover") and name in secure.keystore.entries]
    return found


def previously_encrypted(files, settings, layout):
    """Whether the settings that a kept change replaced encrypt the transport layer; those of now where it did not touch them."""
    previous = files[layout.previous_settings]
    return engine.transport_encrypted(settings_file.read(previous.readable(), previous.path) if previous.exists else settings)


def needs_a_look_around(node):
    """Whether something is due on a node, for which it has to be known what it can reach."""
    live = node["live"]
    return bool(node["settings"] or node["secure_settings"] or node["certificate"]["verdict"] != "keep"
                or node["http"] and node["http"]["certificate"]["verdict"] != "keep"
                or not live["running"] or not live["transport_tls"])


def is_alone(node):
    """Whether a node is in no cluster with others: then it matters whether those speak TLS."""
    return not node["live"]["transport_tls"] and len(node["live"]["members"] or ()) < 2
