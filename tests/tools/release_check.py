# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Build the collection's tarball, install it somewhere else and try from there what a user would run.

Looked at: what is in the tarball, that every Python file of it can be imported, the documentation of every plugin
and role, and the syntax of every playbook, each found by its full name on a collections path that holds nothing else.
"""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
OUTPUT = ROOT / ".build" / "release"
NAME = "interlock.cluster"

SHIPPED = {
    "CHANGELOG.md", "CONTRIBUTING.md", "FILES.json", "LICENSE", "MANIFEST.json", "README.md",
    "changelogs", "docs", "inventories", "meta", "playbooks", "plugins", "roles",
}  # fmt: skip
NEEDED = {"LICENSE", "MANIFEST.json", "README.md", "meta", "plugins"}

IMPORT_ALL = """
import importlib, pathlib, sys
top = pathlib.Path(sys.argv[1])
for path in sorted(top.rglob("*.py")):
    parts = ("ansible_collections", "interlock", "cluster", "plugins") + path.relative_to(top).with_suffix("").parts
    importlib.import_module(".".join(part for part in parts if part != "__init__"))
"""


class Problem(Exception):
    """Something a user of the tarball would stumble over."""


def run(*command: str, cwd: pathlib.Path, **environment: str) -> str:
    """Run a command to its end and return its standard output; its complaint becomes a Problem."""
    done = subprocess.run(
        command, cwd=cwd, env={**os.environ, **environment}, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise Problem(f"{' '.join(command[:4])} ... ended with status {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def build() -> pathlib.Path:
    """Build the tarball as a maintainer would and return its path."""
    run("ansible-galaxy", "collection", "build", "--force", "--output-path", str(OUTPUT), cwd=ROOT)
    return max(OUTPUT.glob("interlock-cluster-*.tar.gz"), key=lambda path: path.stat().st_mtime)


def install(tarball: pathlib.Path, elsewhere: pathlib.Path) -> pathlib.Path:
    """Install the tarball below a directory and return where the collection then lies."""
    run("ansible-galaxy", "collection", "install", "--offline", "--collections-path", str(elsewhere), str(tarball), cwd=elsewhere)
    return elsewhere / "ansible_collections" / "interlock" / "cluster"


def check_contents(collection: pathlib.Path) -> None:
    """The tarball holds what is meant for a user and no development files."""
    found = {path.name for path in collection.iterdir()}
    if found - SHIPPED:
        raise Problem(f"the tarball holds {sorted(found - SHIPPED)}: add them to build_ignore in galaxy.yml, or to SHIPPED here")
    if NEEDED - found:
        raise Problem(f"the tarball lacks {sorted(NEEDED - found)}")


def check_imports(collection: pathlib.Path, elsewhere: pathlib.Path) -> None:
    """Every Python file can be imported."""
    run(sys.executable, "-c", IMPORT_ALL, str(collection / "plugins"), cwd=elsewhere, PYTHONPATH=str(elsewhere))


def plugin_names(collection: pathlib.Path, directory: str) -> list[str]:
    """The full names of the plugins in a directory of plugins/."""
    names = (path.stem for path in (collection / "plugins" / directory).glob("*.py"))
    return sorted(f"{NAME}.{name}" for name in names if name != "__init__")


def check_documentation(collection: pathlib.Path, elsewhere: pathlib.Path) -> int:
    """`ansible-doc` knows every module and role; returns how many there are."""
    wanted = {
        "module": plugin_names(collection, "modules"),
        "role": sorted(f"{NAME}.{path.name}" for path in (collection / "roles").glob("*/") if path.is_dir()),
    }
    for kind, names in wanted.items():
        documented = json.loads(run("ansible-doc", "--type", kind, "--json", *names, cwd=elsewhere)) if names else {}
        missing = sorted(set(names) - set(documented))
        if missing:
            raise Problem(f"ansible-doc --type {kind} does not know {', '.join(missing)}")
    return sum(len(names) for names in wanted.values())


def check_playbooks(collection: pathlib.Path, elsewhere: pathlib.Path) -> int:
    """Every playbook passes the syntax check under its full name; returns how many there are."""
    playbooks = sorted((collection / "playbooks").glob("*.yml"))
    for playbook in playbooks:
        run("ansible-playbook", "--syntax-check", "--inventory", "localhost,", f"{NAME}.{playbook.stem}", cwd=elsewhere)
    return len(playbooks)


def main() -> int:
    """Do it all; 0 when a user would have nothing to complain about."""
    with tempfile.TemporaryDirectory(prefix="interlock-release-") as scratch:
        elsewhere = pathlib.Path(scratch)
        os.environ["ANSIBLE_COLLECTIONS_PATH"] = str(elsewhere)
        try:
            tarball = build()
            collection = install(tarball, elsewhere)
            check_contents(collection)
            check_imports(collection, elsewhere)
            documented = check_documentation(collection, elsewhere)
            playbooks = check_playbooks(collection, elsewhere)
        except Problem as problem:
            print(problem, file=sys.stderr)
            return 1
    print(f"{tarball.relative_to(ROOT)} installs and works elsewhere: {documented} modules and roles, {playbooks} playbooks")
    return 0


if __name__ == "__main__":
    sys.exit(main())
