# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A run of renew over hosts of several engines: each has its own engine's tasks, and what is done once is done once for each engine."""

from __future__ import annotations

import json
import pathlib

from ansible_collections.interlock.cluster.tests.unit.support.playbooks import run_playbook

RENEW = pathlib.Path(__file__).resolve().parents[3] / "playbooks" / "renew.yml"


def test_each_host_is_renewed_by_its_engine(tmp_path):
    for engine in ("alpha", "beta"):
        directory = tmp_path / "roles" / engine / "tasks"
        directory.mkdir(parents=True)
        once = {"name": "once " + engine, "ansible.builtin.set_fact": {"seen_" + engine: "{{ inventory_hostname }}"}, "run_once": True}
        each = {"name": "each " + engine, "ansible.builtin.debug": {"msg": "{{ seen_%s }}" % engine}}
        (directory / "renew.yml").write_text(json.dumps([once, each]), encoding="utf-8")
    hosts = {name: {"ca_rotation_engine": engine, "ansible_become": False}
             for name, engine in (("a1", "alpha"), ("b1", "beta"), ("a2", "alpha"), ("b2", "beta"))}
    outcome = run_playbook(tmp_path, [{"import_playbook": str(RENEW)}], hosts, "-e", "cluster=all")
    assert outcome.code == 0, outcome.output
    for host, variables in hosts.items():
        own = variables["ca_rotation_engine"]
        assert outcome.said(host) == [own[0] + "1"], "what was done once was done by the first host of the engine"
