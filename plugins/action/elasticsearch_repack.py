# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import posixpath

from ansible_collections.interlock.cluster.plugins.module_utils._engines import elasticsearch as engine
from ansible_collections.interlock.cluster.plugins.module_utils._pki import facts
from ansible_collections.interlock.cluster.plugins.module_utils._stores import pkcs12, settings_file
from ansible_collections.interlock.cluster.plugins.plugin_utils import _elasticsearch_takeover, _node_files
from ansible_collections.interlock.cluster.plugins.plugin_utils._action import InterlockAction
from ansible_collections.interlock.cluster.plugins.plugin_utils._node_files import SECURE_SETTING, secure_password


class ActionModule(InterlockAction):
    """Pack the key, the certificate and the CAs of a transport layer that other means secured into a keystore and a truststore."""

    ARGUMENTS = dict(
        config_dir=dict(type="path", required=True),
        keystore=dict(type="str", default="certs/transport.keystore.p12"),
        truststore=dict(type="str", default="certs/transport.truststore.p12"),
        password_setting=dict(SECURE_SETTING, required=True),
        truststore_password_setting=dict(SECURE_SETTING, required=True),
        alias=dict(type="str", required=True),
        owner=dict(type="str"),
        group=dict(type="str"),
        mode=dict(type="str", default="0640"),
        directory_mode=dict(type="str", default="0750"),
    )
    BEARS_SECRETS = True

    def perform(self, options):
        config_dir = options["config_dir"]
        settings_path, secure_path = (posixpath.join(config_dir, name) for name in (engine.SETTINGS_FILE, engine.KEYSTORE_FILE))
        files, _found = _node_files.read(self, [settings_path, secure_path])
        settings = settings_file.read(files[settings_path].readable() or b"", settings_path)
        own = {name: posixpath.join(config_dir, options[name]) for name in ("keystore", "truststore")}
        stores = _elasticsearch_takeover.stores_of(settings, config_dir, (options["keystore"], own["keystore"]))
        if stores is None:
            return {"changed": False, "certificate": None}
        entries = _elasticsearch_takeover.entries_of(
            files[secure_path].readable(), options["password_setting"]["password"], secure_path)
        entry, trusted = _elasticsearch_takeover.open_stores(stores, _node_files.read(self, stores.paths)[0], entries)
        if not self.checking:
            self._write(entry, trusted, own, options)
        found = facts.certificate_facts(entry.certificate)
        return {"changed": True, "certificate": found,
                "diff": {"before_header": stores.key, "after_header": own["keystore"], "before": {}, "after": found}}

    def _write(self, entry, trusted, own, options):
        """Stage the stores; their passwords stand in the secure settings that were staged before."""
        given = [options[name] for name in ("password_setting", "truststore_password_setting")]
        secure, _found = _node_files.read(self, sorted({setting["path"] for setting in given}), staged=True)
        passwords = [secure_password(setting, secure) for setting in given]
        contents = {own["keystore"]: pkcs12.dump_keystore(entry, options["alias"], passwords[0]),
                    own["truststore"]: pkcs12.dump_truststore(trusted, passwords[1])}
        attributes = [options[name] for name in ("mode", "owner", "group", "directory_mode")]
        arguments = [_node_files.file_argument(path, content, *attributes) for path, content in contents.items()]
        _node_files.write(self, os.path.normpath(options["config_dir"]), arguments, staged=True)
