# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lab of inventories/lab in a directory and on addresses of its own, which can be put back to what it was in plaintext.

The benchmarks and the fault campaign use it, each with a name and a network of its own.
"""

from __future__ import annotations

import getpass
import pathlib
import shutil

import bare_restart
from measure import ROOT, ansible_playbook, progress, run

VERSION = "8.19.0"  # as in inventories/lab/group_vars/all.yml
INVENTORY = ROOT / "inventories" / "lab"
NETWORK = "127.0.21"
PLAYBOOK = "interlock.cluster.elasticsearch"


class Lab:
    """Three real nodes. They are made at the first use and removed with remove()."""

    def __init__(self, name="bench", network=NETWORK):
        user = getpass.getuser()
        self.network = network
        self.directory = pathlib.Path("/var/tmp/interlock-%s-%s" % (name, user))
        self.kept = self.directory / "kept"  # the plaintext cluster as it was before anything was done to it
        self.home = self.directory / ("elasticsearch-" + VERSION)
        self.service_user = "interlock-lab" if user == "root" else user
        self.made = self.secured = False

    @property
    def nodes(self):
        """The nodes for a bare restart."""
        return bare_restart.lab_nodes(self.directory, self.network, self.home, self.service_user)

    @property
    def arguments(self):
        """What makes ansible-playbook work on this lab."""
        return ["-i", INVENTORY, "-e", "lab_directory=%s" % self.directory, "-e", "lab_network=%s" % self.network]

    def play(self, playbook, *options):
        """Run a playbook on the nodes; Run."""
        return ansible_playbook(*self.arguments, playbook, *options)

    def plaintext(self):
        """Bring the cluster to its first state: plaintext and green, the same documents in the same files."""
        if not self.made:
            progress("creating three nodes in %s" % self.directory)
            self.remove()
            self.play(ROOT / "molecule" / "shared" / "lab" / "create.yml")
            self.made = True
            bare_restart.stop(self.nodes)
            for node in self.nodes:
                copy(node.directory, self.kept / node.directory.name)
        else:
            progress("putting the nodes back to plaintext")
            bare_restart.stop(self.nodes)
            shutil.rmtree(self.directory / "ca", ignore_errors=True)
            for node in self.nodes:
                shutil.rmtree(node.directory)
                copy(self.kept / node.directory.name, node.directory)
        bare_restart.start(self.nodes)
        self.secured = False

    def secure(self):
        """Run the playbook on the plaintext cluster; Run."""
        progress("switching TLS on")
        ran = self.play(PLAYBOOK)
        self.secured = True
        return ran

    def remove(self):
        """Stop the nodes and remove everything of this lab."""
        if self.directory.exists():
            self.play(ROOT / "molecule" / "shared" / "lab" / "destroy.yml")
        self.made = self.secured = False


def copy(source, target):
    """Copy a tree with its owners and modes."""
    target.parent.mkdir(exist_ok=True)
    run("cp", "-a", source, target)
