# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import posixpath
import time

from ansible_collections.interlock.cluster.plugins.module_utils._ansible.arguments import endpoints_argument
from ansible_collections.interlock.cluster.plugins.module_utils._engines import elasticsearch_audit, opensearch_audit, redis_audit
from ansible_collections.interlock.cluster.plugins.module_utils._errors import InterlockError
from ansible_collections.interlock.cluster.plugins.module_utils._stores import elasticsearch_keystore, redis_conf, settings_file
from ansible_collections.interlock.cluster.plugins.plugin_utils import _node_files
from ansible_collections.interlock.cluster.plugins.plugin_utils._action import InterlockAction
from ansible_collections.interlock.cluster.plugins.plugin_utils._audit_observation import (
    UNKNOWN, Meant, endpoint_observation, file_observation,
)

LOOPBACK = ("127.", "::1")


class ActionModule(InterlockAction):
    """Observe the certificates of a node, on disk and as served, in one module execution on it."""

    ARGUMENTS = dict(
        engine=dict(type="str", choices=["elasticsearch", "opensearch", "redis", "none"], default="elasticsearch"),
        config_dir=dict(type="path"),
        config_file=dict(type="path"),
        sentinel_config_file=dict(type="path"),
        keystore_password=dict(type="str", no_log=True),
        files=dict(type="list", elements="dict", default=[], options=dict(
            path=dict(type="path", required=True),
            layer=dict(type="str", required=True),
            kind=dict(type="str", required=True,
                      choices=["keystore", "truststore", "private_key", "certificate", "certificate_authorities"]),
            password=dict(type="str", no_log=True),
        )),
        directories=dict(type="list", elements="path", default=[]),
        endpoints=endpoints_argument(),
        handshakes=dict(type="str", choices=["full", "greeting"], default="full"),
        fallback_address=dict(type="str", default="127.0.0.1"),
        owners=dict(type="list", elements="str", default=[]),
        timeout=dict(type="float", default=5),
    )
    RULES = dict(required_if=[("engine", "elasticsearch", ("config_dir",)), ("engine", "opensearch", ("config_dir",)),
                              ("engine", "redis", ("config_file", "sentinel_config_file"), True)])

    def perform(self, options):
        adapter = {"elasticsearch": ElasticsearchFiles, "opensearch": OpenSearchFiles, "redis": RedisFiles}.get(
            options["engine"], NoEngine)(options)
        began = time.time()
        result = self.on_node("tls_inventory_info", {
            "files": [*adapter.files, *(file["path"] for file in options["files"])],
            "directories": [*adapter.directories, *options["directories"]], "content": True,
            **{name: options[name] for name in ("endpoints", "handshakes", "fallback_address", "timeout")}})
        skew = clock_skew(result["host"]["now"], began, time.time())
        read = result["files"]
        files = _node_files.from_result(read)
        meant = adapter.meant(files)
        meant += [(file["path"], Meant(file["layer"], file["kind"], file["password"] or "")) for file in options["files"]]
        passwords = tuple(dict.fromkeys(["", *(one.password for _path, one in meant if one.password)]))
        named = {path for path, _meant in meant}.union(adapter.files)
        meant += [(path, UNKNOWN) for path in read if path not in named]
        missing = _node_files.NodeFile(None, False)
        observed = [file_observation(path, read.get(path, {"exists": False}), files.get(path, missing).content, one, passwords)
                    for path, one in meant]
        endpoints = [endpoint_observation(probed) for probed in result["endpoints"]]
        return {"changed": False, "node": {
            "reached": True,
            "problem": None,
            "clock": result["host"]["now"],
            "clock_skew": skew,
            "files": observed,
            "endpoints": endpoints,
            "names": dialled(endpoints, adapter.names),
            "owners": options["owners"],
            "remarks": adapter.remarks,
            "problems": unread(adapter.problems, result["unread_directories"]),
        }}


class NoEngine:
    """A node of which nothing is known but what the task says."""

    def __init__(self, _options):
        self.files, self.directories, self.names, self.remarks, self.problems = (), (), {}, [], []

    def meant(self, _files):
        """No file means anything by itself."""
        return []


class RedisFiles:
    """What redis.conf and sentinel.conf say of TLS files.

    What they include is not read: TLS is written into the files themselves by this collection.
    """

    def __init__(self, options):
        places = ((options["config_file"], redis_audit.CLIENT), (options["sentinel_config_file"], redis_audit.SENTINEL))
        self._layers = {path: layer for path, layer in places if path}
        self.files = list(self._layers)
        self.directories = sorted({posixpath.join(posixpath.dirname(path), "tls") for path in self.files})
        self.names, self.remarks, self.problems = {}, [], []

    def meant(self, files):
        """[(path, Meant)] of every file that the directives name, each once for a layer; a Sentinel mostly has those of the server."""
        found = {}
        for path, layer in self._layers.items():
            try:
                directives = redis_conf.Conf(files[path].readable() or b"", path).effective({})
            except InterlockError as error:
                self.problems.append(str(error))
                continue
            self.remarks += redis_audit.remarks(directives, layer)
            for named, whose, kind in redis_audit.tls_files(directives, posixpath.dirname(path), layer):
                # That of the Sentinel is compared with what its port serves; of the rest once is enough.
                known = {other for other, _layer in found}
                if named not in known or kind == "certificate":
                    found[named, whose] = Meant(whose, kind)
        return [(path, meant) for (path, _layer), meant in found.items()]


class ElasticsearchFiles:
    """What the settings file and the secure settings say of the files below the configuration directory."""

    ENGINE = elasticsearch_audit

    def __init__(self, options):
        self._options = options
        self._settings = posixpath.join(options["config_dir"], self.ENGINE.SETTINGS_FILE)
        self._secure = posixpath.join(options["config_dir"], self.ENGINE.KEYSTORE_FILE)
        self.files, self.directories = [self._settings, self._secure], [options["config_dir"]]
        self.names, self.remarks, self.problems = {}, [], []

    def meant(self, files):
        """[(path, Meant)] of every file that the settings name, and of the two that they are in."""
        settings = self._attempt(lambda: settings_file.read(files[self._settings].readable() or b"", self._settings), {})
        secure = self._attempt(lambda: self._entries(files[self._secure].readable()), {})
        self.remarks = self.ENGINE.remarks(settings)
        self.names = {"transport": self.ENGINE.names(settings)}
        found = [(file.path, Meant(file.layer, file.kind, file.password))
                 for file in self.ENGINE.tls_files(settings, secure, self._options["config_dir"])]
        there = [(path, Meant(None, kind)) for path, kind in ((self._settings, "settings"), (self._secure, "secure_settings"))
                 if files[path].exists and not files[path].error]
        return there + found

    def _entries(self, content):
        if content is None:
            return {}
        return elasticsearch_keystore.load(content, self._options["keystore_password"] or "", self._secure).entries

    def _attempt(self, function, fallback):
        try:
            return function()
        except InterlockError as error:
            self.problems.append(str(error))
            return fallback


class OpenSearchFiles(ElasticsearchFiles):
    """The same, where the engine calls them otherwise."""

    ENGINE = opensearch_audit


def unread(problems, directories):
    """What could not be read, in words; of a directory that is closed as a whole no file is named."""
    inside = tuple(posixpath.join(directory, "") for directory in directories)
    return [problem for problem in problems if not problem.startswith(inside)] + [
        "%s may not be looked into: what is in it is not judged" % directory for directory in directories]


def clock_skew(theirs, before, after):
    """Seconds by which a clock that was read between two moments of ours is ahead; 0 where it may well be right."""
    return round(min(theirs - before, 0) + max(theirs - after, 0))


def dialled(endpoints, names):
    """{layer: names and addresses its certificate has to have}: what the settings publish, else where it listens.

    A loopback address is where this look came from and where no other host connects to, unless the settings name it.
    """
    found = {}
    for endpoint in endpoints:
        layer, host = endpoint["layer"], endpoint["host"]
        known = names.get(layer) or ([] if host.startswith(LOOPBACK) else [host])
        found[layer] = list(dict.fromkeys([*found.get(layer, []), *known]))
    return found
