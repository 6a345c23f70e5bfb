# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many nodes that are as they should be and do not run: configuration directories made without a node, and their inventory."""

from __future__ import annotations

import json
import os
import socket

from ansible_collections.interlock.cluster.plugins.module_utils._stores import settings_file
from ansible_collections.interlock.cluster.plugins.plugin_utils._secure_settings import WantedEntries, compare
from lab import VERSION
from node_keystores import PASSPHRASE, in_forks, make_authority, node_stores, request

STORE_PASSWORD = "a password of every store of the benchmark"
STORES = {"keystore": "certs/transport.keystore.p12", "truststore": "certs/transport.truststore.p12"}
SETTINGS = """\
# Orders search. Owned by the platform team.
cluster.name: orders
node.name: {name}

path:
  data: {directory}/data   # on the fast disk
  logs: {directory}/logs

network.host: {address}
discovery.seed_hosts: [{address}]
"""
WANTED = {
    "xpack.security.enabled": True,
    "xpack.security.transport.ssl.enabled": True,
    "xpack.security.transport.ssl.verification_mode": "full",
    "xpack.security.transport.ssl.client_authentication": "required",
    "xpack.security.transport.ssl.keystore.path": STORES["keystore"],
    "xpack.security.transport.ssl.truststore.path": STORES["truststore"],
}


def make_directory(directory, number):
    """The configuration directory of the node of this number, with settings, secure settings and stores as wanted."""
    node = request(number, "ec-p256")
    config = directory / node.common_name / "config"
    (config / "certs").mkdir(parents=True)
    plain = SETTINGS.format(name=node.common_name, directory=config.parent, address=node.ip[0]).encode()
    (config / "elasticsearch.yml").write_bytes(settings_file.merge(plain, WANTED).content)
    passwords = {"xpack.security.transport.ssl.%s.secure_password" % store: STORE_PASSWORD.encode() for store in STORES}
    secure = compare(None, WantedEntries(passwords), None, VERSION, "elasticsearch", "elasticsearch.keystore")
    (config / "elasticsearch.keystore").write_bytes(secure.content())
    # A node is also known by the name of its host, and here all have the same.
    named = type(node)(node.common_name, (*node.dns, socket.gethostname()), node.ip, node.key_type, node.validity_days)
    for store, content in zip(STORES.values(), node_stores(directory / "ca", named, STORE_PASSWORD)):
        (config / store).write_bytes(content)


def make(directory, home, count):
    """All directories below a new one, with their CA; the path of the inventory."""
    directory.mkdir()
    make_authority(directory / "ca")
    in_forks(lambda number: make_directory(directory, number), count)
    inventory = directory / "hosts.json"
    names = [request(number, "").common_name for number in range(count)]
    variables = {
        "ansible_connection": "local",
        "ansible_become": False,
        "ansible_python_interpreter": "{{ ansible_playbook_python }}",
        "elasticsearch_tls_home": str(home),
        "elasticsearch_tls_config_dir": "%s/{{ inventory_hostname }}/config" % directory,
        "elasticsearch_tls_pid_file": "%s/{{ inventory_hostname }}/elasticsearch.pid" % directory,
        "elasticsearch_tls_service_manager": "archive",
        "elasticsearch_tls_service_user": str(os.geteuid()),
        "elasticsearch_tls_service_group": str(os.getegid()),
        "elasticsearch_tls_elastic_password": PASSPHRASE,
        "cluster_ca_directory": str(directory / "ca"),
        "cluster_ca_passphrase": PASSPHRASE,
    }
    inventory.write_text(json.dumps({"elasticsearch": {"hosts": dict.fromkeys(names, {}), "vars": variables}}), encoding="utf-8")
    return inventory
