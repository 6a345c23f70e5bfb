# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the settings of OpenSearch say that its TLS files are, and what in those settings an audit has to remark. Pure."""

from __future__ import annotations

from ansible_collections.interlock.cluster.plugins.module_utils._engines import elasticsearch, elasticsearch_audit
from ansible_collections.interlock.cluster.plugins.module_utils._engines import opensearch as engine
from ansible_collections.interlock.cluster.plugins.module_utils._stores.settings_file import same_value

SETTINGS_FILE, KEYSTORE_FILE = engine.SETTINGS_FILE, engine.KEYSTORE_FILE
LAYERS = {"transport": engine.TRANSPORT, "http": engine.HTTP}
# (kind, its setting, the secure setting with its password, the setting that has it in clear)
_STORES = (
    ("keystore", "keystore_filepath", "keystore_password_secure", "keystore_password"),
    ("truststore", "truststore_filepath", "truststore_password_secure", "truststore_password"),
    ("private_key", "pemkey_filepath", "pemkey_password_secure", "pemkey_password"),
    ("certificate", "pemcert_filepath", None, None),
    ("certificate_authorities", "pemtrustedcas_filepath", None, None),
)
_DEFAULT_PASSWORD = "changeit"  # of a store, see SSLConfigConstants.DEFAULT_STORE_PASSWORD


def tls_files(settings, secure, config_dir):
    """The TlsFiles that the settings name (see elasticsearch_audit)."""
    return elasticsearch_audit.tls_files(settings, secure, config_dir, LAYERS, _STORES, _DEFAULT_PASSWORD)


def remarks(settings):
    """What the settings themselves give reason to say: list of {severity, code, layer, text}."""
    found = []

    def remark(severity, code, text, layer="transport"):
        found.append({"severity": severity, "code": code, "layer": layer, "text": text})

    def on(name, default):
        return same_value(settings.get(name, default), True)

    level = engine.level_on_disk(settings)
    if level == engine.PLAIN:
        return found  # the port itself tells
    if engine.demo_traces(settings, ()):
        remark("critical", "demo_certificates", "the demo installer's certificates or administrator are allowed: everybody has their keys")
    if level == engine.DUAL:
        remark("critical", "dual_mode", "dual mode is on: plaintext is answered beside TLS, and peers without a certificate with it")
    if level != engine.FULL:
        remark("critical", "ssl_only", "plugins.security.ssl_only is true: nobody is asked who they are", "http")
    names = (engine.TRANSPORT + "enforce_hostname_verification", "transport.ssl.enforce_hostname_verification")
    if not all(on(name, True) for name in names):
        remark("warning", "hostname_verification_off", "a peer may have a certificate for any address")
    if level == engine.FULL:
        if [dn for dn in engine.as_names(settings.get(engine.NODES_DN)) if dn.strip() in ("*", "CN=*")]:
            remark("critical", "nodes_dn_any", "nodes_dn takes every name: whoever has a certificate of the CA is a node")
        if not on(engine.HTTP_ENABLED, False):
            remark("critical", "http_in_plaintext", "passwords and documents go over HTTP in plaintext", "http")
        if not on(engine.RELOAD_API, False) and not on(engine.WATCHER, False):
            remark("warning", "no_reload", "neither way to read new certificates is on: a renewal takes a restart")
    for layer, prefix in LAYERS.items():
        clear = [name for name in ("keystore_password", "truststore_password", "keystore_keypassword", "pemkey_password")
                 if settings.get(prefix + name)]
        if clear:
            remark("warning", "password_in_clear", "%s in the settings file in clear" % ", ".join(clear), layer)
    return found


def names(settings):
    """Names and addresses that peers dial the transport layer at, as far as the settings tell."""
    return elasticsearch.publish_names(settings)
