# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Steps, files and capture on real servers: whole migrations under writes, and the same interrupted, for a primary with replicas after
every single command, for a cluster after every fifth (INTERLOCK_REDIS_STRIDE=1: after every single one as well).
"""

from __future__ import annotations

import datetime
import itertools
import os
import pathlib
import shutil
import socket
import time

import pytest
from ansible_collections.interlock.cluster.plugins.module_utils._ansible import redis_moves
from ansible_collections.interlock.cluster.plugins.module_utils._engines import redis as engine
from ansible_collections.interlock.cluster.plugins.module_utils._node import redis_live, resp, tls_probe, traffic
from ansible_collections.interlock.cluster.plugins.module_utils._pki import authority, node_certificate
from ansible_collections.interlock.cluster.plugins.module_utils._stores import pem
from ansible_collections.interlock.cluster.tests.interop.redis_deployment import (
    LOGIN, NOW, PASSWORD, PORT, SECURE, SERIALS, Deployment, Interrupted, Writer, resp_quote, settings_of,
)
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

STRIDE = int(os.environ.get("INTERLOCK_REDIS_STRIDE") or 5)
# Servers of other makes or versions to run this with, separated by colons
PROGRAMS = [program for program in os.environ.get("INTERLOCK_REDIS_SERVERS", "redis-server").split(":") if shutil.which(program)]
pytestmark = pytest.mark.skipif(not PROGRAMS, reason="there is no redis-server on this machine")
# Run with a primary and its replicas only
ONE_DEPLOYMENT = pytest.mark.parametrize("clustered", [False], indirect=True)


@pytest.fixture(params=[False, True], ids=["replicas", "cluster"])
def clustered(request):
    return request.param


@pytest.fixture(params=PROGRAMS, ids=lambda program: "-".join(pathlib.Path(shutil.which(program)).parts[-3:]))
def deployment(tmp_path, request, clustered):
    made = Deployment(tmp_path, request.param, clustered, "127.0.%d" % (33 + clustered))
    yield made
    made.end()


@pytest.fixture
def writer(deployment):
    made = Writer(deployment)
    made.start()
    yield made
    made.ended.set()


def stages(deployment):
    nodes = deployment.fleet().nodes
    return {engine.STAGE_NAMES[engine.stage(node, nodes)] for node in nodes.values()}


def test_there_and_back_under_writes(deployment, writer):
    outcomes = deployment.run("preferred")
    assert stages(deployment) == {"linked"} and deployment.plan("preferred")["kind"] == "none"
    writer.move(True)
    outcomes += deployment.run("required")
    assert stages(deployment) == {"closed"} and deployment.plan("required")["kind"] == "none"
    assert plaintext_seen(deployment) in (0, None)
    replicas = deployment.names[3:] if deployment.clustered else deployment.names[1:]
    assert {outcomes[-1]["links"][name]["replication"] for name in replicas} == {"TLS"}
    assert {links["bus"] for links in outcomes[-1]["links"].values()} == ({10} if deployment.clustered else {None})
    outcomes += deployment.run("preferred")
    writer.move(False)
    outcomes += deployment.run("none")
    assert stages(deployment) == {"plain"} and deployment.plan("none")["kind"] == "none"
    acknowledged, errors, lost = writer.verdict()
    assert acknowledged > 100 and errors == [] and lost == 0
    assert [(outcome["full_resyncs"], outcome["changed_roles"]) for outcome in outcomes] == [(0, [])] * len(outcomes)
    # What check mode would have told of each step is what it did, and all of it.
    assert [outcome["happened"] for outcome in outcomes] == [outcome["told"] for outcome in outcomes]


def plaintext_seen(deployment):
    """Plaintext payloads at any port of the deployment during two seconds, None when nobody may look."""
    try:
        seen = traffic.watch([PORT, SECURE, PORT + 10000], 2, list(deployment.address.values()))
    except traffic.CaptureError:
        return None
    assert sum(counts["tls"] for counts in seen.values()) > 0
    return sum(counts["resp"] + counts["bus"] for counts in seen.values())


def test_plaintext_is_seen_where_there_is_some(deployment):
    assert plaintext_in_the_open(deployment) is None or plaintext_in_the_open(deployment) > 0


def plaintext_in_the_open(deployment):
    try:
        seen = traffic.watch([PORT, PORT + 10000], 2.5, list(deployment.address.values()))
    except traffic.CaptureError:
        return None
    return sum(counts["bus" if deployment.clustered else "resp"] for counts in seen.values())


@pytest.mark.parametrize("mode", ["preferred", "required"])
def test_interrupted_after_every_command(deployment, writer, mode):
    """The death of the driver after the first, the second, ... command or file; each time repeated to the end."""
    back = {"preferred": "none", "required": "preferred"}[mode]
    if mode == "required":
        deployment.run("preferred")
        writer.move(True)
    interrupted = 0
    for number in itertools.count(0, STRIDE if deployment.clustered else 1):
        try:
            deployment.run(mode, stop_after=number)
            break
        except Interrupted:
            interrupted += 1
        deployment.run(mode)
        found = deployment.plan(mode)
        assert (found["kind"], found["problems"]) == ("none", [])
        if mode == "required":
            assert plaintext_seen(deployment) in (0, None)
        deployment.run(back)
    assert interrupted >= 3
    acknowledged, errors, lost = writer.verdict()
    assert acknowledged > 100 and errors == [] and lost == 0


@ONE_DEPLOYMENT
def test_a_restart_comes_up_with_what_the_process_had(deployment):
    deployment.run("preferred")
    deployment.run("required")
    for name in (deployment.names[-1], deployment.names[1]):
        deployment.restart(name)
    assert deployment.plan("required")["problems"] == [] and stages(deployment) == {"closed"}


def test_impostors(deployment):
    deployment.run("preferred")
    ports = [SECURE, PORT + 10000] if deployment.clustered else [SECURE]
    foreign = authority.create("CN=foreign", "ec-p256", 10, 1, NOW, next(SERIALS))
    identities = [identity("member", deployment.ca, NOW), identity("foreign", foreign, NOW),
                  identity("expired", deployment.ca, NOW - datetime.timedelta(days=3)), serving_only(deployment.ca)]
    for port in ports:
        protocol = "redis" if port == SECURE else "none"
        found = tls_probe.probe(deployment.address["n1"], port, identities=identities, plaintext_protocol=protocol)
        results = {item["name"]: item["result"] for item in found["identities"]}
        refused = dict.fromkeys(("foreign", "expired", "serving only"), "refused")
        assert results == dict(refused, member="accepted") and found["demands_client_certificate"] is True


def identity(name, ca, now):
    issued = node_certificate.issue(ca, node_certificate.Request(name, ("x.invalid",), (), "ec-p256", 1), now, next(SERIALS))
    return {"name": name, "certificate": pem.dump_certificates((issued.certificate,)).decode(), "private_key": pem.dump_key(issued.key).decode()}


def serving_only(ca):
    """A client whose certificate is for servers alone."""
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "serving only")]))
        .issuer_name(ca.certificate.subject)
        .public_key(key.public_key()).serial_number(next(SERIALS)).not_valid_before(NOW - datetime.timedelta(hours=1))
        .not_valid_after(NOW + datetime.timedelta(days=1))
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(ca.key, hashes.SHA256())
    )
    return {"name": "serving only", "certificate": pem.dump_certificates((certificate,)).decode(), "private_key": pem.dump_key(key).decode()}


@pytest.mark.parametrize("mode", ["preferred", "required"])
def test_reload_serves_the_new_certificate_and_links_come_back(deployment, writer, mode):
    deployment.run("preferred")
    writer.move(True)
    deployment.run(mode)
    before = {name: served(deployment, name) for name in deployment.names}
    for name in deployment.names:
        deployment.write_certificate(name)
    since = time.time() * 1000
    for move in ("reload", "relink"):
        outcome = redis_moves.perform(move, deployment.fleet(), False)
        assert outcome["full_resyncs"] == 0
    after = {name: served(deployment, name) for name in deployment.names}
    assert all(before[name] != after[name] for name in deployment.names)
    assert deployment.plan(mode)["kind"] == "none"
    if deployment.clustered and mode == "required":
        assert min(made_at(deployment)) > since
    assert writer.verdict()[1:] == ([], 0)


def test_a_pair_of_its_own_is_shown_to_peers_and_renewed(deployment):
    """Each server's certificate is for servers alone here, so whatever link comes up shows the other one."""
    for name in deployment.names:
        deployment.write_certificate(name, "server")
        deployment.write_certificate(name, "client", "client-")
    place = deployment.directory
    deployment.context = lambda: resp.client_context(*(str(place / "n1" / name) for name in ("client-crt", "client-key", "ca")))
    deployment.more_parameters = lambda name: {"tls-client-cert-file": str(place / name / "client-crt"),
                                               "tls-client-key-file": str(place / name / "client-key")}
    writer = Writer(deployment)  # only now: it reads these files
    writer.start()
    deployment.run("preferred")
    writer.move(True)
    deployment.run("required")
    assert deployment.plan("required")["kind"] == "none"
    for name in deployment.names:
        deployment.write_certificate(name, "client", "client-")
    for move in ("reload", "relink"):
        assert redis_moves.perform(move, deployment.fleet(), False)["full_resyncs"] == 0
    assert writer.verdict()[1:] == ([], 0)


@ONE_DEPLOYMENT
def test_a_key_that_does_not_belong_is_refused_and_the_old_stays(deployment):
    deployment.run("preferred")
    before = served(deployment, "n1")
    (deployment.directory / "n1" / "key").write_bytes((deployment.directory / "n2" / "key").read_bytes())
    with pytest.raises(redis_moves.MoveError, match="refuses CONFIG SET"):
        fleet = redis_moves.Fleet(deployment.described(), deployment.context("n2"), LOGIN, 5)
        redis_moves.perform("reload", fleet, False)
    assert served(deployment, "n1") == before


def test_settings_that_let_nobody_in_are_taken_back_everywhere(deployment, writer):
    """CONFIG SET takes suites for an RSA key although the key is EC; from then on no client would get in."""
    def wrong(_name):
        return {"tls-ciphers": "ECDHE-RSA-AES128-GCM-SHA256", "tls-protocols": "TLSv1.2"}

    right = deployment.more_parameters
    for mode, stage in (("preferred", "plain"), ("preferred", "linked"), ("required", "closed")):
        if stage != "plain":
            deployment.run(mode)
        if stage == "linked":
            writer.move(True)
        before = settings_of(deployment.fleet())
        deployment.more_parameters = wrong
        with pytest.raises(redis_moves.MoveError, match="takes no TLS connection .*set back on every server"):
            deployment.run(mode)
        deployment.more_parameters = right
        assert settings_of(deployment.fleet()) == before and stages(deployment) == {stage}
        assert deployment.plan("preferred" if stage != "closed" else "required")["kind"] == ("change" if stage == "plain" else "none")
    assert writer.verdict()[1:] == ([], 0)


def test_who_reads_the_data_in_plaintext_as_a_replica_does_is_ended(deployment):
    deployment.run("preferred")
    with socket.create_connection((deployment.address["n1"], PORT), timeout=20) as thief:
        for command, answer in (("AUTH default %s" % resp_quote(PASSWORD), b"+OK"), ("PSYNC ? -1", b"+FULLRESYNC")):
            thief.sendall(command.encode() + b"\r\n")
            assert thief.recv(65536).startswith(answer)
        deployment.wait(lambda: deployment.fleet().nodes["n1"]["live"]["replicas"] > (1 if deployment.clustered else 2))
        assert [problem for problem in deployment.plan("required")["problems"] if "n1" in problem and "replica" in problem]
        fleet = deployment.fleet()
        redis_moves.perform("close", fleet, False)
        fleet.close()
        thief.settimeout(20)
        while thief.recv(65536):
            pass  # what was on its way, and then the end


def made_at(deployment):
    """When each bus link was made; all servers have one clock here."""
    return [link["created"] for connection in deployment.connections() for link in redis_live.links(connection)]


def served(deployment, name):
    return tls_probe.observe(deployment.address[name], SECURE, plaintext_protocol="none")["certificate"]["sha256"]


@ONE_DEPLOYMENT
def test_the_driver_tells_who_does_not_answer(deployment):
    described = deployment.described()
    with socket.socket() as sock:
        sock.bind((deployment.address["n1"], 0))
        described["n1"].update(port=sock.getsockname()[1], secure_port=0)
    with pytest.raises(resp.RedisError, match="no connection"):
        redis_moves.Fleet(described, None, LOGIN, 2)
