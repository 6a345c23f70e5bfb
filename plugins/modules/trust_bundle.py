#!/usr/bin/python
# -*- coding: utf-8 -*-

# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: trust_bundle
short_description: Make sure that a file holds exactly the CA certificates that a client is to trust
version_added: 0.1.0
description:
  - Writes a bundle of CA certificates for a client of a cluster, as PEM or as a PKCS#12 truststore for Java.
  - During a rotation of the CA the directory has two generations, and the bundle holds both. So a client that is given its bundle between
    the first step of the rotation and the second can talk to every node all the time.
  - What the file holds is compared by certificate, not by bytes. A certificate that is no CA's is refused.
  - No secret is in it. The password of a PKCS#12 truststore only keeps it from being changed unnoticed.
author: [The interlock.cluster contributors (@interlock)]
extends_documentation_fragment:
  - interlock.cluster.attributes
  - interlock.cluster.attributes.settings_module
  - interlock.cluster.attributes.action_module
options:
  path:
    description: The file, absolute.
    type: path
    required: true
  format:
    description: PEM, one certificate after the other, or a PKCS#12 truststore as Java reads it.
    type: str
    choices: [pem, pkcs12]
    default: pem
  password:
    description: The password of a PKCS#12 truststore. Java reads one without password as empty.
    type: str
  ca_directory:
    description:
      - The directory of the CA on the control node, as M(interlock.cluster.ca) keeps it. Every generation in it is to be trusted.
      - At least one of O(ca_directory) and O(certificates) is required.
    type: path
  certificates:
    description: More CA certificates to trust, PEM. An item may hold several.
    type: list
    elements: str
  manifest_directory:
    description: The directory of the stage. That of the file when not given.
    type: path
  staged:
    description:
      - Read the staged version of the file where there is one, and write a staged version beside the live file, which stays as it is.
      - The stage has to be open, and is made live with M(interlock.cluster.staged_files).
    type: bool
    default: false
  owner:
    description: The owner of the file and of a directory that has to be created for it.
    type: str
  group:
    description: The group of the same.
    type: str
  mode:
    description: The mode of the file, octal, in quotes.
    type: str
    default: "0644"
  directory_mode:
    description: The mode of a directory that has to be created for the file.
    type: str
    default: "0755"
seealso:
  - module: interlock.cluster.node_certificate
"""

EXAMPLES = r"""
- name: Have every program on the host that reads this file trust the cluster
  interlock.cluster.trust_bundle:
    path: /etc/interlock/logs-ca.crt
    ca_directory: /etc/interlock/logs

- name: A truststore for a Java application, with the company's CA beside
  interlock.cluster.trust_bundle:
    path: /etc/orders/tls/ca.p12
    format: pkcs12
    password: "{{ vault_orders_truststore_password }}"
    ca_directory: /etc/interlock/logs
    certificates:
      - "{{ lookup('ansible.builtin.file', 'company-ca.crt') }}"
"""

RETURN = r"""
added:
  description: The subjects of the certificates that were not in the file.
  returned: success
  type: list
  elements: str
  sample: [CN=logs CA 2]
removed:
  description: The subjects of those that were in the file and are not to be trusted.
  returned: success
  type: list
  elements: str
problem:
  description: Why the file that was there could not be read. It is replaced. Null when it could.
  returned: success
  type: str
certificates:
  description: Public data of every certificate that the file holds afterwards.
  returned: success
  type: list
  elements: dict
"""
