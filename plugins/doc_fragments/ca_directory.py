# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of everything that opens a CA directory."""

from __future__ import annotations


class ModuleDocFragment:
    """Where the CA is and what opens its key."""

    DOCUMENTATION = r"""
options:
  directory:
    description:
      - The directory of the cluster's CA, absolute. One directory and one CA for each cluster, shared with nothing else.
      - It is used only when nobody but its owner may enter it (mode 0700).
    type: path
    required: true
  passphrase:
    description: The passphrase that the CA's private key is encrypted with.
    type: str
requirements:
  - cryptography >= 45 for the Python that runs the module
"""
