# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Kibana and OpenSearch Dashboards call things, and what a change of their files asks for. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

NONE, RELOAD, RESTART = "none", "reload", "restart"


@dataclass(frozen=True)
class Flavour:
    """A product. prefix: of its settings for the search engine; since_reload: the releases that read server.ssl anew on SIGHUP."""

    name: str
    prefix: str
    settings_file: str
    keystore_file: str
    username: str
    with_tls: dict
    reloads: tuple = ()


# SIGHUP: elastic/kibana#171823, which is in 8.11.2 and in 8.12.0. Dashboards has nothing of the kind.
KIBANA = Flavour("kibana", "elasticsearch", "kibana.yml", "kibana.keystore", "kibana_system", {}, (8, 11, 2))
DASHBOARDS = Flavour("dashboards", "opensearch", "opensearch_dashboards.yml", "opensearch_dashboards.keystore", "kibanaserver",
                     {"opensearch_security.cookie.secure": True})
FLAVOURS = {flavour.name: flavour for flavour in (KIBANA, DASHBOARDS)}


@dataclass(frozen=True)
class Paths:
    """The PEM files, absolute. client and its key are None where no client certificate is shown to the search engine."""

    certificate: str
    key: str
    authorities: str
    client: str | None = None
    client_key: str | None = None
    browser_authorities: str | None = None


@dataclass(frozen=True)
class Login:
    """How the product logs in: by password or by token (of a service account), or as it does already when by is None."""

    by: str | None = None
    username: str = ""


def protocols(flavour, version, wanted):
    """Those of the wanted TLS protocols that a release knows: Dashboards before 2.12 does not start with TLSv1.3."""
    found = re.match(r"(\d+)\.(\d+)\.", version or "")
    if flavour is DASHBOARDS and found and tuple(map(int, found.groups())) < (2, 12):
        return [name for name in wanted if name != "TLSv1.3"]
    return list(wanted)


def settings(flavour, hosts, paths, login, options):
    """({setting: value}, [settings to remove]).

    hosts: https URLs; options: verification_mode, protocols, ciphers, client_authentication.
    """
    prefix = flavour.prefix
    wanted = {
        "server.ssl.enabled": True,
        "server.ssl.certificate": paths.certificate,
        "server.ssl.key": paths.key,
        "server.ssl.supportedProtocols": list(options["protocols"]),
        "%s.hosts" % prefix: list(hosts),
        "%s.ssl.certificateAuthorities" % prefix: [paths.authorities],
        "%s.ssl.verificationMode" % prefix: options["verification_mode"],
        **flavour.with_tls,
    }
    # A PKCS#12 would be read by a library that knows RSA only, and excludes PEM files.
    absent = ["server.ssl.keystore", "server.ssl.keyPassphrase", "%s.ssl.keystore" % prefix, "%s.ssl.truststore" % prefix]
    if options["ciphers"]:
        wanted["server.ssl.cipherSuites"] = list(options["ciphers"])
    if options["client_authentication"] != "none":
        wanted["server.ssl.clientAuthentication"] = options["client_authentication"]
        wanted["server.ssl.certificateAuthorities"] = [paths.browser_authorities]
        absent.append("server.ssl.truststore")
    else:
        absent.append("server.ssl.clientAuthentication")
    if paths.client:
        wanted["%s.ssl.certificate" % prefix] = paths.client
        wanted["%s.ssl.key" % prefix] = paths.client_key
        # By default Kibana shows it in its own requests only, not in those that it makes for a user.
        wanted["%s.ssl.alwaysPresentCertificate" % prefix] = True
        absent.append("%s.ssl.keyPassphrase" % prefix)
    if login.by == "password":
        wanted["%s.username" % prefix] = login.username
        absent += ["%s.password" % prefix, "%s.serviceAccountToken" % prefix]
    if login.by == "token":
        absent += ["%s.%s" % (prefix, name) for name in ("serviceAccountToken", "username", "password")]
    return wanted, absent


def secure_settings(flavour, login, secret):
    """({entry: value}, [entries to remove]) of the keystore. A password and a token exclude each other."""
    password, token = "%s.password" % flavour.prefix, "%s.serviceAccountToken" % flavour.prefix
    if login.by is None:
        return {}, []
    return ({password: secret}, [token]) if login.by == "password" else ({token: secret}, [password])


def reloads(flavour, version):
    """Whether a release reads its server certificate anew on SIGHUP. version: for example "8.19.0", None when it is not known."""
    found = re.match(r"(\d+)\.(\d+)\.(\d+)", version or "")
    return bool(flavour.reloads and found and tuple(map(int, found.groups())) >= flavour.reloads)


@dataclass(frozen=True)
class Found:
    """What was found of one host.

    changed: what differs on disk, {"certificate": why, ...}, the server's under that name; serves: fingerprint of the certificate that
    the port serves, None when it does not speak TLS; has: that of the certificate on disk; manifest: (state, context).
    """

    changed: dict
    serves: str | None
    has: str | None
    version: str | None
    manifest: tuple = (None, {})


def plan(flavour, found):
    """(kind, reasons, resume). resume: files that an earlier run staged are to be made live, or are live, and nothing else is done."""
    state, context = found.manifest
    if state == "switching" or (context or {}).get("restart"):
        return (context or {}).get("restart") or RESTART, ["an earlier run did not finish"], True
    reasons = ["%s: %s" % item for item in found.changed.items()]
    if list(found.changed) == ["certificate"] and found.serves and reloads(flavour, found.version):
        return RELOAD, reasons, False
    if found.changed:
        return RESTART, reasons, False
    if found.serves is None:
        return RESTART, ["does not speak TLS, as its files say it should"], False
    if found.has and found.serves != found.has:
        kind = RELOAD if reloads(flavour, found.version) else RESTART
        return kind, ["serves another certificate than the one it has"], False
    return NONE, [], False


def problems(flavour, hosts, upstream, login, present):
    """What forbids the change, each with what to do.

    hosts: the URLs wanted; upstream: {URL: a tls_endpoint_info result}; present: {setting: value} of the settings file, which is
    empty for a file that is not there.
    """
    found = []
    if not present:
        found.append("%s is not there or empty. Correct kibana_tls_config_dir; installing it is not part of this." % flavour.settings_file)
    if not hosts:
        found.append("no address of the search engine is given. Set kibana_tls_elasticsearch_hosts.")
    for host in hosts:
        if not host.startswith("https://"):
            found.append("%s is no https URL. Set kibana_tls_elasticsearch_hosts to https." % host)
    username = login.username if login.by == "password" else present.get("%s.username" % flavour.prefix)
    if flavour is KIBANA and username == "elastic":
        found.append("Kibana does not start as the user elastic. Set kibana_tls_password for kibana_system, or a token.")
    return found + [problem for host, probe in upstream.items() for problem in _upstream_problems(host, probe)]


def _upstream_problems(host, probe):
    if not probe["reachable"]:
        return ["%s cannot be reached from here: %s" % (host, probe["error"])]
    if not probe["speaks_tls"]:
        return ["%s does not speak TLS. Switch on TLS of its HTTP layer first." % host]
    if probe["trusted"] is False:
        return ["%s is not to be trusted: %s. Correct kibana_tls_elasticsearch_hosts, or kibana_tls_elasticsearch_authorities."
                % (host, probe["trust_reason"])]
    return []
