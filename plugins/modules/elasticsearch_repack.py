#!/usr/bin/python
# -*- coding: utf-8 -*-

# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: elasticsearch_repack
short_description: Pack what a hand-secured transport layer has into a keystore and a truststore
version_added: 0.1.0
description:
  - Takes the private key, the certificate and the trusted CAs of the transport layer from the files that elasticsearch.yml names, PKCS#12
    or PEM, and stages them as a keystore with the key and a truststore with the CA certificates alone. Nothing is issued.
  - It is the first step of a takeover when the key of the CA is not at hand. The node serves the same certificate afterwards and trusts
    the same CAs, from files in which either can be replaced under the running process.
  - The passwords of the files it reads are those of elasticsearch.keystore, or of elasticsearch.yml where they stand there.
  - A stage has to be open in O(config_dir), with the secure settings of the new stores in it. A node whose elasticsearch.yml names the new
    stores already is left alone.
author: [The interlock.cluster contributors (@interlock)]
extends_documentation_fragment:
  - interlock.cluster.attributes
  - interlock.cluster.attributes.settings_module
  - interlock.cluster.attributes.action_module
attributes:
  diff_mode:
    details: Shows public data of the certificate.
options:
  config_dir:
    description: The configuration directory of the node, absolute.
    type: path
    required: true
  keystore:
    description: The keystore to stage, relative to O(config_dir).
    type: str
    default: certs/transport.keystore.p12
  truststore:
    description: The truststore to stage, relative to O(config_dir).
    type: str
    default: certs/transport.truststore.p12
  password_setting:
    description: The secure setting that is to hold the password of the keystore.
    type: dict
    required: true
    suboptions: &setting
      path:
        description: The path of elasticsearch.keystore.
        type: path
        required: true
      name:
        description: The name of the secure setting.
        type: str
        required: true
      password:
        description: The password of a password-protected elasticsearch.keystore.
        type: str
  truststore_password_setting:
    description: The secure setting that is to hold the password of the truststore.
    type: dict
    required: true
    suboptions: *setting
  alias:
    description: The name of the key in the keystore.
    type: str
    required: true
  owner:
    description: The owner of the files.
    type: str
  group:
    description: The group of the files.
    type: str
  mode:
    description: The mode of the files, octal, in quotes.
    type: str
    default: "0640"
  directory_mode:
    description: The mode of their directory, should that have to be created.
    type: str
    default: "0750"
seealso:
  - module: interlock.cluster.node_certificate
  - module: interlock.cluster.elasticsearch_tls_info
"""

EXAMPLES = r"""
- name: Stage what the node has in the stores of the collection
  interlock.cluster.elasticsearch_repack:
    config_dir: /etc/elasticsearch
    alias: es1
    password_setting:
      path: /etc/elasticsearch/elasticsearch.keystore
      name: xpack.security.transport.ssl.keystore.secure_password
    truststore_password_setting:
      path: /etc/elasticsearch/elasticsearch.keystore
      name: xpack.security.transport.ssl.truststore.secure_password
"""

RETURN = r"""
certificate:
  description:
    - Public data of the certificate, as RV(interlock.cluster.node_certificate#module:certificate).
    - Null when nothing is to be done.
  returned: success
  type: dict
"""
