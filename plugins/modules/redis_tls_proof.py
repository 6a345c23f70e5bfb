#!/usr/bin/python
# -*- coding: utf-8 -*-

# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: redis_tls_proof
short_description: Prove by handshakes whom a Redis or Valkey node lets in
version_added: 0.1.0
description:
  - Makes handshakes against the TLS port, the cluster bus and the plaintext port. A client with a certificate of the CA gets in. One
    without a certificate, one of a foreign CA, and one that speaks plaintext do not. TLS 1.0 and 1.1 are not spoken.
  - The clients' certificates are made for the proof, valid for a day, and kept in memory.
author: [The interlock.cluster contributors (@interlock)]
extends_documentation_fragment:
  - interlock.cluster.attributes
  - interlock.cluster.attributes.info_module
  - interlock.cluster.attributes.action_module
options:
  address:
    description: Where the server listens.
    type: str
    required: true
  secure_port:
    description: Its TLS port.
    type: int
    required: true
  bus_port:
    description: The port of its cluster bus. Without it the bus is not tried.
    type: int
  plaintext_port:
    description: A port that must not be answered in plaintext any more. Without it plaintext is not tried there.
    type: int
  ca_directory:
    description: The directory of the CA, on the control node.
    type: path
    required: true
  ca_passphrase:
    description: The passphrase of its key.
    type: str
  trusted:
    description: The CA certificates to verify the server with, PEM. The default is the one that issues.
    type: list
    elements: str
  sha256:
    description: The fingerprint of the certificate that must be served.
    type: str
  client_certificates:
    description: Whether clients need a certificate. The bus demands one always.
    type: str
    choices: [required, optional, "no"]
    default: required
  timeout:
    description: Seconds to try again while anything is not as it must be.
    type: int
    default: 30
"""

EXAMPLES = r"""
- name: Prove it
  interlock.cluster.redis_tls_proof:
    address: 10.0.0.7
    secure_port: 6380
    plaintext_port: 6379
    ca_directory: /etc/interlock/sessions
    ca_passphrase: "{{ vault_sessions_ca_passphrase }}"
"""

RETURN = r"""
proof:
  description: What was seen, for C(client), for C(bus) when its port was given, and C(plaintext_closed).
  returned: success, not in check mode
  type: dict
"""
