# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When the role elasticsearch_tls says that the control process cannot sign, because the key of the CA is on another host."""

from __future__ import annotations

import pathlib

import pytest
from ansible_collections.interlock.cluster.tests.unit.support.playbooks import run_playbook

ROLE = pathlib.Path(__file__).resolve().parents[3] / "roles" / "elasticsearch_tls"


@pytest.mark.parametrize("variables, refused", [
    ({}, False),
    ({"cluster_ca_host": "vault"}, True),
    ({"cluster_ca_host": "here"}, False),
    ({"cluster_ca_host": "vault", "elasticsearch_tls_private_key_origin": "node"}, False),
    ({"cluster_ca_host": "vault", "elasticsearch_tls_private_key_origin": "node", "elasticsearch_tls_http_enabled": True}, True),
    ({"cluster_ca_host": "vault", "elasticsearch_tls_signed_certificate": "-----BEGIN"}, False),
    ({"cluster_ca_host": "vault", "__elasticsearch_tls_ca": {"external": True, "problems": []}}, False),
], ids=["here", "elsewhere", "here by another name", "keys of the nodes", "keys of the nodes, and HTTP", "signed elsewhere", "external"])
def test_the_ca_is_out_of_reach(tmp_path, variables, refused):
    play = {"hosts": "node", "gather_facts": False, "vars": dict({"__elasticsearch_tls_ca": {"problems": []}}, **variables),
            "vars_files": [str(ROLE / "defaults/main.yml"), str(ROLE / "vars/main.yml")],
            "tasks": [{"name": "Say", "ansible.builtin.debug": {"msg": "{{ __elasticsearch_tls_ca_problem }}"}}]}
    # Variables of the play are below those of its files, where the defaults of a role are not.
    play["tasks"][0]["vars"] = play.pop("vars")
    outcome = run_playbook(tmp_path, [play], {"node": {}, "here": {}, "vault": {"ansible_connection": "ssh"}})
    assert outcome.code == 0, outcome.output
    (said,) = outcome.said("node")
    assert ("it is on vault (cluster_ca_host)" in said) is refused and (bool(said) is refused)
