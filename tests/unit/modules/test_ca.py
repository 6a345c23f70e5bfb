# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module as Ansible runs it: arguments in as JSON, the result out as JSON."""

from __future__ import annotations

import base64
import json

import pytest
from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.testing import patch_module_args
from ansible_collections.interlock.cluster.plugins.module_utils._stores import pem
from ansible_collections.interlock.cluster.plugins.modules import ca
from cryptography import x509
from cryptography.hazmat.primitives import serialization

PASSPHRASE = "correct horse battery staple"
SOURCE_PASSWORD = "l'été \"$(x)\" \\ `y`"


@pytest.fixture
def run(tmp_path, capsys, monkeypatch):
    """A function that runs the module and returns its result; every output is searched for secrets."""

    def run_module(check=False, **arguments):
        told = []
        # Where tests have loaded Ansible's control side, warnings go to its display and not into the result.
        monkeypatch.setattr(AnsibleModule, "warn", lambda module, text, **more: told.append(text))
        arguments = dict(dict(directory=str(tmp_path / "logs"), passphrase=PASSPHRASE), **arguments)
        with patch_module_args(dict(arguments, _ansible_check_mode=check, _ansible_diff=True)), pytest.raises(SystemExit) as left:
            ca.main()
        output = capsys.readouterr().out
        for secret in (PASSPHRASE, SOURCE_PASSWORD, "PRIVATE KEY"):
            assert secret not in output and json.dumps(secret)[1:-1] not in output
        result = json.loads(output)
        assert bool(result.get("failed")) == bool(left.value.code)
        return dict(result, warnings=told) if told else result

    return run_module


def four_times(run, **arguments):
    """Check, do, check, do."""
    return [run(check=check, **arguments) for check in (True, False, True, False)]


@pytest.fixture
def old(tmp_path, certificates):
    """A CA made elsewhere, as PKCS#12 and as PEM."""
    made = certificates.authority("CN=old CA", now=ca.datetime.now(ca.timezone.utc))
    (tmp_path / "old.crt").write_bytes(pem.dump_certificates([made.certificate]))
    (tmp_path / "old.key").write_bytes(pem.dump_key(made.key, SOURCE_PASSWORD))
    encryption = serialization.BestAvailableEncryption(SOURCE_PASSWORD.encode())
    store = serialization.pkcs12.serialize_key_and_certificates(b"ca", made.key, made.certificate, None, encryption)
    (tmp_path / "old.p12").write_bytes(store)
    return made


def test_a_ca_is_created_once(run, tmp_path):
    predicted, created, checked, loaded = four_times(run, subject="CN=logs CA,O=Example")
    assert [result["changed"] for result in (predicted, created, checked, loaded)] == [True, True, False, False]
    assert [result["action"] for result in (predicted, created, checked, loaded)] == ["created", "created", "loaded", "loaded"]
    assert (predicted["created"], created["created"], loaded["created"], created["adopted"]) == (True, True, False, False)
    assert (predicted["certificate"], predicted["certificates"], predicted["generation"]) == (None, [], 1)
    assert predicted["facts"] == {"subject": "CN=logs CA,O=Example", "key_type": "ec-p256", "validity_days": 3650}
    certificate = x509.load_pem_x509_certificate(created["certificate"].encode())
    assert certificate.subject.rfc4514_string() == created["facts"]["subject"] == "CN=logs CA,O=Example"
    for later in (checked, loaded):
        assert later["certificate"] == created["certificate"]
        assert later["certificates"] == [created["certificate"]]
        assert later["diff"]["before"] == later["diff"]["after"] == created["facts"]
    assert created["diff"] == {"before": {}, "after": created["facts"]}
    assert created["days_left"] in (3649, 3650)
    assert created["paths"] == {
        "certificate": str(tmp_path / "logs/generation-1/ca.crt"),
        "private_key": str(tmp_path / "logs/generation-1/ca.key"),
        "ledger": str(tmp_path / "logs/ledger.jsonl"),
    }
    assert "warnings" not in loaded


@pytest.mark.parametrize("form", ["pem", "pkcs12", "content"])
def test_a_ca_is_adopted_once(run, tmp_path, old, form):
    adopt = {
        "pem": {"certificate": str(tmp_path / "old.crt"), "private_key": str(tmp_path / "old.key")},
        "pkcs12": {"pkcs12": str(tmp_path / "old.p12")},
        "content": {"pkcs12_content": base64.b64encode((tmp_path / "old.p12").read_bytes()).decode()},
    }[form]
    results = four_times(run, adopt=dict(adopt, source_passphrase=SOURCE_PASSWORD))
    assert [result["action"] for result in results] == ["adopted", "adopted", "loaded", "loaded"]
    assert [result["adopted"] for result in results] == [True, True, False, False]
    assert {result["certificate"] for result in results} == {pem.dump_certificates([old.certificate]).decode()}
    assert all(len(result["certificates"]) == 1 for result in results)
    key = pem.load_key((tmp_path / "logs/generation-1/ca.key").read_bytes(), PASSPHRASE, "here")
    assert key.private_numbers() == old.key.private_numbers()


def test_other_wishes_for_a_ca_that_is_there_are_warned_of(run):
    run()
    results = four_times(run, key_type="rsa-4096")
    assert [result["changed"] for result in results] == [False] * 4
    assert all("key_type is ec-p256 and stays so" in str(result["warnings"]) for result in results)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (dict(passphrase="short"), "fewer than 12 characters. Give one of at least 12 characters"),
        (dict(directory="relative/path"), "'relative/path' is a relative path"),
        (dict(key_type="rsa-1024"), "value of key_type must be one of: ec-p256, ec-p384, rsa-2048, rsa-3072, rsa-4096"),
        (dict(adopt={"chain": "/none"}), "adopt describes no CA (given: chain)"),
        (dict(adopt={"unknown": 1}), "Unsupported parameters"),
        (
            dict(foreign_authorities=[dict(host="es1", how="serves", subject="CN=es1", issuer="CN=lost CA", sha256="ab")]),
            "es1 serves a certificate issued by CN=lost CA. Give the directory that holds this CA, or adopt it",
        ),
    ],
)
def test_what_is_refused_is_refused_in_both_modes(run, tmp_path, arguments, message):
    for result in four_times(run, **arguments):
        assert result["failed"] and message in result["msg"]
    assert not (tmp_path / "logs").exists()


def test_a_wrong_passphrase_names_the_key_file(run, tmp_path):
    run()
    for result in four_times(run, passphrase="some other passphrase"):
        assert result["failed"]
        assert result["msg"].startswith("%s: the passphrase of the private key is wrong" % (tmp_path / "logs/generation-1/ca.key"))
        assert "some other passphrase" not in json.dumps(result)


def test_loose_permissions_name_the_command_to_run(run, tmp_path):
    run()
    (tmp_path / "logs").chmod(0o750)
    for result in four_times(run):
        assert result["failed"] and result["msg"].endswith("Run: chmod 700 %s" % (tmp_path / "logs"))


def test_an_interrupted_creation_is_finished_once(run, tmp_path):
    made = run()
    (tmp_path / "logs/current").unlink()
    results = four_times(run)
    assert [result["action"] for result in results] == ["finished", "finished", "loaded", "loaded"]
    assert {result["certificate"] for result in results} == {made["certificate"]}


def test_without_the_library_it_says_what_to_install(run, monkeypatch):
    monkeypatch.setattr("ansible_collections.interlock.cluster.plugins.module_utils._deps.CRYPTOGRAPHY_IMPORT_ERROR", "no module")
    result = run()
    assert result["failed"] and "cryptography is not installed" in result["msg"]
