# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module node_service: when it starts and stops, and when that is a change."""

from __future__ import annotations

import time

import pytest
from ansible_collections.interlock.cluster.plugins.module_utils._node.service import ENGINES, Archive, Command, ServiceError, Systemd
from ansible_collections.interlock.cluster.plugins.modules import node_service


class Service:
    """A service that is up, coming up, or down."""

    def __init__(self, pid, starting):
        self._pid, self._starting, self.done = pid, starting, []

    def pid(self):
        return self._pid

    def is_starting(self):
        return self._starting

    def start(self):
        self.done.append("start")

    def stop(self, timeout):
        self.done.append("stop %d" % timeout)


@pytest.mark.parametrize("pid, starting, state, done", [
    (None, False, "started", ["start"]),
    (None, True, "started", []),
    (7, False, "started", []),
    (None, False, "stopped", []),
    (7, False, "stopped", ["stop 90"]),
    (None, True, "stopped", ["stop 90"]),
])
@pytest.mark.parametrize("check", [True, False])
def test_it_does_what_is_missing(run_module, monkeypatch, pid, starting, state, done, check):
    service = Service(pid, starting)
    monkeypatch.setattr(node_service, "service_from", lambda options: service)
    before = time.time()
    result = run_module(node_service, check, state=state, timeout=90, service={})
    assert (result["changed"], result["pid"]) == (bool(done), pid)
    assert service.done == ([] if check else done)
    assert before <= result["at"] <= time.time()


def test_the_way_it_is_run_is_an_option(run_module, monkeypatch):
    made = []
    for kind in (Archive, Command, Systemd):
        monkeypatch.setattr(kind, "pid", lambda self: made.append(self) or None)
        monkeypatch.setattr(kind, "is_starting", lambda self: False)
    run_module(node_service, state="stopped")
    run_module(node_service, state="stopped", service={
        "manager": "archive", "home": "/h", "config_dir": "/c", "pid_file": "/p", "user": "u", "environment": {"A": 1}, "keystore_passphrase": "s"})
    assert made[0].unit == "elasticsearch"
    assert vars(made[1]) == {"home": "/h", "config_dir": "/c", "pid_file": "/p", "user": "u", "environment": {"ES_PATH_CONF": "/c", "A": 1}, "passphrase": "s",
                             "engine": ENGINES["elasticsearch"]}
    run_module(node_service, state="stopped", service={"manager": "command", "command": ["/bin/k", "-x"], "pid_file": "/p"})
    assert vars(made[2]) == {"command": ["/bin/k", "-x"], "pid_file": "/p", "user": None, "environment": {}}


def test_an_archive_install_needs_its_paths(run_module):
    result = run_module(node_service, state="stopped", service={"manager": "archive", "home": "/h"})
    assert result["failed"] and "config_dir, pid_file" in result["msg"]


def test_a_refusal_is_the_message(run_module, monkeypatch):
    def refuse(self):
        raise ServiceError("is odd", where="es", remedy="Mend it.")

    monkeypatch.setattr(Systemd, "pid", refuse)
    result = run_module(node_service, state="started", service={"keystore_passphrase": "kno4"})
    assert (result["failed"], result["msg"]) == (True, "es: is odd. Mend it.")
    assert "kno4" not in str(result)
