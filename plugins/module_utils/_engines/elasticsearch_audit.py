# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the settings of Elasticsearch say that its TLS files are, and what in those settings an audit has to remark. Pure."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field

from ansible_collections.interlock.cluster.plugins.module_utils._engines import elasticsearch as engine
from ansible_collections.interlock.cluster.plugins.module_utils._stores.settings_file import same_value

SETTINGS_FILE, KEYSTORE_FILE = engine.SETTINGS_FILE, engine.KEYSTORE_FILE
LAYERS = {
    "transport": "xpack.security.transport.ssl.",
    "http": "xpack.security.http.ssl.",
    "remote": "xpack.security.remote_cluster_server.ssl.",
}
# (kind, its setting, the secure setting with its password, the setting that older releases have for that)
_STORES = (
    ("keystore", "keystore.path", "keystore.secure_password", "keystore.password"),
    ("truststore", "truststore.path", "truststore.secure_password", "truststore.password"),
    ("private_key", "key", None, None),
    ("certificate", "certificate", None, None),
    ("certificate_authorities", "certificate_authorities", None, None),
)


@dataclass(frozen=True)
class TlsFile:
    """A file that the settings name. kind: keystore, truststore, private_key, certificate, certificate_authorities."""

    path: str
    layer: str
    kind: str
    password: str = field(default="", repr=False)


def tls_files(settings, secure, config_dir, layers=None, stores=_STORES, default_password=""):
    """The TlsFiles that the settings name; relative paths are those of the configuration directory. secure: {name: bytes}.

    layers, stores, default_password: as another engine calls them, and what it opens a store with that has no password set.
    """
    found = []
    for layer, prefix in (layers or LAYERS).items():
        for kind, name, secret, plain in stores:
            password = secure[prefix + secret].decode("utf-8", "replace") if secret and prefix + secret in secure else ""
            password = password or str(settings.get(prefix + plain) or default_password if plain else "")
            found += [TlsFile(posixpath.normpath(posixpath.join(config_dir, path)), layer, kind, password)
                      for path in engine.as_list(settings.get(prefix + name)) if "${" not in path]
    return found


def remarks(settings):
    """What the settings themselves give reason to say: list of {severity, code, layer, text}."""
    prefix, found = LAYERS["transport"], []

    def remark(severity, code, text):
        found.append({"severity": severity, "code": code, "layer": "transport", "text": text})

    if not engine.transport_encrypted(settings):
        return found  # the port itself tells
    if same_value(settings.get(prefix + "verification_mode", "full"), "none"):
        remark("critical", "verification_off", "verification_mode is none: any certificate, of any CA, is taken")
    if not same_value(settings.get(prefix + "client_authentication", "required"), "required"):
        remark("critical", "client_authentication_off",
               "client_authentication is %s: a peer without a certificate is let in" % settings[prefix + "client_authentication"])
    if not any(settings.get(prefix + name) for name in ("truststore.path", "certificate_authorities")):
        remark("critical", "no_truststore",
               "neither truststore.path nor certificate_authorities is set: every public CA that Java knows is trusted as well")
    elif settings.get(prefix + "truststore.path") and settings.get(prefix + "truststore.path") == settings.get(prefix + "keystore.path"):
        remark("warning", "one_store", "keystore and truststore are one file: Java then takes even an expired certificate of a peer "
                                       "that is in it, and whoever has the file is a member")
    return found


def names(settings):
    """Names and addresses that peers dial the transport layer at, as far as the settings tell."""
    return engine.publish_names(settings)
