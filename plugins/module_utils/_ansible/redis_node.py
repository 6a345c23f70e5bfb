# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The configuration files of Redis on a node, and how its servers are reached from it: what several modules share."""

from __future__ import annotations

import glob
import os
import stat

from ansible_collections.interlock.cluster.plugins.module_utils._errors import InterlockError
from ansible_collections.interlock.cluster.plugins.module_utils._node import redis_live
from ansible_collections.interlock.cluster.plugins.module_utils._node.resp import client_context
from ansible_collections.interlock.cluster.plugins.module_utils._node.staging import write_file
from ansible_collections.interlock.cluster.plugins.module_utils._stores.redis_conf import Conf, ConfError

DEEPEST = 16


def login_argument():
    """How servers are logged in to (doc fragment: redis_login)."""
    return dict(
        username=dict(type="str"),
        password=dict(type="str", no_log=True),
        fallback_password=dict(type="str", no_log=True),
        renamed_commands=dict(type="dict", default={}, no_log=True),
        tls=dict(type="dict", default={}, apply_defaults=True, options=dict(
            certificate=dict(type="path"), private_key=dict(type="path", no_log=False), ca_certificates=dict(type="path"),
            accept_expired=dict(type="bool", default=False))),
        timeout=dict(type="int", default=30),
    )


def login_from(params):
    """What Connection takes beside host, port and context."""
    return {"username": params["username"], "password": params["password"], "fallback_password": params["fallback_password"],
            "renamed": params["renamed_commands"]}


def context_from(tls):
    """The TLS context of the node's own certificate; None while it has none."""
    if not (tls["certificate"] and tls["private_key"] and tls["ca_certificates"]) or not os.path.exists(tls["certificate"]):
        return None
    return client_context(tls["certificate"], tls["private_key"], tls["ca_certificates"], tls["accept_expired"])


class ConfFile:
    """A configuration file on this node, with what it includes. Raises ConfError when it cannot be read."""

    def __init__(self, path):
        # A relative name is relative to where the process was started, and from a directive "dir" on to that. The first is not known.
        self.path, self._base = path, os.path.dirname(path)
        self.content, self.status = _read(path)
        self.conf = Conf(self.content, path)
        self.included = {}
        self._include(self.conf, 0)

    def _include(self, conf, depth):
        if depth > DEEPEST:
            raise ConfError("includes files more than %d deep" % DEEPEST, where=self.path, remedy="Look for a file that includes itself.")
        for directive in conf.directives:
            if directive.name == "dir" and directive.words:
                self._base = os.path.join(self._base, directive.words[0])
            elif directive.name == "include" and directive.words and directive.words[0] not in self.included:
                pattern = directive.words[0]
                self.included[pattern] = []
                for path in self._matching(pattern, conf.path):
                    inner = Conf(_read(path)[0], path)
                    self.included[pattern].append(inner)
                    self._include(inner, depth + 1)

    def _matching(self, pattern, where):
        """The files that an include means. An absolute pattern may match none."""
        paths = sorted(glob.glob(os.path.join(self._base, pattern)))
        if not paths and not (os.path.isabs(pattern) and glob.has_magic(pattern)):
            raise ConfError("includes %s, which is not there (looked for in %s)" % (pattern, self._base), where=where,
                            remedy="Write the whole path, as seen from the server, so that it is known what counts.")
        return paths

    def effective(self):
        """{directive: words} of what counts in the end."""
        return self.conf.effective(self.included)

    def place_of_user(self, name):
        """Where a "user" line of that name stands: "file", "includes" (in a file that it includes), or None."""
        found = [outer is inner for outer, inner in self.conf.flat(self.included) if inner.name == "user" and inner.words[:1] == [name]]
        return None if not found else "file" if all(found) else "includes"

    def merged(self, settings, **changes):
        """The content with the settings in force. Raises ConfError when an included file would still have the last word."""
        content = self.conf.merged(settings, self.included, **changes)
        found = Conf(content, self.path).effective(self.included)
        for name, words in settings.items():
            if found.get(name) != words:
                raise ConfError("an included file sets %s too" % name, where=self.path, remedy="Take it out of the included file.")
        return content

    def write(self, content):
        """Replace the file, or what it is a link to; owner and mode stay."""
        write_file(os.path.realpath(self.path), content, stat.S_IMODE(self.status.st_mode), self.status.st_uid, self.status.st_gid)


def _read(path):
    try:
        with open(path, "rb") as stream:
            return stream.read(), os.fstat(stream.fileno())
    except OSError as error:
        raise ConfError("cannot be read: %s" % error.strerror, where=path,
                        remedy="Set redis_tls_config_file, and run as a user who may read it (become: true).") from error


def observe_server(host, ports, context, login, timeout=5):
    """(what redis_live.observe tells, with what the login is denied, or None; why it could not be asked or None)."""
    try:
        with redis_live.connect(host, ports, context, timeout=timeout, **login) as connection:
            live = redis_live.observe(connection)
            return dict(live, denied=redis_live.denied(connection, live)), None
    except InterlockError as error:
        return None, str(error)
