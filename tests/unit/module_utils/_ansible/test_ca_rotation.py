# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two generations in a CA directory: made, promoted, archived, each as often as one likes, and nothing ever lost."""

from __future__ import annotations

import datetime
import os

import pytest
from ansible_collections.interlock.cluster.plugins.module_utils._ansible import ca_rotation
from ansible_collections.interlock.cluster.plugins.module_utils._ansible.ca_directory import CaDirectory, CaDirectoryError
from ansible_collections.interlock.cluster.plugins.module_utils._ansible.ca_lifecycle import Clock, ensure
from ansible_collections.interlock.cluster.plugins.module_utils._ansible.ca_lifecycle import Wishes as CaWishes
from ansible_collections.interlock.cluster.plugins.module_utils._ansible.ca_rotation import RotationError, Wishes, prepare, promote, retire
from ansible_collections.interlock.cluster.plugins.module_utils._errors import InterlockError
from ansible_collections.interlock.cluster.plugins.module_utils._pki import keys, names, rotation
from ansible_collections.interlock.cluster.plugins.module_utils._stores import pem

PASSPHRASE = "correct horse battery"


@pytest.fixture
def clock(certificates):
    return Clock(certificates.now, os.urandom)


@pytest.fixture
def directory(tmp_path, certificates):
    made = CaDirectory(str(tmp_path / "ca"))
    made.add(certificates.authority(key_type="ec-p384", days=400), PASSPHRASE, "created", certificates.now)
    return made


def content(directory):
    """{relative path: bytes} of every file but the lock."""
    return {str(path.relative_to(directory)): path.read_bytes() for path in directory.rglob("*") if path.is_file() and path.name != ".lock"}


def test_a_rotation_from_its_beginning_to_its_end(directory, clock, tmp_path):
    old_key = (tmp_path / "ca/generation-1/ca.key").read_bytes()
    assert prepare(directory, Wishes(passphrase=PASSPHRASE), False, clock) == (2, True)
    assert (directory.generations(), directory.current()) == ([1, 2], 1)
    old, new = [entry.certificate for entry in directory.load_public()]
    assert names.text(new.subject) == "CN=logs CA G2" and keys.of_certificate(new) == "ec-p384" and not rotation.renews(new, old)
    assert directory.origin(2) == "created" and directory.key_encrypted(2)
    assert new.not_valid_after_utc - clock.now >= datetime.timedelta(days=400)
    assert prepare(directory, Wishes(passphrase=PASSPHRASE), False, clock) == (2, False)
    assert promote(directory, 2, False) is True and promote(directory, 2, False) is False
    assert directory.load(PASSPHRASE, clock.now).certificate == new
    assert retire(directory, 1, False, clock) is True and retire(directory, 1, False, clock) is False
    assert (directory.generations(), directory.current(), directory.problems()) == ([2], 2, [])
    (archived,) = (tmp_path / "ca/archive").iterdir()
    assert (archived / "ca.key").read_bytes() == old_key
    assert prepare(directory, Wishes(passphrase=PASSPHRASE), False, clock) == (3, True), "the number of an archived one is not used again"
    assert names.text(directory.load_public()[-1].certificate.subject) == "CN=logs CA G3"
    retire(directory, 3, False, clock)
    assert directory.next_number() == 4


def test_the_same_key_gets_another_certificate(directory, clock):
    assert prepare(directory, Wishes("same_key", PASSPHRASE, validity_days=5000), False, clock) == (2, True)
    old, new = [entry.certificate for entry in directory.load_public()]
    assert rotation.renews(new, old) and new.not_valid_after_utc > old.not_valid_after_utc and directory.origin(2) == "renewed"


def test_one_that_was_made_elsewhere(directory, clock, certificates):
    elsewhere = certificates.authority("CN=company CA")
    described = {"certificate_content": pem.dump_certificates([elsewhere.certificate]).decode(), "private_key_content": pem.dump_key(elsewhere.key).decode()}
    assert prepare(directory, Wishes("adopt", PASSPHRASE, adopt=described), False, clock) == (2, True)
    assert directory.load(PASSPHRASE, clock.now, 2).certificate == elsewhere.certificate and directory.origin(2) == "adopted"


def test_two_cas_of_one_name_are_refused(directory, clock, certificates):
    twin = certificates.authority()
    described = {"certificate_content": pem.dump_certificates([twin.certificate]).decode(), "private_key_content": pem.dump_key(twin.key).decode()}
    with pytest.raises(RotationError, match="give the new CA another subject"):
        prepare(directory, Wishes("adopt", PASSPHRASE, adopt=described), False, clock)
    assert directory.generations() == [1]


def test_wishes_for_the_next_one(directory, clock):
    prepare(directory, Wishes(passphrase=PASSPHRASE, subject="CN=next,O=Example", key_type="rsa-2048", validity_days=90), False, clock)
    new = directory.load_public()[-1].certificate
    assert (names.text(new.subject), keys.of_certificate(new)) == ("CN=next G2,O=Example", "rsa-2048")
    assert new.not_valid_after_utc == clock.now + datetime.timedelta(days=90)


@pytest.mark.parametrize("kind", ["new_key", "same_key"])
def test_an_expired_ca_can_be_replaced(directory, certificates, kind):
    later = Clock(certificates.now + datetime.timedelta(days=500), os.urandom)
    assert prepare(directory, Wishes(kind, PASSPHRASE), False, later) == (2, True)
    assert directory.load(PASSPHRASE, later.now, 2)


@pytest.mark.parametrize("kind", ["new_key", "same_key"])
def test_another_passphrase_would_make_a_directory_that_no_run_can_open(directory, clock, kind):
    with pytest.raises(pem.WrongPassphrase):
        prepare(directory, Wishes(kind, "another passphrase"), False, clock)
    assert directory.generations() == [1]


def test_check_mode_touches_nothing(directory, clock, tmp_path):
    before = content(tmp_path)
    assert prepare(directory, Wishes(passphrase=PASSPHRASE), True, clock) == (2, True)
    assert content(tmp_path) == before
    prepare(directory, Wishes(passphrase=PASSPHRASE), False, clock)
    before = content(tmp_path)
    assert promote(directory, 2, True) is True and retire(directory, 2, True, clock) is True
    assert content(tmp_path) == before


def test_what_is_refused(directory, clock, tmp_path):
    with pytest.raises(RotationError, match="no CA here that could be replaced"):
        prepare(CaDirectory(str(tmp_path / "none")), Wishes(passphrase=PASSPHRASE), False, clock)
    with pytest.raises(CaDirectoryError, match="there is no generation 7 here"):
        promote(directory, 7, False)
    with pytest.raises(CaDirectoryError, match="generation 1 issues and cannot be archived"):
        retire(directory, 1, False, clock)
    with pytest.raises(RotationError, match="no CA to adopt is described"):
        prepare(directory, Wishes("adopt", PASSPHRASE), False, clock)


def test_a_converge_lets_two_generations_be(directory, clock):
    prepare(directory, Wishes(passphrase=PASSPHRASE), False, clock)
    outcome = ensure(directory, CaWishes(PASSPHRASE), False, clock)
    assert (outcome.action, outcome.authority.generation) == ("loaded", 1)


def test_the_kinds_are_those_of_the_module():
    assert ca_rotation.KINDS == ("new_key", "same_key", "adopt")


@pytest.fixture
def keyless(tmp_path, certificates):
    """A directory with a CA whose key is elsewhere, as a takeover adopts the one of nodes that configured themselves."""
    made = CaDirectory(str(tmp_path / "keyless"))
    external = certificates.authority("CN=made by itself", days=36135)
    made.add(type(external)(None, external.certificate, (), 1), None, "external", certificates.now)
    return made


def test_a_ca_without_its_key_is_followed_by_one_with_a_key(keyless, clock):
    wishes = Wishes(passphrase=PASSPHRASE, subject="CN=orders CA", validity_days=3650)
    assert prepare(keyless, wishes, True, clock) == (2, True) and keyless.generations() == [1]
    assert prepare(keyless, wishes, False, clock) == (2, True)
    new = keyless.load(PASSPHRASE, clock.now, 2)
    assert names.text(new.certificate.subject) == "CN=orders CA G2" and (new.certificate.not_valid_after_utc - clock.now).days == 3650
    assert promote(keyless, 2, False) and retire(keyless, 1, False, clock) and keyless.problems() == []


@pytest.mark.parametrize("wishes, problem", [
    (Wishes("same_key", PASSPHRASE), "its certificate cannot be renewed here"),
    (Wishes(passphrase="too short"), "fewer than 12 characters"),
    (Wishes(), "no passphrase is given"),
])
def test_what_cannot_follow_a_ca_without_its_key(keyless, clock, wishes, problem):
    with pytest.raises(InterlockError, match=problem):
        prepare(keyless, wishes, False, clock)
    assert keyless.generations() == [1]
