#!/usr/bin/python
# -*- coding: utf-8 -*-

# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: report
short_description: Show rows as a table that people read
version_added: 0.1.0
description:
  - Shows a title, a table and notes in the output of the playbook. Put no secrets into it.
  - V(true) is shown as V(yes), V(false) as V(NO), and null as V(?).
  - Run it once, for all hosts.
author: [The interlock.cluster contributors (@interlock)]
extends_documentation_fragment:
  - interlock.cluster.attributes
  - interlock.cluster.attributes.info_module
  - interlock.cluster.attributes.control_module
options:
  title:
    description: The line above the table.
    type: str
    required: true
  rows:
    description: The rows. The keys of the first are the columns, in their order, with underscores shown as spaces.
    type: list
    elements: dict
    required: true
  notes:
    description: Lines below the table.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: Look at the transport layer
  interlock.cluster.tls_endpoint_info:
    host: "{{ transport_address }}"
    port: 9300
  register: seen

- name: Keep what the table needs
  ansible.builtin.set_fact:
    row:
      node: "{{ inventory_hostname }}"
      speaks_TLS: "{{ seen.speaks_tls }}"
      expires: "{{ (seen.certificate | default({}, true)).not_after | default(none) }}"

- name: Show all nodes
  interlock.cluster.report:
    title: Transport layers
    rows: "{{ ansible_play_hosts | map('extract', hostvars, 'row') | list }}"
    notes:
      - Plaintext nodes have no certificate.
  run_once: true
"""

RETURN = r"""
lines:
  description: What was shown.
  returned: success
  type: list
  elements: str
"""
