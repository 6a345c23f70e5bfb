# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of everything that talks to Redis, Valkey or a Sentinel."""

from __future__ import annotations


class ModuleDocFragment:
    """How servers are logged in to."""

    DOCUMENTATION = r"""
options:
  username:
    description: The ACL user to log in as. The default is the default user.
    type: str
  password:
    description: The user's password.
    type: str
  fallback_password:
    description: What is tried where O(password) is wrong, as it is before or after a change of passwords.
    type: str
  renamed_commands:
    description: The names that commands have where C(rename-command) is in use, by command.
    type: dict
    default: {}
  tls:
    description: The files of this host's own certificate, to speak TLS with. Where they are there and TLS is answered, it is used.
    type: dict
    default: {}
    suboptions:
      certificate: {description: The certificate., type: path}
      private_key: {description: The private key., type: path}
      ca_certificates: {description: The CA certificates to trust., type: path}
      accept_expired:
        description: Talk to a server whose certificate has expired, to give it another one.
        type: bool
        default: false
  timeout:
    description: Seconds to wait for replication and cluster to become whole, and at most this for one answer.
    type: int
    default: 30
"""
