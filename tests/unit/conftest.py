# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Certificates for tests: good ones by the collection's own code, flawed ones by hand."""

from __future__ import annotations

import datetime
import os

import pytest
from ansible_collections.interlock.cluster.plugins.module_utils._pki import authority, keys, node_certificate
from cryptography import x509
from cryptography.hazmat.primitives import hashes

DAY = datetime.timedelta(days=1)


class Certificates:
    """A maker of CAs and certificates at one fixed time."""

    now = datetime.datetime(2026, 6, 1, 12, 0, tzinfo=datetime.timezone.utc)

    @staticmethod
    def serial():
        return node_certificate.serial_from(os.urandom)

    def authority(self, subject="CN=logs CA", key_type="ec-p256", days=3650, generation=1, now=None):
        return authority.create(subject, key_type, days, generation, now or self.now, self.serial())

    @staticmethod
    def request(common_name="node-1", dns=("node-1",), ip=("10.0.0.7",), key_type="ec-p256", validity_days=1095):
        return node_certificate.Request(common_name, tuple(dns), tuple(ip), key_type, validity_days)

    def issue(self, issuer, request=None, now=None):
        return node_certificate.issue(issuer, request or self.request(), now or self.now, self.serial())

    def by_hand(self, subject, key, issuer=None, extensions=(), begin=None, end=None):
        """A certificate of any shape. issuer: (subject, key), by default the certificate's own; extensions: (value, critical) pairs."""
        issuer_subject, issuer_key = issuer or (subject, key)
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name.from_rfc4514_string(subject))
            .issuer_name(x509.Name.from_rfc4514_string(issuer_subject))
            .public_key(key.public_key())
            .serial_number(self.serial())
            .not_valid_before(begin or self.now - 30 * DAY)
            .not_valid_after(end or self.now + 365 * DAY)
        )
        for value, critical in extensions:
            builder = builder.add_extension(value, critical)
        return builder.sign(issuer_key, None if keys.describe(issuer_key) == "ed25519" else hashes.SHA256())

    def chained(self):
        """An intermediate CA under a root: (intermediate's key, its certificate, root certificate)."""
        root_key, key = keys.generate("ec-p256"), keys.generate("ec-p256")
        constraints = [(x509.BasicConstraints(ca=True, path_length=None), True)]
        root = self.by_hand("CN=root", root_key, extensions=constraints)
        return key, self.by_hand("CN=intermediate", key, ("CN=root", root_key), constraints), root


@pytest.fixture(scope="session")
def certificates():
    """The maker of certificates."""
    return Certificates()
