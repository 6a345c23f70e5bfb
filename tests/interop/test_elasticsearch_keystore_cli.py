# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""elasticsearch-keystore of four releases reads what we write, and we read what it writes."""

from __future__ import annotations

import os

import pytest
from ansible_collections.interlock.cluster.plugins.module_utils._stores import elasticsearch_keystore as keystores

VERSIONS = ["7.17.28", "8.17.0", "8.19.0", "9.2.0"]
SECURE_PASSWORD = "xpack.security.transport.ssl.keystore.secure_password"
VALUE = "s3cret $`\"' äöü€"
BLOB = bytes(range(256))
PASSWORD = "pässw0rd"


@pytest.fixture
def cli(es_tool, tmp_path):
    """A function that runs elasticsearch-keystore on tmp_path and returns what it prints."""

    def keystore(version, *arguments, stdin=""):
        result = es_tool(version, tmp_path, "elasticsearch-keystore", *arguments, stdin=stdin)
        assert result.returncode == 0, result.stderr
        return result.stdout

    return keystore


@pytest.fixture
def file(tmp_path):
    return tmp_path / "elasticsearch.keystore"


@pytest.mark.parametrize("version", VERSIONS)
def test_elasticsearch_reads_ours_and_finds_nothing_to_upgrade(version, cli, file):
    empty = keystores.new(keystores.format_for(version), keystores.ELASTICSEARCH, os.urandom)
    ours, _changes = keystores.edit(empty, {SECURE_PASSWORD: VALUE.encode(), "a.file": BLOB}, [], os.urandom)
    content = keystores.dump(ours, "", os.urandom)
    file.write_bytes(content)
    assert cli(version, "list").split() == sorted(ours.entries)
    assert cli(version, "show", SECURE_PASSWORD).rstrip("\n") == VALUE
    cli(version, "upgrade")
    assert file.read_bytes() == content


@pytest.mark.parametrize("version", VERSIONS)
def test_we_read_what_elasticsearch_wrote(version, cli, file):
    cli(version, "add", "--force", "--stdin", SECURE_PASSWORD, "Some.Name_2", stdin="%s\nv2\n" % VALUE)
    theirs = keystores.load(file.read_bytes())
    assert (theirs.format, theirs.codec, theirs.password_protected) == (keystores.format_for(version), keystores.ELASTICSEARCH, False)
    assert theirs.entries == {
        SECURE_PASSWORD: VALUE.encode(), "Some.Name_2": b"v2", keystores.SEED: theirs.entries[keystores.SEED]}


def test_a_protected_keystore_goes_to_and_fro(cli, file):
    cli("8.19.0", "create", "-p", stdin="%s\n%s\n" % (PASSWORD, PASSWORD))
    theirs = keystores.load(file.read_bytes(), PASSWORD)
    ours, _changes = keystores.edit(theirs, {"a.file": BLOB}, [], os.urandom)
    file.write_bytes(keystores.dump(ours, PASSWORD, os.urandom))
    shown = cli("8.19.0", "show", "a.file", stdin=PASSWORD + "\n")
    assert shown.encode("utf-8", "surrogateescape") == BLOB
