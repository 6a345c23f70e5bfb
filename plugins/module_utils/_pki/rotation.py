# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The replacement of a CA while the cluster runs: which step is next, why, which node is due, and what stands against it. Pure.

    trust    every node trusts the new CA beside the old one
    leaf     every node serves a certificate of the new CA
    drop     every node refuses the old CA
    retire   the old CA goes into the archive of the CA directory

Nothing is remembered between two decisions: they follow from the CAs that are kept and from what every node shows, so that a run
that died is continued by the next one, whenever that is. A CA whose certificate is only renewed keeps its key and its name. Its
certificates, old and new, verify against either, so nothing has to be trusted beforehand and the steps are leaf and retire.

No engine is known here. A node is proved through a step by handshakes with its running process; its files have to agree, because
the process may be started anew from them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ansible_collections.interlock.cluster.plugins.module_utils._pki import authority, facts, keys

STEPS = ("begin", "trust", "leaf", "drop", "retire", "none")
WORDS = {
    "begin": "make the new CA",
    "trust": "phase 1 of 3, every node trusts both CAs",
    "leaf": "phase 2 of 3, every node serves a certificate of the new CA",
    "drop": "phase 3 of 3, the old CA is dropped",
    "retire": "archive the old CA",
    "none": "nothing to do",
}


@dataclass(frozen=True)
class Authorities:
    """The CAs of a cluster by their generations. live: those kept, ascending, the first first; current: the one that issues.

    same_key: the newer of two only renews the certificate of the older.
    """

    live: tuple
    current: int
    same_key: bool = False


@dataclass(frozen=True)
class Node:
    """What a node shows. Generations stand for CAs; None means that it could not be found out.

    name: in the live cluster; served: who issued the certificate that its process serves; accepts: {generation: whether its process
    takes a client with a certificate of it}; trusted: what its files trust; problems: what forbids to go on, as phrases;
    serves_other: the issuer's name where it is none of the CAs kept.
    """

    name: str
    served: int = None
    accepts: dict = field(default_factory=dict)
    trusted: frozenset = None
    problems: tuple = ()
    serves_other: str = None


@dataclass(frozen=True)
class Wishes:
    """What the operator asks for. begin: a new CA where nothing is under way; abort: back to the CA that was there before;

    until: the last step to make; excluded: names of nodes that get nothing any more; trust_inventory: do not ask who is a member.
    """

    begin: bool = False
    abort: bool = False
    until: str = "retire"
    excluded: tuple = ()
    trust_inventory: bool = False


@dataclass(frozen=True)
class Decision:
    """step: one of STEPS; target, leaving: generations, leaving None without a rotation; trusted: the generations whose CAs the due
    nodes get to trust; needed: those that every node has to trust; due: {host: why}; problems: what forbids the step; stopped: the
    step is beyond what was asked for.
    """

    step: str
    target: int
    leaving: int | None
    trusted: tuple
    needed: tuple
    due: dict
    problems: tuple
    stopped: bool = False


def decide(authorities, nodes, members, wishes):
    """The Decision about a cluster. nodes: {host: Node} without the excluded; members: names in the live cluster, None if unknown."""
    target, leaving = direction(authorities, wishes.abort)
    problems = _problems(nodes, members, wishes)
    if leaving is None:
        due = {host: why for host, node in nodes.items() for why in _reasons(_untrusting(node, (target,)), _serving_other(node, target))}
        step = "begin" if wishes.begin else "none"
        # The first rotation may not begin on a cluster that is not through with its own CA.
        problems += ["%s: %s" % (host, why) for host, why in due.items()] if wishes.begin else []
        return Decision(step, target, None, (target,), (target,), {}, tuple(problems))
    # Whoever serves a certificate has to be verified by everybody, and so has whoever will.
    needed = tuple(sorted({target} | {node.served for node in nodes.values() if node.served == leaving}))
    step, due, trusted = _next(authorities, nodes, target, leaving, needed)
    stopped = STEPS.index(step) > STEPS.index(wishes.until)
    return Decision(step, target, leaving, trusted, needed, due, tuple(problems), stopped)


def direction(authorities, abort):
    """(target, leaving): the generation that stays and the one that goes, None when there is only one."""
    if len(authorities.live) < 2:
        return authorities.current, None
    older, newer = authorities.live[0], authorities.live[-1]
    return (older, newer) if abort else (newer, older)


def wanted_of(decision, same_key):
    """What every node has to show to be through a step: (served generation or None, accepted, refused generations)."""
    target = decision.target
    if same_key:
        return (target, (target,), ()) if decision.step == "leaf" else (None, (), ())
    return {
        "trust": (None, decision.needed, ()),
        "leaf": (target, decision.needed, ()),
        "drop": (target, (target,), (decision.leaving,)),
    }.get(decision.step, (None, (), ()))


def _next(authorities, nodes, target, leaving, needed):
    """(step, {host: why it is due}, generations to trust): the first step that a node is not through."""
    if authorities.same_key:
        due = {host: why for host, node in nodes.items()
               for why in _reasons(_serving_other(node, target), _trusting_other(node, (target,)))}
        return ("leaf", due, (target,)) if due else ("retire", {}, (target,))
    both = tuple(sorted((target, leaving)))
    due = {host: why for host, node in nodes.items() for why in _reasons(_untrusting(node, needed))}
    if due:
        return "trust", due, both
    due = {host: why for host, node in nodes.items() for why in _reasons(_serving_other(node, target))}
    if due:
        return "leaf", due, both
    due = {host: why for host, node in nodes.items() for why in _reasons(_trusting_still(node, leaving))}
    return ("drop", due, (target,)) if due else ("retire", {}, (target,))


def _reasons(*found):
    """The first reason there is, as a list of one or none."""
    return [why for why in found if why][:1]


def _untrusting(node, needed):
    refused = [number for number in needed if node.accepts.get(number) is not True]
    if refused:
        return "its process does not accept certificates of %s yet" % _named(refused)
    lacking = [number for number in needed if node.trusted is not None and number not in node.trusted]
    return "its truststore lacks the CA of %s" % _named(lacking) if lacking else None


def _serving_other(node, target):
    if node.served == target:
        return None
    return "it serves a certificate of %s" % (node.serves_other or (_named([node.served]) if node.served else "nobody known"))


def _trusting_still(node, leaving):
    if node.accepts.get(leaving) is not False:
        return "its process still accepts certificates of %s" % _named([leaving])
    return "its truststore still holds the CA of %s" % _named([leaving]) if leaving in (node.trusted or ()) else None


def _trusting_other(node, wanted):
    if node.trusted is None or node.trusted == frozenset(wanted):
        return None
    return "its truststore does not hold exactly the CA of %s" % _named(wanted)


def _named(numbers):
    return " and ".join("generation %s" % number for number in sorted(numbers))


def _problems(nodes, members, wishes):
    found = ["%s: %s" % (host, problem) for host, node in nodes.items() for problem in node.problems]
    found += ["%s: serves a certificate of %s, which is no CA of this directory. Adopt that CA first." % (host, node.serves_other)
              for host, node in nodes.items() if node.serves_other]
    if wishes.trust_inventory:
        return found
    if members is None:
        return found + ["no node tells who the members of the cluster are. A node that is left out would be cut off: bring one to "
                        "answer, or say that the inventory is complete (ca_rotation_trust_inventory)."]
    known = {node.name for node in nodes.values()} | set(wishes.excluded)
    strangers = sorted(set(members) - known)
    if strangers:
        found.append("the cluster has nodes that are not in this play: %s. They would be cut off: add them to the inventory group, and "
                     "run without --limit and serial." % ", ".join(strangers))
    return found


# What certificates say

def renews(newer, older):
    """Whether a CA certificate is another one for the same key and name."""
    return newer.subject == older.subject and keys.matches(older.public_key(), newer)


def generation_of(certificate, generations, ledger, chain=()):
    """The number of the generation that issued a certificate, None when none did.

    generations: ca_directory.Generation, ascending; ledger: {sha256 of a leaf: sha256 of its CA certificate}; chain: the sha256 of
    the certificates served above it. The last two tell generations of one key from each other.
    """
    from_key = [entry for entry in generations if authority.issued_by(certificate, entry.certificate)]
    if len(from_key) < 2:
        return from_key[0].number if from_key else None
    named = {facts.fingerprint(entry.certificate): entry.number for entry in from_key}
    for print_ in (ledger.get(facts.fingerprint(certificate)), *chain):
        if print_ in named:
            return named[print_]
    return from_key[0].number
