#!/usr/bin/python
# -*- coding: utf-8 -*-

# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: opensearch_security
short_description: Be the administrator of an OpenSearch cluster for one request
version_added: 0.1.0
description:
  - Makes a certificate of the administrator for a day, keeps it and its key in memory, and has the node do what only an administrator may.
    So no node, and no disk, needs that key.
  - A user who can log in with O(password) is left alone; one who cannot is made, or given that password. Nothing else in the security index
    is touched.
author: [The interlock.cluster contributors (@interlock)]
extends_documentation_fragment:
  - interlock.cluster.attributes
  - interlock.cluster.attributes.request_module
  - interlock.cluster.attributes.action_module
options:
  host:
    description: The address the HTTP layer of the node listens on.
    type: str
    required: true
  port:
    description: Its port.
    type: int
    default: 9200
  names:
    description: What the certificate of the node may be for, when that is not O(host).
    type: list
    elements: str
    default: []
  ca_directory:
    description: The directory of the CA, on the control node.
    type: path
    required: true
  ca_passphrase:
    description: The passphrase of its key.
    type: str
  admin_name:
    description: The common name that C(plugins.security.authcz.admin_dn) has.
    type: str
    required: true
  user:
    description: The user who is to log in with O(password).
    type: str
  password:
    description: That user's password.
    type: str
  backend_roles:
    description: The backend roles of a user who has to be made.
    type: list
    elements: str
    default: [admin]
  nodes_dn:
    description: The names of all nodes, which the running ones are told.
    type: list
    elements: str
  reload:
    description: Have the node read its certificates anew, for which it needs C(plugins.security.ssl_cert_reload_enabled).
    type: bool
    default: false
  timeout:
    description: Seconds to wait for a node that has not read its security index yet.
    type: int
    default: 60
"""

EXAMPLES = r"""
- name: See that the administrator can log in
  interlock.cluster.opensearch_security:
    host: 10.0.0.7
    ca_directory: /etc/interlock/logs
    ca_passphrase: "{{ vault_logs_ca_passphrase }}"
    admin_name: opensearch-admin
    user: admin
    password: "{{ vault_admin_password }}"
"""

RETURN = r"""
done:
  description: What was changed, of V(user), V(nodes_dn) and V(reload).
  returned: success
  type: list
  elements: str
"""
