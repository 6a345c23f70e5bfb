# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one guarded import of what not every host has: a bare import would break every module that is only being documented.

cryptography makes and reads certificates, on the control node and the CA host. yaml reads settings files, in the control
process only; ansible-core brings it along.
"""

# pylint: disable=unused-import

from __future__ import annotations

import traceback

from ansible_collections.interlock.cluster.plugins.module_utils._errors import InterlockError

CRYPTOGRAPHY_MINIMUM = (45,)
CRYPTOGRAPHY_IMPORT_ERROR = None
try:
    import cryptography
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature, InvalidTag, UnsupportedAlgorithm
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from cryptography.hazmat.primitives.serialization import pkcs12
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
except ImportError:
    CRYPTOGRAPHY_IMPORT_ERROR = traceback.format_exc()
try:
    import yaml
except ImportError:
    yaml = None


def require_cryptography():
    """Raise InterlockError when cryptography is missing or older than the writer of Java truststores needs."""
    remedy = "Install it for the Python that runs this task: pip install 'cryptography>=45'."
    if CRYPTOGRAPHY_IMPORT_ERROR is not None:
        raise InterlockError("the Python library cryptography is not installed", remedy=remedy)
    found = tuple(int(part) for part in cryptography.__version__.split(".")[:1])
    if found < CRYPTOGRAPHY_MINIMUM:
        raise InterlockError("the Python library cryptography is %s; 45 or newer is needed" % cryptography.__version__, remedy=remedy)
