#!/usr/bin/python
# -*- coding: utf-8 -*-

# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: kibana_tls_info
short_description: Tell what a Kibana or OpenSearch Dashboards lacks of TLS, and what a change asks for
version_added: 0.1.0
description:
  - Reads settings file, keystore, certificates and release of a host, looks at its port and, from that host, at the search engine. It
    tells what differs from what is wanted, whether a change takes a restart or SIGHUP, and everything that forbids it.
  - The role C(kibana_tls) decides by it. It changes nothing. Secrets are compared and not returned.
author: [The interlock.cluster contributors (@interlock)]
extends_documentation_fragment:
  - interlock.cluster.attributes
  - interlock.cluster.attributes.info_module
  - interlock.cluster.attributes.action_module
options:
  flavour:
    description: The product. OpenSearch Dashboards has the same files, with other names for some settings.
    type: str
    choices: [kibana, dashboards]
    default: kibana
  config_dir:
    description: The directory of the settings file and of the keystore.
    type: path
    required: true
  certificates_dir:
    description: Where the PEM files are, below O(config_dir).
    type: str
    default: certs
  home:
    description: Where the product is installed. Its release stands in C(package.json) there.
    type: path
    required: true
  version:
    description: The release, for example V(8.19.0), instead of what C(package.json) says. Where neither tells, a change takes a restart.
    type: str
  address:
    description: The address or name of the port, as the status is asked for. It becomes part of the SAN.
    type: str
    required: true
  port:
    description: The port for browsers.
    type: int
    default: 5601
  hosts:
    description: The https URLs of the search engine.
    type: list
    elements: str
    required: true
  verification_mode:
    description: How the search engine is verified.
    type: str
    choices: [full, certificate]
    default: full
  protocols:
    description: The TLS protocols for browsers.
    type: list
    elements: str
    default: [TLSv1.2, TLSv1.3]
  ciphers:
    description: The cipher suites for browsers, by the names OpenSSL has for them. Those of the product when empty.
    type: list
    elements: str
    default: []
  client_authentication:
    description: Whether browsers are asked for a certificate.
    type: str
    choices: [none, optional, required]
    default: none
  client_certificate:
    description: Whether a client certificate is shown to the search engine.
    type: bool
    default: false
  client_name:
    description: The common name of that certificate.
    type: str
    default: kibana
  settings:
    description: More settings that are wanted.
    type: dict
    default: {}
  username:
    description: The user that logs in to the search engine with O(password). C(kibana_system), or C(kibanaserver) for Dashboards.
    type: str
  password:
    description: The password of that user. Mutually exclusive with O(token); without either the log-in stays as it is.
    type: str
  token:
    description: The token of a service account.
    type: str
  encryption_keys:
    description: Entries that the keystore is to have where neither it nor the settings file has them.
    type: dict
    default: {}
  keystore_password:
    description: The password of a password-protected keystore.
    type: str
  ca_directory:
    description: The directory of the CA that issues, on the control node.
    type: path
    required: true
  elasticsearch_ca_directory:
    description: The directory of the CA of the search engine's HTTP layer. O(ca_directory) when not given.
    type: path
  elasticsearch_authorities:
    description: CA certificates to trust as the search engine's, PEM, in place of those in O(elasticsearch_ca_directory).
    type: list
    elements: str
    default: []
  browser_authorities:
    description: CA certificates whose client certificates are taken from browsers, PEM, in place of those in O(ca_directory).
    type: list
    elements: str
    default: []
  common_name:
    description: The common name of the server certificate.
    type: str
    required: true
  san_dns:
    description: More DNS names for it, those of a load balancer above all.
    type: list
    elements: str
    default: []
  san_ip:
    description: More addresses for it.
    type: list
    elements: str
    default: []
  key_type:
    description: The type of the keys.
    type: str
    choices: [ec-p256, ec-p384, rsa-2048, rsa-3072, rsa-4096]
    default: ec-p256
  validity_days:
    description: How long a new certificate is valid, in days.
    type: int
    default: 1095
  renew_days:
    description: A certificate that expires within so many days is due.
    type: int
    default: 30
  only_certificates:
    description: Leave settings and keystore out of what differs.
    type: bool
    default: false
  signed_certificate:
    description: A certificate for browsers that was signed elsewhere, PEM, with the certificates above it.
    type: str
  signed_key:
    description: Its private key, PEM.
    type: str
  signed_key_path:
    description: Where the host has that key.
    type: path
  signed_key_passphrase:
    description: The passphrase of that key.
    type: str
seealso:
  - module: interlock.cluster.kibana_settings
  - module: interlock.cluster.kibana_keystore
"""

EXAMPLES = r"""
- name: See what is missing
  interlock.cluster.kibana_tls_info:
    config_dir: /etc/kibana
    home: /usr/share/kibana
    address: kibana.example.com
    hosts: ["https://es1.example.com:9200"]
    ca_directory: /etc/interlock/logs
    common_name: kibana.example.com
  register: kibana

- name: Show it
  ansible.builtin.debug:
    msg: "{{ kibana.node.kind }}: {{ kibana.node.reasons | join('; ') }}"
"""

RETURN = r"""
node:
  description: The verdict.
  returned: success
  type: dict
  contains:
    kind: {description: 'V(none), V(reload) or V(restart).', type: str}
    reasons: {description: Why., type: list, elements: str}
    resume: {description: Whether an earlier run has to be finished and nothing else., type: bool}
    problems: {description: 'Everything that forbids the change, each with what to do.', type: list, elements: str}
    warnings: {description: What the operator should know., type: list, elements: str}
    version: {description: The release., type: str}
    paths: {description: 'The files, by what they are.', type: dict}
    settings: {description: The wanted settings., type: dict}
    absent_settings: {description: The settings that are not wanted., type: list, elements: str}
    absent_entries: {description: The entries of the keystore that are not wanted., type: list, elements: str}
    keystore_exists: {description: Whether there is a keystore., type: bool}
    san: {description: The names and addresses for the server certificate., type: dict}
    manifest: {description: How far an earlier change is., type: str}
    live: {description: 'Whether the port speaks TLS, and the fingerprint of what it serves.', type: dict}
authorities:
  description: The CA certificates of the search engine, PEM.
  returned: success
  type: str
issuers:
  description: The CA certificates that a client of the product has to trust, PEM. Empty with O(signed_certificate).
  returned: success
  type: str
"""
