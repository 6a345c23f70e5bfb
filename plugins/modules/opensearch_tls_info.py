#!/usr/bin/python
# -*- coding: utf-8 -*-

# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: opensearch_tls_info
short_description: Tell which level of encryption an OpenSearch node is on, what of its TLS is as wanted, and what is live
version_added: 0.1.0
description:
  - Reads a node (settings file, secure settings, stores, process, HTTP layer, transport layer) and turns what it finds into verdicts with
    reasons. M(interlock.cluster.opensearch_tls_plan) plans from those of all nodes.
  - The level is what the node shows and not what its files say. V(plain) is plaintext, V(dual) TLS and plaintext on one port, V(strict) TLS
    alone on the transport layer, V(https) TLS on the HTTP layer as well, V(full) a security plugin that asks who is there.
  - What comes out is public data; the contents that held secrets stay in memory.
  - It does not fail on what it is asked to find out. What stands against a change is in C(problems) of the RV(node), each with what to do
    about it.
author: [The interlock.cluster contributors (@interlock)]
extends_documentation_fragment:
  - interlock.cluster.attributes
  - interlock.cluster.attributes.info_module
  - interlock.cluster.attributes.action_module
  - interlock.cluster.service
  - interlock.cluster.node_verdicts
options:
  config_dir:
    description: The configuration directory of the node, absolute. opensearch.yml and opensearch.keystore are in it.
    type: path
    required: true
  wanted:
    description:
      - What the levels are made of. C(format) (V(pkcs12) or V(pem)), C(keystore), C(truststore), C(private_key), C(certificate) and
        C(certificate_authorities) relative to O(config_dir), C(protocols), C(ciphers),
        C(hostname_verification), C(admin_dn), C(reload) (V(auto), V(watcher) or V(api)), and C(extra), more
        settings of full security.
    type: dict
    required: true
  username:
    description: The user to ask the HTTP layer as, when O(password) is given.
    type: str
    default: admin
  password:
    description: The user's password. It is sent to the node's own addresses only.
    type: str
seealso:
  - module: interlock.cluster.opensearch_tls_plan
  - module: interlock.cluster.elasticsearch_tls_info
"""

EXAMPLES = r"""
- name: Read the node
  interlock.cluster.opensearch_tls_info:
    config_dir: /etc/opensearch
    home: /usr/share/opensearch
    wanted:
      format: pkcs12
      keystore: certs/node.keystore.p12
      truststore: certs/node.truststore.p12
      private_key: certs/node-key.pem
      certificate: certs/node.pem
      certificate_authorities: certs/ca.pem
      protocols: [TLSv1.3, TLSv1.2]
      hostname_verification: true
      admin_dn: CN=opensearch-admin
  register: found

- name: Tell which level it is on
  ansible.builtin.debug:
    msg: "{{ found.node.name }}: {{ found.node.live.level }}"
"""

RETURN = r"""
node:
  description:
    - The verdicts about the node. C(name), C(version), C(cluster_name), C(live), C(certificate), C(san), C(secure_settings), C(keystore),
      C(manifest), C(seed_hosts), C(finds_others), C(log_file), C(peers), C(clock_offset), C(free_bytes), C(problems) and C(warnings) are as
      RV(interlock.cluster.elasticsearch_tls_info#module:node) has them.
  returned: success
  type: dict
  contains:
    dn: {description: The name in the node's certificate as C(nodes_dn) has it., type: str, sample: CN=os1}
    level_on_disk: {description: The level that opensearch.yml means., type: str, sample: full}
    drift: {description: The names of the settings that are not as a level wants them., type: dict}
    unknown_before_full:
      description: The settings in opensearch.yml that the security plugin knows with full security only and that are not managed.
      type: list
      elements: str
    nodes_dn: {description: C(nodes_dn) of opensearch.yml., type: list, elements: str}
    demo: {description: What is left of the demo installer., type: list, elements: str}
    demo_files: {description: Those of its files that no setting names., type: list, elements: str}
    demo_names: {description: What the certificates of the demo installer are for where there are any., type: list, elements: str}
    expired_trust: {description: The subjects of the CAs in the trust that have expired., type: list, elements: str}
    demo_users: {description: The users in internal_users.yml who have a password of the demo., type: list, elements: str}
    other_users: {description: 'The users in it who have another one, but for the administrator.', type: list, elements: str}
    restart_for:
      description: What of the certificate that is due a running node would refuse, so that it takes a restart.
      type: list
      elements: str
    reload: {description: 'How the node reads new certificates, V(watcher) or V(api).', type: str}
"""
