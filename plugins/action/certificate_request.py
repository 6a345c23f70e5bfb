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
        private_key_origin=dict(type="str", choices=["controller", "node"], default="controller", no_log=False),
        request=dict(type="path"),
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
    RULES = dict(required_if=[("private_key_origin", "controller", ("request",))])
    BEARS_SECRETS = True

    def perform(self, options):
        request = Request(options["common_name"], tuple(options["dns"]), tuple(options["ip"]), options["key_type"], 1, options["profile"])
        if options["private_key_origin"] == "node":
            return self._of_the_node(options, request)
        files, _found = _node_files.read(self, [options["private_key"]])
        content = files[options["private_key"]].readable()
        key = None if content is None else pem.load_key(content, None, options["private_key"])
        kept = key is not None and keys.describe(key) == options["key_type"] and not options["fresh"]
        path = os.path.abspath(options["request"])
        if kept and _stands(path, key, request):
            return {"changed": False, "reasons": [], "subject": names.text(names.common_name(request.common_name)), "request": path,
                    "content": None}
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
        return {"changed": True, "reasons": reasons, "subject": names.text(signing.subject), "request": path, "content": None,
                "diff": diff(path, request, reasons)}

    def _of_the_node(self, options, request):
        """The same with a key that the node makes itself: what comes from there is the request."""
        made = self.on_node("node_key", {
            "path": options["private_key"], "key_type": options["key_type"], "fresh": options["fresh"],
            "asked": signed_certificate.asked_of_openssl(options["key_type"], request),
            **{name: options[name] for name in ("owner", "group", "mode", "directory_mode")}})
        subject = names.text(names.common_name(request.common_name))
        path = os.path.abspath(options["request"]) if options["request"] else None
        key = made["public_key"] and pem.load_public_key(made["public_key"].encode("ascii"), options["private_key"])
        stands = path is None or key is not None and _stands(path, key, request)
        reasons = ([made["reason"]] if made["reason"] else []) + ([] if stands else ["there is no request of this key for these names"])
        if not stands and not self.checking:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            write_file(path, made["request"].encode("ascii"), 0o644)
        return {"changed": bool(reasons), "reasons": reasons, "subject": subject, "request": path, "content": made["request"],
                "diff": diff(path or options["private_key"], request, reasons) if reasons else {}}


def diff(where, request, reasons):
    """What is asked for, and why."""
    return {"before_header": where, "after_header": where, "before": {}, "after": {
        "subject": names.text(names.common_name(request.common_name)), "san_dns": list(request.dns), "san_ip": list(request.ip),
        "key_type": request.key_type, "reasons": reasons}}


def _stands(path, key, request):
    """Whether the file is a request of this key for these names."""
    try:
        with open(path, "rb") as stream:
            signing = _deps.x509.load_pem_x509_csr(stream.read())
    except (OSError, ValueError):
        return False
    return signed_certificate.requested(signing, key, request)
