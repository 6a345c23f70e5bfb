# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The modules of Redis against a scripted server: redis_node_info, redis_settings, redis_tls_move, redis_password, redis_sentinel,
redis_traffic_info, and what redis_tls_info and redis_tls_proof make of what they see. Real servers are in tests/interop/test_redis_moves.py.
"""

from __future__ import annotations

import hashlib
import ssl
import struct

import pytest
from ansible_collections.interlock.cluster.plugins.action import redis_tls_info, redis_tls_plan, redis_tls_proof
from ansible_collections.interlock.cluster.plugins.module_utils._ansible import redis_node
from ansible_collections.interlock.cluster.plugins.module_utils._errors import InterlockError
from ansible_collections.interlock.cluster.plugins.module_utils._node import redis_live, resp, traffic
from ansible_collections.interlock.cluster.plugins.modules import (
    redis_node_info,
    redis_password,
    redis_peers_proof,
    redis_sentinel,
    redis_settings,
    redis_tls_move,
    redis_traffic_info,
)
from ansible_collections.interlock.cluster.tests.unit.support.redis_server import ScriptedRedis, bulk

LOGIN = {"username": None, "password": None, "fallback_password": None, "renamed_commands": {}, "timeout": 5,
         "tls": {"certificate": None, "private_key": None, "ca_certificates": None}}


@pytest.fixture
def redis(request):
    made = []

    def make(**options):
        made.append(ScriptedRedis(**options))
        return made[-1]

    yield make
    for server in made:
        server.close()


def place(server):
    return {"address": "127.0.0.1", "names": ["127.0.0.1"], "port": server.port, "secure_port": 1, "parameters": {"tls-cert-file": "/c"}}


# the protocol

@pytest.mark.parametrize(
    ("answer", "value"),
    [(b"+OK\r\n", "OK"), (b":7\r\n", 7), (b"$3\r\na\r\n\r\n", None), (b"$-1\r\n", None), (b"*2\r\n$1\r\na\r\n:1\r\n", ["a", 1]), (b"*-1\r\n", None)],
)
def test_answers(redis, answer, value):
    server = redis(answers={"X": answer})
    with resp.Connection("127.0.0.1", server.port) as connection:
        assert connection.command("X") == ("a\r\n"[:3] if answer.startswith(b"$3") else value)


def test_a_refusal_tells_its_code_and_no_argument(redis):
    with resp.Connection("127.0.0.1", redis().port) as connection, pytest.raises(resp.Refused) as refusal:
        connection.command("NOTHING", "hunter2")
    assert refusal.value.code == "ERR" and "hunter2" not in str(refusal.value)


def test_what_is_no_redis_is_said_so(redis):
    server = redis(answers={"PING": b"HTTP/1.1 400\r\n"})
    with resp.Connection("127.0.0.1", server.port) as connection, pytest.raises(resp.RedisError, match="does not speak the protocol"):
        connection.command("PING")


def test_a_renamed_command_is_sent_by_its_name(redis):
    server = redis(answers={"hidden GET port": b"*0\r\n"})
    with resp.Connection("127.0.0.1", server.port, renamed={"CONFIG": "hidden"}) as connection:
        assert connection.config("port") == {}


def test_the_other_password_is_tried_once(redis):
    server = redis(passwords=["old"])
    redis_live.connect("127.0.0.1", (server.port, 0), password="new", fallback_password="old").close()
    assert [words for words in server.seen if words[0] == "AUTH"] == [["AUTH", "default", "new"], ["AUTH", "default", "old"]]
    with pytest.raises(resp.Refused, match="WRONGPASS"):
        redis_live.connect("127.0.0.1", (server.port, 0), password="new")


def test_a_password_that_nobody_asks_for_is_no_reason_to_be_refused(redis):
    server = redis()
    with redis_live.connect("127.0.0.1", (server.port, 0), password="one") as connection:
        assert connection.command("PING") == "PONG"
    assert server.seen[0] == ["AUTH", "default", "one"]


def test_every_attempt_is_told(redis):
    server = redis(answers={"PING": b"+PONG\r\n"})
    server.close()
    with pytest.raises(resp.RedisError, match=r"127.0.0.1 port 1: no connection: .*; 127.0.0.1 port %d: no connection: " % server.port):
        redis_live.connect("127.0.0.1", (server.port, 1), ssl.create_default_context())


# redis_node_info, redis_settings, redis_tls_move

def test_node_info_tells_drift_and_clients(redis, tmp_path):
    server = redis(parameters={"tls-port": "6380"})
    conf = tmp_path / "redis.conf"
    conf.write_text("port %d\nrename-command DEBUG x\n" % server.port, encoding="utf-8")
    found = redis_node_info.read(dict(LOGIN, address="127.0.0.1", files=[], content=False, sentinel=None, server={
        "config_file": str(conf), "port": server.port, "secure_port": 1}))["server"]
    assert (found["drift"], found["renamed"], found["problem"]) == (["tls-port"], ["DEBUG"], None)
    assert [client["peer"] for client in found["live"]["clients"]] == ["10.1.1.1:9"]


def test_node_info_says_why_a_file_cannot_be_used(redis, tmp_path):
    server = redis(parameters={"tls-port": "6380"})
    (tmp_path / "late.conf").write_text("tls-port 1\n", encoding="utf-8")
    found = redis_node_info.server_facts(dict(LOGIN, address="127.0.0.1"), {
        "config_file": str(tmp_path / "gone.conf"), "port": server.port, "secure_port": 1}, None)
    assert "gone.conf: cannot be read" in found["problem"]


def test_a_port_that_somebody_else_has_is_told(redis, tmp_path):
    server, other = redis(), redis()
    conf = tmp_path / "redis.conf"
    conf.write_text("port %d\nsentinel monitor m 10.0.0.1 6379 2\n" % server.port, encoding="utf-8")
    ports = {"config_file": str(conf), "port": server.port, "secure_port": other.port}
    look = dict(LOGIN, address="127.0.0.1")
    assert redis_node_info.server_facts(look, ports, None)["taken"] is True
    assert redis_node_info.sentinel_facts(look, dict(ports, password=None), None)["taken"] is True
    other.close()
    assert redis_node_info.server_facts(look, ports, None)["taken"] is False
    assert redis_node_info.sentinel_facts(look, dict(ports, password=None), None)["taken"] is False


def test_settings_follow_the_process_once(redis, tmp_path):
    server = redis(parameters={"tls-port": "6380", "requirepass": "hunter2"})
    conf = tmp_path / "redis.conf"
    conf.write_text("# mine\nport 1\nrequirepass old\n", encoding="utf-8")
    params = dict(LOGIN, config_file=str(conf), address="127.0.0.1", port=server.port, secure_port=1, assume={}, passwords={"requirepass": "hunter2"})
    predicted = redis_settings.run(params, True)
    assert conf.read_text(encoding="utf-8").startswith("# mine\nport 1\n")
    done = redis_settings.run(params, False)
    assert predicted == done and done["directives"] == ["port", "requirepass", "tls-port"]
    assert "hunter2" not in str(done) and "old" not in str(done)
    assert conf.read_text(encoding="utf-8") == "# mine\nport %d\nrequirepass hunter2\ntls-port 6380\n" % server.port
    assert redis_settings.run(params, False)["changed"] is False


def test_an_include_is_looked_for_where_the_server_looks(tmp_path):
    """config.c goes to the directory of "dir" as soon as it has read it."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "local.conf").write_text("port 1\n", encoding="utf-8")
    conf = tmp_path / "redis.conf"
    conf.write_text("port 2\ndir %s\ninclude local.conf\ninclude %s/*.none\n" % (tmp_path / "data", tmp_path), encoding="utf-8")
    assert redis_node.ConfFile(str(conf)).effective()["port"] == ["1"]
    for missing in ("include local.conf\ndir data\n", "include *.none\n", "include %s/none.conf\n" % tmp_path):
        conf.write_text(missing, encoding="utf-8")
        with pytest.raises(InterlockError, match="which is not there"):
            redis_node.ConfFile(str(conf))


def test_what_ansible_has_hidden_is_noticed():
    assert redis_tls_info.hidden_in({"server": {"config": {"tls-cert-file": "/etc/********/tls/x.crt"}}})
    assert redis_tls_info.hidden_in(["VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"]) and redis_tls_info.hidden_in({"********": 1})
    assert not redis_tls_info.hidden_in({"server": {"config": {"tls-cert-file": "/etc/redis/x.crt"}, "live": None, "port": 1}})


def test_what_a_link_leads_to_is_written(redis, tmp_path):
    """A restart reads the file that the process was started with, whatever it is called here."""
    server = redis(parameters={"tls-port": "6380"})
    (tmp_path / "real").mkdir()
    real, link = tmp_path / "real" / "redis.conf", tmp_path / "redis.conf"
    real.write_text("port %d\n" % server.port, encoding="utf-8")
    link.symlink_to(real)
    params = dict(LOGIN, config_file=str(link), address="127.0.0.1", port=server.port, secure_port=1, assume={}, passwords={})
    assert redis_settings.run(params, False)["directives"] == ["tls-port"]
    assert link.is_symlink() and "tls-port 6380" in real.read_text(encoding="utf-8")


def test_the_line_of_the_default_user_gets_the_password_as_well(redis, tmp_path):
    """Redis writes one itself, and it counts more than requirepass."""
    server = redis(parameters={"requirepass": "hunter2"})
    conf = tmp_path / "redis.conf"
    conf.write_text("port %d\nrequirepass old\nuser default on sanitize-payload #%s ~* &* +@all\nuser app on >x ~* +@all\n"
                    % (server.port, "0" * 64), encoding="utf-8")
    params = dict(LOGIN, config_file=str(conf), address="127.0.0.1", port=server.port, secure_port=1, assume={}, passwords={"requirepass": "hunter2"})
    assert redis_settings.run(params, False)["directives"] == ["requirepass"]
    assert conf.read_text(encoding="utf-8").splitlines()[1:] == [
        "requirepass hunter2", 'user default on sanitize-payload ~* &* +@all "#%s"' % hashlib.sha256(b"hunter2").hexdigest(),
        "user app on >x ~* +@all"]


def test_masterauth_of_another_user_is_let_be(redis, tmp_path):
    server = redis(parameters={"masterauth": "new", "masteruser": "replicator"})
    conf = tmp_path / "redis.conf"
    conf.write_text("port %d\n" % server.port, encoding="utf-8")
    params = dict(LOGIN, config_file=str(conf), address="127.0.0.1", port=server.port, secure_port=1, assume={}, passwords={"masterauth": "new"})
    assert not redis_settings.run(params, True)["changed"] and not redis_settings.run(params, False)["changed"]
    assert redis_settings.run(dict(params, username="replicator"), False)["directives"] == ["masterauth"]


@pytest.mark.parametrize("read, told", [
    ("/etc/redis/other.conf", "was started with /etc/redis/other.conf, and redis_tls_config_file is"), ("", "without a configuration file"), (None, None)])
def test_the_file_has_to_be_the_one_of_the_process(tmp_path, read, told):
    found = redis_node_info.other_file(read, str(tmp_path / "redis.conf"), "redis_tls_config_file")
    assert found is None if told is None else told in found
    (tmp_path / "link.conf").symlink_to("redis.conf")
    assert redis_node_info.other_file(str(tmp_path / "link.conf"), str(tmp_path / "redis.conf"), "x") is None


def test_the_place_of_a_file_tells_servers_of_one_machine(tmp_path):
    assert redis_node_info.place_of(str(tmp_path / "tls/redis.key")) == redis_node_info.place_of(str(tmp_path / "tls" / ".." / "tls" / "redis.key"))
    assert redis_node_info.place_of(str(tmp_path / "tls/redis.key")) != redis_node_info.place_of(str(tmp_path / "other/redis.key"))
    (tmp_path / "other").mkdir()
    assert redis_node_info.place_of(str(tmp_path / "tls/redis.key")) != redis_node_info.place_of(str(tmp_path / "other/redis.key"))


def test_peers_that_are_not_reached_are_all_named(redis):
    gone = [redis() for _number in range(2)]
    for server in gone:
        server.close()
    nodes = {"r%d" % number: {"address": "127.0.0.1", "secure_port": server.port} for number, server in enumerate(gone)}
    with pytest.raises(InterlockError) as refusal:
        redis_peers_proof.run(dict(LOGIN, nodes=nodes, tls=dict.fromkeys(LOGIN["tls"])))
    assert all("%s (127.0.0.1 port %d: " % (name, node["secure_port"]) in str(refusal.value) for name, node in nodes.items())


def test_a_move_that_fails_says_that_the_sentinels_are_stopped(redis):
    server = redis(answers={"CONFIG SET tls-cluster no": b"-ERR\r\n"})
    params = dict(LOGIN, nodes={"r1": place(server)}, move="link", again=False, stopped_sentinels=["s2", "s1"], sentinels={}, timeout=1)
    with pytest.raises(InterlockError) as refusal:
        redis_tls_move.run(params, False)
    assert "NO AUTOMATIC FAILOVER: the Sentinels of s1, s2 are stopped." in str(refusal.value)


def test_a_move_is_not_made_while_a_failover_is_under_way(redis):
    server = redis()
    known = {"s1": [{"name": "m", "host": "10.0.0.9", "port": 1, "replicas": []}, {"name": "m", "host": "127.0.0.1", "port": server.port, "replicas": []}]}
    params = dict(LOGIN, nodes={"r1": place(server), "r2": dict(place(server), address="127.0.0.1", names=["10.0.0.9"])}, move="link", again=False,
                  stopped_sentinels=["s1"], sentinels=known)
    found = redis_tls_move.run(params, False)
    assert found == {"changed": False, "failover": ["the Sentinels watch r1 and r2 as the master of m"]}
    assert not [words for words in server.seen if words[:2] == ["CONFIG", "SET"]]


def test_a_move_in_check_mode_changes_nothing(redis):
    server = redis()
    found = redis_tls_move.run(dict(LOGIN, nodes={"r1": place(server)}, move="listen", again=False, stopped_sentinels=[], sentinels={}), True)
    assert found["changed"] and found["commands"] == {"r1": ["CONFIG SET tls-cert-file tls-port"]}
    assert not [words for words in server.seen if words[:2] == ["CONFIG", "SET"]]


def test_check_mode_tells_where_a_replica_will_replicate_from(redis, tmp_path):
    primary = redis()
    told = "role:slave\r\nmaster_host:127.0.0.1\r\nmaster_port:%d\r\nmaster_link_status:up\r\n" % primary.port
    replica = redis(answers={"INFO replication": bulk(told)})
    params = dict(LOGIN, nodes={"r1": place(primary), "r2": place(replica)}, move="link", again=False, stopped_sentinels=[], sentinels={})
    found = redis_tls_move.run(params, True)
    assert found["commands"] == {"r1": ["CONFIG SET tls-replication"], "r2": ["CONFIG SET tls-replication", "REPLICAOF 127.0.0.1 1"]}
    assert found["diff"]["before"]["r2"]["replicaof"] == "127.0.0.1 %d" % primary.port
    conf = tmp_path / "redis.conf"
    conf.write_text("port %d\nreplicaof 127.0.0.1 %d\n" % (replica.port, primary.port), encoding="utf-8")
    settings = dict(LOGIN, config_file=str(conf), address="127.0.0.1", port=replica.port, secure_port=1, passwords={}, assume=found["diff"]["after"]["r2"])
    assert redis_settings.run(settings, True)["directives"] == ["replicaof", "tls-replication"]
    assert redis_settings.run(settings, False)["changed"] is False, "nothing is assumed of what runs"


# redis_password

def password_params(server, update, **changes):
    return dict(LOGIN, nodes={"r1": place(server)}, sentinels={}, sentinel_password=None, old_password="old", new_password="new",
                password="new", fallback_password="old", update=update, **changes)


def test_rotate_then_set(redis):
    server = redis(passwords=["old"])
    assert redis_password.run(password_params(server, "rotate"), True)["steps"] == {"r1": [redis_password.ADDED]}
    assert server.passwords == {"old"}
    redis_password.run(password_params(server, "rotate"), False)
    assert server.passwords == {"old", "new"}
    assert server.parameters["masterauth"] == "", "a master that restarts takes the old password alone, which its file has"
    assert redis_password.run(password_params(server, "rotate"), False)["changed"] is False
    assert redis_password.run(password_params(server, "set"), False)["steps"] == {"r1": [redis_password.REPLICATES, redis_password.ALONE]}
    assert server.passwords == {"new"} and server.parameters["masterauth"] == "new"
    assert redis_password.run(password_params(server, "set"), False)["changed"] is False


def test_with_an_acl_file_replication_has_the_new_password_at_once_and_both_are_saved(redis):
    server = redis(passwords=["old"], parameters={"aclfile": "/etc/redis/users.acl"}, answers={"ACL SAVE": b"+OK\r\n"})
    sentinel = redis(passwords=["watch"], answers={"SENTINEL SET orders auth-pass new": b"+OK\r\n"})
    told = ["SENTINEL", "SET", "orders", "auth-pass", "new"]
    params = dict(password_params(server, "rotate"), sentinel_password="watch",
                  sentinels={"s1": dict(place(sentinel), monitors=["orders"])})
    assert redis_password.run(params, False)["changed"] and server.parameters["masterauth"] == "new" and told in sentinel.seen
    for seen in (server.seen, sentinel.seen):
        seen.clear()
    assert redis_password.run(params, False) == {"changed": False, "steps": {}}
    assert told in sentinel.seen and ["ACL", "SAVE"] in server.seen, "the run before may have died before either"


def test_rotate_does_not_shut_out_those_who_need_no_password(redis):
    server = redis()
    redis_password.run(dict(password_params(server, "rotate"), old_password=None), False)
    assert server.passwords == set() and server.parameters["masterauth"] == "", "a master that asks for none refuses whoever gives one"
    redis_password.run(dict(password_params(server, "set"), old_password=None), False)
    assert server.passwords == {"new"} and server.parameters["masterauth"] == "new"


# redis_sentinel

def test_a_sentinel_that_runs_as_wanted_is_let_be(redis, tmp_path):
    server = redis()
    conf = tmp_path / "sentinel.conf"
    conf.write_text("port %d\nsentinel monitor m 10.0.0.1 6379 2\n" % server.port, encoding="utf-8")
    params = dict(LOGIN, config_file=str(conf), address="127.0.0.1", port=server.port, secure_port=0, manager="command", unit="", command=[],
                  user=None, restart=False, quorum=False, others={}, state="started",
                  target={"settings": {"port": str(server.port)}, "places": [["10.0.0.1", 6380, 6379]]})
    assert redis_sentinel.run(params, False) == {"changed": False, "directives": []}
    params["target"]["settings"]["tls-port"] = "26380"
    assert redis_sentinel.run(params, True) == {"changed": True, "directives": ["tls-port"]}


@pytest.mark.parametrize("others, told", [
    ([{"ip": "a", "port": "1", "flags": "sentinel"}], ""),
    ([{"ip": "a", "port": "1", "flags": "sentinel,disconnected"}], "for m it does not reach the Sentinels at a:1"),
    ([{"ip": "a", "port": "1", "flags": "s_down,sentinel"}], "for m it does not reach the Sentinels at a:1"),
    ([], "for m it knows 0 of 1 other Sentinels"),
])
def test_a_sentinel_that_does_not_reach_the_others_is_not_ready(others, told):
    assert redis_sentinel.lonely("m", others, 1) == told


@pytest.mark.parametrize("text, told", [
    ("sentinel announce-port 26379\n", "has sentinel announce-port 26379"), ("sentinel announce-port 0\n", None), ("", None)])
def test_a_sentinel_behind_address_translation_is_told(redis, tmp_path, text, told):
    server = redis(answers={"SENTINEL MYID": b"$3\r\nabc\r\n"})
    conf = tmp_path / "sentinel.conf"
    conf.write_text(text, encoding="utf-8")
    sentinel = {"config_file": str(conf), "port": server.port, "secure_port": 1, "password": None}
    found = redis_node_info.sentinel_facts({"address": "127.0.0.1"}, sentinel, None)
    assert found["running"] and found["id"] == "abc"
    assert found["problem"] is None if told is None else told in found["problem"]


def test_a_sentinel_that_wants_a_password_is_told(redis, tmp_path):
    server = redis(passwords=["watch"])
    (tmp_path / "sentinel.conf").write_text("sentinel monitor m 10.0.0.1 6379 2\n", encoding="utf-8")
    sentinel = {"config_file": str(tmp_path / "sentinel.conf"), "port": server.port, "secure_port": 1}
    for password, code in ((None, "NOAUTH"), ("wrong", "WRONGPASS")):
        found = redis_node_info.sentinel_facts({"address": "127.0.0.1"}, dict(sentinel, password=password), None)
        assert found["running"] and "(%s). Set redis_tls_sentinel_password" % code in found["problem"]


# redis_traffic_info

def packet(data, source=40000, target=6379):
    tcp = struct.pack("!HHIIBBHHH", source, target, 0, 0, 5 << 4, 0, 0, 0, 0) + data
    return struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp), 0, 0, 64, 6, 0, b"\x7f\0\0\1", b"\x0a\0\0\7") + tcp + b"padding"


def test_a_packet_is_taken_apart():
    assert traffic.payload(packet(b"PING\r\n"), traffic.ETH_P_IP) == ((b"\x7f\0\0\1", 40000), (b"\x0a\0\0\7", 6379), b"PING\r\n")
    assert traffic.payload(b"\0" * 60, traffic.ETH_P_IP) is None
    assert traffic.payload(packet(b"x")[:30], traffic.ETH_P_IP) is None


@pytest.mark.parametrize(
    ("data", "kind"),
    [(b"\x17\x03\x03\0\x20x", "tls"), (b"\x16\x03\x01", "tls"), (b"RCmb\0\0", "bus"), (b"*3\r\n$3\r\nSET", "resp"), (b"+OK\r\n", "resp"),
     (b"$5\r\nhello\r\n", "resp"), (b":1\r\n", "resp"), (b"-ERR no\r\n", "resp"), (b"PING\r\n", "resp"), (b"\x99\x03\x03 middle", None)],
)
def test_kinds_of_payload(data, kind):
    assert traffic.kind_of(data) == kind


def test_traffic_that_nobody_may_watch_is_said_so(monkeypatch):
    def forbidden(*_arguments):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(traffic.socket, "socket", forbidden)
    found = redis_traffic_info.read({"ports": [6379], "seconds": 1, "addresses": []})
    assert found["plaintext"] is None and "Run as root" in found["problem"]


# redis_tls_plan, redis_tls_proof, redis_tls_info

@pytest.mark.parametrize(("mode", "meant", "where"), [
    ("preferred", False, "problems"), ("required", False, "problems"), ("preferred", True, "warnings"), ("none", False, None),
    ("keep", False, None)])
def test_a_ca_that_others_have_too(mode, meant, where):
    options = {"nodes": {}, "mode": mode, "ca_problem": "", "ca_users": ["other1"], "shared_ca": meant, "password": False}
    plan = redis_tls_plan.plan_of(options)
    told = [key for key in ("problems", "warnings") if any("the CA is also that of other1" in text for text in plan[key])]
    assert told == [where] * bool(where)


def seen(**changes):
    found = {"identities": [{"name": "member", "result": "accepted", "detail": ""}, {"name": "foreign", "result": "refused", "detail": ""}],
             "certificate": {"sha256": "a", "serial": "1"}, "protocols": {"TLSv1.2": True, "TLSv1.1": False}, "protocol": "TLSv1.3", "cipher": "x",
             "trusted": True, "trust_reason": "", "accepts_plaintext": False, "demands_client_certificate": True, "speaks_tls": True, "error": None}
    return dict(found, **changes)


@pytest.mark.parametrize(
    ("changes", "client_certificates", "text"),
    [
        ({}, "required", None),
        ({"accepts_plaintext": True}, "required", "refuses plaintext"),
        ({"demands_client_certificate": False}, "required", "without a certificate is let in"),
        ({"demands_client_certificate": False}, "optional", None),
        ({"certificate": {"sha256": "b", "serial": "2"}}, "required", "serial 2"),
        ({"trusted": False, "trust_reason": "expired"}, "required", "does not verify: expired"),
        ({"protocols": {"TLSv1.1": True}}, "required", "still speaks TLSv1.1"),
        ({"speaks_tls": False}, "required", "does not speak TLS"),
        ({"identities": [{"name": "member", "result": "refused", "detail": "x"}, {"name": "foreign", "result": "accepted", "detail": "y"}]},
         "required", "is not let in"),
    ],
)
def test_judge(changes, client_certificates, text):
    failures = redis_tls_proof.judge("TLS port", seen(**changes), "a", client_certificates)[1]
    assert failures == [] if text is None else any(text in failure for failure in failures), failures


def test_the_actions_take_what_the_role_gives():
    assert {"server", "sentinel", "parameters", "fallback_password"} <= set(redis_tls_info.ActionModule.ARGUMENTS)
