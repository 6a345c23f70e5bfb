# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Argument pieces that several modules share; each has a doc fragment of the same name."""

from __future__ import annotations

from ansible_collections.interlock.cluster.plugins.module_utils._node.elasticsearch_client import Client
from ansible_collections.interlock.cluster.plugins.module_utils._node.service import Archive, Systemd


def service_argument():
    """How the engine's process is run on its node (doc fragment: service)."""
    return dict(
        type="dict",
        default={},
        apply_defaults=True,
        required_if=[("manager", "archive", ("home", "config_dir", "pid_file"))],
        options=dict(
            engine=dict(type="str", choices=["elasticsearch", "opensearch"], default="elasticsearch"),
            manager=dict(type="str", choices=["systemd", "archive"], default="systemd"),
            name=dict(type="str", default="elasticsearch"),
            home=dict(type="path"),
            config_dir=dict(type="path"),
            pid_file=dict(type="path"),
            user=dict(type="str"),
            environment=dict(type="dict", default={}),
            keystore_passphrase=dict(type="str", no_log=True),
        ),
    )


def service_from(service):
    """The service object that the argument describes."""
    if service["manager"] == "systemd":
        return Systemd(service["name"])
    return Archive(service["home"], service["config_dir"], service["pid_file"], service["user"], service["environment"],
                   service["keystore_passphrase"], service["engine"])


def connection_argument():
    """How the node's own HTTP layer is asked (doc fragment: connection)."""
    return dict(
        type="dict",
        default={},
        apply_defaults=True,
        options=dict(
            host=dict(type="str", default="127.0.0.1"),
            port=dict(type="int", default=9200),
            scheme=dict(type="str", choices=["http", "https"], default="http"),
            ca_certificates=dict(type="str"),
            username=dict(type="str", default="elastic"),
            password=dict(type="str", no_log=True),
        ),
    )


def endpoints_argument():
    """Ports of a host to look at (documented in tls_inventory_info and certificate_audit_info)."""
    return dict(
        type="list",
        elements="dict",
        default=[],
        options=dict(
            layer=dict(type="str", required=True),
            port=dict(type="int", required=True),
            address=dict(type="str"),
            plaintext_protocol=dict(type="str", choices=["auto", "elasticsearch", "http", "redis", "none"], default="auto"),
        ),
    )


def client_from(connection, timeout=30.0):
    """The client that the argument describes. timeout: seconds for one request."""
    return Client(connection["host"], connection["port"], connection["username"], connection["password"], connection["scheme"],
                  connection["ca_certificates"], timeout)
