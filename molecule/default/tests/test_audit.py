# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The audit of the secured cluster: its exit status, and what it says is served next to what OpenSSL sees."""

from __future__ import annotations

import json
import os
import pathlib
import re
import subprocess
import sys

import pytest

PROJECT = pathlib.Path(os.environ["MOLECULE_PROJECT_DIRECTORY"])
ACCEPTED = ["plaintext:http"]  # this version does not secure the HTTP layer


def audit(directory, **variables):
    """(exit status, the JSON document) of one run of the playbook."""
    report = directory / "audit.json"
    extra = json.dumps({"certificate_audit_json_file": str(report), "certificate_audit_accept": ACCEPTED, **variables})
    command = [str(pathlib.Path(sys.executable).with_name("ansible-playbook")), "-i", str(PROJECT / "molecule" / "shared" / "inventory"),
               "interlock.cluster.audit", "-e", extra]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False,
                          env=dict(os.environ, ANSIBLE_COLLECTIONS_PATH=str(PROJECT / ".build" / "collections")))
    return done.returncode, json.loads(report.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """The audit of the cluster as it is."""
    return audit(tmp_path_factory.mktemp("audit"))


def test_a_sound_cluster_has_no_findings(sound):
    status, document = sound
    assert (status, document["status"], document["findings"]) == (0, "ok", [])


def test_what_is_served_is_what_openssl_sees(sound):
    served = [endpoint for node in sound[1]["nodes"].values() for endpoint in node["endpoints"] if endpoint["layer"] == "transport"]
    assert len(served) == 3
    for endpoint in served:
        address = "%s:%s" % (endpoint["host"], endpoint["port"])
        seen = subprocess.run(["openssl", "s_client", "-connect", address], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        serial = subprocess.run(["openssl", "x509", "-noout", "-serial"], input=seen.stdout, capture_output=True, text=True, check=True).stdout
        assert int(re.search("=([0-9A-F]+)", serial).group(1), 16) == int(endpoint["certificate"]["serial"], 16)


def test_what_will_expire_fails_the_run(tmp_path):
    status, document = audit(tmp_path, certificate_audit_warning_days=2000)
    assert status == 2
    assert {(finding["code"], finding["layer"]) for finding in document["findings"]} == {("expiring", "transport")} and len(document["findings"]) == 3
