# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation of connection_argument in _ansible/arguments.py."""

from __future__ import annotations


class ModuleDocFragment:
    """The option that says how a node's HTTP layer is asked, from the node itself."""

    DOCUMENTATION = r"""
options:
  connection:
    description: How the node's own HTTP layer is asked. The module runs on the node, so the address is one of its own.
    type: dict
    default: {}
    suboptions:
      host:
        description: The address the HTTP layer listens on.
        type: str
        default: 127.0.0.1
      port:
        description: Its port.
        type: int
        default: 9200
      scheme:
        description:
          - What it speaks. With V(http_or_https) and V(https_or_http) that is found out with each request, for a node that may be switched
            from one to the other meanwhile; the first is tried first, and servers log what they do not understand.
          - https is verified in any case.
        type: str
        choices: [http, https, http_or_https, https_or_http]
        default: http_or_https
      ca_certificates:
        description: PEM certificates to verify it with when it speaks https. Without, those that the host trusts.
        type: str
      names:
        description: Names and addresses that its certificate may be for, when it is not for O(connection.host).
        type: list
        elements: str
        default: []
      client_certificate:
        description: The client's own certificate, PEM, for an HTTP layer that demands one.
        type: str
      client_key:
        description: The private key of O(connection.client_certificate), PEM without a passphrase. It is kept in memory.
        type: str
      client_files:
        description: >-
          PEM files of the node with its own certificate and key, for an HTTP layer that demands one. They are read on the node; files that
          are not there yet are not needed yet.
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
      keystore:
        description: >-
          A PKCS#12 keystore of the node, absolute, whose key and certificate are those of the client, for an HTTP layer that demands one.
          It is opened in the control process and kept in memory; one that is not there yet is not needed yet.
        type: path
      keystore_setting:
        description: The secure setting of the node that has the password of O(connection.keystore).
        type: dict
        suboptions:
          path:
            description: The keystore file of the secure settings.
            type: path
            required: true
          name:
            description: The name of the secure setting.
            type: str
            required: true
          password:
            description: The password of a password-protected keystore file.
            type: str
      username:
        description: The user to authenticate as, when a password is given.
        type: str
        default: elastic
      password:
        description: The user's password. It is sent to that address only.
        type: str
"""
