# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A CA whose key is elsewhere: it is kept like any other, and nothing can be issued with it."""

from __future__ import annotations

import os

import pytest
from ansible_collections.interlock.cluster.plugins.module_utils._ansible.ca_adoption import AdoptionError
from ansible_collections.interlock.cluster.plugins.module_utils._ansible.ca_directory import CaDirectory, CaDirectoryError
from ansible_collections.interlock.cluster.plugins.module_utils._ansible.ca_lifecycle import Clock, LifecycleError, Wishes, ensure
from ansible_collections.interlock.cluster.plugins.module_utils._ansible.ca_results import report, results
from ansible_collections.interlock.cluster.plugins.module_utils._pki.authority import AuthorityError
from ansible_collections.interlock.cluster.plugins.module_utils._stores import pem


@pytest.fixture
def directory(tmp_path):
    return CaDirectory(str(tmp_path / "ca"))


@pytest.fixture
def clock(certificates):
    return Clock(certificates.now, os.urandom)


@pytest.fixture(scope="module")
def company(certificates):
    """(the suboptions of adopt, intermediate, root)."""
    _key, intermediate, root = certificates.chained()
    content = pem.dump_certificates([intermediate]).decode()
    return {"certificate_content": content, "chain_content": pem.dump_certificates([root]).decode(), "external": True}, intermediate, root


def test_it_is_kept_without_a_key_or_a_passphrase_and_changes_nothing_again(directory, clock, company):
    adopt, intermediate, root = company
    predicted = ensure(directory, Wishes(adopt=adopt), True, clock)
    assert predicted.changed and not directory.exists()
    outcome = ensure(directory, Wishes(adopt=adopt), False, clock)
    assert (outcome.action, outcome.authority.certificate, outcome.authority.chain, outcome.authority.key) == ("adopted", intermediate, (root,), None)
    assert "is a member of this cluster" in outcome.warnings[0]
    assert sorted(os.listdir(os.path.join(directory.path, "generation-1"))) == ["ca.crt", "chain.pem", "origin"]
    for wishes in (Wishes(adopt=adopt), Wishes()):
        assert not ensure(directory, wishes, False, clock).changed
    assert results(directory, ensure(directory, Wishes(), False, clock), clock.now)["chain"] == [pem.dump_certificates([root]).decode()]


def test_what_ca_info_says_of_it(directory, clock, company):
    ensure(directory, Wishes(adopt=company[0]), False, clock)
    found = report(directory, "some passphrase", clock.now)
    assert (found["exists"], found["external"], found["key_opens"], found["problems"]) == (True, True, None, [])
    assert [(generation["origin"], generation["key_encrypted"]) for generation in found["generations"]] == [("external", None)]


def test_nothing_can_be_issued_with_it(directory, clock, company):
    ensure(directory, Wishes(adopt=company[0]), False, clock)
    with pytest.raises(CaDirectoryError, match="signed elsewhere"):
        directory.load("some passphrase", clock.now)


def test_a_generation_that_lost_its_key_is_no_external_one(directory, clock, certificates):
    directory.add(certificates.authority(), "a passphrase of the CA", "created", clock.now)
    os.unlink(directory.file(1, "ca.key"))
    assert directory.generations() == []


@pytest.mark.parametrize("changed", [{"private_key_content": "x"}, {"pkcs12_content": "x"}, {"certificate_content": None}])
def test_it_is_described_by_its_certificate_alone(directory, clock, company, changed):
    with pytest.raises(AdoptionError, match="by its certificate alone"):
        ensure(directory, Wishes(adopt=dict(company[0], **changed)), False, clock)


def test_what_is_no_ca_or_has_expired_is_refused(directory, clock, certificates):
    leaf = pem.dump_certificates([certificates.issue(certificates.authority()).certificate]).decode()
    with pytest.raises(AuthorityError, match="not a CA's"):
        ensure(directory, Wishes(adopt={"certificate_content": leaf, "external": True}), False, clock)
    old = certificates.authority(days=1, now=certificates.now.replace(year=2020))
    with pytest.raises(AuthorityError, match="expired"):
        ensure(directory, Wishes(adopt={"certificate_content": pem.dump_certificates([old.certificate]).decode(), "external": True}), False, clock)


def test_another_one_beside_it_is_refused(directory, clock, company, certificates):
    ensure(directory, Wishes(adopt=company[0]), False, clock)
    other = pem.dump_certificates([certificates.authority("CN=other").certificate]).decode()
    with pytest.raises(LifecycleError, match="cannot be adopted beside it"):
        ensure(directory, Wishes(adopt={"certificate_content": other, "external": True}), False, clock)
