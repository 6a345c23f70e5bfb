# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action elasticsearch_repack in a play, as the role has it: the stores that are staged hold the same key under other passwords."""

from __future__ import annotations

import datetime
import os

import pytest
from ansible_collections.interlock.cluster.plugins.module_utils._stores import elasticsearch_keystore as keystores
from ansible_collections.interlock.cluster.plugins.module_utils._stores import pkcs12
from ansible_collections.interlock.cluster.tests.unit.support.playbooks import run_playbook

T = "xpack.security.transport.ssl."
KEYSTORE, TRUSTSTORE = T + "keystore.secure_password", T + "truststore.secure_password"
SHARED = "kno4-of-the-shared-store"
SETTINGS = "".join("%s: %s\n" % item for item in (
    ("xpack.security.enabled", "true"), (T + "enabled", "true"), (T + "keystore.path", "shared.p12"), (T + "keystore.password", SHARED)))


@pytest.fixture(scope="module")
def issued(certificates):
    return certificates.issue(certificates.authority(), now=datetime.datetime.now(datetime.timezone.utc))


@pytest.fixture(scope="module")
def outcome(tmp_path_factory, issued):
    top = tmp_path_factory.mktemp("repack")
    config = top / "node"
    config.mkdir()
    (config / "elasticsearch.yml").write_text(SETTINGS)
    (config / "elasticsearch.keystore").write_bytes(keystores.dump(keystores.Keystore({"keystore.seed": b"s" * 20}, 4), "", os.urandom))
    entry = pkcs12.KeyEntry(issued.key, issued.certificate, issued.chain)
    (config / "shared.p12").write_bytes(pkcs12.dump_keystore(entry, "instance", SHARED))
    (config / "trust.p12").write_bytes(pkcs12.dump_truststore(issued.chain, SHARED))
    with open(config / "elasticsearch.yml", "a", encoding="utf-8") as stream:
        stream.write("%struststore.path: trust.p12\n%struststore.password: %s\n" % (T, T, SHARED))
    secure = str(config / "elasticsearch.keystore")
    repack = {"interlock.cluster.elasticsearch_repack": {
        "config_dir": str(config), "alias": "es1", "password_setting": {"path": secure, "name": KEYSTORE},
        "truststore_password_setting": {"path": secure, "name": TRUSTSTORE}}}
    steps = [
        {"name": "check", "check_mode": True, **repack},
        {"name": "begin", "interlock.cluster.staged_files": {"directory": str(config), "state": "begun"}},
        {"name": "passwords", "interlock.cluster.elasticsearch_keystore": {"path": secure, "regenerate": [KEYSTORE, TRUSTSTORE], "staged": True}},
        {"name": "do", **repack},
        {"name": "seal", "interlock.cluster.staged_files": {"directory": str(config), "state": "sealed"}},
        {"name": "switch", "interlock.cluster.staged_files": {"directory": str(config), "state": "switched"}},
    ]
    run = run_playbook(top, [{"hosts": "all", "gather_facts": False, "tasks": steps}], {"node": {}}, "-vvv", "--diff")
    assert run.code == 0, run.output
    return config, run


def test_it_is_the_same_key_in_stores_of_their_own(outcome, issued):
    config, _run = outcome
    entries = keystores.load((config / "elasticsearch.keystore").read_bytes(), "", "x").entries
    passwords = [entries[name].decode() for name in (KEYSTORE, TRUSTSTORE)]
    entry = pkcs12.load_keystore((config / "certs/transport.keystore.p12").read_bytes(), passwords[0], "x")
    assert (entry.certificate, entry.key.public_key()) == (issued.certificate, issued.key.public_key())
    trust = (config / "certs/transport.truststore.p12").read_bytes()
    assert pkcs12.load_truststore(trust, passwords[1], "x") == tuple(issued.chain) and not pkcs12.holds_key(trust, passwords[1], "x")
    assert passwords[0] != passwords[1] and SHARED not in passwords


def test_it_tells_what_it_is_and_no_secret(outcome, issued):
    _config, run = outcome
    for name in ("check", "do"):
        _status, result = run.only("node", name)
        assert result["changed"] and result["certificate"]["serial"] == "%x" % issued.certificate.serial_number
    assert "kno4" not in run.output
