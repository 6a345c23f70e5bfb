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
  - interlock.cluster.opensearch_request
options:
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
