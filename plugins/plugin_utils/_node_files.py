# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files of a node as the actions see them: read many in one round trip, write staged or at once."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass

from ansible_collections.interlock.cluster.plugins.module_utils._ansible.arguments import secure_setting_argument
from ansible_collections.interlock.cluster.plugins.module_utils._errors import InterlockError
from ansible_collections.interlock.cluster.plugins.module_utils._node.staging import parse_mode, staged_path
from ansible_collections.interlock.cluster.plugins.module_utils._stores import elasticsearch_keystore

SECURE_SETTING = secure_setting_argument()


class NodeFileError(InterlockError):
    """A file of the node that has to be read cannot be."""


@dataclass(frozen=True)
class NodeFile:
    """One file as it was read. content: None where it is not there or could not be read, and then error says why, or was not asked for."""

    path: str
    exists: bool
    content: bytes | None = None
    error: str | None = None
    mode: str | None = None
    owner: str | None = None
    group: str | None = None
    public_key: str | None = None  # of a private key whose content was not read

    def readable(self):
        """The content, or None for a file that is not there. Raises NodeFileError when it is there and cannot be read."""
        if self.error:
            raise NodeFileError(
                "cannot be read: %s" % self.error, where=self.path,
                remedy="Run as a user who may read it (become: true), or correct its owner and mode.")
        return self.content


def from_result(files):
    """{path: NodeFile} of the files a node_info result holds."""
    return {path: NodeFile(path, found["exists"], base64.b64decode(found["content"]) if "content" in found else None,
                           found.get("error"), found.get("mode"), found.get("owner"), found.get("group"), found.get("public_key"))
            for path, found in files.items()}


def read(action, paths, staged=False, public_keys=(), **also):
    """({path: NodeFile}, the whole node_info result). staged: the next version of a file counts where there is one.

    public_keys: private keys of which only the public part is told; their contents stay on the node.
    """
    def versions(named):
        return list(named) + [staged_path(path) for path in named if staged]

    if public_keys:
        also["public_keys"] = versions(public_keys)
    result = action.on_node("node_info", dict(also, files=versions(paths), content=True))
    found = from_result(dict(result.pop("files"), **result.pop("public_keys", {})))
    if staged:
        found = {path: found[staged_path(path)] if found[staged_path(path)].exists else found[path] for path in (*paths, *public_keys)}
    return found, result


def secure_password(setting, files):
    """The password that a SECURE_SETTING means, None where the node does not have it. files: {path: NodeFile}."""
    content = files[setting["path"]].readable()
    if content is None:
        return None
    value = elasticsearch_keystore.load(content, setting["password"] or "", setting["path"]).entries.get(setting["name"])
    return None if value is None else value.decode("utf-8")


def manifest_of(file):
    """state and context of the node's manifest, None without one."""
    content = file.readable()
    if content is None:
        return None
    try:
        manifest = json.loads(content.decode("utf-8"))
        return {"state": manifest["state"], "context": manifest["context"], "files": sorted(manifest["files"])}
    except (ValueError, KeyError, TypeError):
        raise NodeFileError("is not a manifest of this collection", where=file.path,
                            remedy="Move it away, and the *.interlock-* files beside it.") from None


def file_argument(path, content, mode, owner=None, group=None, directory_mode="0750", backup=False):
    """One element of staged_files' option files. content: bytes, or the path of a file of the node that is to be copied there.

    Raises StagingError for a mode that is none.
    """
    parse_mode(mode, path)
    parse_mode(directory_mode, path)
    what = {"source": content} if isinstance(content, str) else {"content": base64.b64encode(content).decode("ascii")}
    return {"path": path, "mode": mode, "owner": owner, "group": group, "directory_mode": directory_mode, "backup": backup, **what}


def write(action, directory, files, staged, switched=False):
    """Write the files (see file_argument) beside the live ones, over them, or over them in a way that can be taken back (switched).

    Not to be called in check mode.
    """
    state = "replaced" if switched else "staged" if staged else "written"
    return action.on_node("staged_files", {"directory": directory, "state": state, "files": files})
