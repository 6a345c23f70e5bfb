# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the role left behind of Dashboards: as Kibana's, with its own names, and a log-in to a real OpenSearch."""

from __future__ import annotations

import json
import pathlib
import ssl
import stat
import subprocess
import urllib.request

import pytest
import yaml

testinfra_hosts = ["ansible://kibana"]
ROOT = pathlib.Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def lab(host):
    answer = host.ansible("ansible.builtin.debug", "msg={{ {'lab': lab_directory, 'url': 'https://' ~ lab_address ~ ':5601'} | to_json }}")["msg"]
    return json.loads(answer) if isinstance(answer, str) else answer


@pytest.fixture(scope="module")
def config(lab):
    return pathlib.Path(lab["lab"]) / "osd1" / "config"


def test_it_is_available_over_https_and_has_logged_in(lab):
    context = ssl.create_default_context(cafile=str(pathlib.Path(lab["lab"]) / "ca/generation-1/ca.crt"))
    with urllib.request.urlopen(lab["url"] + "/api/status", context=context, timeout=20) as answer:
        found = json.load(answer)["status"]["overall"]
    assert found == {"level": "available", "summary": "kibanaserver"}


def test_plaintext_is_not_answered(lab):
    with pytest.raises(OSError):
        urllib.request.urlopen(lab["url"].replace("https", "http") + "/api/status", timeout=5)


def test_what_an_operator_wrote_is_still_there(config):
    text = (config / "opensearch_dashboards.yml").read_text(encoding="utf-8")
    assert "# Dashboards for the orders team. Changes by merge request only." in text and "requestTimeout: 90000" in text
    assert "old-and-in-the-clear" not in text and "http://" not in text and "elasticsearch" not in text


def test_the_settings_are_those_of_dashboards(config):
    settings = yaml.safe_load((config / "opensearch_dashboards.yml").read_text(encoding="utf-8"))
    found = settings["opensearch"] | {name.partition("opensearch.")[2]: value for name, value in settings.items() if name.startswith("opensearch.")}
    assert found["hosts"] == ["https://127.0.57.1:9200"] and found["username"] == "kibanaserver"
    assert settings["opensearch_security.cookie.secure"] is True
    assert found.get("ssl.verificationMode", found.get("ssl", {}).get("verificationMode")) == "full"


def test_the_password_is_in_the_keystore_in_the_format_of_kibana(config, lab):
    script = ROOT / "tests/interop/files/kibana_keystore.js"
    answer = subprocess.run(["node", script, "load", config / "opensearch_dashboards.keystore"], capture_output=True, text=True, check=True)
    secret = (pathlib.Path(lab["lab"]) / "secrets/dashboards_password").read_text(encoding="ascii")
    assert json.loads(answer.stdout)["opensearch.password"] == secret
    assert stat.S_IMODE((config / "opensearch_dashboards.keystore").stat().st_mode) & 0o007 == 0
