#!/usr/bin/python
# -*- coding: utf-8 -*-

# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: elasticsearch_user_password
short_description: Make sure that the password of a built-in user is stored in the security index
version_added: 0.1.0
description:
  - For the moment after security was switched on, when the user is known by the C(bootstrap.password) of the node's secure
    settings only. The same password is stored through the API, so that the bootstrap entry can go.
  - An answer of 401 is not final while the security index recovers after a start, so it is retried.
author: [The interlock.cluster contributors (@interlock)]
extends_documentation_fragment:
  - interlock.cluster.attributes
  - interlock.cluster.attributes.password_module
  - interlock.cluster.attributes.action_module
  - interlock.cluster.connection
options:
  retry_seconds:
    description: How long an answer of 401 or 503 is not final.
    type: int
    default: 60
"""

EXAMPLES = r"""
- name: Store the password of elastic
  interlock.cluster.elasticsearch_user_password:
    connection:
      username: elastic
      password: "{{ vaulted_elastic_password }}"
"""

RETURN = r"""
username:
  description: The user.
  returned: success
  type: str
"""

import time

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.interlock.cluster.plugins.module_utils._ansible.arguments import client_from, connection_argument
from ansible_collections.interlock.cluster.plugins.module_utils._ansible.boundary import run_module
from ansible_collections.interlock.cluster.plugins.module_utils._node.elasticsearch_client import ApiError, patiently


def run(params, check_mode):
    """Authenticate, then store. Elasticsearch does not tell whether a password is stored, so storing is a change each time."""
    username, password = params["connection"]["username"], params["connection"]["password"]
    if not password:
        raise ApiError("no password is given to authenticate with and to store", where="connection.password",
                       remedy="Give the user's password.")
    client = client_from(params["connection"])

    def store():
        client.call("GET", "/_security/_authenticate")
        if not check_mode:
            client.call("PUT", "/_security/user/%s/_password" % username, {"password": password})
        return {"changed": True, "username": username}

    return patiently(store, params["retry_seconds"], time.monotonic, time.sleep)


def main():
    module = AnsibleModule(
        argument_spec=dict(
            connection=connection_argument(),
            retry_seconds=dict(type="int", default=60),
        ),
        supports_check_mode=True,
    )
    run_module(module, lambda: run(module.params, module.check_mode))


if __name__ == "__main__":
    main()
