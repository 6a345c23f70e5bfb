# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Redis and Valkey call things, the stages between plaintext and TLS, and the parameters of each. Pure.

A node is plain data: address, names (what others may call it), port and secure_port, parameters (the TLS parameters wanted of it) and
live (what redis_live.observe() told, None for a server that could not be asked).

The stages, from the parameters that the process has now; there is no saved progress:

    plain    no TLS port
    open     TLS port beside the plaintext port; replication and bus still in plaintext
    linked   replication and bus use TLS too: redis_tls_mode preferred
    closed   no plaintext port: redis_tls_mode required
"""

from __future__ import annotations

import datetime
import hashlib

PLAIN, OPEN, LINKED, CLOSED = range(4)
STAGE_NAMES = ("plain", "open", "linked", "closed")
MODES = {"none": PLAIN, "preferred": LINKED, "required": CLOSED}
BUS_OFFSET = 10000
MASTERS, REPLICAS = "master", "slave"

# Of a parameter that stands in no file this is what the process has.
DEFAULTS = {
    "port": "6379", "tls-port": "0", "tls-replication": "no", "tls-cluster": "no", "tls-auth-clients": "yes", "tls-cert-file": "",
    "tls-key-file": "", "tls-ca-cert-file": "", "tls-client-cert-file": "", "tls-client-key-file": "", "tls-protocols": "",
    "tls-ciphers": "", "tls-ciphersuites": "", "tls-prefer-server-ciphers": "no", "tls-auth-clients-user": "off",
    "tls-session-caching": "yes", "tls-session-cache-size": "20480", "tls-session-cache-timeout": "300", "tls-dh-params-file": "",
    "tls-ca-cert-dir": "",
    "cluster-announce-port": "0", "cluster-announce-tls-port": "0", "cluster-announce-bus-port": "0", "cluster-port": "0",
}
MATERIAL = ("tls-cert-file", "tls-key-file", "tls-ca-cert-file")
# The pair for the connections that replication and bus make, where there is one of its own
CLIENT_MATERIAL = ("tls-client-cert-file", "tls-client-key-file")
CLUSTER_ONLY = ("tls-cluster", "cluster-announce-port", "cluster-announce-tls-port", "cluster-announce-bus-port", "cluster-port")
# Mozilla's "intermediate" of TLS 1.2 without finite-field Diffie-Hellman; the names are OpenSSL's.
CIPHERS = ":".join(
    "ECDHE-%s-%s" % (key, cipher) for cipher in ("AES128-GCM-SHA256", "AES256-GCM-SHA384", "CHACHA20-POLY1305")
    for key in ("ECDSA", "RSA"))


def now_of(node):
    """A node's own clock as facts of certificates tell times."""
    return datetime.datetime.fromtimestamp(node["clock"], datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def serves_expired(node):
    """Whether a server serves a certificate that is not valid any more."""
    served = node["server"]["serves"]
    return bool(served) and served["certificate"]["not_after"] <= now_of(node)


def version_of(text):
    """A version as a tuple of numbers."""
    return tuple(int(part) for part in text.split(".")[:3] if part.isdigit())


def is_supported(product, version):
    """Whether a version has what a live change needs."""
    return version_of(version) >= ((7, 2) if product == "valkey" else (7, 0))


def announces_both(live):
    """Whether nodes tell each other of both ports, whatever the bus speaks: from 7.2 on.

    Then the switch of the bus changes no announced port, so that links of before stay, and replicas go on dialling the plaintext port:
    over TLS, once their link breaks, and in vain. So the TLS port is announced only when the bus has switched, see listen().
    """
    return version_of(live["version"]) >= (7, 2)


def hides_tls_port(node):
    """Whether a cluster node tells its peers that its TLS port is the plaintext one."""
    return is_cluster(node) and number(node, "cluster-announce-tls-port") == node["port"]


def is_cluster(node):
    """Whether a node runs in cluster mode."""
    return node["live"]["cluster"] is not None


def number(node, parameter):
    """A parameter that is a number, as the process has it."""
    return int(node["live"]["config"].get(parameter) or 0)


def stage(node, nodes):
    """The stage that a node is in. nodes: {name: node}, the whole cluster."""
    config = node["live"]["config"]
    if not number(node, "tls-port"):
        return PLAIN
    if config["tls-replication"] != "yes" or (is_cluster(node) and config["tls-cluster"] != "yes") or hides_tls_port(node):
        return OPEN
    if not is_cluster(node) and replicates_in(node, nodes, "port"):
        return OPEN
    return LINKED if number(node, "port") else CLOSED


def master_of(node, nodes):
    """The name of the node that a replica replicates from, None when it is not among the nodes."""
    master = node["live"]["master"]
    if not master:
        return None
    return next((name for name, other in nodes.items()
                 if master["host"] in other["names"] and master["port"] in (other["port"], other["secure_port"])), None)


def replicates_in(node, nodes, kind):
    """Whether a replica's link goes to the plaintext port ("port") or to the TLS port ("secure_port") of its master."""
    master = master_of(node, nodes)
    return master is not None and node["live"]["master"]["port"] == nodes[master][kind]


def repoint(node, nodes, kind):
    """[host, port] for REPLICAOF where a replica's link does not go to the port of that kind yet, else None.

    A cluster does it by itself.
    """
    master = master_of(node, nodes)
    if master is None or is_cluster(node) or replicates_in(node, nodes, kind):
        return None
    return [node["live"]["master"]["host"], nodes[master][kind]]


def bus_port(node):
    """Where the node's bus listens: opened once at start, whatever the ports are now."""
    announced, configured = number(node, "cluster-announce-bus-port"), number(node, "cluster-port")
    if configured or announced:
        return configured or announced
    mine = [other for other in node["live"]["cluster"]["nodes"] if "myself" in other["flags"]]
    return mine[0]["bus_port"] if mine and mine[0]["bus_port"] else number(node, "port") + BUS_OFFSET


def cluster_problems(name, cluster):
    """What a cluster node says is wrong with the cluster, as phrases."""
    found = [] if cluster["state"] == "ok" else ["%s says that the cluster is not ok" % name]
    for other in cluster["nodes"]:
        marks = {"fail", "fail?", "handshake", "noaddr"}.intersection(other["flags"])
        if marks or not (other["connected"] or "myself" in other["flags"]):
            found.append("%s sees %s:%d %s" % (name, other["host"], other["port"], ", ".join(sorted(marks)) or "disconnected"))
    return found


def broken_links(name, live):
    """What a server says is wrong with replication and cluster, as phrases."""
    found = []
    if live["role"] == REPLICAS and not live["master"]["link_up"]:
        found.append("%s has no link to its master %s:%s" % (name, live["master"]["host"], live["master"]["port"]))
    return found + (cluster_problems(name, live["cluster"]) if live["cluster"] else [])


def listen(node):
    """The parameters that make a node answer TLS beside plaintext, without those it has already.

    A cluster node announces TLS port + 10000 as its bus port as soon as the bus is switched, where nothing listens: the real one
    is announced before. Its TLS port is hidden behind the plaintext one until then: when it is announced at last, every peer takes it for
    a new address, dials the bus anew and has its replication follow.
    """
    wanted = dict(node["parameters"], **{"tls-port": str(node["secure_port"])})
    if is_cluster(node):
        wanted["cluster-announce-bus-port"] = str(bus_port(node))
        if announces_both(node["live"]) and node["live"]["config"]["tls-cluster"] != "yes":
            wanted["cluster-announce-tls-port"] = str(node["port"])
    return missing(node, wanted)


def text(value):
    """A value as it stands in a configuration file; YAML makes booleans and numbers of what has no quotes."""
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def default_user_with(password):
    """replace() for redis_conf.Conf.merged: the line of the default user, which counts more than requirepass, has this password alone.

    Redis writes such lines itself (CONFIG REWRITE, as after every failover of a Sentinel), with hashes (acl.c, ACLDescribeUser).
    """
    held = "#" + hashlib.sha256(password.encode("utf-8")).hexdigest()

    def replace(directive):
        if directive.name != "user" or directive.words[:1] != ["default"]:
            return directive.words
        return [word for word in directive.words if word not in ("nopass", "resetpass") and word[:1] not in "><#!"] + [held]

    return replace


def missing(node, wanted):
    """Those of the wanted parameters that the process does not have yet; what an older version does not know is left out."""
    config = node["live"]["config"]
    return {name: value for name, value in wanted.items()
            if config.get(name) != value and (name in config or value not in ("", DEFAULTS.get(name)))}


def material(node):
    """The parameters that make a process read its certificate, key and CA again: naming the same path does."""
    config = node["live"]["config"]
    found = {name: node["parameters"].get(name, config.get(name)) for name in MATERIAL + CLIENT_MATERIAL}
    return {name: value for name, value in found.items() if name in MATERIAL or value}


def client_pair(files, separate, *configs):
    """The parameters of the pair for outgoing connections, {} to leave them as they are. files: our own (certificate, key).

    configs: what the process, or the file of a Sentinel, has now. Without a pair of its own one that is ours goes; another stays.
    """
    if separate:
        return dict(zip(CLIENT_MATERIAL, files))
    ours = any((config or {}).get(CLIENT_MATERIAL[0]) == files[0] for config in configs)
    return dict.fromkeys(CLIENT_MATERIAL, "") if ours else {}


def together(certificate, client, loaded):
    """The verdict on a server's certificate beside the one on its pair for outgoing connections, None where it has none of its own.

    Which of these a process has loaded cannot be seen from outside. So where the pair is in use already both are made anew together, the
    server's first: a run that dies in between finds the pair still due, or the server's certificate not served.
    """
    if client is None or client["verdict"] != "issue" or not loaded or certificate["verdict"] in ("issue", "refuse"):
        return dict(certificate, together=False)
    reasons = ["the pair for outgoing connections is due: %s" % "; ".join(client["reasons"])]
    return dict(certificate, verdict="issue", reasons=certificate["reasons"] + reasons, together=True)


def links(node, tls):
    """The parameters of replication and bus. A node of no cluster has no bus."""
    value = "yes" if tls else "no"
    return missing(node, dict({"tls-replication": value}, **({"tls-cluster": value} if is_cluster(node) else {})))


def announce(node, tls):
    """What a cluster node tells clients of its ports. Its own entry is made anew only when one of these changes."""
    if not is_cluster(node):
        return {}
    hidden = node["port"] if announces_both(node["live"]) else 0
    return missing(node, {"cluster-announce-tls-port": str(node["secure_port"] if tls else hidden),
                          "cluster-announce-port": str(number(node, "port") if tls else 0)})


def close(node):
    """The parameters that end plaintext."""
    return missing(node, dict({"port": "0"}, **({"cluster-announce-port": "0"} if is_cluster(node) else {})))


def reopen(node):
    """The parameters that let plaintext in again."""
    port = str(node["port"])
    return missing(node, dict({"port": port}, **({"cluster-announce-port": port} if is_cluster(node) else {})))


def unlisten(node):
    """The parameters that end TLS."""
    wanted = {"tls-port": "0"}
    if is_cluster(node):
        wanted.update({"cluster-announce-tls-port": "0", "cluster-announce-port": "0"})
    return missing(node, wanted)


def to_persist(live, known):
    """{directive: [words], or None for one that must not stand there}: what a file must say for a restart to come up as the process is.

    known: {directive: [words]} of what the file says now. A default that stands nowhere is not written.
    """
    config = live["config"]
    wanted = {name: value for name, value in config.items() if name in DEFAULTS and name != "cluster-port"}
    if live["cluster"] is None:
        wanted = {name: value for name, value in wanted.items() if name not in CLUSTER_ONLY}
    elif config.get("tls-port", "0") != "0":
        # Without it a restart would open the bus on TLS port + 10000, and the node be cut off for ever.
        wanted["cluster-port"] = str(int(config["cluster-port"]) or int(config["cluster-announce-bus-port"]))
    settings = {name: [value] for name, value in sorted(wanted.items()) if known.get(name, [DEFAULTS[name]]) != [value]}
    if live["cluster"] is None:
        master = live["master"]
        words = [master["host"], str(master["port"])] if master else None
        if known.get("replicaof") != words and (words or [word.lower() for word in known["replicaof"]] != ["no", "one"]):
            settings["replicaof"] = words
    return settings
