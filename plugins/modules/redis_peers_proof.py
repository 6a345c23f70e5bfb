#!/usr/bin/python
# -*- coding: utf-8 -*-

# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: redis_peers_proof
short_description: Prove that a host reaches the TLS port of every Redis or Valkey server of its deployment
version_added: 0.1.0
description:
  - Logs in to every server over TLS from the host it runs on, as replication is about to do. It changes nothing.
  - A TLS port is a new port. A firewall between two servers that does not know it yet would end all replication when that moves there.
  - It fails with every server that is not reached, and why.
author: [The interlock.cluster contributors (@interlock)]
extends_documentation_fragment:
  - interlock.cluster.attributes
  - interlock.cluster.attributes.info_module
  - interlock.cluster.redis_login
options:
  nodes:
    description: Every server, by a name for messages, with C(address) and C(secure_port).
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: See that every server reaches the TLS ports of the others
  interlock.cluster.redis_peers_proof:
    nodes:
      redis1: {address: 10.0.0.7, secure_port: 6380}
      redis2: {address: 10.0.0.8, secure_port: 6380}
    tls:
      certificate: /etc/redis/tls/redis.crt
      private_key: /etc/redis/tls/redis.key
      ca_certificates: /etc/redis/tls/ca.crt
"""

RETURN = r"""
reached:
  description: The servers that were reached.
  returned: success
  type: list
  elements: str
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.interlock.cluster.plugins.module_utils._ansible.boundary import run_module
from ansible_collections.interlock.cluster.plugins.module_utils._ansible.redis_node import context_from, login_argument, login_from
from ansible_collections.interlock.cluster.plugins.module_utils._errors import InterlockError
from ansible_collections.interlock.cluster.plugins.module_utils._node import redis_live

PATIENCE = 10


def run(params):
    """Every server that is reached; an error that names the others."""
    context, problems = context_from(params["tls"]), []
    for name, node in sorted(params["nodes"].items()):
        try:
            with redis_live.connect(node["address"], (0, node["secure_port"]), context, timeout=min(params["timeout"], PATIENCE),
                                    **login_from(params)) as connection:
                connection.command("PING")
        except InterlockError as error:
            problems.append("%s (%s port %s: %s)" % (name, node["address"], node["secure_port"], error.message))
    if problems:
        raise InterlockError("the TLS port of these servers is not reached from here: %s" % "; ".join(problems),
                             remedy="Open the port between the servers, and run the playbook again. Replication has not been touched.")
    return {"changed": False, "reached": sorted(params["nodes"])}


def main():
    module = AnsibleModule(argument_spec=dict(login_argument(), nodes=dict(type="dict", required=True)), supports_check_mode=True)
    run_module(module, lambda: run(module.params))


if __name__ == "__main__":
    main()
