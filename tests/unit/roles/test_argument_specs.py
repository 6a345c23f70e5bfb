# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What meta/argument_specs.yml of every role says is what its defaults are, and what Ansible itself accepts."""

from __future__ import annotations

import pathlib
import re

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

ROLES = sorted(path.parent.parent for path in pathlib.Path(__file__).resolve().parents[3].glob("roles/*/meta/argument_specs.yml"))
SECRET = re.compile(r"(password|passphrase|secret|token|adopt)\Z")
OF_TYPE = {"str": str, "path": str, "bool": bool, "int": int, "list": list, "dict": dict, "float": float}


def load(path):
    return yaml.safe_load(path.read_text(encoding="utf-8")) if path.is_file() else {}


def options_of(role):
    return load(role / "meta" / "argument_specs.yml")["argument_specs"]["main"]["options"]


def defaults_of(role):
    return load(role / "defaults" / "main.yml") or {}


def computed(value):
    return "{{" in str(value)


@pytest.fixture(params=ROLES, ids=lambda role: role.name)
def role(request):
    return request.param


def test_there_are_roles():
    assert "cluster_ca" in [role.name for role in ROLES]


def test_options_and_defaults_are_the_same(role):
    options, defaults = options_of(role), defaults_of(role)
    described = {name: option["default"] for name, option in options.items() if "default" in option}
    assert {name: value for name, value in defaults.items() if name in described} == described
    assert set(defaults) <= set(options)


def test_what_is_required_has_no_default(role):
    for name, option in options_of(role).items():
        if option.get("required"):
            assert "default" not in option and name not in defaults_of(role), name


def test_a_default_is_of_its_options_type(role):
    for name, option in options_of(role).items():
        default = option.get("default")
        assert option["type"] in OF_TYPE or option["type"] == "raw", name
        if default is not None and option["type"] != "raw" and not computed(default):
            assert isinstance(default, OF_TYPE[option["type"]]), name
        if "choices" in option and default is not None and not computed(default):
            assert default in option["choices"], name


def test_ansible_accepts_the_defaults_as_they_are(role):
    options = options_of(role)
    fixed = {name: value for name, value in defaults_of(role).items() if value is not None and not computed(value)}
    given = dict(fixed, **{name: sample(option) for name, option in options.items() if option.get("required")})
    found = ArgumentSpecValidator(without_descriptions(options)).validate(given)
    assert found.error_messages == []
    assert {name: found.validated_parameters[name] for name in fixed} == fixed


def sample(option):
    return {"str": "x", "path": "/x", "int": 1, "bool": True, "list": [], "dict": {}, "raw": "x", "float": 1.0}[option["type"]]


def without_descriptions(options):
    """The options as the validator takes them: documentation keys left out, at every level."""
    found = {}
    for name, option in options.items():
        found[name] = {key: value for key, value in option.items() if key not in ("description", "version_added")}
        if "options" in found[name]:
            found[name]["options"] = without_descriptions(found[name]["options"])
    return found


def test_secrets_are_not_logged(role):
    for name, option in options_of(role).items():
        if SECRET.search(name) and option["type"] != "bool":
            assert option.get("no_log") is True, name


def test_every_variable_is_in_the_readme(role):
    text = (role / "README.md").read_text(encoding="utf-8")
    missing = [name for name in options_of(role) if not re.search(r"(?<![a-z_])%s(?![a-z_])" % name, text)]
    assert missing == []
