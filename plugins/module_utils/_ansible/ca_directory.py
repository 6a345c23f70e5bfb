# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The directory of a CA: every file operation on it, and nothing else.

    DIR/                      0700, owned by whoever runs the CA; every file below it 0600
    DIR/current               the number of the generation that issues; written last
    DIR/generation-N/ca.crt   the CA certificate, PEM
    DIR/generation-N/ca.key   its private key, PKCS#8 PEM, encrypted with the passphrase
    DIR/generation-N/chain.pem   the certificates above an adopted intermediate CA, nearest first; only where there are any
    DIR/generation-N/origin   "created", "adopted", or "external": that has no ca.key, its certificates are signed elsewhere
    DIR/ledger.jsonl          what was issued, one JSON object a line, public data only
    DIR/archive/              what was set aside; nothing is ever deleted

A generation is written under another name and renamed, so it is whole or not there. What a run that died left behind is
either finished (a whole generation without "current") or set aside.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import shutil
import tempfile
from collections import namedtuple

from ansible_collections.interlock.cluster.plugins.module_utils._ansible.ledger import Ledger
from ansible_collections.interlock.cluster.plugins.module_utils._ansible.private_files import (
    directory_problem,
    free_name,
    looseness,
    names_in,
    read,
    status_of,
    writing,
)
from ansible_collections.interlock.cluster.plugins.module_utils._errors import InterlockError
from ansible_collections.interlock.cluster.plugins.module_utils._node.staging import sync_directory, write_file
from ansible_collections.interlock.cluster.plugins.module_utils._pki import authority, facts
from ansible_collections.interlock.cluster.plugins.module_utils._stores import pem

_GENERATION = re.compile(r"generation-([1-9][0-9]*)\Z")
_UNFINISHED = ".unfinished-"
_UNFINISHED_NAMES = (_UNFINISHED, ".current.")
_LOCK = ".lock"
EXTERNAL = "external"
_OWN_NAMES = ("current", "ledger.jsonl", "archive", _LOCK)

Generation = namedtuple("Generation", "number certificate chain")


class CaDirectoryError(InterlockError):
    """The CA directory is not as it has to be."""


class CaDirectory:
    """The CA at an absolute path. Nothing is kept between calls: what is on disk is what counts."""

    def __init__(self, path):
        if not os.path.isabs(path):
            raise CaDirectoryError("%r is a relative path" % path, remedy="Give the CA directory as an absolute path.")
        self.path = os.path.normpath(path)

    # What is there

    def exists(self):
        """Whether there is a generation that issues."""
        return self.current() is not None

    def current(self):
        """The number of the generation that issues, or None."""
        content = read(os.path.join(self.path, "current"), missing=None)
        if content is None:
            return None
        number = int(content) if re.match(rb"[1-9][0-9]*\s*\Z", content) else None
        if number not in self.generations():
            raise CaDirectoryError(
                "names no generation that is here (found: %s)" % (", ".join(map(str, self.generations())) or "none"),
                os.path.join(self.path, "current"),
                "Put back the missing generation, or write the number of the one that issues into the file.",
            )
        return number

    def generations(self):
        """The numbers of the whole generations, ascending."""
        return sorted(int(_GENERATION.match(name).group(1)) for name in names_in(self.path) if self._is_whole(name))

    def interrupted(self):
        """The number of a whole generation that an interrupted run did not make current, or None."""
        return self.generations()[-1] if self.generations() and not self.exists() else None

    def load_public(self):
        """The certificates of every generation kept, ascending, as a list of Generation. Needs no passphrase."""
        return [Generation(number, *self._certificates(number)) for number in self.generations()]

    def load(self, passphrase, now, generation=None):
        """The Authority of a generation (the current one), after all checks: modes, passphrase, key, dates.

        now: aware datetime. Raises CaDirectoryError, pem.PemError, authority.AuthorityError.
        """
        self.check()
        number = generation or self.current()
        if number is None:
            raise CaDirectoryError("there is no CA here", self.path, "Create or adopt one with the role cluster_ca or the module ca.")
        certificate, chain = self._certificates(number)
        path = self.file(number, "ca.key")
        if self.external(number):
            raise CaDirectoryError(
                "the private key of this CA is not here, its certificates are signed elsewhere", os.path.dirname(path),
                "Collect requests with the playbook csr, and give the signed certificates.")
        if passphrase and not self.key_encrypted(number):
            raise CaDirectoryError(
                "the key is not encrypted, although a passphrase is given",
                path,
                "Encrypt it in place (openssl pkcs8 -topk8), or give no passphrase.",
            )
        key = pem.load_key(read(path), passphrase or None, where=path)
        authority.check(key, certificate, chain, now, where=os.path.dirname(path))
        return authority.Authority(key, certificate, chain, number)

    def origin(self, number):
        """How the generation came here: "created" or "adopted"."""
        return read(self.file(number, "origin"), missing=b"created").decode().strip()

    def external(self, number):
        """Whether the private key of a generation is elsewhere."""
        return self.origin(number) == EXTERNAL

    def load_external(self, now, number):
        """The Authority of a generation that is external, without its key, after the checks that are possible."""
        certificate, chain = self._certificates(number)
        authority.check_public(certificate, chain, now, where=self.file(number, "ca.crt"))
        return authority.Authority(None, certificate, chain, number)

    def key_encrypted(self, number):
        """Whether the private key of a generation needs a passphrase; None when it is not here."""
        if self.external(number):
            return None
        path = self.file(number, "ca.key")
        try:
            pem.load_key(read(path), None, where=path)
        except pem.WrongPassphrase:
            return True
        return False

    def file(self, number, name):
        """The path of a file of a generation."""
        return os.path.join(self.path, "generation-%d" % number, name)

    # Whether it is safe

    def check(self):
        """Raise the first of problems()."""
        for problem in self.problems():
            raise problem

    def problems(self):
        """What forbids to use the directory, as a list of errors; none for one that is not there yet."""
        problem = directory_problem(self.path)
        if problem or status_of(self.path) is None:
            return [problem] if problem else []
        private = []
        for number in self.generations():
            private.append(os.path.join(self.path, "generation-%d" % number))
            private += [] if self.external(number) else [self.file(number, "ca.key")]
        return [problem for problem in map(looseness, private) if problem]

    def check_free(self):
        """Raise when a new CA may not be put here, apart from one that is here already."""
        self.check()
        foreign = [name for name in names_in(self.path) if not self._is_own(name)]
        if foreign:
            raise CaDirectoryError(
                "holds files that are not a CA's (%s)" % ", ".join(foreign[:5]),
                self.path,
                "Give the CA a directory of its own; a CA made elsewhere is taken over with the option adopt.",
            )

    # Changes

    def add(self, new, passphrase, origin, now):
        """Write an Authority as a new generation and make it the one that issues. Never overwrites one.

        passphrase: None leaves the key unencrypted. origin: "created" or "adopted". now: for the names in the archive.
        """
        self._make()
        with self._locked():
            if new.generation in self.generations():
                raise CaDirectoryError(
                    "generation %d is already there" % new.generation, self.path, "Another run made it meanwhile; run again."
                )
            self._set_aside_unfinished(now)
            self._write_generation(new, passphrase, origin)
            self._make_current(new.generation)

    def finish(self, number, now):
        """Make the generation of an interrupted run the one that issues, and set aside what else it left."""
        with self._locked():
            self._set_aside_unfinished(now)
            self._make_current(number)

    # The ledger

    def append(self, issued, generation, now):
        """Note a node_certificate.Issued in the ledger; safe in parallel processes."""
        Ledger(self.ledger_path).append(facts.ledger_entry(issued, generation, now))

    def ledger(self):
        """(entries, damaged): what was issued, oldest first, and the numbers of the lines that cannot be read."""
        return Ledger(self.ledger_path).read()

    @property
    def ledger_path(self):
        """The path of the ledger."""
        return os.path.join(self.path, "ledger.jsonl")

    # Below: how

    def _is_whole(self, name):
        found = _GENERATION.match(name)
        if not found or not status_of(os.path.join(self.path, name, "ca.crt")):
            return False
        return bool(status_of(os.path.join(self.path, name, "ca.key"))) or self.external(int(found.group(1)))

    def _certificates(self, number):
        path = self.file(number, "ca.crt")
        found = pem.load_certificates(read(path), where=path)
        if len(found) != 1:
            raise CaDirectoryError("holds %d certificates, not one" % len(found), path, "Put back the CA's own certificate.")
        chain = read(self.file(number, "chain.pem"), missing=None)
        return found[0], () if chain is None else tuple(pem.load_certificates(chain, where=self.file(number, "chain.pem")))

    def _make(self):
        with writing(self.path):
            os.makedirs(self.path, mode=0o700, exist_ok=True)
            sync_directory(os.path.dirname(self.path))
        self.check_free()

    @staticmethod
    def _is_own(name):
        return name in _OWN_NAMES or bool(_GENERATION.match(name)) or name.startswith(_UNFINISHED_NAMES)

    @contextlib.contextmanager
    def _locked(self):
        """Keep other runs out; the lock goes with the process, however it ends."""
        with writing(self.path):
            descriptor = os.open(os.path.join(self.path, _LOCK), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX)
                yield
            finally:
                os.close(descriptor)

    def _write_generation(self, new, passphrase, origin):
        files = {
            "ca.crt": pem.dump_certificates([new.certificate]),
            "origin": origin.encode() + b"\n",
        }
        if new.key is not None:
            files["ca.key"] = pem.dump_key(new.key, passphrase or None)
        if new.chain:
            files["chain.pem"] = pem.dump_certificates(new.chain)
        temporary = tempfile.mkdtemp(prefix=_UNFINISHED, dir=self.path)
        try:
            for name, content in files.items():
                write_file(os.path.join(temporary, name), content, 0o600)
            self._rename(temporary, os.path.join(self.path, "generation-%d" % new.generation))
        except BaseException:
            shutil.rmtree(temporary, ignore_errors=True)
            raise

    def _make_current(self, number):
        write_file(os.path.join(self.path, "current"), b"%d\n" % number, 0o600)

    def _set_aside_unfinished(self, now):
        for name in names_in(self.path):
            if name.startswith(_UNFINISHED_NAMES) or (_GENERATION.match(name) and not self._is_whole(name)):
                archive = os.path.join(self.path, "archive")
                os.makedirs(archive, mode=0o700, exist_ok=True)
                self._rename(os.path.join(self.path, name), free_name(os.path.join(archive, name.lstrip(".")), now))

    def _rename(self, source, target):
        os.rename(source, target)
        sync_directory(os.path.dirname(target))
        sync_directory(self.path)
