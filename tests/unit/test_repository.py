# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What holds for every plugin, role, scenario and changelog fragment, whoever adds the next one."""

from __future__ import annotations

import ast
import pathlib
import re

import pytest
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
PLUGINS = ROOT / "plugins"

MODULES = sorted((PLUGINS / "modules").glob("*.py"))
ACTIONS = sorted((PLUGINS / "action").glob("*.py"))
ROLES = sorted(path for path in (ROOT / "roles").glob("*") if path.is_dir())
SCENARIOS = sorted(path.parent for path in (ROOT / "molecule").glob("*/molecule.yml"))
FRAGMENTS = sorted((ROOT / "changelogs" / "fragments").glob("*"))


def name(path):
    """A test's name for a path."""
    return path.stem


def load_yaml(path):
    """The content of a YAML file."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def assigned_strings(path):
    """The module-level string constants of a Python file, by name."""
    return {
        node.targets[0].id: node.value.value
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and isinstance(node.value, ast.Constant)
    }


@pytest.mark.parametrize("module", MODULES, ids=name)
def test_a_module_is_documented(module):
    strings = assigned_strings(module)
    documentation = yaml.safe_load(strings["DOCUMENTATION"])
    assert documentation["module"] == module.stem
    assert documentation["short_description"]
    assert yaml.safe_load(strings["EXAMPLES"])
    assert "RETURN" in strings
    for task in yaml.safe_load(strings["EXAMPLES"]):
        assert task.get("name"), "every example is a named task"
    assert f"interlock.cluster.{module.stem}:" in strings["EXAMPLES"]


@pytest.mark.parametrize("module", MODULES, ids=name)
def test_a_module_is_named_by_a_test(module):
    tests = [path for path in [*ROOT.glob("tests/**/*.py"), *ROOT.glob("molecule/**/*.py")] if path != pathlib.Path(__file__)]
    word = re.compile(rf"(?<![a-z0-9]){re.escape(module.stem)}(?![a-z0-9_])")
    assert any(word.search(path.stem) or word.search(path.read_text(encoding="utf-8")) for path in tests)


@pytest.mark.parametrize("action", ACTIONS, ids=name)
def test_an_action_plugin_has_a_module_that_documents_it(action):
    assert (PLUGINS / "modules" / action.name).is_file()


def role_options(role):
    """The options of a role's main entry point."""
    return load_yaml(role / "meta" / "argument_specs.yml")["argument_specs"]["main"]["options"]


def included_roles(role):
    """The names of the collection's roles that a role includes: their variables are its users' to set."""
    tasks = "".join(path.read_text(encoding="utf-8") for path in sorted((role / "tasks").glob("*.yml")))
    return re.findall(r"name: interlock\.cluster\.(\w+)$", tasks, re.M)


@pytest.mark.parametrize("role", ROLES, ids=name)
def test_a_role_describes_its_arguments(role):
    main = load_yaml(role / "meta" / "argument_specs.yml")["argument_specs"]["main"]
    assert main["short_description"] and main["options"]
    prefixes = tuple(f"{name}_" for name in [role.name, *included_roles(role)])
    for option, description in main["options"].items():
        assert option.startswith(prefixes), option
        assert description.get("description"), option


@pytest.mark.parametrize("role", ROLES, ids=name)
def test_the_described_defaults_of_a_role_are_its_defaults(role):
    options, defaults = role_options(role), load_yaml(role / "defaults" / "main.yml") or {}
    assert set(defaults) <= set(options), "every default is described"
    described = {option: text["default"] for option, text in options.items() if "default" in text}
    assert {option: defaults.get(option) for option in described} == described
    computed = {option for option, value in defaults.items() if value is None or "{{" in str(value)}
    assert set(defaults) - computed <= set(described), "every fixed default is described as the default"


@pytest.mark.parametrize("scenario", SCENARIOS, ids=name)
def test_a_scenario_has_tests(scenario):
    directory = load_yaml(scenario / "molecule.yml").get("verifier", {}).get("directory", "tests")
    assert list((scenario / directory).glob("test_*.py")), "molecule passes over a verifier without tests"


@pytest.mark.parametrize("fragment", FRAGMENTS, ids=name)
def test_a_changelog_fragment_can_be_read(fragment):
    config = load_yaml(ROOT / "changelogs" / "config.yaml")
    sections = {section for section, _title in config["sections"]} | {config["trivial_section_name"]}
    assert fragment.suffix in (".yml", ".yaml")
    content = load_yaml(fragment)
    for section, entries in content.items():
        if section == config["prelude_section_name"]:
            assert isinstance(entries, str) and entries
        else:
            assert section in sections
            assert entries and all(isinstance(entry, str) and entry for entry in entries)


def test_there_is_something_to_look_at():
    assert MODULES and FRAGMENTS and SCENARIOS
