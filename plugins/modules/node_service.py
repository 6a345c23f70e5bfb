#!/usr/bin/python
# -*- coding: utf-8 -*-

# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: node_service
short_description: Start or stop an engine process, or have it read its files anew
version_added: 0.1.0
description:
  - Starts without waiting for the engine to be ready, so that the nodes of a cluster come up together.
  - Stops with SIGTERM and waits until the process is gone. It never kills.
  - O(state=reloaded) sends SIGHUP to the running process and does not wait. It is a change each time.
author: [The interlock.cluster contributors (@interlock)]
extends_documentation_fragment:
  - interlock.cluster.attributes
  - interlock.cluster.attributes.state_module
  - interlock.cluster.service
options:
  state:
    description: What the process should be.
    type: str
    choices: [started, stopped, reloaded]
    required: true
  timeout:
    description: Seconds a stopping process is given.
    type: int
    default: 120
"""

EXAMPLES = r"""
- name: Stop the node
  interlock.cluster.node_service:
    state: stopped

- name: Start a node unpacked from an archive
  interlock.cluster.node_service:
    state: started
    service:
      manager: archive
      home: /opt/elasticsearch
      config_dir: /etc/elasticsearch
      pid_file: /run/elasticsearch/elasticsearch.pid
      user: elasticsearch

- name: Have Kibana read its certificate anew
  interlock.cluster.node_service:
    state: reloaded
    service:
      name: kibana
"""

RETURN = r"""
pid:
  description: The process id before the call, null when it did not run.
  returned: always
  type: int
at:
  description: Seconds since the epoch when the call began.
  returned: always
  type: float
"""

import time

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.interlock.cluster.plugins.module_utils._ansible.arguments import service_argument, service_from
from ansible_collections.interlock.cluster.plugins.module_utils._ansible.boundary import run_module
from ansible_collections.interlock.cluster.plugins.module_utils._node.service import hang_up


def run(params, check_mode):
    """Bring the process to the wanted state."""
    began = time.time()
    service = service_from(params["service"])
    pid = service.pid()
    # A launcher at work becomes a process: it counts as one that is not to be started, and is to be stopped.
    running = pid is not None or service.is_starting()
    if params["state"] == "reloaded":
        if not check_mode:
            hang_up(service, params["service"]["name"])
        return {"changed": True, "pid": pid, "at": began}
    changed = running == (params["state"] == "stopped")
    if changed and not check_mode:
        if params["state"] == "started":
            service.start()
        else:
            service.stop(params["timeout"])
    return {"changed": changed, "pid": pid, "at": began}


def main():
    module = AnsibleModule(
        argument_spec=dict(
            service=service_argument(),
            state=dict(type="str", choices=["started", "stopped", "reloaded"], required=True),
            timeout=dict(type="int", default=120),
        ),
        supports_check_mode=True,
    )
    run_module(module, lambda: run(module.params, module.check_mode))


if __name__ == "__main__":
    main()
