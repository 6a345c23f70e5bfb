#!/usr/bin/python
# -*- coding: utf-8 -*-

# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: elasticsearch_tls_info
short_description: Tell what of an Elasticsearch node's transport TLS is as wanted, what is not, and what is live
version_added: 0.1.0
description:
  - Reads a node in one round trip (settings file, secure settings, stores, process, HTTP layer, transport layer) and turns what it finds
    into verdicts with reasons. M(interlock.cluster.elasticsearch_tls_plan) plans from those of all nodes.
  - What comes out is public data; the contents that held secrets stay in memory.
  - It does not fail on what it is asked to find out, such as a node that is down or a file that cannot be read. Such things are in
    RV(node.problems), each with what to do about it.
  - The HTTP layer is asked from the node itself at the address it listens on, so that no password crosses the wire.
author: [The interlock.cluster contributors (@interlock)]
extends_documentation_fragment:
  - interlock.cluster.attributes
  - interlock.cluster.attributes.info_module
  - interlock.cluster.attributes.action_module
  - interlock.cluster.service
  - interlock.cluster.node_verdicts
options:
  config_dir:
    description: The configuration directory of the node, absolute. elasticsearch.yml and elasticsearch.keystore are in it.
    type: path
    required: true
  keystore:
    description: The PKCS#12 keystore of the transport layer, relative to O(config_dir).
    type: str
    default: certs/transport.keystore.p12
  truststore:
    description: The PKCS#12 truststore of the transport layer, relative to O(config_dir).
    type: str
    default: certs/transport.truststore.p12
  private_key_origin:
    description: >-
      Who makes the keys of the transport layer. With V(node) the node does, with its openssl; they never leave it, and O(private_key),
      O(certificate) and O(certificate_authorities) are used in place of O(keystore) and O(truststore).
    type: str
    choices: [controller, node]
    default: controller
  private_key:
    description: The private key of the transport layer with O(private_key_origin=node), PEM, relative to O(config_dir).
    type: str
    default: certs/transport.key
  certificate:
    description: Its certificate and what is above that, PEM, relative to O(config_dir).
    type: str
    default: certs/transport.crt
  certificate_authorities:
    description: The trusted CA certificates beside them, PEM, relative to O(config_dir).
    type: str
    default: certs/transport.ca.crt
  username:
    description: The user to ask the HTTP layer as, when O(password) is given.
    type: str
    default: elastic
  password:
    description:
      - The user's password. It is sent to the node's own addresses only.
      - On a node where security is off it is also the wanted C(bootstrap.password).
    type: str
  settings:
    description: The settings wanted in elasticsearch.yml, by their full dotted names.
    type: dict
    default: {}
  settings_absent:
    description: Full dotted names that are not wanted in elasticsearch.yml, each with everything below it.
    type: list
    elements: str
    default: []
  external:
    description: Whether certificates are signed elsewhere. A node that needs one and is given none has that among its problems then.
    type: bool
    default: false
  signed_certificate:
    description: The certificate given to the node, as O(interlock.cluster.node_certificate#module:signed_certificate).
    type: str
  signed_key:
    description: Its private key, as O(interlock.cluster.node_certificate#module:signed_key).
    type: str
  signed_key_path:
    description: Where the node has it, as O(interlock.cluster.node_certificate#module:signed_key_path).
    type: path
  signed_key_passphrase:
    description: The passphrase of that key.
    type: str
  takeover:
    description:
      - Look at a transport layer that other means secured, such as C(elasticsearch-certutil) or the automatic security configuration,
        in order to take it over. Its stores are opened in memory, with one more module execution on the node.
      - What is wanted of the settings is limited to what a first pass over all nodes may change. The verification mode stays.
    type: bool
    default: false
  http_certificates:
    description: PEM certificates to verify the HTTP layer with, when it speaks https. Without, those that the host trusts.
    type: str
  http:
    description: What is wanted of the HTTP layer. Not given where that layer is not to be looked after.
    type: dict
    suboptions:
      keystore:
        description: The PKCS#12 keystore of the HTTP layer, relative to O(config_dir).
        type: str
        default: certs/http.keystore.p12
      truststore:
        description: The PKCS#12 truststore of the HTTP layer, relative to O(config_dir).
        type: str
        default: certs/http.truststore.p12
      format:
        description: Whether the HTTP layer is to have PKCS#12 stores or PEM files.
        type: str
        choices: [pkcs12, pem]
        default: pkcs12
      private_key:
        description: The PEM file of the private key of the HTTP layer, relative to O(config_dir).
        type: str
        default: certs/http.key
      certificate:
        description: The PEM file of its certificate and chain.
        type: str
        default: certs/http.crt
      certificate_authorities:
        description: The PEM file of the CA certificates it is to trust.
        type: str
        default: certs/http.ca.crt
      authorities:
        description: As O(authorities), of the CA of the HTTP layer.
        type: list
        elements: str
        default: []
      issuer:
        description: As O(issuer), of the CA of the HTTP layer.
        type: str
      san_dns:
        description: DNS names that its certificate needs beside those that are found.
        type: list
        elements: str
        default: []
      san_ip:
        description: Addresses that its certificate needs beside those that are found.
        type: list
        elements: str
        default: []
      san_found:
        description: Whether the host name, and the names and addresses at which the layer is published, are among them.
        type: bool
        default: true
      profile:
        description: >-
          What its certificate is for. V(node) is a server and a client, V(server) a server alone: enough where no client is asked for a
          certificate.
        type: str
        choices: [node, server, client]
        default: node
      replace:
        description: Whether a certificate of another CA that is served counts as one to issue.
        type: bool
        default: false
      external:
        description: As O(external), of the CA of the HTTP layer.
        type: bool
        default: false
      signed_certificate:
        description: As O(signed_certificate), for the HTTP layer.
        type: str
      signed_key:
        description: As O(signed_key), for the HTTP layer.
        type: str
      signed_key_path:
        description: As O(signed_key_path), for the HTTP layer.
        type: path
      signed_key_passphrase:
        description: The passphrase of that key.
        type: str
seealso:
  - module: interlock.cluster.elasticsearch_tls_plan
  - module: interlock.cluster.node_info
  - module: interlock.cluster.tls_endpoint_info
"""

EXAMPLES = r"""
- name: Read the CA
  interlock.cluster.ca_info:
    directory: /etc/interlock/logs
  delegate_to: localhost
  become: false
  register: ca

- name: Read the node
  interlock.cluster.elasticsearch_tls_info:
    config_dir: /etc/elasticsearch
    home: /usr/share/elasticsearch
    password: "{{ vault_elastic_password }}"
    authorities: "{{ ca.certificates }}"
    issuer: "{{ ca.certificates | last | default(omit) }}"
    settings:
      xpack.security.enabled: true
      xpack.security.transport.ssl.enabled: true
  register: found

- name: Tell what its transport layer speaks, and until when
  ansible.builtin.debug:
    msg: "{{ found.node.name }}: {{ 'TLS until ' ~ found.node.live.served.not_after if found.node.live.transport_tls else 'plaintext' }}"
  when: found.node.live.transport_tls is not none

- name: Refuse to go on while anything stands in the way
  ansible.builtin.fail:
    msg: "{{ found.node.problems | join(' ') }}"
  when: found.node.problems | length > 0
"""

RETURN = r"""
node:
  description: The verdicts about the node.
  returned: success
  type: dict
  contains:
    name:
      description: The name of the node; that of the live process, of elasticsearch.yml, or of the inventory, the first that is known.
      type: str
      sample: es1
    version: {description: 'Its version, null when neither the process nor O(home) tells.', type: str, sample: 8.19.0}
    cluster_name: {description: 'The name of the cluster, null when it is not known.', type: str, sample: logs}
    live:
      description: What runs now. Whatever could not be found out is null.
      type: dict
      contains:
        running: {description: Whether the process runs., type: bool}
        started_at: {description: 'When it started, seconds since the epoch.', type: float}
        listening: {description: 'The ports it listens on, as far as this user may see them.', type: list, elements: int}
        security: {description: Whether security is on., type: bool}
        denied: {description: Whether the HTTP layer refused the user., type: bool}
        scheme: {description: 'What the HTTP layer speaks, V(http) or V(https).', type: str}
        unreachable: {description: Why the HTTP layer could not be asked., type: str}
        http_host: {description: The address of the HTTP layer., type: str}
        transport_host: {description: The address of the transport layer., type: str}
        transport_tls: {description: Whether the transport layer speaks TLS., type: bool}
        served:
          description: What the served certificate says, as RV(interlock.cluster.tls_endpoint_info#module:certificate).
          type: dict
        http_served:
          description: As RV(node.live.served), what the certificate says that the HTTP layer serves.
          type: dict
        http_asks_clients: {description: Whether the HTTP layer asks clients for a certificate., type: bool}
        name: {description: The name of the node., type: str}
        version: {description: Its version., type: str}
        cluster_name: {description: The name of its cluster., type: str}
        transport_names: {description: The name and address at which it publishes its transport layer., type: list, elements: str}
        http_names: {description: The name and address at which it publishes its HTTP layer., type: list, elements: str}
        health: {description: The cluster health that it sees., type: str, sample: green}
        relocating: {description: The number of shards on their way between nodes., type: int}
        members:
          description: The cluster members that it sees, with C(version), C(address) and C(roles), by name.
          type: dict
          sample: {es1: {version: 8.19.0, address: '10.0.0.7:9300', roles: [master, data]}}
        duplicates: {description: Node names that more than one member has., type: list, elements: str}
        master: {description: The name of the elected master., type: str}
        last_snapshot: {description: 'When the latest snapshot began, seconds since the epoch.', type: float}
        allocation: {description: 'The allocation setting, C(persistent) and C(transient).', type: dict}
        documents: {description: The number of documents by index., type: dict, sample: {orders: 10000}}
        clients:
          description: Who uses its HTTP layer.
          type: list
          elements: dict
          contains:
            address: {description: Where the client is., type: str}
            agent: {description: What it calls itself., type: str}
            connections: {description: How many connections it has., type: int}
        remotes:
          description: The remote clusters that it knows.
          type: list
          elements: dict
          contains:
            name: {description: The alias of the remote cluster., type: str}
            connected: {description: Whether it is connected., type: bool}
            seeds: {description: Where it is., type: list, elements: str}
    switching_security_on:
      description: Whether security is off now, so that the change switches it on.
      type: bool
    encrypted_on_disk: {description: Whether elasticsearch.yml already has the transport layer encrypted., type: bool}
    seed_hosts: {description: 'The hosts in C(discovery.seed_hosts) of elasticsearch.yml, without ports.', type: list, elements: str}
    finds_others: {description: Whether its settings tell the node where the others are., type: bool}
    log_file: {description: Where the node writes its log., type: str, sample: /var/log/elasticsearch/logs.log}
    certificate:
      description: About the certificate and the trust of the transport layer.
      type: dict
      contains:
        verdict:
          description: V(keep), V(issue), V(trust) when only the trusted CAs differ, or V(refuse) for what takes a rotation of the CA.
          type: str
        reasons: {description: 'Why, the most severe first.', type: list, elements: str}
        warnings: {description: What will be due., type: list, elements: str}
        facts:
          description: Public data of the certificate in the keystore, as RV(interlock.cluster.node_certificate#module:certificate);
            null when there is none that can be read.
          type: dict
        in_use:
          description: Whether the settings name the files meant. What stands in others is left over and counts for nothing.
          type: bool
        spent_key:
          description: Whether the key that waited for a certificate is that of the one in the keystore, and waits no longer.
          type: bool
        keeps_key:
          description: >-
            Whether a new certificate would be one of the key that is there. Only with O(private_key_origin=node), and not with O(reissue).
          type: bool
        trusted:
          description: Public data of the CA certificates in the truststore; null when there is none that can be read.
          type: list
          elements: dict
        trust_problem: {description: 'Why the truststore cannot be read, or must not be used as it is.', type: str}
        foreign:
          description: The certificates of other CAs that the node has, as O(interlock.cluster.ca#module:foreign_authorities) takes them.
          type: list
          elements: dict
          contains:
            how: {description: 'Whether the node V(holds) it or V(serves) it.', type: str}
            subject: {description: The subject., type: str}
            issuer: {description: The subject of that CA., type: str}
            sha256: {description: 'The SHA-256 fingerprint, lower-case hex.', type: str}
    takeover:
      description: About the stores of other means, with O(takeover). Null without.
      type: dict
      contains:
        foreign: {description: Whether the node still has them., type: bool}
        verification_mode: {description: 'The verification mode that is in effect, which a first pass keeps.', type: str}
        paths: {description: The files., type: list, elements: str}
        certificate: {description: Public data of the certificate in them., type: dict}
        issuer: {description: The subject of the CA that issued it., type: str}
        trusted:
          description: The CAs that they trust. Each has C(subject), C(sha256), C(pem), and C(issues), whether it issued the certificate.
          type: list
          elements: dict
        settings: {description: The settings to write in a first pass., type: dict}
        settings_absent: {description: The settings to remove in it., type: list, elements: str}
        secure_settings_absent: {description: The secure settings to remove in it., type: list, elements: str}
        left_over: {description: The files that no setting names any more after it., type: list, elements: str}
    san:
      description: The names that the certificate needs.
      type: dict
      contains:
        dns: {description: DNS names., type: list, elements: str}
        ip: {description: Addresses., type: list, elements: str}
    http:
      description: About the HTTP layer. Null without O(http).
      type: dict
      contains:
        certificate: {description: As RV(node.certificate)., type: dict}
        san: {description: As RV(node.san)., type: dict}
    settings_absent:
      description: >-
        The settings to remove, those of O(settings_absent) and those that name files of this collection which are not used any more.
      type: list
      elements: str
    settings: {description: The names of the settings of elasticsearch.yml that are not as wanted., type: list, elements: str}
    secure_settings:
      description: The secure settings that are not as wanted.
      type: list
      elements: dict
      contains:
        name: {description: The name., type: str}
        action: {description: 'V(add), V(replace) or V(remove).', type: str}
    keystore:
      description: About elasticsearch.keystore. Null when it cannot be read.
      type: dict
      contains:
        existed: {description: Whether there is one., type: bool}
        format: {description: The number of its format., type: int}
    manifest:
      description: What is staged, or left from an interrupted run. Null when there is nothing.
      type: dict
      contains:
        state: {description: As RV(interlock.cluster.staged_files#module:state)., type: str}
        context: {description: What was to be remembered., type: dict}
        files: {description: The live paths., type: list, elements: str}
    previous_encrypted: {description: Whether the settings that the last change replaced and kept encrypt the transport layer., type: bool}
    peers:
      description: What the node can reach of the others, as RV(interlock.cluster.node_peers#module:peers). Empty where nothing is due.
      type: dict
    clock_offset: {description: 'Seconds the clock of the host is ahead of that of the control node, negative behind.', type: float}
    free_bytes: {description: Free bytes at O(config_dir)., type: int}
    problems: {description: 'What forbids a change, each with what to do.', type: list, elements: str}
    warnings: {description: What an operator should know., type: list, elements: str}
"""
