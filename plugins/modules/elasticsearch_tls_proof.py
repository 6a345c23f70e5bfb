#!/usr/bin/python
# -*- coding: utf-8 -*-

# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: elasticsearch_tls_proof
short_description: Prove by handshakes that a layer of Elasticsearch lets members in and nobody else
version_added: 0.1.0
description:
  - Connects to the transport or the HTTP layer as a member with a certificate of the CA, without a certificate, with a certificate of a CA
    that was made up on the spot, and in plaintext. It succeeds when the member is let in and everybody else is refused.
  - It fails with everything that is not as it must be, after O(timeout). Until then it looks again, because a node takes a few seconds
    to reload its stores.
  - The connections are made on the node, with the standard library of Python. Both identities are made in the control process for this
    proof alone, are valid for a day, and are kept in memory. That of the member, C(interlock-proof.invalid), is noted in the ledger of
    the CA.
  - Elasticsearch writes a warning to its log for each client that it refuses.
author: [The interlock.cluster contributors (@interlock)]
extends_documentation_fragment:
  - interlock.cluster.attributes
  - interlock.cluster.attributes.action_module
attributes:
  check_mode:
    support: partial
    details: Is skipped, because nothing has changed that could be proved.
  diff_mode:
    support: N/A
    details: This module changes nothing on the node.
  idempotent:
    support: full
    details: This module changes nothing on the node. Each proof adds a line to the ledger of the CA.
options:
  layer:
    description: Which layer it is. That decides in which protocol plaintext is tried.
    type: str
    choices: [transport, http]
    default: transport
  server_name:
    description: The name or address that the served certificate has to be valid for, when it is not O(host).
    type: str
  refused_protocols:
    description: TLS protocols that must not be spoken. One that Python's TLS library does not have cannot be tried.
    type: list
    elements: str
    choices: [TLSv1, TLSv1.1, TLSv1.2, TLSv1.3]
    default: []
  host:
    description: The address of the layer, as the node itself reaches it.
    type: str
    required: true
  port:
    description: The port of the layer.
    type: int
    default: 9300
  ca_directory:
    description: The directory of the CA on the control node, as M(interlock.cluster.ca) keeps it. This or O(private_key).
    type: path
  ca_passphrase:
    description: The passphrase of the CA's private key.
    type: str
  trusted:
    description: The CA certificates to verify the served certificate with, PEM. The CA that issues when not given.
    type: list
    elements: str
  sha256:
    description: The SHA-256 fingerprint, lower-case hex, of the certificate that has to be served. Any when not given.
    type: str
  verify_name:
    description:
      - Whether the served certificate has to verify, that is lead to a trusted CA, be valid now and be valid for O(host). This is what
        other nodes demand under the verification mode V(full).
      - Otherwise that is only told, in RV(proof.chain_trusted).
    type: bool
    default: true
  demand_client_certificate:
    description:
      - Whether a peer without certificate, and one with a certificate of a foreign CA, have to be refused.
      - Otherwise, as with C(client_authentication) other than V(required), that is only told.
    type: bool
    default: true
  timeout:
    description: Seconds after which what is not as it must be is final.
    type: int
    default: 30
  keystore:
    description:
      - The PKCS#12 keystore of the node, absolute. Needed for a CA whose key is elsewhere, so that no member's certificate can be made for
        the proof; the node's own, in memory, is the member then.
    type: path
  private_key:
    description: >-
      The private key of the node, PEM, for a node that makes its keys itself. The node itself is the member that has to be let in then,
      and the key stays on it. O(certificate) and O(trusted) are needed with it.
    type: path
  certificate:
    description: The certificate of O(private_key) and what is above it, PEM, a path on the node.
    type: path
  keystore_setting:
    description: The secure setting of the node that has the password of O(keystore).
    type: dict
    suboptions:
      path:
        description: The keystore file of the secure settings.
        type: path
        required: true
      name:
        description: The name of the secure setting.
        type: str
        required: true
      password:
        description: The password of a password-protected keystore file.
        type: str
seealso:
  - module: interlock.cluster.tls_endpoint_info
"""

EXAMPLES = r"""
- name: Prove that the transport layer is mutually authenticated
  interlock.cluster.elasticsearch_tls_proof:
    host: 10.0.0.7
    ca_directory: /etc/interlock/logs
    ca_passphrase: "{{ vault_ca_passphrase }}"
  register: proved

- name: Tell which certificate it serves
  ansible.builtin.debug:
    msg: "{{ proved.proof.served.subject }}, until {{ proved.proof.served.not_after }}"
  when: proved is not skipped
"""

RETURN = r"""
proof:
  description: What was seen.
  returned: success, and not in check mode
  type: dict
  contains:
    served:
      description: What the served certificate says, as RV(interlock.cluster.tls_endpoint_info#module:certificate).
      type: dict
    protocol: {description: The protocol agreed on., type: str, sample: TLSv1.3}
    cipher: {description: The cipher suite agreed on., type: str, sample: TLS_AES_256_GCM_SHA384}
    chain_trusted:
      description: Whether the certificate verifies, as with O(verify_name=true). Null when it could not be told.
      type: bool
    member_accepted: {description: Whether a peer with a certificate of the CA is let in., type: bool}
    plaintext_refused: {description: Whether plaintext is refused., type: bool}
    no_certificate_refused: {description: Whether a peer without a certificate is refused., type: bool}
    protocols:
      description: Whether each protocol is spoken, null where that could not be tried. Null altogether without O(refused_protocols).
      type: dict
    foreign_refused: {description: Whether a peer with a certificate of a foreign CA is refused., type: bool}
"""
