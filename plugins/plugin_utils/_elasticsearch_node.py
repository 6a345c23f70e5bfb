# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One read of an Elasticsearch node turned into verdicts: what is as wanted, what is not, and what is live.

What comes out is public: names, reasons, certificate facts. The contents that held secrets end here.
"""

from __future__ import annotations

import json
import posixpath
from dataclasses import dataclass, field

from ansible_collections.interlock.cluster.plugins.module_utils._engines import elasticsearch as engine
from ansible_collections.interlock.cluster.plugins.module_utils._errors import InterlockError
from ansible_collections.interlock.cluster.plugins.module_utils._node.staging import MANIFEST, previous_path
from ansible_collections.interlock.cluster.plugins.module_utils._pki import authority as authorities
from ansible_collections.interlock.cluster.plugins.module_utils._pki import facts
from ansible_collections.interlock.cluster.plugins.module_utils._pki import names as pki_names
from ansible_collections.interlock.cluster.plugins.module_utils._pki.assessment import Wanted
from ansible_collections.interlock.cluster.plugins.module_utils._pki.node_certificate import Request
from ansible_collections.interlock.cluster.plugins.module_utils._stores import pem, settings_file
from ansible_collections.interlock.cluster.plugins.plugin_utils import _secure_settings, _signed_certificate
from ansible_collections.interlock.cluster.plugins.plugin_utils._certificate_files import CertificateFiles, decide, served_certificate


@dataclass(frozen=True)
class Layout:
    """Where things stand on a node."""

    config_dir: str
    home: str
    keystore: str
    truststore: str

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
        return CertificateFiles("pkcs12", posixpath.join(self.config_dir, self.keystore), None,
                                posixpath.join(self.config_dir, self.truststore))

    @property
    def previous_settings(self):
        return previous_path(self.settings)

    @property
    def files(self):
        return [self.settings, self.previous_settings, self.secure_settings, self.manifest, *self.certificate.paths]


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

    files: {path: NodeFile}; found: the rest of the node_info result; options: elasticsearch_tls_info's.
    """
    notes = Assessment()
    settings = notes.attempt(lambda: settings_file.read(files[layout.settings].readable() or b"", layout.settings), {})
    if not files[layout.settings].exists:
        notes.problems.append("%s: is not there. Set elasticsearch_tls_config_dir." % layout.settings)
    live = live_state(found, settings, options)
    version = live["version"] or engine.version_of(found["directories"].get(layout.library))
    name = live["name"] or settings.get("node.name") or options["inventory_hostname"]
    switching_on = live["security"] is False or (live["security"] is None and not engine.security_enabled(settings))
    secure = notes.attempt(lambda: compare_secure_settings(files, layout, options, version, switching_on))
    names = wanted_names(settings, live, found["host"]["hostname"], options)
    # A password that is yet to be generated opens nothing: what cannot be opened then has to be made anew anyway.
    passwords = (secure.value(engine.KEYSTORE_PASSWORD), secure.value(engine.TRUSTSTORE_PASSWORD)) if secure else (None, None)
    certificate = assess_certificate(files, layout, passwords, found.get("transport"), names, name, options, now)
    notes.problems += [problem for problem in [certificate.pop("problem")] if problem]
    notes.problems += contradictions(files[layout.settings], settings, secure, options, layout)
    notes.problems += ["%s: cannot be read by the user %s, as whom the service runs (mode %s, %s:%s). Give it an owner, group or mode "
                       "with which it can." % (path, options["service"]["user"], files[path].mode, files[path].owner, files[path].group)
                       for path in found["unreadable"] if certificate["verdict"] == "keep" or path not in layout.certificate.paths
                       if path != layout.manifest]
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
    return {
        "name": str(name),
        "version": version,
        "cluster_name": live["cluster_name"] or settings.get("cluster.name"),
        "live": live,
        "switching_security_on": switching_on,
        "encrypted_on_disk": engine.transport_encrypted(settings),
        "seed_hosts": engine.seed_hosts(settings),
        "log_file": engine.log_file(settings, options["home"], live["cluster_name"]),
        "certificate": certificate,
        "san": {"dns": names[0], "ip": names[1]},
        "settings": [] if merged is None else [change.name for change in merged.changes],
        "secure_settings": [] if secure is None else [{"name": change.name, "action": change.action} for change in secure.changes],
        "keystore": None if secure is None else {"existed": secure.existed, "format": secure.keystore.format},
        "manifest": notes.attempt(lambda: manifest_of(files[layout.manifest])),
        "previous_encrypted": notes.attempt(lambda: previously_encrypted(files, settings, layout)),
        "peers": {},
        "clock_offset": found["clock_offset"],
        "free_bytes": found["free_space"].get(options["config_dir"]),
        "problems": notes.problems,
        "warnings": notes.warnings,
    }


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
    )
    return live


def compare_secure_settings(files, layout, options, version, switching_on):
    """The node's secure settings next to the wanted ones."""
    values = {name: password.encode("utf-8") for name, password in (
        (engine.KEYSTORE_PASSWORD, options["store_password"]), (engine.TRUSTSTORE_PASSWORD, options["store_password"])) if password}
    if switching_on and options["password"]:
        values[engine.BOOTSTRAP_PASSWORD] = options["password"].encode("utf-8")
    wanted = _secure_settings.WantedEntries(
        values, (engine.KEYSTORE_PASSWORD, engine.TRUSTSTORE_PASSWORD), () if switching_on else (engine.BOOTSTRAP_PASSWORD,))
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


def assess_certificate(files, layout, passwords, transport, names, common_name, options, now):
    """Verdict, reasons and public facts of the node's certificate, and the CAs it holds or serves that are not ours.

    passwords: of the keystore and of the truststore, None where unknown.
    """
    known = [pem.load_certificates(text.encode("utf-8"), "authorities")[0] for text in options["authorities"]]
    issuer = pem.load_certificates(options["issuer"].encode("utf-8"), "issuer")[0] if options["issuer"] else None
    served = served_certificate(transport)
    current = layout.certificate.current(files, *passwords)
    request = Request(str(common_name), *names, options["key_type"], options["validity_days"])
    # While a CA is rotated there are two, and all of them are trusted.
    trusted = tuple(known) if issuer else ()
    wanted = Wanted(request, trusted, issuer, options["renew_days"], tolerate_extra_names=transport is None)
    decision = decide(current, wanted, served, options["renew"], now, options["reissue"])
    given = options.get("given")
    decision = given.decided(decision, current) if given else decision
    held = [] if current is None or current.certificate is None else [("holds", current.certificate)]
    serving = [("serves", served)] if served else []
    foreign = [foreign_authority(how, certificate) for how, certificate in held + serving
               if not any(authorities.issued_by(certificate, authority) for authority in known)]
    return {
        "verdict": decision.verdict,
        "reasons": decision.texts,
        "warnings": list(decision.warnings),
        "problem": signing_problem(decision, given, files, wanted, options, now),
        "spent_key": bool(given and held and given.belongs_to(current.certificate, files)),
        "facts": facts.certificate_facts(current.certificate) if held else None,
        "trusted": None if current is None or current.trusted is None else [facts.certificate_facts(found) for found in current.trusted],
        "trust_problem": None if current is None else current.trust_problem,
        "foreign": foreign,
    }


def signing_problem(decision, given, files, wanted, options, now):
    """Why a node cannot get the certificate it needs when certificates are signed elsewhere; None when it can."""
    if decision.verdict != "issue":
        return None
    if given:
        return _signed_certificate.problem_of(given, files, wanted, now)
    if options.get("external"):
        return "needs a certificate that is signed elsewhere (%s). %s" % ("; ".join(decision.texts), _signed_certificate.REMEDY)
    return None


def contradictions(file, settings, secure, options, layout):
    """What in the settings of a node cannot stand beside what is to be written, each with what to do."""
    found = []
    names = [name for name in engine.contradictions(settings, options["settings"]) if name not in options["settings_absent"]]
    if names:
        found.append("%s: sets %s, which Elasticsearch does not take beside the keystore and truststore of this collection. Remove it."
                     % (layout.settings, ", ".join(names)))
    if engine.AUTO_CONFIGURED in (file.readable() or b""):
        found.append("%s: has the block of the automatic security configuration, which makes a CA of its own on every node. "
                     "Remove the block and the entries of its stores (elasticsearch-keystore list) first." % layout.settings)
    if secure and engine.KEYSTORE_KEY_PASSWORD in secure.keystore.entries:
        found.append("%s: has %s. The key in the keystore of this collection has the password of the store. Remove the entry."
                     % (layout.secure_settings, engine.KEYSTORE_KEY_PASSWORD))
    return found


def previously_encrypted(files, settings, layout):
    """Whether the settings that a kept change replaced encrypt the transport layer; those of now where it did not touch them."""
    previous = files[layout.previous_settings]
    return engine.transport_encrypted(settings_file.read(previous.readable(), previous.path) if previous.exists else settings)


def needs_a_look_around(node):
    """Whether something is due on a node, for which it has to be known what it can reach."""
    live = node["live"]
    return bool(node["settings"] or node["secure_settings"] or node["certificate"]["verdict"] != "keep"
                or not live["running"] or not live["transport_tls"])


def is_alone(node):
    """Whether a node is in no cluster with others: then it matters whether those speak TLS."""
    return not node["live"]["transport_tls"] and len(node["live"]["members"] or ()) < 2


def foreign_authority(how, certificate):
    """A certificate of another CA as the option foreign_authorities of the module ca takes it."""
    known = facts.certificate_facts(certificate)
    return {"how": how, "subject": known["subject"], "issuer": known["issuer"], "sha256": known["sha256"]}


def manifest_of(file):
    """state and context of the node's manifest, None without one."""
    content = file.readable()
    if content is None:
        return None
    try:
        manifest = json.loads(content.decode("utf-8"))
        return {"state": manifest["state"], "context": manifest["context"], "files": sorted(manifest["files"])}
    except (ValueError, KeyError, TypeError):
        raise InterlockError("is not a manifest of this collection", where=file.path,
                             remedy="Move it away, and the *.interlock-* files beside it.") from None
