# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the HTTP layer adds to a plan: it goes with transport in one restart, comes later by a rolling one, and is renewed by a reload."""

from __future__ import annotations

import pytest
from ansible_collections.interlock.cluster.plugins.module_utils._engines.elasticsearch_plan import Options, plan

OPTIONS = Options(password_length=12)
HTTP_SETTINGS = ["xpack.security.http.ssl.enabled"]


def http(verdict="keep", reasons=(), sha256="bb", foreign=()):
    """The verdict about an HTTP layer that is ours."""
    facts = {"sha256": sha256} if sha256 else None
    return {"certificate": {"verdict": verdict, "reasons": list(reasons), "warnings": [], "facts": facts, "foreign": list(foreign)},
            "san": {"dns": ["es1"], "ip": []}}


NEW = http("issue", ["there is no certificate yet"], None)
ON_HTTPS = {"scheme": "https", "http_served": {"sha256": "bb"}}


def kinds(found):
    return {item["kind"] for item in found["nodes"].values()}


def test_both_layers_take_one_full_restart(nodes):
    found = plan(nodes.cluster(nodes.plaintext, http=NEW), OPTIONS)
    assert (found["kind"], kinds(found), found["problems"]) == ("full", {"full"}, [])
    assert (found["issue"], found["http"]["issue"]) == (True, True)
    assert "HTTP certificate: there is no certificate yet" in found["nodes"]["one"]["reasons"]
    assert (found["ca_subject"], found["http"]["ca_subject"]) == ("CN=orders transport CA", "CN=orders HTTP CA")


def test_a_cluster_without_it_asks_nothing_of_its_ca(nodes):
    found = plan(nodes.cluster(nodes.plaintext), OPTIONS)
    assert (found["issue"], found["http"]["issue"], found["http"]["foreign_authorities"]) == (True, False, [])


def test_it_comes_later_by_a_rolling_restart(nodes):
    found = plan(nodes.cluster(nodes.secured, http=NEW, settings=HTTP_SETTINGS), OPTIONS)
    assert (found["kind"], kinds(found), found["problems"]) == ("rolling", {"rolling"}, [])
    assert (found["issue"], found["http"]["issue"]) == (False, True)


def test_a_restart_that_was_not_made_is_still_due(nodes):
    cluster = nodes.cluster(nodes.secured, http=http())
    found = plan(cluster, OPTIONS)
    assert (found["kind"], found["nodes"]["one"]) == ("rolling", {
        "name": "es1", "kind": "rolling", "stage": False, "stop": True, "settle": False, "reasons": ["the HTTP layer speaks plaintext"]})
    cluster["one"]["live"].update(ON_HTTPS)
    found = plan(cluster, OPTIONS)
    assert (found["order"], found["nodes"]["one"]["kind"]) == (["two", "three"], "none")


def test_nothing_is_due_when_all_is_served(nodes):
    found = plan(nodes.cluster(nodes.secured, http=http(), live=ON_HTTPS), OPTIONS)
    assert (found["kind"], found["problems"], found["warnings"]) == ("none", [], [])


@pytest.mark.parametrize("layer, stage, reasons", [
    (http("issue", ["expires in 3 days"]), True, ["HTTP certificate: expires in 3 days"]),
    (http("trust", ["does not trust CN=x"]), True, ["HTTP certificate: does not trust CN=x"]),
    (http(sha256="cc"), False, ["it does not serve the HTTP certificate in its keystore yet"]),
])
def test_what_the_process_reads_anew_takes_a_reload(nodes, layer, stage, reasons):
    found = plan(nodes.cluster(nodes.secured, http=layer, live=ON_HTTPS), OPTIONS)
    assert (found["kind"], found["nodes"]["one"]["stage"], found["nodes"]["one"]["reasons"]) == ("reload", stage, reasons)


def test_a_store_password_takes_a_restart(nodes):
    change = [{"name": "xpack.security.http.ssl.keystore.secure_password", "action": "replace"}]
    assert plan(nodes.cluster(nodes.secured, http=http(), live=ON_HTTPS, secure_settings=change), OPTIONS)["kind"] == "rolling"


def test_certificates_of_other_cas_are_told_apart_by_layer(nodes):
    foreign = {"how": "serves", "subject": "CN=a", "issuer": "CN=b", "sha256": "dd"}
    found = plan(nodes.cluster(nodes.plaintext, http=http("issue", ["x"], None, [foreign])), OPTIONS)
    assert found["foreign_authorities"] == []
    assert found["http"]["foreign_authorities"] == [dict(foreign, host=host) for host in ("one", "two", "three")]
