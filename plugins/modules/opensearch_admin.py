#!/usr/bin/python
# -*- coding: utf-8 -*-

# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: opensearch_admin
short_description: Have the security plugin of an OpenSearch node do what takes an administrator's certificate
version_added: 0.1.0
description:
  - Runs on the node for the action M(interlock.cluster.opensearch_security), which makes the certificate for one day and keeps it in
    memory. Use that one.
  - With the standard library only; the key is never written to a disk, for which Linux is needed.
author: [The interlock.cluster contributors (@interlock)]
extends_documentation_fragment:
  - interlock.cluster.attributes
  - interlock.cluster.attributes.request_module
  - interlock.cluster.opensearch_request
options:
  ca_certificates:
    description: PEM certificates to verify the node with.
    type: str
    required: true
  certificate:
    description: The administrator's certificate, and its chain behind it, as PEM.
    type: str
    required: true
  private_key:
    description: Its private key as PEM.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Tell the running nodes the names of all nodes
  interlock.cluster.opensearch_admin:
    host: 10.0.0.7
    ca_certificates: "{{ ca }}"
    certificate: "{{ admin_certificate }}"
    private_key: "{{ admin_key }}"
    nodes_dn: [CN=os1, CN=os2, CN=os3]
"""

RETURN = r"""
done:
  description: What was changed.
  returned: success
  type: list
  elements: str
  sample: [nodes_dn]
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.interlock.cluster.plugins.module_utils._ansible.arguments import opensearch_request_arguments
from ansible_collections.interlock.cluster.plugins.module_utils._ansible.boundary import run_module
from ansible_collections.interlock.cluster.plugins.module_utils._node import opensearch_admin
from ansible_collections.interlock.cluster.plugins.module_utils._node.elasticsearch_client import Client

ENTRY = "interlock"


def run(params, check_mode):
    """Do what is asked for, and say what was changed."""
    node = {"scheme": "https", "ca_pem": params["ca_certificates"], "timeout": 30.0, "names": params["names"]}
    admin = Client(params["host"], params["port"], identity={name: params[name] for name in ("certificate", "private_key")}, **node)
    done, seconds = [], params["timeout"]
    if params["user"] and params["password"] and not check_mode:
        plain = Client(params["host"], params["port"], params["user"], params["password"], **node)
        if opensearch_admin.ensure_user(admin, plain, params["user"], params["password"], params["backend_roles"], seconds):
            done.append("user")
    if params["nodes_dn"] and opensearch_admin.ensure_nodes_dn(admin, ENTRY, params["nodes_dn"], seconds, check_mode):
        done.append("nodes_dn")
    if params["reload"]:
        if not check_mode:
            opensearch_admin.reload_certificates(admin, seconds)
        done.append("reload")
    return {"changed": bool(done), "done": done}


def main():
    module = AnsibleModule(
        argument_spec=dict(
            ca_certificates=dict(type="str", required=True),
            certificate=dict(type="str", required=True),
            private_key=dict(type="str", required=True, no_log=True),
            **opensearch_request_arguments(),
        ),
        supports_check_mode=True,
    )
    run_module(module, lambda: run(module.params, module.check_mode))


if __name__ == "__main__":
    main()
