#!/usr/bin/python
# -*- coding: utf-8 -*-

# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: redis_tls_move
short_description: Move every server of a Redis or Valkey deployment one step between plaintext and TLS, live
version_added: 0.1.0
description:
  - Connects from the host it runs on to every server, and takes all of them one step further with C(CONFIG SET) and C(REPLICAOF). No
    server restarts. It ends when replication and cluster bus are whole again.
  - One process drives all servers, because the bus of a cluster has no mode that speaks both. All of them are switched within
    milliseconds, which has to be less than C(cluster-node-timeout).
  - A step decides by what the servers say when it begins. One that was interrupted is finished by the same call.
  - It changes the running processes only. Let M(interlock.cluster.redis_settings) write the files after each step.
author: [The interlock.cluster contributors (@interlock)]
extends_documentation_fragment:
  - interlock.cluster.attributes
  - interlock.cluster.attributes.settings_module
  - interlock.cluster.redis_login
options:
  move:
    description:
      - V(listen) opens the TLS port beside the plaintext one and sets the TLS parameters. A cluster node announces its real bus port first.
      - V(reload) has certificate, key and CA read anew from the same paths.
      - V(link) moves replication and bus to TLS, V(unlink) back.
      - V(close) ends plaintext, clients that are connected and links of before included; V(reopen) lets it in again.
      - V(unlisten) closes the TLS port.
      - V(relink) breaks every replication link and sees it come back.
    type: str
    choices: [listen, reload, link, close, reopen, unlink, unlisten, relink]
    required: true
  nodes:
    description: Every server, by a name for messages.
    type: dict
    required: true
  again:
    description: The step was begun before. With O(move=close) bus links are made anew even if every port is closed already.
    type: bool
    default: false
  stopped_sentinels:
    description: Hosts whose Sentinels are stopped meanwhile. An error tells of them.
    type: list
    elements: str
    default: []
  sentinels:
    description:
      - What the files of the stopped Sentinels say, by host, as RV(interlock.cluster.redis_sentinel#module:monitors).
      - Where that and the servers tell of a failover that is not over nothing is done, and RV(failover) says so.
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: Open the TLS port of both servers
  interlock.cluster.redis_tls_move:
    move: listen
    nodes:
      redis1: {address: 10.0.0.7, names: [10.0.0.7], port: 6379, secure_port: 6380, parameters: "{{ parameters }}"}
      redis2: {address: 10.0.0.8, names: [10.0.0.8], port: 6379, secure_port: 6380, parameters: "{{ parameters }}"}
  vars:
    parameters:
      tls-cert-file: /etc/redis/tls/redis.crt
      tls-key-file: /etc/redis/tls/redis.key
      tls-ca-cert-file: /etc/redis/tls/ca.crt
      tls-auth-clients: "yes"
"""

RETURN = r"""
failover:
  description: What tells of a failover that is not over, empty when nothing does. Then nothing was done.
  returned: when not in check mode
  type: list
  elements: str
commands:
  description: What was done, by server; values are not told.
  returned: always
  type: dict
  sample: {redis1: [CONFIG SET tls-cert-file tls-key-file tls-port]}
window_ms:
  description: How long it took from the first request to the last answer of what all servers had to do together, null for nothing.
  returned: when not in check mode
  type: float
full_resyncs:
  description: How many full resynchronisations happened meanwhile.
  returned: when not in check mode
  type: int
changed_roles:
  description: The servers that are a master and were a replica, or the other way round.
  returned: when not in check mode
  type: list
  elements: str
links:
  description: C(bus), how many bus links each server has, and C(replication), whether it replicates in V(TLS) or V(plaintext).
  returned: when not in check mode
  type: dict
  sample: {redis1: {bus: 10, replication: null}}
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.interlock.cluster.plugins.module_utils._ansible.boundary import run_module
from ansible_collections.interlock.cluster.plugins.module_utils._ansible.redis_moves import MOVES, Fleet, perform, predict
from ansible_collections.interlock.cluster.plugins.module_utils._ansible.redis_node import context_from, login_argument, login_from
from ansible_collections.interlock.cluster.plugins.module_utils._engines.redis_sentinel import disagreement
from ansible_collections.interlock.cluster.plugins.module_utils._errors import InterlockError


def run(params, check_mode):
    """The result of one move."""
    fleet = Fleet(params["nodes"], context_from(params["tls"]), login_from(params), params["timeout"])
    try:
        due = predict(params["move"], fleet)
        diff = difference(fleet, due)
        if check_mode:
            return {"changed": bool(due), "commands": {name: commands(found) for name, found in due.items()}, "diff": diff}
        failover = disagreement(params["sentinels"], fleet.nodes)
        if failover:
            return {"changed": False, "failover": failover}
        try:
            outcome = perform(params["move"], fleet, params["again"])
        except InterlockError as error:
            if params["stopped_sentinels"]:
                error.remedy = "%s Until a run succeeds there is NO AUTOMATIC FAILOVER: the Sentinels of %s are stopped." % (
                    error.remedy or "", ", ".join(sorted(params["stopped_sentinels"])))
            raise
        return dict(outcome, changed=bool(outcome["commands"]), failover=[], diff=diff)
    finally:
        fleet.close()


def commands(due):
    """What would be sent to a server, without values."""
    parameters = sorted(name for name in due if name != "replicaof")
    found = ["CONFIG SET %s" % " ".join(parameters)] if parameters else []
    return found + (["REPLICAOF %s" % due["replicaof"]] if "replicaof" in due else [])


def difference(fleet, due):
    """Parameters before and after. None of them is a secret."""
    before = {name: {key: value_of(fleet.nodes[name]["live"], key) for key in found} for name, found in due.items()}
    return {"before": before, "after": due}


def value_of(live, parameter):
    """What a server has now."""
    if parameter == "replicaof":
        return "%s %d" % (live["master"]["host"], live["master"]["port"])
    return live["config"].get(parameter)


def main():
    module = AnsibleModule(
        argument_spec=dict(
            login_argument(),
            move=dict(type="str", choices=list(MOVES), required=True),
            nodes=dict(type="dict", required=True),
            again=dict(type="bool", default=False),
            stopped_sentinels=dict(type="list", elements="str", default=[]),
            sentinels=dict(type="dict", default={}),
        ),
        supports_check_mode=True,
    )
    run_module(module, lambda: run(module.params, module.check_mode))


if __name__ == "__main__":
    main()
