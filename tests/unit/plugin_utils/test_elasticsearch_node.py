# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One read of a node as verdicts: everything that is wrong at once, and no secret among it."""

from __future__ import annotations

import json
import os

import pytest
from ansible_collections.interlock.cluster.plugins.module_utils._engines import elasticsearch as engine
from ansible_collections.interlock.cluster.plugins.module_utils._stores import elasticsearch_keystore as keystores
from ansible_collections.interlock.cluster.plugins.module_utils._stores import pem
from ansible_collections.interlock.cluster.plugins.action.elasticsearch_tls_info import clock_offset
from ansible_collections.interlock.cluster.plugins.plugin_utils._elasticsearch_node import (
    Layout,
    assess_node,
    is_alone,
    needs_a_look_around,
    wanted_http_names,
    wanted_names,
)

LAYOUT = Layout("/etc/es", "/usr/share/es", "certs/key.p12", "certs/trust.p12")
SETTINGS = b"cluster.name: orders\nnode.name: es1\nnetwork.host: 10.0.0.7\ndiscovery.seed_hosts: [es1.example.com, 10.0.0.8]\n"
WANTED = {"xpack.security.enabled": True, "xpack.security.transport.ssl.enabled": True}
STORE_PASSWORD, ELASTIC, KEYSTORE = "kno4-of-the-stores", "kno4-of-elastic", "kno4-of-the-keystore"
SECRETS = ("kno4", "hidden value", "PRIVATE KEY")


def keystore(password="", **entries):
    values = dict({"keystore.seed": b"s" * 20, "other": b"hidden value"}, **entries)
    return keystores.dump(keystores.Keystore(values, 4, password_protected=bool(password)), password, os.urandom)


def with_passwords(*more):
    return keystore(**dict({name: STORE_PASSWORD.encode() for name in engine.TRANSPORT.store_passwords}, **dict(more)))


def found_on(running=False, **also):
    """The rest of what node_info tells."""
    return dict({"host": {"now": 1790000000.5, "hostname": "es1"}, "directories": {LAYOUT.library: ["elasticsearch-7.17.28.jar"]},
                 "free_space": {"/etc/es": 4711}, "unreadable": [], "clock_offset": 1.5,
                 "process": {"running": running, "started_at": 1.0 if running else None, "listeners": None, "passphrase_file": None}}, **also)


@pytest.fixture(scope="module")
def ca(certificates):
    return certificates.authority()


@pytest.fixture
def assess(certificates, ca, files):
    """assess(contents, found, **options) -> verdicts; no secret may be among them."""
    def run(contents, found=None, **options):
        given = dict(inventory_hostname="inventoried", ansible_host=None, home="/usr/share/es", config_dir="/etc/es", password=ELASTIC,
                     keystore_password=None, store_password=None, settings=WANTED, settings_absent=[], san_dns=[], san_ip=[], key_type="ec-p256",
                     authorities=[pem.dump_certificates([ca.certificate]).decode()], issuer=pem.dump_certificates([ca.certificate]).decode(),
                     validity_days=1095, renew_days=30, renew=False, reissue=False, http=None,
                     service={"manager": "archive", "user": "es", "name": "es.service"})
        missing = [path for path in LAYOUT.files if path not in contents]
        verdicts = assess_node(files(contents, *missing), found or found_on(), dict(given, **options), LAYOUT, certificates.now)
        text = json.dumps(verdicts)
        assert not [secret for secret in SECRETS if secret in text]
        return verdicts

    return run


@pytest.fixture
def secured(certificates, ca):
    """The files of a node that is as it should be."""
    issued = certificates.issue(ca, certificates.request("es1", dns=("es1.example.com", "es1"), ip=("10.0.0.7",)))
    where = LAYOUT.certificate
    settings = SETTINGS + b"".join(b"%s: true\n" % name.encode() for name in WANTED)
    return {LAYOUT.settings: settings, LAYOUT.secure_settings: with_passwords(),
            **where.key_files(issued, "es1", STORE_PASSWORD), **where.trust_files((ca.certificate,), STORE_PASSWORD)}, issued


def test_a_node_that_has_nothing_yet(assess):
    found = assess({LAYOUT.settings: SETTINGS, LAYOUT.secure_settings: keystore()})
    assert (found["name"], found["version"], found["cluster_name"]) == ("es1", "7.17.28", "orders")
    assert found["switching_security_on"] is True and found["encrypted_on_disk"] is False
    assert found["certificate"] == {"verdict": "issue", "reasons": ["there is no certificate yet"], "warnings": [], "facts": None, "foreign": [],
                                    "in_use": True, "spent_key": False, "keeps_key": False, "trusted": None, "trust_problem": None}
    assert found["san"] == {"dns": ["es1.example.com", "es1"], "ip": ["10.0.0.7"]}
    assert found["settings"] == list(WANTED)
    assert found["secure_settings"] == [{"name": name, "action": "add"} for name in (
        engine.BOOTSTRAP_PASSWORD, engine.TRANSPORT.keystore_password, engine.TRANSPORT.truststore_password)]
    assert found["keystore"] == {"existed": True, "format": 4}
    assert (found["manifest"], found["problems"], found["warnings"]) == (None, [], [])
    assert (found["clock_offset"], found["free_bytes"], found["log_file"]) == (1.5, 4711, "/usr/share/es/logs/orders.log")
    assert found["previous_encrypted"] is False
    assert found["live"]["running"] is False and found["live"]["transport_tls"] is None


def test_a_node_that_has_everything(assess, secured):
    contents, issued = secured
    found = assess(contents)
    assert (found["switching_security_on"], found["encrypted_on_disk"]) == (False, True)
    assert (found["certificate"]["verdict"], found["certificate"]["foreign"]) == ("keep", [])
    assert found["certificate"]["facts"]["serial"] == "%x" % issued.certificate.serial_number
    assert (found["settings"], found["secure_settings"], found["problems"]) == ([], [], [])


AUTO = b"#----------------------- BEGIN SECURITY AUTO CONFIGURATION -----------------------\n"
STORE = {"xpack.security.transport.ssl.keystore.path": "certs/key.p12"}


@pytest.mark.parametrize("also, entries, problem", [
    (b"xpack.security.transport.ssl.certificate: a.pem\nxpack.security.transport.ssl.key: a.key\n", (),
     "/etc/es/elasticsearch.yml: sets xpack.security.transport.ssl.key, xpack.security.transport.ssl.certificate, which Elasticsearch does not take "
     "beside the keystore and truststore of this collection. Remove it."),
    (AUTO, (), "/etc/es/elasticsearch.yml: has the block of the automatic security configuration, which makes a CA of its own on every node. Remove "
               "the block and the entries of its stores (elasticsearch-keystore list) first."),
    (b"", ((engine.TRANSPORT.keystore_key_password, b"kno4"),),
     "/etc/es/elasticsearch.keystore: has xpack.security.transport.ssl.keystore.secure_key_password. The key in the keystore of this collection has "
     "the password of the store. Remove the entry."),
])
def test_what_contradicts_what_is_to_be_written(assess, also, entries, problem):
    contents = {LAYOUT.settings: SETTINGS + also, LAYOUT.secure_settings: with_passwords(*entries)}
    assert assess(contents, settings=dict(WANTED, **STORE))["problems"] == [problem]


def test_files_that_the_service_cannot_read(assess, secured):
    """A store that is made anew gets the right owner and mode; one that is kept stays as it is."""
    contents, _issued = secured
    paths = [LAYOUT.certificate.key, LAYOUT.manifest]
    problems = assess(contents, found_on(unreadable=paths))["problems"]
    assert [problem.partition(" (mode")[0] for problem in problems] == [
        "%s: cannot be read by the user es, as whom the service runs" % LAYOUT.certificate.key]
    assert assess(contents, found_on(unreadable=paths), san_dns=["another.example.com"])["problems"] == []


@pytest.mark.parametrize("manager, file, warned", [("systemd", None, True), ("systemd", "/run/pass", False), ("archive", None, False)])
def test_a_unit_that_is_not_told_the_passphrase(assess, manager, file, warned):
    process = {"running": False, "started_at": None, "listeners": None, "passphrase_file": file}
    found = assess({LAYOUT.settings: SETTINGS, LAYOUT.secure_settings: keystore(KEYSTORE)}, found_on(process=process), keystore_password=KEYSTORE,
                   service={"manager": manager, "user": "es", "name": "es.service"})
    assert [("es.service is not told" in warning) for warning in found["warnings"]] == [True] * warned


def test_what_was_before_the_last_change(assess, secured):
    contents, _issued = secured
    assert assess(contents)["previous_encrypted"] is True, "not touched: as it is"
    contents[LAYOUT.previous_settings] = SETTINGS
    assert assess(contents)["previous_encrypted"] is False


@pytest.mark.parametrize("there, asked, answered, offset", [(105, 100, 110, 0), (130, 100, 110, 20), (70, 100, 110, -30)])
def test_the_clock_of_a_node(there, asked, answered, offset):
    assert clock_offset(there, asked, answered) == offset


@pytest.mark.parametrize("change, due", [
    ({}, False), ({"settings": ["x"]}, True), ({"secure_settings": [{"name": "x"}]}, True), ({"certificate": {"verdict": "issue"}}, True),
    ({"http": {"certificate": {"verdict": "issue"}}}, True), ({"http": {"certificate": {"verdict": "keep"}}}, False),
    ({"live": {"running": False, "transport_tls": None, "members": None}}, True), ({"live": {"running": True, "transport_tls": False}}, True),
])
def test_who_looks_around(change, due):
    node = dict({"http": None, "settings": [], "secure_settings": [], "certificate": {"verdict": "keep"},
                 "live": {"running": True, "transport_tls": True}}, **change)
    assert needs_a_look_around(node) is due


@pytest.mark.parametrize("tls, members, alone", [(True, {}, False), (False, {"a": {}, "b": {}}, False), (False, {"a": {}}, True), (None, None, True)])
def test_who_is_alone(tls, members, alone):
    assert is_alone({"live": {"transport_tls": tls, "members": members}}) is alone


def test_the_bootstrap_password_is_not_left(assess, secured):
    contents, _issued = secured
    contents[LAYOUT.secure_settings] = with_passwords((engine.BOOTSTRAP_PASSWORD, ELASTIC.encode()))
    assert assess(contents)["secure_settings"] == [{"name": engine.BOOTSTRAP_PASSWORD, "action": "remove"}]


def test_given_store_passwords_replace_others(assess, secured):
    contents, _issued = secured
    found = assess(contents, store_password="another password")
    assert [change["action"] for change in found["secure_settings"]] == ["replace", "replace"]
    assert assess(contents, store_password=STORE_PASSWORD)["secure_settings"] == []


@pytest.mark.parametrize("password, problem", [
    (KEYSTORE, None),
    (None, "/etc/es/elasticsearch.keystore: the keystore is protected by a password and none was given. Give the keystore password."),
    ("wrong", "/etc/es/elasticsearch.keystore: the keystore password is wrong. Give the one it was saved with."),
])
def test_a_protected_keystore(assess, password, problem):
    found = assess({LAYOUT.settings: SETTINGS, LAYOUT.secure_settings: keystore(KEYSTORE)}, keystore_password=password)
    assert found["problems"] == ([] if problem is None else [problem])
    assert (found["keystore"] is None) is (problem is not None)


def test_everything_that_is_wrong_is_told_at_once(assess):
    found = assess({LAYOUT.settings: b"a: 1\na: 2\n", LAYOUT.secure_settings: "Permission denied", LAYOUT.manifest: b"{}"})
    assert len(found["problems"]) == 3, "each once"
    assert [problem.partition(":")[0] for problem in found["problems"]] == [LAYOUT.settings, LAYOUT.secure_settings, LAYOUT.manifest]
    assert "line 2" in found["problems"][0]
    assert found["problems"][1].endswith("cannot be read: Permission denied. Run as a user who may read it (become: true), or correct its owner and mode.")
    assert found["problems"][2] == (
        "/etc/es/.interlock-manifest.json: is not a manifest of this collection. Move it away, and the *.interlock-* files beside it.")


def test_a_node_without_its_settings_file(assess):
    found = assess({LAYOUT.secure_settings: keystore()})
    assert found["problems"] == ["/etc/es/elasticsearch.yml: is not there. Set elasticsearch_tls_config_dir."]
    assert found["name"] == "inventoried"


def test_without_keystore_and_version_there_is_no_telling(assess):
    found = assess({LAYOUT.settings: SETTINGS}, found_on(directories={LAYOUT.library: None}))
    assert found["version"] is None
    assert found["problems"][0].startswith("/etc/es/elasticsearch.keystore: there is no keystore yet, and the version of the node is not known.")


def test_a_placeholder_is_a_problem(assess):
    found = assess({LAYOUT.settings: SETTINGS + b"xpack.security.enabled: ${SECURITY}\n", LAYOUT.secure_settings: keystore()})
    assert found["problems"] == ["/etc/es/elasticsearch.yml: the value of xpack.security.enabled is a placeholder, so what it means here cannot be "
                                 "known. Write the value itself into the file."]


@pytest.mark.parametrize("state", ["open", "sealed", "switching", "switched", "reverting"])
def test_a_manifest(assess, state):
    content = json.dumps({"state": state, "files": {"/b": {}, "/a": {}}, "directories": [], "context": {"restart": "full"}}).encode()
    found = assess({LAYOUT.settings: SETTINGS, LAYOUT.secure_settings: keystore(), LAYOUT.manifest: content})
    assert found["manifest"] == {"state": state, "context": {"restart": "full"}, "files": ["/a", "/b"]}


def transport(issued=None):
    """What the probe of a live transport layer tells."""
    if issued is None:
        return {"host": "10.0.0.7", "reachable": True, "speaks_tls": False, "certificate": None, "certificate_pem": None}
    return {"host": "10.0.0.7", "reachable": True, "speaks_tls": True, "certificate": {"sha256": "aa"},
            "certificate_pem": pem.dump_certificates([issued.certificate]).decode()}


def api(security, **more):
    """A node's answer about itself and nothing else."""
    node = {"name": "live-name", "version": "8.19.0", "settings": {engine.SECURITY: security}, "transport": {"publish_address": "es1/10.0.0.9:9300"}}
    answer = {"cluster_name": "live", "nodes": {"id": node}}
    return dict({"host": "10.0.0.7", "scheme": "http", "unreachable": None, "answers": {engine.API_NODE: {"status": 200, "answer": answer}}}, **more)


def test_what_runs_counts_more_than_what_is_written(assess):
    found = assess({LAYOUT.settings: SETTINGS, LAYOUT.secure_settings: keystore()}, found_on(True, transport=transport(), api=api("false")))
    assert (found["name"], found["version"], found["cluster_name"]) == ("live-name", "8.19.0", "live")
    assert found["san"] == {"dns": ["es1", "es1.example.com"], "ip": ["10.0.0.9"]}
    assert found["switching_security_on"] is True
    assert (found["live"]["transport_tls"], found["live"]["served"], found["live"]["scheme"]) == (False, None, "http")


@pytest.mark.parametrize("live, written, switching", [
    ("true", b"", False), ("true", b"xpack.security.enabled: true\n", False), ("false", b"xpack.security.enabled: true\n", True), ("false", b"", True),
    (None, b"", True), (None, b"xpack.security.enabled: true\n", False), (None, b"xpack.security.enabled: false\n", True),
])
def test_whether_security_is_being_switched_on(assess, live, written, switching):
    found = assess({LAYOUT.settings: SETTINGS + written, LAYOUT.secure_settings: keystore()},
                   None if live is None else found_on(True, transport=transport(), api=api(live)))
    assert found["switching_security_on"] is switching
    assert (engine.BOOTSTRAP_PASSWORD in [change["name"] for change in found["secure_settings"]]) is switching


def test_a_refused_password_means_security_is_on(assess):
    denied = api("x", answers={engine.API_NODE: {"status": 401, "answer": None}})
    found = assess({LAYOUT.settings: SETTINGS, LAYOUT.secure_settings: keystore()}, found_on(True, transport=transport(), api=denied))
    assert (found["live"]["denied"], found["switching_security_on"]) == (True, False)


def test_a_node_that_serves_the_certificate_of_another_ca(assess, certificates, secured):
    contents, _issued = secured
    foreign = certificates.issue(certificates.authority("CN=lost CA"))
    found = assess(contents, found_on(True, transport=transport(foreign)))
    assert found["certificate"]["verdict"] == "refuse"
    assert [(item["how"], item["issuer"]) for item in found["certificate"]["foreign"]] == [("serves", "CN=lost CA")]


def test_a_certificate_of_another_ca_on_disk(assess, certificates, secured):
    contents, _issued = secured
    where, foreign = LAYOUT.certificate, certificates.issue(certificates.authority("CN=lost CA"))
    contents.update(where.key_files(foreign, "es1", STORE_PASSWORD))
    found = assess(contents)
    assert found["certificate"]["verdict"] == "issue"
    assert [(item["how"], item["issuer"]) for item in found["certificate"]["foreign"]] == [("holds", "CN=lost CA")]


def test_as_long_as_there_is_no_ca(assess, secured):
    contents, _issued = secured
    found = assess(contents, authorities=[], issuer=None)
    assert found["certificate"]["verdict"] == "issue" and "the CA that is yet to be made" in str(found["certificate"]["reasons"])
    assert [item["how"] for item in found["certificate"]["foreign"]] == ["holds"], "a lost CA directory is not replaced by a new CA"


# The HTTP layer

HTTP_LAYOUT = Layout("/etc/es", "/usr/share/es", "certs/key.p12", "certs/trust.p12", "certs/http.p12", "certs/http-trust.p12")


@pytest.fixture
def assess_http(assess, ca, monkeypatch):
    """As assess, of a node whose HTTP layer is ours."""
    def run(contents, found=None, **http):
        monkeypatch.setitem(globals(), "LAYOUT", HTTP_LAYOUT)
        pem_of_ca = pem.dump_certificates([ca.certificate]).decode()
        given = dict(san_dns=[], san_ip=[], san_found=True, authorities=[pem_of_ca], issuer=pem_of_ca, replace=False, external=False, given=None)
        return assess(contents, found, http=dict(given, **http))

    return run


def test_an_http_layer_that_is_new(assess_http, secured):
    found = assess_http(secured[0])
    assert found["http"]["certificate"]["verdict"] == "issue" and found["certificate"]["verdict"] == "keep"
    assert found["http"]["san"] == {"dns": ["es1"], "ip": ["10.0.0.7"]}
    assert [change["name"] for change in found["secure_settings"]] == list(engine.HTTP.store_passwords)


def test_an_http_layer_that_is_as_it_should_be(assess_http, secured, certificates, ca):
    issued = certificates.issue(ca, certificates.request("es1", dns=("es1", "lb.example.com"), ip=("10.0.0.7",)))
    where = HTTP_LAYOUT.http_certificate
    passwords = {name: STORE_PASSWORD.encode() for layer in engine.LAYERS for name in layer.store_passwords}
    contents = dict(secured[0], **where.key_files(issued, "es1", STORE_PASSWORD), **where.trust_files((ca.certificate,), STORE_PASSWORD),
                    **{LAYOUT.secure_settings: keystore(**passwords)})
    found = assess_http(contents, san_dns=["lb.example.com"])
    assert (found["http"]["certificate"]["verdict"], found["secure_settings"], found["problems"]) == ("keep", [], [])
    assert assess_http(contents, san_dns=["other.example.com"])["http"]["certificate"]["verdict"] == "issue"


class TestPemOnTheHttpLayer:
    """Its files in the other form: other settings, no passwords, and what was there of the first form goes."""

    LAYOUT = Layout("/etc/es", "/usr/share/es", "certs/key.p12", "certs/trust.p12", "certs/http.p12", "certs/http-trust.p12",
                    http_pem=("certs/http.key", "certs/http.crt", "certs/http.ca.crt"), http_format="pem")
    WANTED = {engine.HTTP.prefix + "key": "certs/http.key", engine.HTTP.prefix + "certificate": "certs/http.crt",
              engine.HTTP.prefix + "certificate_authorities": ["certs/http.ca.crt"]}

    @pytest.fixture
    def run(self, assess_http, monkeypatch):
        def assess(contents):
            monkeypatch.setitem(globals(), "HTTP_LAYOUT", self.LAYOUT)
            for name, value in self.WANTED.items():
                monkeypatch.setitem(WANTED, name, value)
            return assess_http(contents)

        return assess

    @pytest.fixture
    def contents(self, secured, certificates, ca):
        issued = certificates.issue(ca, certificates.request("es1", dns=("es1",), ip=("10.0.0.7",)))
        where = self.LAYOUT.http_certificate
        return dict(secured[0], **where.key_files(issued, "es1", None), **where.trust_files((ca.certificate,), None))

    def test_files_that_are_as_they_should_be(self, run, contents):
        found = run(contents)
        assert (found["http"]["certificate"]["verdict"], found["secure_settings"], found["problems"]) == ("keep", [], [])

    def test_there_is_nothing_yet(self, run, secured):
        found = run(secured[0])
        assert found["http"]["certificate"]["verdict"] == "issue" and found["secure_settings"] == [] and found["problems"] == []

    def test_stores_of_ours_give_way(self, run, contents):
        passwords = {name: STORE_PASSWORD.encode() for layer in engine.LAYERS for name in layer.store_passwords}
        before = contents[LAYOUT.settings] + b"xpack.security.http.ssl.keystore.path: certs/http.p12\n" \
            b"xpack.security.http.ssl.truststore.path: certs/http-trust.p12\n"
        found = run(dict(contents, **{LAYOUT.settings: before, LAYOUT.secure_settings: keystore(**passwords)}))
        assert found["problems"] == []
        assert found["settings_absent"] == [engine.HTTP.prefix + name for name in ("keystore.path", "truststore.path")]
        assert sorted(change["name"] for change in found["secure_settings"]) == sorted(engine.HTTP.store_passwords)

    def test_stores_of_others_do_not(self, run, contents):
        before = contents[LAYOUT.settings] + b"xpack.security.http.ssl.keystore.path: certs/others.p12\n"
        assert any("keystore.path" in problem for problem in run(dict(contents, **{LAYOUT.settings: before}))["problems"])

    def test_a_passphrase_that_is_not_ours_is_refused(self, run, contents):
        entries = with_passwords((engine.HTTP.key_passphrase, b"of another key"))
        assert any("secure_key_passphrase" in problem for problem in run(dict(contents, **{LAYOUT.secure_settings: entries}))["problems"])


@pytest.mark.parametrize("replace, verdict, foreign", [(False, "refuse", ["serves"]), (True, "issue", [])])
def test_an_http_layer_that_serves_a_certificate_of_another_ca(assess_http, secured, certificates, replace, verdict, foreign):
    other = certificates.issue(certificates.authority("CN=other CA"), certificates.request("es1"))
    probed = {"speaks_tls": True, "certificate_pem": pem.dump_certificates([other.certificate]).decode(), "certificate": {"sha256": "ee"},
              "requests_client_certificate": False}
    found = assess_http(secured[0], found_on(http=probed), replace=replace)["http"]["certificate"]
    assert (found["verdict"], [item["how"] for item in found["foreign"]]) == (verdict, foreign)


def test_an_http_layer_needs_a_name(assess_http, secured):
    found = assess_http(secured[0], san_found=False)
    assert any("no name is given for the certificate of the HTTP layer" in problem for problem in found["problems"])
    assert assess_http(secured[0], san_found=False, san_dns=["search.example.com"])["http"]["san"] == {"dns": ["search.example.com"], "ip": []}


@pytest.mark.parametrize("settings, live, hostname, names", [
    ({"network.host": "10.0.0.7", "http.publish_host": "es1.example.com"}, [], "h", (["es1.example.com", "h"], [])),
    ({"network.host": "10.0.0.7"}, ["10.0.0.9"], "h", (["h"], ["10.0.0.9"])), ({"http.host": "_site_"}, [], "h", (["h"], [])),
])
def test_the_names_that_clients_may_know_a_node_by(settings, live, hostname, names):
    assert wanted_http_names(settings, {"http_names": live}, hostname, {"san_dns": [], "san_ip": [], "san_found": True}) == names


@pytest.mark.parametrize("settings, live, options, names", [
    ({}, [], {}, (["host"], [])),
    ({"network.host": "10.0.0.7"}, [], {}, (["host"], ["10.0.0.7"])),
    ({"network.host": "10.0.0.7"}, ["es1", "10.0.0.9"], {}, (["es1", "host"], ["10.0.0.9"])),
    ({"discovery.seed_hosts": ["inventoried.example.com:9300", "other"]}, [], {}, (["inventoried.example.com", "host"], [])),
    ({"discovery.seed_hosts": "10.0.0.5, 10.0.0.6"}, [], {"ansible_host": "10.0.0.5"}, (["host"], ["10.0.0.5"])),
    ({}, [], {"san_dns": ["lb.example.com"], "san_ip": ["::1"]}, (["host", "lb.example.com"], ["::1"])),
])
def test_the_names_a_certificate_needs(settings, live, options, names):
    given = dict(dict(inventory_hostname="inventoried", ansible_host=None, san_dns=[], san_ip=[]), **options)
    assert wanted_names(settings, {"transport_names": live}, "host", given) == names
