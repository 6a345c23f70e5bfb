#!/usr/bin/python
# -*- coding: utf-8 -*-

# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: elasticsearch_password_recovery
short_description: Set the password of an Elasticsearch user when nobody knows one that may
version_added: 0.1.0
description:
  - Puts a superuser of a random name and password into the file realm of one node, waits until the node has read that, sets the password of
    the user of O(connection) to the one given there, and takes the superuser out again, also when that fails.
  - The superuser's password is known to the control process alone and is on the node only as a hash. One that an interrupted run left is
    removed by the next.
  - Whoever may write the configuration directory of a node can do this. It needs no restart.
  - The cluster needs its security index, so it must not be red.
author: [The interlock.cluster contributors (@interlock)]
extends_documentation_fragment:
  - interlock.cluster.attributes
  - interlock.cluster.attributes.password_module
  - interlock.cluster.attributes.action_module
  - interlock.cluster.connection
options:
  config_dir:
    description: The configuration directory of the node, with the files users and users_roles.
    type: path
    required: true
  timeout:
    description: Seconds to wait until the node has read its file realm anew.
    type: int
    default: 60
seealso:
  - module: interlock.cluster.elasticsearch_user_passwords
"""

EXAMPLES = r"""
- name: Give elastic a password that is known
  interlock.cluster.elasticsearch_password_recovery:
    config_dir: /etc/elasticsearch
    connection:
      username: elastic
      password: "{{ vault_elastic_password }}"
  run_once: true
"""

RETURN = r"""
username:
  description: The user whose password was set.
  returned: success
  type: str
  sample: elastic
"""
