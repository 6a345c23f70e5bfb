#!/usr/bin/python
# -*- coding: utf-8 -*-

# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: elasticsearch_api
short_description: Send one request to the HTTP layer of an Elasticsearch node, from the node itself
version_added: 0.1.0
description: For requests that have no module of their own, for example a flush. Put no secret into O(body).
author: [The interlock.cluster contributors (@interlock)]
extends_documentation_fragment:
  - interlock.cluster.attributes
  - interlock.cluster.attributes.request_module
  - interlock.cluster.attributes.action_module
  - interlock.cluster.connection
options:
  method:
    description: The HTTP method. Anything but V(GET) counts as a change.
    type: str
    choices: [GET, POST, PUT, DELETE]
    default: GET
  path:
    description: The path with its query.
    type: str
    required: true
  body:
    description: The body, sent as JSON.
    type: dict
"""

EXAMPLES = r"""
- name: Flush before a full-cluster restart
  interlock.cluster.elasticsearch_api:
    method: POST
    path: /_flush
"""

RETURN = r"""
answer:
  description: The decoded answer.
  returned: success, and not when check mode left out the request
  type: raw
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.interlock.cluster.plugins.module_utils._ansible.arguments import client_from, connection_argument
from ansible_collections.interlock.cluster.plugins.module_utils._ansible.boundary import run_module


def run(params, check_mode):
    """Send the request, unless check mode forbids what it would change."""
    changes = params["method"] != "GET"
    if changes and check_mode:
        return {"changed": True}
    return {"changed": changes, "answer": client_from(params["connection"], 120.0).call(params["method"], params["path"], params["body"])}


def main():
    module = AnsibleModule(
        argument_spec=dict(
            connection=connection_argument(),
            method=dict(type="str", choices=["GET", "POST", "PUT", "DELETE"], default="GET"),
            path=dict(type="str", required=True),
            body=dict(type="dict"),
        ),
        supports_check_mode=True,
    )
    run_module(module, lambda: run(module.params, module.check_mode))


if __name__ == "__main__":
    main()
