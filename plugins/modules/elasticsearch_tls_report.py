#!/usr/bin/python
# -*- coding: utf-8 -*-

# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: elasticsearch_tls_report
short_description: Show what became of a cluster whose transport layer was changed
version_added: 0.1.0
description:
  - Shows a table of all nodes with the certificate each serves, who is let in and who is refused, the number of documents before and
    after, and the seconds of outage.
  - It does not fail when documents are missing. They are in RV(lost), and the caller decides.
  - Run it once, for the whole cluster.
author: [The interlock.cluster contributors (@interlock)]
extends_documentation_fragment:
  - interlock.cluster.attributes
  - interlock.cluster.attributes.info_module
  - interlock.cluster.attributes.control_module
options:
  outcomes:
    description:
      - What became of each node, by its inventory name. Each needs all of C(proof), which is
        RV(interlock.cluster.elasticsearch_tls_proof#module:proof) or empty; C(stopped_at) and C(healthy_at), seconds since the epoch or
        null; and C(switched), the list of files that were made live.
      - The outage is counted from the first C(stopped_at) to the last C(healthy_at).
    type: dict
    required: true
  kind:
    description: The kind of the change. Only a full-cluster restart has an outage.
    type: str
    choices: [reload, rolling, full]
    default: full
  rehearsed:
    description: The change was a rehearsal, after which the transport layer speaks plaintext as before.
    type: bool
    default: false
  documents_before:
    description: The number of documents by index before. Not given when they could not be counted.
    type: dict
  documents_after:
    description: The C(indices) of an answer to C(/_stats/docs) afterwards. Empty when they could not be counted.
    type: dict
    default: {}
seealso:
  - module: interlock.cluster.elasticsearch_tls_proof
"""

EXAMPLES = r"""
- name: Prove it on every node
  interlock.cluster.elasticsearch_tls_proof:
    host: "{{ transport_address }}"
    ca_directory: /etc/interlock/logs
    ca_passphrase: "{{ vault_ca_passphrase }}"
  register: proved

- name: Note what became of the node
  ansible.builtin.set_fact:
    outcome: {proof: "{{ proved.proof | default({}) }}", stopped_at: null, healthy_at: null, switched: []}

- name: Show all nodes together
  interlock.cluster.elasticsearch_tls_report:
    outcomes: "{{ dict(ansible_play_hosts | zip(ansible_play_hosts | map('extract', hostvars, 'outcome'))) }}"
  run_once: true
"""

RETURN = r"""
lines:
  description: What was shown.
  returned: success
  type: list
  elements: str
lost:
  description: A sentence for each index that has fewer documents than before.
  returned: success
  type: list
  elements: str
  sample: [The index orders had 10000 documents before and has 9988 now.]
outage_seconds:
  description: Seconds from the first stop until the last node saw the health restored. Null without a full-cluster restart.
  returned: success
  type: float
  sample: 48.2
"""
