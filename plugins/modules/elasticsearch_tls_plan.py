#!/usr/bin/python
# -*- coding: utf-8 -*-

# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: elasticsearch_tls_plan
short_description: Plan the least change that takes an Elasticsearch cluster's transport layer to mutual TLS
version_added: 0.1.0
description:
  - Takes the verdicts of M(interlock.cluster.elasticsearch_tls_info) about every node, and shows and returns what is due and why. That is
    nothing, a hot reload, a rolling restart or a full-cluster restart. It changes nothing and connects to nothing; run it once.
  - It decides by state. A restart is due because what runs is not what is on disk, so one that an interrupted run did not make is still
    due in the next.
  - It never fails on what it finds. Everything that forbids the change is in RV(plan.problems), all of it together, and the caller
    refuses.
  - Problems are whatever C(elasticsearch_tls_info) found on a node, and a change of issuer or trust on a node that speaks TLS; for a change
    that is due also versions other than 7.17, 8.x and 9.x, node names that are not unique, hosts of several clusters, a seed host that
    no certificate would cover, a clock that is wrong, too little disk space, and a strategy other than linear.
  - For a restart problems are also a node that is down or cannot be asked, nodes that see different members or cannot reach each other,
    a node that would not find the others again because nothing tells it where they are, a health that is not green, shards that are
    relocating, and O(restart) forbidding it; for a full-cluster restart a member that
    is not in the play, and a missing or too short password for C(elastic).
  - A way back that an earlier run began is finished before anything else is planned.
author: [The interlock.cluster contributors (@interlock)]
extends_documentation_fragment:
  - interlock.cluster.attributes
  - interlock.cluster.attributes.info_module
  - interlock.cluster.attributes.control_module
options:
  nodes:
    description: RV(interlock.cluster.elasticsearch_tls_info#module:node) of every node of the play, by its inventory name.
    type: dict
    required: true
  unread:
    description: The nodes that could not be read, each with why. They become problems.
    type: dict
    default: {}
  goal:
    description:
      - V(secure) plans forward, V(previous) back to what the last change replaced and kept.
      - V(takeover) is the first pass over a cluster that other means secured, for which O(nodes) were read with
        O(interlock.cluster.elasticsearch_tls_info#module:takeover).
    type: str
    choices: [secure, takeover, previous]
    default: secure
  rehearse:
    description: Plan for a rehearsal, in which TLS is completely configured and loaded while security stays off.
    type: bool
    default: false
  clock_tolerance:
    description: Seconds that the clock of a node may differ from that of the control node.
    type: int
    default: 300
  ca_problem:
    description: What is wrong with the CA. It becomes the first of the problems.
    type: str
    default: ""
  password_length:
    description: How many characters the password of the user C(elastic) has. The password itself is not needed here.
    type: int
  allow_yellow:
    description: Whether a full-cluster restart may begin while the cluster health is yellow.
    type: bool
    default: false
  restart:
    description:
      - V(auto) plans whatever is due, and V(full) a full-cluster restart where a rolling one would be due.
      - V(rolling) has a full-cluster restart refused, V(never) every restart.
    type: str
    choices: [auto, full, rolling, never]
    default: auto
  verification_mode:
    description: The verification mode that is wanted. Under V(full) every seed host must be a name that some certificate has.
    type: str
    choices: [full, certificate, none]
    default: full
seealso:
  - module: interlock.cluster.elasticsearch_tls_info
"""

EXAMPLES = r"""
- name: Read every node
  interlock.cluster.elasticsearch_tls_info:
    config_dir: /etc/elasticsearch
    home: /usr/share/elasticsearch
    password: "{{ vault_elastic_password }}"
    settings:
      xpack.security.enabled: true
      xpack.security.transport.ssl.enabled: true
  register: found

- name: Plan for the whole cluster
  interlock.cluster.elasticsearch_tls_plan:
    nodes: "{{ dict(ansible_play_hosts | zip(ansible_play_hosts | map('extract', hostvars, 'found') | map(attribute='node'))) }}"
    password_length: "{{ vault_elastic_password | length }}"
  run_once: true
  register: planned

- name: Refuse on every node
  ansible.builtin.fail:
    msg: "{{ planned.plan.problems | join(' ') }}"
  when: planned.plan.problems | length > 0
"""

RETURN = r"""
plan:
  description: The plan.
  returned: success
  type: dict
  contains:
    kind: {description: 'What is due, V(none), V(reload), V(rolling) or V(full).', type: str, sample: full}
    back: {description: Whether this is the way back to the previous versions., type: bool}
    mixed: {description: Whether nodes are brought into a cluster that speaks TLS already., type: bool}
    order: {description: The inventory names in the order of a rolling restart., type: list, elements: str}
    joining: {description: The inventory names of the nodes that join a cluster which speaks TLS., type: list, elements: str}
    ca_subject: {description: The subject for a CA that does not exist yet., type: str, sample: CN=logs transport CA}
    resume: {description: Whether a restart that was interrupted is finished., type: bool}
    quiesce:
      description: Whether allocation is limited and a flush made before the nodes stop. Not so when only some nodes speak TLS already.
      type: bool
    spokesman: {description: The inventory name of the node to ask and tell about the whole cluster., type: str, sample: es1}
    nodes:
      description: What each node needs, by its inventory name. Each has C(name), the node's name; C(kind), as RV(plan.kind); C(stage),
        whether files have to be made; C(stop), whether its process runs with what is to be replaced; C(reasons); and C(settle), whether
        versions that an earlier change kept are removed first, because a way back must not reach them.
      type: dict
      sample:
        es1: {name: es1, kind: full, stage: true, stop: true, settle: false, reasons: ['certificate: there is no certificate yet']}
    issue: {description: 'Whether any certificate has to be issued, so that the CA is needed.', type: bool}
    foreign_authorities:
      description: The certificates of other CAs that nodes have, as O(interlock.cluster.ca#module:foreign_authorities) takes them.
      type: list
      elements: dict
      contains:
        host: {description: The inventory name of the node., type: str}
        how: {description: 'Whether the node V(holds) it or V(serves) it.', type: str}
        subject: {description: The subject., type: str}
        issuer: {description: The subject of that CA., type: str}
        sha256: {description: 'The SHA-256 fingerprint, lower-case hex.', type: str}
    http:
      description: C(issue), C(foreign_authorities) and C(ca_subject) for the CA of the HTTP layer, as those of the transport layer above.
      type: dict
    store_password: {description: Whether the password of C(elastic) has to be stored in the security index., type: bool}
    before:
      description: What has to be afterwards as it was before. An interrupted run remembered it.
      type: dict
      contains:
        members: {description: The names of the nodes., type: list, elements: str}
        health: {description: The cluster health., type: str}
        allocation: {description: The persistent allocation setting., type: str}
        documents: {description: 'The number of documents by index, null when they could not be counted.', type: dict}
    authority:
      description: In a takeover the certificate of the CA that issued the certificates of all nodes, PEM.
      type: str
    problems: {description: 'Everything that forbids the plan, each with what to do.', type: list, elements: str}
    warnings:
      description: What the operator should know, such as clients and remote clusters that will be turned away when security is switched on.
      type: list
      elements: str
report:
  description: The plan as it was shown.
  returned: success
  type: list
  elements: str
"""
