# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What asks the HTTP layer of a node: with the node's own certificate, in memory, where that layer demands one."""

from __future__ import annotations

from ansible_collections.interlock.cluster.plugins.module_utils._stores import pem, pkcs12
from ansible_collections.interlock.cluster.plugins.plugin_utils import _node_files
from ansible_collections.interlock.cluster.plugins.plugin_utils._action import InterlockAction
from ansible_collections.interlock.cluster.plugins.plugin_utils._node_files import secure_password


class ApiAction(InterlockAction):
    """Runs the module of the same name on the node, with its connection as connected() makes it."""

    MODULE = ""
    BEARS_SECRETS = True

    def perform(self, options):
        result = self.on_node(self.MODULE, dict(options, connection=self.connected(options["connection"])))
        return {name: value for name, value in result.items() if name not in ("invocation", "warnings")}

    def connected(self, connection):
        """The connection as modules take it: the identity that it names is read, once in a task."""
        keystore, setting = connection["keystore"], connection["keystore_setting"]
        plain = dict(connection, keystore=None, keystore_setting=None)
        if not keystore or not setting:
            return plain
        if not hasattr(self, "_identity"):
            files, _found = _node_files.read(self, [keystore, setting["path"]])
            self._identity = identity(keystore, setting, files)
        return dict(plain, **self._identity)


def identity(keystore, setting, files):
    """client_certificate and client_key of a node's own keystore; nothing where it has none yet. files: {path: NodeFile}."""
    content = files[keystore].readable()
    if content is None:
        return {}
    entry = pkcs12.load_keystore(content, secure_password(setting, files) or "", keystore)
    return {"client_certificate": pem.dump_certificates((entry.certificate, *entry.chain)).decode("ascii"),
            "client_key": pem.dump_key(entry.key).decode("ascii")}
