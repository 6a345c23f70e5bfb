# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Imports point down only, pure layers stay pure, and managed nodes get along with the standard library."""

from __future__ import annotations

import ast
import pathlib
import sys

import pytest

PLUGINS = pathlib.Path(__file__).resolve().parents[2] / "plugins"
PREFIX = "ansible_collections.interlock.cluster.plugins"

# Lowest first. What stands in one line may import itself and everything below; _node stands beside the pure layers.
LAYERS = (
    ("module_utils._errors",),
    ("module_utils._deps", "module_utils._node"),
    ("module_utils._pki",),
    ("module_utils._stores",),
    ("module_utils._engines",),
    ("module_utils._ansible",),
    ("plugin_utils",),
    ("modules", "action", "filter", "doc_fragments"),
)
RANKS = {layer: rank for rank, layers in enumerate(LAYERS) for layer in layers}

PURE = ("module_utils._pki", "module_utils._stores", "module_utils._engines")
IMPURE_MODULES = frozenset(
    "asyncio ctypes fcntl getpass glob grp http multiprocessing os pathlib platform pwd random secrets select shutil signal socket"
    " ssl subprocess sys tempfile threading time urllib uuid".split()
)
IMPURE_CALLS = frozenset("open input print now utcnow today".split())

THIRD_PARTY = {
    "module_utils._deps": {"cryptography", "yaml"},
    "module_utils._stores": {"yaml"},
    "module_utils._ansible": {"ansible", "yaml"},
    "plugin_utils": {"ansible", "yaml"},
    "modules": {"ansible"},
    "action": {"ansible", "yaml"},
    "filter": {"ansible", "yaml"},
}
# These run on the host that holds the CA, where cryptography is asked for. All other modules run on managed nodes.
CA_HOST_MODULES = {"modules.ca", "modules.ca_info", "modules.ca_rotation", "modules.ca_sign"}


class Tree:
    """The Python files below a plugins directory, by dotted name from there, with what each imports."""

    def __init__(self, plugins):
        self.sources = {}
        for path in sorted(plugins.rglob("*.py")):
            parts = path.relative_to(plugins).with_suffix("").parts
            self.sources[".".join(part for part in parts if part != "__init__")] = ast.parse(path.read_text(encoding="utf-8"), str(path))

    def imports(self, name):
        """Yield (kind, name): kind is ours, other or relative; ours are named from the plugins directory."""
        for node in ast.walk(self.sources[name]):
            if isinstance(node, ast.Import):
                yield from (self._named(alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.level:
                yield "relative", "." * node.level + (node.module or "")
            elif isinstance(node, ast.ImportFrom):
                yield from (self._member(node.module, alias.name) for alias in node.names)

    def _named(self, dotted):
        return ("ours", dotted[len(PREFIX) + 1 :]) if dotted.startswith(PREFIX) else ("other", dotted)

    def _member(self, module, member):
        kind, name = self._named(module)
        inside = f"{name}.{member}".lstrip(".")
        return (kind, inside) if kind == "ours" and inside in self.sources else (kind, name)

    def reached_from(self, name):
        """The names of our files that loading this one loads, itself included."""
        reached, waiting = set(), [name]
        while waiting:
            current = waiting.pop()
            if current in self.sources and current not in reached:
                reached.add(current)
                waiting += [target for kind, target in self.imports(current) if kind == "ours"]
        return reached


def layer_of(name):
    """The layer a dotted name belongs to, None when to no layer."""
    return next((layer for layer in RANKS if name == layer or name.startswith(layer + ".")), None)


def import_violations(tree, name):
    """Imports of one file that its layer does not allow."""
    layer = layer_of(name)
    for kind, target in tree.imports(name):
        if kind == "relative":
            yield f"{name}: relative import {target}"
        elif kind == "ours":
            below = layer_of(target)
            allowed = below is not None and (RANKS[below] < RANKS[layer] or below == layer)
            if not allowed or (layer == "module_utils._node" and below == "module_utils._deps"):
                yield f"{name}: imports {target}, which is not below it"
            elif layer in PURE and below == "module_utils._node":
                yield f"{name}: pure code imports {target}"
            elif layer == "modules" and below == "plugin_utils":
                yield f"{name}: a module imports {target}, which only the control process has"
        elif target.split(".")[0] not in sys.stdlib_module_names | THIRD_PARTY.get(layer, set()):
            yield f"{name}: imports {target}"
        elif layer in PURE and target.split(".")[0] in IMPURE_MODULES:
            yield f"{name}: pure code imports {target}"


def call_violations(tree, name):
    """Calls of one pure file that read a clock or touch files or terminals."""
    if layer_of(name) in PURE:
        for node in ast.walk(tree.sources[name]):
            if isinstance(node, ast.Call):
                called = getattr(node.func, "id", None) or getattr(node.func, "attr", None)
                if called in IMPURE_CALLS:
                    yield f"{name}:{node.lineno}: pure code calls {called}()"


def node_violations(tree, name):
    """What a module would load on a managed node that is not there: cryptography, PyYAML, Ansible's control side."""
    if layer_of(name) == "modules":
        for reached in sorted(tree.reached_from(name)):
            for kind, target in tree.imports(reached):
                root = target.split(".")[0]
                absent = root == "ansible" and not target.startswith("ansible.module_utils")
                # _deps imports it guarded: loading that is harmless where it is missing.
                absent = absent or (root == "yaml" and reached != "module_utils._deps")
                if kind == "other" and (absent or (root == "cryptography" and name not in CA_HOST_MODULES)):
                    yield f"{name}: loads {target} on a managed node, by way of {reached}"


def violations(plugins):
    """Everything in a plugins directory that breaks the rules of the layers, in words."""
    tree = Tree(plugins)
    found = []
    for name in tree.sources:
        if layer_of(name) is None:
            if tree.sources[name].body:
                found.append(f"{name}: belongs to no layer")
            continue
        for rule in (import_violations, call_violations, node_violations):
            found += rule(tree, name)
    return found


def test_the_layers_are_kept():
    assert violations(PLUGINS) == []


def test_the_rules_look_at_every_file():
    assert len(Tree(PLUGINS).sources) == len(list(PLUGINS.rglob("*.py"))) > 0


OURS = f"from {PREFIX}.module_utils"
BROKEN = {
    "stores use engines": ({"module_utils/_stores/a.py": f"{OURS}._engines import b", "module_utils/_engines/b.py": ""}, "not below"),
    "pki uses stores": ({"module_utils/_pki/a.py": f"{OURS}._stores.b import c", "module_utils/_stores/b.py": ""}, "not below"),
    "imported inside a function": ({"module_utils/_pki/a.py": f"def f():\n    {OURS}._ansible import b"}, "not below"),
    "utils use a module": ({"module_utils/_ansible/a.py": f"import {PREFIX}.modules.b"}, "not below"),
    "a module uses an action": ({"modules/a.py": f"from {PREFIX}.action import b", "action/b.py": ""}, "not below"),
    "a module uses plugin_utils": ({"modules/a.py": f"from {PREFIX}.plugin_utils import b", "plugin_utils/b.py": ""}, "control process"),
    "pure code uses os": ({"module_utils/_pki/a.py": "import os.path"}, "pure code imports os.path"),
    "pure code uses a socket": ({"module_utils/_stores/a.py": "from socket import socket"}, "pure code imports socket"),
    "pure code uses _node": ({"module_utils/_engines/a.py": f"{OURS}._node import b", "module_utils/_node/b.py": ""}, "pure code"),
    "pure code uses Ansible": ({"module_utils/_engines/a.py": "import ansible.errors"}, "imports ansible.errors"),
    "pure code reads a file": ({"module_utils/_stores/a.py": "open('x')"}, "calls open()"),
    "pure code reads the clock": ({"module_utils/_pki/a.py": "import datetime\ndatetime.datetime.now()"}, "calls now()"),
    "cryptography unguarded": ({"module_utils/_pki/a.py": "from cryptography import x509"}, "imports cryptography"),
    "_node uses cryptography": ({"module_utils/_node/a.py": f"{OURS} import _deps", "module_utils/_deps.py": ""}, "not below"),
    "_node uses a library": ({"module_utils/_node/a.py": "import yaml"}, "imports yaml"),
    "_node uses a store": ({"module_utils/_node/a.py": f"{OURS}._stores import pem", "module_utils/_stores/pem.py": ""}, "not below"),
    "a node loads cryptography": (
        {
            "modules/a.py": f"{OURS}._ansible import b",
            "module_utils/_ansible/b.py": f"{OURS} import _deps",
            "module_utils/_deps.py": "import cryptography",
        },
        "modules.a: loads cryptography on a managed node, by way of module_utils._deps",
    ),
    "a node loads Ansible's control side": ({"modules/a.py": "from ansible.errors import AnsibleError"}, "loads ansible.errors"),
    "a relative import": ({"module_utils/_pki/a.py": "from . import b"}, "relative import"),
    "a file beside the layers": ({"module_utils/helpers.py": "x = 1"}, "belongs to no layer"),
}


@pytest.mark.parametrize(("files", "complaint"), BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_rule_is_found(tmp_path, files, complaint):
    for path, source in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(source, encoding="utf-8")
    assert any(complaint in violation for violation in violations(tmp_path)), violations(tmp_path)


def test_what_is_allowed_passes(tmp_path):
    files = {
        "module_utils/_errors.py": "",
        "module_utils/_deps.py": f"{OURS}._errors import E\nimport cryptography",
        "module_utils/_pki/a.py": f"{OURS} import _deps\n{OURS}._errors import E\nimport datetime",
        "module_utils/_stores/b.py": f"{OURS}._pki.a import x\nimport yaml",
        "module_utils/_node/c.py": f"{OURS}._errors import E\nimport os, socket",
        "module_utils/_ansible/d.py": f"{OURS}._node import c\nfrom ansible.module_utils.basic import AnsibleModule",
        "modules/node_info.py": f"{OURS}._ansible.d import x",
        "modules/ca.py": f"{OURS}._pki.a import x",
        "action/e.py": f"{OURS}._stores.b import x\nfrom ansible.plugins.action import ActionBase",
    }
    for path, source in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(source, encoding="utf-8")
    assert violations(tmp_path) == []
