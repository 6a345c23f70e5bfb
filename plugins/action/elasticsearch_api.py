# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.interlock.cluster.plugins.module_utils._ansible.arguments import connection_argument
from ansible_collections.interlock.cluster.plugins.plugin_utils._api_action import ApiAction


class ActionModule(ApiAction):
    """Send one request to the HTTP layer of a node."""

    MODULE = "elasticsearch_api"
    ARGUMENTS = dict(
        connection=connection_argument(),
        method=dict(type="str", choices=["GET", "POST", "PUT", "DELETE"], default="GET"),
        path=dict(type="str", required=True),
        body=dict(type="dict"),
    )
