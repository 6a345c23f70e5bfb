# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What speaks against a change of a cluster whatever its engine, each with what to do. Pure.

nodes: {host: verdicts}; role: the name of the engine's role, which its variables begin with.
"""

from __future__ import annotations

LEAST_FREE = 16 * 1024 * 1024  # bytes: far more than the stores need, and less is a sign of a disk that is about to be full

# Where a node looks for others that nothing tells it about (SettingsBasedSeedHostsProvider, TcpTransport.getDefaultSeedAddresses)
LOOKED_AT = {"%s:%d" % (address, port) for address in ("127.0.0.1", "[::1]") for port in range(9300, 9306)}


def names(nodes):
    """Node names that are used twice, and hosts of several clusters in one play."""
    found = []
    used = [node["name"] for node in nodes.values()]
    for name in sorted({name for name in used if used.count(name) > 1}):
        hosts = sorted(host for host, node in nodes.items() if node["name"] == name)
        found.append("%s: all have the node name %s. Give each a node.name of its own." % (", ".join(hosts), name))
    clusters = sorted({str(node["cluster_name"]) for node in nodes.values() if node["cluster_name"]})
    if len(clusters) > 1:
        found.append("the hosts belong to several clusters (%s). Run the play for one cluster at a time: -e cluster=GROUP."
                     % ", ".join(clusters))
    return found


def seeds(nodes, considered, role):
    """Seeds that the nodes dial, of those considered, for which no certificate would be good."""
    known = {name.lower() for node in nodes.values() for kind in ("dns", "ip") for name in node["san"][kind]}
    return ["discovery.seed_hosts names %s, which no certificate would cover where names are verified. Add it to %s_san_dns or %s_san_ip "
            "of its node." % (seed, role, role) for seed in sorted(considered) if seed.lower() not in known]


def clocks(nodes, tolerance, role):
    """Clocks by which a new certificate might not be valid yet."""
    return ["%s: its clock is %d seconds %s the clock of the control node, where certificates are issued (%d are tolerated). Set it right "
            "(NTP), or set %s_clock_tolerance."
            % (host, abs(node["clock_offset"]), "ahead of" if node["clock_offset"] > 0 else "behind", tolerance, role)
            for host, node in nodes.items() if abs(node["clock_offset"]) > tolerance]


def space(nodes):
    """Disks that are about to be full."""
    return ["%s: %d KiB are free on the file system of its configuration directory; at least %d are needed. Free some space."
            % (host, node["free_bytes"] // 1024, LEAST_FREE // 1024)
            for host, node in nodes.items() if node["free_bytes"] is not None and node["free_bytes"] < LEAST_FREE]


def duplicates(host, live):
    """Members of one name that a node sees."""
    return ["%s: sees two nodes of the name %s. Give each node a node.name of its own." % (host, name) for name in live["duplicates"]]


def reachability(nodes):
    """Members that cannot be reached from another, which would not find it again after a restart."""
    members = {member.get("address") for node in nodes.values() for member in (node["live"]["members"] or {}).values()}
    return ["%s: cannot reach the transport layer at %s (%s). Open the port between the nodes, or correct discovery.seed_hosts."
            % (host, address, peer["error"])
            for host, node in nodes.items()
            for address, peer in sorted(node["peers"].items()) if address in members and not peer["reachable"]]


def loners(nodes, hosts, settings_file):
    """Nodes that would stay alone after a restart: nothing tells them where the others are, and those are not where they look then."""
    found = []
    for host in hosts:
        node = nodes[host]
        others = sorted(member.get("address") or name for name, member in (node["live"]["members"] or {}).items() if name != node["name"])
        if not node["finds_others"] and not set(others) <= LOOKED_AT:
            found.append("%s: its %s does not tell where the other nodes are, so it would stay alone after its restart. Write this into it "
                         "first, no restart is needed for that: discovery.seed_hosts: [%s]"
                         % (host, settings_file, ", ".join('"%s"' % address for address in others)))
    return found


def health(nodes, before, allow_yellow, role):
    """A cluster that is not fit for the restart of a node."""
    found = []
    if before["health"] == "red" or (before["health"] == "yellow" and not allow_yellow):
        found.append("the cluster health is %s. Restore it to green first%s."
                     % (before["health"], "" if before["health"] == "red" else ", or set %s_allow_yellow: true" % role))
    relocating = max((node["live"]["relocating"] or 0 for node in nodes.values()), default=0)
    if relocating:
        found.append("%d shards are relocating. Wait until they have arrived." % relocating)
    return found
