# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import dataclasses
import datetime
import os

import pytest
from ansible_collections.interlock.cluster.plugins.module_utils._ansible import ca_lifecycle
from ansible_collections.interlock.cluster.plugins.module_utils._ansible.ca_directory import CaDirectory
from ansible_collections.interlock.cluster.plugins.module_utils._ansible.ca_lifecycle import Clock, Wishes, ensure
from ansible_collections.interlock.cluster.plugins.module_utils._errors import InterlockError
from ansible_collections.interlock.cluster.plugins.module_utils._pki import facts, keys
from ansible_collections.interlock.cluster.plugins.module_utils._stores import pem

PASSPHRASE = "correct horse"
FOREIGN = {"host": "es1", "how": "serves", "subject": "CN=es1", "issuer": "CN=lost CA", "sha256": "ab" * 32}
DAY = datetime.timedelta(days=1)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "logs"


@pytest.fixture
def directory(path):
    return CaDirectory(str(path))


@pytest.fixture
def clock(certificates):
    return Clock(certificates.now, os.urandom)


@pytest.fixture
def wishes():
    return Wishes(passphrase=PASSPHRASE)


@pytest.fixture
def source(tmp_path, certificates):
    """Suboptions that describe a CA made elsewhere, and that CA."""
    old = certificates.authority("CN=old CA", key_type="ec-p384", days=1095)
    (tmp_path / "old.crt").write_bytes(pem.dump_certificates([old.certificate]))
    (tmp_path / "old.key").write_bytes(pem.dump_key(old.key))
    return {"certificate": str(tmp_path / "old.crt"), "private_key": str(tmp_path / "old.key")}, old


def content(path):
    return {str(file): file.read_bytes() for file in path.rglob("*") if file.is_file()}


def test_a_ca_is_created_once(directory, wishes, clock, path):
    first = ensure(directory, wishes, False, clock)
    before = content(path)
    second = ensure(directory, wishes, False, clock)
    assert (first.action, first.changed, second.action, second.changed) == ("created", True, "loaded", False)
    assert first.authority.certificate == second.authority.certificate
    assert content(path) == before
    known = facts.certificate_facts(first.authority.certificate)
    assert (known["subject"], known["key_type"], known["not_after"]) == ("CN=logs CA", "ec-p256", "2036-05-29T12:00:00Z")
    assert first.warnings == second.warnings == []


def test_check_mode_predicts_and_writes_nothing(directory, wishes, clock, path):
    found = ensure(directory, wishes, True, clock)
    assert (found.action, found.changed, found.authority) == ("created", True, None)
    assert found.predicted == {"subject": "CN=logs CA", "key_type": "ec-p256", "validity_days": 3650}
    assert not path.exists()


@pytest.mark.parametrize(
    ("path", "subject"),
    [
        ("/etc/interlock/logs", "CN=logs CA"),
        ("/etc/a,b", "CN=a\\,b CA"),
        ("/" + "x" * 80, "CN=" + "x" * 61 + " CA"),
        ("/" + "ü" * 40, "CN=" + "ü" * 30 + " CA"),
        ("/", "CN=cluster CA"),
    ],
)
def test_the_default_subject(path, subject):
    assert ca_lifecycle.default_subject(path) == subject


@pytest.mark.parametrize("check_mode", [True, False])
@pytest.mark.parametrize(
    ("wish", "message"),
    [
        (dict(passphrase=None), "no passphrase is given for the CA's key"),
        (dict(passphrase=""), "no passphrase is given for the CA's key"),
        (dict(passphrase="elevenchars"), "has fewer than 12 characters"),
        (dict(passphrase="x" * 1024), "is too long"),
        (dict(subject="logs"), "the subject 'logs' cannot be read"),
        (dict(validity_days=0), "a validity of 0 days"),
        (dict(foreign_authorities=[FOREIGN]), "the cluster has one already: es1 serves a certificate issued by CN=lost CA"),
        (dict(adopt={"pkcs12": "/none.p12"}), "/none.p12: cannot be read"),
    ],
)
def test_what_is_refused_is_refused_in_check_mode_too_and_leaves_nothing(directory, wishes, clock, path, check_mode, wish, message):
    with pytest.raises(InterlockError) as caught:
        ensure(directory, dataclasses.replace(wishes, **wish), check_mode, clock)
    assert message in str(caught.value)
    assert not path.exists()


@pytest.mark.parametrize("passphrase", [None, "", "short"])
def test_a_weak_passphrase_is_taken_when_it_is_allowed(directory, clock, passphrase):
    wishes = Wishes(passphrase=passphrase, allow_weak_passphrase=True)
    ensure(directory, wishes, False, clock)
    assert directory.key_encrypted(1) == bool(passphrase)
    assert ensure(directory, wishes, False, clock).action == "loaded"


def test_a_passphrase_of_twelve_characters_is_strong_enough(directory, clock):
    assert ensure(directory, Wishes(passphrase="twelve chars"), False, clock).action == "created"


@pytest.mark.parametrize("check_mode", [True, False])
def test_a_wrong_passphrase_is_refused_on_every_run(directory, wishes, clock, check_mode):
    ensure(directory, wishes, False, clock)
    with pytest.raises(pem.WrongPassphrase):
        ensure(directory, dataclasses.replace(wishes, passphrase="battery staple"), check_mode, clock)


@pytest.mark.parametrize("check_mode", [True, False])
def test_an_expired_ca_is_refused(directory, wishes, clock, check_mode):
    ensure(directory, wishes, False, clock)
    with pytest.raises(InterlockError, match="expired on 2036-05-29T12:00:00Z"):
        ensure(directory, wishes, check_mode, clock._replace(now=clock.now + 3651 * DAY))


@pytest.mark.parametrize(("days", "warned"), [(180, False), (179, True), (1, True)])
def test_the_end_of_the_ca_is_warned_of_in_time(directory, wishes, clock, days, warned):
    ensure(directory, wishes, False, clock)
    warnings = ensure(directory, wishes, False, clock._replace(now=clock.now + (3650 - days) * DAY)).warnings
    assert bool(warnings) == warned
    assert not warned or "expires in %d days (2036-05-29T12:00:00Z)" % days in warnings[0]


@pytest.mark.parametrize(
    ("wish", "warning"),
    [
        (dict(key_type="rsa-2048"), "key_type is ec-p256 and stays so; rsa-2048 applies to a new CA only"),
        (dict(validity_days=100), "validity_days is 3650 and stays so; 100 applies to a new CA only"),
        (dict(subject="CN=other"), "subject is CN=logs CA,O=Example and stays so; CN=other applies to a new CA only"),
        (dict(subject="cn=logs CA, o=Example"), None),
        (dict(subject="2.5.4.3=logs CA,2.5.4.10=Example"), None),
        (dict(subject=None), None),
        (dict(foreign_authorities=[FOREIGN]), None),
    ],
)
def test_a_ca_that_is_there_stays_as_it_is(directory, wishes, clock, path, wish, warning):
    wishes = dataclasses.replace(wishes, subject="CN=logs CA,O=Example")
    ensure(directory, wishes, False, clock)
    before = content(path)
    found = ensure(directory, dataclasses.replace(wishes, **wish), False, clock)
    assert (found.action, found.warnings) == ("loaded", [warning] if warning else [])
    assert content(path) == before


def test_the_subject_of_a_later_generation_is_compared_with_its_mark(directory, wishes, clock, certificates):
    ensure(directory, dataclasses.replace(wishes, subject="CN=logs CA"), False, clock)
    directory.add(certificates.authority("CN=logs CA", generation=2), PASSPHRASE, "created", clock.now)
    assert ensure(directory, dataclasses.replace(wishes, subject="CN=logs CA"), False, clock).warnings == []


@pytest.mark.parametrize("check_mode", [True, False])
def test_an_interrupted_creation_is_finished(directory, wishes, clock, path, check_mode):
    made = ensure(directory, wishes, False, clock).authority.certificate
    (path / "current").unlink()
    found = ensure(directory, wishes, check_mode, clock)
    assert (found.action, found.changed, found.authority.certificate) == ("finished", True, made)
    assert directory.exists() != check_mode
    assert ensure(directory, wishes, check_mode, clock).changed == check_mode


def test_an_interrupted_creation_with_another_passphrase_stays_untouched(directory, wishes, clock, path):
    ensure(directory, wishes, False, clock)
    (path / "current").unlink()
    before = content(path)
    with pytest.raises(pem.WrongPassphrase):
        ensure(directory, dataclasses.replace(wishes, passphrase="battery staple"), False, clock)
    assert content(path) == before


def test_a_ca_is_adopted_once(directory, wishes, clock, source, path):
    adopt, old = source
    wishes = dataclasses.replace(wishes, adopt=adopt, foreign_authorities=[FOREIGN])
    predicted = ensure(directory, wishes, True, clock)
    assert (predicted.action, predicted.authority.certificate, path.exists()) == ("adopted", old.certificate, False)
    first = ensure(directory, wishes, False, clock)
    before = content(path)
    second = ensure(directory, wishes, False, clock)
    assert (first.action, second.action, second.warnings) == ("adopted", "loaded", [])
    assert first.authority.certificate == second.authority.certificate == old.certificate
    assert keys.matches(first.authority.key, old.certificate)
    assert directory.key_encrypted(1)
    assert content(path) == before


def test_after_the_adoption_the_source_may_go(directory, wishes, clock, source):
    adopt, old = source
    ensure(directory, dataclasses.replace(wishes, adopt=adopt), False, clock)
    os.unlink(adopt["private_key"])
    for later in (adopt, None):
        found = ensure(directory, dataclasses.replace(wishes, adopt=later), False, clock)
        assert (found.action, found.authority.certificate, found.warnings) == ("loaded", old.certificate, [])


def test_a_source_that_is_missing_is_an_error_where_nothing_was_adopted(directory, wishes, clock, source):
    adopt, _old = source
    ensure(directory, wishes, False, clock)
    os.unlink(adopt["private_key"])
    with pytest.raises(InterlockError, match="old.key: cannot be read"):
        ensure(directory, dataclasses.replace(wishes, adopt=adopt), False, clock)


@pytest.mark.parametrize("check_mode", [True, False])
def test_another_ca_is_not_adopted_beside_one(directory, wishes, clock, source, path, check_mode):
    adopt, _old = source
    ensure(directory, wishes, False, clock)
    before = content(path)
    with pytest.raises(ca_lifecycle.LifecycleError, match="holds the CA CN=logs CA .*; CN=old CA .* cannot be adopted beside it"):
        ensure(directory, dataclasses.replace(wishes, adopt=adopt), check_mode, clock)
    assert content(path) == before


def test_a_ca_of_an_earlier_generation_is_known(directory, wishes, clock, source, certificates):
    adopt, _old = source
    ensure(directory, dataclasses.replace(wishes, adopt=adopt), False, clock)
    second = certificates.authority("CN=old CA", generation=2)
    directory.add(second, PASSPHRASE, "created", clock.now)
    wishes = dataclasses.replace(wishes, adopt=adopt, subject="CN=old CA")
    assert ensure(directory, wishes, False, clock).authority.certificate == second.certificate


def test_an_intermediate_without_its_root_is_adopted_with_a_warning(directory, wishes, clock, certificates):
    key, intermediate, root = certificates.chained()
    adopt = {"certificate_content": pem.dump_certificates([intermediate]).decode(), "private_key_content": pem.dump_key(key).decode()}
    warnings = ensure(directory, dataclasses.replace(wishes, adopt=adopt), True, clock).warnings
    assert len(warnings) == 2 and "it should issue for nothing else" in warnings[0]
    assert "ends below its root, at CN=intermediate" in warnings[1]
    adopt["chain_content"] = pem.dump_certificates([root]).decode()
    assert ensure(directory, dataclasses.replace(wishes, adopt=adopt), True, clock).warnings == warnings[:1]


def test_loose_permissions_and_other_files_are_refused_in_check_mode_too(directory, wishes, clock, path):
    path.mkdir(mode=0o700)
    (path / "notes.txt").touch()
    with pytest.raises(InterlockError, match="holds files that are not a CA's"):
        ensure(directory, wishes, True, clock)
    path.chmod(0o750)
    with pytest.raises(InterlockError, match="Run: chmod 700"):
        ensure(directory, wishes, True, clock)


def test_many_findings_are_named_once_each(directory, wishes, clock):
    found = [dict(FOREIGN, how=how, host="es%d" % host) for host in range(9) for how in ("holds", "holds", "serves")]
    with pytest.raises(InterlockError) as caught:
        ensure(directory, dataclasses.replace(wishes, foreign_authorities=found), False, clock)
    text = str(caught.value)
    assert text.count("es0 holds") == 1 and text.count("CN=lost CA") == 5
