# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two CAs and certificates of the first, for the tests of the stores that hold such."""

from __future__ import annotations

import datetime
import os

import pytest
from ansible_collections.interlock.cluster.plugins.module_utils._pki import authority, node_certificate

NOW = datetime.datetime(2026, 6, 1, tzinfo=datetime.timezone.utc)


def new_authority(subject):
    return authority.create(subject, "ec-p256", 3650, 1, NOW, node_certificate.serial_from(os.urandom))


@pytest.fixture(scope="session")
def ca():
    return new_authority("CN=the CA")


@pytest.fixture(scope="session")
def other_ca():
    return new_authority("CN=another CA")


@pytest.fixture(scope="session")
def issue(ca):
    """A function from a key type to a node's key, certificate and chain."""

    def issue_node(key_type="ec-p256"):
        request = node_certificate.Request("node-1", ("node-1",), ("127.0.1.1",), key_type, 90)
        return node_certificate.issue(ca, request, NOW, node_certificate.serial_from(os.urandom))

    return issue_node


@pytest.fixture(scope="session")
def node(issue):
    return issue()
