# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import posixpath
import secrets

from ansible_collections.interlock.cluster.plugins.module_utils._ansible.arguments import connection_argument
from ansible_collections.interlock.cluster.plugins.module_utils._stores import file_realm
from ansible_collections.interlock.cluster.plugins.plugin_utils import _node_files
from ansible_collections.interlock.cluster.plugins.plugin_utils._api_action import ApiAction

PREFIX = "interlock_recovery_"


class ActionModule(ApiAction):
    """Set the password of a user through a superuser of the file realm that exists for that alone."""

    ARGUMENTS = dict(
        config_dir=dict(type="path", required=True),
        connection=connection_argument(),
        timeout=dict(type="int", default=60),
    )

    def perform(self, options):
        self.users, self.roles = (posixpath.join(options["config_dir"], name) for name in ("users", "users_roles"))
        self.connection, self.timeout = self.connected(options["connection"]), options["timeout"]
        wanted = {self.connection["username"]: self.connection["password"]}
        result = {"changed": True, "username": self.connection["username"]}
        if self.checking:
            return result
        # It lives for seconds and nobody knows its password, which is in memory only; what a killed run left goes with the next one.
        name, password = PREFIX + secrets.token_hex(6), secrets.token_urlsafe(24)
        stored = file_realm.hashed(password, os.urandom(file_realm.SALT_LENGTH))
        self._write(lambda users, roles: file_realm.with_user(
            *file_realm.without_users(users, roles, PREFIX), name, stored, "superuser"))
        try:
            self.on_node("elasticsearch_user_passwords", {
                "connection": dict(self.connection, username=name, password=password), "passwords": wanted, "retry_seconds": self.timeout})
        finally:
            self._write(lambda users, roles: file_realm.without_users(users, roles, PREFIX))
        return result

    def _write(self, edit):
        """Read both files, edit them, write them: the user before its role, or Elasticsearch logs a role of nobody."""
        files, _found = _node_files.read(self, [self.users, self.roles])
        arguments = [
            _node_files.file_argument(path, content, files[path].mode or "0660", files[path].owner, files[path].group)
            for path, content in zip((self.users, self.roles), edit(files[self.users].readable(), files[self.roles].readable()))
            if content is not None and content != files[path].content]
        if arguments:
            _node_files.write(self, posixpath.dirname(self.users), arguments, staged=False)
