# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What speaks against a change of a Redis deployment, all of it at once and each with what to do; and what to know. Pure."""

from __future__ import annotations

import re

from ansible_collections.interlock.cluster.plugins.module_utils._engines import redis as engine
from ansible_collections.interlock.cluster.plugins.module_utils._engines import redis_sentinel

SLOTS = 16384
CERTIFICATE_MOVES = ("reload", "relink")
MAPPING = "tls-auth-clients-user"
MAPS_USERS = "a certificate is mapped to an ACL user by Redis 8.6, Valkey 9.0 and newer: redis_tls_client_certificate_user"
NEEDED_COMMANDS = ("CONFIG", "CLIENT", "INFO", "REPLICAOF", "CLUSTER", "AUTH")
SENTINEL_NAME = re.compile("sentinel-([0-9a-f]{8})-(cmd|pubsub)$")
MISSING_IN_6 = ("a tls-port that can be set while it runs, CONFIG SET of several parameters as one, cluster-port and "
                "cluster-announce-tls-port, and CLUSTER LINKS")


def problems(nodes, servers, outlook, mode):
    """Everything that forbids the plan.

    outlook: kind, moves, stages, issue, restarts and keep (certificates alone) of the plan; password, whether one is changed; expired,
    whether a process serves what is not valid any more, so that a link which broke cannot come back.
    """
    found = _node_problems(nodes, mode)
    found += _unfinished(servers, outlook) if outlook["keep"] else _jump_problems(outlook["stages"], mode)
    found += _expired(nodes, outlook, mode)
    found += ["%s: certificate: %s. A change of issuer or trust on a node that speaks TLS would cut it off from the others; it takes a "
              "rotation of the CA." % (name, "; ".join(verdict["reasons"])) for name, node in nodes.items() for verdict in _verdicts(node)
              if verdict["verdict"] == "refuse" and mode != "none"]
    found += _same_files(nodes) + (_password_problems(servers) if outlook["password"] else [])
    if len(servers) < sum(bool(node["server"]) for node in nodes.values()) or not (
            outlook["kind"] != "none" or outlook["keep"] or outlook["password"]):
        return found
    found += _parameter_problems(servers)
    found += _cluster_problems(servers, outlook) if any(engine.is_cluster(node) for node in servers.values()) else \
        _replication_problems(servers, outlook)
    return found + _too_few_replicas(servers, outlook) + _sentinel_problems(nodes, servers) + _sentinels_elsewhere(nodes, servers)


def _node_problems(nodes, mode):
    found = []
    for name, node in nodes.items():
        server, sentinel = node["server"], node["sentinel"]
        for part, variable in ((server, "redis_tls_secure_port"), (sentinel, "redis_tls_sentinel_secure_port")):
            if part and part["problem"]:
                found.append("%s: %s" % (name, part["problem"]))
            if part and part.get("taken") and mode != "none":
                port = node["secure_port"] if part is server else part["secure_port"]
                found.append("%s: something else answers at port %s of %s already, which is to be a TLS port. Choose a free one: %s."
                             % (name, port, node["address"], variable))
        if not server:
            continue
        if not node["live"]:
            found.append("%s: does not answer: %s %s" % (name, server["unreachable"], _how_to_reach(node)))
        elif not engine.is_supported(node["live"]["product"], node["live"]["version"]):
            found.append("%s: %s %s cannot be changed while it runs: it has not %s. Redis 7.0, Valkey 7.2 and newer have. Upgrade it first."
                         % (name, node["live"]["product"].capitalize(), node["live"]["version"], MISSING_IN_6))
        if server.get("has_tls") is False and mode != "none":
            found.append("%s: %s %s was built without TLS, and would die of being given a TLS port. Install a build that has it (tls.c: "
                         "make BUILD_TLS=yes)." % (name, node["live"]["product"].capitalize(), node["live"]["version"]))
        if node["port"] == node["secure_port"]:
            found.append("%s: redis_tls_port and redis_tls_secure_port are both %s. Both are open at the same time: choose two."
                         % (name, node["port"]))
    return found


def _how_to_reach(node):
    """What to do about a server that does not answer, by what it said and serves."""
    told, renamed = node["server"]["unreachable"] or "", sorted(set(NEEDED_COMMANDS).intersection(node["server"]["renamed"]))
    if "unknown command" in told or "unknown subcommand" in told:
        return "Commands are renamed or switched off there%s: say what they are called in redis_tls_renamed_commands." % (
            " (its file renames %s)" % ", ".join(renamed) if renamed else "")
    if engine.serves_expired(node):
        return ("Its certificate has expired, and plaintext is closed, so that nothing can connect to it any more. Run the playbook renew: "
                "see docs/redis.md.")
    return "Start it, or correct redis_tls_address, redis_tls_port and redis_tls_password."


def _same_files(nodes):
    """Nodes that would write each other's certificate: several servers of one machine."""
    found, places = [], {}
    for name, node in nodes.items():
        places.setdefault(node.get("place"), []).append(name)
    for place, names in places.items():
        if place and len(names) > 1:
            found.append("%s: are servers of one machine with one directory for their certificates. Give each its own, as with "
                         "redis_tls_directory: /etc/redis/tls-{{ redis_tls_port }}." % ", ".join(sorted(names)))
    return found


def _password_problems(servers):
    return ["%s: a file that its configuration includes has a line \"user default\", which counts more than requirepass and would bring "
            "the old password back at a restart. Move it into an aclfile, or into redis_tls_config_file itself." % name
            for name, node in servers.items() if node["server"].get("default_user") == "includes"]


def _jump_problems(stages, mode):
    if mode == "required":
        early = sorted(name for name, stage in stages.items() if stage < engine.LINKED)
        if early:
            return ["redis_tls_mode required is reached through preferred only, so that clients can move while both are answered: %s not "
                    "there yet. Run with preferred first, move the clients, then run with required." % _are(early)]
    if mode == "none":
        late = sorted(name for name, stage in stages.items() if stage == engine.CLOSED)
        if late:
            return ["redis_tls_mode none is reached through preferred only: %s plaintext closed. Run with preferred first, move the "
                    "clients back, then run with none." % _have(late)]
    return []


def _unfinished(servers, outlook):
    """Whether something else than certificates is due: only a deployment that is through with its mode has its certificates changed."""
    early = sorted(name for name, stage in outlook["stages"].items() if stage < engine.LINKED)
    if early:
        return ["%s not on TLS yet. Secure the deployment first: the playbook redis." % _are(early)]
    other = [move for move in outlook["moves"] if move not in CERTIFICATE_MOVES]
    drift = sorted(name for name, node in servers.items() if node["server"]["drift"])
    found = ["the step %s is due. Run the playbook redis first." % ", ".join(other)] if other else []
    return found + (["the file of %s does not say what runs. Run the playbook redis first." % ", ".join(drift)] if drift else [])


def _verdicts(node):
    """The verdicts on the node's certificate, and on that of its pair for outgoing connections."""
    return [verdict for verdict in (node["certificate"], node.get("client_certificate")) if verdict]


def _expired(nodes, outlook, mode):
    """Files with a certificate that is not valid now: Redis would load it without a word, and every peer refuse it from then on."""
    restarting = {name for name, reasons in outlook["restarts"].items() if reasons}
    if mode == "none" or not (restarting or set(outlook["moves"]) - {"reopen"}):
        return []
    found = []
    for name, node in nodes.items():
        now = engine.now_of(node)
        for verdict in _verdicts(node):
            file = verdict["facts"]
            if not file or verdict["verdict"] == "issue" or file["not_before"] <= now < file["not_after"]:
                continue
            found.append("%s: the certificate in its file is valid from %s to %s, and it is %s there. It is not loaded: put a valid one "
                         "there, or have it replaced (redis_tls_renew: true)." % (name, file["not_before"], file["not_after"], now))
    return found


def _are(names):
    return "%s %s" % (", ".join(names), "is" if len(names) == 1 else "are")


def _have(names):
    return "%s %s" % (", ".join(names), "has" if len(names) == 1 else "have")


def _parameter_problems(servers):
    found = []
    for name, node in servers.items():
        live, config = node["live"], node["live"]["config"]
        if live.get("denied"):
            found.append("%s: commands that the steps take are denied to the user who is logged in, or have another name: %s. Give it the "
                         "rights (ACL SETUSER NAME %s), log in as another (redis_tls_username), or see redis_tls_renamed_commands." % (
                             name, ", ".join(live["denied"]), " ".join("+" + word for word in live["denied"])))
        unknown = sorted(key for key, value in node["parameters"].items()
                         if key not in config and value not in ("", engine.DEFAULTS.get(key)))
        if unknown:
            found.append("%s: %s %s has no TLS parameter %s. Leave it out, or upgrade%s." % (
                name, live["product"].capitalize(), live["version"], ", ".join(unknown),
                " (%s)" % MAPS_USERS if MAPPING in unknown else ""))
        if engine.number(node, "port") not in (0, node["port"]):
            found.append("%s: listens on port %s, and redis_tls_port is %s." % (name, config["port"], node["port"]))
        if engine.number(node, "tls-port") not in (0, node["secure_port"]):
            found.append("%s: has tls-port %s, and redis_tls_secure_port is %s." % (name, config["tls-port"], node["secure_port"]))
        announced = {"cluster-announce-port": (0, node["port"]), "cluster-announce-tls-port": (0, node["port"], node["secure_port"]),
                     "replica-announce-port": (0,)}
        odd = sorted(key for key, values in announced.items() if engine.number(node, key) not in values)
        if odd:
            found.append("%s: announces other ports than its own (%s). Deployments behind address translation are not changed." % (
                name, ", ".join(odd)))
        if engine.is_cluster(node) and node["secure_port"] == engine.bus_port(node):
            found.append("%s: redis_tls_secure_port is the port of its bus. Choose another." % name)
    kinds = {engine.is_cluster(node) for node in servers.values()}
    if len(kinds) > 1:
        found.append("some servers run in cluster mode and others do not. Run the play for one deployment at a time: -e cluster=GROUP.")
    return found


def _cluster_problems(servers, outlook):
    found = []
    clusters = {name: node["live"]["cluster"] for name, node in servers.items() if engine.is_cluster(node)}
    known = {cluster["me"] for cluster in clusters.values()}
    strangers = sorted({"%s:%d" % (other["host"], other["port"]) for cluster in clusters.values() for other in cluster["nodes"]
                        if other["id"] not in known})
    if strangers:
        found.append("the cluster has nodes that are not in this play: %s. The bus switches on all nodes together: add them to the "
                     "inventory group, run without --limit, or CLUSTER FORGET nodes that are gone." % ", ".join(strangers))
    lonely = [name for name, cluster in clusters.items() if not known <= {other["id"] for other in cluster["nodes"]}]
    if lonely:
        found.append("%s not know all others: these are several clusters. Run the play for one at a time." % ", ".join(lonely + ["do"]))
    if len(set(outlook["stages"].values())) > 1 or not outlook["moves"]:
        return found  # an interrupted change is finished, whatever the nodes say of each other meanwhile
    for name, cluster in clusters.items():
        found += ["%s. Restore the cluster first." % phrase for phrase in engine.cluster_problems(name, cluster)
                  if not (outlook["expired"] or any(node["server"]["drift"] for node in servers.values()))]
        if cluster["slots"] != SLOTS:
            found.append("%s: only %d of %d slots are assigned. Mend the cluster first." % (name, cluster["slots"], SLOTS))
        known = sum(other["master"] == cluster["me"] for other in cluster["nodes"])
        if servers[name]["live"]["replicas"] > known:
            found.append("%s: %d connections read its data as a replica does, and the cluster knows %d replicas of it. The others are no "
                         "nodes of the cluster, and plaintext ends for them too: look for them in CLIENT LIST (flags=S), and end them."
                         % (name, servers[name]["live"]["replicas"], known))
    return found


def _replication_problems(servers, outlook):
    found = []
    whole = len(set(outlook["stages"].values())) == 1 and not any(node["server"]["drift"] for node in servers.values())
    followers = {name: 0 for name in servers}
    for name, node in servers.items():
        master = node["live"]["master"]
        if not master:
            continue
        place = "%s:%d" % (master["host"], master["port"])
        leader = engine.master_of(node, servers)
        if leader is None:
            found.append("%s: replicates from %s, which is no server of this play. Add it to the inventory group, or its name there to "
                         "redis_tls_san_dns or redis_tls_san_ip." % (name, place))
        else:
            followers[leader] += 1
        if whole and outlook["moves"] and not master["link_up"] and not outlook["expired"]:
            found.append("%s: has no link to its master %s. Restore replication first." % (name, place))
    for name, count in followers.items():
        if servers[name]["live"]["replicas"] > count:
            found.append("%s: has %d replicas, of which %d are in this play. The others would be left behind when plaintext ends: add them "
                         "to the inventory group, and run without --limit." % (name, servers[name]["live"]["replicas"], count))
    return found


def _too_few_replicas(servers, outlook):
    """Masters that would refuse writes while a replica connects anew. The bus of a cluster has all of them do that at once."""
    found = []
    for name, node in servers.items():
        wanted, spare = engine.number(node, "min-replicas-to-write"), 0 if engine.is_cluster(node) else node["live"]["replicas"] - 1
        moves = {"link", "unlink"} if engine.is_cluster(node) else {"link", "unlink", "relink"}
        if node["live"]["role"] == engine.MASTERS and node["live"]["replicas"] and wanted > spare and moves.intersection(outlook["moves"]):
            found.append("%s: wants %d replicas for a write (min-replicas-to-write), and one connects anew meanwhile: writes would fail. "
                         "Lower it with CONFIG SET for this run." % (name, wanted))
    return found


def _sentinels_elsewhere(nodes, servers):
    """Sentinels of no host of this play: they say their number in the name of their connections (sentinel.c, sentinelSetClientName)."""
    known = {node["sentinel"]["id"][:8] for node in nodes.values() if node["sentinel"] and node["sentinel"].get("id")}
    seen = {(name, client["peer"].rpartition(":")[0]) for name, node in servers.items() for client in node["live"]["clients"]
            for number in [SENTINEL_NAME.match(client["name"])] if number and number.group(1) not in known}
    if not seen:
        return []
    watched, hosts = (", ".join(sorted(set(column))) for column in zip(*seen))
    return ["%s: watched by Sentinels that are not in this play (from %s). They would point replicas back to the plaintext port: add their "
            "hosts to the inventory group, with redis_tls_sentinel: true." % (watched, hosts)]


def _sentinel_problems(nodes, servers):
    found = []
    sentinels = {name: node for name, node in nodes.items() if node["sentinel"]}
    stopped = sorted(name for name, node in sentinels.items() if not node["sentinel"]["running"])
    found += ["%s: a failover is under way, or did not come to its end. Wait until it is over%s, and run this again." % (
        phrase, " (start first the Sentinels that do not run: %s)" % ", ".join(stopped) if stopped else "")
        for phrase in redis_sentinel.disagreement({name: node["sentinel"]["monitors"] for name, node in sentinels.items()}, servers)]
    for name, node in sentinels.items():
        for monitor in node["sentinel"]["monitors"]:
            if redis_sentinel.watched(monitor, servers) is None:
                place = (name, monitor["name"], monitor["host"], monitor["port"])
                found.append("%s: its Sentinel watches %s at %s:%d, which is no server of this play. A Sentinel is restarted with all it "
                             "watches: add those servers to the inventory group." % place)
            peers = node["sentinel"]["peers"].get(monitor["name"])
            if peers is not None and len(peers) > len(sentinels) - 1:
                found.append("%s: its Sentinel knows %d others for %s, and %d are in this play. One that stays in plaintext would point "
                             "replicas back: add all of them." % (name, len(peers), monitor["name"], len(sentinels) - 1))
    return found


def warnings(nodes, servers, outlook, mode):
    """What the operator should know and nothing forbids."""
    found = ["%s: %s" % (name, warning) for name, node in nodes.items() for verdict in _verdicts(node)
             for warning in verdict["warnings"]]
    if "listen" in outlook["moves"]:
        found += ["%s: it could not be looked into whether this server was built with TLS. One that was not would die of being given a TLS "
                  "port: make sure, or run as root (become: true)" % name for name, node in servers.items()
                  if node["server"].get("has_tls", True) is None]
    if mode != "none":
        found += ["%s: clients need no certificate, and certificates are mapped to ACL users: a user without a password (nopass) is open "
                  "to whoever shows none. Give each a password, or set redis_tls_client_certificates: required" % name
                  for name, node in servers.items() if node["parameters"].get(MAPPING, "off") != "off"
                  and node["parameters"].get("tls-auth-clients") != "yes"]
    if "close" in outlook["moves"]:
        found += _turned_away(servers)
    if any(node["sentinel"] for node in nodes.values()) and {"link", "unlink"}.intersection(outlook["moves"]):
        spoken = "plaintext" if mode == "none" else "TLS"
        found.append("there is no automatic failover while the Sentinels are stopped (some seconds), and from then on they tell clients "
                     "the %s port of the master: clients that ask them have to speak %s" % (spoken, spoken))
    for name, node in servers.items():
        timeout = engine.number(node, "cluster-node-timeout") if engine.is_cluster(node) else 0
        if {"link", "unlink"}.intersection(outlook["moves"]) and 0 < timeout < 2000:
            found.append("%s: cluster-node-timeout is %d ms; the switch of the bus has to be over in less" % (name, timeout))
    return found


def _turned_away(servers):
    found = []
    for name, node in servers.items():
        peers = {}
        for client in node["live"]["clients"]:
            if client["local"].endswith(":%d" % node["port"]):
                who = (client["peer"].rpartition(":")[0], client["user"] or "?", client["name"] or "no name")
                peers[who] = peers.get(who, 0) + 1
        found += ["%s: %d plaintext connection%s of %s (user %s, %s) will be ended" % (name, count, "" if count == 1 else "s", *who)
                  for who, count in sorted(peers.items())]
    return found
