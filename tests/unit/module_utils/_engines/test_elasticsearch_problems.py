# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Everything that forbids a plan or that the operator should know: what is found, where, and what to do."""

from __future__ import annotations

import ast
import inspect

import pytest
from ansible_collections.interlock.cluster.plugins.module_utils._engines import elasticsearch_plan, elasticsearch_preflight, preflight
from ansible_collections.interlock.cluster.plugins.module_utils._engines.elasticsearch_plan import Options, plan

OPTIONS = {"password_length": 12}


def change(host, **what):
    """A function that changes one host of a cluster: live and certificate in part, all else whole."""
    def apply(cluster):
        for name, value in what.items():
            if name in ("live", "certificate"):
                cluster[host][name].update(value)
            else:
                cluster[host][name] = value
    return apply


def same_name(cluster):
    """Two nodes of one name, as every node sees it."""
    cluster["two"]["name"] = "es1"
    for node in cluster.values():
        node["live"]["members"] = {"es1": {}, "es3": {}}


def unreachable_peer(cluster):
    """One node cannot reach a member, nor an old seed, which is nobody's business."""
    members = {"es%d" % number: {"address": "10.0.0.%d:9300" % number} for number in (1, 2, 3)}
    for node in cluster.values():
        node["live"]["members"] = members
    cluster["two"]["peers"] = {address: {"reachable": False, "error": "timed out", "speaks_tls": None} for address in ("10.0.0.3:9300", "10.0.0.8:9300")}


ALL_MEMBERS = {"es1": {}, "es2": {}, "es3": {}}

# Of a plaintext cluster: what is changed, the options, the one problem expected.
PROBLEMS = {
    "of the node": (change("two", problems=["elasticsearch.yml: line 3: no. Mend it."]), {}, "two: elasticsearch.yml: line 3: no. Mend it."),
    "version unknown": (change("two", version=None), {}, "two: its version cannot be told. Set elasticsearch_tls_home to where Elasticsearch is installed."),
    "version too old": (change("two", version="7.16.3"), {}, "two: Elasticsearch 7.16.3 is not supported. 7.17, 8.x and 9.x are."),
    "one name": (same_name, {},
                 "one, two: all have the node name es1. Give each a node.name of its own."),
    "two clusters": (change("two", cluster_name="bills"), {},
                     "the hosts belong to several clusters (bills, orders). Run the play for one cluster at a time: -e cluster=GROUP."),
    "seed not covered": (change("two", seed_hosts=["es1", "ES2", "10.0.0.3", "es9.example.com"]), {},
                         "discovery.seed_hosts names es9.example.com, which no certificate would cover where names are verified. "
                         "Add it to elasticsearch_tls_san_dns or elasticsearch_tls_san_ip of its node."),
    "strangers": (lambda cluster: [node["live"].update(members=dict(ALL_MEMBERS, es4={})) for node in cluster.values()], {},
                  "the cluster has nodes that are not in this play: es4. A full-cluster restart needs every node: add them to the inventory "
                  "group, and run without --limit, serial or a job slice."),
    "restart forbidden": (lambda cluster: None, {"restart": "never"},
                          "a full-cluster restart is due, and elasticsearch_tls_restart is never. Plain and encrypted nodes cannot form one "
                          "cluster: set it to auto when the restart may happen."),
    "only rolling allowed": (lambda cluster: None, {"restart": "rolling"},
                             "a full-cluster restart is due, and elasticsearch_tls_restart is rolling. Plain and encrypted nodes cannot form one "
                             "cluster: set it to auto when the restart may happen."),
    "no password": (lambda cluster: None, {"password_length": 0},
                    "elasticsearch_tls_elastic_password is not set. With security switched on nobody could log in: give the password that the "
                    "user elastic is to have."),
    "short password": (lambda cluster: None, {"password_length": 5},
                       "elasticsearch_tls_elastic_password has 5 characters; Elasticsearch wants at least 6."),
    "down": (change("two", live={"running": False, "transport_tls": None}), {},
             "two: is not running. Start it, so that it is known to be able to, or take it out of the play."),
    "denied": (change("two", live={"denied": True}), {},
               "two: refuses the user elastic with the given password. Correct elasticsearch_tls_elastic_password."),
    "no http": (change("two", live={"members": None, "unreachable": "refused", "listening": [9201, 9300]}), {},
                "two: its HTTP layer does not tell about the cluster (refused). Check elasticsearch_tls_http_port (it listens on 9201, 9300)."),
    "https of another CA": (change("two", live={"members": None, "unreachable": "certificate verify failed", "scheme": "https"}), {},
                            "two: its HTTP layer does not tell about the cluster (certificate verify failed). Give the CA of its certificate in "
                            "elasticsearch_tls_http_trusted."),
    "no answer": (change("two", live={"members": None, "listening": []}), {},
                  "two: its HTTP layer does not tell about the cluster (no answer). Check elasticsearch_tls_http_port (it listens on nothing this "
                  "user may see)."),
    "no transport": (change("two", live={"transport_tls": None, "listening": [9200, 9301]}), {},
                     "two: its transport layer cannot be reached at 10.0.0.1. Check elasticsearch_tls_transport_port (it listens on 9200, 9301)."),
    "no transport, nothing seen": (change("two", live={"transport_tls": None, "listening": []}), {},
                                   "two: its transport layer cannot be reached at 10.0.0.1. Check elasticsearch_tls_transport_port (it listens on "
                                   "nothing this user may see)."),
    "split": (change("two", live={"members": {"es2": {}}}), {},
              "two: sees other cluster members (es2) than the first host does (es1, es2, es3). Let the cluster settle, or mend its split first."),
    "duplicates": (change("two", live={"duplicates": ["es9"]}), {}, "two: sees two nodes of the name es9. Give each node a node.name of its own."),
    "red": (change("one", live={"health": "red"}), {"allow_yellow": True}, "the cluster health is red. Restore it to green first."),
    "yellow": (change("one", live={"health": "yellow"}), {},
               "the cluster health is yellow. Restore it to green first, or set elasticsearch_tls_allow_yellow: true."),
    "clock ahead": (change("two", clock_offset=301.7), {},
                    "two: its clock is 301 seconds ahead of the clock of the control node, where certificates are issued (300 are tolerated). "
                    "Set it right (NTP), or set elasticsearch_tls_clock_tolerance."),
    "clock behind": (change("two", clock_offset=-61), {"clock_tolerance": 60},
                     "two: its clock is 61 seconds behind the clock of the control node, where certificates are issued (60 are tolerated). "
                     "Set it right (NTP), or set elasticsearch_tls_clock_tolerance."),
    "no space": (change("two", free_bytes=1 << 20), {},
                 "two: 1024 KiB are free on the file system of its configuration directory; at least 16384 are needed. Free some space."),
    "rehearsal with security on": (change("two", live={"security": True}), {"rehearse": True},
                                   "two: security is not switched off, so TLS cannot be rehearsed while it speaks plaintext. Unset "
                                   "elasticsearch_tls_rehearse."),
    "peer out of reach": (unreachable_peer, {},
                          "two: cannot reach the transport layer at 10.0.0.3:9300 (timed out). Open the port between the nodes, or correct "
                          "discovery.seed_hosts."),
    "relocating": (change("three", live={"relocating": 2}), {}, "2 shards are relocating. Wait until they have arrived."),
}


@pytest.mark.parametrize("case", PROBLEMS)
def test_a_problem_of_a_plaintext_cluster(nodes, case):
    apply, options, problem = PROBLEMS[case]
    cluster = nodes.cluster(nodes.plaintext)
    apply(cluster)
    found = plan(cluster, Options(**dict(OPTIONS, **options)))
    assert found["problems"] == [problem]
    assert "  PROBLEM: %s" % problem in elasticsearch_plan.report(found, cluster)


def http_layer(verdict, warnings=()):
    """The verdict about an HTTP layer that is ours."""
    return {"certificate": {"verdict": verdict, "reasons": ["issued by CN=old, not by CN=new"], "warnings": list(warnings), "facts": None, "foreign": []},
            "san": {"dns": [], "ip": []}}


REFUSED = ("two: certificate: issued by CN=old, not by CN=new. A change of issuer or trust on a node that speaks TLS would cut it off from the "
           "others; it takes a rotation of the CA.")
# Where the members are: on hosts of their own, or at the ports of this one.
ELSEWHERE = {"es%d" % number: {"address": "10.0.0.%d:9300" % number} for number in (1, 2, 3)}
HERE = {"es%d" % number: {"address": "127.0.0.1:930%d" % number} for number in (1, 2, 3)}
# Of a secured cluster.
OF_SECURED = {
    "refused": (change("two", certificate={"verdict": "refuse", "reasons": ["issued by CN=old, not by CN=new"]}), {}, REFUSED),
    "refused for HTTP": (change("two", http=http_layer("refuse")), {},
                         "two: HTTP certificate: issued by CN=old, not by CN=new. A change of issuer or trust would cut off the clients. It takes a "
                         "rotation of the CA, or, when all clients trust the new one, elasticsearch_tls_http_replace."),
    "rolling forbidden": (change("two", settings=["xpack.security.transport.ssl.verification_mode"]), {"restart": "never"},
                          "a rolling restart is due, and elasticsearch_tls_restart is never. Set it to auto when nodes may be restarted."),
    "yellow before a rolling restart": (
        lambda cluster: [node.update(settings=["x"]) or node["live"].update(health="yellow") for node in cluster.values()], {},
        "the cluster health is yellow. Restore it to green first, or set elasticsearch_tls_allow_yellow: true."),
    "alone after a rolling restart": (
        lambda cluster: [node.update(settings=["x"], finds_others=False) for name, node in cluster.items() if name == "two"] and [
            node["live"].update(members=ELSEWHERE) for node in cluster.values()], {},
        'two: its elasticsearch.yml does not tell where the other nodes are, so it would stay alone after its restart. Write this into it '
        'first, no restart is needed for that: discovery.seed_hosts: ["10.0.0.1:9300", "10.0.0.3:9300"]'),
    "bootstrap password left over": (change("two", secure_settings=[{"name": "bootstrap.password", "action": "remove"}]), {"password_length": None},
                                     "elasticsearch_tls_elastic_password is not set. With security switched on nobody could log in: give the "
                                     "password that the user elastic is to have."),
    "rehearsal": (change("two", settings=["xpack.security.enabled"]), {"rehearse": True},
                  "there is nothing to rehearse where TLS is spoken already: one, two, three. Unset elasticsearch_tls_rehearse."),
    "broken though nothing is due": (change("two", problems=["elasticsearch.yml: is not there."]), {}, "two: elasticsearch.yml: is not there."),
}


@pytest.mark.parametrize("case", OF_SECURED)
def test_a_problem_of_a_secured_cluster(nodes, case):
    apply, options, problem = OF_SECURED[case]
    cluster = nodes.cluster(nodes.secured)
    apply(cluster)
    assert plan(cluster, Options(**dict(OPTIONS, **options)))["problems"] == [problem]


@pytest.mark.parametrize("members, alone", [(ELSEWHERE, ["one", "two", "three"]), (HERE, [])])
@pytest.mark.parametrize("knowing", [(), ("two",)])
def test_who_would_stay_alone_after_a_full_cluster_restart(nodes, members, alone, knowing):
    """Of nodes that start together one that knows the others is enough."""
    cluster = nodes.cluster(nodes.plaintext, live={"members": members})
    for host, node in cluster.items():
        node["finds_others"] = host in knowing
    found = [problem.partition(":")[0] for problem in plan(cluster, Options(**OPTIONS))["problems"] if "stay alone" in problem]
    assert found == ([] if knowing else alone)


def test_all_problems_are_told_together(nodes):
    cluster = nodes.cluster(nodes.plaintext)
    for apply, _options, _problem in PROBLEMS.values():
        apply(cluster)
    assert len(plan(cluster, Options(restart="never"))["problems"]) >= 8


def test_what_is_allowed_is_no_problem(nodes):
    cluster = nodes.cluster(nodes.plaintext, live={"health": "yellow"})
    assert plan(cluster, Options(password_length=6, allow_yellow=True))["problems"] == []
    cluster = nodes.cluster(nodes.plaintext, seed_hosts=["nobody.example.com"])
    assert plan(cluster, Options(password_length=6, verification_mode="certificate"))["problems"] == []
    cluster = nodes.cluster(nodes.secured, version=None, cluster_name=None)
    assert plan(cluster, Options(restart="never"))["problems"] == [], "nothing is due"


def test_a_host_that_was_resumed_need_not_be_alive(nodes):
    cluster = nodes.cluster(nodes.plaintext, live={"running": False, "transport_tls": None, "members": None},
                            manifest={"state": "switching", "context": {"restart": "full"}, "files": []})
    assert plan(cluster, Options(**OPTIONS))["problems"] == []


def test_a_resumed_full_restart_needs_the_nodes_it_was_begun_with(nodes):
    before = {"members": ["es1", "es2", "es3"], "health": "green", "allocation": None, "documents": None}
    cluster = nodes.cluster(nodes.plaintext, manifest={"state": "switching", "context": {"restart": "full", "before": before}, "files": []})
    del cluster["three"]
    assert ["es3" in problem for problem in plan(cluster, Options(**OPTIONS))["problems"]] == [True]


def test_a_recent_snapshot_is_not_asked_for(nodes):
    cluster = nodes.cluster(nodes.plaintext)
    cluster["three"]["live"]["last_snapshot"] = NOW - 3600
    assert plan(cluster, Options(**OPTIONS, now=NOW))["warnings"] == []


NOW = 1790000000.0
HTTPS = "the client Kibana at 10.1.1.1 speaks http, and has to speak https and trust the CA from the restart of each node on"
WARNINGS = {
    "no snapshot": (lambda cluster: None,
                    "no snapshot of the last 24 hours was found (there is none). Take one first if these data cannot be had again."),
    "old snapshot": (change("two", live={"last_snapshot": NOW - 25 * 3600}),
                     "no snapshot of the last 24 hours was found (the latest began 25 hours ago). Take one first if these data cannot be had again."),
    "of the node": (change("two", warnings=["odd"]), "two: odd"),
    "of the certificate": (change("two", certificate={"warnings": ["the certificate expires in 3 days"]}), "two: the certificate expires in 3 days"),
    "of the HTTP certificate": (change("two", http=http_layer("keep", ["expires in 3 days"]), live={"scheme": "https"}),
                                "two: HTTP layer: expires in 3 days"),
    "https from now on": (change("two", http=http_layer("issue")),
                          "the HTTP layer speaks https afterwards: clients need https in their URLs, and the CA to trust"),
    "client": (lambda cluster: [node["live"].update(clients=[{"address": "10.1.1.1", "agent": "Kibana/8.19.0", "connections": 3}])
                                for node in cluster.values()],
               "the client Kibana/8.19.0 at 10.1.1.1 is connected without credentials and will be turned away"),
    "remote": (lambda cluster: [node["live"].update(remotes=[{"name": "far", "connected": True, "seeds": []}]) for node in cluster.values()],
               "the remote cluster far is connected and will be cut off until it trusts this cluster's CA"),
    "remote that is away": (change("two", live={"remotes": [{"name": "far", "connected": False, "seeds": []}]}),
                            "the remote cluster far is configured and will be cut off until it trusts this cluster's CA"),
    "old keystore": (change("two", keystore={"existed": True, "format": 6}),
                     "two: elasticsearch.keystore has format 6 and the node rewrites it in format 7 at its next start, for which it must be able to "
                     "write its configuration directory"),
}


@pytest.mark.parametrize("case", WARNINGS)
def test_a_warning(nodes, case):
    apply, warning = WARNINGS[case]
    cluster = nodes.cluster(nodes.plaintext)
    apply(cluster)
    found = plan(cluster, Options(**OPTIONS, now=NOW if "snapshot" in case else None))
    assert (found["warnings"], found["problems"]) == ([warning], [])
    assert "  warning: %s" % warning in elasticsearch_plan.report(found, cluster)


def test_clients_are_warned_of_a_rolling_switch_to_https(nodes):
    cluster = nodes.cluster(nodes.secured, http=http_layer("issue"), live={"clients": [{"address": "10.1.1.1", "agent": "Kibana", "connections": 1}]})
    found = plan(cluster, Options(**OPTIONS))
    assert (found["kind"], found["warnings"]) == ("rolling", [HTTPS])
    for node in cluster.values():
        node["live"]["scheme"] = "https"
    assert plan(cluster, Options(**OPTIONS))["warnings"] == []


@pytest.mark.parametrize("keystore", [None, {"existed": False, "format": 5}, {"existed": True, "format": 7}])
def test_a_keystore_that_will_do_is_not_warned_of(nodes, keystore):
    assert plan(nodes.cluster(nodes.plaintext, keystore=keystore), Options(**OPTIONS))["warnings"] == []


def test_clients_are_not_warned_of_when_security_was_on_before(nodes):
    cluster = nodes.cluster(nodes.plaintext, switching_security_on=False, live={
        "clients": [{"address": "a", "agent": "b", "connections": 1}], "remotes": [{"name": "far", "connected": True, "seeds": []}]})
    assert plan(cluster, Options(**OPTIONS))["warnings"] == []


def test_an_odd_version_has_no_format_to_be_warned_of(nodes):
    assert plan({"one": nodes.secured(version="5.6.0", settings=["x"])}, Options())["warnings"] == []


def texts_in(function):
    """The text that a function of the module can add to its findings: each literal up to its first place-holder."""
    tree = ast.parse(inspect.getsource(function))
    texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value}
    return {text for text in texts if text != ast.get_docstring(tree.body[0])}


def test_every_text_is_produced_by_a_case():
    functions = [function for module in (elasticsearch_preflight, preflight) for _name, function in inspect.getmembers(module, inspect.isfunction)
                 if function.__module__ == module.__name__]
    produced = " | ".join([case[-1] for table in (PROBLEMS, OF_SECURED, WARNINGS) for case in table.values()] + ["two: is not running", HTTPS])
    assert len(functions) >= 7
    for function in functions:
        for text in texts_in(function):
            pieces = [piece for piece in text.replace("%d", "%s").split("%s") if len(piece) > 3]
            assert all(piece in produced for piece in pieces), "no case of this file: %s" % text
