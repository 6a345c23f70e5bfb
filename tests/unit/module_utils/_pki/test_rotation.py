# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rotation of a CA decided from what is seen: every combination of nodes, walked to its end, with no step before its barrier."""

from __future__ import annotations

import dataclasses
import itertools

import pytest
from ansible_collections.interlock.cluster.plugins.module_utils._ansible.ca_directory import Generation
from ansible_collections.interlock.cluster.plugins.module_utils._pki import authority, rotation
from ansible_collections.interlock.cluster.plugins.module_utils._pki.facts import fingerprint
from ansible_collections.interlock.cluster.plugins.module_utils._pki.rotation import Authorities, Node, Wishes, decide

OLD, NEW = 1, 2
STABLE, PREPARED, PROMOTED = Authorities((OLD,), OLD), Authorities((OLD, NEW), OLD), Authorities((OLD, NEW), NEW)
RENEWED = Authorities((OLD, NEW), OLD, same_key=True)


def node(served=OLD, memory=(OLD,), files=None, **also):
    """A node that serves and trusts; files: what its truststore holds, as its memory does when not given."""
    held = frozenset(memory if files is None else files)
    return Node(also.pop("name", "n"), served, {number: number in memory for number in (OLD, NEW)}, held, **also)


BOTH = (OLD, NEW)
UNTOUCHED, TRUSTING, SERVING, THROUGH = node(), node(OLD, BOTH), node(NEW, BOTH), node(NEW, (NEW,))
STAGES = {"untouched": UNTOUCHED, "trusting": TRUSTING, "serving": SERVING, "through": THROUGH}


def step_of(nodes, authorities=PREPARED, **wishes):
    seen = {"h%d" % at: dataclasses.replace(one, name="n%d" % at) for at, one in enumerate(nodes)}
    return decide(authorities, seen, sorted(one.name for one in seen.values()), Wishes(**wishes))


def is_due(decision):
    return sorted(int(host[1:]) for host in decision.due)


@pytest.mark.parametrize("nodes, step, due, trusted", [
    ((UNTOUCHED, UNTOUCHED), "trust", [0, 1], BOTH),
    ((UNTOUCHED, TRUSTING), "trust", [0], BOTH),
    ((TRUSTING, TRUSTING), "leaf", [0, 1], BOTH),
    ((TRUSTING, SERVING), "leaf", [0], BOTH),
    ((SERVING, SERVING), "drop", [0, 1], (NEW,)),
    ((SERVING, THROUGH), "drop", [0], (NEW,)),
    ((THROUGH, THROUGH), "retire", [], (NEW,)),
    # What a run that died, or a restored backup, leaves
    ((node(OLD, (OLD,), BOTH), TRUSTING), "trust", [0], BOTH),
    ((node(OLD, BOTH, (OLD,)), TRUSTING), "trust", [0], BOTH),
    ((node(NEW, (OLD, NEW), (NEW,)), THROUGH), "drop", [0], (NEW,)),
    ((node(NEW, (NEW,), BOTH), THROUGH), "drop", [0], (NEW,)),
    ((UNTOUCHED, SERVING), "trust", [0], BOTH),
    ((UNTOUCHED, THROUGH), "trust", [0, 1], BOTH),
    ((node(NEW, (OLD,)), TRUSTING), "trust", [0], BOTH),
])
def test_the_next_step(nodes, step, due, trusted):
    for authorities in (PREPARED, PROMOTED):
        decision = step_of(nodes, authorities)
        assert (decision.step, is_due(decision), decision.trusted, decision.target, decision.leaving) == (step, due, trusted, NEW, OLD)
        assert decision.problems == ()


@pytest.mark.parametrize("nodes, step, due, trusted", [
    ((UNTOUCHED, UNTOUCHED), "retire", [], (OLD,)),
    ((TRUSTING, UNTOUCHED), "drop", [0], (OLD,)),
    ((TRUSTING, SERVING), "leaf", [1], BOTH),
    ((SERVING, THROUGH), "trust", [1], BOTH),
    ((THROUGH, THROUGH), "trust", [0, 1], BOTH),
])
def test_the_way_back(nodes, step, due, trusted):
    for authorities in (PREPARED, PROMOTED):
        decision = step_of(nodes, authorities, abort=True)
        assert (decision.step, is_due(decision), decision.trusted, decision.target, decision.leaving) == (step, due, trusted, OLD, NEW)


def walk(nodes, abort, until_stage=None):
    """Make every step on one node at a time, as a hot reload does, and yield the nodes after each."""
    seen = list(nodes)
    for _turn in range(10):
        decision = step_of(seen, PREPARED, abort=abort)
        if decision.step == "retire":
            return
        assert decision.due, "a step that nobody is due for never ends"
        for at in is_due(decision):
            served = decision.target if decision.step == "leaf" else seen[at].served
            seen[at] = node(served, decision.trusted)
            yield decision.step, seen


def talk(one, other):
    """Whether two nodes can connect to each other in either direction."""
    return one.accepts[other.served] and other.accepts[one.served]


@pytest.mark.parametrize("abort", [False, True])
@pytest.mark.parametrize("stages", list(itertools.combinations_with_replacement(STAGES, 3)))
def test_nodes_that_can_talk_always_can_and_all_can_in_the_end(stages, abort):
    nodes = [STAGES[name] for name in stages]
    pairs = list(itertools.combinations(range(len(nodes)), 2))
    talking = {pair for pair in pairs if talk(nodes[pair[0]], nodes[pair[1]])}
    for _step, seen in walk(nodes, abort):
        now = {pair for pair in pairs if talk(seen[pair[0]], seen[pair[1]])}
        # Whom a foreign hand had cut off is brought back, and nobody is cut off on the way.
        assert talking <= now
        talking = now
        nodes = list(seen)
    assert talking == set(pairs)
    target = OLD if abort else NEW
    assert all(one.served == target and not one.accepts[NEW if abort else OLD] for one in nodes)


@pytest.mark.parametrize("unproved", [node(OLD, ()), Node("n", OLD, {OLD: True, NEW: None}, frozenset(BOTH)), Node("n", OLD, {}, None),
                                      node(None, BOTH)])
def test_what_could_not_be_proved_is_not_through(unproved):
    assert step_of((unproved, TRUSTING)).step in ("trust", "leaf") and step_of((unproved, THROUGH)).due
    maybe = Node("n", NEW, {OLD: None, NEW: True}, frozenset((NEW,)))
    assert (step_of((maybe, THROUGH)).step, is_due(step_of((maybe, THROUGH)))) == ("drop", [0])


def test_files_that_cannot_be_read_leave_it_to_the_handshakes():
    blind = [dataclasses.replace(one, trusted=None) for one in (TRUSTING, THROUGH)]
    assert step_of((blind[0], TRUSTING)).step == "leaf" and step_of((blind[1], THROUGH)).step == "retire"


@pytest.mark.parametrize("nodes, step, due", [
    ((node(OLD, BOTH, (OLD,)), node(OLD, BOTH, (OLD,))), "leaf", [0, 1]),
    ((node(OLD, BOTH, (OLD,)), node(NEW, BOTH, (NEW,))), "leaf", [0]),
    ((node(NEW, BOTH, BOTH), node(NEW, BOTH, (NEW,))), "leaf", [0]),
    ((node(NEW, BOTH, (NEW,)), node(NEW, BOTH, (NEW,))), "retire", []),
])
def test_a_renewed_ca_has_two_steps(nodes, step, due):
    decision = step_of(nodes, RENEWED)
    assert (decision.step, is_due(decision), decision.trusted) == (step, due, (NEW,))


@pytest.mark.parametrize("nodes, begin, step, problems", [
    ((UNTOUCHED,), False, "none", 0),
    ((UNTOUCHED,), True, "begin", 0),
    ((node(OLD, (OLD,), ()), UNTOUCHED), True, "begin", 1),
    ((node(None, (OLD,)),), True, "begin", 1),
])
def test_a_rotation_begins_only_when_asked_for_and_on_nodes_that_are_as_they_should_be(nodes, begin, step, problems):
    decision = step_of(nodes, STABLE, begin=begin)
    assert (decision.step, decision.leaving, decision.due, len(decision.problems)) == (step, None, {}, problems)
    assert step_of((UNTOUCHED,), PREPARED, begin=begin).step == "trust", "one that is under way is continued"


@pytest.mark.parametrize("until, stopped", [("begin", True), ("trust", True), ("leaf", False), ("drop", False), ("retire", False)])
def test_a_run_goes_as_far_as_it_is_told(until, stopped):
    assert step_of((TRUSTING,), until=until).stopped is stopped


@pytest.mark.parametrize("members, wishes, problem", [
    (["n1"], {}, None),
    (["n1", "n2", "n3"], {}, "n2, n3"),
    (["n1", "n2"], {"excluded": ("n2",)}, None),
    (["n1", "n2"], {"trust_inventory": True}, None),
    (None, {}, "no node tells"),
    (None, {"trust_inventory": True}, None),
])
def test_everybody_whom_the_cluster_has_must_be_here(members, wishes, problem):
    decision = decide(PREPARED, {"h1": node(name="n1")}, members, Wishes(**wishes))
    assert [problem in found for found in decision.problems] == ([True] if problem else [])


def test_what_stands_against_a_node_stands_against_the_step():
    decision = step_of((node(problems=("is not reachable",)), node(None, BOTH, serves_other="CN=other")))
    assert decision.problems == ("h0: is not reachable", "h1: serves a certificate of CN=other, which is no CA of this directory. Adopt that CA first.")


@pytest.mark.parametrize("nodes, wanted", [
    ((UNTOUCHED, TRUSTING), (None, BOTH, ())),
    ((TRUSTING, SERVING), (NEW, BOTH, ())),
    ((SERVING, THROUGH), (NEW, (NEW,), (OLD,))),
    ((THROUGH, THROUGH), (None, (), ())),
    # The one that is through refuses the old CA, rightly.
    ((node(NEW, (OLD,)), THROUGH), (None, (NEW,), ())),
])
def test_what_proves_a_step(nodes, wanted):
    assert rotation.wanted_of(step_of(nodes), False) == wanted


def test_what_proves_a_renewal():
    assert rotation.wanted_of(step_of((UNTOUCHED,), RENEWED), True) == (NEW, (NEW,), ())
    assert rotation.wanted_of(step_of((node(NEW, BOTH, (NEW,)),), RENEWED), True) == (None, (), ())


# Who issued a certificate

def test_who_issued_a_certificate(certificates):
    first = certificates.authority()
    renewed = authority.renew(first, 3650, 2, certificates.now, certificates.serial())
    other = certificates.authority(generation=3)
    kept = [Generation(one.generation, one.certificate, ()) for one in (first, renewed, other)]
    assert rotation.renews(renewed.certificate, first.certificate) and not rotation.renews(other.certificate, first.certificate)
    of_first, of_renewed, of_other = (certificates.issue(one).certificate for one in (first, renewed, other))
    assert rotation.generation_of(of_other, kept, {}) == 3
    assert rotation.generation_of(certificates.issue(certificates.authority("CN=foreign")).certificate, kept, {}) is None
    prints = {one: fingerprint(one.certificate) for one in (first, renewed)}
    for issued, one, number in ((of_first, first, 1), (of_renewed, renewed, 2)):
        assert rotation.generation_of(issued, kept, {fingerprint(issued): prints[one]}) == number
        assert rotation.generation_of(issued, kept, {}, ["nothing", prints[one]]) == number
    assert rotation.generation_of(of_renewed, kept, {}) == 1, "what cannot be told is the older one's, which is then replaced"


def test_a_renewed_ca_keeps_what_its_certificates_verify_by(certificates):
    from cryptography import x509

    old = certificates.authority(days=30)
    new = authority.renew(old, 3650, 2, certificates.now, certificates.serial())
    assert new.certificate.subject == old.certificate.subject and new.certificate.serial_number != old.certificate.serial_number
    same = [one.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value for one in (old, new)]
    assert same[0] == same[1]
    assert authority.issued_by(certificates.issue(old).certificate, new.certificate)
    assert authority.issued_by(certificates.issue(new).certificate, old.certificate)
    assert new.certificate.not_valid_after_utc > old.certificate.not_valid_after_utc
    key, intermediate, root = certificates.chained()
    with pytest.raises(authority.AuthorityError, match="is not self-signed"):
        authority.renew(authority.Authority(key, intermediate, (root,), 1), 10, 2, certificates.now, certificates.serial())
