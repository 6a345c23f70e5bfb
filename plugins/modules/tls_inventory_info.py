#!/usr/bin/python
# -*- coding: utf-8 -*-

# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: tls_inventory_info
short_description: Read the TLS files of a host and find out what its ports speak, in one round trip
version_added: 0.1.0
description:
  - Reads everything that M(interlock.cluster.certificate_audit_info) judges, in a single module execution and with the standard
    library only.
  - It changes nothing and needs no right to. What this user may not read is told as such.
  - A private key in PEM form never leaves the host. PKCS#12 stores do when O(content=true); their keys are encrypted with their passwords.
author: [The interlock.cluster contributors (@interlock)]
extends_documentation_fragment:
  - interlock.cluster.attributes
  - interlock.cluster.attributes.info_module
options:
  files:
    description: Files to read.
    type: list
    elements: path
    default: []
  directories:
    description:
      - Directories to search for files whose names end as those of TLS files do (C(.p12), C(.pfx), C(.pkcs12), C(.jks), C(.pem), C(.crt),
        C(.cer), C(.cert), C(.key)), four levels deep.
    type: list
    elements: path
    default: []
  content:
    description: Return the contents of the files, base64 encoded. They may hold secrets. Do not register the result of such a task.
    type: bool
    default: false
  endpoints:
    description: Ports of this host to look at.
    type: list
    elements: dict
    default: []
    suboptions:
      layer:
        description: What the port is for, as a word for people.
        type: str
        required: true
      port:
        description: The TCP port.
        type: int
        required: true
      address:
        description: Where to connect to. When not given, an address at which something on this host listens on the port.
        type: str
      plaintext_protocol:
        description: The protocol of the harmless request that is sent, as O(interlock.cluster.tls_endpoint_info#module:plaintext_protocol).
        type: str
        choices: [auto, elasticsearch, http, redis, none]
        default: auto
  handshakes:
    description:
      - V(full) tries plaintext, a client without certificate, and every protocol by itself. Servers may log such clients.
      - V(greeting) sends one TLS greeting, which servers do not log, and plaintext only where TLS is not spoken.
    type: str
    choices: [full, greeting]
    default: full
  fallback_address:
    description: Where to look for ports on which nothing seems to listen.
    type: str
    default: 127.0.0.1
  timeout:
    description: Seconds for each connection.
    type: float
    default: 5
seealso:
  - module: interlock.cluster.certificate_audit_info
  - module: interlock.cluster.tls_endpoint_info
"""

EXAMPLES = r"""
- name: Which TLS files are there, and what do the ports speak
  interlock.cluster.tls_inventory_info:
    directories: [/etc/elasticsearch]
    endpoints:
      - {layer: transport, port: 9300, plaintext_protocol: elasticsearch}
"""

RETURN = r"""
host:
  description: The clock of the host in seconds since the epoch, and its name.
  returned: always
  type: dict
  sample: {"now": 1790000000.5, "hostname": "es1"}
files:
  description:
    - What is at each path of O(files) and each file found in O(directories). C(private_key) tells of a private key in PEM form,
      V(plain), V(encrypted) or null.
  returned: always
  type: dict
unread_directories:
  description: Directories that this user may not look into.
  returned: always
  type: list
  elements: str
endpoints:
  description:
    - What each of O(endpoints) speaks, with the values M(interlock.cluster.tls_endpoint_info) returns, its C(layer), and in
      C(anonymous_status) the status that an HTTP request without credentials is answered with.
  returned: always
  type: list
  elements: dict
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.interlock.cluster.plugins.module_utils._ansible.arguments import endpoints_argument
from ansible_collections.interlock.cluster.plugins.module_utils._ansible.boundary import run_module
from ansible_collections.interlock.cluster.plugins.module_utils._node import node_facts, tls_inventory


def look(params):
    """Everything asked for, as plain data."""
    paths, unread = list(params["files"]), []
    for directory in params["directories"]:
        found, refused = tls_inventory.find(directory)
        paths += found
        unread += refused
    files = {path: tls_inventory.read(path) for path in dict.fromkeys(paths)}
    if not params["content"]:
        for file in files.values():
            file.pop("content", None)
    return {
        "host": node_facts.clock(),
        "files": files,
        "unread_directories": unread,
        "endpoints": [tls_inventory.look_at(endpoint, params["handshakes"], params["fallback_address"], params["timeout"])
                      for endpoint in params["endpoints"]],
    }


def main():
    module = AnsibleModule(
        argument_spec=dict(
            files=dict(type="list", elements="path", default=[]),
            directories=dict(type="list", elements="path", default=[]),
            content=dict(type="bool", default=False),
            endpoints=endpoints_argument(),
            handshakes=dict(type="str", choices=["full", "greeting"], default="full"),
            fallback_address=dict(type="str", default="127.0.0.1"),
            timeout=dict(type="float", default=5),
        ),
        supports_check_mode=True,
    )
    run_module(module, lambda: dict(look(module.params), changed=False))


if __name__ == "__main__":
    main()
