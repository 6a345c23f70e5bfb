# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tools of others that our files have to get on with. A test whose tool is missing is skipped and says which."""

from __future__ import annotations

import datetime
import importlib.util
import os
import pathlib
import shutil
import subprocess

import pytest
from ansible_collections.interlock.cluster.plugins.module_utils._pki import authority, node_certificate

# Tests are imported one by one (--import-mode=importlib): a neighbour is loaded by its path
_spec = importlib.util.spec_from_file_location("distributions", pathlib.Path(__file__).with_name("distributions.py"))
distributions = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(distributions)

# Tools that live for a second do not repay the second compiler
QUICK = "-XX:TieredStopAtLevel=1"


def run(command, stdin="", env=None):
    """Run a command in a UTF-8 locale; CompletedProcess with text, what is not UTF-8 in it as surrogates."""
    env = dict(os.environ, LC_ALL="C.UTF-8", **(env or {}))
    env.pop("JAVA_HOME", None)
    result = subprocess.run([str(part) for part in command], input=stdin.encode(), env=env, capture_output=True, check=False)
    result.stdout, result.stderr = (output.decode("utf-8", "surrogateescape") for output in (result.stdout, result.stderr))
    return result


@pytest.fixture(scope="session")
def es_home():
    """A function from a version to the directory of that Elasticsearch; shared, so never write there."""

    def home(version):
        try:
            return distributions.elasticsearch(version)
        except distributions.Unavailable as missing:
            pytest.skip(str(missing))

    return home


@pytest.fixture(scope="session")
def es_tool(es_home):
    """A function that runs one of Elasticsearch's tools on a configuration directory of the test's own."""

    def tool(version, config, name, *arguments, stdin=""):
        try:
            java = distributions.java_home(version)
        except distributions.Unavailable as missing:
            pytest.skip(str(missing))
        env = {"ES_PATH_CONF": str(config), "ES_JAVA_HOME": str(java), "ES_JAVA_OPTS": QUICK, "CLI_JAVA_OPTS": QUICK}
        return run([es_home(version) / "bin" / name, *arguments], stdin, env)

    return tool


def find(name):
    """A program from JAVA_HOME or PATH; the test is skipped without it."""
    in_java_home = pathlib.Path(os.environ.get("JAVA_HOME", "/nonexistent"), "bin", name)
    found = str(in_java_home) if in_java_home.exists() else shutil.which(name)
    if found is None:
        pytest.skip("%s is neither in JAVA_HOME nor on PATH" % name)
    return found


@pytest.fixture(scope="session")
def keytool():
    """A function that runs keytool on a PKCS#12 store; its password goes through the environment. Returns the output."""
    program = find("keytool")

    def on_store(store, password, *arguments):
        command = [program, "-J" + QUICK, *arguments, "-keystore", store, "-storetype", "PKCS12", "-storepass:env", "STORE_PASSWORD"]
        return run(command, env={"STORE_PASSWORD": password})

    return on_store


@pytest.fixture(scope="session")
def program():
    """A function that runs a program found in JAVA_HOME or on PATH."""
    return lambda name, *arguments, env=None, stdin="": run([find(name), *arguments], stdin, env)


class Pki:
    """The collection's own PKI with the clock and the randomness of this machine."""

    @property
    def now(self):
        return datetime.datetime.now(datetime.timezone.utc)

    def serial(self):
        return node_certificate.serial_from(os.urandom)

    def authority(self, subject="CN=interop CA", key_type="ec-p256"):
        return authority.create(subject, key_type, 365, 1, self.now, self.serial())

    def node(self, issuer, key_type="ec-p256", name="node-1.example"):
        request = node_certificate.Request(name, (name, "localhost"), ("127.0.1.1", "::1"), key_type, 90)
        return node_certificate.issue(issuer, request, self.now, self.serial())


@pytest.fixture(scope="session")
def pki():
    return Pki()
