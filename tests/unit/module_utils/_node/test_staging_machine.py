# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Any order of operations, by processes that know no more than what is on disk, against a model of a few lines."""

from __future__ import annotations

import os
import pathlib
import shutil
import tempfile
from unittest import mock

from ansible_collections.interlock.cluster.plugins.module_utils._node.staging import MANIFEST, Staging, StagingError
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

THERE, NEW = ("a", "b"), ("c", "certs/d")
CONTENTS = st.sampled_from([b"1", b"2", b"3"])


class Life(RuleBasedStateMachine):
    """A directory and what should be in it. staged: path -> (next content, content it was staged for); kept: path -> content before."""

    @initialize()
    def start(self):
        self.top = pathlib.Path(tempfile.mkdtemp())
        self.patch = mock.patch.object(os, "fsync", lambda descriptor: None)
        self.patch.start()
        self.live = dict.fromkeys(THERE, b"0")
        for name in THERE:
            (self.top / name).write_bytes(b"0")
        self.state, self.staged, self.kept, self.context = None, {}, {}, {}

    def teardown(self):
        self.patch.stop()
        shutil.rmtree(self.top)

    def attempt(self, name, *arguments, allowed=True):
        """What a fresh process gets for an operation; one that is not allowed is refused and changes nothing (see the invariant)."""
        area = Staging(str(self.top))
        if allowed:
            return getattr(area, name)(*arguments)
        try:
            getattr(area, name)(*arguments)
        except StagingError:
            return None
        raise AssertionError("%s was not refused" % name)

    def forget(self):
        self.state, self.staged, self.kept, self.context = None, {}, {}, {}

    def edited_since(self):
        return any(self.live.get(name) != before for name, (_content, before) in self.staged.items())

    @rule()
    def begin(self):
        self.attempt("begin", allowed=self.state != "switching")
        if self.state != "switching":
            self.forget()
            self.state = "open"

    @rule(name=st.sampled_from(THERE + NEW), content=CONTENTS)
    def add(self, name, content):
        self.attempt("add", str(self.top / name), content, 0o640, allowed=self.state == "open")
        if self.state == "open":
            self.staged[name] = (content, self.live.get(name))

    @rule()
    def seal(self):
        self.attempt("seal", allowed=self.state in ("open", "sealed"))
        if self.state in ("open", "sealed"):
            self.state = "sealed"
            if not self.staged:
                self.forget()

    @rule()
    def commit(self):
        refused = self.state == "sealed" and self.edited_since()
        self.attempt("commit", allowed=not refused)
        if self.state == "sealed" and not refused:
            self.state = "switching"

    @rule()
    def switch(self):
        refused = self.state == "open" or (self.state == "sealed" and self.edited_since())
        done = self.attempt("switch", allowed=not refused)
        if self.state in ("sealed", "switching") and not refused:
            assert done == [str(self.top / name) for name in sorted(self.staged)]
            self.kept = {name: self.live.get(name) for name in self.staged}
            self.live.update({name: content for name, (content, _before) in self.staged.items()})
            self.staged, self.state = {}, "switched"

    @rule()
    def revert(self):
        self.attempt("revert")
        for name, content in self.kept.items():
            self.live.pop(name, None)
            if content is not None:
                self.live[name] = content
        self.forget()

    @rule()
    def settle(self):
        self.attempt("settle", allowed=self.state != "switching")
        if self.state != "switching":
            self.forget()

    @rule(name=st.sampled_from("xy"), value=st.sampled_from([None, 1, 2]))
    def remember(self, name, value):
        before = dict(self.context)
        self.context = {key: known for key, known in dict(self.context, **{name: value}).items() if known is not None}
        assert self.attempt("remember", {name: value}) is (self.context != before)
        if self.context and self.state is None:
            self.state = "sealed"
        elif self.context != before and not self.context and not self.staged and not self.kept and self.state != "open":
            self.forget()

    @precondition(lambda self: self.state != "switching")
    @rule(name=st.sampled_from(THERE), content=CONTENTS)
    def edit(self, name, content):
        """Somebody else writes a live file."""
        (self.top / name).write_bytes(content)
        self.live[name] = content

    @invariant()
    def it_is_as_the_model_says(self):
        found = {str(path.relative_to(self.top)): path.read_bytes() for path in self.top.rglob("*") if path.is_file()}
        expected = dict(self.live)
        for name, (content, _before) in self.staged.items():
            expected[hidden(name, "staged")] = content
        for name, content in self.kept.items():
            if content is not None:
                expected[hidden(name, "previous")] = content
        assert (found.pop(MANIFEST, None) is None) is (self.state is None)
        assert found == expected
        area = Staging(str(self.top))
        assert (area.state, area.context) == (self.state, self.context)


def hidden(name, version):
    return os.path.join(os.path.dirname(name), ".%s.interlock-%s" % (os.path.basename(name), version))


Life.TestCase.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
TestLife = Life.TestCase
