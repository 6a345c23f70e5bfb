# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A node that makes its keys itself: judged by the public part alone, and taken from one way to the other."""

from __future__ import annotations

import os

import pytest
from ansible_collections.interlock.cluster.plugins.module_utils._engines import elasticsearch as engine
from ansible_collections.interlock.cluster.plugins.module_utils._stores import elasticsearch_keystore as keystores
from ansible_collections.interlock.cluster.plugins.module_utils._stores import pem
from ansible_collections.interlock.cluster.plugins.plugin_utils._elasticsearch_node import Layout, assess_node
from ansible_collections.interlock.cluster.plugins.plugin_utils._node_files import NodeFile
from cryptography.hazmat.primitives import serialization

WAITING = "/etc/es/certs/.request.key"
STORES, PEM = ("certs/key.p12", "certs/trust.p12"), ("certs/t.key", "certs/t.crt", "certs/ca.crt")
LAYOUT = Layout("/etc/es", "/usr/share/es", *STORES, pem=PEM, held=True, waiting=WAITING)
PREFIX = engine.TRANSPORT.prefix
BASE = {"xpack.security.enabled": True, PREFIX + "enabled": True}
WANTED = dict(BASE, **{PREFIX + "key": PEM[0], PREFIX + "certificate": PEM[1], PREFIX + "certificate_authorities": [PEM[2]]})
WITH_STORES = dict(BASE, **{PREFIX + "keystore.path": STORES[0], PREFIX + "truststore.path": STORES[1]})


def public(key):
    return key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()


def yml(settings):
    return b"node.name: es1\nnetwork.host: 10.0.0.7\n" + "".join("%s: %s\n" % item for item in settings.items()).replace("True", "true").encode()


@pytest.fixture(scope="module")
def ca(certificates):
    return certificates.authority()


@pytest.fixture
def assess(certificates, ca, files):
    """assess(contents, held={path: public key}, layout, **options) -> verdicts."""
    def run(contents, held=(), layout=LAYOUT, openssl="OpenSSL 3.0.2", **options):
        authority = pem.dump_certificates([ca.certificate]).decode()
        given = dict(inventory_hostname="es1", ansible_host=None, home="/usr/share/es", config_dir="/etc/es", password=None, keystore_password=None,
                     store_password=None, settings=WANTED, settings_absent=[], san_dns=[], san_ip=[], key_type="ec-p256", authorities=[authority],
                     issuer=authority, validity_days=1095, renew_days=30, renew=False, reissue=False, http=None, signed_key_path=WAITING,
                     service={"manager": "archive", "user": "es", "name": "es.service"})
        found = {"host": {"now": 1.0, "hostname": "es1"}, "directories": {layout.library: ["elasticsearch-8.19.0.jar"]}, "free_space": {},
                 "unreadable": [WAITING] if layout.held else [], "clock_offset": 0, "openssl": openssl,
                 "process": {"running": False, "started_at": None, "listeners": None, "passphrase_file": None}}
        read = files(contents, *[path for path in layout.files if path not in contents])
        read.update({path: NodeFile(path, path in held, public_key=dict(held).get(path)) for path in layout.public_keys})
        return assess_node(read, found, dict(given, **options), layout, certificates.now)

    return run


@pytest.fixture
def secured(certificates, ca):
    """(contents, key) of a node that is as it should be."""
    issued = certificates.issue(ca, certificates.request("es1", dns=("es1",), ip=("10.0.0.7",)))
    where = LAYOUT.certificate
    contents = {LAYOUT.settings: yml(WANTED), LAYOUT.secure_settings: secure(), **where.key_files(issued, "es1", None),
                **where.trust_files((ca.certificate,), None)}
    assert where.key not in contents, "a key that is made elsewhere is never written here"
    return contents, issued.key


def secure(*names):
    return keystores.dump(keystores.Keystore(dict({"keystore.seed": b"s" * 20}, **{name: b"kno4-of-it" for name in names}), 6), "", os.urandom)


def test_as_it_should_be(assess, secured):
    contents, key = secured
    found = assess(contents, {LAYOUT.certificate.key: public(key)})
    assert (found["certificate"]["verdict"], found["certificate"]["keeps_key"], found["certificate"]["spent_key"]) == ("keep", True, False)
    assert (found["settings"], found["secure_settings"], found["problems"]) == ([], [], [])


def test_its_key_is_not_among_the_files_that_are_read():
    assert LAYOUT.certificate.key not in LAYOUT.files and WAITING not in LAYOUT.files
    assert LAYOUT.public_keys == [LAYOUT.certificate.key, WAITING]


def test_the_key_of_another_certificate(assess, secured, certificates, ca):
    contents, _key = secured
    other = certificates.issue(ca, certificates.request("es1", dns=("es1",), ip=("10.0.0.7",))).key
    found = assess(contents, {LAYOUT.certificate.key: public(other)})["certificate"]
    assert (found["verdict"], found["reasons"]) == ("issue", ["the private key does not belong to the certificate"]) and found["keeps_key"]


@pytest.mark.parametrize("also", [{"key_type": "rsa-2048"}, {"reissue": True}])
def test_when_the_key_is_not_kept(assess, secured, also):
    contents, key = secured
    found = assess(contents, {LAYOUT.certificate.key: public(key)}, **also)["certificate"]
    assert found["verdict"] == "issue" and not found["keeps_key"]


def test_a_key_that_waits_no_longer(assess, secured):
    contents, key = secured
    assert assess(contents, {LAYOUT.certificate.key: public(key), WAITING: public(key)})["certificate"]["spent_key"]


def test_from_stores_to_its_own_key(assess):
    found = assess({LAYOUT.settings: yml(WITH_STORES), LAYOUT.secure_settings: secure(*engine.TRANSPORT.store_passwords)})
    assert found["problems"] == [] and found["certificate"]["verdict"] == "issue"
    assert sorted(found["settings_absent"]) == [PREFIX + "keystore.path", PREFIX + "truststore.path"]
    assert [(change["name"], change["action"]) for change in found["secure_settings"]] == [
        (name, "remove") for name in sorted(engine.TRANSPORT.store_passwords)]


@pytest.mark.parametrize("left_over", [False, True])
def test_from_its_own_key_to_stores(assess, certificates, ca, left_over):
    """Stores of a time before, whose passwords nobody has any more, count for nothing."""
    layout = Layout("/etc/es", "/usr/share/es", *STORES, pem=PEM)
    issued = certificates.issue(ca, certificates.request("es1", dns=("es1",), ip=("10.0.0.7",)))
    stores = {**layout.certificate.key_files(issued, "es1", "of-before"), **layout.certificate.trust_files((ca.certificate,), "of-before")}
    found = assess(dict(stores if left_over else {}, **{layout.settings: yml(WANTED), layout.secure_settings: secure()}), layout=layout,
                   settings=WITH_STORES)
    certificate = found["certificate"]
    assert (certificate["in_use"], certificate["reasons"], certificate["trust_problem"]) == (False, ["there is no certificate yet"], None)
    assert found["problems"] == [] and sorted(found["settings_absent"]) == [PREFIX + name for name in ("certificate", "certificate_authorities", "key")]


def test_files_that_other_means_made_are_no_files_of_ours(assess):
    settings = dict(WITH_STORES, **{PREFIX + "keystore.path": "elastic-certificates.p12"})
    found = assess({LAYOUT.settings: yml(settings), LAYOUT.secure_settings: secure()})
    assert ["which other means made" in problem for problem in found["problems"]] == [True]


def test_without_openssl(assess, secured):
    contents, key = secured
    (problem,) = assess(contents, {LAYOUT.certificate.key: public(key)}, openssl=None)["problems"]
    assert problem.startswith("openssl is not there")


def test_a_takeover_comes_first(assess, secured):
    contents, key = secured
    problems = assess(contents, {LAYOUT.certificate.key: public(key)}, takeover=True)["problems"]
    assert any("is taken over with keys that the control process makes" in problem for problem in problems)
