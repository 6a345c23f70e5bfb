# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A Kibana or Dashboards as it was read, next to what its role wants: what differs, and what is in the way."""

from __future__ import annotations

import ipaddress
import json
import posixpath
from urllib.parse import urlsplit

from ansible_collections.interlock.cluster.plugins.module_utils._ansible.ca_directory import CaDirectory
from ansible_collections.interlock.cluster.plugins.module_utils._engines import kibana as engine
from ansible_collections.interlock.cluster.plugins.module_utils._errors import InterlockError
from ansible_collections.interlock.cluster.plugins.module_utils._node.staging import MANIFEST
from ansible_collections.interlock.cluster.plugins.module_utils._pki import facts, names
from ansible_collections.interlock.cluster.plugins.module_utils._pki.assessment import Wanted, trust_differences
from ansible_collections.interlock.cluster.plugins.module_utils._pki.node_certificate import Request
from ansible_collections.interlock.cluster.plugins.module_utils._stores import kibana_keystore, pem, settings_file
from ansible_collections.interlock.cluster.plugins.plugin_utils import _node_files, _signed_certificate
from ansible_collections.interlock.cluster.plugins.plugin_utils._certificate_files import CertificateFiles, decide


class Layout:
    """Where everything is on the host."""

    def __init__(self, options):
        self.flavour = engine.FLAVOURS[options["flavour"]]
        directory = options["config_dir"]
        certificates = posixpath.join(directory, options["certificates_dir"])
        self.settings = posixpath.join(directory, self.flavour.settings_file)
        self.keystore = posixpath.join(directory, self.flavour.keystore_file)
        self.manifest = posixpath.join(directory, MANIFEST)
        self.package = posixpath.join(options["home"], "package.json")
        in_use = engine.Paths(*(posixpath.join(certificates, name) for name in ("server.crt", "server.key", "authorities.crt")))
        client = [posixpath.join(certificates, name) if options["client_certificate"] else None for name in ("client.crt", "client.key")]
        browsers = posixpath.join(certificates, "browsers.crt") if options["client_authentication"] != "none" else None
        self.pem = engine.Paths(in_use.certificate, in_use.key, in_use.authorities, *client, browsers)

    @property
    def paths(self):
        """Every file to read."""
        fixed = [self.settings, self.keystore, self.manifest, self.package]
        return fixed + [path for path in vars(self.pem).values() if path]


class Observation:
    """One host. files: {path: NodeFile}; the passwords and secrets of options are compared here and go no further."""

    def __init__(self, layout, files, options, now):
        self.layout, self.files, self.options, self.now = layout, files, options, now
        self.problems = []

    def attempt(self, function, fallback):
        """What the function returns. What it refuses becomes a problem."""
        try:
            return function()
        except InterlockError as error:
            self.problems.append(str(error))
            return fallback

    def login(self):
        """How the product is to log in."""
        by = "token" if self.options["token"] else "password" if self.options["password"] else None
        return engine.Login(by, self.options["username"] or self.layout.flavour.username)

    def settings(self, hosts):
        """(wanted, absent, present, what differs) of the settings file."""
        file = self.files[self.layout.settings]
        protocols = engine.protocols(self.layout.flavour, self.version(), self.options["protocols"])
        if not protocols:
            self.problems.append("Dashboards %s does not know TLSv1.3. Put TLSv1.2 into kibana_tls_protocols, or upgrade to 2.12 or newer."
                                 % self.version())
        options = dict(self.options, protocols=protocols)
        wanted, absent = engine.settings(self.layout.flavour, hosts, self.layout.pem, self.login(), options)
        wanted.update(self.options["settings"])
        content = self.attempt(file.readable, None) or b""
        present = self.attempt(lambda: settings_file.read(content, file.path, settings_file.KIBANA), {})
        merged = self.attempt(lambda: settings_file.merge(content, wanted, absent, file.path, settings_file.KIBANA), None)
        names_ = [change.name for change in merged.changes] if merged else []
        return wanted, absent, present, names_

    def keystore(self, present):
        """(entries to remove, names that differ) of the keystore. present: the settings of the settings file."""
        file, options = self.files[self.layout.keystore], self.options
        secret = options["token"] or options["password"]
        entries, absent = engine.secure_settings(self.layout.flavour, self.login(), secret)

        def compare():
            content = file.readable()
            found = kibana_keystore.load(content, options["keystore_password"] or "", file.path) if content else kibana_keystore.Keystore()
            missing = {name: value for name, value in options["encryption_keys"].items()
                       if name not in found.entries and name not in present}
            return [change.name for change in kibana_keystore.edit(found, {**missing, **entries}, absent)[1]]

        return absent, self.attempt(compare, [])

    def certificate(self, key, certificate, request, given=None):
        """(the Decision about a pair of PEM files, the certificate there is)."""
        place = CertificateFiles("pem", key, certificate, None)
        current = place.current(self.files, None, None)
        authorities = certificates_in(self.options["ca_directory"])
        issuer = issuing(self.options["ca_directory"])
        wanted = Wanted(request, authorities, issuer, self.options["renew_days"])
        decision = decide(current, wanted, None, True, self.now)
        if given:
            decision = given.decided(decision, current)
            problem = _signed_certificate.problem_of(given, self.files, wanted, self.now) if decision.verdict == "issue" else None
            if problem:
                self.problems.append(problem)
        elif issuer is None:
            self.problems.append("there is no CA in %s yet. Make it first, with the playbook of the engine or the role cluster_ca."
                                 % self.options["ca_directory"])
        return decision, None if current is None else current.certificate

    def trust(self, path, wanted):
        """Why a bundle has to be written anew, None when it need not."""
        file = self.files[path]
        if not file.exists:
            return "%s is not there" % path
        held = self.attempt(lambda: pem.load_certificates(file.readable(), path), ())
        missing, unwanted = trust_differences(held, wanted)
        words = ["lacks %s" % names.text(one.subject) for one in missing] + ["also holds %s" % names.text(one.subject) for one in unwanted]
        return "; ".join(words) or None

    def version(self):
        """The release, by what is given or by package.json; None when neither tells."""
        if self.options["version"]:
            return self.options["version"]
        try:
            return str(json.loads(self.files[self.layout.package].readable() or b"{}").get("version") or "") or None
        except (InterlockError, ValueError, AttributeError):
            return None


def observe(layout, files, probe, upstream, hostname, options, now):
    """Everything the role has to know of a host, as public data."""
    one = Observation(layout, files, options, now)
    hosts = options["hosts"]
    wanted, absent, present, differing = one.settings(hosts)
    secure_absent, secure_differing = one.keystore(present)
    server = Request(options["common_name"], *san(hostname, options), options["key_type"], options["validity_days"], "server")
    given = _signed_certificate.given(options)
    decision, held = one.certificate(layout.pem.key, layout.pem.certificate, server, given)
    changed = {"settings": some(differing), "keystore": some(secure_differing),
               "certificate": "; ".join(decision.texts) if decision.verdict != "keep" else "",
               "trust": one.trust(layout.pem.authorities, authorities_of(options))}
    if layout.pem.client:
        client = Request(options["client_name"], (), (), options["key_type"], options["validity_days"], "client")
        found = one.certificate(layout.pem.client_key, layout.pem.client, client)[0]
        changed["client certificate"] = "; ".join(found.texts) if found.verdict != "keep" else ""
    if layout.pem.browser_authorities:
        changed["trust in browsers"] = one.trust(layout.pem.browser_authorities, browsers_of(options))
    changed = {name: why for name, why in changed.items() if why and (name in ONLY_CERTIFICATES or not options["only_certificates"])}
    serves = (probe.get("certificate") or {}).get("sha256") if probe.get("speaks_tls") else None
    manifest = one.attempt(lambda: _node_files.manifest_of(files[layout.manifest]), None) or {"state": None, "context": {}}
    kind, reasons, resume = engine.plan(layout.flavour, engine.Found(
        changed, serves, facts.fingerprint(held) if held is not None else None, one.version(), (manifest["state"], manifest["context"])))
    problems = engine.problems(layout.flavour, hosts, upstream, one.login(), present) + one.problems
    return {
        "kind": kind, "reasons": reasons, "resume": resume, "problems": list(dict.fromkeys(problems)), "warnings": list(decision.warnings),
        "version": one.version(), "paths": dict(vars(layout.pem), settings=layout.settings, keystore=layout.keystore),
        "settings": wanted, "absent_settings": absent, "absent_entries": secure_absent, "keystore_exists": files[layout.keystore].exists,
        "san": {"dns": list(server.dns), "ip": list(server.ip)}, "manifest": manifest["state"],
        "live": {"speaks_tls": bool(serves), "sha256": serves},
    }


def some(names_):
    """The first names, and how many more; the difference that is shown when they are written has them all."""
    more = ["and %d more" % (len(names_) - 2)] if len(names_) > 3 else []
    return ", ".join(names_[:2] + more if more else names_)


ONLY_CERTIFICATES = ("certificate", "client certificate", "trust", "trust in browsers")


def san(hostname, options):
    """(DNS names, addresses) of the server certificate: where it is reached, the host's own name, and what is given."""
    addresses, dns = [], []
    for name in [options["address"], hostname, *options["san_dns"], *options["san_ip"]]:
        try:
            addresses.append(str(ipaddress.ip_address(name)))
        except ValueError:
            dns.append(name)
    return tuple(dict.fromkeys(dns)), tuple(dict.fromkeys(addresses))


def certificates_in(directory):
    """The certificates of all generations of a CA directory, none when it is not there."""
    ca = CaDirectory(directory)
    return tuple(entry.certificate for entry in ca.load_public()) if ca.exists() else ()


def issuing(directory):
    """The certificate of the generation that issues, None without one."""
    ca = CaDirectory(directory)
    if not ca.exists():
        return None
    current = ca.current()
    return next((entry.certificate for entry in ca.load_public() if entry.number == current), None)


def authorities_of(options):
    """Whom the product trusts as the search engine: the CAs given, or else those of the directory."""
    return _given(options["elasticsearch_authorities"]) or certificates_in(options["elasticsearch_ca_directory"] or options["ca_directory"])


def browsers_of(options):
    """Whose client certificates the product takes from browsers."""
    return _given(options["browser_authorities"]) or certificates_in(options["ca_directory"])


def _given(texts):
    return tuple(one for text in texts for one in pem.load_certificates(text.encode("utf-8"), "authorities"))


def endpoint(url):
    """(host, port) of a URL; Kibana takes 9200 where none is given. Raises ValueError for one that is none."""
    parts = urlsplit(url)
    if not parts.hostname:
        raise ValueError("no host in it")
    return parts.hostname, parts.port or 9200
