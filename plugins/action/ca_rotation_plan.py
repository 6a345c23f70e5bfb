# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.interlock.cluster.plugins.module_utils._errors import InterlockError
from ansible_collections.interlock.cluster.plugins.module_utils._pki import rotation
from ansible_collections.interlock.cluster.plugins.module_utils._stores import pem
from ansible_collections.interlock.cluster.plugins.plugin_utils._action import InterlockAction


class ActionModule(InterlockAction):
    """Decide which step of a CA's rotation is next and show why. Runs in the control process only and fails on nothing it finds."""

    ARGUMENTS = dict(
        ca=dict(type="dict", required=True),
        nodes=dict(type="dict", required=True),
        begin=dict(type="bool", default=False),
        abort=dict(type="bool", default=False),
        until=dict(type="str", choices=["begin", "trust", "leaf", "drop", "retire"], default="retire"),
        excluded=dict(type="list", elements="str", default=[]),
        trust_inventory=dict(type="bool", default=False),
    )
    _requires_connection = False

    def perform(self, options):
        strategy = self._task.get_play().strategy
        if strategy != "linear":
            raise InterlockError("the strategy of this play is %s" % strategy,
                                 remedy="The rotation of a CA needs its nodes in step: use the linear strategy.")
        plan = plan_of(options)
        lines = report(plan, options)
        self._display.display("\n".join(lines), color="yellow" if plan["problems"] else None)
        return {"changed": False, "plan": plan, "report": lines}


def plan_of(options):
    """The plan as plain data: see ca_rotation_plan, RETURN."""
    ca, nodes = options["ca"], options["nodes"]
    directories = sorted({node["directory"] for node in nodes.values() if node.get("directory")})
    if len(directories) > 1:
        return _nothing(nodes, "the hosts have CAs of their own (%s). Run the playbook for one cluster at a time: -e cluster=GROUP"
                        % ", ".join(directories))
    if not ca.get("exists"):
        return _nothing(nodes, "the CA: %s" % (
            ca.get("msg") or "; ".join(ca.get("problems") or ()) or "there is no CA yet. Secure the cluster first."))
    authorities = authorities_of(ca)
    known = {entry["facts"]["sha256"]: entry["generation"] for entry in ca["generations"]}
    seen = {host: node_of(host, node, known) for host, node in nodes.items()}
    wishes = rotation.Wishes(options["begin"], options["abort"], options["until"], tuple(options["excluded"]), options["trust_inventory"])
    decision = rotation.decide(authorities, seen, members_of(nodes), wishes)
    certificates = dict(zip(authorities.live, ca["certificates"]))
    problems = ["the CA: %s" % problem for problem in ca_problems(ca, decision)] + list(decision.problems)
    return {
        "step": decision.step, "stopped": decision.stopped, "target": decision.target, "leaving": decision.leaving,
        "same_key": authorities.same_key, "problems": problems,
        "trusted": [certificates[number] for number in decision.trusted],
        "nodes": {host: {"due": host in decision.due, "why": decision.due.get(host)} for host in nodes},
        "proof": _proof(rotation.wanted_of(decision, authorities.same_key)),
    }


def authorities_of(ca):
    """rotation.Authorities of a ca_info result."""
    live = tuple(entry["generation"] for entry in ca["generations"])
    certificates = [pem.load_certificates(text.encode("utf-8"), "the CA")[0] for text in ca["certificates"]]
    return rotation.Authorities(live, ca["generation"], len(live) > 1 and rotation.renews(certificates[-1], certificates[0]))


def ca_problems(ca, decision):
    """What the CA directory itself has against a rotation; that a CA which goes has expired is no matter."""
    expired = ["has expired: nothing it issues is accepted" for entry in ca["generations"]
               if entry["generation"] == decision.target and decision.leaving is not None and entry.get("expired")]
    ours = [problem for problem in ca["problems"] if "expired on" not in problem]
    many = ["holds %d generations. Archive what is not in use." % len(ca["generations"])] if len(ca["generations"]) > 2 else []
    return ours + many + expired


def node_of(host, node, known):
    """rotation.Node of what the role of its engine told and the handshakes showed."""
    state = node.get("state")
    problems = list(node.get("problems") or ())
    if state is None:
        problems.append(node.get("error") or "was not looked at")
        return rotation.Node(node.get("name") or host, problems=tuple(problems))
    if not state["speaks_tls"]:
        problems.append("does not speak TLS (%s). Secure the cluster, or start the node, first."
                        % (state["error"] or ("plaintext" if state["reachable"] else "unreachable")))
    trusted = node.get("trusted")
    if trusted is not None:
        problems += ["its truststore holds %s, which is no CA of this directory. Take it out, or adopt it." % certificate["subject"]
                     for certificate in trusted if certificate["sha256"] not in known]
        trusted = frozenset(known[certificate["sha256"]] for certificate in trusted if certificate["sha256"] in known)
    accepts = {entry["generation"]: entry["accepted"] for entry in state["accepts"]}
    if not node.get("asks_clients", True):
        # It takes everybody, whatever it trusts; what it would trust if it asked is what its files say.
        accepts = {number: number in (trusted or ()) for number in accepts}
    return rotation.Node(node["name"], state["generation"], accepts, trusted, tuple(problems), state["serves_other"])


def members_of(nodes):
    """The names of everybody whom any node has in its cluster, None when no node tells."""
    told = [node["members"] for node in nodes.values() if node.get("members") is not None]
    return sorted({name for members in told for name in members}) if told else None


def report(plan, options):
    """The plan as lines for an operator."""
    words = rotation.WORDS[plan["step"]]
    if plan["same_key"] and plan["step"] == "leaf":
        words = "every node serves a certificate under the renewed CA"
    ways = "" if plan["leaving"] is None else " (from generation %s to %s)" % (plan["leaving"], plan["target"])
    lines = ["Rotation of the CA: %s%s" % (words, ways)]
    if plan["step"] == "none" and not plan["problems"]:
        lines.append("  no rotation is under way, and none was asked for (ca_rotation_begin)")
    if plan["stopped"]:
        lines.append("  not now: this run goes until %s" % options["until"])
    for host, item in plan["nodes"].items():
        lines.append("  %s: %s" % (host, item["why"] or "is through"))
    return lines + ["  PROBLEM: %s" % problem for problem in plan["problems"]]


def _nothing(nodes, problem):
    """The plan when one problem forbids to decide on anything."""
    return {"step": "none", "problems": [problem], "target": None, "leaving": None, "trusted": [],
            "nodes": {host: {"due": False, "why": "was not judged"} for host in nodes}, "proof": _proof((None, (), ())), "stopped": False,
            "same_key": False}


def _proof(wanted):
    serves, accepts, refuses = wanted
    return {"serves": serves, "accepts": list(accepts), "refuses": list(refuses)}
