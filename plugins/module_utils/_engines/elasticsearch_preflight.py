# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What speaks against a change of a cluster, all of it at once and each with what to do; and what the operator should know. Pure."""

from __future__ import annotations

from typing import NamedTuple

from ansible_collections.interlock.cluster.plugins.module_utils._engines import elasticsearch as engine
from ansible_collections.interlock.cluster.plugins.module_utils._engines import preflight
from ansible_collections.interlock.cluster.plugins.module_utils._stores.elasticsearch_keystore import KeystoreError, format_for

ROLE = "elasticsearch_tls"
RECENT = 24 * 3600  # seconds


class Outlook(NamedTuple):
    """What the plan comes to. kind: see KINDS; mixed: nodes are brought into a cluster that speaks TLS already; resume: an interrupted
    change is finished; before: what has to be as it was afterwards; one_by_one: the hosts that a rolling restart restarts."""

    kind: str
    mixed: bool
    resume: bool
    before: dict
    store_password: bool
    one_by_one: tuple = ()


CUT_OFF = {
    "certificate": "A change of issuer or trust on a node that speaks TLS would cut it off from the others; it takes a rotation of the CA.",
    "HTTP certificate": "A change of issuer or trust would cut off the clients. It takes a rotation of the CA, or, when all clients trust "
                        "the new one, elasticsearch_tls_http_replace.",
}


def layers(node):
    """(what it is called, the certificate that its process serves, the verdict) of every layer of a node that is ours."""
    found = [("certificate", node["live"]["served"], node["certificate"])]
    return found + [("HTTP certificate", node["live"]["http_served"], node["http"]["certificate"])] if node["http"] else found


def problems(nodes, outlook, options):
    """Everything that forbids the plan, each with what to do. A node's own problems count even when nothing is due."""
    found = ["%s: %s" % (host, problem) for host, node in nodes.items() for problem in node["problems"]]
    found += ["%s: %s: %s. %s" % (host, layer, "; ".join(certificate["reasons"]), CUT_OFF[layer])
              for host, node in nodes.items() for layer, _served, certificate in layers(node) if certificate["verdict"] == "refuse"]
    if outlook.kind == "none":
        return found
    found += _version_problems(nodes)
    found += preflight.names(nodes) + _seed_problems(nodes, options)
    found += _password_problems(options) if outlook.store_password else []
    found += _rehearsal_problems(nodes) if options.rehearse else []
    found += preflight.clocks(nodes, options.clock_tolerance, ROLE) + preflight.space(nodes)
    if outlook.kind == "full":
        found += _membership_problems(nodes, outlook) + _full_restart_problems(options)
    if outlook.kind == "rolling" and options.restart == "never":
        found.append("a rolling restart is due, and elasticsearch_tls_restart is never. Set it to auto when nodes may be restarted.")
    if outlook.kind in ("rolling", "full") and not outlook.mixed and not outlook.resume:
        found += _liveness_problems(nodes, outlook)
        # One that is down cannot be reached, and is a problem of its own.
        found += preflight.reachability(nodes) if all(node["live"]["running"] for node in nodes.values()) else []
        # All of them at once find each other as long as one knows where the others are.
        together = [] if outlook.kind == "rolling" or any(node["finds_others"] for node in nodes.values()) else nodes
        found += preflight.loners(nodes, outlook.one_by_one or together, "elasticsearch.yml")
        found += preflight.health(nodes, outlook.before, options.allow_yellow, ROLE)
    return found


def _version_problems(nodes):
    found = []
    for host, node in nodes.items():
        if node["version"] is None:
            found.append("%s: its version cannot be told. Set elasticsearch_tls_home to where Elasticsearch is installed." % host)
        elif not engine.is_supported(node["version"]):
            found.append("%s: Elasticsearch %s is not supported. 7.17, 8.x and 9.x are." % (host, node["version"]))
    return found


def _seed_problems(nodes, options):
    if options.verification_mode != "full":
        return []
    # A seed that serves TLS already is a member outside of this play, which the node is about to join.
    considered = {seed for node in nodes.values() for seed in node["seed_hosts"]
                  if not any(peer["speaks_tls"] and engine.host_of(address) == seed for address, peer in node["peers"].items())}
    return preflight.seeds(nodes, considered, ROLE)


def _rehearsal_problems(nodes):
    encrypted = [host for host, node in nodes.items() if node["live"]["transport_tls"]]
    found = ["there is nothing to rehearse where TLS is spoken already: %s. Unset elasticsearch_tls_rehearse." % ", ".join(encrypted)]
    return found[:len(encrypted)] + [
        "%s: security is not switched off, so TLS cannot be rehearsed while it speaks plaintext. Unset elasticsearch_tls_rehearse." % host
        for host, node in nodes.items() if not node["live"]["transport_tls"] and node["live"]["security"]]


def _membership_problems(nodes, outlook):
    strangers = sorted(set(outlook.before["members"]) - {node["name"] for node in nodes.values()})
    if not strangers or outlook.mixed and not outlook.resume:
        return []  # a node that joins an encrypted cluster needs no other one in the play
    return ["the cluster has nodes that are not in this play: %s. A full-cluster restart needs every node: add them to the inventory "
            "group, and run without --limit, serial or a job slice." % ", ".join(strangers)]


def _full_restart_problems(options):
    if options.restart in ("auto", "full"):
        return []
    return ["a full-cluster restart is due, and elasticsearch_tls_restart is %s. Plain and encrypted nodes cannot form one cluster: "
            "set it to auto when the restart may happen." % options.restart]


def _password_problems(options):
    if not options.password_length:
        return ["elasticsearch_tls_elastic_password is not set. With security switched on nobody could log in: give the password that "
                "the user elastic is to have."]
    if options.password_length < engine.SHORTEST_PASSWORD:
        return ["elasticsearch_tls_elastic_password has %d characters; Elasticsearch wants at least %d."
                % (options.password_length, engine.SHORTEST_PASSWORD)]
    return []


def _liveness_problems(nodes, outlook):
    found = []
    members = outlook.before["members"]
    for host, node in nodes.items():
        live = node["live"]
        ports = ", ".join(map(str, live["listening"])) or "nothing this user may see"
        if not live["running"]:
            found.append("%s: is not running. Start it, so that it is known to be able to, or take it out of the play." % host)
        elif live["denied"]:
            found.append("%s: refuses the user elastic with the given password. Correct elasticsearch_tls_elastic_password." % host)
        elif live["members"] is None:
            remedy = ("Give the CA of its certificate in elasticsearch_tls_http_trusted" if live["scheme"] == "https"
                      else "Check elasticsearch_tls_http_port (it listens on %s)" % ports)
            found.append("%s: its HTTP layer does not tell about the cluster (%s). %s."
                         % (host, live["unreachable"] or "no answer", remedy))
        elif live["transport_tls"] is None:
            found.append("%s: its transport layer cannot be reached at %s. Check elasticsearch_tls_transport_port (it listens on %s)."
                         % (host, live["transport_host"], ports))
        elif sorted(live["members"]) != members:
            found.append("%s: sees other cluster members (%s) than the first host does (%s). Let the cluster settle, or mend its split "
                         "first." % (host, ", ".join(sorted(live["members"])), ", ".join(members)))
        found += preflight.duplicates(host, live)
    return found


def warnings(nodes, outlook, options):
    """What the operator should know and nothing forbids."""
    found = ["%s: %s" % (host, warning) for host, node in nodes.items() for warning in node["warnings"] + node["certificate"]["warnings"]]
    found += ["%s: HTTP layer: %s" % (host, warning) for host, node in nodes.items() if node["http"]
              for warning in node["http"]["certificate"]["warnings"]]
    if outlook.kind == "none":
        return found + ["%s: is not running" % host for host, node in nodes.items() if not node["live"]["running"]]
    if any(node["switching_security_on"] for node in nodes.values()) and not options.rehearse:
        found += _who_is_turned_away(nodes)
    elif outlook.kind in ("rolling", "full") and not options.rehearse:
        found += _who_has_to_speak_https(nodes)
    if outlook.kind in ("rolling", "full") and not outlook.resume and not outlook.mixed:
        found += _old_snapshots(nodes, options)
    return found + _old_keystores(nodes)


def _old_snapshots(nodes, options):
    """A warning only: whether a snapshot is wanted is the operator's to know."""
    latest = max((node["live"]["last_snapshot"] or 0 for node in nodes.values()), default=0)
    if options.now is None or options.now - latest < RECENT:
        return []
    return ["no snapshot of the last 24 hours was found (%s). Take one first if these data cannot be had again."
            % ("the latest began %d hours ago" % ((options.now - latest) // 3600) if latest else "there is none")]


def _who_is_turned_away(nodes):
    clients = {(client["agent"], client["address"]) for node in nodes.values() for client in node["live"]["clients"]}
    remotes = {remote["name"]: remote for node in nodes.values() for remote in node["live"]["remotes"]}
    found = ["the client %s at %s is connected without credentials and will be turned away" % client for client in sorted(clients)]
    if any(node["http"] and node["live"]["scheme"] == "http" for node in nodes.values()):
        found.append("the HTTP layer speaks https afterwards: clients need https in their URLs, and the CA to trust")
    return found + ["the remote cluster %s is %s and will be cut off until it trusts this cluster's CA"
                    % (name, "connected" if remotes[name]["connected"] else "configured") for name in sorted(remotes)]


def _who_has_to_speak_https(nodes):
    """The clients of nodes whose HTTP layer is about to be encrypted: each node speaks https from its own restart on."""
    switched = [node for node in nodes.values() if node["http"] and node["live"]["scheme"] == "http"]
    clients = {(client["agent"], client["address"]) for node in switched for client in node["live"]["clients"]}
    return ["the client %s at %s speaks http, and has to speak https and trust the CA from the restart of each node on" % client
            for client in sorted(clients)]


def _old_keystores(nodes):
    found = []
    for host, node in nodes.items():
        keystore, due = node["keystore"], _format_for(node["version"])
        if keystore and keystore["existed"] and due and keystore["format"] < due:
            found.append("%s: elasticsearch.keystore has format %d and the node rewrites it in format %d at its next start, for which it "
                         "must be able to write its configuration directory" % (host, keystore["format"], due))
    return found


def _format_for(version):
    try:
        return format_for(version) if version else None
    except KeystoreError:
        return None
