#!/usr/bin/python
# -*- coding: utf-8 -*-

# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ca
short_description: Create, adopt or load the certificate authority of a cluster
version_added: 0.1.0
description:
  - Makes sure that a directory holds the CA of a cluster. It is created once, or taken over from elsewhere, and never overwritten.
  - Every run opens the private key with the passphrase and checks that it belongs to the certificate, that the certificate is
    a CA's, and its dates.
  - The key is stored as PKCS#8, encrypted with the passphrase, in a directory that only its owner may enter. It is never returned.
  - A run that was interrupted is completed by the next one.
author: [The interlock.cluster contributors (@interlock)]
extends_documentation_fragment:
  - interlock.cluster.attributes
  - interlock.cluster.ca_directory
attributes:
  check_mode:
    support: full
    details: A CA that does not exist yet has no certificate, so RV(certificate) is null then.
  diff_mode:
    support: full
  idempotent:
    support: full
options:
  passphrase:
    description:
      - The passphrase that the CA's private key is, or will be, encrypted with.
      - It has at least 12 characters when a CA is created or adopted, unless O(allow_weak_passphrase) says otherwise.
    type: str
  allow_weak_passphrase:
    description: Allow a passphrase of fewer than 12 characters, or none, for a CA that is created or adopted.
    type: bool
    default: false
  subject:
    description:
      - The subject of a new CA as RFC 4514 writes it, for example V(CN=logs CA,O=Example).
      - When it is not given, the common name is made of the name of O(directory), V(CN=logs CA) for V(/etc/interlock/logs).
    type: str
  key_type:
    description: The key of a new CA.
    type: str
    choices: [ec-p256, ec-p384, rsa-2048, rsa-3072, rsa-4096]
    default: ec-p256
  validity_days:
    description: How long a new CA is valid, in days.
    type: int
    default: 3650
  adopt:
    description:
      - A CA that was made elsewhere, to be copied into O(directory). Either a certificate and its private key, or a PKCS#12 file as
        C(elasticsearch-certutil ca) writes it; each by its path on the host that runs the module, or by content.
      - Once it was adopted, the files it came from may be removed; adopting what is in the directory already changes nothing.
    type: dict
    suboptions:
      certificate:
        description: The CA certificate, PEM. What is above it may follow in the same file.
        type: path
      certificate_content:
        description: The content of such a file.
        type: str
      private_key:
        description: Its private key, PEM.
        type: path
      private_key_content:
        description: The content of such a file.
        type: str
      pkcs12:
        description: A PKCS#12 file with both.
        type: path
      pkcs12_content:
        description: The content of such a file, in base64.
        type: str
      source_passphrase:
        description: The passphrase of O(adopt.private_key) or the password of O(adopt.pkcs12). It may be empty.
        type: str
      chain:
        description: The certificates above a CA that is not a root, PEM, in any order.
        type: path
      chain_content:
        description: The content of such a file.
        type: str
      external:
        description:
          - The private key stays where it is, and certificates are signed there. Only O(adopt.certificate) and the chain are given, no
            passphrase is needed, and nothing can be issued here.
        type: bool
        default: false
  foreign_authorities:
    description:
      - Certificates of other CAs that nodes of the cluster hold or serve. As long as there are any, no new CA is created, because
        the one that issued them exists somewhere else.
    type: list
    elements: dict
    default: []
    suboptions:
      host:
        description: The node.
        type: str
        required: true
      how:
        description: Whether the node V(holds) it in a file or V(serves) it on a port.
        type: str
        choices: [holds, serves]
        default: holds
      subject:
        description: The subject of the certificate.
        type: str
      issuer:
        description: The subject of the CA that issued it.
        type: str
      sha256:
        description: The SHA-256 fingerprint of the certificate, lower-case hex.
        type: str
seealso:
  - module: interlock.cluster.ca_info
"""

EXAMPLES = r"""
- name: Create the CA of the cluster once
  interlock.cluster.ca:
    directory: /etc/interlock/logs
    passphrase: "{{ vault_ca_passphrase }}"

- name: Take over the CA that elasticsearch-certutil made
  interlock.cluster.ca:
    directory: /etc/interlock/logs
    passphrase: "{{ vault_ca_passphrase }}"
    adopt:
      pkcs12: /srv/old/elastic-stack-ca.p12
      source_passphrase: ""

- name: Have the certificates signed by an intermediate CA of the company, whose key stays there
  interlock.cluster.ca:
    directory: /etc/interlock/logs
    adopt:
      certificate: /srv/pki/logs-issuing-ca.crt
      chain: /srv/pki/company-root.crt
      external: true

- name: Take over a CA from a vault
  interlock.cluster.ca:
    directory: /etc/interlock/logs
    passphrase: "{{ vault_ca_passphrase }}"
    adopt:
      certificate_content: "{{ vault_ca_certificate }}"
      private_key_content: "{{ vault_ca_private_key }}"
"""

RETURN = r"""
certificate:
  description: The certificate of the CA that issues, PEM. Null in check mode for a CA that does not exist yet.
  returned: success
  type: str
certificates:
  description: The certificates of every generation in the directory, PEM, oldest first. All of them are to be trusted.
  returned: success
  type: list
  elements: str
chain:
  description: The certificates above the CA, PEM, nearest first; empty for a self-signed one.
  returned: success
  type: list
  elements: str
facts:
  description:
    - Public data of the CA certificate. For a CA that check mode did not create only C(subject), C(key_type) and C(validity_days).
  returned: success
  type: dict
  contains:
    subject: {description: The subject as RFC 4514 writes it., type: str, sample: CN=logs CA}
    issuer: {description: The issuer as RFC 4514 writes it., type: str, sample: CN=logs CA}
    serial: {description: 'The serial number, lower-case hex.', type: str, sample: 5ad1c0ffee}
    not_before: {description: 'Valid from, UTC.', type: str, sample: '2026-01-01T00:00:00Z'}
    not_after: {description: 'Valid until, UTC.', type: str, sample: '2036-01-01T00:00:00Z'}
    sha256: {description: 'The SHA-256 fingerprint, lower-case hex.', type: str}
    san_dns: {description: DNS names., type: list, elements: str}
    san_ip: {description: Addresses., type: list, elements: str}
    key_type: {description: The type of the key., type: str, sample: ec-p256}
    is_ca: {description: Whether it is a CA certificate., type: bool, sample: true}
generation:
  description: The generation of the CA that issues.
  returned: success
  type: int
  sample: 1
action:
  description: V(loaded), V(created), V(adopted), or V(finished) for a creation that an interrupted run left undone.
  returned: success
  type: str
  sample: created
created:
  description: Whether a CA was, or in check mode would be, created.
  returned: success
  type: bool
adopted:
  description: Whether a CA was, or in check mode would be, adopted.
  returned: success
  type: bool
days_left:
  description: Whole days until the CA expires. Null in check mode for a CA that does not exist yet.
  returned: success
  type: int
  sample: 3649
directory:
  description: The CA directory.
  returned: success
  type: str
paths:
  description: Where things are below the directory.
  returned: success
  type: dict
  contains:
    certificate: {description: The CA certificate., type: str}
    private_key: {description: 'Its private key, encrypted.', type: str}
    ledger: {description: What was issued., type: str}
"""

import os
from datetime import datetime, timezone

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.interlock.cluster.plugins.module_utils._ansible.boundary import run_module
from ansible_collections.interlock.cluster.plugins.module_utils._ansible.ca_adoption import adoption_arguments
from ansible_collections.interlock.cluster.plugins.module_utils._ansible.ca_directory import CaDirectory
from ansible_collections.interlock.cluster.plugins.module_utils._ansible.ca_lifecycle import Clock, Wishes, ensure
from ansible_collections.interlock.cluster.plugins.module_utils._ansible.ca_results import results
from ansible_collections.interlock.cluster.plugins.module_utils._deps import require_cryptography
from ansible_collections.interlock.cluster.plugins.module_utils._pki.keys import DEFAULT_KEY_TYPE, KEY_TYPES


def run(module):
    """Ensure the CA and describe it; the private key stays where it is."""
    require_cryptography()
    params = dict(module.params)
    directory = CaDirectory(params.pop("directory"))
    clock = Clock(datetime.now(timezone.utc), os.urandom)
    outcome = ensure(directory, Wishes(**params), module.check_mode, clock)
    for warning in outcome.warnings:
        module.warn(warning)
    return results(directory, outcome, clock.now)


def main():
    module = AnsibleModule(
        argument_spec=dict(
            directory=dict(type="path", required=True),
            passphrase=dict(type="str", no_log=True),
            allow_weak_passphrase=dict(type="bool", default=False, no_log=False),
            subject=dict(type="str"),
            key_type=dict(type="str", choices=list(KEY_TYPES), default=DEFAULT_KEY_TYPE, no_log=False),
            validity_days=dict(type="int", default=3650),
            adopt=dict(type="dict", options=adoption_arguments()),
            foreign_authorities=dict(
                type="list",
                elements="dict",
                default=[],
                options=dict(
                    host=dict(type="str", required=True),
                    how=dict(type="str", choices=["holds", "serves"], default="holds"),
                    subject=dict(type="str"),
                    issuer=dict(type="str"),
                    sha256=dict(type="str"),
                ),
            ),
        ),
        supports_check_mode=True,
    )
    run_module(module, lambda: run(module))


if __name__ == "__main__":
    main()
