#!/usr/bin/python
# -*- coding: utf-8 -*-

# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: node_key
short_description: Make a private key on a node that never leaves it, and a request for its certificate
version_added: 0.1.0
description:
  - Makes sure that there is a private key of the wanted type, made by the openssl of the node, and returns a request (PKCS#10) for a
    certificate of it. The key is written by an atomic rename with its owner and mode, and is in no result.
  - The action M(interlock.cluster.certificate_request) runs it. Used alone it takes the purposes in the words of openssl.
author: [The interlock.cluster contributors (@interlock)]
requirements:
  - openssl on the node
extends_documentation_fragment:
  - interlock.cluster.attributes
attributes:
  check_mode:
    support: full
    details: A key that is yet to be made has no request, so RV(request) is null then.
  diff_mode:
    support: none
    details: There is nothing to show of a key.
  idempotent:
    support: full
options:
  path:
    description: Where the key is, PEM, absolute.
    type: path
    required: true
  key_type:
    description: The type of the key. One of another type is replaced.
    type: str
    choices: [ec-p256, ec-p384, rsa-2048, rsa-3072, rsa-4096]
    default: ec-p256
  fresh:
    description: Make a new key although there is one.
    type: bool
    default: false
  asked:
    description: What the request asks for.
    type: dict
    required: true
    suboptions:
      common_name:
        description: The common name of the subject.
        type: str
        required: true
      dns:
        description: The DNS names of the SAN.
        type: list
        elements: str
        default: []
      ip:
        description: The addresses of the SAN.
        type: list
        elements: str
        default: []
      digest:
        description: The hash that the request is signed with.
        type: str
        choices: [sha256, sha384]
        default: sha256
      key_usage:
        description: The key usage.
        type: list
        elements: str
        default: [digitalSignature]
      extended_key_usage:
        description: The extended key usage.
        type: list
        elements: str
        default: [serverAuth, clientAuth]
  owner:
    description: The owner of the key and of a directory that has to be created for it.
    type: str
  group:
    description: The group of the same.
    type: str
  mode:
    description: The mode of the key, octal, in quotes.
    type: str
    default: "0600"
  directory_mode:
    description: The mode of a directory that has to be created for the key.
    type: str
    default: "0750"
seealso:
  - module: interlock.cluster.certificate_request
  - module: interlock.cluster.ca_sign
"""

EXAMPLES = r"""
- name: Make a key on the node, and a request for it
  interlock.cluster.node_key:
    path: /etc/elasticsearch/certs/.transport.request.key
    asked:
      common_name: es1
      dns: [es1.example.com]
      ip: [10.0.0.7]
  register: asked
"""

RETURN = r"""
request:
  description: The request, PEM. Null in check mode when the key would have to be made.
  returned: success
  type: str
public_key:
  description: The public key, PEM. Null in check mode when the key would have to be made.
  returned: success
  type: str
reason:
  description: Why a key is made, null when the one that is there is kept.
  returned: success
  type: str
"""

import os

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.interlock.cluster.plugins.module_utils._ansible.boundary import run_module
from ansible_collections.interlock.cluster.plugins.module_utils._node import openssl
from ansible_collections.interlock.cluster.plugins.module_utils._node.staging import make_directory_of, parse_mode, write_file


def why_new(params):
    """Why a key has to be made, None when the one that is there is as wanted."""
    if not os.path.exists(params["path"]):
        return "there is no key yet"
    if params["fresh"]:
        return "a new key was asked for"
    kind = openssl.public_key(params["path"])[1]
    return None if kind == params["key_type"] else "the key is %s, %s is wanted" % (kind, params["key_type"])


def run(params, check_mode):
    """Make the key where that is due, and the request."""
    path, mode, directory_mode = params["path"], parse_mode(params["mode"], params["path"]), parse_mode(
        params["directory_mode"], params["path"])
    reason = why_new(params)
    if reason and check_mode:
        return {"changed": True, "reason": reason, "request": None, "public_key": None}
    if reason:
        content = openssl.generate(params["key_type"])
        make_directory_of(path, directory_mode, params["owner"], params["group"])
        write_file(path, content, mode, params["owner"], params["group"])
    return {"changed": bool(reason), "reason": reason, "request": openssl.request(path, params["asked"]),
            "public_key": openssl.public_key(path)[0]}


def main():
    module = AnsibleModule(
        argument_spec=dict(
            path=dict(type="path", required=True),
            key_type=dict(type="str", choices=["ec-p256", "ec-p384", "rsa-2048", "rsa-3072", "rsa-4096"], default="ec-p256"),
            fresh=dict(type="bool", default=False),
            asked=dict(type="dict", required=True, options=dict(
                common_name=dict(type="str", required=True),
                dns=dict(type="list", elements="str", default=[]),
                ip=dict(type="list", elements="str", default=[]),
                digest=dict(type="str", choices=["sha256", "sha384"], default="sha256"),
                key_usage=dict(type="list", elements="str", default=["digitalSignature"], no_log=False),
                extended_key_usage=dict(type="list", elements="str", default=["serverAuth", "clientAuth"], no_log=False),
            )),
            owner=dict(type="str"),
            group=dict(type="str"),
            mode=dict(type="str", default="0600"),
            directory_mode=dict(type="str", default="0750"),
        ),
        supports_check_mode=True,
    )
    run_module(module, lambda: run(module.params, module.check_mode))


if __name__ == "__main__":
    main()
