#!/usr/bin/python
# -*- coding: utf-8 -*-

# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ca_rotation_plan
short_description: Decide which step in the rotation of a CA is next, and why
version_added: 0.1.0
description:
  - Takes what the CA directory holds and what every node shows, and decides on the next step, the nodes that are due, and what stands
    against it. Shows that as a report. Nothing is remembered from one decision to the next, so an interrupted rotation is continued.
  - The steps are V(begin) the new CA is made, V(trust) every node trusts both, V(leaf) every node serves a certificate of the new one,
    V(drop) every node refuses the old one, V(retire) the old one is archived.
  - No step is next before every node has been proved to be through the one before.
  - Works with any engine, also with several in one cluster.
  - It fails on nothing it finds. What stands against the step is in RV(plan.problems).
author: [The interlock.cluster contributors (@interlock)]
extends_documentation_fragment:
  - interlock.cluster.attributes
  - interlock.cluster.attributes.control_module
  - interlock.cluster.attributes.info_module
options:
  ca:
    description: The result of M(interlock.cluster.ca_info).
    type: dict
    required: true
  nodes:
    description:
      - What is known of each node, by its inventory name. C(name) is its name in the live cluster, C(members) the names it has in its
        cluster or null, C(trusted) the certificates in its files that it trusts as C(facts) or null, C(problems) what forbids to go on.
      - C(directory) is that of its CA; nodes with different ones are refused.
      - C(state) is RV(interlock.cluster.ca_rotation_proof#module:state); C(error) says why there is none.
    type: dict
    required: true
  begin:
    description: Whether a new CA is to be made when no rotation is under way.
    type: bool
    default: false
  abort:
    description: Whether to go back to the CA that was there before.
    type: bool
    default: false
  until:
    description: The last step that is to be made.
    type: str
    choices: [begin, trust, leaf, drop, retire]
    default: retire
  excluded:
    description: The names of nodes that are left behind. They may be members of the live cluster without being among O(nodes).
    type: list
    elements: str
    default: []
  trust_inventory:
    description: Take O(nodes) for the whole cluster, without asking who its members are.
    type: bool
    default: false
seealso:
  - module: interlock.cluster.ca_rotation
  - module: interlock.cluster.ca_rotation_proof
"""

EXAMPLES = r"""
- name: Decide which step is next
  interlock.cluster.ca_rotation_plan:
    ca: "{{ ca }}"
    nodes: "{{ nodes }}"
  register: planned

- name: Say it
  ansible.builtin.debug:
    msg: "{{ planned.plan.step }}"
"""

RETURN = r"""
plan:
  description: What is next.
  returned: success
  type: dict
  contains:
    step: {description: 'V(begin), V(trust), V(leaf), V(drop), V(retire) or V(none).', type: str, sample: trust}
    stopped: {description: Whether the step is beyond O(until)., type: bool}
    target: {description: The generation that stays., type: int, sample: 2}
    leaving: {description: The generation that goes; null when no rotation is under way., type: int, sample: 1}
    same_key: {description: Whether the newer generation has the key of the older one., type: bool}
    trusted: {description: 'The CA certificates that the due nodes get to trust, PEM.', type: list, elements: str}
    nodes: {description: 'By inventory name, whether the node is C(due) and C(why).', type: dict}
    proof:
      description: What every node has to show to be through the step, as the options of M(interlock.cluster.ca_rotation_proof).
      type: dict
      contains:
        serves: {description: The generation whose certificate is served., type: int}
        accepts: {description: The generations whose clients are let in., type: list, elements: int}
        refuses: {description: The generations whose clients are turned away., type: list, elements: int}
    problems: {description: What stands against it., type: list, elements: str}
report:
  description: The same as lines for people.
  returned: success
  type: list
  elements: str
"""
