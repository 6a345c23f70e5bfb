#!/usr/bin/python
# -*- coding: utf-8 -*-

# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: node_info
short_description: Read files, process, ports and API of an engine node in one round trip
version_added: 0.1.0
description:
  - Reads everything that the decisions about a node need in a single module execution, with the standard library only.
  - The actions of this collection run it and keep what they read in memory. Used alone it tells sizes, modes and digests,
    and contents only where O(content=true).
author: [The interlock.cluster contributors (@interlock)]
extends_documentation_fragment:
  - interlock.cluster.attributes
  - interlock.cluster.attributes.info_module
  - interlock.cluster.service
options:
  files:
    description: Files to read.
    type: list
    elements: path
    default: []
  content:
    description:
      - Return the contents of O(files), base64 encoded.
      - They may hold secrets. Do not register the result of such a task.
    type: bool
    default: false
  public_keys:
    description:
      - Private keys, PEM, whose public part to tell. It is found with the openssl of the node; the keys themselves are in no result.
    type: list
    elements: path
    default: []
  directories:
    description: Directories whose names to list.
    type: list
    elements: path
    default: []
  free_space_of:
    description: Paths whose free space to tell.
    type: list
    elements: path
    default: []
  process:
    description: Look for the process and its listening addresses.
    type: bool
    default: false
  http_port:
    description: Ask the HTTP layer on this port, at the address where the process listens.
    type: int
  api_paths:
    description: What to C(GET) from the HTTP layer.
    type: list
    elements: str
    default: []
  transport_port:
    description: Tell what the transport layer on this port speaks and which certificate it serves.
    type: int
  fallback_address:
    description:
      - Where to look for the ports without O(process=true), and when the kernel does not tell this user where the process listens.
    type: str
    default: 127.0.0.1
  username:
    description: The user to ask the HTTP layer as, when O(password) is given.
    type: str
    default: elastic
  password:
    description: The user's password. It is sent to this host's own addresses only.
    type: str
  scheme:
    description:
      - What the HTTP layer speaks. With V(http_or_https) and V(https_or_http) that is found out with each request, for a node that may be
        switched from one to the other meanwhile; the first is tried first, and servers log what they do not understand.
      - https is verified in any case.
    type: str
    choices: [http, https, http_or_https, https_or_http]
    default: http_or_https
  ca_certificates:
    description: PEM certificates to verify an HTTP layer that speaks https with. Without, those that the host trusts.
    type: str
  names:
    description: Names and addresses that its certificate may be for, beside the address and the name of the host.
    type: list
    elements: str
    default: []
  client_certificate:
    description: The client's own certificate, PEM, for an HTTP layer that demands one.
    type: str
  client_key:
    description: The private key of O(client_certificate), PEM without a passphrase. It is kept in memory.
    type: str
  client_files:
    description: PEM files of the host with such a certificate and its key, in place of their contents.
    type: dict
    suboptions:
      certificate:
        description: The certificate and its chain.
        type: path
        required: true
      private_key:
        description: The private key, without a passphrase.
        type: path
        required: true
  timeout:
    description: Seconds to wait for one answer.
    type: int
    default: 5
"""

EXAMPLES = r"""
- name: Is the node running, and what does its transport layer speak
  interlock.cluster.node_info:
    process: true
    transport_port: 9300
"""

RETURN = r"""
host:
  description: The clock of the host in seconds since the epoch, and its name.
  returned: always
  type: dict
  sample: {"now": 1790000000.5, "hostname": "es1"}
files:
  description: What is at each path of O(files).
  returned: always
  type: dict
public_keys:
  description: >-
    What there is at each path of O(public_keys), exists, mode, owner and group as in RV(files), and public_key, or the error that kept
    it from being told.
  returned: when O(public_keys) is given
  type: dict
openssl:
  description: What the openssl of the node says it is, null where there is none.
  returned: when O(public_keys) is given
  type: str
  sample: OpenSSL 3.0.2 15 Mar 2022
directories:
  description: The names in each of O(directories), null where it cannot be read.
  returned: always
  type: dict
free_space:
  description: Free bytes at each of O(free_space_of).
  returned: always
  type: dict
unreadable:
  description: Those of O(files) that are there and that the user of the service cannot read. Empty when this user may not find out.
  returned: always
  type: list
  elements: str
process:
  description: Whether the process runs, its id, start time and listening addresses, and where it reads the passphrase of its keystore.
  returned: when O(process=true)
  type: dict
api:
  description: Scheme, address and answers of the HTTP layer.
  returned: when O(http_port) is given, and not when O(process=true) and it does not run
  type: dict
http:
  description: What TLS the HTTP layer speaks, and with which certificate.
  returned: when it speaks TLS
  type: dict
transport:
  description: What the transport layer speaks.
  returned: when O(transport_port) is given, and not when O(process=true) and it does not run
  type: dict
"""

import os

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.interlock.cluster.plugins.module_utils._ansible.arguments import (
    client_from,
    connection_argument,
    service_argument,
    service_from,
)
from ansible_collections.interlock.cluster.plugins.module_utils._ansible.boundary import run_module
from ansible_collections.interlock.cluster.plugins.module_utils._node import access, node_facts, openssl, tls_probe

# How the HTTP layer is asked, beside where: options of the same names and meanings as those of a connection
CONNECTION = ("scheme", "ca_certificates", "names", "client_certificate", "client_key", "client_files", "username", "password")


def read(params):
    """Everything asked for, as plain data."""
    there = [path for path in (*params["files"], *params["public_keys"]) if os.path.exists(path)]
    found = {
        "host": node_facts.clock(),
        "files": {path: node_facts.read_file(path, params["content"]) for path in params["files"]},
        "directories": {path: node_facts.list_directory(path) for path in params["directories"]},
        "free_space": {path: node_facts.free_bytes(path) for path in params["free_space_of"]},
        "unreadable": access.unreadable_by(params["service"]["user"], there),
    }
    if params["public_keys"]:
        found["openssl"] = openssl.version()
        found["public_keys"] = {path: node_facts.read_public_key(path) for path in params["public_keys"]}
    process = {"listeners": None}
    if params["process"]:
        found["process"] = process = node_facts.read_process(service_from(params["service"]))
        if not process["running"]:
            return found
    if params["http_port"]:
        host = node_facts.listening_address(process, params["http_port"], params["fallback_address"])
        connection = {name: params[name] for name in CONNECTION}
        client = client_from(dict(connection, host=host, port=params["http_port"], names=[*params["names"], found["host"]["hostname"]]),
                             params["timeout"])
        found["api"] = node_facts.ask_api(client, host, params["http_port"], params["api_paths"], params["timeout"])
        found["api"]["host"] = host
        if found["api"]["scheme"] == "https":
            found["http"] = tls_probe.observe(host, params["http_port"], params["timeout"])
    if params["transport_port"]:
        host = node_facts.listening_address(process, params["transport_port"], params["fallback_address"])
        found["transport"] = tls_probe.observe(host, params["transport_port"], params["timeout"])
        found["transport"]["host"] = host
    return found


def main():
    module = AnsibleModule(
        argument_spec=dict(
            service=service_argument(),
            files=dict(type="list", elements="path", default=[]),
            content=dict(type="bool", default=False),
            public_keys=dict(type="list", elements="path", default=[], no_log=False),
            directories=dict(type="list", elements="path", default=[]),
            free_space_of=dict(type="list", elements="path", default=[]),
            process=dict(type="bool", default=False),
            http_port=dict(type="int"),
            api_paths=dict(type="list", elements="str", default=[]),
            transport_port=dict(type="int"),
            fallback_address=dict(type="str", default="127.0.0.1"),
            **{name: option for name, option in connection_argument()["options"].items() if name in CONNECTION},
            timeout=dict(type="int", default=5),
        ),
        supports_check_mode=True,
    )
    run_module(module, lambda: dict(read(module.params), changed=False))


if __name__ == "__main__":
    main()
