#!/usr/bin/python
# -*- coding: utf-8 -*-

# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ca_sign
short_description: Sign a request with the CA of a cluster, on the host that holds it
version_added: 0.1.0
description:
  - Signs the public key of a request (PKCS#10) for a key that stays where it is. The key of the CA stays on this host as well.
  - Names, purposes and validity are those of the options and not those of the request. Of the request only the key counts, and its
    signature, which proves that whoever asks has the key.
  - What is signed is written into the ledger of the CA first.
author: [The interlock.cluster contributors (@interlock)]
extends_documentation_fragment:
  - interlock.cluster.attributes
  - interlock.cluster.ca_directory
attributes:
  check_mode:
    support: full
    details: Request and CA are checked, and nothing is signed. RV(certificate) is null then.
  diff_mode:
    support: none
    details: Every run signs a certificate anew.
  idempotent:
    support: none
    details: Every run signs a certificate anew.
options:
  passphrase:
    description: The passphrase of the CA's private key.
    type: str
  generation:
    description: The generation of the CA that signs. When not given, the current one.
    type: int
  request:
    description: The request, PEM.
    type: str
    required: true
  common_name:
    description: The common name of the subject.
    type: str
    required: true
  dns:
    description: The DNS names of the SAN. At least one name in O(dns) or O(ip) is needed, unless it is a client's.
    type: list
    elements: str
    default: []
  ip:
    description: The addresses of the SAN.
    type: list
    elements: str
    default: []
  profile:
    description: What the certificate is for, by its extended key usage.
    type: str
    choices: [node, server, client]
    default: node
  validity_days:
    description: How long the certificate is valid, in days; never longer than the CA.
    type: int
    default: 1095
seealso:
  - module: interlock.cluster.ca
  - module: interlock.cluster.certificate_request
"""

EXAMPLES = r"""
- name: Sign the key of the node on the host that holds the CA
  interlock.cluster.ca_sign:
    directory: /etc/interlock/logs
    passphrase: "{{ vault_ca_passphrase }}"
    request: "{{ asked.content }}"
    common_name: es1
    dns: [es1.example.com]
    ip: [10.0.0.7]
  delegate_to: vault.example.com
  register: signed
"""

RETURN = r"""
certificate:
  description: The certificate, PEM, with the certificate of the CA and what is above that behind it. Null in check mode.
  returned: success
  type: str
facts:
  description: What the certificate says. Null in check mode.
  returned: success
  type: dict
generation:
  description: The generation of the CA that signed.
  returned: success
  type: int
  sample: 1
capped:
  description: Whether the end of the CA cut its validity short.
  returned: success
  type: bool
  sample: false
"""

import os
from datetime import datetime, timezone

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.interlock.cluster.plugins.module_utils._ansible.boundary import run_module
from ansible_collections.interlock.cluster.plugins.module_utils._ansible.ca_directory import CaDirectory
from ansible_collections.interlock.cluster.plugins.module_utils._deps import require_cryptography
from ansible_collections.interlock.cluster.plugins.module_utils._pki import facts, signed_certificate
from ansible_collections.interlock.cluster.plugins.module_utils._pki.node_certificate import PROFILES, Issued, Request, serial_from, sign
from ansible_collections.interlock.cluster.plugins.module_utils._stores import pem


def run(params, check_mode):
    """The certificate, entered into the ledger before it is handed out."""
    require_cryptography()
    now = datetime.now(timezone.utc)
    directory = CaDirectory(params["directory"])
    authority = directory.load(params["passphrase"], now, params["generation"])
    public_key = signed_certificate.requesting_key(params["request"])
    wanted = Request(params["common_name"], tuple(params["dns"]), tuple(params["ip"]), None, params["validity_days"], params["profile"])
    certificate, capped = sign(authority, wanted, public_key, now, serial_from(os.urandom))
    found = {"changed": True, "certificate": None, "facts": None, "generation": authority.generation, "capped": capped}
    if check_mode:
        return found
    issued = Issued(None, certificate, (authority.certificate, *authority.chain), capped)
    directory.append(issued, authority.generation, now)
    return dict(found, certificate=pem.dump_certificates((certificate, *issued.chain)).decode("ascii"),
                facts=facts.certificate_facts(certificate))


def main():
    module = AnsibleModule(
        argument_spec=dict(
            directory=dict(type="path", required=True),
            passphrase=dict(type="str", no_log=True),
            generation=dict(type="int"),
            request=dict(type="str", required=True),
            common_name=dict(type="str", required=True),
            dns=dict(type="list", elements="str", default=[]),
            ip=dict(type="list", elements="str", default=[]),
            profile=dict(type="str", choices=list(PROFILES), default=PROFILES[0]),
            validity_days=dict(type="int", default=1095),
        ),
        supports_check_mode=True,
    )
    run_module(module, lambda: run(module.params, module.check_mode))


if __name__ == "__main__":
    main()
