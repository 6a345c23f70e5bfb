#!/usr/bin/python
# -*- coding: utf-8 -*-

# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: opensearch_tls_plan
short_description: Plan the next step that takes an OpenSearch cluster to TLS and full security
version_added: 0.1.0
description:
  - Takes the verdicts of M(interlock.cluster.opensearch_tls_info) about every node, and shows and returns the one step that is next. It
    remembers nothing, changes nothing and connects to nothing; run it once for all nodes, make the step, look again and ask again.
  - It never fails on what it finds. Everything that forbids the step is in RV(plan.problems), and the caller refuses.
author: [The interlock.cluster contributors (@interlock)]
extends_documentation_fragment:
  - interlock.cluster.attributes
  - interlock.cluster.attributes.info_module
  - interlock.cluster.attributes.control_module
options:
  nodes:
    description: RV(interlock.cluster.opensearch_tls_info#module:node) of every node of the play, by its inventory name.
    type: dict
    required: true
  unread:
    description: The nodes that could not be read, each with why. They become problems.
    type: dict
    default: {}
  wanted:
    description: As O(interlock.cluster.opensearch_tls_info#module:wanted).
    type: dict
    required: true
  ca_problem:
    description: What is wrong with the CA. It becomes the first of the problems.
    type: str
    default: ""
  password_length:
    description: How many characters the administrator's password has. The password itself is not needed here.
    type: int
    default: 0
  allow_yellow:
    description: Whether a restart may begin while the cluster health is yellow.
    type: bool
    default: false
  restart:
    description: V(full) goes to full security by one full-cluster restart; V(never) has every restart refused.
    type: str
    choices: [auto, full, rolling, never]
    default: auto
  clock_tolerance:
    description: Seconds that the clock of a node may differ from that of the control node.
    type: int
    default: 300
  hostname_verification:
    description: Whether every seed host must be a name that some certificate has.
    type: bool
    default: true
seealso:
  - module: interlock.cluster.opensearch_tls_info
"""

EXAMPLES = r"""
- name: Plan for the whole cluster
  interlock.cluster.opensearch_tls_plan:
    nodes: "{{ dict(ansible_play_hosts | zip(ansible_play_hosts | map('extract', hostvars, 'found') | map(attribute='node'))) }}"
    wanted: "{{ wanted }}"
    password_length: "{{ vault_admin_password | length }}"
  run_once: true
  register: planned
"""

RETURN = r"""
plan:
  description: The plan.
  returned: success
  type: dict
  contains:
    step:
      description: V(none), V(dual), V(strict), V(https), V(full), V(forget), V(nodes_dn), V(demo), V(certificates), V(drift), V(join),
        V(together), or V(resume) and V(back) for what an earlier run began.
      type: str
      sample: dual
    kind: {description: 'How it is made, V(none), V(setting), V(reload), V(rolling), V(full) or V(back).', type: str}
    restart: {description: 'What its way back remembers, V(full) for a restart of all nodes at once, else V(rolling).', type: str}
    level: {description: The number of the level at which the nodes are afterwards., type: int}
    title: {description: The step in words., type: str}
    order: {description: The inventory names of its nodes in their order., type: list, elements: str}
    spokesman: {description: The inventory name of the node to ask and tell about the whole cluster., type: str}
    nodes: {description: 'What each node needs, with the settings of its level.', type: dict}
    nodes_dn: {description: 'The names of all nodes, and those that were added.', type: list, elements: str}
    issue: {description: Whether any certificate has to be issued., type: bool}
    ca_subject: {description: The subject for a CA that does not exist yet., type: str}
    foreign_authorities: {description: The certificates of other CAs that nodes have., type: list, elements: dict}
    before: {description: What has to be afterwards as it was before., type: dict}
    problems: {description: 'Everything that forbids the step, each with what to do.', type: list, elements: str}
    warnings: {description: What the operator should know., type: list, elements: str}
report:
  description: The plan as it was shown.
  returned: success
  type: list
  elements: str
"""
