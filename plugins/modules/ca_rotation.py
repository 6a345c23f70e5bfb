#!/usr/bin/python
# -*- coding: utf-8 -*-

# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ca_rotation
short_description: Keep two generations of a CA while a cluster goes from one to the other
version_added: 0.1.0
description:
  - Makes the next generation of a CA beside the one that issues, lets it issue, and archives the old one.
  - It touches the CA directory only. When each of this may be done follows from what the nodes show, see
    M(interlock.cluster.ca_rotation_plan); the role C(ca_rotation) brings both together.
  - Nothing is ever deleted, and every state may be asked for again.
author: [The interlock.cluster contributors (@interlock)]
extends_documentation_fragment:
  - interlock.cluster.attributes
  - interlock.cluster.attributes.state_module
  - interlock.cluster.ca_directory
options:
  state:
    description:
      - V(prepared) makes the next generation, unless there are two already. It is to be trusted and does not issue yet.
      - V(issuing) lets O(generation) issue.
      - V(archived) moves O(generation) below C(archive/).
    type: str
    choices: [prepared, issuing, archived]
    required: true
  generation:
    description: The generation to let issue or to archive.
    type: int
  kind:
    description:
      - What the next generation is. V(new_key) is a CA with a key of its own and, so that the two can be told apart, a name of its own.
      - V(same_key) is the same CA, key and name, with a certificate that is valid longer.
      - V(adopt) is a CA that was made elsewhere.
    type: str
    choices: [new_key, same_key, adopt]
    default: new_key
  subject:
    description: The subject of a V(new_key) CA as RFC 4514 writes it. That of the CA it replaces, marked with its number, when not given.
    type: str
  key_type:
    description: The key of a V(new_key) CA. That of the CA it replaces when not given.
    type: str
    choices: [ec-p256, ec-p384, rsa-2048, rsa-3072, rsa-4096]
  validity_days:
    description: How long it is valid, in days. As long as the CA it replaces when 0.
    type: int
    default: 0
  adopt:
    description: The CA that was made elsewhere, as in O(interlock.cluster.ca#module:adopt).
    type: dict
    suboptions:
      certificate: {description: The CA certificate., type: path}
      certificate_content: {description: The content of such a file., type: str}
      private_key: {description: Its private key., type: path}
      private_key_content: {description: The content of such a file., type: str}
      pkcs12: {description: A PKCS#12 file with both., type: path}
      pkcs12_content: {description: 'The content of such a file, in base64.', type: str}
      source_passphrase: {description: The passphrase of the private key or the PKCS#12 file., type: str}
      chain: {description: The certificates above a CA that is not a root., type: path}
      chain_content: {description: The content of such a file., type: str}
      external:
        description: The private key is elsewhere, and so is what it signs.
        type: bool
        default: false
seealso:
  - module: interlock.cluster.ca
  - module: interlock.cluster.ca_rotation_plan
"""

EXAMPLES = r"""
- name: Make the next CA, which nodes may be told to trust
  interlock.cluster.ca_rotation:
    directory: /etc/interlock/logs
    passphrase: "{{ vault_ca_passphrase }}"
    state: prepared

- name: Let it issue
  interlock.cluster.ca_rotation:
    directory: /etc/interlock/logs
    state: issuing
    generation: 2

- name: Archive the old one
  interlock.cluster.ca_rotation:
    directory: /etc/interlock/logs
    state: archived
    generation: 1
"""

RETURN = r"""
generation:
  description: The generation that the state was about.
  returned: success
  type: int
  sample: 2
generations:
  description: The generations in the directory, ascending.
  returned: success
  type: list
  elements: int
  sample: [1, 2]
current:
  description: The generation that issues.
  returned: success
  type: int
  sample: 1
"""

import os
from datetime import datetime, timezone

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.interlock.cluster.plugins.module_utils._ansible import ca_rotation
from ansible_collections.interlock.cluster.plugins.module_utils._ansible.boundary import run_module
from ansible_collections.interlock.cluster.plugins.module_utils._ansible.ca_adoption import adoption_arguments
from ansible_collections.interlock.cluster.plugins.module_utils._ansible.ca_directory import CaDirectory
from ansible_collections.interlock.cluster.plugins.module_utils._ansible.ca_lifecycle import Clock
from ansible_collections.interlock.cluster.plugins.module_utils._deps import require_cryptography
from ansible_collections.interlock.cluster.plugins.module_utils._pki.keys import KEY_TYPES


def run(params, check_mode):
    """Bring the directory into the state and tell what is in it."""
    require_cryptography()
    directory = CaDirectory(params["directory"])
    clock = Clock(datetime.now(timezone.utc), os.urandom)
    number = params["generation"]
    if params["state"] == "prepared":
        wishes = {name: params[name] for name in ("kind", "passphrase", "subject", "key_type", "validity_days", "adopt")}
        number, changed = ca_rotation.prepare(directory, ca_rotation.Wishes(**wishes), check_mode, clock)
    elif params["state"] == "issuing":
        changed = ca_rotation.promote(directory, number, check_mode)
    else:
        changed = ca_rotation.retire(directory, number, check_mode, clock)
    return {"changed": changed, "generation": number, "generations": directory.generations(), "current": directory.current()}


def main():
    module = AnsibleModule(
        argument_spec=dict(
            directory=dict(type="path", required=True),
            passphrase=dict(type="str", no_log=True),
            state=dict(type="str", choices=["prepared", "issuing", "archived"], required=True),
            generation=dict(type="int"),
            kind=dict(type="str", choices=["new_key", "same_key", "adopt"], default="new_key"),
            subject=dict(type="str"),
            key_type=dict(type="str", choices=list(KEY_TYPES), no_log=False),
            validity_days=dict(type="int", default=0),
            adopt=dict(type="dict", options=adoption_arguments()),
        ),
        required_if=[("state", "issuing", ["generation"]), ("state", "archived", ["generation"]), ("kind", "adopt", ["adopt"])],
        supports_check_mode=True,
    )
    run_module(module, lambda: run(module.params, module.check_mode))


if __name__ == "__main__":
    main()
