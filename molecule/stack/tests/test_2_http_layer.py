# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The HTTP layer seen by openssl and curl, and by a client without its CA."""

from __future__ import annotations

import ssl
import subprocess

import pytest


def said_by(*command):
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)


def test_the_certificate_is_its_own_and_leads_to_its_own_ca(stack):
    for node in stack.nodes:
        address = node.variables["lab_address"]
        seen = said_by("openssl", "s_client", "-connect", "%s:%s" % (address, node.variables["lab_http_port"]), "-verify_ip", address,
                       "-CAfile", str(stack.http_authorities / "generation-1" / "ca.crt"), "-verify_return_error")
        assert "Verify return code: 0 (ok)" in seen.stdout, seen.stdout[-500:]
        http, transport = stack.served(node, "lab_http_port"), stack.served(node, "lab_transport_port")
        assert "HTTP CA" in http and "transport CA" in transport


@pytest.mark.parametrize("protocol", ["-tls1", "-tls1_1"])
def test_an_old_protocol_is_refused(stack, protocol):
    address = "%s:%s" % (stack.nodes[0].variables["lab_address"], stack.nodes[0].variables["lab_http_port"])
    assert said_by("openssl", "s_client", "-connect", address, "-tls1_2", "-cipher", "DEFAULT@SECLEVEL=0").returncode == 0
    assert said_by("openssl", "s_client", "-connect", address, protocol, "-cipher", "DEFAULT@SECLEVEL=0").returncode != 0


def test_curl_needs_the_ca_and_the_password(stack, tmp_path):
    (tmp_path / "ca.crt").write_text(stack.bundle(), encoding="ascii")
    url = stack.nodes[0].http.replace("http:", "https:")
    told = said_by("curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", "--cacert", str(tmp_path / "ca.crt"), url)
    assert (told.returncode, told.stdout) == (0, "401")
    assert said_by("curl", "-sS", url).returncode == 60, "a certificate that does not verify"
    assert said_by("curl", "-sS", url.replace("https:", "http:")).returncode != 0


def test_a_client_with_the_ca_of_the_transport_layer_is_not_let_in_by_itself(stack):
    trusted = (stack.authorities / "generation-1" / "ca.crt").read_text(encoding="ascii")
    with pytest.raises(OSError) as refused:
        stack.status(stack.nodes[0], trusted=trusted)
    assert isinstance(refused.value.reason, ssl.SSLCertVerificationError)
