# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Requests to the security plugin of an OpenSearch node by an administrator's certificate. Standard library only, runs on the node."""

from __future__ import annotations

import time

from ansible_collections.interlock.cluster.plugins.module_utils._node.elasticsearch_client import ApiError, reason

LONGEST_UPDATE = 30  # seconds for a node to know what it was told
# No subject of a certificate reads like this. It makes the list in the security index another one than that of a settings file: of two that
# are equal the plugin makes one, and then answers every request between nodes with an error (WildcardMatcher.MatcherCombiner in 2.19.4).
NOBODY = "interlock.cluster"


def patient_request(client, method, path, body, seconds):
    """(status, answer), asked again while the node has not read its security index yet or does not answer. Raises ApiError at the end."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            status, answer = client.request(method, path, body)
            if status < 500 or time.monotonic() >= deadline:
                return status, answer
        except ApiError:
            if time.monotonic() >= deadline:
                raise
        time.sleep(0.5)


def ensure_user(admin, plain, name, password, backend_roles, seconds):
    """Whether the user had to be given the password: one that logs in with it is left alone, and everything else about it too.

    The proof is that the user logs in. While other nodes do not have full security yet, the node stores the user and then answers with
    an error, because it could not tell those.
    """
    if _logs_in(plain, seconds):
        return False
    path = "/_plugins/_security/api/internalusers/%s" % name
    status, _found = patient_request(admin, "GET", path, None, seconds)
    if status == 200:
        request = ("PATCH", path, [{"op": "add", "path": "/password", "value": password}])
    else:
        request = ("PUT", path, {"password": password, "backend_roles": backend_roles})
    status, answer = admin.request(*request)
    deadline = time.monotonic() + min(seconds, LONGEST_UPDATE)
    while not _logs_in(plain, seconds):
        if time.monotonic() >= deadline:
            must(status, answer, "the user %s" % name)
            raise ApiError("the user %s was given the password and still cannot log in" % name, where=plain.where,
                           remedy="Look at the node's log.")
        time.sleep(0.5)
    return True


def _logs_in(plain, seconds):
    return patient_request(plain, "GET", "/_plugins/_security/authinfo", None, seconds)[0] == 200


def ensure_nodes_dn(admin, entry, names, seconds, check_mode):
    """Whether the running nodes had to be told: nodes_dn in the security index, which counts beside that of the settings file."""
    path = "/_plugins/_security/api/nodesdn/%s" % entry
    wanted = [*sorted(names), NOBODY]
    status, found = patient_request(admin, "GET", path, None, seconds)
    if status == 200 and sorted((found.get(entry) or {}).get("nodes_dn", [])) == sorted(wanted):
        return False
    if not check_mode:
        must(*patient_request(admin, "PUT", path, {"nodes_dn": wanted}, seconds), what="the names of the nodes")
    return True


def reload_certificates(admin, seconds):
    """Let the node read its certificates anew, on both layers. Its answer is no proof: see opensearch_tls_proof."""
    for layer in ("http", "transport"):
        path = "/_plugins/_security/api/ssl/%s/reloadcerts" % layer
        must(*patient_request(admin, "PUT", path, None, seconds), what="the certificates of the %s layer" % layer)


def must(status, answer, what):
    """Raise ApiError for an answer that is no success."""
    if not 200 <= status < 300:
        told = answer.get("message") or answer.get("reason") if isinstance(answer, dict) else None
        raise ApiError("%s: answered with %d: %s" % (what, status, told or reason(answer)), status=status,
                       remedy="Look at the node's log, and at plugins.security.authcz.admin_dn.")
