# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one place where an error raised on purpose becomes the failure of a module."""

from __future__ import annotations

from ansible_collections.interlock.cluster.plugins.module_utils._errors import InterlockError


def run_module(module, function):
    """Exit with the results that function() returns as a dict; an InterlockError it raises is the failure's message."""
    try:
        results = function()
    except InterlockError as error:
        module.fail_json(msg=str(error))
    module.exit_json(**results)
