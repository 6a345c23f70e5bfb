# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One read of a node: files, process, ports and API answers, in a single round trip. Standard library only.

What is read may hold secrets: the actions that ask for it keep it in memory and hand on verdicts.
"""

from __future__ import annotations

import base64
import grp
import hashlib
import os
import pwd
import socket
import stat
import time

from ansible_collections.interlock.cluster.plugins.module_utils._errors import InterlockError
from ansible_collections.interlock.cluster.plugins.module_utils._node import openssl, process, tls_probe
from ansible_collections.interlock.cluster.plugins.module_utils._node.elasticsearch_client import ApiError

LARGEST_FILE = 4 * 1024 * 1024


def read_file(path, with_content):
    """exists, mode, owner, group, size, mtime, sha256, and content as base64 when wanted; error when it cannot be read."""
    try:
        status = os.stat(path)
    except FileNotFoundError:
        return {"exists": False}
    except OSError as error:
        return {"exists": True, "error": error.strerror}
    found = {
        "exists": True,
        "mode": "%04o" % stat.S_IMODE(status.st_mode),
        "owner": _name(pwd.getpwuid, status.st_uid, "pw_name"),
        "group": _name(grp.getgrgid, status.st_gid, "gr_name"),
        "size": status.st_size,
        "mtime": status.st_mtime,
    }
    if not stat.S_ISREG(status.st_mode):
        found["error"] = "is not a regular file"
    elif status.st_size > LARGEST_FILE:
        found["error"] = "is larger than %d bytes" % LARGEST_FILE
    else:
        try:
            with open(path, "rb") as stream:
                content = stream.read()
        except OSError as error:
            found["error"] = error.strerror
        else:
            found["sha256"] = hashlib.sha256(content).hexdigest()
            if with_content:
                found["content"] = base64.b64encode(content).decode("ascii")
    return found


def read_public_key(path):
    """exists, mode, owner and group of a private key, and public_key as PEM; error where that cannot be told."""
    found = {name: value for name, value in read_file(path, False).items() if name in ("exists", "mode", "owner", "group", "error")}
    if found["exists"] and "error" not in found:
        try:
            found["public_key"] = openssl.public_key(path)[0]
        except InterlockError as error:
            found["error"] = str(error)
    return found


def _name(lookup, number, attribute):
    try:
        return getattr(lookup(number), attribute)
    except KeyError:
        return str(number)


def list_directory(path):
    """Sorted names in a directory; None when it is not there or may not be read."""
    try:
        return sorted(os.listdir(path))
    except OSError:
        return None


def free_bytes(path):
    """Bytes an ordinary user can still write below a path; None when it cannot be told."""
    try:
        status = os.statvfs(path)
    except OSError:
        return None
    return status.f_bavail * status.f_frsize


def read_process(service):
    """running, pid, started_at, listeners of a service, and where it reads the passphrase of its keystore."""
    pid = service.pid()
    return {
        "running": pid is not None,
        "pid": pid,
        "started_at": None if pid is None else process.started_at(pid),
        "listeners": None if pid is None else process.listeners(pid),
        "passphrase_file": service.passphrase_file(),
    }


def listening_address(read, port, fallback):
    """The address of a process's listener on a port; the fallback where the kernel does not tell us."""
    found = [address for address, number in read["listeners"] or () if number == port]
    return process.connectable(found[0]) if found else fallback


def ask_api(client, host, port, paths, timeout):
    """scheme and answers {path: {status, answer}} of the HTTP layer; unreachable says why it could not be asked.

    client: a Client of this host and port. A scheme without answers is that of a server that speaks TLS and that it does not get on with.
    """
    answers = {}
    try:
        status, _body = client.request("GET", "/_cluster/health?local=true&timeout=1s")
    except ApiError as error:
        speaks_tls = tls_probe.observe(host, port, timeout).get("speaks_tls")
        return {"scheme": "https" if speaks_tls else None, "unreachable": str(error), "answers": {}}
    for path in paths:
        if status == 401:
            # A wrong password is asked for once, not once a path: some realms lock the user.
            answers[path] = {"status": status, "answer": None}
            continue
        try:
            status, answer = client.request("GET", path)
        except ApiError as error:
            return {"scheme": client.scheme, "unreachable": str(error), "answers": answers}
        answers[path] = {"status": status, "answer": answer}
    return {"scheme": client.scheme, "unreachable": None, "answers": answers}


def clock():
    """Seconds since the epoch on this host, and its name."""
    return {"now": time.time(), "hostname": socket.gethostname()}
