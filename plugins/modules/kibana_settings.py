#!/usr/bin/python
# -*- coding: utf-8 -*-

# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: kibana_settings
short_description: Set and remove settings in a kibana.yml and leave every other byte as it is
version_added: 0.1.0
description:
  - Merges settings into the kibana.yml of a Kibana, or the opensearch_dashboards.yml of an OpenSearch Dashboards, with the care of
    M(interlock.cluster.elasticsearch_settings). Comments, order and the settings that are not named stay byte by byte, dotted and nested
    names are the same, values are compared by meaning, and a value that is a placeholder is kept.
  - What only Kibana takes is left alone. That is a name without value, and a list of more than plain values, such as C(logging.loggers). To
    change one of these is refused, with the line.
  - Secrets belong into the file of M(interlock.cluster.kibana_keystore).
  - Kibana reads the file when it starts, and its C(server.ssl) part again on SIGHUP since 8.11.2 and 8.12.0.
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
  - module: interlock.cluster.kibana_keystore
  - module: interlock.cluster.elasticsearch_settings
"""

EXAMPLES = r"""
- name: Have Kibana speak https to its cluster
  interlock.cluster.kibana_settings:
    path: /etc/kibana/kibana.yml
    settings:
      elasticsearch.hosts: ["https://es1.example.com:9200", "https://es2.example.com:9200"]
      elasticsearch.ssl.certificateAuthorities: [/etc/kibana/certs/elasticsearch-ca.crt]
      elasticsearch.ssl.verificationMode: full
    absent: [elasticsearch.password]
"""

RETURN = r"""
changes:
  description: What changed, or in check mode would.
  returned: success
  type: list
  elements: dict
  contains:
    name: {description: The full dotted name., type: str, sample: elasticsearch.hosts}
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
