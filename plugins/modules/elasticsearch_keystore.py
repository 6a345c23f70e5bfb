#!/usr/bin/python
# -*- coding: utf-8 -*-

# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: elasticsearch_keystore
short_description: Set and remove secure settings of a node, without starting a JVM
version_added: 0.1.0
description:
  - Sets, makes and removes entries of the elasticsearch.keystore of a node, several at once. The file is read and written in the control
    process, in the format it has, so that C(elasticsearch-keystore) and the node read it as their own. OpenSearch's is the same but for
    its name.
  - Values are compared, so that a run that changes nothing says so. Entries that are not named stay, C(keystore.seed) above all, which
    is added where it is missing.
  - A file that is not there is created, in the format of O(version), because a node rewrites an older one when it starts and does not
    start where it may not.
  - Refused, with the file untouched, are a wrong password, a protected file without password, a damaged file (truncated, with a wrong
    checksum or with bytes behind its end), a format that is not known, and a name that no node accepts.
  - Values are never returned, shown in a diff or put on a command line.
  - A node does not start with a secure setting that it does not know. From 8.0 on it does not start either with the password of a transport
    or HTTP store while elasticsearch.yml does not say whether that layer's TLS is enabled. Stage both, with O(staged=true), and make
    them live together.
  - The password of a store is read when the node starts. Reloading secure settings does not change it.
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
    description: Names and values of string entries.
    type: dict
    default: {}
  file_entries:
    description: Names and values of file entries, for example a service account file, in base64.
    type: dict
    default: {}
  generate:
    description: Names that need a value, no matter which. One that is missing is given 32 random characters; one that is there stays.
    type: list
    elements: str
    default: []
  regenerate:
    description:
      - Names that are given 32 random characters whatever they have. That is a change each time.
      - One that O(entries) has too is as given there.
    type: list
    elements: str
    default: []
  absent:
    description: Names to remove. C(keystore.seed) cannot be removed.
    type: list
    elements: str
    default: []
  copies:
    description: Settings, each with the name of another one whose value it is to have, for example for two layers that share a store.
    type: dict
    default: {}
  password:
    description:
      - The password of a password-protected file. It also protects a file that is created.
      - A file without password stays without; the password is not used then.
    type: str
  version:
    description: The version of the node, for example V(8.19.0). Required when the file has to be created for Elasticsearch.
    type: str
  engine:
    description: Whose file is created.
    type: str
    choices: [elasticsearch, opensearch]
    default: elasticsearch
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
    description: The group of the file. As the file has it when not given; the node must be able to read a new one.
    type: str
seealso:
  - module: interlock.cluster.kibana_keystore
  - module: interlock.cluster.elasticsearch_settings
  - module: interlock.cluster.node_certificate
"""

EXAMPLES = r"""
- name: Set a password that is given and make one that nobody has to know
  interlock.cluster.elasticsearch_keystore:
    path: /etc/elasticsearch/elasticsearch.keystore
    entries:
      xpack.notification.email.account.work.smtp.secure_password: "{{ vault_smtp_password }}"
    generate:
      - xpack.security.transport.ssl.keystore.secure_password

- name: Store the credentials of a snapshot repository, in a file that is created when it is not there
  interlock.cluster.elasticsearch_keystore:
    path: /etc/elasticsearch/elasticsearch.keystore
    file_entries:
      gcs.client.default.credentials_file: "{{ lookup('ansible.builtin.file', 'service-account.json') | b64encode }}"
    version: 8.19.0
    owner: root
    group: elasticsearch

- name: Remove an entry from a password-protected file
  interlock.cluster.elasticsearch_keystore:
    path: /etc/elasticsearch/elasticsearch.keystore
    absent: [bootstrap.password]
    password: "{{ vault_keystore_password }}"
"""

RETURN = r"""
changes:
  description: What changed, or in check mode would, by name.
  returned: success
  type: list
  elements: dict
  contains:
    name: {description: The name of the secure setting., type: str, sample: bootstrap.password}
    action: {description: 'V(add), V(replace) or V(remove).', type: str, sample: remove}
format:
  description: The number of the file's format.
  returned: success
  type: int
  sample: 7
backups:
  description: The path of the copy that was kept by O(backup=true).
  returned: when the file was written
  type: list
  elements: str
"""
