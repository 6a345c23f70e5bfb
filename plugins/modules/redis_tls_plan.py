#!/usr/bin/python
# -*- coding: utf-8 -*-

# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: redis_tls_plan
short_description: Plan the steps that take a Redis or Valkey deployment to a TLS mode
version_added: 0.1.0
description:
  - Takes the verdicts of M(interlock.cluster.redis_tls_info) about every node, and shows and returns which steps are due and why. It
    changes nothing and connects to nothing; run it once.
  - It decides by state. A step is due because processes are not there yet, or because a file does not say yet what its process has.
  - It never fails on what it finds. Everything that forbids the change is in RV(plan.problems), all of it together.
author: [The interlock.cluster contributors (@interlock)]
extends_documentation_fragment:
  - interlock.cluster.attributes
  - interlock.cluster.attributes.info_module
  - interlock.cluster.attributes.control_module
options:
  nodes:
    description: RV(interlock.cluster.redis_tls_info#module:node) of every node of the play, by its inventory name.
    type: dict
    required: true
  mode:
    description:
      - V(none) is plaintext. V(preferred) answers TLS and plaintext, with replication and bus on TLS. V(required) is TLS alone.
      - V(required) is reached from V(preferred) only, and V(none) too.
      - V(keep) is the one the deployment is in. Certificates alone are changed, and anything else that is due is a problem.
    type: str
    choices: [none, preferred, required, keep]
    required: true
  ca_problem:
    description: What is wrong with the CA. It becomes the first of the problems.
    type: str
    default: ""
  ca_users:
    description: Other hosts whose certificates the CA issues. They are a problem, because Redis compares no names.
    type: list
    elements: str
    default: []
  shared_ca:
    description: Whether O(ca_users) are a warning only.
    type: bool
    default: false
  password:
    description: Whether a password is changed as well, so that it has to be known of every server that there is.
    type: bool
    default: false
seealso:
  - module: interlock.cluster.redis_tls_info
  - module: interlock.cluster.redis_tls_move
"""

EXAMPLES = r"""
- name: Plan for the whole deployment
  interlock.cluster.redis_tls_plan:
    nodes: "{{ dict(ansible_play_hosts | zip(ansible_play_hosts | map('extract', hostvars, 'found') | map(attribute='node'))) }}"
    mode: preferred
  run_once: true
  register: planned
"""

RETURN = r"""
plan:
  description: The plan.
  returned: success
  type: dict
  contains:
    kind: {description: V(none) or V(change)., type: str}
    mode: {description: 'As given, or the one that is kept.', type: str}
    stages: {description: 'Where each server is, V(plain), V(open), V(linked) or V(closed).', type: dict}
    moves:
      description: The steps in their order, as M(interlock.cluster.redis_tls_move) takes them, with reasons.
      type: list
      elements: dict
    issue: {description: The nodes that get a certificate., type: list, elements: str}
    persist: {description: The servers whose file does not say what runs., type: list, elements: str}
    sentinels: {description: 'Why each Sentinel restarts, if it does, and what its file shall say.', type: dict}
    stop_sentinels: {description: Whether all Sentinels stop while replication moves., type: bool}
    driver: {description: The node that drives the steps., type: str}
    fleet: {description: 'Every server, as M(interlock.cluster.redis_tls_move) takes them.', type: dict}
    sentinel_fleet: {description: 'Every Sentinel, as M(interlock.cluster.redis_password) takes them.', type: dict}
    foreign_authorities: {description: Certificates of other CAs that nodes have., type: list, elements: dict}
    problems: {description: 'Everything that forbids the plan, each with what to do.', type: list, elements: str}
    warnings: {description: What the operator should know., type: list, elements: str}
report:
  description: The plan as it was shown.
  returned: success
  type: list
  elements: str
"""
