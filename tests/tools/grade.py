# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Have sslyze grade ports against Mozilla's "intermediate" configuration, and print a table.

    grade.py --cert FILE --key FILE --ca FILE HOST:PORT...

Fails when a port is weak in what a server's settings decide: protocols and cipher suites. What Redis has no setting for (the curves of its
OpenSSL) and what is a choice (how long a certificate is valid) is told.
"""

from __future__ import annotations

import argparse
import json
import pathlib
import re
import subprocess
import sys
import tempfile

SSLYZE = pathlib.Path(__file__).resolve().parents[2] / ".build" / "scanner" / "bin" / "sslyze"
DECIDED = ("tls_versions", "ciphers", "cipher_suites", "tls_1_3_ciphers")
NAMES = {"tls_1_0": "TLSv1", "tls_1_1": "TLSv1.1", "tls_1_2": "TLSv1.2", "tls_1_3": "TLSv1.3", "ssl_2_0": "SSLv2", "ssl_3_0": "SSLv3"}


def scan(target, arguments):
    """(protocols, number of cipher suites, {what: the grader's remark}) of one port."""
    with tempfile.TemporaryDirectory() as directory:
        report = pathlib.Path(directory, "report.json")
        told = subprocess.run(
            [str(SSLYZE), "--mozilla_config=intermediate", "--cert=" + arguments.cert, "--key=" + arguments.key, "--certinfo_ca_file=" + arguments.ca,
             "--json_out=%s" % report, target], capture_output=True, text=True, check=False).stdout
        (server,) = json.loads(report.read_text(encoding="utf-8"))["server_scan_results"]
    if server["scan_status"] != "COMPLETED":
        sys.exit("%s cannot be graded: %s" % (target, (server["connectivity_error_trace"] or "").strip().splitlines()[-1:]))
    accepted = {name: server["scan_result"][name + "_cipher_suites"]["result"]["accepted_cipher_suites"] for name in NAMES}
    remarks = dict(re.findall(r"^\s+\* ([a-z0-9_]+): (.*)$", told.partition("Compliance against")[2] or told.partition("COMPLIANCE")[2], re.MULTILINE))
    return [NAMES[name] for name in sorted(accepted) if accepted[name]], sum(map(len, accepted.values())), remarks


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("cert", "key", "ca"):
        parser.add_argument("--" + name, required=True)
    parser.add_argument("targets", nargs="+")
    arguments = parser.parse_args()
    bad, seen = False, []
    print("%-22s %-18s %-7s %s" % ("port", "protocols", "suites", "Mozilla intermediate, by sslyze"))
    for target in arguments.targets:
        protocols, suites, remarks = scan(target, arguments)
        weak = sorted(set(remarks).intersection(DECIDED))
        bad = bad or bool(weak)
        verdict = "WEAK: " + ", ".join(weak) if weak else "protocols and suites pass" + ("; remarks: %s" % ", ".join(sorted(remarks)) if remarks else "")
        print("%-22s %-18s %-7d %s" % (target, ", ".join(protocols), suites, verdict))
        seen += ["  %s: %s" % item for item in remarks.items() if "  %s: %s" % item not in seen]
    print("\n".join(seen))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
