#!/usr/bin/python
# -*- coding: utf-8 -*-

# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: staged_files
short_description: Stage files beside the live ones, switch them live, revert or settle
version_added: 0.1.0
description:
  - Writes the next versions of files beside the live ones without touching what a running process reads, makes them live
    together by rename, keeps what they replace, and puts that back when asked.
  - A manifest in O(directory) says how far things are, so that a run that died can be repeated at any point.
  - With the standard library only.
author: [The interlock.cluster contributors (@interlock)]
extends_documentation_fragment:
  - interlock.cluster.attributes
  - interlock.cluster.attributes.files_module
options:
  directory:
    description: The configuration directory of the node, which holds the manifest.
    type: path
    required: true
  state:
    description:
      - V(begun) throws away what an unfinished stage left, removes kept previous versions, and opens a stage.
      - V(staged) adds O(files) to the open stage.
      - V(sealed) says that the stage is complete, when O(reader) can read all of it.
      - V(committed) marks the point of no return.
      - V(switched) makes the staged files live and keeps the replaced ones.
      - V(reverted) puts the previous versions back, and remembers O(context) in place of what was remembered.
      - V(settled) removes the kept previous versions.
      - V(written) writes O(files) live at once, each atomically, without stage or previous version.
      - V(replaced) is V(begun), V(staged), V(sealed) and V(switched) in one, for files that a running process reads anew. A switch that
        an earlier run began is finished first.
      - V(remembered) only adds O(context) to the manifest.
    type: str
    choices: [begun, staged, sealed, committed, switched, reverted, settled, written, replaced, remembered]
    required: true
  files:
    description: The files for O(state=staged), O(state=written) and O(state=replaced).
    type: list
    elements: dict
    default: []
    suboptions:
      path:
        description: The live file.
        type: path
        required: true
      content:
        description: Its next content, base64 encoded.
        type: str
      source:
        description: A file of this host that has its next content, in place of O(files[].content), for what is not to leave the host.
        type: path
      mode:
        description: Its mode.
        type: str
        default: "0600"
      owner:
        description: Its owner.
        type: str
      group:
        description: Its group.
        type: str
      directory_mode:
        description: The mode of its directory, should that have to be created.
        type: str
        default: "0750"
      backup:
        description: For O(state=written), keep a copy of what is replaced, with a timestamp in its name.
        type: bool
        default: false
  reader:
    description: The user who has to be able to read what O(state=sealed) seals. Asked of the kernel, when the module runs as root.
    type: str
  context:
    description: Public facts to remember in the manifest. A null value forgets that name.
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: Make what was staged live
  interlock.cluster.staged_files:
    directory: /etc/elasticsearch
    state: switched

- name: Go back to what was live before
  interlock.cluster.staged_files:
    directory: /etc/elasticsearch
    state: reverted
"""

RETURN = r"""
state:
  description: What the manifest says afterwards, null without one.
  returned: always
  type: str
  sample: switched
paths:
  description: The live paths that this call wrote, switched, put back or settled.
  returned: always
  type: list
  elements: str
context:
  description: What the manifest remembers.
  returned: always
  type: dict
backups:
  description: The copies kept by O(files[].backup).
  returned: always
  type: list
  elements: str
"""

import base64
import time

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.interlock.cluster.plugins.module_utils._ansible.boundary import run_module
from ansible_collections.interlock.cluster.plugins.module_utils._node import access
from ansible_collections.interlock.cluster.plugins.module_utils._node.staging import (
    Staging,
    StagingError,
    keep_copy,
    make_directory_of,
    parse_mode,
    write_file,
)


class StagedFiles:
    """One method a state; each says which live paths it changed."""

    def __init__(self, staging, files, context, reader):
        self.staging, self.files, self.context, self.reader = staging, files, context, reader
        self.backups = []

    def begun(self):
        self.staging.begin()
        return []

    def staged(self):
        for file in self.files:
            self.staging.add(file["path"], content_of(file), file["mode"], file["owner"], file["group"],
                             file["directory_mode"])
        return [file["path"] for file in self.files]

    def sealed(self):
        locked = access.unreadable_by(self.reader, self.staging.waiting()) if self.reader else []
        if locked:
            raise StagingError("cannot be read by the user %s, as whom the service runs" % self.reader, where=", ".join(locked),
                               remedy="Name the group of that user (the role's ..._service_group), and see that the directories above let "
                                      "it pass.")
        self.staging.seal(self.context)
        return []

    def committed(self):
        self.staging.remember(self.context)
        self.staging.commit()
        return []

    def switched(self):
        return self.staging.switch()

    def reverted(self):
        return self.staging.revert(self.context)

    def settled(self):
        return self.staging.settle()

    def written(self):
        stamp = time.strftime("%Y-%m-%d@%H:%M:%S~", time.gmtime())
        for file in self.files:
            make_directory_of(file["path"], file["directory_mode"], file["owner"], file["group"])
            if file["backup"]:
                self.backups += keep_copy(file["path"], stamp)
            write_file(file["path"], content_of(file), file["mode"], file["owner"], file["group"])
        return [file["path"] for file in self.files]

    def replaced(self):
        if self.staging.state == "switching":
            self.staging.switch()
        self.staging.begin()
        self.staged()
        self.sealed()
        return self.staging.switch()

    def remembered(self):
        self.staging.remember(self.context)
        return []


def content_of(file):
    """The next content of a file: given, or that of another file of this host."""
    if file["source"] is None:
        return base64.b64decode(file["content"])
    try:
        with open(file["source"], "rb") as stream:
            return stream.read()
    except OSError as error:
        raise StagingError("cannot be read: %s" % error.strerror, where=file["source"],
                           remedy="Run the playbook again: it makes the file anew.") from error


def run(params, check_mode):
    """Result of one state; in check mode only what would be touched is told."""
    files = [dict(file, **{name: parse_mode(file[name], file["path"]) for name in ("mode", "directory_mode")}) for file in params["files"]]
    staging = Staging(params["directory"])
    before = (staging.state, dict(staging.context))
    if check_mode:
        return {"changed": would_change(staging, params), "state": staging.state, "paths": [file["path"] for file in params["files"]],
                "context": staging.context, "backups": []}
    action = StagedFiles(staging, files, params["context"], params["reader"])
    paths = getattr(action, params["state"])()
    return {"changed": bool(paths) or before != (staging.state, dict(staging.context)), "state": staging.state, "paths": paths,
            "context": staging.context, "backups": action.backups}


def would_change(staging, params):
    """Whether a call would change anything, told from the manifest alone."""
    remembers = any(staging.context.get(name) != value for name, value in params["context"].items())
    return {
        "begun": True,
        "staged": bool(params["files"]),
        "sealed": staging.state == "open",
        "committed": remembers or staging.state == "sealed",
        "switched": staging.state in ("sealed", "switching"),
        "reverted": staging.state is not None,
        "settled": staging.state is not None,
        "written": bool(params["files"]),
        "replaced": bool(params["files"]),
        "remembered": remembers,
    }[params["state"]]


def main():
    module = AnsibleModule(
        argument_spec=dict(
            directory=dict(type="path", required=True),
            state=dict(type="str", required=True,
                       choices=["begun", "staged", "sealed", "committed", "switched", "reverted", "settled", "written", "replaced",
                                "remembered"]),
            files=dict(type="list", elements="dict", default=[], options=dict(
                path=dict(type="path", required=True),
                content=dict(type="str", no_log=True),
                source=dict(type="path"),
                mode=dict(type="str", default="0600"),
                owner=dict(type="str"),
                group=dict(type="str"),
                directory_mode=dict(type="str", default="0750"),
                backup=dict(type="bool", default=False),
            ), mutually_exclusive=[("content", "source")], required_one_of=[("content", "source")]),
            reader=dict(type="str"),
            context=dict(type="dict", default={}),
        ),
        supports_check_mode=True,
    )
    run_module(module, lambda: run(module.params, module.check_mode))


if __name__ == "__main__":
    main()
