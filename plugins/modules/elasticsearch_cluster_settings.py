#!/usr/bin/python
# -*- coding: utf-8 -*-

# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: elasticsearch_cluster_settings
short_description: Set persistent settings of an Elasticsearch cluster
version_added: 0.1.0
description:
  - Compares by value and changes only what differs.
  - A transient setting of the same name hides a persistent one. It is named in RV(transient) and left alone.
author: [The interlock.cluster contributors (@interlock)]
extends_documentation_fragment:
  - interlock.cluster.attributes
  - interlock.cluster.attributes.settings_module
  - interlock.cluster.attributes.action_module
  - interlock.cluster.connection
options:
  settings:
    description: Flat names and their values. A null value removes the setting.
    type: dict
    required: true
  retry_seconds:
    description: Keep trying this long while the cluster has no elected master or recovers its security index.
    type: int
    default: 0
"""

EXAMPLES = r"""
- name: Allocate primaries only
  interlock.cluster.elasticsearch_cluster_settings:
    settings:
      cluster.routing.allocation.enable: primaries
"""

RETURN = r"""
before:
  description: The persistent values found, null where a setting was not set.
  returned: success
  type: dict
transient:
  description: Transient settings of the same names.
  returned: success
  type: dict
"""

import time

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.interlock.cluster.plugins.module_utils._ansible.arguments import client_from, connection_argument
from ansible_collections.interlock.cluster.plugins.module_utils._ansible.boundary import run_module
from ansible_collections.interlock.cluster.plugins.module_utils._node.elasticsearch_client import patiently


def run(params, check_mode):
    """Read, compare, change what differs."""
    client = client_from(params["connection"])
    wanted = {name: as_told(value) for name, value in params["settings"].items()}

    def apply():
        found = client.call("GET", "/_cluster/settings?flat_settings=true")
        before = {name: found["persistent"].get(name) for name in wanted}
        if before != wanted and not check_mode:
            client.call("PUT", "/_cluster/settings", {"persistent": wanted})
        return {"changed": before != wanted, "before": before, "diff": {"before": before, "after": wanted},
                "transient": {name: value for name, value in found["transient"].items() if name in wanted}}

    return patiently(apply, params["retry_seconds"], time.monotonic, time.sleep)


def as_told(value):
    """A value as Elasticsearch tells it with flat_settings: text, a list of texts, or None."""
    if isinstance(value, list):
        return [as_told(item) for item in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(value)


def main():
    module = AnsibleModule(
        argument_spec=dict(
            connection=connection_argument(),
            settings=dict(type="dict", required=True),
            retry_seconds=dict(type="int", default=0),
        ),
        supports_check_mode=True,
    )
    run_module(module, lambda: run(module.params, module.check_mode))


if __name__ == "__main__":
    main()
