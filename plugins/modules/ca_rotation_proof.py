#!/usr/bin/python
# -*- coding: utf-8 -*-

# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ca_rotation_proof
short_description: Prove by handshakes how far a running process is through the rotation of its CA
version_added: 0.1.0
description:
  - Connects to a port as a client of every CA in the CA directory and tells whose certificate the process serves and which of these CAs
    it trusts. This is what the process has in memory, where files only tell what it would have after a start.
  - With O(serves), O(accepts) or O(refuses) it waits until all of that is so, and fails with what is not after O(timeout). Without, it
    only tells.
  - Works with any engine. The connections are made on the node, with the standard library of Python. The clients' certificates are made
    in the control process for this proof alone, are valid for a day, are kept in memory, and are noted in the ledger of the CA.
  - A CA that has expired cannot make such a client. Whether it is trusted is then told by the names of the CAs that the server asks for.
author: [The interlock.cluster contributors (@interlock)]
extends_documentation_fragment:
  - interlock.cluster.attributes
  - interlock.cluster.attributes.action_module
  - interlock.cluster.attributes.info_module
options:
  host:
    description: The address of the port, as the node itself reaches it.
    type: str
    required: true
  port:
    description: The TCP port.
    type: int
    required: true
  plaintext_protocol:
    description: The protocol spoken inside TLS, as O(interlock.cluster.tls_endpoint_info#module:plaintext_protocol).
    type: str
    choices: [auto, elasticsearch, http, redis, none]
    default: auto
  ca_directory:
    description: The directory of the CA on the control node. This or O(held).
    type: path
  ca_passphrase:
    description: The passphrase of the private keys in it.
    type: str
  held:
    description: >-
      For a node that makes its keys itself, and a CA that may be on another host: the client is the node with a key of its own, which
      stays there, and certificates that were signed for it elsewhere (M(interlock.cluster.ca_sign)).
    type: dict
    suboptions:
      private_key:
        description: The path of the key on the node, PEM.
        type: path
        required: true
      generations:
        description: The generations of the CA.
        type: list
        elements: dict
        required: true
        suboptions:
          generation:
            description: The number.
            type: int
            required: true
          authority:
            description: The certificate of the CA, PEM.
            type: str
            required: true
          certificate:
            description: What it signed for O(held.private_key), PEM, with its chain. Left out for one that cannot sign.
            type: str
  serves:
    description: The generation of the CA whose certificate has to be served.
    type: int
  accepts:
    description: The generations whose clients have to be let in.
    type: list
    elements: int
    default: []
  refuses:
    description: The generations whose clients have to be turned away.
    type: list
    elements: int
    default: []
  timeout:
    description: Seconds after which what is not as it has to be is final.
    type: int
    default: 0
seealso:
  - module: interlock.cluster.ca_rotation
  - module: interlock.cluster.ca_rotation_plan
  - module: interlock.cluster.tls_endpoint_info
"""

EXAMPLES = r"""
- name: Which CAs does the transport layer trust, and whose certificate does it serve
  interlock.cluster.ca_rotation_proof:
    host: 10.0.0.7
    port: 9300
    plaintext_protocol: elasticsearch
    ca_directory: /etc/interlock/logs
    ca_passphrase: "{{ vault_ca_passphrase }}"
  register: looked

- name: Wait until the old CA is refused
  interlock.cluster.ca_rotation_proof:
    host: 10.0.0.7
    port: 9300
    ca_directory: /etc/interlock/logs
    ca_passphrase: "{{ vault_ca_passphrase }}"
    accepts: [2]
    refuses: [1]
    timeout: 60
"""

RETURN = r"""
state:
  description: What the port showed.
  returned: success
  type: dict
  contains:
    reachable: {description: Whether it takes connections., type: bool}
    speaks_tls: {description: Whether it speaks TLS., type: bool}
    error: {description: Why less could be found out., type: str}
    served: {description: 'What the served certificate says, as RV(interlock.cluster.tls_endpoint_info#module:certificate).', type: dict}
    generation: {description: The generation that issued it; null when none did., type: int, sample: 2}
    serves_other: {description: The issuer of a certificate that no generation issued., type: str}
    accepts:
      description: Each generation, and whether a client of it is let in.
      type: list
      elements: dict
      contains:
        generation: {description: Its number., type: int, sample: 1}
        accepted: {description: Whether its clients are let in; null when that could not be found out., type: bool}
        detail: {description: How that was told., type: str}
missing:
  description: What is not as it has to be. Empty, because otherwise the task fails.
  returned: success
  type: list
  elements: str
seconds:
  description: How long it took until everything was as it has to be.
  returned: success
  type: float
at:
  description: When that was seen, in seconds since 1970.
  returned: success
  type: float
"""
