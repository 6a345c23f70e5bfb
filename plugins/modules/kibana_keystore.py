#!/usr/bin/python
# -*- coding: utf-8 -*-

# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: kibana_keystore
short_description: Set and remove secure settings of a Kibana, without starting Node.js
version_added: 0.1.0
description:
  - Sets and removes entries of the kibana.keystore of a Kibana, or of the file of the same format of OpenSearch Dashboards, several at once.
    The file is read and written in the control process, so that C(kibana-keystore) and Kibana read it as their own.
  - Values are compared, so that a run that changes nothing says so. Entries that are not named stay.
  - Every value is written as text. C(kibana-keystore add) makes a number of a password that looks like one; this does not.
  - A file that is not there is created once there is an entry for it.
  - Refused, with the file untouched, are a wrong password, a protected file without password, and a file that is damaged or no keystore.
  - Values are never returned, shown in a diff or put on a command line.
  - Kibana reads the file when it starts, and does not start with an entry that it does not know.
author: [The interlock.cluster contributors (@interlock)]
extends_documentation_fragment:
  - interlock.cluster.attributes
  - interlock.cluster.attributes.settings_module
  - interlock.cluster.attributes.action_module
attributes:
  diff_mode:
    details: Shows names only.
options:
  path:
    description: The keystore file, absolute.
    type: path
    required: true
  entries:
    description: Names and values of entries.
    type: dict
    default: {}
  missing_entries:
    description:
      - Names and values of entries that are set only where there is none yet, neither in the keystore nor in O(settings_file). For keys
        that must not change once they were used, such as C(xpack.encryptedSavedObjects.encryptionKey).
    type: dict
    default: {}
  settings_file:
    description: The kibana.yml that may have O(missing_entries) already.
    type: path
  absent:
    description: Names to remove.
    type: list
    elements: str
    default: []
  password:
    description:
      - The password of a password-protected file. It also protects a file that is created.
      - A file without password stays without; the password is not used then.
    type: str
  backup:
    description:
      - Keep a copy of the file that is replaced, with a timestamp in its name. It holds the same secrets.
      - Without effect with O(staged=true).
    type: bool
    default: false
  staged:
    description:
      - Read the staged version of the file where there is one, and write a staged version beside the live file, which stays as it is.
      - The stage has to be open in the directory of the file, and is made live with M(interlock.cluster.staged_files).
    type: bool
    default: false
  mode:
    description: The mode of the file, octal, in quotes. As the file has it when not given, V(0660) for a new one.
    type: str
  owner:
    description: The owner of the file. As the file has it when not given.
    type: str
  group:
    description: The group of the file. As the file has it when not given; Kibana must be able to read a new one.
    type: str
seealso:
  - module: interlock.cluster.kibana_settings
  - module: interlock.cluster.elasticsearch_keystore
"""

EXAMPLES = r"""
- name: Give Kibana its password, and encryption keys where it has none
  interlock.cluster.kibana_keystore:
    path: /etc/kibana/kibana.keystore
    entries:
      elasticsearch.password: "{{ vault_kibana_system_password }}"
    missing_entries:
      xpack.encryptedSavedObjects.encryptionKey: "{{ vault_saved_objects_key }}"
    settings_file: /etc/kibana/kibana.yml
    owner: root
    group: kibana
"""

RETURN = r"""
changes:
  description: What changed, or in check mode would, by name.
  returned: success
  type: list
  elements: dict
  contains:
    name: {description: The name of the secure setting., type: str, sample: elasticsearch.password}
    action: {description: 'V(add), V(replace) or V(remove).', type: str, sample: add}
backups:
  description: The path of the copy that was kept by O(backup=true).
  returned: when the file was written
  type: list
  elements: str
"""
