# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A transport layer that was secured by other means: where its keys, certificates and CAs are, and what of it has to go. Pure.

By elasticsearch-certutil and a person: one store on all nodes, which is keystore and truststore. By the automatic security
configuration of 8.x: the same with another name, shared by the nodes that were enrolled. Or by PEM files.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ansible_collections.interlock.cluster.plugins.module_utils._engines import elasticsearch as engine
from ansible_collections.interlock.cluster.plugins.module_utils._stores.settings_value import has_placeholder

PREFIX = engine.TRANSPORT.prefix
ENROLLMENT = "xpack.security.enrollment.enabled"
VERIFICATION_MODE = PREFIX + "verification_mode"
# What the settings of the collection replace. What a file does not have is not touched.
OUTDATED = ("keystore.password", "keystore.key_password", "keystore.type", "truststore.password", "truststore.type", "key",
            "key_passphrase", "certificate", "certificate_authorities")
OUTDATED_SECURE = (engine.TRANSPORT.keystore_key_password, PREFIX + "secure_key_passphrase", PREFIX + "keystore.password")


@dataclass(frozen=True)
class ForeignStores:
    """The files of a transport layer, as settings name them. trust: the files that hold what is trusted.

    Passwords are pairs (secure setting, value in the settings file or None); an entry of the secure settings comes first.
    """

    format: str
    key: str
    certificate: str | None
    trust: tuple
    key_password: tuple = field(repr=False)
    trust_password: tuple = field(repr=False)

    @property
    def paths(self):
        """Every file once."""
        return list(dict.fromkeys(path for path in (self.key, self.certificate, *self.trust) if path))


def foreign_stores(settings, own):
    """The ForeignStores that a settings file names, None where it names those of the collection or none at all.

    settings: flat, as settings_file.read gives them; own: the paths of the collection's stores as it writes them into the settings.
    """
    def value(name):
        return settings.get(PREFIX + name)

    if not engine.transport_encrypted(settings):
        return None
    if value("key") and value("key") not in own:
        trust = engine.as_list(value("certificate_authorities")) or [value("certificate")]
        return ForeignStores("pem", str(value("key")), value("certificate"), tuple(trust),
                             (PREFIX + "secure_key_passphrase", value("key_passphrase")), (None, None))
    key = value("keystore.path")
    if value("key") or not key or key in own:
        return None
    key_password = (engine.TRANSPORT.keystore_password, value("keystore.password"))
    if not value("truststore.path"):
        return ForeignStores("pkcs12", str(key), None, (str(key),), key_password, key_password)
    return ForeignStores("pkcs12", str(key), None, (str(value("truststore.path")),), key_password,
                         (engine.TRANSPORT.truststore_password, value("truststore.password")))


def outdated(settings):
    """The settings of a file that have to go when the collection's stores take over."""
    return [PREFIX + name for name in OUTDATED if PREFIX + name in settings]


def placeholders(settings):
    """The settings about the transport layer's files whose value is known on the node only."""
    return [name for name, value in settings.items() if name.startswith(PREFIX) and has_placeholder(value)]


def settings_of_now(wanted, settings):
    """The wanted settings, but with the verification mode that is in effect, and without enrollment.

    As long as any node serves a certificate that all of them share, its names fit no address: the mode is changed when every node
    serves one of its own. A node that is enrolled would be handed the key of the node that enrols it.
    """
    now = dict(wanted)
    now[VERIFICATION_MODE] = mode_of(settings)
    if engine.same_value(settings.get(ENROLLMENT, False), True):
        now[ENROLLMENT] = False
    return now


def mode_of(settings):
    """The verification mode that a settings file puts into effect."""
    return str(settings.get(VERIFICATION_MODE, "full")).lower()


def left_over(paths, settings):
    """Those of the paths that no setting names any more: the HTTP layer may share a store with the transport layer."""
    named = {item for value in settings.values() for item in engine.as_list(value)}
    return [path for path in paths if path not in named]


def sharing(paths, settings):
    """The settings of other layers that name a file of the transport layer, with that file: its CA is theirs too then."""
    return [(name, path) for name, value in settings.items() if not name.startswith(PREFIX)
            for path in paths if path in engine.as_list(value)]


def authority(nodes):
    """(the CA that every node trusts as PEM, problems). nodes: {host: verdicts of elasticsearch_tls_info with takeover}.

    The CA that issued what the nodes serve becomes the first generation of the CA directory, so there has to be one and the same.
    """
    taken = {host: node["takeover"] for host, node in nodes.items() if node.get("takeover")}
    readable = {host: found for host, found in taken.items() if found["trusted"]}
    if not readable:
        return None, []
    issuers = {entry["sha256"]: entry for found in readable.values() for entry in found["trusted"] if entry["issues"]}
    if not issuers:
        return None, ["no node trusts the CA that issued its own certificate (%s), so it cannot be taken over."
                      % ", ".join(sorted({found["issuer"] for found in readable.values()}))]
    if len(issuers) > 1:
        return None, ["the nodes have certificates of several CAs: %s. Nodes that were installed one by one and configured themselves "
                      "have a CA each and are in no cluster with each other: let them join one cluster first (enrollment token)."
                      % "; ".join("%s (%s) on %s" % (entry["subject"], number[:16], ", ".join(_holders(readable, number)))
                                  for number, entry in sorted(issuers.items()))]
    (number, entry), = issuers.items()
    problems = ["%s: does not trust the CA %s, which issued the certificates of the others." % (host, entry["subject"])
                for host, found in readable.items() if number not in {known["sha256"] for known in found["trusted"]}]
    return entry["pem"], problems


def _holders(readable, number):
    return sorted(host for host, found in readable.items()
                  if any(entry["sha256"] == number and entry["issues"] for entry in found["trusted"]))
