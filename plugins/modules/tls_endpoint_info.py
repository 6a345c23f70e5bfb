#!/usr/bin/python
# -*- coding: utf-8 -*-

# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: tls_endpoint_info
short_description: Find out by real handshakes what a port speaks, serves and demands
version_added: 0.1.0
description:
  - Connects to a port and tells the TLS protocol, the cipher, the certificate chain, whether a client certificate is demanded and
    whether plaintext is taken. Works with any server, with the standard library only.
  - What the server does is a result, never a failure of the task. A closed port, a port that does not answer and one that answers
    nonsense all end in time with what could be found out.
  - A TLS 1.3 server judges a client certificate only after the client has finished its handshake. So the module sends a harmless
    request and waits for an answer or an alert before it says that a client is accepted.
  - Servers may log the clients they turn away. Elasticsearch writes a warning for a client without certificate, for one of a foreign
    CA, and for one that speaks plaintext.
author: [The interlock.cluster contributors (@interlock)]
extends_documentation_fragment:
  - interlock.cluster.attributes
  - interlock.cluster.attributes.info_module
options:
  host:
    description: The name or address to connect to. Of several addresses the first that takes the connection is used throughout.
    type: str
    required: true
  port:
    description: The TCP port to connect to.
    type: int
    required: true
  server_name:
    description: The name to send as SNI and to expect in the certificate. The default is O(host); an address is not sent.
    type: str
  timeout:
    description: Seconds for each connection.
    type: float
    default: 5
  deadline:
    description: Seconds for all connections together. What has no time left is reported as unknown.
    type: float
    default: 30
  plaintext_protocol:
    description:
      - The protocol of the harmless request that is sent, in plaintext and inside TLS.
      - V(elasticsearch) is the ping of the transport layer, V(http) a C(GET /), V(redis) a C(PING).
      - V(auto) sends what all three answer, and a transport ping when nothing comes of it.
      - V(none) sends nothing. Plaintext is then not tried, and whether a client is accepted is judged by the handshake alone.
    type: str
    choices: [auto, elasticsearch, http, redis, none]
    default: auto
  identities:
    description: Clients to try, each with a certificate of its own. All are tried in one module execution.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: The name of the client in the result.
        type: str
        required: true
      certificate:
        description: The content of a PEM file with the certificate, which its chain may follow.
        type: str
        required: true
      private_key:
        description:
          - The content of a PEM file with the private key of the certificate.
          - It is held in memory and never written to a disk, for which Linux is needed.
        type: str
      private_key_path:
        description: The path of such a file on the host that runs the module, for a key that is not to leave it.
        type: path
      passphrase:
        description: What the private key is encrypted with.
        type: str
  client_certificate:
    description: The certificate of a single client to try, in short for an entry of O(identities) with the name C(client).
    type: str
  client_key:
    description: The private key of O(client_certificate).
    type: str
  ca_certificates:
    description:
      - The content of a PEM file with the CA certificates that the served chain should lead to.
      - Each of them is enough as the end of the chain, as in a Java truststore.
    type: str
  check_protocols:
    description: Try each protocol from TLS 1.0 to 1.3 by itself.
    type: bool
    default: false
  check_strangers:
    description: Try a client without certificate, and one in plaintext, where the port speaks TLS. Without, servers have less to log.
    type: bool
    default: true
seealso:
  - module: interlock.cluster.node_info
"""

EXAMPLES = r"""
- name: Which certificate does the transport layer serve, and until when
  interlock.cluster.tls_endpoint_info:
    host: es1.example.com
    port: 9300
    plaintext_protocol: elasticsearch
  register: transport

- name: Show it
  ansible.builtin.debug:
    msg: "{{ transport.certificate.subject }} until {{ transport.certificate.not_after }}"

- name: Prove that only the right clients get in
  interlock.cluster.tls_endpoint_info:
    host: 10.0.0.7
    port: 9300
    plaintext_protocol: elasticsearch
    ca_certificates: "{{ lookup('ansible.builtin.file', 'ca.crt') }}"
    check_protocols: true
    identities:
      - name: member
        certificate: "{{ member_certificate }}"
        private_key: "{{ member_key }}"
      - name: foreign
        certificate: "{{ foreign_certificate }}"
        private_key: "{{ foreign_key }}"
  register: proof
  failed_when: >-
    not proof.trusted or proof.accepts_plaintext is not false or not proof.demands_client_certificate
    or proof.identities | map(attribute='result') | list != ['accepted', 'refused']

- name: Does this Redis still take plaintext
  interlock.cluster.tls_endpoint_info:
    host: redis1.example.com
    port: 6379
    plaintext_protocol: redis
"""

RETURN = r"""
host:
  description: The host that was asked for.
  returned: always
  type: str
  sample: 10.0.0.7
port:
  description: The port that was asked for.
  returned: always
  type: int
  sample: 9300
address:
  description: The address that was connected to, null when none was.
  returned: always
  type: str
  sample: 10.0.0.7
server_name:
  description: The name that was sent as SNI, null when none was.
  returned: always
  type: str
  sample: es1.example.com
reachable:
  description: Whether the port takes TCP connections.
  returned: always
  type: bool
  sample: true
speaks_tls:
  description: Whether it answers a TLS greeting in TLS, null when it answers nothing.
  returned: always
  type: bool
  sample: true
protocol:
  description: The protocol agreed on, null without TLS.
  returned: always
  type: str
  sample: TLSv1.3
cipher:
  description: The cipher suite agreed on, by the name OpenSSL has for it.
  returned: always
  type: str
  sample: TLS_AES_256_GCM_SHA384
certificate:
  description: What the server's certificate says; null when there is none or it cannot be decoded.
  returned: always
  type: dict
  contains:
    subject:
      description: The subject as RFC 4514 writes it.
      type: str
      sample: CN=es1
    issuer:
      description: The issuer as RFC 4514 writes it.
      type: str
      sample: CN=logs CA
    serial:
      description: The serial number in lower-case hex.
      type: str
      sample: 5f0e8a
    not_before:
      description: From when it is valid, ISO 8601 in UTC.
      type: str
      sample: "2026-01-01T00:00:00Z"
    not_after:
      description: Until when it is valid, ISO 8601 in UTC.
      type: str
      sample: "2029-01-01T00:00:00Z"
    sha256:
      description: The SHA-256 of its DER form in lower-case hex.
      type: str
    san_dns:
      description: The DNS names of its subject alternative name, in lower case.
      type: list
      elements: str
      sample: [es1.example.com]
    san_ip:
      description: The addresses of its subject alternative name.
      type: list
      elements: str
      sample: [10.0.0.7]
    key_type:
      description: Type and size of its key.
      type: str
      sample: ec-p256
    is_ca:
      description: Whether it is a CA certificate.
      type: bool
      sample: false
    extended_key_usage:
      description: The purposes it may be used for, null when it has no such limit.
      type: list
      elements: str
      sample: [serverAuth, clientAuth]
    subject_key_id:
      description: The subject key identifier in lower-case hex, null when it has none.
      type: str
    authority_key_id:
      description: The key identifier of its issuer in lower-case hex, null when it has none.
      type: str
certificate_pem:
  description: The server's certificate in PEM form, null when none was served.
  returned: always
  type: str
chain:
  description: The same for every certificate the server sent, in its order, the server's own first.
  returned: always
  type: list
  elements: dict
chain_pem:
  description: Every certificate the server sent in PEM form, in the order of RV(chain).
  returned: always
  type: list
  elements: str
chain_complete:
  description: Whether RV(chain) is all that the server sent. False where Python shows the server's own certificate only.
  returned: always
  type: bool
  sample: true
requests_client_certificate:
  description: Whether the server asks for a client certificate, null when that cannot be seen.
  returned: always
  type: bool
  sample: true
client_certificate_authorities:
  description:
    - The subjects of the CAs whose client certificates the server says it takes; empty when it does not say, null when it asks for none.
    - With a Java server these are the CAs its truststore had when it was loaded.
  returned: always
  type: list
  elements: str
  sample: [CN=logs CA]
demands_client_certificate:
  description: Whether a client without certificate is turned away, null when that cannot be told.
  returned: always
  type: bool
  sample: true
accepts_plaintext:
  description: Whether a plaintext request is answered in plaintext, null when that was not tried or nothing came back.
  returned: always
  type: bool
  sample: false
plaintext_speaks:
  description: What the plaintext answer was, V(elasticsearch), V(http), V(redis) or V(unknown); null without such an answer.
  returned: always
  type: str
plaintext_detail:
  description: What happened to the plaintext request.
  returned: always
  type: str
  sample: the server closed the connection on a plaintext request (elasticsearch)
identities:
  description: What became of each client of O(identities).
  returned: always
  type: list
  elements: dict
  contains:
    name:
      description: The name of the client.
      type: str
      sample: foreign
    result:
      description: V(accepted), V(refused), or V(unknown) when it could not be told.
      type: str
      sample: refused
    detail:
      description: Why.
      type: str
      sample: the server refused with the TLS alert certificate_unknown
trusted:
  description:
    - Whether the served chain leads to one of O(ca_certificates) and the certificate is valid now, and for O(server_name) or O(host).
    - Null without O(ca_certificates), and when no chain was served.
  returned: always
  type: bool
  sample: true
trust_reason:
  description: Why.
  returned: always
  type: str
protocols:
  description:
    - Whether each protocol is accepted when the client offers nothing else. Null where that could not be found out, for example because
      the TLS library on this side no longer has it.
    - Null altogether without O(check_protocols), and without TLS.
  returned: always
  type: dict
  sample: {"TLSv1": false, "TLSv1.1": false, "TLSv1.2": true, "TLSv1.3": true}
error:
  description: Why protocol and certificate could not be found out, null when they could.
  returned: always
  type: str
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.interlock.cluster.plugins.module_utils._ansible.boundary import run_module
from ansible_collections.interlock.cluster.plugins.module_utils._node import tls_contexts, tls_probe


def look(params):
    """The result of the probe that the options describe."""
    identities = [with_key(identity) for identity in params["identities"]]
    if params["client_certificate"]:
        identities.append({"name": "client", "certificate": params["client_certificate"], "private_key": params["client_key"]})
    return tls_probe.probe(
        params["host"], params["port"], server_name=params["server_name"], timeout=params["timeout"], deadline=params["deadline"],
        plaintext_protocol=params["plaintext_protocol"], identities=identities, ca_pem=params["ca_certificates"],
        check_protocols=params["check_protocols"], check_strangers=params["check_strangers"],
    )


def with_key(identity):
    """The identity with the content of its key, which may be in a file of this host."""
    found = {name: identity[name] for name in ("name", "certificate", "private_key", "passphrase")}
    path = identity["private_key_path"]
    if path:
        try:
            with open(path, "r", encoding="ascii") as stream:
                found["private_key"] = stream.read()
        except (OSError, ValueError) as error:
            raise tls_contexts.ProbeError("the private key cannot be read: %s" % getattr(error, "strerror", "it is not PEM"), where=path,
                                          remedy="Run as a user who may read it (become: true).") from None
    return found


def main():
    module = AnsibleModule(
        argument_spec=dict(
            host=dict(type="str", required=True),
            port=dict(type="int", required=True),
            server_name=dict(type="str"),
            timeout=dict(type="float", default=5),
            deadline=dict(type="float", default=30),
            plaintext_protocol=dict(type="str", choices=["auto", "elasticsearch", "http", "redis", "none"], default="auto"),
            identities=dict(
                type="list",
                elements="dict",
                default=[],
                options=dict(
                    name=dict(type="str", required=True),
                    certificate=dict(type="str", required=True),
                    private_key=dict(type="str", no_log=True),
                    private_key_path=dict(type="path", no_log=False),
                    passphrase=dict(type="str", no_log=True),
                ),
                mutually_exclusive=[("private_key", "private_key_path")],
                required_one_of=[("private_key", "private_key_path")],
            ),
            client_certificate=dict(type="str"),
            client_key=dict(type="str", no_log=True),
            ca_certificates=dict(type="str"),
            check_protocols=dict(type="bool", default=False),
            check_strangers=dict(type="bool", default=True),
        ),
        required_together=[("client_certificate", "client_key")],
        supports_check_mode=True,
    )
    run_module(module, lambda: dict(look(module.params), changed=False))


if __name__ == "__main__":
    main()
