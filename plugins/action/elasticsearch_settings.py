# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.interlock.cluster.plugins.module_utils._stores import settings_file
from ansible_collections.interlock.cluster.plugins.plugin_utils._settings_action import SettingsAction


class ActionModule(SettingsAction):
    """Merge settings into the settings file of a node."""

    DIALECT = settings_file.ELASTICSEARCH
