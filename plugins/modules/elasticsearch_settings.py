#!/usr/bin/python
# -*- coding: utf-8 -*-

# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: elasticsearch_settings
short_description: Set and remove settings in an elasticsearch.yml and leave every other byte as it is
version_added: 0.1.0
description:
  - Merges settings into the file of a node. Comments, blank lines, order, line endings and the settings that are not named stay as they
    are, byte by byte.
  - A dotted name on one line, nested mappings and any mixture of both are the same setting, and values are compared by meaning. A setting
    that is there is changed in place, a new one is appended.
  - A value that is a placeholder, such as V(${NODE_NAME}), is kept and named in RV(kept), because what it means is known on the node
    only. A wanted value that is a placeholder itself does replace it.
  - Refused, with the line, is what Elasticsearch would not start with or what can be read in two ways. That is broken YAML, a setting that
    is written twice, several documents, a file that is not a mapping, and a setting to change that is tied to an anchor, an alias or
    a merge key.
  - The changed text is read again before it is written, and written only when it means what was asked for and nothing else.
  - Settings of elasticsearch.yml take effect when the node is started next.
author: [The interlock.cluster contributors (@interlock)]
extends_documentation_fragment:
  - interlock.cluster.attributes
  - interlock.cluster.attributes.settings_module
  - interlock.cluster.settings_file
  - interlock.cluster.attributes.action_module
attributes:
  diff_mode:
    details: Shows the changed settings only, without the lines around them. The values of passwords, keys and tokens are hidden.
options:
  path:
    description: The settings file, absolute. One that is not there is created.
    type: path
    required: true
seealso:
  - module: interlock.cluster.elasticsearch_keystore
  - module: interlock.cluster.elasticsearch_cluster_settings
"""

EXAMPLES = r"""
- name: Write the names of the cluster and of the node
  interlock.cluster.elasticsearch_settings:
    path: /etc/elasticsearch/elasticsearch.yml
    settings:
      cluster.name: logs
      node.name: es1
      discovery.seed_hosts: [10.0.0.7, 10.0.0.8, 10.0.0.9]
    backup: true

- name: Remove everything about an old realm
  interlock.cluster.elasticsearch_settings:
    path: /etc/elasticsearch/elasticsearch.yml
    absent:
      - xpack.security.authc.realms.ldap.old
"""

RETURN = r"""
changes:
  description: What changed, or in check mode would.
  returned: success
  type: list
  elements: dict
  contains:
    name: {description: The full dotted name., type: str, sample: cluster.name}
    before:
      description: The value before, null where it was not set, V((hidden\)) where the name says that it is a secret.
      type: raw
    after:
      description: The value afterwards, null where it was removed, V((hidden\)) where the name says that it is a secret.
      type: raw
kept:
  description: The wanted settings that were left alone, because their value in the file is a placeholder.
  returned: success
  type: list
  elements: str
backups:
  description: The path of the copy that was kept by O(backup=true).
  returned: when the file was written
  type: list
  elements: str
"""
