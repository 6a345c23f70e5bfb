# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What check mode, diff mode and idempotence mean here, and what the kinds of modules have of them."""

from __future__ import annotations


class ModuleDocFragment:
    """Every module extends the plain fragment, and one of the kinds or its own C(support) beside it."""

    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Can run in C(check_mode) and tell what would change without changing it.
  diff_mode:
    description: Returns what has changed, or in C(check_mode) would change, when in diff mode. Never a secret value.
  idempotent:
    description: When run twice in a row with the same arguments, the second run changes nothing and says so.
"""

    # Reads and reports.
    INFO_MODULE = r"""
options: {}
attributes:
  check_mode:
    support: full
    details: This module changes nothing, so it does the same in check mode.
  diff_mode:
    support: N/A
    details: This module changes nothing.
  idempotent:
    support: full
    details: This module changes nothing.
"""

    # Compares what is there with what is wanted, and changes the difference.
    SETTINGS_MODULE = r"""
options: {}
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
"""

    # Brings something into one of a few states.
    STATE_MODULE = r"""
options: {}
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
    details: The result says which state was found.
  idempotent:
    support: full
"""

    # Decides in the control process and acts on the node.
    ACTION_MODULE = r"""
options: {}
attributes:
  action:
    description: There is an action plugin of the same name, which does the work in the control process.
    support: full
    details: It runs other modules of this collection on the node. They need nothing but the standard library of Python there.
  async:
    description: Can be used with the C(async) keyword.
    support: none
requirements:
  - cryptography >= 45 for the Python that runs Ansible
notes:
  - Without pipelining Ansible writes the arguments of what it runs on the node, secrets included, to temporary files. Set
    C(ansible_pipelining=true), as the roles of this collection do; a task that may carry secrets warns when it is off.
"""

    # Works in the control process only.
    CONTROL_MODULE = r"""
options: {}
attributes:
  action:
    description: There is an action plugin of the same name, which does the work in the control process.
    support: full
    details: It connects to no host.
  async:
    description: Can be used with the C(async) keyword.
    support: none
requirements:
  - cryptography >= 45 for the Python that runs Ansible
"""

    # One step in the life of staged files.
    FILES_MODULE = r"""
options: {}
attributes:
  check_mode:
    support: partial
    details: Always reports a change, and names the files.
  diff_mode:
    support: none
    details: The files may hold secrets. Whoever makes their contents shows the difference.
  idempotent:
    support: partial
    details: Writing is a change each time; the other states change only what is not yet so.
"""

    # Sends a request whose effect is the server's.
    REQUEST_MODULE = r"""
options: {}
attributes:
  check_mode:
    support: partial
    details: A request that only reads is sent, every other one is only reported as a change.
  diff_mode:
    support: none
    details: What a request changes is known to the server only.
  idempotent:
    support: partial
    details: Every request other than one that only reads is a change.
"""

    # Stores a secret that cannot be read back.
    PASSWORD_MODULE = r"""
options: {}
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
    details: What changes is secret.
  idempotent:
    support: none
    details: The stored password cannot be read back, so storing it is a change each time.
"""
