# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What differs between versions and builds, on real servers: who is let in, certificates that are users, and what is refused. Clients of
others get in with the delivered bundle. tests/tools/redis_versions.sh provides other versions than this machine's.
"""

from __future__ import annotations

import datetime
import itertools
import json
import os
import pathlib
import shutil
import subprocess
import time

import pytest
import redis
from ansible_collections.interlock.cluster.plugins.action import redis_tls_proof
from ansible_collections.interlock.cluster.plugins.module_utils._ansible import redis_moves
from ansible_collections.interlock.cluster.plugins.module_utils._engines import redis_plan
from ansible_collections.interlock.cluster.plugins.module_utils._node import redis_live, tls_probe
from ansible_collections.interlock.cluster.plugins.module_utils._pki import authority, node_certificate
from ansible_collections.interlock.cluster.plugins.module_utils._stores import pem
from ansible_collections.interlock.cluster.plugins.modules import redis_node_info
from ansible_collections.interlock.cluster.plugins.plugin_utils._proof_identities import FOREIGN, MEMBER
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

ROOT = pathlib.Path(__file__).resolve().parents[2]
ADDRESS, PORT, SECURE = "127.0.33.91", 7491, 7492
PASSWORD = "not a secret of anyone"
LOGIN = {"username": None, "password": PASSWORD, "renamed": {}}
NOW = datetime.datetime.now(datetime.timezone.utc)
SERIALS = itertools.count(5000)
THIS = shutil.which("redis-server")


def program(version):
    """The server of a version that was unpacked, or this machine's; skips where there is none."""
    if version == "this":
        if not THIS:
            pytest.skip("there is no redis-server on this machine")
        return THIS
    found = sorted((ROOT / ".build" / "redis" / version / "bin").glob("*-server"))
    if not found:
        pytest.skip("there is no %s: tests/tools/redis_versions.sh %s" % (version, version))
    return str(found[0])


class Server:
    """A server in plaintext, with certificates of a CA of its own beside it."""

    def __init__(self, directory, version):
        self.directory = directory
        self.ca = authority.create("CN=redis", "ec-p256", 30, 1, NOW - datetime.timedelta(days=9), next(SERIALS))
        self.foreign = authority.create("CN=foreign", "ec-p256", 30, 1, NOW - datetime.timedelta(days=9), next(SERIALS))
        (directory / "ca").write_bytes(pem.dump_certificates([self.ca.certificate]))
        self.write("server", self.ca, "node", (ADDRESS,))
        self.conf = directory / "redis.conf"
        self.conf.write_text("bind %s\nport %d\ndir %s\nsave \"\"\nrequirepass \"%s\"\n" % (ADDRESS, PORT, directory, PASSWORD), encoding="utf-8")
        self.process = subprocess.Popen([program(version), str(self.conf)], stdout=(directory / "log").open("wb"))
        until = time.monotonic() + 60
        while not self.answers():
            assert time.monotonic() < until, (directory / "log").read_text(encoding="utf-8")
            time.sleep(0.1)

    def write(self, name, ca, profile="client", addresses=()):
        issued = node_certificate.issue(ca, node_certificate.Request(name, (), addresses, "ec-p256", 5, profile), NOW, next(SERIALS))
        (self.directory / (name + ".crt")).write_bytes(pem.dump_certificates((issued.certificate,)))
        (self.directory / (name + ".key")).write_bytes(pem.dump_key(issued.key))

    def path(self, name):
        return str(self.directory / name)

    def answers(self):
        try:
            with redis_live.connect(ADDRESS, (PORT, 0), **LOGIN) as connection:
                return connection.command("PING") == "PONG"
        except redis_live.RedisError:
            return False

    def parameters(self, **more):
        return dict({"tls-cert-file": self.path("server.crt"), "tls-key-file": self.path("server.key"), "tls-ca-cert-file": self.path("ca"),
                     "tls-auth-clients": "yes"}, **{name.replace("_", "-"): value for name, value in more.items()})

    def listen(self, parameters):
        """The step listen."""
        fleet = redis_moves.Fleet({"n1": {"address": ADDRESS, "names": [ADDRESS], "port": PORT, "secure_port": SECURE, "parameters": parameters}},
                                  None, LOGIN, 10)
        try:
            redis_moves.perform("listen", fleet, False)
        finally:
            fleet.close()

    def plan(self, parameters):
        """The plan for preferred, from what the module reads."""
        params = {"address": ADDRESS, "username": None, "password": PASSWORD, "fallback_password": None, "renamed_commands": {}, "timeout": 5}
        server = redis_node_info.server_facts(params, {"config_file": str(self.conf), "port": PORT, "secure_port": SECURE}, None)
        node = {"name": "n1", "address": ADDRESS, "names": [ADDRESS], "port": PORT, "secure_port": SECURE, "parameters": parameters, "server": server,
                "live": server["live"], "sentinel": None, "clock": time.time(),
                "certificate": {"verdict": "issue", "reasons": [], "warnings": [], "facts": None, "foreign": []}}
        return redis_plan.plan({"n1": node}, redis_plan.Options("preferred"))

    def client(self, certificate=None, password=PASSWORD):
        """redis-py over TLS."""
        pair = {"ssl_certfile": self.path(certificate + ".crt"), "ssl_keyfile": self.path(certificate + ".key")} if certificate else {}
        return redis.Redis(ADDRESS, SECURE, password=password, ssl=True, ssl_ca_certs=self.path("ca"), ssl_check_hostname=True, socket_timeout=10,
                           retry=None, decode_responses=True, **pair)

    def lets_in(self, certificate):
        try:
            with self.client(certificate) as client:
                return client.ping()
        except (redis.ConnectionError, OSError):
            return False

    def end(self):
        self.process.kill()
        self.process.wait()


@pytest.fixture
def server(tmp_path):
    made = []

    def make(version="this"):
        made.append(Server(tmp_path, version))
        return made[0]

    yield make
    for one in made:
        one.end()


@pytest.mark.parametrize("version", ["untls-8.1", "untls-8.2", "untls-9.1"])
def test_a_server_without_tls_is_refused_because_it_would_die(server, version):
    made = server(version)
    assert [problem for problem in made.plan(made.parameters())["problems"] if "built without TLS" in problem]
    assert made.answers()
    with pytest.raises(redis_moves.MoveError):
        made.listen(made.parameters())  # what the plan refuses
    assert made.process.wait(30) != 0


@pytest.mark.parametrize("version", ["this", "redis-7.4", "redis-8.0", "valkey-8.0", "valkey-8.1", "valkey-9.1"])
def test_a_server_with_tls_is_known_as_one(server, version):
    made = server(version)
    assert made.plan(made.parameters())["problems"] == []


def test_redis_6_is_refused_with_what_it_lacks(server):
    made = server("redis-6.2")
    problem = made.plan(made.parameters())["problems"][0]
    assert "Redis 6.2" in problem and "tls-port that can be set while it runs" in problem and "Upgrade" in problem


@pytest.mark.parametrize(("wanted", "none", "foreign"), [("yes", False, False), ("optional", True, False), ("no", True, True)])
def test_whom_tls_auth_clients_lets_in(server, tmp_path, wanted, none, foreign):
    made = server()
    made.write("member", made.ca)
    made.write("stranger", made.foreign)
    made.listen(made.parameters(tls_auth_clients=wanted))
    assert (made.lets_in("member"), made.lets_in(None), made.lets_in("stranger")) == (True, none, foreign)
    identities = [{"name": identity, "certificate": (tmp_path / (name + ".crt")).read_text(encoding="ascii"),
                   "private_key": (tmp_path / (name + ".key")).read_text(encoding="ascii")} for identity, name in ((MEMBER, "member"), (FOREIGN, "stranger"))]
    found = tls_probe.probe(ADDRESS, SECURE, ca_pem=(tmp_path / "ca").read_text(encoding="ascii"), identities=identities,
                            plaintext_protocol="redis", check_protocols=True)
    meant = {"yes": "required", "optional": "optional", "no": "no"}
    assert redis_tls_proof.judge("TLS port", found, None, meant[wanted])[1] == []
    assert [other for other in meant.values() if redis_tls_proof.judge("TLS port", found, None, other)[1]] == {
        "yes": [], "optional": ["required"], "no": ["required", "optional"]}[wanted]


def test_a_certificate_is_its_user(server):
    made = server("valkey-9.1")
    made.write("app", made.ca)
    made.write("nobody", made.ca)
    write_uri(made, "uri", "urn:app")
    with redis_live.connect(ADDRESS, (PORT, 0), **LOGIN) as connection:
        for user in ("app", "urn:app"):
            connection.command("ACL", "SETUSER", user, "on", ">" + PASSWORD, "~orders:*", "+set", "+acl|whoami")
    parameters = made.parameters(tls_auth_clients_user="CN")
    assert made.plan(parameters)["problems"] == []
    made.listen(parameters)
    with made.client("app", None) as client:
        assert client.acl_whoami() == "app" and client.set("orders:1", 1)
        with pytest.raises(redis.exceptions.NoPermissionError):
            client.set("other", 1)
    with made.client("nobody", None) as client, pytest.raises(redis.exceptions.AuthenticationError):
        client.ping()
    made.listen(made.parameters(tls_auth_clients_user="URI"))
    with made.client("uri", None) as client:
        assert client.acl_whoami() == "urn:app"


@pytest.mark.parametrize("version", ["this", "valkey-8.1"])
def test_a_version_that_maps_no_certificate_says_so(server, version):
    made = server(version)
    (problem,) = made.plan(made.parameters(tls_auth_clients_user="CN"))["problems"]
    assert "has no TLS parameter tls-auth-clients-user" in problem and "Redis 8.6, Valkey 9.0" in problem


# What docs/redis.md says that a user of its own needs
RIGHTS = "+ping +info +time +config|get +config|set +client|id +client|list +client|kill +replicaof +cluster|info +cluster|nodes +cluster|links"


@pytest.mark.parametrize("version", ["this", "redis-7.4", "redis-8.0", "valkey-8.0", "valkey-9.1"])
def test_what_a_user_may_not_do_is_found_without_doing_it(server, version):
    made = server(version)
    login = {"username": "mover", "password": "its own", "renamed": {}}
    replica = {"cluster": None, "master": {"host": "x", "port": 1, "link_up": True}}
    with redis_live.connect(ADDRESS, (PORT, 0), **LOGIN) as connection:
        before = redis_live.observe(connection)
        assert redis_live.denied(connection, replica) == []
        connection.command("ACL", "SETUSER", "mover", "on", ">its own", *RIGHTS.split())
        with redis_live.connect(ADDRESS, (PORT, 0), **login) as its_own:
            redis_live.observe(its_own)
            assert redis_live.denied(its_own, replica) == []
        connection.command("ACL", "SETUSER", "mover", "-client|kill", "-replicaof", "-config|set")
        with redis_live.connect(ADDRESS, (PORT, 0), **login) as its_own:
            assert redis_live.denied(its_own, replica) == ["config|set", "client|kill", "replicaof"]
        after = redis_live.observe(connection)
    assert (before["config"], before["role"], before["master"]) == (after["config"], after["role"], after["master"])


def write_uri(made, name, uri):
    """A client's certificate with a URI."""
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = (
        x509.CertificateBuilder().subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "other")]))
        .issuer_name(made.ca.certificate.subject).public_key(key.public_key()).serial_number(next(SERIALS))
        .not_valid_before(NOW - datetime.timedelta(hours=1)).not_valid_after(NOW + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.UniformResourceIdentifier(uri)]), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
        .sign(made.ca.key, hashes.SHA256())
    )
    (made.directory / (name + ".crt")).write_bytes(pem.dump_certificates((certificate,)))
    (made.directory / (name + ".key")).write_bytes(pem.dump_key(key))


# clients of others, with the three files that a client is given, and without its certificate

def test_redis_py(server):
    made = server()
    made.write("app", made.ca)
    made.listen(made.parameters())
    with made.client("app") as client:
        assert client.set("key", "value") and client.get("key") == "value"
    with made.client(None) as client, pytest.raises((redis.ConnectionError, OSError)):
        client.get("key")


def test_redis_cli(server):
    if not shutil.which("redis-cli"):
        pytest.skip("there is no redis-cli on this machine")
    made = server()
    made.write("app", made.ca)
    made.listen(made.parameters())
    command = ["redis-cli", "-h", ADDRESS, "-p", str(SECURE), "--tls", "--cacert", made.path("ca")]
    pair = ["--cert", made.path("app.crt"), "--key", made.path("app.key")]
    environment = dict(os.environ, REDISCLI_AUTH=PASSWORD)
    found = subprocess.run([*command, *pair, "PING"], env=environment, capture_output=True, text=True, check=False)
    assert found.stdout.strip() == "PONG"
    assert "PONG" not in subprocess.run([*command, "PING"], env=environment, capture_output=True, text=True, check=False).stdout


NODE = """
const fs = require('fs'), Redis = require('ioredis');
const given = JSON.parse(fs.readFileSync(0, 'utf8'));
const read = (path) => path && fs.readFileSync(path);
const client = new Redis({host: given.host, port: given.port, password: given.password, retryStrategy: null, maxRetriesPerRequest: 0,
                          tls: {ca: read(given.ca), cert: read(given.cert), key: read(given.key)}});
client.on('error', () => {});
client.set('from', 'node').then(() => client.get('from')).then((value) => { console.log('got ' + value); client.disconnect(); })
    .catch((error) => { console.log('refused: ' + error.message); process.exitCode = 1; client.disconnect(); });
"""


@pytest.fixture(scope="module")
def ioredis():
    """A directory in which Node.js finds ioredis."""
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip("Node.js and npm are not on this machine")
    place = ROOT / ".build" / "ioredis"
    place.mkdir(parents=True, exist_ok=True)
    if not (place / "node_modules" / "ioredis").exists():
        (place / "package.json").write_text(json.dumps({"private": True, "dependencies": {"ioredis": "^5.4.0"}}), encoding="utf-8")
        made = subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--no-package-lock"], cwd=place, capture_output=True, text=True, check=False)
        if made.returncode:
            pytest.skip("ioredis cannot be installed: %s" % made.stderr[-300:])
    return place


def test_a_client_of_node(server, ioredis):
    made = server()
    made.write("app", made.ca)
    made.write("stranger", made.foreign)
    made.listen(made.parameters())

    def run(name):
        pair = {"cert": made.path(name + ".crt"), "key": made.path(name + ".key")} if name else {}
        given = dict({"host": ADDRESS, "port": SECURE, "password": PASSWORD, "ca": made.path("ca")}, **pair)
        return subprocess.run(["node", "-e", NODE], cwd=ioredis, input=json.dumps(given), capture_output=True, text=True, timeout=60, check=False).stdout

    assert run("app").strip() == "got node"
    assert run(None).startswith("refused") and run("stranger").startswith("refused")
