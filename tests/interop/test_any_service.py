# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The example of docs/clients.md: nginx gets its certificate by one task with a handler, and a new one without being restarted."""

from __future__ import annotations

import os
import socket
import ssl
import subprocess
import time

import pytest
from ansible_collections.interlock.cluster.plugins.module_utils._ansible.ca_directory import CaDirectory
from ansible_collections.interlock.cluster.tests.unit.support.playbooks import run_playbook
from cryptography import x509

PASSPHRASE = "a passphrase of a test"
CONFIGURATION = """
daemon off;
master_process on;
pid {top}/nginx.pid;
error_log {top}/error.log;
events {{}}
http {{
  access_log off;
  {paths}
  server {{
    listen 127.0.0.1:{port} ssl;
    ssl_certificate {top}/tls/server.crt;
    ssl_certificate_key {top}/tls/server.key;
    ssl_protocols TLSv1.2 TLSv1.3;
    return 200 "hello";
  }}
}}
"""


def plays(top, key_type):
    """The task and the handler of the document; here nginx is told by itself, not by systemd."""
    return [{"hosts": "web", "gather_facts": False, "tasks": [{
        "name": "Give nginx its certificate",
        "interlock.cluster.node_certificate": {
            "format": "pem", "profile": "server", "private_key": "%s/tls/server.key" % top, "certificate": "%s/tls/server.crt" % top,
            "ca_directory": "%s/ca" % top, "ca_passphrase": PASSPHRASE, "common_name": "{{ inventory_hostname }}", "dns": ["www.example.com"],
            "renew_days": 30, "mode": "0600", "key_type": key_type},
        "notify": "Reload nginx"}],
        "handlers": [{"name": "Reload nginx", "ansible.builtin.command": {"argv": ["{{ nginx }}", "-c", "%s/nginx.conf" % top, "-s", "reload"]},
                      "when": "'%s/nginx.pid' is exists" % top}]}]


@pytest.fixture
def nginx(program):
    """The path of nginx; the test is skipped without it."""
    assert program("nginx", "-v").returncode == 0
    return next(path for path in (os.path.join(directory, "nginx") for directory in os.environ["PATH"].split(os.pathsep)) if os.access(path, os.X_OK))


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def served(port, ca):
    """The certificate that is served now, verified."""
    context = ssl.create_default_context(cafile=str(ca))
    with socket.create_connection(("127.0.0.1", port), timeout=5) as plain, context.wrap_socket(plain, server_hostname="www.example.com") as tls:
        return x509.load_der_x509_certificate(tls.getpeercert(binary_form=True))


def until(condition):
    """Wait for a condition, up to a minute."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            if condition():
                return True
        except OSError:
            pass
        time.sleep(0.2)
    return False


def test_nginx_is_given_a_certificate_and_then_another(nginx, pki, tmp_path):
    port, ca = free_port(), tmp_path / "ca.crt"
    directory = CaDirectory(str(tmp_path / "ca"))
    directory.add(pki.authority("CN=estate CA"), PASSPHRASE, "created", pki.now, issues=True)
    ca.write_bytes((tmp_path / "ca" / "generation-1" / "ca.crt").read_bytes())
    paths = "\n  ".join("%s_temp_path %s;" % (name, tmp_path / name) for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    (tmp_path / "nginx.conf").write_text(CONFIGURATION.format(top=tmp_path, port=port, paths=paths))
    hosts = {"web": {"nginx": nginx}}
    first = run_playbook(tmp_path, plays(tmp_path, "ec-p256"), hosts)
    assert first.code == 0, first.output
    process = subprocess.Popen([nginx, "-c", str(tmp_path / "nginx.conf")], stderr=subprocess.DEVNULL)
    try:
        assert until(lambda: served(port, ca)), (tmp_path / "error.log").read_text()
        before = served(port, ca)
        again = run_playbook(tmp_path, plays(tmp_path, "ec-p256"), hosts)
        assert again.only("web", "Give nginx its certificate")[1]["changed"] is False
        renewed = run_playbook(tmp_path, plays(tmp_path, "ec-p384"), hosts)
        assert renewed.code == 0, renewed.output
        assert until(lambda: served(port, ca).serial_number != before.serial_number)
        assert process.poll() is None
    finally:
        process.terminate()
        process.wait(30)
