# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation of what the modules that merge settings files share."""

from __future__ import annotations


class ModuleDocFragment:
    """The options of SettingsAction in plugin_utils/_settings_action.py, but for the path."""

    DOCUMENTATION = r"""
options:
  settings:
    description: Full dotted names and their values, each text, a number, V(true), V(false), or a list of these.
    type: dict
    default: {}
  absent:
    description: Full dotted names to remove, each with everything below it.
    type: list
    elements: str
    default: []
  backup:
    description: Keep a copy of the file that is replaced, with a timestamp in its name. Without effect with O(staged=true).
    type: bool
    default: false
  staged:
    description:
      - Read the staged version of the file where there is one, and write a staged version beside the live file, which stays as it is.
      - The stage has to be open in the directory of the file, and is made live with M(interlock.cluster.staged_files).
    type: bool
    default: false
  mode:
    description: The mode of the file, octal, in quotes. As the file has it when not given, V(0660) for a new one.
    type: str
  owner:
    description: The owner of the file. As the file has it when not given.
    type: str
  group:
    description: The group of the file. As the file has it when not given.
    type: str
"""
