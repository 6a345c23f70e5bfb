# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What asks the HTTP layer, as actions in a play: with the node's own certificate where that is demanded; and the recovery of a password."""

from __future__ import annotations

import base64
import os
import ssl

import pytest
from ansible_collections.interlock.cluster.plugins.module_utils._stores import elasticsearch_keystore as keystores
from ansible_collections.interlock.cluster.plugins.module_utils._stores import pem, pkcs12
from ansible_collections.interlock.cluster.tests.unit.support.playbooks import run_playbook
from ansible_collections.interlock.cluster.tests.unit.support.scripted_api import scripted_api

STORE, ELASTIC, SETTING = "kno4-of-the-store", "kno4-of-elastic", "xpack.security.http.ssl.keystore.secure_password"
USERS, ROLES = b"# ours\nadmin:$2a$10$x\n", b"superuser:admin\n"


class FileRealm:
    """Lets in whom the files of the file realm name, as a node that has read them would, and notes who was superuser."""

    def __init__(self, server, config):
        self.server, self.config, self.superusers, self.passwords = server, config, set(), {}
        server.script = {"GET /_security/_authenticate": self, "PUT /_security/user/elastic/_password": Put(self),
                         "PUT /_cluster/settings": [(200, {})], "GET /_cluster/settings": [(200, {"persistent": {}, "transient": {}})]}

    def __len__(self):
        return 1

    def __getitem__(self, _index):
        name, password = base64.b64decode(self.server.asked[-1].headers["Authorization"].partition(" ")[2]).decode().split(":", 1)
        if self.passwords.get(name) == password:
            return 200, {}
        listed = b"\n%s:{PBKDF2}" % name.encode() in (self.config / "users").read_bytes()
        if listed and b"superuser:%s\n" % name.encode() in (self.config / "users_roles").read_bytes():
            self.superusers.add(name)
            return 200, {}
        return 401, {}


class Put:
    """Stores the password, or fails once where it is told to."""

    def __init__(self, realm):
        self.realm = realm

    def __len__(self):
        return 1

    def __getitem__(self, _index):
        if self.realm.server.refuse:
            return 503, {"error": {"type": "unavailable_shards_exception", "reason": "no"}}
        self.realm.passwords["elastic"] = self.realm.server.asked[-1].body["password"]
        return 200, {}


@pytest.fixture(scope="module")
def played(tmp_path_factory, certificates):
    """(outcome of the play, realm, the node's directory)."""
    top = tmp_path_factory.mktemp("api")
    config = top / "config"
    config.mkdir()
    ca = certificates.authority("CN=http CA")
    issued = certificates.issue(ca, certificates.request("es1", dns=("localhost",), ip=("127.0.0.1",)))
    (config / "http.p12").write_bytes(pkcs12.dump_keystore(pkcs12.KeyEntry(issued.key, issued.certificate, tuple(issued.chain)), "es1", STORE))
    entries = keystores.Keystore({"keystore.seed": b"s" * 20, SETTING: STORE.encode()}, 4)
    (config / "elasticsearch.keystore").write_bytes(keystores.dump(entries, "", os.urandom))
    (config / "users").write_bytes(USERS)
    (config / "users_roles").write_bytes(ROLES)
    os.chmod(config / "users", 0o640)
    own = pem.dump_certificates([issued.certificate]) + pem.dump_key(issued.key)
    (top / "own.pem").write_bytes(own)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(str(top / "own.pem"))
    bundle = pem.dump_certificates([ca.certificate]).decode("ascii")
    context.load_verify_locations(cadata=bundle)
    context.verify_mode = ssl.CERT_REQUIRED
    with scripted_api(context=context) as server:
        server.refuse = False
        realm = FileRealm(server, config)
        connection = {"port": server.port, "scheme": "https", "ca_certificates": bundle, "password": ELASTIC}
        shown = dict(connection, keystore=str(config / "http.p12"), keystore_setting={"path": str(config / "elasticsearch.keystore"), "name": SETTING})
        settings = {"settings": {"cluster.routing.allocation.enable": "primaries"}}
        recovery = {"config_dir": str(config), "connection": shown, "timeout": 1}

        def task(name, module, **arguments):
            return {"name": name, "interlock.cluster." + module: arguments, "ignore_errors": True}

        tasks = [
            task("nobody", "elasticsearch_cluster_settings", connection=connection, **settings),
            task("itself", "elasticsearch_cluster_settings", connection=shown, **settings),
            task("ahead of its keystore", "elasticsearch_api", connection=dict(shown, keystore=str(config / "later.p12")), path="/"),
            dict(task("checked", "elasticsearch_password_recovery", **recovery), check_mode=True),
            task("recovered", "elasticsearch_password_recovery", **recovery),
        ]
        outcome = run_playbook(top, [{"hosts": "all", "gather_facts": False, "tasks": tasks}], {"node": {}}, "-vvv")
        server.refuse, files = True, {name: (config / name).read_bytes() for name in ("users", "users_roles")}
        realm.passwords = {}
        failing = run_playbook(top, [{"hosts": "all", "gather_facts": False, "tasks": tasks[-1:]}], {"node": {}}, "-vvv")
    return outcome, failing, realm, config, files


def test_a_client_without_certificate_is_refused_and_the_node_itself_is_not(played):
    outcome = played[0]
    assert outcome.only("node", "nobody")[0] == "failed"
    status, result = outcome.only("node", "itself")
    assert status == "ok" and result["changed"], result
    assert outcome.only("node", "ahead of its keystore")[0] == "failed", "it has nothing to show yet, which is no error of its own"


def test_a_password_is_recovered_by_a_superuser_who_is_gone_afterwards(played):
    outcome, _failing, realm, config, files = played
    assert outcome.only("node", "checked")[1]["changed"]
    status, result = outcome.only("node", "recovered")
    assert status == "ok" and result["changed"], result
    assert len({name for name in realm.superusers if name.startswith("interlock_recovery_")}) == 2, "one in each run, none in check mode"
    assert files == {"users": USERS, "users_roles": ROLES}
    assert (config / "users").stat().st_mode & 0o777 == 0o640


def test_the_superuser_is_gone_when_it_failed_as_well(played):
    _outcome, failing, _realm, config, _files = played
    status, result = failing.only("node", "recovered")
    assert status == "failed" and "unavailable_shards_exception" in result["msg"]
    assert (config / "users").read_bytes() == USERS and (config / "users_roles").read_bytes() == ROLES


def test_no_secret_is_told(played):
    for outcome in played[:2]:
        assert "task path:" in outcome.output
        assert "kno4" not in outcome.output and "PRIVATE KEY-----" not in outcome.output
