#!/usr/bin/python
# -*- coding: utf-8 -*-

# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: redis_node_info
short_description: Read the configuration and the running process of a Redis or Valkey node in one round trip
version_added: 0.1.0
description:
  - Reads the configuration files of a server and of a Sentinel, asks both processes, and reads files, in a single module execution and
    with the standard library only. M(interlock.cluster.redis_tls_info) runs it and judges what it tells.
  - Passwords are never among what it tells.
author: [The interlock.cluster contributors (@interlock)]
extends_documentation_fragment:
  - interlock.cluster.attributes
  - interlock.cluster.attributes.info_module
  - interlock.cluster.redis_login
options:
  address:
    description: Where the server and the Sentinel listen, as this host reaches it.
    type: str
    required: true
  server:
    description: The server of this host, if it has one.
    type: dict
    suboptions:
      config_file: {description: Its configuration file., type: path, required: true}
      port: {description: Its plaintext port., type: int, required: true}
      secure_port: {description: Its TLS port., type: int, required: true}
  sentinel:
    description: The Sentinel of this host, if it has one.
    type: dict
    suboptions:
      config_file: {description: Its configuration file., type: path, required: true}
      port: {description: Its plaintext port., type: int, required: true}
      secure_port: {description: Its TLS port., type: int, required: true}
      password: {description: Its password., type: str}
  files:
    description: Files to read.
    type: list
    elements: path
    default: []
  content:
    description:
      - Return the contents of O(files), base64 encoded.
      - They may hold secrets. Do not register the result of such a task.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: What does this server say of itself
  interlock.cluster.redis_node_info:
    address: 10.0.0.7
    server: {config_file: /etc/redis/redis.conf, port: 6379, secure_port: 6380}
  register: found
"""

RETURN = r"""
host:
  description: The clock of the host in seconds since the epoch, and its name.
  returned: always
  type: dict
files:
  description: What is at each path of O(files).
  returned: always
  type: dict
place:
  description: What is the same for another host only when the first of O(files) is the same file, and not just one of the same name.
  returned: always
  type: str
server:
  description: C(live), what the process says; C(unreachable), why it could not be asked; C(drift), the directives of its file that differ
    from what it runs with; C(renamed), the commands that have another name; C(default_user), whether the V(file) or one that it V(includes)
    has the rights of the default user, else null; C(problem), why the file cannot be used; C(serves), what its
    TLS port serves; C(taken), whether something else answers where its TLS port is to be; C(has_tls), whether it was built with TLS, null
    where that could not be looked into.
  returned: when O(server) is given
  type: dict
sentinel:
  description: C(running), C(id), C(config), C(monitors), C(serves), C(taken) and C(problem) of the Sentinel.
  returned: when O(sentinel) is given
  type: dict
"""

import os
import platform
import time

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.interlock.cluster.plugins.module_utils._ansible.boundary import run_module
from ansible_collections.interlock.cluster.plugins.module_utils._ansible.redis_node import (
    ConfFile,
    context_from,
    login_argument,
    login_from,
    observe_server,
)
from ansible_collections.interlock.cluster.plugins.module_utils._engines import redis as engine
from ansible_collections.interlock.cluster.plugins.module_utils._engines import redis_sentinel as sentinel_engine
from ansible_collections.interlock.cluster.plugins.module_utils._errors import InterlockError
from ansible_collections.interlock.cluster.plugins.module_utils._node import node_facts, redis_build, redis_live, tls_probe
from ansible_collections.interlock.cluster.plugins.module_utils._node.resp import Refused

PATIENCE = 15
SENTINEL_DIRECTIVES = sorted(set(engine.DEFAULTS) - set(engine.CLUSTER_ONLY))


def server_facts(params, server, context):
    """What there is to know of the server."""
    ports = (server["port"], server["secure_port"])
    live, unreachable = settled(params, ports, context)
    serves, answers = served(params["address"], server["secure_port"])
    found = {"live": live, "unreachable": unreachable, "drift": [], "renamed": [], "default_user": None, "problem": None, "has_tls": None,
             "serves": serves, "taken": bool(live and answers and live["config"].get("tls-port") == "0")}
    if live and live["pid"]:
        # One that has a TLS port has shown it; the others are looked into, because a server without TLS dies of being given one.
        found["has_tls"] = True if live["config"].get("tls-port", "0") != "0" else redis_build.has_tls(live["pid"])
    try:
        file = ConfFile(server["config_file"])
        found["renamed"] = sorted(file.conf.renamed(file.included))
        found["default_user"] = file.place_of_user("default")
        if live and live["config"]:
            settings = engine.to_persist(live, file.effective())
            found["drift"] = sorted(settings)
            file.merged(settings)
        if not os.access(os.path.dirname(server["config_file"]), os.W_OK):
            found["problem"] = "the directory of %s cannot be written by this user" % server["config_file"]
        if live:
            found["problem"] = found["problem"] or other_file(live["config_file"], server["config_file"], "redis_tls_config_file")
    except InterlockError as error:
        found["problem"] = str(error)
    return found


def other_file(read, configured, variable):
    """Why what is written to a file would not be what a restart reads, None when it is. read: the file the process was started with."""
    if read is None:
        return None
    if not read:
        return "its process was started without a configuration file, so a restart would forget all changes. Start it with %s" % configured
    if os.path.realpath(read) != os.path.realpath(configured):
        return "its process was started with %s, and %s is %s. Set it to the file that a restart reads" % (read, variable, configured)
    return None


def settled(params, ports, context):
    """observe_server(), looking again for a while when a link is down: one that is being made anew is nothing to refuse a change for."""
    patience = min(params["timeout"], PATIENCE)
    until = time.monotonic() + patience
    while True:
        live, unreachable = observe_server(params["address"], ports, context, login_from(params), patience)
        if not live or not engine.broken_links(params["address"], live) or time.monotonic() > until:
            return live, unreachable
        time.sleep(0.5)


def sentinel_facts(params, sentinel, context):
    """What there is to know of the Sentinel."""
    serves, answers = served(params["address"], sentinel["secure_port"])
    found = {"running": False, "unreachable": None, "id": None, "config": {}, "monitors": [], "problem": None, "peers": {},
             "serves": serves, "taken": False}
    try:
        conf = ConfFile(sentinel["config_file"]).conf
        effective = conf.effective({})
        found["config"] = {name: " ".join(effective.get(name, [engine.DEFAULTS[name]])) for name in SENTINEL_DIRECTIVES}
        found["taken"] = answers and found["config"]["tls-port"] == "0"
        found["monitors"] = sentinel_engine.monitors_of(conf)
        announced = [words[0] for words in conf.sentinel("announce-port") if words and words[0] != "0"]
        if announced:
            found["problem"] = ("%s has sentinel announce-port %s, so the other Sentinels would go on asking that port. Sentinels behind "
                                "address translation are not changed: take it out" % (sentinel["config_file"], announced[-1]))
    except (InterlockError, ValueError) as error:
        found["problem"] = str(error)
    try:
        with redis_live.connect(params["address"], (sentinel["port"], sentinel["secure_port"]), context,
                                password=sentinel["password"]) as connection:
            found["running"] = True
            found["id"] = connection.command("SENTINEL", "MYID")
            found["problem"] = found["problem"] or other_file(connection.info("server").get("config_file"), sentinel["config_file"],
                                                              "redis_tls_sentinel_config_file")
            for monitor in found["monitors"]:
                others = connection.command("SENTINEL", "SENTINELS", monitor["name"])
                found["peers"][monitor["name"]] = sorted(dict(zip(other[::2], other[1::2]))["name"] for other in others)
    except Refused as refusal:
        found.update(running=True, problem="its Sentinel does not answer this login (%s). Set redis_tls_sentinel_password" % refusal.code)
    except InterlockError as error:
        found["unreachable"] = str(error)
    return found


def place_of(path):
    """What tells a file of this machine from that of the same name on another: two names in the inventory may be one machine."""
    directory, rest = os.path.split(os.path.realpath(path))
    while not os.path.isdir(directory):
        directory, name = os.path.split(directory)
        rest = os.path.join(name, rest)
    status = os.stat(directory)
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as stream:
            boot = stream.read().strip()
    except OSError:
        boot = platform.node()
    return "%s %d %d %s" % (boot, status.st_dev, status.st_ino, rest)


def served(address, port):
    """(the public facts of the certificate that a TLS port serves, None when it serves none, whether anything answers there)."""
    seen = tls_probe.observe(address, port, PATIENCE, plaintext_protocol="none")
    # One that agrees with no client on a cipher suite speaks TLS, and shows no certificate.
    facts = {"certificate": seen["certificate"], "certificate_pem": seen["certificate_pem"]} if seen.get("certificate") else None
    return facts, bool(seen["reachable"])


def read(params):
    """Everything asked for, as plain data."""
    found = {"changed": False, "host": node_facts.clock(), "place": place_of(params["files"][0]) if params["files"] else None,
             "files": {path: node_facts.read_file(path, params["content"]) for path in params["files"]}}
    try:
        context = context_from(params["tls"])
    except InterlockError:
        context = None  # a certificate that cannot be used is a finding about the files, and plaintext may still be answered
    if params["server"]:
        found["server"] = server_facts(params, params["server"], context)
    if params["sentinel"]:
        found["sentinel"] = sentinel_facts(params, params["sentinel"], context)
    return found


def main():
    places = dict(config_file=dict(type="path", required=True), port=dict(type="int", required=True),
                  secure_port=dict(type="int", required=True))
    module = AnsibleModule(
        argument_spec=dict(
            login_argument(),
            address=dict(type="str", required=True),
            server=dict(type="dict", options=places),
            sentinel=dict(type="dict", options=dict(places, password=dict(type="str", no_log=True))),
            files=dict(type="list", elements="path", default=[]),
            content=dict(type="bool", default=False),
        ),
        supports_check_mode=True,
    )
    run_module(module, lambda: read(module.params))


if __name__ == "__main__":
    main()
