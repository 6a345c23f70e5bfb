# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Going back: on purpose, and to the end of a way back that was interrupted."""

from __future__ import annotations

import pytest
from ansible_collections.interlock.cluster.plugins.module_utils._engines import elasticsearch_plan
from ansible_collections.interlock.cluster.plugins.module_utils._engines.elasticsearch_plan import Options, plan

BACK = Options(goal="previous")
BEFORE = {"members": ["es1", "es2", "es3"], "health": "green", "allocation": "all", "documents": {"orders": 7}}
SETTINGS, SECRETS, STORE = "/c/elasticsearch.yml", "/c/elasticsearch.keystore", "/c/certs/k.p12"


def kept(*files, state="switched", **context):
    return {"state": state, "context": context, "files": list(files)}


@pytest.mark.parametrize("files, tls, previous, kind", [
    ((STORE, SETTINGS), True, False, "full"),
    ((SETTINGS,), False, True, "full"),
    ((STORE, SETTINGS), False, False, "rolling"),
    ((STORE, SETTINGS), True, True, "rolling"),
    ((SECRETS,), True, True, "rolling"),
    ((STORE,), True, True, "reload"),
])
def test_the_least_that_going_back_takes(nodes, files, tls, previous, kind):
    cluster = nodes.cluster(nodes.secured, live={"transport_tls": tls}, manifest=kept(*files), previous_encrypted=previous)
    found = plan(cluster, BACK)
    assert (found["kind"], found["back"], found["resume"], found["issue"], found["problems"]) == (kind, True, False, False, [])
    assert all((part["kind"], part["stop"], part["stage"]) == (kind, kind != "reload", False) for part in found["nodes"].values())
    assert found["nodes"]["one"]["reasons"] == ["the previous versions become live again: %s" % ", ".join(sorted(files))]
    assert elasticsearch_plan.report(found, cluster)[0].startswith("Cluster orders: back to the previous versions, by a")


def test_nothing_is_kept(nodes):
    for manifest in (None, kept(), kept(SETTINGS, state="sealed")):
        found = plan(nodes.cluster(nodes.secured, manifest=manifest), BACK)
        assert (found["kind"], found["back"]) == ("none", False)
        assert found["problems"] == ["no node keeps previous versions: nothing was changed, or they were settled."]


def test_a_node_that_keeps_nothing_would_be_cut_off(nodes):
    cluster = nodes.cluster(nodes.secured, manifest=kept(SETTINGS))
    cluster["two"]["manifest"] = None
    assert plan(cluster, BACK)["problems"] == ["two: speaks TLS and keeps no previous versions to go back to. It would be cut off from the others."]


def test_going_back_needs_every_node_for_a_full_restart_and_one_for_a_rolling_one(nodes):
    cluster = nodes.cluster(nodes.secured, manifest=kept(SETTINGS))
    del cluster["three"]
    assert plan(cluster, BACK)["problems"] == [
        "the cluster has nodes that are not in this play: es3. Going back needs every node: add them to the inventory group, and run without "
        "--limit, serial or a job slice."]
    for node in cluster.values():
        node["previous_encrypted"] = True
    assert plan(cluster, BACK)["problems"] == []
    assert plan(cluster, Options(goal="previous", restart="never"))["problems"] == [
        "going back takes a restart, and elasticsearch_tls_restart is never. Set it to auto when the restart may happen."]


def test_an_interrupted_full_way_back_takes_everybody_who_was_in_it(nodes):
    """One was through, one was not reached by the first run and still wants forward, one had not begun."""
    cluster = nodes.cluster(nodes.secured)
    cluster["one"]["manifest"] = kept(state="sealed", restart="full", back=True, before=BEFORE)
    cluster["one"]["live"].update(running=False, transport_tls=None)
    cluster["two"]["manifest"] = kept(SETTINGS, restart="full", back=True, before=BEFORE)
    cluster["three"]["manifest"] = kept(SETTINGS, restart="full", before=BEFORE)
    found = plan(cluster, Options(password_length=12))
    assert (found["kind"], found["back"], found["resume"], found["quiesce"], found["before"], found["problems"]) == (
        "full", True, True, False, BEFORE, [])
    assert [(part["kind"], part["stop"]) for part in found["nodes"].values()] == [("full", False), ("full", True), ("full", True)]
    assert elasticsearch_plan.report(found, cluster)[0].endswith("(finishing an interrupted way back)")


def test_an_interrupted_rolling_way_back_is_that_of_one_node(nodes):
    cluster = nodes.cluster(nodes.secured, manifest=kept(SETTINGS), previous_encrypted=True)
    cluster["two"]["manifest"] = kept(SETTINGS, state="reverting", restart="rolling", back=True, before=BEFORE)
    found = plan(cluster, Options(password_length=12))
    assert (found["kind"], found["order"]) == ("rolling", ["two"])
    assert [part["kind"] for part in found["nodes"].values()] == ["none", "rolling", "none"]
