#!/usr/bin/python
# -*- coding: utf-8 -*-

# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: redis_tls_info
short_description: Tell what of a Redis or Valkey node's TLS is as wanted
version_added: 0.1.0
description:
  - Reads the certificate, the configuration files and the running processes of a node in one module execution, and judges what has to be
    done about the certificate. It changes nothing and returns no secret.
author: [The interlock.cluster contributors (@interlock)]
extends_documentation_fragment:
  - interlock.cluster.attributes
  - interlock.cluster.attributes.info_module
  - interlock.cluster.attributes.action_module
options:
  address:
    description: Where the server and the Sentinel listen.
    type: str
    required: true
  server:
    description: The server of this host, if it has one.
    type: dict
    suboptions:
      config_file: {description: Its configuration file., type: path, required: true}
      port: {description: Its plaintext port., type: int, required: true}
      secure_port: {description: Its TLS port., type: int, required: true}
  sentinel:
    description: The Sentinel of this host, if it has one.
    type: dict
    suboptions:
      config_file: {description: Its configuration file., type: path, required: true}
      port: {description: Its plaintext port., type: int, required: true}
      secure_port: {description: Its TLS port., type: int, required: true}
      password: {description: Its password., type: str}
  username:
    description: The ACL user to log in as.
    type: str
  password:
    description: The user's password.
    type: str
  fallback_password:
    description: What is tried where O(password) is wrong.
    type: str
  renamed_commands:
    description: The names that commands have where C(rename-command) is in use, by command.
    type: dict
    default: {}
  timeout:
    description: Seconds to wait for an answer, at most.
    type: int
    default: 30
  certificate:
    description: The file with the certificate.
    type: path
    required: true
  private_key:
    description: The file with the private key.
    type: path
    required: true
  ca_certificates:
    description: The file with the CA certificates to trust.
    type: path
    required: true
  client_certificate:
    description: The file with the certificate for outgoing connections, where these have one of their own.
    type: path
  client_private_key:
    description: The file with its private key.
    type: path
  separate_client:
    description: Whether outgoing connections, which replication and bus make, are to show O(client_certificate).
    type: bool
    default: false
  parameters:
    description: The TLS parameters that the server shall have, handed on as they are.
    type: dict
    default: {}
  authorities:
    description: The certificates of every generation of the CA, PEM.
    type: list
    elements: str
    default: []
  issuer:
    description: The certificate of the CA that issues, PEM. Leave it out as long as there is none.
    type: str
  san_dns:
    description: DNS names for the certificate beside those the node is known by.
    type: list
    elements: str
    default: []
  san_ip:
    description: Addresses for the certificate beside those the node is known by.
    type: list
    elements: str
    default: []
  key_type:
    description: The type of key.
    type: str
    choices: [ec-p256, ec-p384, rsa-2048, rsa-3072, rsa-4096]
    default: ec-p256
  validity_days:
    description: Days a certificate is valid.
    type: int
    default: 1095
  renew_days:
    description: Days before its end from which on a certificate is due.
    type: int
    default: 30
  renew:
    description: Renew certificates of live nodes that are due.
    type: bool
    default: false
  reissue:
    description: Find that a new certificate is wanted whatever the node has.
    type: bool
    default: false
  rotation:
    description: The CA is being rotated, so that another issuer or trust is no reason to refuse (see
      M(interlock.cluster.node_certificate)).
    type: str
    choices: [trust, certificate]
"""

EXAMPLES = r"""
- name: Read the node
  interlock.cluster.redis_tls_info:
    address: 10.0.0.7
    server: {config_file: /etc/redis/redis.conf, port: 6379, secure_port: 6380}
    certificate: /etc/redis/tls/redis.crt
    private_key: /etc/redis/tls/redis.key
    ca_certificates: /etc/redis/tls/ca.crt
  register: found
"""

RETURN = r"""
node:
  description: The verdicts, as M(interlock.cluster.redis_tls_plan) takes them.
  returned: success
  type: dict
  contains:
    name: {description: The inventory name., type: str}
    address: {description: Where it listens., type: str}
    names: {description: Everything it is dialled by., type: list, elements: str}
    san: {description: The same as C(dns) and C(ip)., type: dict}
    port: {description: Its plaintext port., type: int}
    secure_port: {description: Its TLS port., type: int}
    parameters: {description: As given., type: dict}
    live: {description: 'What the process says of itself, null when it does not answer.', type: dict}
    server: {description: Drift of its file and what its TLS port serves., type: dict}
    sentinel: {description: The same of its Sentinel., type: dict}
    certificate: {description: 'V(keep), V(issue), V(trust) or V(refuse) with reasons, and its public facts.', type: dict}
    client_certificate: {description: 'The same of the pair for outgoing connections, null without O(separate_client).', type: dict}
    clock: {description: The clock of the host., type: float}
"""
