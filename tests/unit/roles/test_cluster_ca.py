# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role in plays of three hosts that are all this machine."""

from __future__ import annotations

import datetime
import json
import os
import subprocess
import sys

import pytest
from ansible_collections.interlock.cluster.plugins.module_utils._ansible.ca_directory import CaDirectory
from ansible_collections.interlock.cluster.plugins.module_utils._stores import pem

PASSPHRASE = "correct horse battery staple"
SOURCE_PASSPHRASE = "what opened it before"
HOSTS = ("one", "two", "three")
READY = "ready {{ cluster_ca_action }} {{ cluster_ca_certificate | default('null', true) | hash }}"
PLAY = [
    {
        "hosts": "all",
        "gather_facts": False,
        "tasks": [
            {
                "block": [
                    {"ansible.builtin.include_role": {"name": "interlock.cluster.cluster_ca"}},
                    {"ansible.builtin.debug": {"msg": READY}},
                ],
                "rescue": [{"ansible.builtin.debug": {"msg": "rescued"}}],
            }
        ],
    }
]


@pytest.fixture
def play(tmp_path):
    """A function that runs the role on three hosts and returns what each said last, the changes, and all output."""
    # The nodes have a Python of their own, without libraries; the CA needs that of the control node.
    hosts = {host: {"ansible_connection": "local", "ansible_python_interpreter": "/nonexistent/python"} for host in HOSTS}
    (tmp_path / "inventory.json").write_text(json.dumps({"all": {"hosts": hosts}}))
    (tmp_path / "play.json").write_text(json.dumps(PLAY))

    def run(*options, **variables):
        variables = dict(dict(cluster_ca_directory=str(tmp_path / "ca" / "logs"), cluster_ca_passphrase=PASSPHRASE), **variables)
        (tmp_path / "variables.json").write_text(json.dumps(variables))
        command = [sys.executable, "-m", "ansible", "playbook", "-i", "inventory.json", "-e", "@variables.json", "--diff", "play.json"]
        environment = dict(os.environ, ANSIBLE_NOCOLOR="1", ANSIBLE_LOCAL_TEMP=str(tmp_path / "local"))
        output = subprocess.run([*command, *options], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        said = [line.split('"msg": ')[1].strip('"') for line in output.stdout.splitlines() if '"msg": "re' in line]
        changes = sum(int(part.split("=")[1]) for part in output.stdout.split() if part.startswith("changed="))
        return said, changes, output.stdout + output.stderr

    return run


@pytest.fixture
def old(certificates):
    """A CA made elsewhere, by content as a vault lookup gives it."""
    made = certificates.authority("CN=old CA", now=datetime.datetime.now(datetime.timezone.utc))
    return {
        "certificate_content": pem.dump_certificates([made.certificate]).decode(),
        "private_key_content": pem.dump_key(made.key, SOURCE_PASSPHRASE).decode(),
        "source_passphrase": SOURCE_PASSPHRASE,
    }


def test_check_do_check_do(play, tmp_path):
    predicted, created, checked, loaded = [play(*options) for options in (["--check"], [], ["--check"], [])]
    assert [changes for _said, changes, _output in (predicted, created, checked, loaded)] == [1, 1, 0, 0]
    for said, _changes, output in (predicted, created, checked, loaded):
        assert len(said) == 3 and len(set(said)) == 1, output
    assert predicted[0][0].startswith("ready created ")
    assert created[0][0].replace("created", "loaded") == checked[0][0] == loaded[0][0]
    assert predicted[0][0] != created[0][0]
    assert (tmp_path / "ca/logs/generation-1/ca.key").is_file()


def test_no_secret_is_printed(play, tmp_path, old):
    said, changes, output = play("-vvv", cluster_ca_adopt=old)
    assert changes == 1 and len(said) == 3 and "ready adopted" in said[0]
    assert (tmp_path / "ca/logs/generation-1/ca.key").is_file()
    for secret in (PASSPHRASE, SOURCE_PASSPHRASE, "PRIVATE KEY", old["private_key_content"].splitlines()[1]):
        assert secret not in output


def test_a_ca_that_cannot_be_used_stops_every_host_with_its_reason(play, tmp_path, certificates):
    now = datetime.datetime.now(datetime.timezone.utc)
    CaDirectory(str(tmp_path / "ca/logs")).add(certificates.authority(now=now), PASSPHRASE, "created", now)
    said, _changes, output = play(cluster_ca_passphrase="some other passphrase")
    assert said == ["rescued"] * 3
    assert output.count("The CA on localhost cannot be used. ") >= 3
    assert "generation-1/ca.key: the passphrase of the private key is wrong" in output


def test_a_ca_host_that_cannot_be_reached_stops_every_host(play):
    said, _changes, output = play(cluster_ca_host="ca.invalid")
    assert said == ["rescued"] * 3
    assert "The CA on ca.invalid cannot be used" in output
