# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation of opensearch_request_arguments in _ansible/arguments.py."""

from __future__ import annotations


class ModuleDocFragment:
    """What an administrator of OpenSearch is to do, and at which node."""

    DOCUMENTATION = r"""
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
