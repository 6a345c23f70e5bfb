#!/usr/bin/python
# -*- coding: utf-8 -*-

# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: opensearch_tls_proof
short_description: Prove by handshakes whom an OpenSearch node lets in
version_added: 0.1.0
description:
  - Makes handshakes against the transport layer, and against the HTTP layer from the level V(https) on. A client with a certificate of
    the CA gets in. One without a certificate, one of a foreign CA, and one that speaks plaintext do not. TLS 1.0 and 1.1 are not spoken.
  - On the level V(dual) it proves that TLS is spoken with the right certificate; plaintext is let in there.
  - That a certificate of the CA whose name is not in C(nodes_dn) is no member shows in no handshake. The node refuses its requests.
  - The clients' certificates are made for the proof, valid for a day, and kept in memory.
author: [The interlock.cluster contributors (@interlock)]
extends_documentation_fragment:
  - interlock.cluster.attributes
  - interlock.cluster.attributes.info_module
  - interlock.cluster.attributes.action_module
options:
  host:
    description: Where the transport layer listens.
    type: str
    required: true
  http_host:
    description: Where the HTTP layer listens.
    type: str
    required: true
  transport_port:
    description: The port of the transport layer.
    type: int
    default: 9300
  http_port:
    description: The port of the HTTP layer.
    type: int
    default: 9200
  level:
    description: The level that the node is to be on.
    type: str
    choices: [dual, strict, https, full]
    required: true
  ca_directory:
    description: The directory of the CA, on the control node.
    type: path
    required: true
  ca_passphrase:
    description: The passphrase of its key.
    type: str
  trusted:
    description: The CA certificates to verify the node with, PEM. The default is the one that issues.
    type: list
    elements: str
  sha256:
    description: The fingerprint of the certificate that must be served.
    type: str
  timeout:
    description: Seconds to try again while anything is not as it must be.
    type: int
    default: 30
"""

EXAMPLES = r"""
- name: Prove it
  interlock.cluster.opensearch_tls_proof:
    host: 10.0.0.7
    http_host: 10.0.0.7
    level: full
    ca_directory: /etc/interlock/logs
    ca_passphrase: "{{ vault_logs_ca_passphrase }}"
"""

RETURN = r"""
proof:
  description: What was seen, for C(transport), and for C(http) where it speaks TLS.
  returned: success, not in check mode
  type: dict
"""
