#!/usr/bin/python
# -*- coding: utf-8 -*-

# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: redis_traffic_info
short_description: Watch some ports for a moment and tell whether anything there is plaintext
version_added: 0.1.0
description:
  - Counts the TCP payloads at some ports that begin like TLS, like the protocol of Redis in plaintext, like its cluster bus in
    plaintext, or like the transport layer of Elasticsearch and OpenSearch in plaintext. Contents are looked at and not kept.
  - It shows what no answer of a server shows. From 7.2 on a cluster node that says C(tls-cluster yes) may go on using bus links that were
    made in plaintext.
  - What is not sent while it watches is not seen. Nodes of a cluster talk every second; replicas and their master do too.
  - It needs Linux and root. It sees the traffic of this host only.
author: [The interlock.cluster contributors (@interlock)]
extends_documentation_fragment:
  - interlock.cluster.attributes
  - interlock.cluster.attributes.info_module
options:
  ports:
    description: The TCP ports.
    type: list
    elements: int
    required: true
  addresses:
    description: Count only what comes from or goes to these addresses. The default is all of them.
    type: list
    elements: str
    default: []
  seconds:
    description: How long to watch.
    type: float
    default: 3
"""

EXAMPLES = r"""
- name: Is any link of this node still in plaintext
  interlock.cluster.redis_traffic_info:
    ports: [6379, 6380, 16379]
  register: traffic
  failed_when: traffic.plaintext > 0
"""

RETURN = r"""
ports:
  description: By port, how many C(packets) with a payload there were, and how many began as C(tls), or in plaintext as C(resp), C(bus) or
    C(transport).
  returned: always
  type: dict
  sample: {"16379": {"packets": 120, "tls": 118, "resp": 0, "bus": 0, "transport": 0}}
plaintext:
  description: How many of all were plaintext; null when packets could not be watched.
  returned: always
  type: int
problem:
  description: Why packets could not be watched, null when they could.
  returned: always
  type: str
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.interlock.cluster.plugins.module_utils._ansible.boundary import run_module
from ansible_collections.interlock.cluster.plugins.module_utils._node import traffic


def read(params):
    """The counts."""
    try:
        seen = traffic.watch(params["ports"], params["seconds"], params["addresses"])
    except traffic.CaptureError as error:
        return {"changed": False, "ports": {}, "plaintext": None, "problem": str(error)}
    plain = sum(counts["resp"] + counts["bus"] + counts["transport"] for counts in seen.values())
    return {"changed": False, "ports": {str(port): counts for port, counts in seen.items()}, "plaintext": plain, "problem": None}


def main():
    module = AnsibleModule(
        argument_spec=dict(
            ports=dict(type="list", elements="int", required=True),
            addresses=dict(type="list", elements="str", default=[]),
            seconds=dict(type="float", default=3),
        ),
        supports_check_mode=True,
    )
    run_module(module, lambda: read(module.params))


if __name__ == "__main__":
    main()
