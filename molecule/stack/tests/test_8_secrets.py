# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Nothing of what the runs of this scenario printed, at -vvv, is a secret."""

from __future__ import annotations

import os
import pathlib
import subprocess

LOG = pathlib.Path(os.environ["MOLECULE_PROJECT_DIRECTORY"], ".build", "molecule", "ansible.log")


def secure_setting(node, name):
    """A secure setting, as the engine's own tool shows it."""
    command = [node.variables["elasticsearch_tls_home"] + "/bin/elasticsearch-keystore", "show", name]
    environment = dict(os.environ, ES_PATH_CONF=str(node.config), **node.variables["elasticsearch_tls_environment"])
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.strip()


def test_no_run_told_a_secret(stack):
    told = LOG.read_text(encoding="utf-8", errors="replace")
    assert "Stage the certificates" in told and "task path:" in told, "the log is of the real runs, at -vvv"
    secrets = [path.read_text(encoding="utf-8").strip() for path in (stack.lab / "secrets").iterdir()]
    secrets += [secure_setting(stack.nodes[0], "xpack.security.transport.ssl.keystore.secure_password")]
    assert len(secrets) > 3 and all(len(secret) > 10 for secret in secrets)
    assert [number for number, secret in enumerate(secrets) if secret in told] == []
    assert "PRIVATE KEY-----" not in told
