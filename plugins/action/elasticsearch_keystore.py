# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64

from ansible_collections.interlock.cluster.plugins.module_utils._stores.elasticsearch_keystore import KeystoreError
from ansible_collections.interlock.cluster.plugins.plugin_utils._keystore_action import KeystoreAction
from ansible_collections.interlock.cluster.plugins.plugin_utils._secure_settings import WantedEntries, compare


class ActionModule(KeystoreAction):
    """Set and remove several secure settings of a node at once."""

    ARGUMENTS = dict(
        KeystoreAction.ARGUMENTS,
        file_entries=dict(type="dict", default={}, no_log=True),
        generate=dict(type="list", elements="str", default=[]),
        regenerate=dict(type="list", elements="str", default=[]),
        copies=dict(type="dict", default={}),
        version=dict(type="str"),
        engine=dict(type="str", choices=["elasticsearch", "opensearch"], default="elasticsearch"),
    )

    def compare(self, files, options):
        path = options["path"]
        wanted = WantedEntries(entry_values(options), tuple(options["generate"]), tuple(options["absent"]),
                               tuple(options["regenerate"]), options["copies"])
        return compare(files[path].readable(), wanted, options["password"], options["version"], options["engine"], path)

    def details(self, settings):
        return {"format": settings.keystore.format}


def entry_values(options):
    """{name: bytes} of the string and file entries. Raises KeystoreError, never naming a value."""
    values = {name: str(value).encode("utf-8") for name, value in options["entries"].items()}
    for name, encoded in options["file_entries"].items():
        try:
            values[name] = base64.b64decode(encoded, validate=True)
        except (TypeError, ValueError):
            raise KeystoreError("the content of this file entry is not base64", where=name,
                                remedy="Encode it, for example with the filter b64encode.") from None
    return values
