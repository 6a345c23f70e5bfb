# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import posixpath

from ansible_collections.interlock.cluster.plugins.module_utils import _deps
from ansible_collections.interlock.cluster.plugins.module_utils._node.staging import write_file
from ansible_collections.interlock.cluster.plugins.module_utils._pki import keys, names, signed_certificate
from ansible_collections.interlock.cluster.plugins.module_utils._pki.node_certificate import PROFILES, Request
from ansible_collections.interlock.cluster.plugins.module_utils._stores import pem
from ansible_collections.interlock.cluster.plugins.plugin_utils import _node_files
from ansible_collections.interlock.cluster.plugins.plugin_utils._action import InterlockAction


class ActionModule(InterlockAction):
    """Make sure that a node has a key that waits for its certificate, and the control node the request for it."""

    ARGUMENTS = dict(
        private_key=dict(type="path", required=True, no_log=False),
        request=dict(type="path", required=True),
        common_name=dict(type="str", required=True),
        dns=dict(type="list", elements="str", default=[]),
        ip=dict(type="list", elements="str", default=[]),
        key_type=dict(type="str", choices=list(keys.KEY_TYPES), default=keys.DEFAULT_KEY_TYPE),
        profile=dict(type="str", choices=list(PROFILES), default=PROFILES[0]),
        fresh=dict(type="bool", default=False),
        owner=dict(type="str"),
        group=dict(type="str"),
        mode=dict(type="str", default="0600"),
        directory_mode=dict(type="str", default="0750"),
    )
    BEARS_SECRETS = True

    def perform(self, options):
        request = Request(options["common_name"], tuple(options["dns"]), tuple(options["ip"]), options["key_type"], 1, options["profile"])
        files, _found = _node_files.read(self, [options["private_key"]])
        content = files[options["private_key"]].readable()
        key = None if content is None else pem.load_key(content, None, options["private_key"])
        kept = key is not None and keys.describe(key) == options["key_type"] and not options["fresh"]
        path = os.path.abspath(options["request"])
        if kept and _stands(path, key, request):
            return {"changed": False, "reasons": [], "subject": names.text(names.common_name(request.common_name)), "request": path}
        reasons = [] if kept else ["there is no key that waits for a certificate" if key is None else "a new key was asked for"]
        reasons += ["there is no request of this key for these names"]
        if not kept:
            key = keys.generate(options["key_type"])
        signing = signed_certificate.signing_request(key, request)
        if not self.checking:
            if not kept:
                attributes = [options[name] for name in ("mode", "owner", "group", "directory_mode")]
                argument = _node_files.file_argument(options["private_key"], pem.dump_key(key), *attributes)
                _node_files.write(self, posixpath.dirname(options["private_key"]), [argument], False)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            write_file(path, signing.public_bytes(_deps.serialization.Encoding.PEM), 0o644)
        return {"changed": True, "reasons": reasons, "subject": names.text(signing.subject), "request": path,
                "diff": {"before_header": path, "after_header": path, "before": {}, "after": {
                    "subject": names.text(signing.subject), "san_dns": list(request.dns), "san_ip": list(request.ip),
                    "key_type": options["key_type"], "reasons": reasons}}}


def _stands(path, key, request):
    """Whether the file is a request of this key for these names."""
    try:
        with open(path, "rb") as stream:
            signing = _deps.x509.load_pem_x509_csr(stream.read())
    except (OSError, ValueError):
        return False
    return signed_certificate.requested(signing, key, request)
