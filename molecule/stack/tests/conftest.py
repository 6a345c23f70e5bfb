# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The cluster of this scenario, as clients see it, and one of them that never stops."""

from __future__ import annotations

import base64
import pathlib
import ssl
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

import pytest

TOP = pathlib.Path(__file__).resolve().parents[3]
sys.path[:0] = [str(TOP / "molecule" / "shared" / "tests"), str(TOP / ".build" / "collections")]

from cluster import PATIENCE, Cluster, cluster_of  # found by the line above


class Stack(Cluster):
    """The cluster with an HTTP layer of its own CA."""

    def __init__(self, nodes, inventory):
        super().__init__(nodes, inventory)
        self.http_authorities = self.lab / "http_ca"
        self.http = ["-e", "elasticsearch_tls_http_enabled=true", "-e", "elasticsearch_tls_http_ca_directory=%s" % self.http_authorities]

    def runs(self, name, *options):
        """What a playbook printed that must succeed."""
        run = self.play(name, *options)
        assert run.returncode == 0, run.stdout[-6000:]
        return run.stdout

    def bundle(self):
        """The CAs of the HTTP layer, as a client has them."""
        return "".join(path.read_text(encoding="ascii") for path in sorted(self.http_authorities.glob("generation-*/ca.crt")))

    def status(self, node, path="/_cluster/health", user="elastic", password=None, scheme="https", method="GET", body=None, trusted=None):
        """The status of an API call; an OSError, of which ssl.SSLError is one, without an answer."""
        token = base64.b64encode(("%s:%s" % (user, password or self.password)).encode()).decode()
        request = urllib.request.Request(node.http.replace("http:", scheme + ":") + path, body, method=method,
                                         headers={"Authorization": "Basic " + token, "Content-Type": "application/json"})
        context = ssl.create_default_context(cadata=trusted or self.bundle()) if scheme == "https" else None
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE, context=context) as answer:
                return answer.status
        except urllib.error.HTTPError as refusal:
            return refusal.code

    def served(self, node, port):
        """Serial and issuer of the certificate that a port serves, as openssl tells them."""
        address = "%s:%s" % (node.variables["lab_address"], node.variables[port])
        seen = subprocess.run(["openssl", "s_client", "-connect", address], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        told = subprocess.run(["openssl", "x509", "-noout", "-serial", "-issuer"], input=seen.stdout, capture_output=True, text=True, check=True)
        return told.stdout


class EitherWay(threading.Thread):
    """A client that is given the nodes with https and with http, as one that goes through the switch: one of the ways has to work."""

    def __init__(self, stack):
        super().__init__(daemon=True)
        self.stack, self.ending = stack, threading.Event()
        self.written, self.failures, self.ways = 0, [], set()
        self.trusted = None

    def run(self):
        while not self.ending.is_set():
            told = []
            for scheme, node in [(scheme, node) for scheme in ("https", "http") for node in self.stack.nodes]:
                if self.written_by(scheme, node, told):
                    self.ways.add((scheme, node.name))
                    break
            else:
                self.failures.append(told)
            self.written += 1
            time.sleep(0.1)

    def written_by(self, scheme, node, told):
        """Whether a document could be written this way."""
        if scheme == "https" and not self.stack.http_authorities.exists():
            return False
        try:
            status = self.stack.status(node, "/during/_doc/%d" % self.written, scheme=scheme, method="PUT", body=b'{"n": 1}')
        except OSError as error:
            status = repr(error)
        told.append((node.name, scheme, status))
        return status in (200, 201)

    def end(self):
        """Everything that failed on every way, after the last request."""
        self.ending.set()
        self.join()
        return self.failures


@pytest.fixture(scope="session")
def stack(request):
    """The cluster as the inventory describes it."""
    return cluster_of(request.config.option.ansible_inventory, Stack)


@pytest.fixture
def client(stack):
    """A client that writes while the test runs; it must never be without a way."""
    working = EitherWay(stack)
    working.start()
    yield working
    assert working.end() == []
    assert working.written > 10
