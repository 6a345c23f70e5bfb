# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Argument pieces that several modules share; each has a doc fragment of the same name."""

from __future__ import annotations

from ansible_collections.interlock.cluster.plugins.module_utils._errors import InterlockError
from ansible_collections.interlock.cluster.plugins.module_utils._node.elasticsearch_client import Client
from ansible_collections.interlock.cluster.plugins.module_utils._node.service import Archive, Command, Systemd


SCHEMES = ("http", "https", "http_or_https", "https_or_http")


def service_argument():
    """How the engine's process is run on its node (doc fragment: service)."""
    return dict(
        type="dict",
        default={},
        apply_defaults=True,
        required_if=[("manager", "archive", ("home", "config_dir", "pid_file")), ("manager", "command", ("command", "pid_file"))],
        options=dict(
            engine=dict(type="str", choices=["elasticsearch", "opensearch"], default="elasticsearch"),
            manager=dict(type="str", choices=["systemd", "archive", "command"], default="systemd"),
            name=dict(type="str", default="elasticsearch"),
            home=dict(type="path"),
            config_dir=dict(type="path"),
            pid_file=dict(type="path"),
            command=dict(type="list", elements="str"),
            user=dict(type="str"),
            environment=dict(type="dict", default={}),
            keystore_passphrase=dict(type="str", no_log=True),
        ),
    )


def service_from(service):
    """The service object that the argument describes."""
    if service["manager"] == "systemd":
        return Systemd(service["name"])
    if service["manager"] == "command":
        return Command(service["command"], service["pid_file"], service["user"], service["environment"])
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
            scheme=dict(type="str", choices=list(SCHEMES), default="http_or_https"),
            ca_certificates=dict(type="str"),
            names=dict(type="list", elements="str", default=[]),
            client_certificate=dict(type="str"),
            client_key=dict(type="str", no_log=True),
            client_files=client_files_argument(),
            keystore=dict(type="path"),
            keystore_setting=secure_setting_argument(),
            username=dict(type="str", default="elastic"),
            password=dict(type="str", no_log=True),
        ),
    )


def client_files_argument():
    """PEM files of the node with its own certificate and key, which do not leave it (documented where it is used)."""
    return dict(type="dict", options=dict(certificate=dict(type="path", required=True),
                                          private_key=dict(type="path", required=True, no_log=False)))


def opensearch_request_arguments():
    """What an administrator of OpenSearch is to do, and at which node (doc fragment: opensearch_request)."""
    return dict(
        host=dict(type="str", required=True),
        port=dict(type="int", default=9200),
        names=dict(type="list", elements="str", default=[]),
        user=dict(type="str"),
        password=dict(type="str", no_log=True),
        backend_roles=dict(type="list", elements="str", default=["admin"]),
        nodes_dn=dict(type="list", elements="str"),
        reload=dict(type="bool", default=False),
        timeout=dict(type="int", default=60),
    )


def secure_setting_argument():
    """A password that a node keeps in its secure settings, as an option of an action."""
    return dict(type="dict", no_log=False, options=dict(
        path=dict(type="path", required=True),
        name=dict(type="str", required=True),
        password=dict(type="str", no_log=True),
    ))


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
    identity = {"certificate": connection["client_certificate"], "private_key": connection["client_key"]}
    if connection.get("client_files"):
        identity = identity_in(connection["client_files"])
    return Client(connection["host"], connection["port"], connection["username"], connection["password"], connection["scheme"],
                  connection["ca_certificates"], timeout, connection["names"], identity if identity["private_key"] else None)


def identity_in(files):
    """certificate and private_key (PEM) in the files of client_files_argument; both None where they are not there yet.

    Raises InterlockError for files that are there and cannot be read.
    """
    found = {}
    for name in ("certificate", "private_key"):
        try:
            with open(files[name], encoding="ascii") as stream:
                found[name] = stream.read()
        except FileNotFoundError:
            return {"certificate": None, "private_key": None}
        except (OSError, UnicodeError) as error:
            raise InterlockError("cannot be read: %s" % error, where=files[name],
                                 remedy="Run as a user who may read it (become: true).") from None
    return found
