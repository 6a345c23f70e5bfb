# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The hosts after the playbooks, a renewal and the loss of the primary's host, by the tools they have."""

from __future__ import annotations

import base64
import json
import os
import pathlib
import re
import socket
import subprocess
import sys

import pytest

testinfra_hosts = ["ansible://redis"]

# Ansible's own log of this scenario's runs, at -vvv: see the base configuration.
LOG = pathlib.Path(os.environ["MOLECULE_PROJECT_DIRECTORY"], ".build", "molecule", "ansible.log")
LAB = pathlib.Path("/var/tmp/interlock-redis-systemd-root")
PORT, SECURE_PORT, SENTINEL_PORT, SECURE_SENTINEL_PORT = 6379, 6380, 26379, 26380


@pytest.fixture
def variables(host):
    return host.ansible.get_variables()


@pytest.fixture
def address(variables):
    return variables["ansible_host"]


@pytest.fixture
def has(variables):
    """What the host has: "redis" (a server), "sentinel"."""
    return [name for name, variable in (("redis", "redis_tls_server"), ("sentinel", "redis_tls_sentinel")) if variables[variable]]


@pytest.fixture
def cli(host, address):
    """redis-cli of the host with its certificate; a server gets the password out of its file."""
    def run(port, *words):
        pair = "--tls --cert /etc/redis/tls/redis.crt --key /etc/redis/tls/redis.key --cacert /etc/redis/tls/ca.crt"
        login = "" if port == SECURE_SENTINEL_PORT else "export REDISCLI_AUTH=$(sed -n 's/^requirepass \"\\?\\([^\"]*\\)\"\\?$/\\1/p' /etc/redis/redis.conf); "
        return host.run(f"{login}redis-cli -h {address} -p {port} {pair} {' '.join(words)}").stdout
    return run


def test_the_services_run_and_stay_enabled(host, has):
    for name in ("redis", "sentinel"):
        service = host.service({"redis": "redis-server", "sentinel": "redis-sentinel"}[name])
        assert (service.is_running, service.is_enabled) == (name in has, name in has), name


def test_the_files_belong_to_root_and_the_services_group(host, has):
    directory = host.file("/etc/redis/tls")
    assert (directory.user, directory.group, directory.mode) == ("root", "redis", 0o750)
    for name in ("redis.key", "redis.crt", "ca.crt"):
        file = host.file("/etc/redis/tls/" + name)
        assert (file.user, file.group, file.mode) == ("root", "redis", 0o640), name
    for name in has:
        file = host.file(f"/etc/redis/{name}.conf")
        assert (file.user, file.group, file.mode) == ("redis", "redis", 0o640), name


def test_no_comment_of_the_packages_files_is_gone(host, has):
    """Sentinel's failover has had the servers write their files themselves: spaces at line ends are not kept by that."""
    for name in has:
        before, after = ([line.rstrip() for line in host.file(f"/etc/redis/{name}.conf{more}").content_string.splitlines() if line.startswith("#")]
                         for more in (".package", ""))
        left = iter(after)
        assert len(before) > 100 and [line for line in before if line not in left] == []


def test_plaintext_is_closed(address):
    for port in (PORT, SENTINEL_PORT):
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((address, port), timeout=5)


def test_openssl_is_refused_without_a_certificate(host, address, has):
    for name in has:
        port = {"redis": SECURE_PORT, "sentinel": SECURE_SENTINEL_PORT}[name]
        shown = host.backend.run_local(f"echo | openssl s_client -connect {address}:{port} -tls1_2 2>&1").stdout
        assert "i:CN = redis Redis CA" in shown and "alert handshake failure" in shown


def test_replication_is_whole_and_the_lost_primary_is_a_replica(variables, cli, has):
    if "redis" not in has:
        pytest.skip("there is no server on this host")
    told = cli(SECURE_PORT, "INFO", "replication")
    assert "connected_slaves:2" in told or ("master_link_status:up" in told and f"master_port:{SECURE_PORT}" in told)
    assert ("role:slave" in told) or variables["inventory_hostname"] != "session1"


def test_the_sentinels_agree_on_a_primary_by_its_tls_port(cli, has):
    if "sentinel" not in has:
        pytest.skip("there is no Sentinel on this host")
    assert cli(SECURE_SENTINEL_PORT, "SENTINEL", "CKQUORUM", "mymaster").startswith("OK 3 usable Sentinels")
    primary, port = cli(SECURE_SENTINEL_PORT, "SENTINEL", "GET-MASTER-ADDR-BY-NAME", "mymaster").split()
    assert primary != "127.0.42.1" and port == str(SECURE_PORT)
    others = json.loads(cli(SECURE_SENTINEL_PORT, "--json", "SENTINEL", "SENTINELS", "mymaster"))
    assert {other["port"] for other in others} == {str(SECURE_SENTINEL_PORT)}


def test_a_run_after_all_of_this_changes_nothing(request):
    run = subprocess.run([sys.executable, "-m", "ansible", "playbook", "-i", request.config.option.ansible_inventory, "interlock.cluster.redis",
                          "-e", "redis_tls_mode=required"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    recap = re.findall(r"changed=(\d+) +unreachable=(\d+) +failed=(\d+)", run.stdout)
    assert run.returncode == 0 and recap == [("0", "0", "0")] * 4, run.stdout[-3000:]


def test_the_audit_sees_servers_and_sentinels(request):
    run = subprocess.run([sys.executable, "-m", "ansible", "playbook", "-i", request.config.option.ansible_inventory, "interlock.cluster.audit",
                          "-e", "cluster=redis"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    seen = re.findall(r"^ +(\w+) +(client|sentinel) +\S+ +TLSv1.3 ", run.stdout, re.M)
    assert run.returncode == 0 and sorted(seen) == [
        ("session1", "client"), ("session1", "sentinel"), ("session2", "client"), ("session2", "sentinel"), ("session3", "client"),
        ("watch1", "sentinel")], run.stdout[-3000:]


def test_no_run_told_a_secret():
    told = LOG.read_text(encoding="utf-8")
    secrets = {name: (LAB / "secrets" / name).read_text(encoding="utf-8").strip() for name in ("password", "ca_passphrase")}
    assert "Step close" in told and "task path:" in told  # the log is of the real runs, at -vvv
    assert all(len(secret) > 10 for secret in secrets.values())
    assert [name for name, secret in secrets.items() if secret in told] == []
    # Over ssh the log has what modules answer, and files are sent in base64.
    beginning = "-----BEGIN PRIVATE KEY-----".encode()
    assert "censored due to no log" in told and beginning.decode() not in told and base64.b64encode(beginning).decode() not in told
