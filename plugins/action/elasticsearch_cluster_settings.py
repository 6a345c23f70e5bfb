# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.interlock.cluster.plugins.module_utils._ansible.arguments import connection_argument
from ansible_collections.interlock.cluster.plugins.plugin_utils._api_action import ApiAction


class ActionModule(ApiAction):
    """Set persistent settings of a cluster."""

    MODULE = "elasticsearch_cluster_settings"
    ARGUMENTS = dict(
        connection=connection_argument(),
        settings=dict(type="dict", required=True),
        retry_seconds=dict(type="int", default=0),
    )
