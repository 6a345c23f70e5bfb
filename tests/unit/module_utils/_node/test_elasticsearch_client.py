# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One node's HTTP layer, asked and answered over real connections."""

from __future__ import annotations

import base64
import contextlib
import pathlib
import socket
import ssl

import pytest
from ansible_collections.interlock.cluster.plugins.module_utils._node.elasticsearch_client import ApiError, Client, patiently, reason
from ansible_collections.interlock.cluster.tests.unit.support.scripted_api import NO_MASTER, UNAUTHORIZED, scripted_api

PASSWORD = "pässword: with a colon"


@pytest.fixture
def api():
    with scripted_api() as running:
        yield running


def client(api, *credentials, **options):
    return Client("127.0.0.1", api.port, *credentials, **options)


def test_credentials_go_with_every_request_and_only_when_there_are_any(api):
    api.script["PUT /x"] = [(200, {"acknowledged": True})]
    assert client(api, "elastic", PASSWORD).call("PUT", "/x?y=1", {"a": [1]}) == {"acknowledged": True}
    assert client(api, "elastic", None).call("PUT", "/x") == {"acknowledged": True}
    first, second = api.asked
    assert (first.method, first.path, first.body) == ("PUT", "/x?y=1", {"a": [1]})
    assert first.headers["Authorization"] == "Basic " + base64.b64encode(("elastic:%s" % PASSWORD).encode()).decode()
    assert (first.headers["Content-Type"], first.headers["User-Agent"]) == ("application/json", "interlock.cluster")
    assert "Authorization" not in second.headers and second.body is None


@pytest.mark.parametrize("content, expected", [(b'{"a": 1}', {"a": 1}), (b"", None), (b"<html>\xff", "<html>\ufffd"), (b"[1]", [1])])
def test_an_answer_need_not_be_json(api, content, expected):
    api.script["GET /"] = [(200, content)]
    assert client(api).request("GET", "/") == (200, expected)


@pytest.mark.parametrize("answer, message", [
    (UNAUTHORIZED, "answered with 401: security_exception: missing authentication credentials for REST request [/]. "
                   "Check the password that the role is given for this user."),
    (NO_MASTER, "answered with 503: master_not_discovered_exception: None."),
    ((500, b"oops" * 200), "answered with 500: %s." % ("oops" * 200)[:300]),
    ((404, {"error": "no handler"}), "answered with 404: {'error': 'no handler'}."),
    ((302, {}), "answered with 302: {}."),
])
def test_what_is_no_success_is_an_error_that_says_why(api, answer, message):
    api.script["GET /x"] = [answer]
    with pytest.raises(ApiError) as refused:
        client(api, "elastic", PASSWORD).call("GET", "/x")
    assert str(refused.value) == "http://127.0.0.1:%d: GET /x was %s" % (api.port, message)
    assert refused.value.status == answer[0]
    assert client(api).request("GET", "/x")[0] == answer[0], "an HTTP error is an answer"


def test_no_answer_is_an_error_without_a_status(api):
    api.script["GET /x"] = [(None, None)]
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        for port, why in ((api.port, "Remote end closed connection without response"), (unused.getsockname()[1], "Connection refused")):
            with pytest.raises(ApiError) as refused:
                Client("127.0.0.1", port).call("GET", "/x")
            assert str(refused.value).startswith("http://127.0.0.1:%d: does not answer GET /x: " % port) and why in str(refused.value)
            assert refused.value.status is None


def test_who_never_answers_is_not_waited_for_for_ever():
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        with pytest.raises(ApiError, match="does not answer GET /: timed out"):
            Client("127.0.0.1", silent.getsockname()[1], timeout=0.1).request("GET", "/")


def test_an_address_of_version_6_is_written_as_in_a_url():
    assert Client("::1", 9200).where == "http://[::1]:9200"


def test_https_is_verified_with_the_given_authorities(pki):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pki.node.path)
    with scripted_api(context=context) as api:
        api.script["GET /"] = [(200, {"a": 1})]
        assert client(api, scheme="https", ca_pem=pki.ca.certificate).call("GET", "/") == {"a": 1}
        for authority in (pki.foreign.certificate, None):
            with pytest.raises(ApiError, match="https://127.0.0.1:[0-9]+: does not answer GET /: .*certificate verify failed"):
                client(api, "elastic", PASSWORD, scheme="https", ca_pem=authority).call("GET", "/")
        assert len(api.asked) == 1, "nothing is sent to a server that nobody knows"


@pytest.fixture(params=["http", "https"])
def switched(request, pki):
    """A server that speaks one of the two, and which that is."""
    context = None
    if request.param == "https":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pki.node.path)
    with scripted_api(context=context) as server:
        server.script["GET /"] = [(200, {"a": 1})]
        yield request.param, server


@pytest.mark.parametrize("scheme", ["http_or_https", "https_or_http"])
def test_what_a_server_speaks_is_found_out_and_remembered(pki, switched, scheme):
    speaks, server = switched
    found = client(server, "elastic", PASSWORD, scheme=scheme, ca_pem=pki.ca.certificate, timeout=30.0)
    assert found.scheme == scheme.partition("_")[0], "as long as nobody was asked"
    assert found.call("GET", "/") == {"a": 1} and found.scheme == speaks
    assert found.call("GET", "/") == {"a": 1} and len(server.asked) == 2


def test_a_node_may_change_what_it_speaks_between_two_requests(pki):
    with scripted_api() as server:
        server.script["GET /"] = [(200, {"a": 1})]
        found = client(server, scheme="https_or_http", ca_pem=pki.ca.certificate, timeout=30.0)
        assert found.call("GET", "/") == {"a": 1}
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pki.node.path)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        with contextlib.suppress(ApiError):  # the listener is replaced while one thread waits at the old one
            found.call("GET", "/")
        assert found.call("GET", "/") == {"a": 1} and found.scheme == "https"


def test_a_certificate_that_does_not_verify_is_no_reason_to_fall_back(pki, switched):
    speaks, server = switched
    if speaks == "https":
        for scheme in ("https_or_http", "http_or_https"):
            with pytest.raises(ApiError, match="certificate verify failed"):
                client(server, "elastic", PASSWORD, scheme=scheme, ca_pem=pki.foreign.certificate, timeout=30.0).call("GET", "/")
        assert server.asked == []
    else:
        with pytest.raises(ApiError):
            client(server, "elastic", PASSWORD, scheme="https", ca_pem=pki.ca.certificate, timeout=30.0).call("GET", "/")
        assert server.asked == [], "nothing is sent in plaintext when https is asked for"


@pytest.mark.parametrize("names, verifies", [([], False), (["192.0.2.9"], False), (["192.0.2.9", "elsewhere.example.com"], True), (["192.0.2.1"], True)])
def test_a_certificate_may_be_for_another_name_of_the_node(pki, names, verifies):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pki.elsewhere.path)
    with scripted_api(context=context) as server:
        server.script["GET /"] = [(200, {"a": 1})]
        found = client(server, scheme="https", ca_pem=pki.ca.certificate, names=names, timeout=30.0)
        if verifies:
            assert [found.call("GET", "/") for _again in range(2)] == [{"a": 1}] * 2
        else:
            with pytest.raises(ApiError, match="certificate verify failed"):
                found.call("GET", "/")


@pytest.mark.parametrize("shows", [True, False])
def test_a_server_may_demand_a_certificate_of_its_clients(pki, shows):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pki.node.path)
    context.load_verify_locations(cadata=pki.ca.certificate)
    context.verify_mode = ssl.CERT_REQUIRED
    own = pathlib.Path(pki.node.path).read_text(encoding="ascii")
    with scripted_api(context=context) as server:
        server.script["GET /"] = [(200, {"a": 1})]
        found = client(server, scheme="https_or_http", ca_pem=pki.ca.certificate, timeout=30.0,
                       identity={"certificate": own, "private_key": ""} if shows else None)
        if shows:
            assert found.call("GET", "/") == {"a": 1}
        else:
            with pytest.raises(ApiError):
                found.call("GET", "/")


@pytest.mark.parametrize("answer, text", [({"error": {"type": "a", "reason": "b"}}, "a: b"), ({"error": "c"}, "{'error': 'c'}"), ("d" * 400, "d" * 300)])
def test_the_human_part_of_an_error(answer, text):
    assert reason(answer) == text


class Clock:
    """Time that passes only by sleeping."""

    def __init__(self):
        self.now = 100.0

    def sleep(self, seconds):
        self.now += seconds


def attempts(*results):
    """An attempt that raises an ApiError for each status and returns the rest; it counts."""
    left = list(results)

    def attempt():
        attempt.count += 1
        result = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(result, str):
            return result
        raise ApiError("no", status=result)

    attempt.count = 0
    return attempt


@pytest.mark.parametrize("results", [("done",), (None, 401, 503, 429, "done")])
def test_what_is_not_final_is_asked_again(results):
    clock, attempt = Clock(), attempts(*results)
    assert patiently(attempt, 60, lambda: clock.now, clock.sleep) == "done"
    assert attempt.count == len(results)


@pytest.mark.parametrize("status", [400, 403, 404, 500])
def test_what_is_final_is_not(status):
    clock, attempt = Clock(), attempts(status, "done")
    with pytest.raises(ApiError):
        patiently(attempt, 60, lambda: clock.now, clock.sleep)
    assert attempt.count == 1


@pytest.mark.parametrize("status", [None, 401, 429, 503])
@pytest.mark.parametrize("seconds, count", [(0, 1), (2, 5)])
def test_patience_ends(status, seconds, count):
    clock, attempt = Clock(), attempts(status)
    with pytest.raises(ApiError) as refused:
        patiently(attempt, seconds, lambda: clock.now, clock.sleep)
    assert (attempt.count, refused.value.status) == (count, status)
