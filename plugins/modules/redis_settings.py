#!/usr/bin/python
# -*- coding: utf-8 -*-

# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: redis_settings
short_description: Make redis.conf say what the running process has
version_added: 0.1.0
description:
  - Writes those directives of TLS, ports, announced ports and replication into the configuration file that differ from what the process
    runs with, so that a restart comes up the same. Everything else in the file stays byte for byte.
  - Of a directive that stands more than once the line that counts is changed and the others go. One that an included file sets later is
    moved to the end. The file is replaced atomically, with its owner and mode.
  - A cluster node whose TLS port is open also gets C(cluster-port), without which a restart would open the bus on another port.
author: [The interlock.cluster contributors (@interlock)]
extends_documentation_fragment:
  - interlock.cluster.attributes
  - interlock.cluster.attributes.settings_module
  - interlock.cluster.redis_login
options:
  config_file:
    description: The configuration file.
    type: path
    required: true
  address:
    description: Where the server listens.
    type: str
    required: true
  port:
    description: Its plaintext port.
    type: int
    required: true
  secure_port:
    description: Its TLS port.
    type: int
    required: true
  passwords:
    description:
      - Values of C(requirepass) and C(masterauth) that the file shall have. An empty one takes the directive out.
      - C(masterauth) is let be where replication logs in as another user (C(masteruser)). A C(user default) line of the file, which counts
        more than C(requirepass), gets the same password.
    type: dict
    default: {}
  assume:
    description: Parameters that the process is going to have, for check mode, and C(replicaof), host and port of its master.
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: Write down what the server runs with
  interlock.cluster.redis_settings:
    config_file: /etc/redis/redis.conf
    address: 10.0.0.7
    port: 6379
    secure_port: 6380
"""

RETURN = r"""
directives:
  description: The names of the directives that were changed.
  returned: always
  type: list
  elements: str
  sample: [tls-port, tls-replication]
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.interlock.cluster.plugins.module_utils._ansible.boundary import run_module
from ansible_collections.interlock.cluster.plugins.module_utils._ansible.redis_node import (
    ConfFile,
    context_from,
    login_argument,
    login_from,
)
from ansible_collections.interlock.cluster.plugins.module_utils._engines import redis as engine
from ansible_collections.interlock.cluster.plugins.module_utils._node import redis_live
from ansible_collections.interlock.cluster.plugins.module_utils._stores.redis_conf import Conf

HIDDEN = ["(hidden)"]
DEFAULT = "default"


def run(params, check_mode):
    """Bring the file in line with the process."""
    with redis_live.connect(params["address"], (params["port"], params["secure_port"]), context_from(params["tls"]),
                            **login_from(params)) as connection:
        live = redis_live.observe(connection)
        held = connection.config("masteruser", *params["passwords"]) if params["passwords"] else {}
    if check_mode:
        assumed = dict(params["assume"])
        host, _space, port = assumed.pop("replicaof", "").partition(" ")
        live["config"].update(assumed)
        if host:
            live["master"] = {"host": host, "port": int(port)}
    file = ConfFile(params["config_file"])
    before = file.effective()
    settings = engine.to_persist(live, before)
    for name, value in params["passwords"].items():
        words = [value] if value else None
        if name == "masterauth" and (held.get("masteruser") or DEFAULT) != (params["username"] or DEFAULT):
            continue  # replication logs in as another user
        if not check_mode and held.get(name) != value:
            continue
        if before.get(name) != words:
            settings[name] = words
    password = params["passwords"].get("requirepass") if "requirepass" in settings else None
    content = file.merged(settings, replace=engine.default_user_with(password) if password else None)
    if settings and not check_mode:
        file.write(content)
    after = Conf(content, file.path).effective(file.included)
    return {"changed": content != file.content, "directives": sorted(settings),
            "diff": {"before_header": file.path, "after_header": file.path,
                     "before": shown(before, settings, params["passwords"]), "after": shown(after, settings, params["passwords"])}}


def shown(directives, names, secrets):
    """The lines of some directives; of a secret only that it is there."""
    lines = ["%s %s" % (name, " ".join(HIDDEN if name in secrets else directives[name])) for name in sorted(names) if name in directives]
    return "".join(line + "\n" for line in lines)


def main():
    module = AnsibleModule(
        argument_spec=dict(
            login_argument(),
            config_file=dict(type="path", required=True),
            address=dict(type="str", required=True),
            port=dict(type="int", required=True),
            secure_port=dict(type="int", required=True),
            passwords=dict(type="dict", default={}, no_log=True),
            assume=dict(type="dict", default={}),
        ),
        supports_check_mode=True,
    )
    run_module(module, lambda: run(module.params, module.check_mode))


if __name__ == "__main__":
    main()
