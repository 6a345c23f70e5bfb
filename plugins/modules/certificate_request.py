#!/usr/bin/python
# -*- coding: utf-8 -*-

# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: certificate_request
short_description: Have a node ask for a certificate that is signed elsewhere
version_added: 0.1.0
description:
  - Makes sure that a node has a private key that waits for its certificate, and that the control node has the request (PKCS#10) for it.
  - By default the key is made in the control process and goes from memory to the node, where it stays until the certificate comes
    (M(interlock.cluster.node_certificate), O(interlock.cluster.node_certificate#module:signed_certificate)). It is not encrypted, and only
    its owner may read it. On the control node there is nothing but the request.
  - With O(private_key_origin=node) the node makes the key with its openssl, and it never leaves the node
    (M(interlock.cluster.node_key)).
  - Run again, it keeps key and request as long as they are of one key and ask for the wanted names.
author: [The interlock.cluster contributors (@interlock)]
extends_documentation_fragment:
  - interlock.cluster.attributes
  - interlock.cluster.attributes.settings_module
  - interlock.cluster.attributes.action_module
options:
  private_key:
    description: Where the node keeps the key, absolute.
    type: path
    required: true
  private_key_origin:
    description: Who makes the key, the control process or the node itself.
    type: str
    choices: [controller, node]
    default: controller
  request:
    description:
      - Where the request is written on the control node. Its directory is made when it is not there.
      - Required unless O(private_key_origin=node), where the request is returned as well, for M(interlock.cluster.ca_sign).
    type: path
  common_name:
    description: The common name of the subject. What else the subject is to have is for the CA to add.
    type: str
    required: true
  dns:
    description: The DNS names of the SAN. At least one name in O(dns) or O(ip) is needed.
    type: list
    elements: str
    default: []
  ip:
    description: The addresses of the SAN.
    type: list
    elements: str
    default: []
  key_type:
    description: The type of the key.
    type: str
    choices: [ec-p256, ec-p384, rsa-2048, rsa-3072, rsa-4096]
    default: ec-p256
  profile:
    description: What the certificate is to be for, by its extended key usage. V(node) is a server and a client.
    type: str
    choices: [node, server, client]
    default: node
  fresh:
    description: >-
      Make a new key although there is one that waits. A certificate that is signed for the old one can then not be used any more.
    type: bool
    default: false
  owner:
    description: The owner of the key and of a directory that has to be created for it.
    type: str
  group:
    description: The group of the same.
    type: str
  mode:
    description: The mode of the key, octal, in quotes.
    type: str
    default: "0600"
  directory_mode:
    description: The mode of a directory that has to be created for the key.
    type: str
    default: "0750"
seealso:
  - module: interlock.cluster.node_certificate
"""

EXAMPLES = r"""
- name: Have the node ask for a certificate
  interlock.cluster.certificate_request:
    private_key: /etc/elasticsearch/certs/.transport.request.key
    request: "requests/{{ inventory_hostname }}.csr"
    common_name: es1
    dns: [es1.example.com]
    ip: [10.0.0.7]
    owner: root
"""

RETURN = r"""
request:
  description: The path of the request on the control node, null without one.
  returned: success
  type: str
content:
  description: The request itself, PEM, with O(private_key_origin=node). Null otherwise, and in check mode when there is no key yet.
  returned: success
  type: str
subject:
  description: The subject that is asked for.
  returned: success
  type: str
  sample: CN=es1
reasons:
  description: Why a request is written.
  returned: success
  type: list
  elements: str
"""
