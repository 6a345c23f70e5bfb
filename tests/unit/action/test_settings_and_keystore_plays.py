# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The actions elasticsearch_settings and elasticsearch_keystore, at once and staged with a certificate as the role does it.

One run of ansible-playbook -vvv --diff; a directory is a node, and a task is run as check, do, check, do.
"""

from __future__ import annotations

import base64
import datetime
import json
import os

import pytest
from ansible_collections.interlock.cluster.plugins.module_utils._ansible.ca_directory import CaDirectory
from ansible_collections.interlock.cluster.plugins.module_utils._stores import elasticsearch_keystore as keystores
from ansible_collections.interlock.cluster.plugins.module_utils._stores import pkcs12, settings_file
from ansible_collections.interlock.cluster.tests.unit.support.playbooks import run_playbook

RUNS = ("check first", "do", "check again", "do again")
SECRET, PASSWORD, FILE_ENTRY, PASSPHRASE = "kno4-of-an-entry", "kno4-of-the-keystore", b"kno4\x00in a file", "kno4 of the CA here"
YML = b"# ours\r\ncluster.name: orders   # kept\r\nxpack:\r\n  security:\r\n    enabled: false\r\nthe.api.key: kno4-in-the-file\r\nlast: 1"
SETTINGS = {"xpack.security.enabled": True, "http.port": 9201, "reindex.ssl.keystore.password": SECRET, "a.list": ["x", "y"]}
KEYSTORE_PASSWORD = "xpack.security.transport.ssl.keystore.secure_password"


def keystore(password="", **entries):
    values = dict({"keystore.seed": b"s" * 20, "kept": b"kno4-kept"}, **entries)
    return keystores.dump(keystores.Keystore(values, 4, password_protected=bool(password)), password, os.urandom)


# host: (module, its files, its options); the path is that of the first file
HOSTS = {
    "merge": ("elasticsearch_settings", {"elasticsearch.yml": YML}, {"settings": SETTINGS, "absent": ["last"], "backup": True}),
    "new_file": ("elasticsearch_settings", {"elasticsearch.yml": None}, {"settings": {"a": 1}, "mode": "0600"}),
    "placeholder": ("elasticsearch_settings", {"elasticsearch.yml": b"node.name: ${HOSTNAME}\n"}, {"settings": {"node.name": "es1"}}),
    "broken": ("elasticsearch_settings", {"elasticsearch.yml": b"a: 1\nb: [\n"}, {"settings": {"a": 2}}),
    "edit": ("elasticsearch_keystore", {"elasticsearch.keystore": keystore(gone=b"1", other=b"kno4-other")}, {
        "entries": {"other": SECRET}, "file_entries": {"file": base64.b64encode(FILE_ENTRY).decode()}, "generate": ["random"],
        "absent": ["gone", "never there"], "backup": True}),
    "new_keystore": ("elasticsearch_keystore", {"elasticsearch.keystore": None}, {
        "entries": {"a": SECRET}, "version": "7.17.28", "password": PASSWORD, "mode": "0600"}),
    "protected": ("elasticsearch_keystore", {"elasticsearch.keystore": keystore(PASSWORD)}, {"entries": {"a": SECRET}, "password": PASSWORD}),
    "wrong_password": ("elasticsearch_keystore", {"elasticsearch.keystore": keystore(PASSWORD)}, {"entries": {"a": SECRET}, "password": "kno4"}),
    "not_base64": ("elasticsearch_keystore", {"elasticsearch.keystore": keystore()}, {"file_entries": {"file": "kno4!"}}),
}
REFUSED = {
    "broken": "elasticsearch.yml: line 3: ",
    "wrong_password": "elasticsearch.keystore: the keystore password is wrong. Give the one it was saved with.",
    "not_base64": "file: the content of this file entry is not base64. Encode it, for example with the filter b64encode.",
}


def runs(host):
    """Which of the runs are made of a host."""
    if host in REFUSED and host != "broken" or host == "protected":
        return RUNS[1:2]
    return RUNS if host in ("merge", "edit") else (RUNS[1], RUNS[3]) if host == "new_keystore" else RUNS[:2]


def staged_tasks(top, host):
    """What the role does to stage a node, then the switch and the way back; each thing twice."""
    config = top / host
    common = {"staged": True}
    path = str(config / "elasticsearch.keystore")
    steps = [
        ("begin", "staged_files", {"directory": str(config), "state": "begun"}),
        ("keystore", "elasticsearch_keystore", dict(common, path=path, entries={"bootstrap.password": SECRET}, generate=[KEYSTORE_PASSWORD])),
        ("certificate", "node_certificate", dict(
            common, keystore=str(config / "certs" / "key.p12"), truststore=str(config / "certs" / "trust.p12"),
            password_setting={"path": path, "name": KEYSTORE_PASSWORD}, ca_directory=str(top / "ca"), ca_passphrase=PASSPHRASE,
            common_name="node-1", dns=["node-1"], manifest_directory=str(config))),
        ("settings", "elasticsearch_settings", dict(common, path=str(config / "elasticsearch.yml"), settings={"xpack.security.enabled": True})),
        ("seal", "staged_files", {"directory": str(config), "state": "sealed"}),
    ]
    once = ("begin", "seal")
    tasks = [task("%s %s" % (run, name), module, options, "check" in run) for name, module, options in steps
             for run in (RUNS[1:2] if name in once else (RUNS[1], RUNS[3]))]
    tasks.append(task("look", "node_info", {"files": [str(config / "elasticsearch.yml")], "directories": [str(config)]}))
    return tasks + [task(name, "staged_files", {"directory": str(config), "state": name}) for name in ("switched", "reverted")]


def task(name, module, options, check=False):
    return {"name": name, "interlock.cluster." + module: options, "check_mode": check, "ignore_errors": True}


class Node:
    """A directory as it was before and is now."""

    def __init__(self, path, files):
        self.path = path
        path.mkdir()
        for name, content in files.items():
            if content is not None:
                (path / name).write_bytes(content)
                (path / name).chmod(0o664)
        self.before = self.tree()

    def tree(self):
        return {str(file.relative_to(self.path)): file.read_bytes() for file in self.path.rglob("*") if file.is_file()}


@pytest.fixture(scope="module")
def top(tmp_path_factory):
    return tmp_path_factory.mktemp("settings")


@pytest.fixture(scope="module")
def nodes(top):
    made = {host: Node(top / host, files) for host, (_module, files, _options) in HOSTS.items()}
    for host in ("staged", "switched"):
        made[host] = Node(top / host, {"elasticsearch.yml": YML, "elasticsearch.keystore": keystore()})
    return made


@pytest.fixture(scope="module")
def outcome(top, nodes, certificates):
    now = datetime.datetime.now(datetime.timezone.utc)
    CaDirectory(str(top / "ca")).add(certificates.authority(now=now), PASSPHRASE, "created", now)
    tasks = {}
    for host, (module, files, options) in HOSTS.items():
        path = str(nodes[host].path / next(iter(files)))
        tasks[host] = [task(run, module, dict(options, path=path), "check" in run) for run in runs(host)]
    tasks["staged"] = staged_tasks(top, "staged")
    wanted = ("do begin", "do keystore", "do certificate", "do seal", "switched")
    tasks["switched"] = [item for item in staged_tasks(top, "switched") if item["name"] in wanted]
    plays = [{"hosts": host, "gather_facts": False, "tasks": items} for host, items in tasks.items()]
    return run_playbook(top, plays, dict.fromkeys(nodes, {}), "-vvv", "--diff")


def results(outcome, host, ending=""):
    """What the runs of a host came to that did not fail."""
    return [result for run in RUNS for status, result in outcome.of(host, run + ending) if status == "ok"]


def test_settings_are_merged_and_every_other_byte_is_kept(outcome, nodes):
    found = results(outcome, "merge")
    assert [result["changed"] for result in found] == [True, True, False, False], outcome.output
    tree = nodes["merge"].tree()
    new = tree["elasticsearch.yml"]
    assert new.startswith(YML.replace(b"false", b"true").replace(b"\r\nlast: 1", b"")) and b"\n" not in new.replace(b"\r\n", b"")
    assert dict(settings_file.read(new), **{"a.list": ["x", "y"]}) == {
        "cluster.name": "orders", "the.api.key": "kno4-in-the-file", **SETTINGS}
    (backup,) = found[1]["backups"]
    assert tree[os.path.basename(backup)] == YML and len(tree) == 2
    assert (nodes["merge"].path / "elasticsearch.yml").stat().st_mode & 0o7777 == 0o664, "the mode it had"


def test_the_diff_of_settings_shows_the_changed_ones_only_and_hides_secrets(outcome, nodes):
    found = results(outcome, "merge")
    for result in found[:2]:
        assert result["diff"]["before"] == "xpack.security.enabled: false\nlast: 1\n"
        assert sorted(result["diff"]["after"].splitlines()) == [
            "a.list: ['x', 'y']", "http.port: 9201", "reindex.ssl.keystore.password: (hidden)", "xpack.security.enabled: true"]
        assert result["diff"]["before_header"] == str(nodes["merge"].path / "elasticsearch.yml")
        assert {"name": "reindex.ssl.keystore.password", "before": None, "after": "(hidden)"} in result["changes"]
    assert found[2]["diff"]["after"] == found[2]["diff"]["before"] == "" and found[2]["changes"] == []


def test_a_settings_file_that_is_not_there_is_made(outcome, nodes):
    assert [result["changed"] for result in results(outcome, "new_file")] == [True, True]
    assert nodes["new_file"].tree() == {"elasticsearch.yml": b"a: 1\n"}
    assert (nodes["new_file"].path / "elasticsearch.yml").stat().st_mode & 0o7777 == 0o600


def test_a_placeholder_is_kept_and_warned_of(outcome, nodes):
    assert len(results(outcome, "placeholder")) == 2
    for result in results(outcome, "placeholder"):
        assert (result["changed"], result["kept"]) == (False, ["node.name"])
        assert "kept as it is, because its value is a placeholder: node.name" in str(result["warnings"])
    assert nodes["placeholder"].tree() == nodes["placeholder"].before


@pytest.mark.parametrize("host", REFUSED)
def test_what_is_refused_is_left_as_it_was(outcome, nodes, host):
    failures = [result["msg"] for status, result in outcome.of(host) if status == "failed"]
    assert len(failures) == len(runs(host)) and len(set(failures)) == 1
    assert REFUSED[host] in failures[0]
    assert nodes[host].tree() == nodes[host].before


def test_secure_settings_are_edited(outcome, nodes):
    found = results(outcome, "edit")
    assert [result["changed"] for result in found] == [True, True, False, False]
    changes = [{"name": "file", "action": "add"}, {"name": "gone", "action": "remove"}, {"name": "other", "action": "replace"},
               {"name": "random", "action": "add"}]
    assert [result["changes"] for result in found] == [changes, changes, [], []]
    assert [(result["diff"]["before"], result["diff"]["after"]) for result in found[:3]] == [
        ("gone\nother\n", "file\nother (replaced)\nrandom\n")] * 2 + [("", "")]
    tree = nodes["edit"].tree()
    made = keystores.load(tree["elasticsearch.keystore"])
    assert {name: value for name, value in made.entries.items() if name != "random"} == {
        "keystore.seed": b"s" * 20, "kept": b"kno4-kept", "other": SECRET.encode(), "file": FILE_ENTRY}
    assert made.format == found[0]["format"] == 4 and len(made.entries["random"]) == 32
    (backup,) = found[1]["backups"]
    assert tree[os.path.basename(backup)] == nodes["edit"].before["elasticsearch.keystore"]
    assert {file.stat().st_mode & 0o7777 for file in nodes["edit"].path.iterdir()} == {0o664}


def test_a_keystore_is_made_for_a_version_with_a_password(outcome, nodes):
    assert [result["changed"] for result in results(outcome, "new_keystore")] == [True, False]
    path = nodes["new_keystore"].path / "elasticsearch.keystore"
    made = keystores.load(path.read_bytes(), PASSWORD)
    assert (made.format, made.password_protected, set(made.entries)) == (4, True, {"keystore.seed", "a"})
    assert path.stat().st_mode & 0o7777 == 0o600


def test_a_protected_keystore_stays_protected(outcome, nodes):
    assert [result["changed"] for result in results(outcome, "protected")] == [True]
    assert keystores.load(nodes["protected"].tree()["elasticsearch.keystore"], PASSWORD).entries["a"] == SECRET.encode()
    assert keystores.describe(nodes["protected"].tree()["elasticsearch.keystore"]).password_protected


@pytest.mark.parametrize("name", ["keystore", "certificate", "settings"])
def test_what_is_staged_counts_as_done(outcome, name):
    assert [result["changed"] for result in results(outcome, "staged", " " + name)] == [True, False]


def test_staged_together_live_together_and_taken_back(outcome, nodes, top):
    _status, looked = outcome.only("staged", "look")
    assert looked["files"][str(top / "staged" / "elasticsearch.yml")]["size"] == len(YML), "nothing live has changed"
    assert looked["directories"][str(top / "staged")] == [
        ".elasticsearch.keystore.interlock-staged", ".elasticsearch.yml.interlock-staged", ".interlock-manifest.json", "certs",
        "elasticsearch.keystore", "elasticsearch.yml"]
    names = ["elasticsearch.keystore", "certs/key.p12", "certs/trust.p12", "elasticsearch.yml"]  # as they were staged
    for state in ("switched", "reverted"):
        assert outcome.only("staged", state)[1]["paths"] == [str(top / "staged" / name) for name in names]
    assert nodes["staged"].tree() == nodes["staged"].before
    assert not (top / "staged" / "certs").exists()


def test_no_secret_is_printed_or_returned(outcome):
    everything = outcome.output + json.dumps(outcome.results)
    assert "<edit> EXEC" in everything and len(outcome.results) > 30
    for secret in ("kno4", base64.b64encode(SECRET.encode()).decode(), base64.b64encode(FILE_ENTRY).decode()[:10], "PRIVATE KEY"):
        assert secret not in everything


def test_the_generated_password_opens_the_stores_and_is_told_nobody(outcome, nodes):
    tree = nodes["switched"].tree()
    password = keystores.load(tree["elasticsearch.keystore"]).entries[KEYSTORE_PASSWORD].decode()
    entry = pkcs12.load_keystore(tree["certs/key.p12"], password, "here")
    assert pkcs12.load_truststore(tree["certs/trust.p12"], password, "here") == entry.chain
    assert password not in outcome.output + json.dumps(outcome.results)
