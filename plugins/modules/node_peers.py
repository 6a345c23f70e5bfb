#!/usr/bin/python
# -*- coding: utf-8 -*-

# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: node_peers
short_description: Tell which other nodes' ports can be reached from this node
version_added: 0.1.0
description:
  - Connects from this node to the ports of others, all at once, and tells which can be reached and, when asked, which speak TLS.
  - Nothing is sent unless O(tls=true), so that a plaintext engine has nothing to log.
  - With the standard library only.
author: [The interlock.cluster contributors (@interlock)]
extends_documentation_fragment:
  - interlock.cluster.attributes
  - interlock.cluster.attributes.info_module
options:
  peers:
    description: Where to connect to, as V(host:port) or V([address]:port).
    type: list
    elements: str
    required: true
  tls:
    description: Also greet each with a TLS handshake.
    type: bool
    default: false
  timeout:
    description: Seconds to wait for one answer.
    type: int
    default: 3
"""

EXAMPLES = r"""
- name: Can the other nodes be reached from here
  interlock.cluster.node_peers:
    peers: ["10.0.0.2:9300", "10.0.0.3:9300"]
"""

RETURN = r"""
peers:
  description: What was found at each address. C(speaks_tls) is null unless O(tls=true) and the peer can be reached.
  returned: always
  type: dict
  sample: {"10.0.0.2:9300": {"reachable": true, "error": null, "speaks_tls": null}}
"""

from concurrent.futures import ThreadPoolExecutor

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.interlock.cluster.plugins.module_utils._ansible.boundary import run_module
from ansible_collections.interlock.cluster.plugins.module_utils._node import tls_probe

AT_ONCE = 16


def look(peers, tls, timeout):
    """{peer: {reachable, error, speaks_tls}}, with the slow ones side by side."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return dict(zip(peers, pool.map(lambda peer: look_at(peer, tls, timeout), peers)))


def look_at(peer, tls, timeout):
    """One peer."""
    host, _colon, port = peer.rpartition(":")
    host = host.strip("[]")
    error = tls_probe.reach(host, int(port), timeout)
    speaks = tls_probe.observe(host, int(port), timeout).get("speaks_tls") if tls and error is None else None
    return {"reachable": error is None, "error": error, "speaks_tls": speaks}


def main():
    module = AnsibleModule(
        argument_spec=dict(
            peers=dict(type="list", elements="str", required=True),
            tls=dict(type="bool", default=False),
            timeout=dict(type="int", default=3),
        ),
        supports_check_mode=True,
    )
    run_module(module, lambda: {"changed": False, "peers": look(module.params["peers"], module.params["tls"], module.params["timeout"])})


if __name__ == "__main__":
    main()
