# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation of arguments in plugin_utils/_certificate_verdict.py: what is looked at on a node, and what certificate it should have."""

from __future__ import annotations


class ModuleDocFragment:
    """The options that a look at a node of Elasticsearch and one of OpenSearch share."""

    DOCUMENTATION = r"""
options:
  home:
    description: Where the engine is installed, absolute. The version of a node that is down is told from there.
    type: path
    required: true
  http_port:
    description: The port of the HTTP layer.
    type: int
    default: 9200
  transport_port:
    description: The port of the transport layer.
    type: int
    default: 9300
  keystore_password:
    description: The password of a password-protected keystore of secure settings.
    type: str
  store_password:
    description: The password that the keystore and the truststore are to have. A random one, made once, when not given.
    type: str
  authorities:
    description:
      - The certificates of every generation of the CA, PEM, one in each item. A certificate of any other CA counts as foreign.
      - Empty as long as there is no CA.
    type: list
    elements: str
    default: []
  issuer:
    description: The certificate of the CA that issues, PEM; the only one that a node is to trust. Not given as long as there is no CA.
    type: str
  san_dns:
    description:
      - DNS names that the certificate needs beside the node's own. Those are its host name, the names and addresses at which it publishes
        its transport layer, and the entry of C(discovery.seed_hosts) that means it.
      - A name may stand in O(san_dns) or O(san_ip), it is told by its form.
    type: list
    elements: str
    default: []
  san_ip:
    description: Addresses that the certificate needs beside the node's own.
    type: list
    elements: str
    default: []
  key_type:
    description: The wanted type of the key.
    type: str
    choices: [ec-p256, ec-p384, rsa-2048, rsa-3072, rsa-4096]
    default: ec-p256
  validity_days:
    description: How long a new certificate would be valid, in days.
    type: int
    default: 1095
  renew_days:
    description: A certificate that expires within so many days is due for renewal. It must be less than O(validity_days).
    type: int
    default: 30
  renew:
    description: Whether a certificate that is due counts as one to issue on a node that speaks TLS already.
    type: bool
    default: false
  reissue:
    description: Whether the certificate counts as one to issue whatever it is like.
    type: bool
    default: false
"""
