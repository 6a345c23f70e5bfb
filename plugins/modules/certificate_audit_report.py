#!/usr/bin/python
# -*- coding: utf-8 -*-

# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: certificate_audit_report
short_description: Judge the certificates of a cluster, show the findings, and write them down for machines
version_added: 0.1.0
description:
  - Judges what M(interlock.cluster.certificate_audit_info) saw of every node and M(interlock.cluster.ca_info) of the CA. Expiry of every
    certificate and CA; chains and who trusts whom; differences between disk and process; weak keys and signatures; modes and owners;
    plaintext, clients without certificate or credentials, old protocols; truststores that hold more than CAs.
  - Shows a table with a row for each port and a line for each finding. It does not fail on what it finds; the caller decides by
    RV(failures).
  - Writes a JSON document and metrics on the control node, each whole or not at all. In check mode it writes nothing. They are a result of
    the look and not a change of anything, so they are not reported as one.
  - Run it once, for the whole cluster.
author: [The interlock.cluster contributors (@interlock)]
extends_documentation_fragment:
  - interlock.cluster.attributes
  - interlock.cluster.attributes.info_module
  - interlock.cluster.attributes.control_module
options:
  cluster:
    description: The name of the cluster, for the title, the document and the label of the metrics.
    type: str
    required: true
  nodes:
    description:
      - The result of M(interlock.cluster.certificate_audit_info) of every node, by its inventory name. Of a host that could not be looked
        at, the failed or unreachable result; it becomes a finding.
    type: dict
    required: true
  ca:
    description: The result of M(interlock.cluster.ca_info), also a failed one. Not given when the CA is not known.
    type: dict
  warning_days:
    description: A certificate that expires within so many days is a warning.
    type: int
    default: 30
  critical_days:
    description: A certificate that expires within so many days is critical.
    type: int
    default: 7
  ca_warning_days:
    description: A CA in use that expires within so many days is a warning. Replacing one takes two passes over all nodes.
    type: int
    default: 180
  ca_critical_days:
    description: A CA in use that expires within so many days is critical.
    type: int
    default: 30
  clock_skew_seconds:
    description: A clock that is further off than this is a warning.
    type: int
    default: 60
  accept:
    description:
      - Findings to leave out, by the code in brackets behind each. V(plaintext:http) accepts it on one layer, V(drift:transport:es1) on one
        layer of one node.
    type: list
    elements: str
    default: []
  fail_on:
    description: The least severity that is listed in RV(failures).
    type: str
    choices: [unknown, warning, critical, never]
    default: warning
  json_file:
    description: Where to write the JSON document, on the control node.
    type: path
  metrics_file:
    description: Where to write the metrics, on the control node. A name that ends in C(.prom) in the directory of the textfile collector.
    type: path
seealso:
  - module: interlock.cluster.certificate_audit_info
  - module: interlock.cluster.ca_info
"""

EXAMPLES = r"""
- name: Observe the nodes
  interlock.cluster.certificate_audit_info:
    config_dir: /etc/elasticsearch
    endpoints:
      - {layer: transport, port: 9300, plaintext_protocol: elasticsearch}
  register: observed
  ignore_errors: true
  ignore_unreachable: true

- name: Judge the cluster
  interlock.cluster.certificate_audit_report:
    cluster: logs
    nodes: "{{ dict(ansible_play_hosts_all | zip(ansible_play_hosts_all | map('extract', hostvars, 'observed'))) }}"
    json_file: /var/lib/interlock/logs.json
    metrics_file: /var/lib/prometheus/node-exporter/interlock_logs.prom
  register: audit
  run_once: true

- name: Fail for the nodes with findings
  ansible.builtin.fail:
    msg: "{{ audit.failures[inventory_hostname] | join('\n') }}"
  when: inventory_hostname in audit.failures
"""

RETURN = r"""
status:
  description: The worst severity, V(ok), V(unknown), V(warning) or V(critical).
  returned: success
  type: str
  sample: warning
counts:
  description: How many findings there are of each severity.
  returned: success
  type: dict
  sample: {critical: 0, warning: 1, unknown: 0}
findings:
  description: The findings, the worst first.
  returned: success
  type: list
  elements: dict
  contains:
    severity: {description: 'V(critical), V(warning), or V(unknown) for what could not be read.', type: str}
    code: {description: 'What it is, in a word that stays the same.', type: str, sample: expiring}
    node: {description: The node; null for what concerns the whole cluster., type: str}
    layer: {description: The layer., type: str}
    where: {description: The address or file., type: str}
    text: {description: For people., type: str}
failures:
  description: The findings of O(fail_on) or worse as lines, by node. Those of the whole cluster stand with every node.
  returned: success
  type: dict
unwritten:
  description: Files that could not be written, and why. They are in RV(failures) as well.
  returned: success
  type: list
  elements: str
lines:
  description: What was shown.
  returned: success
  type: list
  elements: str
"""
