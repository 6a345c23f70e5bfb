#!/usr/bin/python
# -*- coding: utf-8 -*-

# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ca_info
short_description: Report on the certificate authority of a cluster
version_added: 0.1.0
description:
  - Reads a CA directory and says what is in it, and in RV(problems) what is wrong with it. It does not fail on what it is asked to
    find out.
author: [The interlock.cluster contributors (@interlock)]
extends_documentation_fragment:
  - interlock.cluster.attributes
  - interlock.cluster.attributes.info_module
  - interlock.cluster.ca_directory
options:
  passphrase:
    description: When given, the private key is opened with it, and a problem reported when that fails.
    type: str
  ledger:
    description: Whether to return every entry of the ledger, not only their number.
    type: bool
    default: false
seealso:
  - module: interlock.cluster.ca
"""

EXAMPLES = r"""
- name: Look at the CA
  interlock.cluster.ca_info:
    directory: /etc/interlock/logs
  register: ca

- name: Say when it has to be replaced
  ansible.builtin.debug:
    msg: "{{ ca.facts.subject }} expires in {{ ca.days_left }} days"
  when: ca.exists
"""

RETURN = r"""
exists:
  description: Whether the directory holds a CA that issues.
  returned: always
  type: bool
generation:
  description: The generation that issues, null when there is none.
  returned: always
  type: int
generations:
  description: What is kept, oldest first.
  returned: always
  type: list
  elements: dict
  contains:
    generation: {description: Its number., type: int}
    current: {description: Whether it issues., type: bool}
    origin: {description: 'V(created), V(adopted), or V(external) for one whose key is elsewhere.', type: str}
    key_encrypted: {description: 'Whether its private key needs a passphrase, null when it is elsewhere.', type: bool}
    expired: {description: Whether its certificate has expired., type: bool}
    facts: {description: Public data of its certificate as in RV(facts)., type: dict}
certificates:
  description: The certificates of every generation kept, PEM, oldest first.
  returned: always
  type: list
  elements: str
facts:
  description: Public data of the certificate that issues (see the module M(interlock.cluster.ca)), null when there is none.
  returned: always
  type: dict
days_left:
  description: Whole days until the CA that issues expires, negative once it has, null when there is none.
  returned: always
  type: int
external:
  description: Whether the private key of the CA is elsewhere, so that nothing can be issued here.
  returned: always
  type: bool
key_opens:
  description: >-
    Whether the key opens with O(passphrase) and may issue; null when no passphrase was given, there is no CA, or its key is elsewhere.
  returned: always
  type: bool
ledger_count:
  description: How many certificates the ledger lists.
  returned: always
  type: int
ledger:
  description: The entries of the ledger, oldest first.
  returned: when O(ledger=true)
  type: list
  elements: dict
  contains:
    serial: {description: 'The serial number, lower-case hex.', type: str}
    subject: {description: The subject., type: str}
    san_dns: {description: DNS names., type: list, elements: str}
    san_ip: {description: Addresses., type: list, elements: str}
    not_before: {description: 'Valid from, UTC.', type: str}
    not_after: {description: 'Valid until, UTC.', type: str}
    sha256: {description: The fingerprint of the certificate., type: str}
    issuer_sha256: {description: The fingerprint of the CA certificate., type: str}
    generation: {description: The generation that issued it., type: int}
    issued_at: {description: 'When, UTC.', type: str}
problems:
  description: What is wrong, each as a sentence with its remedy; empty when all is well.
  returned: always
  type: list
  elements: str
"""

from datetime import datetime, timezone

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.interlock.cluster.plugins.module_utils._ansible.boundary import run_module
from ansible_collections.interlock.cluster.plugins.module_utils._ansible.ca_directory import CaDirectory
from ansible_collections.interlock.cluster.plugins.module_utils._ansible.ca_results import report
from ansible_collections.interlock.cluster.plugins.module_utils._deps import require_cryptography


def run(params):
    """What the directory holds."""
    require_cryptography()
    found = report(CaDirectory(params["directory"]), params["passphrase"], datetime.now(timezone.utc))
    if not params["ledger"]:
        del found["ledger"]
    return dict(found, changed=False)


def main():
    module = AnsibleModule(
        argument_spec=dict(
            directory=dict(type="path", required=True),
            passphrase=dict(type="str", no_log=True),
            ledger=dict(type="bool", default=False),
        ),
        supports_check_mode=True,
    )
    run_module(module, lambda: run(module.params))


if __name__ == "__main__":
    main()
