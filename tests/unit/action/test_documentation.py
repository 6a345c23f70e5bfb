# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is documented is what is there: the options of the action plugins, what the bigger ones return, and every example.

validate-modules compares a module with its documentation, but knows nothing of the arguments of an action plugin.
"""

from __future__ import annotations

import copy
import datetime
import importlib
import json
import pathlib
import subprocess
import sys

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.interlock.cluster.plugins.module_utils._engines import elasticsearch_plan
from ansible_collections.interlock.cluster.plugins.plugin_utils import _certificate_verdict, _elasticsearch_node, _node_files

PLUGINS = pathlib.Path(__file__).resolve().parents[3] / "plugins"
PREFIX = "interlock.cluster."
ACTIONS = sorted(path.stem for path in (PLUGINS / "action").glob("*.py"))
MODULES = sorted(path.stem for path in (PLUGINS / "modules").glob("*.py"))


@pytest.fixture(scope="module")
def documentation():
    """doc, examples and return of every module by its short name, fragments resolved: what ansible-doc shows."""
    command = [sys.executable, "-m", "ansible", "doc", "--json", "-t", "module", *(PREFIX + name for name in MODULES)]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    return {name.removeprefix(PREFIX): found for name, found in json.loads(answer.stdout).items()}


def action(name):
    return importlib.import_module("ansible_collections.%splugins.action.%s" % (PREFIX, name)).ActionModule


def declared(arguments):
    """An argument spec reduced to what documentation tells of it."""
    return {name: _option(spec, declared(spec.get("options") or {})) for name, spec in arguments.items()}


def documented(options):
    """The same of documented options."""
    return {name: _option(option, documented(option.get("suboptions") or {})) for name, option in options.items()}


def _option(option, below):
    found = {key: option.get(key) for key in ("default", "choices", "elements")}
    return dict(found, type=option.get("type", "str"), required=option.get("required", False),
                aliases=sorted(option.get("aliases") or ()), suboptions=below)


@pytest.mark.parametrize("name", ACTIONS)
def test_the_documented_options_are_the_arguments(documentation, name):
    assert documented(documentation[name]["doc"]["options"]) == declared(action(name).ARGUMENTS)


@pytest.mark.parametrize("name", ACTIONS)
def test_the_documentation_says_that_there_is_an_action(documentation, name):
    attributes = documentation[name]["doc"]["attributes"]
    assert attributes["action"]["support"] == "full"
    assert ("no host" in attributes["action"]["details"]) is not action(name)._requires_connection
    assert (attributes["async"]["support"] == "none") is not action(name)._supports_async
    assert (attributes["check_mode"]["support"] in ("full", "partial")) is action(name)._supports_check_mode


def undone(arguments):
    """The same arguments with one thing different, in each way there is, at the top and one level down."""
    yield "a new name", {**arguments, "another": {"type": "str"}}
    for name, spec in arguments.items():
        yield "%s left out" % name, {other: value for other, value in arguments.items() if other != name}
        wrong = {"type": "raw", "required": not spec.get("required"), "default": "another", "choices": ["another"], "elements": "raw"}
        for key, value in wrong.items():
            yield "%s: %s" % (name, key), {**arguments, name: {**spec, key: value}}
        if "options" in spec:
            for what, below in undone(spec["options"]):
                yield "%s.%s" % (name, what), {**arguments, name: {**spec, "options": below}}


@pytest.mark.parametrize("name", ACTIONS)
def test_every_difference_is_seen(documentation, name):
    found = documented(documentation[name]["doc"]["options"])
    seen = {what: declared(arguments) != found for what, arguments in undone(copy.deepcopy(action(name).ARGUMENTS))}
    assert len(seen) > len(action(name).ARGUMENTS) and all(seen.values()), [what for what, different in seen.items() if not different]


# Examples

SAMPLES = {"str": "x", "path": "/x", "int": 1, "float": 1.0, "bool": True, "list": [], "dict": {}, "raw": "x"}


def specification(options):
    """Documented options as an argument spec."""
    return {name: {**{key: option[key] for key in ("type", "required", "default", "choices", "elements") if key in option},
                   **({"options": specification(option["suboptions"])} if option.get("suboptions") else {})}
            for name, option in options.items()}


def filled(value, option):
    """An example's value with something of the right type where the value is a template."""
    if isinstance(value, str) and value.startswith("{{"):
        return SAMPLES[option.get("type", "str")]
    below = option.get("suboptions")
    if below and isinstance(value, dict):
        return {name: filled(item, below.get(name, {})) for name, item in value.items()}
    if below and isinstance(value, list):
        return [filled(item, {"suboptions": below}) for item in value]
    return value


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_would_be_accepted(documentation, name):
    for task in yaml.safe_load(documentation[name]["examples"]):
        for key in [key for key in task if key.startswith(PREFIX)]:
            used = key.removeprefix(PREFIX)
            options = documentation[used]["doc"]["options"]
            rules = action(used).RULES if used in ACTIONS else {}
            given = {option: filled(value, options.get(option, {})) for option, value in task[key].items()}
            assert ArgumentSpecValidator(specification(options), **rules).validate(given).error_messages == [], task["name"]


# What is returned

NOW = datetime.datetime(2026, 6, 1, 12, 0, tzinfo=datetime.timezone.utc)
LAYOUT = _elasticsearch_node.Layout("/etc/elasticsearch", "/usr/share/elasticsearch", "certs/keystore.p12", "certs/truststore.p12")
SETTINGS = b"cluster.name: logs\nnode.name: es1\nnetwork.host: 10.0.0.7\n"
MANIFEST = b'{"state": "sealed", "context": {}, "files": {}}'


def node_verdicts(documentation):
    """The verdicts about a node that is down and has a settings file and a manifest."""
    files = {path: _node_files.NodeFile(path, False) for path in LAYOUT.files}
    for path, content in ((LAYOUT.settings, SETTINGS), (LAYOUT.manifest, MANIFEST)):
        files[path] = _node_files.NodeFile(path, True, content)
    found = {"host": {"now": 1.0, "hostname": "es1"}, "directories": {LAYOUT.library: ["elasticsearch-8.19.0.jar"]}, "free_space": {},
             "unreadable": [], "clock_offset": 0,
             "process": {"running": False, "pid": None, "started_at": None, "listeners": None, "passphrase_file": None}}
    defaults = {name: option.get("default") for name, option in documentation["elasticsearch_tls_info"]["doc"]["options"].items()}
    return _elasticsearch_node.assess_node(files, found, dict(defaults, inventory_hostname="es1", ansible_host=None), LAYOUT, NOW)


def differences(value, described, where=""):
    """Where plain data and its RETURN section do not have the same names."""
    if isinstance(value, list):
        return [found for item in value for found in differences(item, described, where)]
    if not isinstance(value, dict) or "contains" not in described:
        return []
    found = ["%s.%s" % (where, name) for name in set(value) ^ set(described["contains"])]
    return found + [below for name, item in value.items() for below in
                    differences(item, described["contains"].get(name, {}), "%s.%s" % (where, name))]


def test_the_returned_node_is_as_documented(documentation):
    described = copy.deepcopy(documentation["elasticsearch_tls_info"]["return"]["node"])
    verdicts = node_verdicts(documentation)
    assert verdicts["manifest"] and verdicts["secure_settings"] and verdicts["keystore"]
    assert differences(verdicts, described) == []
    del verdicts["live"]["served"], described["contains"]["san"]["contains"]["ip"]
    assert sorted(differences(verdicts, described)) == [".live.served", ".san.ip"]


def test_a_foreign_certificate_is_as_documented_and_as_the_module_ca_takes_it(documentation, certificates):
    issued = certificates.issue(certificates.authority("CN=old CA"), now=NOW)
    foreign = _certificate_verdict.foreign_authority("holds", issued.certificate)
    assert (foreign["subject"], foreign["issuer"]) == ("CN=node-1", "CN=old CA")
    node = node_verdicts(documentation)
    node["certificate"]["foreign"] = [foreign]
    assert differences(node, documentation["elasticsearch_tls_info"]["return"]["node"]) == []
    planned = elasticsearch_plan.plan({"es1": node}, elasticsearch_plan.Options())["foreign_authorities"]
    accepted = specification(documentation["ca"]["doc"]["options"])["foreign_authorities"]
    given = {"foreign_authorities": planned}
    assert ArgumentSpecValidator({"foreign_authorities": accepted}).validate(given).error_messages == []


def test_the_returned_plan_is_as_documented(documentation):
    plan = elasticsearch_plan.plan({"es1": node_verdicts(documentation)}, elasticsearch_plan.Options())
    described = documentation["elasticsearch_tls_plan"]["return"]["plan"]
    assert plan["kind"] == "full"
    assert differences(plan, described) == []
    assert set(plan["nodes"]["es1"]) == set(described["contains"]["nodes"]["sample"]["es1"])
