#!/usr/bin/python
# -*- coding: utf-8 -*-

# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: node_certificate
short_description: Make sure that a node has the certificate and the trust it should have
version_added: 0.1.0
description:
  - Makes sure that a node has a private key with a certificate of the cluster's CA, and trusts exactly the CAs it should. One task
    for each node.
  - It reads what the node has, decides by meaning and says why. The reasons to issue a new certificate are that there is none, that
    it cannot be read with its password, has expired or does so within O(renew_days), is not valid yet, was issued by another CA,
    lacks a name of the SAN or has one that is not wanted, has a key of another type, is not for its O(profile), or does not
    belong to its key. When only the trust differs from the wanted CAs, only the trust is written anew.
  - Key and certificate are made in the control process and go from memory to the node, atomically. Nothing secret is written on the
    control node or returned.
  - With O(format=pkcs12) the keystore holds the key with its certificate and chain, and the truststore the CA certificates as trusted
    entries and nothing else. One store for both would have Java accept even an expired peer.
  - A certificate never outlives its CA. O(profile) says what it is for.
  - A node that speaks TLS already, which only O(port) can tell, is refused a change of issuer or trust, because that would cut it off
    from the others. It takes a rotation of the CA, with both trusted in between. Its certificate is renewed only with O(renew=true);
    otherwise approaching expiry is a warning.
  - It restarts nothing. Elasticsearch reloads stores that it has open already within seconds, as long as their passwords stay.
author: [The interlock.cluster contributors (@interlock)]
extends_documentation_fragment:
  - interlock.cluster.attributes
  - interlock.cluster.attributes.settings_module
  - interlock.cluster.attributes.action_module
attributes:
  check_mode:
    details: A certificate that would be issued does not exist, so RV(certificate) is null then. The private key of the CA is not opened.
  diff_mode:
    details: Shows public data of the certificates and the reasons.
options:
  format:
    description: Whether the node has PKCS#12 stores, as Java does, or PEM files.
    type: str
    choices: [pkcs12, pem]
    default: pkcs12
  profile:
    description:
      - What the certificate is for. That of a V(node) has serverAuth and clientAuth, for engines whose nodes connect to each other.
      - That of a V(server) has serverAuth; one that has more is kept. O(signed_certificate) may be of a public CA then.
      - That of a V(client) has clientAuth and nothing else, so that its holder cannot pose as a server, and needs no names.
    type: str
    choices: [node, server, client]
    default: node
  keystore:
    description: The PKCS#12 store of the key and its certificate, absolute. Required with O(format=pkcs12).
    type: path
  truststore:
    description:
      - The PKCS#12 store of the trusted CA certificates, absolute.
      - Left out, nothing is written about trust; M(interlock.cluster.trust_bundle) writes such files by themselves.
    type: path
  private_key:
    description: The PEM file of the private key (PKCS#8), absolute. Required with O(format=pem).
    type: path
  private_key_origin:
    description:
      - Who makes the private key. With V(node) the node does (M(interlock.cluster.certificate_request)), for O(format=pem) only, and the
        key never leaves it. What is written here is the certificate that was signed for it, O(signed_certificate).
      - O(signed_key_path) is then the key that the certificate was signed for. Where that is another one than O(private_key), it is copied
        there on the node, with mode V(0600).
      - Nothing is issued here, so the CA is given by its certificate, O(ca_certificate) and O(trusted).
    type: str
    choices: [controller, node]
    default: controller
  private_key_owner:
    description: The owner of a private key with O(private_key_origin=node), who alone may read it.
    type: str
  certificate:
    description: The PEM file of the certificate and its chain, absolute. Required with O(format=pem).
    type: path
  certificate_authorities:
    description: The PEM file of the trusted CA certificates, absolute. Left out, nothing is written about trust.
    type: path
  password:
    description:
      - The password of O(keystore), and of O(truststore) unless that is given one of its own; or the passphrase of O(private_key), which
        is not encrypted without one. A PKCS#12 store must have a password, of ASCII characters.
      - Mutually exclusive with O(password_setting).
    type: str
  password_setting:
    description:
      - Take that password from the secure settings of the node itself, so that it is known nowhere else.
      - Have it made there first with M(interlock.cluster.elasticsearch_keystore) and its option
        O(interlock.cluster.elasticsearch_keystore#module:generate).
    type: dict
    suboptions:
      path:
        description: The keystore file of the secure settings, for example V(/etc/elasticsearch/elasticsearch.keystore).
        type: path
        required: true
      name:
        description: The name of the secure setting.
        type: str
        required: true
      password:
        description: The password of a password-protected keystore file.
        type: str
  truststore_password:
    description: The password of O(truststore). Mutually exclusive with O(truststore_password_setting).
    type: str
  truststore_password_setting:
    description: Take the password of O(truststore) from the secure settings of the node.
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
  ca_directory:
    description:
      - The directory of the CA on the control node, as M(interlock.cluster.ca) keeps it. What is issued is noted in its ledger.
      - Exactly one of O(ca_directory) and O(ca_certificate) is required.
    type: path
  ca_certificate:
    description: The CA certificate by its content, PEM, as a vault lookup gives it. The certificates above it may follow.
    type: str
  ca_private_key:
    description: The private key that belongs to O(ca_certificate), PEM. It is needed only when a certificate has to be issued.
    type: str
  ca_passphrase:
    description: The passphrase of the CA's private key, in O(ca_directory) or in O(ca_private_key).
    type: str
  ca_generation:
    description: The generation in O(ca_directory) that issues. The one that does anyway when not given.
    type: int
  trusted:
    description:
      - The CA certificates that the node is to trust, PEM, one in each item, and no others.
      - When not given, every generation in O(ca_directory), which is the CA that issues and, during a rotation, the other one as well;
        or O(ca_certificate).
    type: list
    elements: str
  common_name:
    description: The common name of the certificate's subject, by custom the name of the node. Peers look at the SAN only.
    type: str
    required: true
  dns:
    description: The DNS names of the SAN. At least one name in O(dns) or O(ip) is needed, but for a client.
    type: list
    elements: str
    default: []
  ip:
    description: The addresses of the SAN. Other nodes verify the address that they dial, without a reverse look-up.
    type: list
    elements: str
    default: []
  tolerate_extra_names:
    description: Keep a certificate whose SAN has more names than are wanted.
    type: bool
    default: false
  key_type:
    description: The type of the key.
    type: str
    choices: [ec-p256, ec-p384, rsa-2048, rsa-3072, rsa-4096]
    default: ec-p256
  validity_days:
    description: How long a new certificate is valid, in days. It ends with its CA at the latest, and says so in a warning then.
    type: int
    default: 1095
  renew_days:
    description: A certificate that expires within so many days is due for renewal. It must be less than O(validity_days).
    type: int
    default: 30
  renew:
    description: Renew a certificate that is due although the node speaks TLS already.
    type: bool
    default: false
  reissue:
    description: Replace the certificate whatever it is like. Each run is a change then.
    type: bool
    default: false
  in_use:
    description: >-
      Whether the files are those that the service uses. Set it to V(false) where its settings name others yet: what stands here is then
      left over from an earlier time, is not looked at, and is replaced. Each run is a change then.
    type: bool
    default: true
  rotation:
    description:
      - What may be changed of a node that speaks TLS as a step in the rotation of its CA. The role C(ca_rotation) sees to it that every
        node can go along with it.
      - V(trust) writes the CA certificates to trust and leaves the certificate as it is. V(certificate) may change its issuer as well.
    type: str
    choices: [trust, certificate]
  port:
    description:
      - The port on which the node may speak TLS already, V(9300) for the transport layer of Elasticsearch. What it serves is looked at
        from the node itself.
      - Without it the node is taken for one that nobody depends on yet; nothing is refused then.
    type: int
  address:
    description: The address at which O(port) is looked at, one of the node's own.
    type: str
    default: 127.0.0.1
  staged:
    description:
      - Read the staged version of a file where there is one, and write staged versions beside the live files, which stay as they are.
      - The stage has to be open, and is made live with M(interlock.cluster.staged_files).
    type: bool
    default: false
  switched:
    description:
      - Make what is written live at once and keep what it replaces, as O(interlock.cluster.staged_files#module:state=replaced) does. For a
        process that reads its files anew while it runs.
    type: bool
    default: false
  manifest_directory:
    description: The directory of the stage, the configuration directory of the node. That of the first file when not given.
    type: path
  owner:
    description: The owner of the files and of a directory that has to be created for them.
    type: str
  group:
    description: The group of the same.
    type: str
  mode:
    description: The mode of the files, octal, in quotes.
    type: str
    default: "0640"
  directory_mode:
    description: The mode of a directory that has to be created for the files.
    type: str
    default: "0750"
  signed_certificate:
    description:
      - A certificate that was signed elsewhere, PEM, with the certificates above it. The node gets it in place of one that is issued here.
      - It is checked before it is used. It has to belong to its key, have every name of the SAN, the extended key usage of O(profile) or
        none, be valid now, be no CA's and not of a public CA, lead to a trusted CA, and not name its CA by serial number.
    type: str
  signed_key:
    description: The private key of O(signed_certificate), PEM, by its content. It goes from memory to the node.
    type: str
  signed_key_path:
    description:
      - Where the node has the private key of O(signed_certificate), PEM; M(interlock.cluster.certificate_request) puts it there.
      - Not looked at with O(signed_key).
    type: path
  signed_key_passphrase:
    description: The passphrase of that key.
    type: str
seealso:
  - module: interlock.cluster.ca
  - module: interlock.cluster.certificate_request
  - module: interlock.cluster.elasticsearch_keystore
  - module: interlock.cluster.staged_files
  - module: interlock.cluster.trust_bundle
"""

EXAMPLES = r"""
- name: Have the password of the stores made in the secure settings of the node
  interlock.cluster.elasticsearch_keystore:
    path: /etc/elasticsearch/elasticsearch.keystore
    generate:
      - xpack.security.transport.ssl.keystore.secure_password

- name: Give the node its certificate for the transport layer
  interlock.cluster.node_certificate:
    keystore: /etc/elasticsearch/certs/transport.keystore.p12
    truststore: /etc/elasticsearch/certs/transport.truststore.p12
    password_setting:
      path: /etc/elasticsearch/elasticsearch.keystore
      name: xpack.security.transport.ssl.keystore.secure_password
    ca_directory: /etc/interlock/logs
    ca_passphrase: "{{ vault_ca_passphrase }}"
    common_name: es1
    dns: [es1.example.com]
    ip: [10.0.0.7]
    port: 9300
    address: 10.0.0.7
    group: elasticsearch

- name: Renew it when it expires within 60 days
  interlock.cluster.node_certificate:
    keystore: /etc/elasticsearch/certs/transport.keystore.p12
    truststore: /etc/elasticsearch/certs/transport.truststore.p12
    password: "{{ vault_store_password }}"
    ca_directory: /etc/interlock/logs
    ca_passphrase: "{{ vault_ca_passphrase }}"
    common_name: es1
    dns: [es1.example.com]
    ip: [10.0.0.7]
    port: 9300
    address: 10.0.0.7
    group: elasticsearch
    renew_days: 60
    renew: true

- name: Give it a certificate that the company's CA has signed
  interlock.cluster.node_certificate:
    keystore: /etc/elasticsearch/certs/transport.keystore.p12
    truststore: /etc/elasticsearch/certs/transport.truststore.p12
    password: "{{ vault_store_password }}"
    ca_directory: /etc/interlock/logs
    common_name: es1
    dns: [es1.example.com]
    ip: [10.0.0.7]
    signed_certificate: "{{ lookup('ansible.builtin.file', 'signed/es1.crt') }}"
    signed_key_path: /etc/elasticsearch/certs/.transport.request.key
    group: elasticsearch

- name: PEM files, by a CA whose certificate and key come from a vault
  interlock.cluster.node_certificate:
    format: pem
    private_key: /etc/redis/tls/redis.key
    certificate: /etc/redis/tls/redis.crt
    certificate_authorities: /etc/redis/tls/ca.crt
    ca_certificate: "{{ vault_ca_certificate }}"
    ca_private_key: "{{ vault_ca_private_key }}"
    common_name: redis1
    dns: [redis1.example.com]
    owner: redis
    group: redis

- name: A client certificate for an application, PKCS#12 with a password
  interlock.cluster.node_certificate:
    profile: client
    keystore: /etc/orders/tls/client.p12
    truststore: /etc/orders/tls/ca.p12
    password: "{{ vault_orders_store_password }}"
    ca_directory: /etc/interlock/logs
    ca_passphrase: "{{ vault_ca_passphrase }}"
    common_name: orders
    group: orders
"""

RETURN = r"""
verdict:
  description: V(keep), V(issue), or V(trust) when only the trusted CAs are written anew. A change that is refused fails the task.
  returned: success
  type: str
  sample: issue
reasons:
  description: Why, the most severe first.
  returned: success
  type: list
  elements: str
  sample: [SAN 10.0.0.7 missing]
certificate:
  description: Public data of the certificate that the node has afterwards. Null in check mode for one that would be issued.
  returned: success
  type: dict
  contains:
    subject: {description: The subject as RFC 4514 writes it., type: str, sample: CN=es1}
    issuer: {description: The issuer as RFC 4514 writes it., type: str, sample: CN=logs CA}
    serial: {description: 'The serial number, lower-case hex.', type: str, sample: 5ad1c0ffee}
    not_before: {description: 'Valid from, UTC.', type: str, sample: '2026-01-01T00:00:00Z'}
    not_after: {description: 'Valid until, UTC.', type: str, sample: '2028-12-31T00:00:00Z'}
    sha256: {description: 'The SHA-256 fingerprint, lower-case hex.', type: str}
    san_dns: {description: DNS names., type: list, elements: str, sample: [es1.example.com]}
    san_ip: {description: Addresses., type: list, elements: str, sample: [10.0.0.7]}
    key_type: {description: The type of the key., type: str, sample: ec-p256}
    is_ca: {description: Whether it is a CA certificate., type: bool, sample: false}
"""
