# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run `ansible-test sanity` over a copy of the working tree, with nothing but pip's package index in reach.

    sanity.py [--python VERSION] [OPTION OF ansible-test ...]

ansible-test wants what a checkout does not give it by itself:
- a directory ansible_collections/NAMESPACE/NAME with a git repository: the copy below .build/sanity is both;
- pip for the environment it makes for each test, downloaded from a host of its own: a file in its cache stands in for
  that download and installs the very same pip from its wheel;
- pip's configuration: it hides the environment from pip, so what `pip config list` says here is written down there.
All of it, the environments too, is below a home directory of its own in .build/sanity.
"""

from __future__ import annotations

import ast
import configparser
import os
import pathlib
import shutil
import subprocess
import sys
import types

from ansible_test._internal.python_requirements import get_venv_packages

ROOT = pathlib.Path(__file__).resolve().parents[2]
HOME = ROOT / ".build" / "sanity" / "home"
COPY = ROOT / ".build" / "sanity" / "ansible_collections" / "interlock" / "cluster"
CACHE = HOME / ".ansible" / "test" / "cache"

STAND_IN = '''\
"""Stands in for get-pip: installs pip into the interpreter that runs this, from the wheel beside this file."""

import os
import subprocess
import sys

wheel = os.path.join(os.path.dirname(os.path.abspath(__file__)), "pip-{version}-py3-none-any.whl")
sys.exit(subprocess.call([sys.executable, wheel + "/pip", "install", "--no-index", "--no-deps", wheel]))
'''


def output(*command: str) -> str:
    """What a command prints."""
    return subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout


def pip(*arguments: str) -> str:
    """What our own pip prints."""
    return output(sys.executable, "-m", "pip", "--disable-pip-version-check", *arguments)


def copy_working_tree() -> None:
    """Copy every file that git knows or would add, and make the copy a repository."""
    shutil.rmtree(COPY, ignore_errors=True)
    listed = output("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    for name in sorted(set(listed.split("\0")) - {""}):
        if os.path.lexists(ROOT / name):  # not when it is deleted and not yet committed
            (COPY / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, COPY / name, follow_symlinks=False)
    # ansible-test asks git for the files. Our own repository would answer that all below .build is ignored.
    subprocess.run(["git", "init", "--quiet"], cwd=COPY, check=True)
    subprocess.run(["git", "add", "--all"], cwd=COPY, check=True)


def provide_pip(python_version: str) -> None:
    """Put the stand-in for get-pip, and the wheel it installs, where ansible-test looks before it downloads."""
    version = get_venv_packages(types.SimpleNamespace(version=python_version))["pip"]
    stand_in = CACHE / f"get_pip_{version.replace('.', '_')}.py"
    if not stand_in.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        pip("download", "--quiet", "--no-deps", "--dest", str(CACHE), f"pip=={version}")
        stand_in.write_text(STAND_IN.format(version=version), encoding="utf-8")


def configure_pip() -> None:
    """Write down for the pip of ansible-test how pip is configured here."""
    settings = {}
    for line in sorted(pip("config", "list").splitlines(), key=lambda line: line.startswith(":env:")):  # the environment wins
        name, value = line.split("=", 1)
        settings[name.rpartition(".")[2]] = ast.literal_eval(value)
    settings.update({"cache-dir": pip("cache", "dir").strip(), "quiet": "1"})
    proxy = os.environ.get("https_proxy") or os.environ.get("HTTPS_PROXY")
    if proxy:
        settings.setdefault("proxy", proxy)
    file = configparser.RawConfigParser()
    file["global"] = settings
    path = HOME / ".config" / "pip" / "pip.conf"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as stream:
        file.write(stream)
    path.chmod(0o600)


def main() -> int:
    """Prepare everything and hand over to ansible-test; its exit status."""
    options = sys.argv[1:] if "--python" in sys.argv else ["--python", "%d.%d" % sys.version_info[:2], *sys.argv[1:]]
    copy_working_tree()
    provide_pip(options[options.index("--python") + 1])
    configure_pip()
    if not shutil.which("shellcheck"):
        print("NOT RUN: the test shellcheck, as this machine has no shellcheck", flush=True)
    command = [str(pathlib.Path(sys.executable).with_name("ansible-test")), "sanity", "--local", "--color", "no", *options]
    return subprocess.call(command, cwd=COPY, env={**os.environ, "HOME": str(HOME)})


if __name__ == "__main__":
    sys.exit(main())
