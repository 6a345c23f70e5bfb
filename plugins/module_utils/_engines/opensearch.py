# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What OpenSearch and its security plugin call things: settings, secure settings, API paths, levels of encryption. Pure.

A cluster is taken from plaintext to full security over levels, because only neighbouring ones can form one cluster:

    plain   plugins.security.disabled: true
    dual    ssl_only and dual mode: TLS with whoever speaks it, plaintext with the others
    strict  ssl_only: TLS alone on the transport layer
    https   ssl_only, and TLS on the HTTP layer
    full    users, roles, and nodes known by the names in their certificates
"""

from __future__ import annotations

import re

from ansible_collections.interlock.cluster.plugins.module_utils._engines import elasticsearch
from ansible_collections.interlock.cluster.plugins.module_utils._pki import keys, names
from ansible_collections.interlock.cluster.plugins.module_utils._stores import pem
from ansible_collections.interlock.cluster.plugins.module_utils._stores.settings_file import same_value

PLAIN, DUAL, STRICT, HTTPS, FULL = range(5)
LEVELS = ("plain", "dual", "strict", "https", "full")

SETTINGS_FILE = "opensearch.yml"
KEYSTORE_FILE = "opensearch.keystore"
PLUGIN = "opensearch-security"
SECURITY = "plugins.security."
DISABLED = SECURITY + "disabled"
SSL_ONLY = SECURITY + "ssl_only"
DUAL_MODE = "plugins.security_config.ssl_dual_mode_enabled"
LEGACY_DUAL_MODE = "opendistro_security_config.ssl_dual_mode_enabled"
TRANSPORT, HTTP = SECURITY + "ssl.transport.", SECURITY + "ssl.http."
# Since 2.14 what is asked of a peer's name is the core's; its settings count before the plugin's, which the demo installer relies on.
CORE_NAMES = "transport.ssl."
HTTP_ENABLED = HTTP + "enabled"
NODES_DN = SECURITY + "nodes_dn"
ADMIN_DN = SECURITY + "authcz.admin_dn"
RELOAD_API = SECURITY + "ssl_cert_reload_enabled"
WATCHER = SECURITY + "ssl.certificates_hot_reload.enabled"
UNSAFE_DEMO = SECURITY + "allow_unsafe_democertificates"
KEYSTORE_PASSWORD = TRANSPORT + "keystore_password_secure"
TRUSTSTORE_PASSWORD = TRANSPORT + "truststore_password_secure"
# What the plugin registers with ssl_only beside what is managed here; any other setting of its own keeps a node from starting then.
_KNOWN_BEFORE_FULL = tuple(SECURITY + name for name in ("ssl.", "protected_indices.", "system_indices.", "password.hashing."))
# Both layers have the same stores, so the passwords of the HTTP layer are copies.
COPIED_PASSWORDS = {HTTP + "keystore_password_secure": KEYSTORE_PASSWORD, HTTP + "truststore_password_secure": TRUSTSTORE_PASSWORD}
# A key in a store has the store's password, and one in PEM form has none.
OTHER_PASSWORDS = tuple(prefix + name for prefix in (TRANSPORT, HTTP) for name in ("keystore_keypassword_secure", "pemkey_password_secure"))
STORE_PASSWORDS = (KEYSTORE_PASSWORD, TRUSTSTORE_PASSWORD, *COPIED_PASSWORDS)

# The settings of stores, which the plugin takes of one kind only; see OpenSearchSecurityPlugin's start-up checks.
_STORE_SETTINGS = ("pemcert_filepath", "pemkey_filepath", "pemtrustedcas_filepath", "pemkey_password", "keystore_type", "keystore_filepath",
                   "keystore_alias", "keystore_password", "keystore_keypassword", "truststore_type", "truststore_filepath",
                   "truststore_alias", "truststore_password")
# Where the demo installer writes its files; the plugin does not start while one of those is below the configuration directory. Files of an
# operator may have these names, so what is in them counts. A key is known by its certificate, and so is the first to be removed.
DEMO_FILES = ("esnode-key.pem", "esnode.pem", "kirk-key.pem", "kirk.pem", "root-ca.pem")
DEMO_AUTHORITY = "CN=Example Com Inc. Root CA,OU=Example Com Inc. Root CA,O=Example Com Inc.,DC=example,DC=com"
# What its certificates are for, wherever the node is; everybody has their keys, so a name of these says nothing.
DEMO_NAMES = ("node-0.example.com", "localhost")
DEMO_ADMIN_DN = "CN=kirk,OU=client,O=client,L=test,C=de"
# How the hashes of its passwords begin, by their salts: admin, anomalyadmin, kibanaserver, kibanaro, logstash, readall, snapshotrestore.
_DEMO_SALTS = ("VcCDgh2NDk07JGN0rjGbM.", "TRwAAJgnNo67w3rVUz4FIe", "4AcgAt3xwOWadA5s5blL6e", "JJSXNfTowz7Uu5ttXfeYpe",
               "u1ShR4l4uBS3Uv59Pa2y5.", "ae4ycwzwvLtZxwZ82RmiEu", "DpwmetHKwgYnorbgdvORCe")
_DEMO_HASH = re.compile(r"\$2[aby]\$12\$(?:%s)" % "|".join(re.escape(salt) for salt in _DEMO_SALTS))
_USER = re.compile(r"^([\"']?)([^\s#\"'-].*?)\1[ \t]*:(?=\s|$)", re.M)
USERS_FILE = "opensearch-security/internal_users.yml"
# The form of that file without a user, as long as nobody has been given one.
NO_USERS = b'---\n_meta:\n  type: "internalusers"\n  config_version: 2\n'

API_SECURITY = "/_plugins/_security/health"
API_NODE = elasticsearch.API_NODE
API_HEALTH = "/_cluster/health?cluster_manager_timeout=3s&timeout=3s"
API_MANAGER = "/_nodes/_cluster_manager?filter_path=nodes.*.name"
API_SETTINGS = "/_cluster/settings?flat_settings=true&cluster_manager_timeout=3s"
# By the names that elasticsearch.live_facts knows the answers by. The health of the plugin is answered to everybody, and so comes first.
API_PATHS = {API_SECURITY: API_SECURITY, API_NODE: elasticsearch.API_NODE, API_HEALTH: elasticsearch.API_HEALTH,
             elasticsearch.API_MEMBERS: elasticsearch.API_MEMBERS, API_MANAGER: elasticsearch.API_MASTER,
             API_SETTINGS: elasticsearch.API_SETTINGS, elasticsearch.API_DOCUMENTS: elasticsearch.API_DOCUMENTS}
OWN_INDICES = (".opendistro", ".opensearch", ".plugins-ml")


def version_of(jar_names):
    """The version an installation has, from the names in its lib directory; None when they do not tell."""
    for name in jar_names or ():
        found = re.match(r"opensearch-(\d+\.\d+\.\d+[^/]*)\.jar$", name)
        if found:
            return found.group(1)
    return None


def release(version):
    """(major, minor, patch) of a version text; zeros where it does not tell."""
    found = re.match(r"(\d+)\.(\d+)(?:\.(\d+))?", version or "")
    return tuple(int(part or 0) for part in found.groups()) if found else (0, 0, 0)


def is_supported(version):
    """Whether the collection was made for a version: 2.x, and 3.x where its plugin has the same settings."""
    return release(version)[0] in (2, 3)


def switches_dual_mode(version):
    """Whether the cluster setting ends dual mode: 2.14 to 2.17 hand the transport layer what the file says and nothing else."""
    return not (2, 14, 0) <= release(version) < (2, 18, 0)


def has_watcher(version):
    """Whether the plugin can watch its files (2.19.0 has the code and not the setting)."""
    return release(version) >= (2, 19, 1)


def restart_for(version, certificate, san, end, stored):
    """What of a new certificate a running node would refuse: before 2.19 other names, an earlier end, and a store: the secure settings with
    its password are closed by then ("Keystore is closed", seen on 2.11.1). A restart takes them.

    certificate: the verdict (see opensearch_tls_info); san: the names wanted; end: when a new one would end; stored: if it is in a store.
    """
    old = certificate["facts"]
    if certificate["verdict"] != "issue" or not old or release(version) >= (2, 19, 0):
        return []
    renamed = set(old["san_dns"] + old["san_ip"]) != {names.folded(name) for name in san["dns"]}.union(san["ip"])
    return ["a store"] * stored + ["other names"] * renamed + ["an earlier end"] * (end < old["not_after"])


def node_dn(common_name):
    """The name of a node or an admin as the plugin compares it: RFC 4514, the whole subject, which here is a common name."""
    return names.common_name(common_name).rfc4514_string()


def level_settings(level, wanted, version=None):
    """(settings, absent) of a level. wanted: format (pkcs12 or pem) with keystore and truststore, or private_key, certificate and
    certificate_authorities; protocols, ciphers, hostname_verification, admin_dn, reload (watcher or api), extra;
    nodes_dn for the level full, which leaves the setting alone where it is None; and demo, whether there are files of the demo installer.

    Settings that the plugin does not register at a level are absent there: a node does not start with a setting it does not know.
    """
    settings = {TRANSPORT + name: value for name, value in _stores(wanted).items()}
    names, others = (CORE_NAMES, TRANSPORT) if release(version) >= (2, 14, 0) else (TRANSPORT, CORE_NAMES)
    settings[names + "enforce_hostname_verification"] = wanted["hostname_verification"]
    settings[names + "resolve_hostname"] = False
    settings[HTTP_ENABLED] = level >= HTTPS
    absent = [others + name for name in ("enforce_hostname_verification", "resolve_hostname")]
    absent += [DISABLED, LEGACY_DUAL_MODE, UNSAFE_DEMO, RELOAD_API, WATCHER, TRANSPORT + "enabled"]
    absent += [prefix + name for prefix in (TRANSPORT, HTTP) for name in _STORE_SETTINGS]
    if level == DUAL:
        settings[DUAL_MODE] = True
    else:
        absent.append(DUAL_MODE)
    if level >= HTTPS:
        settings.update({HTTP + name: value for name, value in _stores(wanted).items()})
        settings[HTTP + "clientauth_mode"] = "OPTIONAL"  # the administrator has a certificate, and users have a password
    full = _full_settings(wanted, version)
    if level == FULL:
        absent.append(SSL_ONLY)
        settings.update({name: value for name, value in full.items() if value is not None})
        if wanted.get("demo"):
            settings[UNSAFE_DEMO] = True  # without it a node does not start beside those files; it goes when they are gone
    else:
        settings[SSL_ONLY] = True
        absent += [NODES_DN] + list(full)
    return settings, [name for name in absent if name not in settings]


def unknown_before_full(settings, wanted, version=None):
    """The settings of the plugin in a file that no level below full takes out, and that the plugin does not know there."""
    managed = level_settings(HTTPS, wanted, version)
    return [name for name in settings if name.startswith((SECURITY, "opendistro_security."))
            and not name.startswith(_KNOWN_BEFORE_FULL) and name not in managed[0] and name not in managed[1]]


def _stores(wanted):
    if wanted.get("format") == "pem":
        found = {"pemkey_filepath": wanted["private_key"], "pemcert_filepath": wanted["certificate"],
                 "pemtrustedcas_filepath": wanted["certificate_authorities"]}
    else:
        found = {"keystore_type": "PKCS12", "keystore_filepath": wanted["keystore"], "truststore_type": "PKCS12",
                 "truststore_filepath": wanted["truststore"]}
    found["enabled_protocols"] = list(wanted["protocols"])
    if wanted.get("ciphers"):
        found["enabled_ciphers"] = list(wanted["ciphers"])
    return found


def _full_settings(wanted, version):
    found = {
        NODES_DN: wanted.get("nodes_dn"),
        SECURITY + "nodes_dn_dynamic_config_enabled": True,
        ADMIN_DN: [wanted["admin_dn"]],
        SECURITY + "allow_default_init_securityindex": True,
    }
    found[WATCHER if reload_by(wanted, version) == "watcher" else RELOAD_API] = True
    if release(version) >= (2, 19, 0):
        # With it a reload would refuse a certificate of another CA, and only a restart could rotate one.
        found[TRANSPORT + "enforce_cert_reload_dn_verification"] = False
        found[HTTP + "enforce_cert_reload_dn_verification"] = False
    found.update({name: value for name, value in (wanted.get("extra") or {}).items() if name != NODES_DN})  # see more_nodes
    return found


def more_nodes(wanted):
    """The names in nodes_dn that the operator wants beside those of the nodes."""
    return as_names((wanted.get("extra") or {}).get(NODES_DN))


def reload_by(wanted, version):
    """How a running node is to read new certificates: watcher or api, never both."""
    return "watcher" if wanted.get("reload") in (None, "auto", "watcher") and has_watcher(version) else "api"


def level_on_disk(settings):
    """The level that a settings file means."""
    def on(name, default):
        return same_value(settings.get(name, default), True)

    if on(DISABLED, False):
        return PLAIN
    if not on(SSL_ONLY, False):
        return FULL
    if on(DUAL_MODE, False) or on(LEGACY_DUAL_MODE, False):
        return DUAL
    return HTTPS if on(HTTP_ENABLED, False) else STRICT


def live_level(running, transport_tls, takes_plaintext, scheme, secured):
    """The level that a node shows; None for one that does not run, or whose transport layer cannot be reached."""
    if not running or transport_tls is None:
        return None
    if not transport_tls:
        return PLAIN
    if secured:
        return FULL
    if takes_plaintext:
        return DUAL
    return HTTPS if scheme == "https" else STRICT


def is_secured(api):
    """Whether the answers of a node show that its security plugin asks who is there; a plugin that is off has no such path."""
    health = api["answers"].get(API_SECURITY)
    if not health:
        return False
    if health["status"] in (401, 403):
        return True
    answer = health["answer"]
    if health["status"] == 503:
        return "not initialized" in str(answer).lower()
    return health["status"] == 200 and isinstance(answer, dict) and "mode" in answer


def live_facts(api):
    """What the API answers tell, in the shape of elasticsearch.live_facts, with dual_mode: the cluster setting, None when it is not set."""
    known = {API_PATHS[path]: answer for path, answer in api["answers"].items() if path in API_PATHS}
    found = elasticsearch.live_facts(dict(api, answers={path: answer for path, answer in known.items() if path != API_SECURITY}))
    if found["documents"] is not None:
        found["documents"] = {name: count for name, count in found["documents"].items() if not name.startswith(OWN_INDICES)}
    settings = known.get(elasticsearch.API_SETTINGS) or {"status": None}
    stored = settings["answer"] if settings["status"] == 200 else {"persistent": {}, "transient": {}}
    found["dual_mode"] = stored["persistent"].get(DUAL_MODE)
    return found


def demo_files(contents):
    """The names of those files that the demo installer wrote. contents: {name: content} of what there is under the names it uses."""
    certificates = {name: _found(pem.load_certificates, content, name) or () for name, content in contents.items()}
    known = {name: found for name, found in certificates.items()
             if found and all(names.text(certificate.issuer) == DEMO_AUTHORITY for certificate in found)}
    private = {name: _found(pem.load_key, content, None, name) for name, content in contents.items() if not certificates[name]}
    pairs = {name for name, key in private.items() if key and any(keys.matches(key, found[0]) for found in known.values())}
    return [name for name in DEMO_FILES if name in pairs.union(known)]


def _found(load, *arguments):
    try:
        return load(*arguments)
    except pem.PemError:
        return None


def users(content):
    """(those with a password of the demo, the others) in an internal_users.yml, by name."""
    text = re.sub(r"^\s*#.*$", "", content.decode("utf-8", "replace"), flags=re.M)
    found = list(_USER.finditer(text))
    ends = [match.start() for match in found[1:]] + [len(text)]
    demo = {match.group(2): bool(_DEMO_HASH.search(text[match.end():end])) for match, end in zip(found, ends) if match.group(2) != "_meta"}
    return sorted(name for name in demo if demo[name]), sorted(name for name in demo if not demo[name])


def demo_traces(settings, files):
    """What is left of the demo installer: files (see demo_files) and settings by name; a cluster with these is everybody's."""
    found = list(files)
    if same_value(settings.get(UNSAFE_DEMO, False), True):
        found.append(UNSAFE_DEMO)
    if DEMO_ADMIN_DN in [dn.replace(" ", "") for dn in as_names(settings.get(ADMIN_DN))]:
        found.append(ADMIN_DN)
    return found


def as_names(value):
    """A setting that holds distinguished names: a list, or one name, whose commas separate nothing."""
    return [str(item) for item in value] if isinstance(value, (list, tuple)) else [] if value is None else [str(value)]


def log_file(settings, home, cluster_name):
    """Where a node writes its log: path.logs is below the home by default."""
    directory = str(settings.get("path.logs", "%s/logs" % home)).replace("${OPENSEARCH_HOME}", home or "")
    return "%s/%s.log" % (directory, cluster_name or settings.get("cluster.name", "opensearch"))
