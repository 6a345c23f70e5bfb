# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Have sslyze grade ports against Mozilla's "intermediate" configuration, and print a table. Runs in the scanner's own environment.

    .build/scanner/bin/python tests/tools/grade.py --cert FILE --key FILE --ca FILE HOST:PORT...

Fails when a port is weak in what a server's settings decide: protocols and cipher suites. What Redis has no setting for (the curves of its
OpenSSL) and what is a choice (how long a certificate is valid) is told.
"""

from __future__ import annotations

import argparse
import dataclasses
import pathlib
import sys
import warnings

warnings.simplefilter("ignore")

from sslyze import (  # noqa: E402
    CertificateInfoExtraArgument,
    ClientAuthenticationCredentials,
    ScanCommandsExtraArguments,
    Scanner,
    ServerNetworkConfiguration,
    ServerNetworkLocation,
    ServerScanRequest,
    ServerScanStatusEnum,
)
from sslyze.mozilla_tls_profile.tls_config_checker import (  # noqa: E402
    MozillaTlsConfiguration,
    ServerNotCompliantWithTlsConfiguration,
    TlsConfigurationEnum,
    check_server_against_tls_configuration,
)

DECIDED = ("tls_versions", "ciphers", "ciphersuites")
NAMES = {"tls_1_0": "TLSv1", "tls_1_1": "TLSv1.1", "tls_1_2": "TLSv1.2", "tls_1_3": "TLSv1.3", "ssl_3_0": "SSLv3"}


def scans(arguments):
    """The scanner's results, one for each port."""
    scanner = Scanner()
    scanner.queue_scans([ServerScanRequest(
        ServerNetworkLocation(host, int(port), ip_address=host),
        ServerNetworkConfiguration(tls_server_name_indication=host, network_timeout=30, tls_client_auth_credentials=ClientAuthenticationCredentials(
            certificate_chain_path=pathlib.Path(arguments.cert), key_path=pathlib.Path(arguments.key))),
        scan_commands_extra_arguments=ScanCommandsExtraArguments(certificate_info=CertificateInfoExtraArgument(custom_ca_file=pathlib.Path(arguments.ca))),
    ) for host, _colon, port in (target.rpartition(":") for target in arguments.targets)])
    return list(scanner.get_results())


def remarks(server):
    """{what: the grader's remark} of a port."""
    # Its client for SSLv2 cannot load a key of an elliptic curve, and OpenSSL has not had SSLv2 since 1.1.0.
    result = dataclasses.replace(server.scan_result, ssl_2_0_cipher_suites=server.scan_result.ssl_3_0_cipher_suites)
    try:
        check_server_against_tls_configuration(
            server_scan_result=dataclasses.replace(server, scan_result=result),
            tls_config_to_check_against=MozillaTlsConfiguration.get(TlsConfigurationEnum.MOZILLA_INTERMEDIATE))
    except ServerNotCompliantWithTlsConfiguration as found:
        return found.issues
    return {}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("cert", "key", "ca"):
        parser.add_argument("--" + name, required=True)
    parser.add_argument("targets", nargs="+")
    bad, seen = False, {}
    print("%-20s %-18s %-7s %s" % ("port", "protocols", "suites", "Mozilla's \"intermediate\", by sslyze"))
    for server in scans(parser.parse_args()):
        target = "%s:%d" % (server.server_location.hostname, server.server_location.port)
        if server.scan_status != ServerScanStatusEnum.COMPLETED:
            print("%-20s cannot be graded: %s" % (target, server.connectivity_status))
            bad = True
            continue
        accepted = {name: getattr(server.scan_result, name + "_cipher_suites").result.accepted_cipher_suites for name in NAMES}
        found = remarks(server)
        weak = sorted(set(found).intersection(DECIDED))
        bad = bad or bool(weak)
        others = "; remarks on " + ", ".join(sorted(set(found) - set(weak))) if set(found) - set(weak) else ""
        print("%-20s %-18s %-7d %s%s" % (target, ", ".join(NAMES[name] for name in sorted(accepted) if accepted[name]),
                                         sum(map(len, accepted.values())), "WEAK " + ", ".join(weak) if weak else "protocols and suites pass", others))
        seen.update(found)
    print("\n".join("  %s: %s" % item for item in seen.items()))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
