#!/usr/bin/python
# -*- coding: utf-8 -*-

# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: elasticsearch_health
short_description: Wait until an Elasticsearch node and its cluster are back, saying how far they are
version_added: 0.1.0
description:
  - Waits until the node answers, every one of O(expected_nodes) has joined and the cluster health is at least O(status).
  - Says what is missing whenever that changes, so that a wait is never silent.
  - A process that ended is not waited for; the last lines of its logs are part of the error.
author: [The interlock.cluster contributors (@interlock)]
extends_documentation_fragment:
  - interlock.cluster.attributes
  - interlock.cluster.attributes.info_module
  - interlock.cluster.attributes.action_module
  - interlock.cluster.connection
  - interlock.cluster.service
options:
  expected_nodes:
    description: The node names that must be in the cluster.
    type: list
    elements: str
    default: []
  least_nodes:
    description: How many nodes there must be at least, for a node that joins others whose names are not known.
    type: int
    default: 0
  status:
    description: The least cluster health that will do. V(any) waits for any answer of the node itself, and for nothing else.
    type: str
    choices: [any, red, yellow, green]
    default: green
  timeout:
    description: Seconds to wait altogether.
    type: int
    default: 300
  slice:
    description: Seconds one module execution on the node may take; progress is told between them.
    type: int
    default: 10
  logs:
    description: Log files whose last lines explain a process that ended.
    type: list
    elements: path
    default: []
  since:
    description: Seconds since the epoch from which the progress counts its seconds. The default is the beginning of the task.
    type: float
"""

EXAMPLES = r"""
- name: Wait for all three nodes
  interlock.cluster.elasticsearch_health:
    expected_nodes: [es1, es2, es3]
    status: green
    timeout: 600
"""

RETURN = r"""
status:
  description: The cluster health found, null when the node does not answer.
  returned: always
  type: str
  sample: green
nodes:
  description: The names of the nodes that are in the cluster.
  returned: always
  type: list
  elements: str
missing:
  description: The expected nodes that are not.
  returned: always
  type: list
  elements: str
shards_to_come:
  description: Initializing and unassigned shards.
  returned: always
  type: int
reached:
  description: Whether everything waited for is there.
  returned: always
  type: bool
running:
  description: Whether the process runs.
  returned: always
  type: bool
answer:
  description: Why there is no status.
  returned: always
  type: str
at:
  description: Seconds since the epoch, on the node, when this was found.
  returned: always
  type: float
log_lines:
  description: The last lines of the logs.
  returned: when the process does not run
  type: list
  elements: str
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.interlock.cluster.plugins.module_utils._ansible.arguments import (
    client_from,
    connection_argument,
    service_argument,
    service_from,
)
from ansible_collections.interlock.cluster.plugins.module_utils._ansible.boundary import run_module
from ansible_collections.interlock.cluster.plugins.module_utils._node.cluster_health import wait


def run(params):
    """What is found within one slice."""
    found = wait(client_from(params["connection"], 5.0), service_from(params["service"]), params["expected_nodes"], params["least_nodes"],
                 params["status"], min(params["slice"], params["timeout"]), params["logs"])
    return dict(found, changed=False)


def main():
    module = AnsibleModule(
        argument_spec=dict(
            connection=connection_argument(),
            expected_nodes=dict(type="list", elements="str", default=[]),
            least_nodes=dict(type="int", default=0),
            status=dict(type="str", choices=["any", "red", "yellow", "green"], default="green"),
            timeout=dict(type="int", default=300),
            slice=dict(type="int", default=10),
            logs=dict(type="list", elements="path", default=[]),
            since=dict(type="float"),
            service=service_argument(),
        ),
        supports_check_mode=True,
    )
    run_module(module, lambda: run(module.params))


if __name__ == "__main__":
    main()
