# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The stores of a transport layer that was secured by other means, opened in memory: what is told of them, and what is packed anew."""

from __future__ import annotations

import posixpath

from ansible_collections.interlock.cluster.plugins.module_utils._engines import elasticsearch_takeover as engine
from ansible_collections.interlock.cluster.plugins.module_utils._errors import InterlockError
from ansible_collections.interlock.cluster.plugins.module_utils._pki import facts, keys
from ansible_collections.interlock.cluster.plugins.module_utils._pki.authority import issued_by
from ansible_collections.interlock.cluster.plugins.module_utils._pki.names import text, unique
from ansible_collections.interlock.cluster.plugins.module_utils._stores import elasticsearch_keystore, pem, pkcs12, settings_file


class TakeoverError(InterlockError):
    """Stores that cannot be taken over."""


def stores_of(settings, config_dir, own):
    """The ForeignStores of a node with absolute paths, None where it has none. own: the collection's stores as settings name them."""
    found = engine.foreign_stores(settings, own)
    if found is None:
        return None
    unknown = engine.placeholders(settings)
    if unknown:
        raise TakeoverError("the value of %s is a placeholder, so the files of the transport layer cannot be found" % ", ".join(unknown),
                            remedy="Write the value itself into the settings file.")

    def absolute(path):
        return path and posixpath.join(config_dir, path)

    return engine.ForeignStores(found.format, absolute(found.key), absolute(found.certificate), tuple(map(absolute, found.trust)),
                                found.key_password, found.trust_password)


def open_stores(stores, files, entries):
    """(KeyEntry, the CA certificates that are trusted). files: {path: NodeFile}; entries: the node's secure settings, name -> bytes.

    Raises StoreError, PemError, NodeFileError and TakeoverError.
    """
    key_password, trust_password = (_password(pair, entries) for pair in (stores.key_password, stores.trust_password))
    for path in stores.paths:
        if not files[path].exists:
            raise TakeoverError("is not there, and the settings name it", where=path)
    key = files[stores.key].readable()
    if stores.format == "pem":
        certificates = pem.load_certificates(files[stores.certificate].readable(), stores.certificate)
        entry = pkcs12.KeyEntry(pem.load_key(key, key_password, stores.key), certificates[0], certificates[1:])
        trusted = [found for path in stores.trust for found in pem.load_certificates(files[path].readable(), path)]
    else:
        entry = pkcs12.load_keystore(key, key_password or "", stores.key)
        trusted = [found for path in stores.trust for found in pkcs12.load_truststore(files[path].readable(), trust_password or "", path)]
    if not keys.matches(entry.key, entry.certificate):
        raise TakeoverError("the private key does not belong to the certificate", where=stores.key)
    return entry, [certificate for certificate in unique(trusted) if facts.is_ca(certificate)]


def entries_of(content, password, where):
    """The secure settings of a node, none where it has no file. content: bytes or None."""
    return {} if content is None else elasticsearch_keystore.load(content, password or "", where).entries


def verdicts(stores, files, entries, settings):
    """What is told of a node in a takeover as public data (see elasticsearch_tls_info, RETURN node.takeover)."""
    found = {"foreign": stores is not None, "verification_mode": engine.mode_of(settings), "paths": [], "certificate": None, "issuer": None,
             "trusted": []}
    if stores is None:
        return found
    entry, trusted = open_stores(stores, files, entries)
    found.update(
        paths=stores.paths, certificate=facts.certificate_facts(entry.certificate), issuer=text(entry.certificate.issuer),
        trusted=[{"subject": text(known.subject), "sha256": facts.fingerprint(known), "issues": issued_by(entry.certificate, known),
                  "pem": pem.dump_certificates([known]).decode("ascii")} for known in trusted])
    return found


def left_over(stores, files, config_dir, next_content, where):
    """The files of the stores that are there and that the settings do not name any more once they are as wanted."""
    relative = {posixpath.relpath(path, config_dir): path for path in stores.paths if files[path].exists}
    settings = settings_file.read(next_content, where)
    return [path for name, path in relative.items() if engine.left_over([name], settings) and engine.left_over([path], settings)]


def sharing_warnings(stores, settings, config_dir, where):
    """What an operator should know of files that other layers use as well."""
    names = [*stores.paths, *(posixpath.relpath(path, config_dir) for path in stores.paths)]
    return ["%s: %s names %s, a file of the transport layer. Whoever has a certificate of that CA with clientAuth is a member of the "
            "cluster: give the other layer a CA of its own." % (where, name, path) for name, path in engine.sharing(names, settings)]


def _password(pair, entries):
    """What opens a store: the secure setting, or the plain one, or nothing (elasticsearch-certutil asks, and takes an empty answer)."""
    name, plain = pair
    return entries[name].decode("utf-8") if name in entries else None if plain is None else str(plain)
