# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The timer that certificate_watch writes, as systemd reads it."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from ansible_collections.interlock.cluster.tests.unit.support.playbooks import run_playbook

PLAY = [{"hosts": "all", "gather_facts": False, "roles": ["interlock.cluster.certificate_watch"]}]
AWKWARD = 'note="a $b %d\\e"'
UNIT = "interlock-certificate-watch-logs"


@pytest.fixture
def watch(tmp_path):
    """Runs the role without touching this machine's systemd."""
    (tmp_path / "units").mkdir()
    variables = {
        "certificate_watch_cluster": "logs", "certificate_watch_inventory": "/etc/interlock/my inventory", "certificate_watch_manage_service": False,
        "certificate_watch_unit_directory": str(tmp_path / "units"), "certificate_watch_report_directory": str(tmp_path / "reports"),
        "certificate_watch_metrics_directory": "/var/lib/textfile", "certificate_watch_arguments": ["-e", AWKWARD], "certificate_watch_user": "root",
        "certificate_watch_environment": {"ANSIBLE_CONFIG": "/etc/a %h.cfg"}, "certificate_watch_ansible_playbook": "/bin/true",
        "certificate_watch_on_failure": "mail.service", "certificate_watch_calendar": "Mon *-*-* 07:00:00"}
    return lambda *options, **changed: run_playbook(tmp_path, PLAY, {"ca": dict(variables, **changed)}, *options)


def changes(outcome):
    assert outcome.code == 0, outcome.output
    return [result["changed"] for _status, result in outcome.of("ca") if "changed" in result].count(True)


def test_check_write_again_remove(watch, tmp_path):
    assert changes(watch("--check")) and not list((tmp_path / "units").iterdir())
    assert changes(watch()) and changes(watch()) == 0
    assert {path.name for path in (tmp_path / "units").iterdir()} == {UNIT + ".service", UNIT + ".timer"}
    assert changes(watch(certificate_watch_state="absent")) and changes(watch(certificate_watch_state="absent")) == 0
    assert not list((tmp_path / "units").iterdir())


def test_what_the_units_say(watch, tmp_path):
    watch()
    service, timer = ((tmp_path / "units" / (UNIT + kind)).read_text().splitlines() for kind in (".service", ".timer"))
    assert ('ExecStart="/bin/true" "interlock.cluster.audit" "-i" "/etc/interlock/my inventory" "-e" "cluster=logs" '
            '"-e" "certificate_audit_json_file=%s" "-e" "certificate_audit_metrics_file=/var/lib/textfile/interlock_logs.prom" '
            '"-e" "note=\\"a $$b %%%%d\\\\e\\""' % (tmp_path / "reports" / "logs.json")) in service
    assert {"OnFailure=mail.service", "User=root", 'Environment="ANSIBLE_CONFIG=/etc/a %%h.cfg"', "[Unit]", "[Service]"} <= set(service)
    assert {"OnCalendar=Mon *-*-* 07:00:00", "Persistent=true", "WantedBy=timers.target"} <= set(timer)


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed")
def test_systemd_takes_the_units(watch, tmp_path):
    watch()
    units = sorted(str(path) for path in (tmp_path / "units").iterdir())
    done = subprocess.run(["systemd-analyze", "--man=no", "verify", *units], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
