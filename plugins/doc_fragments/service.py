# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation of service_argument in _ansible/arguments.py."""

from __future__ import annotations


class ModuleDocFragment:
    """The option that says how the engine's process is run."""

    DOCUMENTATION = r"""
options:
  service:
    description: How the engine's process is run on the node.
    type: dict
    default: {}
    suboptions:
      engine:
        description: Which program the process of an V(archive) is.
        type: str
        choices: [elasticsearch, opensearch]
        default: elasticsearch
      manager:
        description:
          - How it is started and stopped. V(archive) is an unpacked archive started with C(bin/ENGINE -d -p PIDFILE).
          - V(command) is any program that stays in the foreground.
        type: str
        choices: [systemd, archive, command]
        default: systemd
      name:
        description: The systemd unit.
        type: str
        default: elasticsearch
      home:
        description: Where the engine is unpacked. Needed for V(archive).
        type: path
      config_dir:
        description: The configuration directory. Needed for V(archive).
        type: path
      pid_file:
        description: The file the engine writes its process id to, or for V(command) this module. Needed for both.
        type: path
      command:
        description: The program with its arguments. Needed for V(command).
        type: list
        elements: str
      user:
        description: The user the process of an V(archive) or V(command) runs as. Only root can start it as another user.
        type: str
      environment:
        description: Environment variables for the process of an V(archive) or V(command), for example C(ES_JAVA_HOME).
        type: dict
        default: {}
      keystore_passphrase:
        description: The password of a password-protected elasticsearch.keystore, handed to the process of an V(archive) on its standard
          input.
        type: str
"""
