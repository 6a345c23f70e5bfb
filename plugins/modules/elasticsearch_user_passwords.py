#!/usr/bin/python
# -*- coding: utf-8 -*-

# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: elasticsearch_user_passwords
short_description: Make sure that users of Elasticsearch have the passwords they are to have
version_added: 0.1.0
description:
  - Authenticates as each user with the wanted password, and sets the password through the API only of those who cannot.
  - For the built-in users, such as C(kibana_system), C(logstash_system), C(beats_system), C(apm_system) and C(remote_monitoring_user),
    and for any other user of the native realm. A user that does not exist is an error.
  - Each password that was set is tried afterwards, so that a user who is disabled is not changed with every run unnoticed.
author: [The interlock.cluster contributors (@interlock)]
extends_documentation_fragment:
  - interlock.cluster.attributes
  - interlock.cluster.attributes.settings_module
  - interlock.cluster.attributes.action_module
  - interlock.cluster.connection
options:
  passwords:
    description: The users and their passwords, at least 6 characters each.
    type: dict
    required: true
  retry_seconds:
    description: How long a refusal of the user of O(connection), no answer, and an answer of 503 are not final.
    type: int
    default: 60
"""

EXAMPLES = r"""
- name: Give the users of Kibana and Logstash their passwords
  interlock.cluster.elasticsearch_user_passwords:
    connection:
      password: "{{ vault_elastic_password }}"
    passwords:
      kibana_system: "{{ vault_kibana_system_password }}"
      logstash_system: "{{ vault_logstash_system_password }}"
"""

RETURN = r"""
users:
  description: The users whose passwords were set, or would be in check mode.
  returned: success
  type: list
  elements: str
  sample: [kibana_system]
"""

import time
from urllib.parse import quote

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.interlock.cluster.plugins.module_utils._ansible.arguments import client_from, connection_argument
from ansible_collections.interlock.cluster.plugins.module_utils._ansible.boundary import run_module
from ansible_collections.interlock.cluster.plugins.module_utils._node.elasticsearch_client import (
    UNAUTHORIZED,
    ApiError,
    patiently,
    reason,
)

SHORTEST = 6  # org.elasticsearch.xpack.core.security.support.Validation.Users


def run(params, check_mode):
    """Try every password, set those that are refused, and try these again."""
    passwords = {str(name): str(password) for name, password in params["passwords"].items()}
    short = sorted(name for name, password in passwords.items() if len(password) < SHORTEST)
    if short:
        raise ApiError("fewer than %d characters are no password for Elasticsearch" % SHORTEST, where=", ".join(short), remedy="Give longer ones.")
    client = client_from(params["connection"])
    # Until the security index is there everybody is refused: whoever sets passwords has to get in before any refusal counts.
    patiently(lambda: client.call("GET", "/_security/_authenticate"), params["retry_seconds"], time.monotonic, time.sleep)
    wrong = [name for name in sorted(passwords) if not gets_in(params["connection"], name, passwords[name])]
    for name in wrong if not check_mode else ():
        client.call("PUT", "/_security/user/%s/_password" % quote(name, safe=""), {"password": passwords[name]})
        if not gets_in(params["connection"], name, passwords[name]):
            raise ApiError("is refused with the password that was just set", where="the user %s" % name,
                           remedy="See whether the user is disabled (GET /_security/user/%s)." % name)
    shown = {"before": "", "after": "".join("%s: password set\n" % name for name in wrong)}
    return {"changed": bool(wrong), "users": wrong, "diff": shown}


def gets_in(connection, name, password):
    """Whether a user can authenticate with a password."""
    client = client_from(dict(connection, username=name, password=password))
    status, answer = client.request("GET", "/_security/_authenticate")
    if status not in (200, UNAUTHORIZED):
        raise ApiError("GET /_security/_authenticate was answered with %d: %s" % (status, reason(answer)), where=client.where, status=status)
    return status == 200


def main():
    module = AnsibleModule(
        argument_spec=dict(
            connection=connection_argument(),
            passwords=dict(type="dict", required=True, no_log=True),
            retry_seconds=dict(type="int", default=60),
        ),
        supports_check_mode=True,
    )
    run_module(module, lambda: run(module.params, module.check_mode))


if __name__ == "__main__":
    main()
