# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What can go wrong: each fault is done to a running cluster while the playbook takes it to TLS.

    python faults.py DEED NODE_DIRECTORY ...   does one deed to a node, for at_task, which runs it in the middle of a play
"""

from __future__ import annotations

import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field

HERE = pathlib.Path(__file__).resolve()
SECURED, PLAINTEXT = "TLS", "plaintext"


@dataclass(frozen=True)
class Fault:
    """One fault.

    deed: what is done to the second node, before the task at, or before the run without one. dies_at: the task before which the control
    process is killed. time: which of the tasks of that name. A task is meant by its name or number.
    change: more for ansible-playbook in every run; where there is one the cluster speaks TLS already. arguments: more for the first run.
    cure: what an operator does before repeating.
    survives: what the cluster speaks right after the faulty run; None where either will do (the control process is dead, the next run
    decides). succeeds: whether the faulty run ends well all the same.
    """

    name: str
    deed: str | None = None
    at: str | None = None
    dies_at: str | None = None
    time: int = 1
    change: tuple = ()
    arguments: tuple = ()
    cure: str | None = None
    survives: str | None = PLAINTEXT
    succeeds: bool = False
    needs: tuple = field(default=())

    def environment(self, node):
        """What tells the callback at_task."""
        told = {"AT_TASK_TIME": str(self.time)}
        if self.at:
            told.update(AT_TASK=self.at, AT_TASK_RUN="%s %s %s %s" % (sys.executable, HERE, self.deed, node.directory))
        if self.dies_at:
            told.update(AT_TASK_DIE=self.dies_at)
        return told


# A static setting of the transport layer: a rolling restart.
ROLLING = ("-e", '{"elasticsearch_tls_supported_protocols": ["TLSv1.3"]}')
EVERYWHERE = "control process killed before task"
FAULTS = [
    Fault("node killed before it is stopped", "kill", at="Stop every node", survives=SECURED, succeeds=True),
    Fault("node killed while it starts", "kill", at="Wait until every node answers"),
    Fault("corrupt keystore", "corrupt", at="Start every node"),
    Fault("wrong password of the store", "password", at="Start every node"),
    Fault("keystore that the service cannot read", "lock", at="Start every node"),
    Fault("certificate for another name", "rename", at="Start every node", arguments=("-e", "elasticsearch_tls_wait_timeout=180")),
    Fault("corrupt keystore, and the control process killed on the way back", "corrupt", at="Start every node",
          dies_at="Put the previous files back", survives=None),
    Fault("process that ignores SIGTERM", "freeze", at="Stop every node", cure="thaw",
          arguments=("-e", "elasticsearch_tls_stop_timeout=5", "-e", "elasticsearch_tls_wait_timeout=20"), survives=None),
    Fault("node stopped before the run", "kill", cure="start"),
    Fault("node that cannot be reached by ssh", arguments=("-i", str(HERE.parent / "unreachable.yml"))),
    Fault("clock 20 minutes ahead", arguments=("-i", str(HERE.parent / "clock.yml"), "-e", "faults_directory=%s" % HERE.parent), needs=("faketime",)),
    Fault("full disk", "fill", cure="empty", needs=("root",)),
    Fault("rolling restart, settings that the second node refuses", "garble", at="Start the node", time=2, change=ROLLING, survives=SECURED),
    Fault("rolling restart, control process killed while the second node is down", dies_at="Start the node", time=2, change=ROLLING,
          survives=None),
]


def missing(fault):
    """What this machine lacks for a fault, None when it can be done."""
    if "faketime" in fault.needs and not shutil.which("faketime"):
        return "the program faketime"
    if "root" in fault.needs and os.geteuid():
        return "root, to mount a small file system"
    return None


def main_process(directory):
    """The process id in the node's pid file, which a process that is just starting has not written yet."""
    path = directory / "elasticsearch.pid"
    for _second in range(120):
        if path.exists() and path.read_text(encoding="ascii").strip():
            break
        time.sleep(1)
    return int(path.read_text(encoding="ascii"))


def end(number):
    """A deed that sends a signal to the node's process."""
    return lambda directory: os.kill(main_process(directory), number)


def corrupt(directory):
    """Half of the keystore is gone."""
    path = keystore(directory)
    path.write_bytes(path.read_bytes()[:200])


def lock(directory):
    """Nobody but root may read the keystore."""
    path = keystore(directory)
    os.chmod(path, 0)
    if os.geteuid() == 0:
        os.chown(path, 0, 0)


def wrong_password(directory):
    """The secure settings have another password than the store."""
    collection()
    from ansible_collections.interlock.cluster.plugins.module_utils._stores import elasticsearch_keystore as keystores
    path = directory / "config" / "elasticsearch.keystore"
    found = keystores.load(path.read_bytes(), "", str(path))
    edited, _changes = keystores.edit(found, {"xpack.security.transport.ssl.keystore.secure_password": b"not the password"}, (), os.urandom)
    path.write_bytes(keystores.dump(edited, "", os.urandom))


def rename(directory):
    """The node has a certificate of the right CA for a name that nobody dials."""
    collection()
    import datetime

    from ansible_collections.interlock.cluster.plugins.module_utils._ansible.ca_directory import CaDirectory
    from ansible_collections.interlock.cluster.plugins.module_utils._pki.node_certificate import Request, issue, serial_from
    from ansible_collections.interlock.cluster.plugins.module_utils._stores import elasticsearch_keystore as keystores
    from ansible_collections.interlock.cluster.plugins.module_utils._stores import pkcs12
    secure = keystores.load((directory / "config" / "elasticsearch.keystore").read_bytes(), "", "")
    password = secure.entries["xpack.security.transport.ssl.keystore.secure_password"].decode()
    now = datetime.datetime.now(datetime.timezone.utc)
    passphrase = (directory.parent / "secrets" / "ca_passphrase").read_text(encoding="ascii").strip()
    own = CaDirectory(str(directory.parent / "ca")).load(passphrase, now)
    issued = issue(own, Request("elsewhere", ("elsewhere.example.com",), (), "ec-p256", 30), now, serial_from(os.urandom))
    entry = pkcs12.KeyEntry(issued.key, issued.certificate, tuple(issued.chain))
    keystore(directory).write_bytes(pkcs12.dump_keystore(entry, "elsewhere", password))


def garble(directory):
    """The node that is stopped right now has a setting which Elasticsearch does not know."""
    lab = directory.parent
    for node in [lab / kept.name for kept in (lab / "kept").iterdir()]:
        if not (node / "elasticsearch.pid").exists():
            with open(node / "config" / "elasticsearch.yml", "a", encoding="utf-8") as stream:
                stream.write("\nno.such.setting: 1\n")


def keystore(directory):
    """The keystore of the transport layer."""
    return directory / "config" / "certs" / "transport.keystore.p12"


def collection():
    """Make the collection importable."""
    sys.path.insert(0, str(HERE.parents[2] / ".build" / "collections"))


def fill(directory):
    """The configuration is on a small file system that is full."""
    config, aside = directory / "config", directory / "config.aside"
    config.rename(aside)
    config.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "interlock-faults", str(config)], check=True)
    subprocess.run(["cp", "-a", "%s/." % aside, str(config)], check=True)
    with open(config / "filler", "wb", buffering=0) as stream:  # what is buffered would have to go somewhere at the end
        try:
            while True:
                stream.write(b"\0" * 4096)
        except OSError:
            pass


def empty(directory):
    """The configuration is where it was, with what was written meanwhile."""
    config, aside = directory / "config", directory / "config.aside"
    os.unlink(config / "filler")
    shutil.rmtree(aside)
    subprocess.run(["cp", "-a", str(config), str(aside)], check=True)
    subprocess.run(["umount", "--lazy", str(config)], check=True)
    config.rmdir()
    aside.rename(config)


DEEDS = {"kill": end(signal.SIGKILL), "freeze": end(signal.SIGSTOP), "thaw": end(signal.SIGCONT), "corrupt": corrupt, "lock": lock,
         "password": wrong_password, "garble": garble, "rename": rename, "fill": fill, "empty": empty}

if __name__ == "__main__":
    DEEDS[sys.argv[1]](pathlib.Path(sys.argv[2]))
