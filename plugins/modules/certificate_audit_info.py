#!/usr/bin/python
# -*- coding: utf-8 -*-

# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: certificate_audit_info
short_description: Observe the certificates of a node, on disk and as served
version_added: 0.1.0
description:
  - Reads the TLS files of a node and asks its ports, in one module execution, and returns public data that
    M(interlock.cluster.certificate_audit_report) judges for the whole cluster. It judges nothing itself.
  - It changes nothing and needs no right to. What may not be read is told as such, and what the ports serve is seen without any right.
  - A private key in PEM form never leaves the node. Stores and secure settings are read into memory to look at the certificates in them
    and go no further.
author: [The interlock.cluster contributors (@interlock)]
extends_documentation_fragment:
  - interlock.cluster.attributes
  - interlock.cluster.attributes.info_module
  - interlock.cluster.attributes.action_module
options:
  engine:
    description:
      - V(elasticsearch) and V(opensearch) take the files, their meanings and their passwords from the settings in O(config_dir).
      - V(redis) takes them from the directives in O(config_file) and O(sentinel_config_file), of Redis or Valkey.
      - V(none) looks at O(files), O(directories) and O(endpoints) only, with any engine.
    type: str
    choices: [elasticsearch, opensearch, redis, none]
    default: elasticsearch
  config_dir:
    description: The configuration directory of the node. Required with O(engine=elasticsearch) and O(engine=opensearch).
    type: path
  config_file:
    description: The configuration file of the server, redis.conf. This one or O(sentinel_config_file) is required with O(engine=redis).
    type: path
  sentinel_config_file:
    description: The configuration file of the Sentinel, sentinel.conf. Its port is on the layer V(sentinel) in O(endpoints).
    type: path
  keystore_password:
    description: The password of a password-protected elasticsearch.keystore or opensearch.keystore.
    type: str
  files:
    description: Files to look at, with what they are meant to be.
    type: list
    elements: dict
    default: []
    suboptions:
      path: {description: The path., type: path, required: true}
      layer: {description: 'The layer it belongs to, as in O(endpoints).', type: str, required: true}
      kind:
        description: What it is. V(keystore) and V(truststore) are PKCS#12, the others PEM.
        type: str
        required: true
        choices: [keystore, truststore, private_key, certificate, certificate_authorities]
      password: {description: The password of a store., type: str}
  directories:
    description: More directories to search for TLS files, as O(interlock.cluster.tls_inventory_info#module:directories).
    type: list
    elements: path
    default: []
  endpoints:
    description: Ports of the node to look at.
    type: list
    elements: dict
    default: []
    suboptions:
      layer:
        description:
          - What the port is for. On V(transport), V(bus) and V(replication) every peer has to have a certificate.
        type: str
        required: true
      port:
        description: The TCP port.
        type: int
        required: true
      address:
        description: Where to connect to. When not given, an address at which something on the node listens on the port.
        type: str
      plaintext_protocol:
        description: The protocol of the harmless request that is sent, as O(interlock.cluster.tls_endpoint_info#module:plaintext_protocol).
        type: str
        choices: [auto, elasticsearch, http, redis, none]
        default: auto
  handshakes:
    description:
      - V(full) tries plaintext, a client without certificate, and every protocol by itself. Servers may log such clients.
      - V(greeting) sends one TLS greeting, which servers do not log.
    type: str
    choices: [full, greeting]
    default: full
  fallback_address:
    description: Where to look for ports on which nothing seems to listen.
    type: str
    default: 127.0.0.1
  owners:
    description: Users who may own files with keys. Anybody when empty.
    type: list
    elements: str
    default: []
  timeout:
    description: Seconds for each connection.
    type: float
    default: 5
seealso:
  - module: interlock.cluster.certificate_audit_report
  - module: interlock.cluster.tls_inventory_info
"""

EXAMPLES = r"""
- name: Observe an Elasticsearch node
  interlock.cluster.certificate_audit_info:
    config_dir: /etc/elasticsearch
    endpoints:
      - {layer: transport, port: 9300, plaintext_protocol: elasticsearch}
      - {layer: http, port: 9200, plaintext_protocol: http}
  register: observed

- name: Observe any TLS server
  interlock.cluster.certificate_audit_info:
    engine: none
    directories: [/etc/pki/tls]
    endpoints:
      - {layer: https, port: 443, plaintext_protocol: http}
"""

RETURN = r"""
node:
  description: What was seen. Certificates are as RV(interlock.cluster.ca#module:facts), with what the audit needs beside.
  returned: success
  type: dict
  contains:
    reached: {description: Always true; an entry for a host that could not be reached has false., type: bool}
    problem: {description: Null here., type: str}
    clock: {description: 'The clock of the host, seconds since the epoch.', type: float}
    clock_skew: {description: Seconds by which it is ahead of the control node., type: int}
    files:
      description: The TLS files, with modes, owners and the certificates in them.
      type: list
      elements: dict
    endpoints:
      description: The ports, with what they speak and serve.
      type: list
      elements: dict
    names: {description: The names and addresses that the certificate of each layer has to have., type: dict}
    owners: {description: The option of that name., type: list, elements: str}
    remarks:
      description: What the settings give reason to say.
      type: list
      elements: dict
    problems: {description: What could not be read., type: list, elements: str}
"""
