# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What speaks against a step of an OpenSearch cluster, all of it and each with what to do; and what the operator should know. Pure."""

from __future__ import annotations

from ansible_collections.interlock.cluster.plugins.module_utils._engines import opensearch as engine
from ansible_collections.interlock.cluster.plugins.module_utils._engines import preflight

ROLE = "opensearch_tls"
RESTARTS = ("rolling", "full")


def problems(nodes, step, before, options):
    """Everything that forbids the step, each with what to do. A node's own problems count even when nothing is due."""
    found = ["%s: %s" % (host, problem) for host, node in nodes.items() for problem in node["problems"]]
    if step.name in ("resume", "back"):
        return found
    if step.name != "together":
        found += [
            "%s: certificate: %s. A change of issuer or trust on a node that speaks TLS would cut it off from the others; it takes a "
            "rotation of the CA, or a full-cluster restart (opensearch_tls_restart: full)%s."
            % (host, "; ".join(node["certificate"]["reasons"]), ". It is the demo installer's" if node["demo"] else "")
            for host, node in nodes.items() if node["certificate"]["verdict"] == "refuse"]
        found += ["%s: is not running. Start it, so that it is known to be able to, or take it out of the play." % host
                  for host, node in nodes.items() if not node["live"]["running"] and host not in step.hosts and not _is_to_come(node, step)]
    if step.name == "none":
        return found
    found += _version_problems(nodes, step) + _name_problems(nodes, options) + preflight.clocks(
        nodes, options.clock_tolerance, ROLE) + preflight.space(nodes)
    if options.restart == "never" and step.how in RESTARTS:
        found.append("a restart is due, and opensearch_tls_restart is never. Set it to auto when nodes may be restarted.")
    if _will_know_users(step) and not options.password_length:
        found.append("opensearch_tls_admin_password is not set. With full security nobody could log in: give the password that the user "
                     "%s is to have." % options.wanted.get("admin_user", "admin"))
    found += _settings_problems(nodes, step) + _user_problems(nodes, step)
    if step.name != "join":
        found += _membership_problems(nodes, before, step) + _liveness_problems(nodes, before, step)
    if step.how in RESTARTS and step.name != "together":
        found += ["%s: trusts CAs that have expired (%s), and OpenSearch does not start with one. Finish the rotation of the CA "
                  "(the playbook rotate_ca), or set opensearch_tls_restart: full." % (host, ", ".join(node["expired_trust"]))
                  for host, node in nodes.items()
                  if host in step.hosts and node["expired_trust"] and node["certificate"]["verdict"] == "keep"]
    if step.how in RESTARTS and step.name != "join":
        found += preflight.reachability({host: node for host, node in nodes.items() if node["live"]["running"]})
        together = [] if any(node["finds_others"] for node in nodes.values()) else nodes
        found += preflight.loners(nodes, together if step.name == "together" else step.hosts, "opensearch.yml")
        found += preflight.health(nodes, before, options.allow_yellow, ROLE)
    if step.name == "strict":
        found += ["%s: has not been seen to speak TLS, so dual mode cannot be switched off. Run the playbook again when it does." % host
                  for host, node in nodes.items() if not node["live"]["transport_tls"]]
    return found


def _is_to_come(node, step):
    """Whether a node is outside of the cluster, whose nodes are told of it before it is brought in."""
    return step.name == "nodes_dn" and node["live"]["level"] in (None, "plain")


def _will_know_users(step):
    """Whether the cluster will ask who is there at the end: told before anything is changed."""
    return step.how in RESTARTS


def _version_problems(nodes, step):
    found = []
    for host, node in nodes.items():
        if node["version"] is None:
            found.append("%s: its version cannot be told. Set opensearch_tls_home to where OpenSearch is installed." % host)
        elif not engine.is_supported(node["version"]):
            found.append("%s: OpenSearch %s is not supported. 2.x and 3.x are." % (host, node["version"]))
        elif step.name in ("dual", "strict") and not engine.switches_dual_mode(node["version"]):
            found.append("%s: OpenSearch %s does not end dual mode by its cluster setting (2.14 to 2.17 do not), so nodes would go on "
                         "taking plaintext. Upgrade first, or set opensearch_tls_restart: full for one full-cluster restart."
                         % (host, node["version"]))
    return found


def _name_problems(nodes, options):
    found = preflight.names(nodes)
    admins = [host for host, node in nodes.items() if node["dn"] == options.wanted["admin_dn"]]
    if admins:
        found.append("%s: has the name of the administrator (%s). A node's certificate cannot be an admin's: set opensearch_tls_admin_name."
                     % (", ".join(admins), options.wanted["admin_dn"]))
    if options.hostname_verification:
        found += preflight.seeds(nodes, {seed for node in nodes.values() for seed in node["seed_hosts"]}, ROLE)
    return found


def _settings_problems(nodes, step):
    if not engine.DUAL <= step.level < engine.FULL:
        return []
    return ["%s: opensearch.yml has settings that the security plugin knows with full security only (%s), and a node does not start with "
            "them before. Put them with their values into opensearch_tls_settings: the run takes them out of the file and writes them "
            "again with full security." % (host, ", ".join(nodes[host]["unknown_before_full"]))
            for host in step.hosts if nodes[host]["unknown_before_full"]]


def _user_problems(nodes, step):
    """Told before anything is changed, and no more when the security index is made."""
    if step.how not in RESTARTS or "full" in [node["live"]["level"] for node in nodes.values()]:
        return []
    return ["%s: opensearch-security/internal_users.yml has users with passwords of the demo, which everybody knows (%s), beside others "
            "(%s), and the security index would be made of it. Remove the first from the file, or give them other passwords (hash.sh of "
            "the plugin makes the hashes)." % (host, ", ".join(node["demo_users"]), ", ".join(node["other_users"]))
            for host, node in nodes.items() if node["demo_users"] and node["other_users"]]


def _membership_problems(nodes, before, step):
    strangers = sorted(set(before["members"]) - {node["name"] for node in nodes.values()})
    if not strangers or step.name in ("certificates", "forget"):
        return []
    return ["the cluster has nodes that are not in this play: %s. Every node has to be seen to speak TLS, and has to know the names of all "
            "others: add them to the inventory group, and run without --limit, serial or a job slice." % ", ".join(strangers)]


def _liveness_problems(nodes, before, step):
    found = []
    for host, node in nodes.items():
        live = node["live"]
        if _is_to_come(node, step):
            continue
        ports = ", ".join(map(str, live["listening"])) or "nothing this user may see"
        if not live["running"]:
            if step.name == "together":
                found.append("%s: is not running. Start it, so that it is known to be able to, or take it out of the play." % host)
        elif live["denied"]:
            found.append("%s: refuses the given user and password. Correct opensearch_tls_admin_user and opensearch_tls_admin_password."
                         % host)
        elif live["members"] is None and "CERTIFICATE_VERIFY_FAILED" in (live["unreachable"] or ""):
            found.append("%s: its HTTP layer has a certificate that cannot be verified (%s). Where it is of another CA than that in "
                         "cluster_ca_directory, correct that; a cluster with full security by another CA cannot be taken over. Where "
                         "its names are wrong, give it one for the address of this host." % (host, live["unreachable"]))
        elif live["members"] is None:
            found.append("%s: its HTTP layer does not tell about the cluster (%s). Check opensearch_tls_http_port (it listens on %s)."
                         % (host, live["unreachable"] or "no answer", ports))
        elif live["transport_tls"] is None:
            found.append("%s: its transport layer cannot be reached at %s. Check opensearch_tls_transport_port (it listens on %s)."
                         % (host, live["transport_host"], ports))
        elif sorted(live["members"]) != sorted(before["members"]):
            found.append("%s: sees other cluster members (%s) than expected (%s). Let the cluster settle, or mend its split first."
                         % (host, ", ".join(sorted(live["members"])), ", ".join(before["members"])))
        found += preflight.duplicates(host, live)
    return found


def warnings(nodes, step, options):
    """What the operator should know and nothing forbids."""
    found = ["%s: %s" % (host, warning) for host, node in nodes.items() for warning in node["warnings"] + node["certificate"]["warnings"]]
    if step.name in ("dual", "together"):
        clients = {(client["agent"], client["address"]) for node in nodes.values() for client in node["live"]["clients"]}
        found += ["the client %s at %s speaks plaintext HTTP and will have to speak https and log in" % client
                  for client in sorted(clients)]
    if step.name in ("full", "together"):
        demo = [host for host, node in nodes.items() if node["demo_users"] and node["live"]["level"] != "full"]
        if demo:
            found.append("%s: opensearch-security/internal_users.yml has users of the demo, with passwords that everybody knows, and no "
                         "others. It is replaced by one without users" % ", ".join(demo))
    if any(node["demo_users"] and node["live"]["level"] == "full" for node in nodes.values()) and step.name == "none":
        found.append("internal_users.yml still has the users of the demo. What is in the security index counts: see that no user there "
                     "has a password of the demo")
    return found
