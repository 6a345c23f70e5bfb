#!/usr/bin/python
# -*- coding: utf-8 -*-

# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: redis_password
short_description: Give every server of a Redis or Valkey deployment another password without turning a client away
version_added: 0.1.0
description:
  - Connects from the host it runs on to every server, and compares by authenticating.
  - O(update=rotate) adds the password, so that both are taken. Move the clients. Then O(update=set) has replicas and Sentinels use it, and
    leaves it alone. Connections that are authenticated already stay.
  - With an ACL file both are kept, and replicas and Sentinels use the new one from V(rotate) on. Without one a server that restarts in
    between takes the old password alone, which its file has.
  - Where no password is asked for, V(rotate) goes on asking for none; V(set) begins to ask.
  - With O(username) it is the password of that ACL user. Replicas and Sentinels are changed where they log in as this user. An ACL file is
    saved; a user that stands in redis.conf itself, other than the default user, is refused.
  - Passwords are sent over a connection to the server and stand on no command line, in no result and in no diff.
author: [The interlock.cluster contributors (@interlock)]
extends_documentation_fragment:
  - interlock.cluster.attributes
  - interlock.cluster.attributes.state_module
  - interlock.cluster.redis_login
options:
  nodes:
    description: Every server, as O(interlock.cluster.redis_tls_move#module:nodes).
    type: dict
    required: true
  sentinels:
    description: Every Sentinel by a name, each with C(address), C(port), C(secure_port), the names of the C(monitors), and C(users), as
      whom it logs in to each, the default user where it says nothing.
    type: dict
    default: {}
  sentinel_password:
    description: The password of the Sentinels themselves.
    type: str
  old_password:
    description: The password until now. Leave it out where there was none.
    type: str
  new_password:
    description: The password from now on.
    type: str
    required: true
  update:
    description: Add the new password, or leave it alone.
    type: str
    choices: [rotate, set]
    required: true
"""

EXAMPLES = r"""
- name: Let both passwords in
  interlock.cluster.redis_password:
    nodes: "{{ fleet }}"
    password: "{{ vault_redis_password }}"
    old_password: "{{ vault_redis_password }}"
    new_password: "{{ vault_new_redis_password }}"
    update: rotate
"""

RETURN = r"""
steps:
  description: What was done, by server. Values are not told.
  returned: always
  type: dict
  sample: {redis1: [the password is added, replication uses the password]}
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.interlock.cluster.plugins.module_utils._ansible.boundary import run_module
from ansible_collections.interlock.cluster.plugins.module_utils._ansible.redis_node import context_from, login_argument, login_from
from ansible_collections.interlock.cluster.plugins.module_utils._errors import InterlockError
from ansible_collections.interlock.cluster.plugins.module_utils._node import redis_live
from ansible_collections.interlock.cluster.plugins.module_utils._node.resp import Refused

ADDED = "the password is added"
REPLICATES = "replication uses the password"
ALONE = "the password is the only one"
WATCHES = "the Sentinel uses the password"
SAVED = "the ACL file is saved"
DEFAULT = "default"


class PasswordError(InterlockError):
    """A server that does not take or does not drop a password."""


class Servers:
    """Every server, and what it takes."""

    def __init__(self, params):
        self.params, self.context = params, context_from(params["tls"])
        self.login = login_from(params)
        self.user = params["username"] or DEFAULT
        self.done = {name: [] for name in list(params["nodes"]) + list(params["sentinels"])}
        self.kept = True  # whether every server would take the new password after a restart

    def connect(self, node, **login):
        """A connection to a server."""
        return redis_live.connect(node["address"], (node["port"], node["secure_port"]), self.context, timeout=self.params["timeout"],
                                  **(login or self.login))

    def takes(self, node, password):
        """Whether a server takes a password, or lets everybody in for None."""
        renamed = self.params["renamed_commands"]
        try:
            username = self.params["username"] if password else None
            with self.connect(node, username=username, password=password, renamed=renamed) as connection:
                connection.command("PING")
        except Refused as refusal:
            if refusal.code in ("WRONGPASS", "NOAUTH"):
                return False
            raise
        return True

    def due(self, name):
        """The steps that are due on a server."""
        node, params = self.params["nodes"][name], self.params
        is_open = self.user == DEFAULT and self.takes(node, None)
        found = [] if is_open or self.takes(node, params["new_password"]) else [ADDED]
        with self.connect(node) as connection:
            config = connection.config("masterauth", "masteruser", "aclfile")
        if self.user != DEFAULT and not config.get("aclfile"):
            raise PasswordError("has no ACL file, so the user %s stands in redis.conf, which is not changed for that" % self.user,
                                where=name, remedy="Move the users into an ACL file (aclfile), or change the password there by hand.")
        # A master that restarts takes what its file has. Before the new password stands there, replication keeps to the old one; and a
        # replica that gives a password to a master that asks for none is refused.
        stays = params["update"] == "set" or (bool(config.get("aclfile")) and not is_open)
        if stays and (config.get("masteruser") or DEFAULT) == self.user and config.get("masterauth") != params["new_password"]:
            found.append(REPLICATES)
        self.kept = self.kept and stays
        old = params["old_password"]
        if params["update"] == "set" and (is_open or (old and old != params["new_password"] and self.takes(node, old))):
            found.append(ALONE)
        return found

    def make(self, step, name):
        """Make one step on one server."""
        new = self.params["new_password"]
        commands = {ADDED: ("ACL", "SETUSER", self.user, ">" + new), REPLICATES: ("CONFIG", "SET", "masterauth", new),
                    ALONE: ("ACL", "SETUSER", self.user, "resetpass", ">" + new)}
        if self.user == DEFAULT:
            commands[ALONE] = ("CONFIG", "SET", "requirepass", new)
        with self.connect(self.params["nodes"][name]) as connection:
            try:
                connection.command(*commands[step])
            except Refused as refusal:
                raise PasswordError("refuses a step (%s): %s" % (step, refusal.code), where=name, remedy="Its log says why.") from None
        self.done[name].append(step)

    def save(self):
        """Have every server that has an ACL file write it."""
        for name, node in self.params["nodes"].items():
            with self.connect(node) as connection:
                if connection.config("aclfile").get("aclfile"):
                    connection.command("ACL", "SAVE")
                    self.done[name].append(SAVED)

    def tell_sentinels(self):
        """Have every Sentinel log in with the password. It writes that into its own file."""
        for name, sentinel in self.params["sentinels"].items():
            masters = [master for master in sentinel["monitors"] if sentinel.get("users", {}).get(master, DEFAULT) == self.user]
            if not masters:
                continue
            with self.connect(sentinel, password=self.params["sentinel_password"]) as connection:
                for master in masters:
                    connection.command("SENTINEL", "SET", master, "auth-pass", self.params["new_password"])
            self.done[name].append(WATCHES)

    def prove(self):
        """Authenticate everywhere: the new password is taken, and the old one is not any more."""
        for name, node in self.params["nodes"].items():
            if not self.takes(node, self.params["new_password"]):
                raise PasswordError("does not take the new password", where=name, remedy="Run the playbook again.")
            old = self.params["old_password"]
            if self.params["update"] == "set" and ((self.user == DEFAULT and self.takes(node, None)) or (
                    old and old != self.params["new_password"] and self.takes(node, old))):
                raise PasswordError("still takes the old password", where=name, remedy="Run the playbook again.")


def run(params, check_mode):
    """The steps in an order in which everybody can log in at any moment: added everywhere, used everywhere, then alone."""
    servers = Servers(params)
    due = {name: servers.due(name) for name in params["nodes"]}
    changed = any(due.values())
    if check_mode:
        return {"changed": changed, "steps": {name: steps for name, steps in due.items() if steps}}
    for step in (ADDED, REPLICATES, ALONE):
        # Nobody can be asked which password a Sentinel gives or an ACL file holds, so a run that follows one that died does both again.
        if step == ALONE and servers.kept:
            servers.tell_sentinels()
        for name in params["nodes"]:
            if step in due[name]:
                servers.make(step, name)
    servers.save()
    servers.prove()
    return {"changed": changed, "steps": {name: steps for name, steps in servers.done.items() if steps} if changed else {}}


def main():
    module = AnsibleModule(
        argument_spec=dict(
            login_argument(),
            nodes=dict(type="dict", required=True),
            sentinels=dict(type="dict", default={}),
            sentinel_password=dict(type="str", no_log=True),
            old_password=dict(type="str", no_log=True),
            new_password=dict(type="str", required=True, no_log=True),
            update=dict(type="str", choices=["rotate", "set"], required=True),
        ),
        supports_check_mode=True,
    )
    run_module(module, lambda: run(module.params, module.check_mode))


if __name__ == "__main__":
    main()
