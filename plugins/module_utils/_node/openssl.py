# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keys that never leave their node: made and used by the openssl of that node. Standard library only.

No secret is on a command line: openssl writes a new key to a pipe and reads a stored one by its path. What comes out is public.
"""

from __future__ import annotations

import base64
import re
import shutil
import subprocess

from ansible_collections.interlock.cluster.plugins.module_utils._errors import InterlockError
from ansible_collections.interlock.cluster.plugins.module_utils._node.der import DerError
from ansible_collections.interlock.cluster.plugins.module_utils._node.x509_der import public_key_type

PROGRAM = "openssl"
TIMEOUT = 120  # seconds: a key of 4096 bits on a small, busy machine
_EC_CURVES = {"p256": "prime256v1", "p384": "secp384r1"}
_NO_TEXT = re.compile(r"[\x00-\x1f\x7f]")


class OpensslError(InterlockError):
    """The openssl of this node is not there or did not do what it was asked for."""


def version():
    """What openssl says it is, None where there is none that runs."""
    if shutil.which(PROGRAM) is None:
        return None
    try:
        return _run(["version"], "openssl").decode("utf-8", "replace").strip()
    except OpensslError:
        return None


def generate(key_type):
    """A new private key as PEM (PKCS#8, not encrypted), in memory. key_type: ec-p256, rsa-3072 and the like."""
    family, _dash, size = key_type.partition("-")
    if family == "rsa":
        options = ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:%s" % size]
    else:
        options = ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:%s" % _EC_CURVES[size], "-pkeyopt", "ec_param_enc:named_curve"]
    return _run(["genpkey", *options], "a new key")


def public_key(path):
    """(the public key of a private one as PEM text, its type in the words of the option key_type)."""
    # An empty passphrase keeps openssl from asking for one; a key that is not encrypted needs none.
    text = _run(["pkey", "-in", path, "-passin", "pass:", "-pubout"], path).decode("ascii", "replace")
    body = "".join(line for line in text.splitlines() if line and not line.startswith("-----"))
    try:
        return text, public_key_type(base64.b64decode(body, validate=True))
    except (DerError, ValueError) as error:
        raise OpensslError("openssl returned no public key: %s" % error, where=path) from None


def request(path, asked):
    """The PKCS#10 request of a private key as PEM text.

    asked: digest, common_name, dns and ip, key_usage and extended_key_usage (lists of the names openssl has for them).
    """
    arguments = ["req", "-new", "-%s" % asked["digest"], "-key", path, "-passin", "pass:", "-config", "/dev/stdin"]
    return _run(arguments, path, configuration(asked).encode("utf-8")).decode("ascii", "replace")


def configuration(asked):
    """What openssl req reads in place of its own configuration: nothing of the node's counts."""
    names = ["DNS.%d = %s" % (at, _value(name)) for at, name in enumerate(asked["dns"], 1)]
    names += ["IP.%d = %s" % (at, _value(address)) for at, address in enumerate(asked["ip"], 1)]
    return "\n".join([
        "[req]", "prompt = no", "utf8 = yes", "string_mask = utf8only", "distinguished_name = subject", "req_extensions = extensions",
        "[subject]", "CN = %s" % _value(asked["common_name"]),
        "[extensions]", *(["subjectAltName = @names"] if names else []),
        "keyUsage = critical, %s" % ", ".join(asked["key_usage"]),
        "extendedKeyUsage = %s" % ", ".join(asked["extended_key_usage"]),
        "basicConstraints = critical, CA:FALSE",
        "[names]", *names, ""])


def _value(text):
    """A value in the format of openssl's configuration: what means something there is escaped."""
    if _NO_TEXT.search(text):
        raise OpensslError("the name %r has characters that no certificate should have" % text, remedy="Give another one.")
    escaped = re.sub(r"([\\$#\"'`;])", r"\\\1", text)
    # Spaces at the ends are cut off, unless they are escaped.
    return re.sub(r"^ | $", lambda _space: "\\ ", escaped)


def _run(arguments, where, given=b""):
    """What openssl writes. Its complaints may be shown: they name files and formats, not contents."""
    try:
        done = subprocess.run([PROGRAM, *arguments], input=given, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=TIMEOUT,
                              check=False)
    except FileNotFoundError:
        raise OpensslError("there is no openssl on this host", remedy="Install it, or have the keys made by the control process "
                           "(elasticsearch_tls_private_key_origin: controller).") from None
    except (OSError, subprocess.SubprocessError) as error:
        raise OpensslError("openssl cannot be run: %s" % type(error).__name__, where=where) from None
    if done.returncode:
        complaint = [line.strip() for line in done.stderr.decode("utf-8", "replace").splitlines() if line.strip()]
        raise OpensslError("openssl %s: %s" % (arguments[0], (complaint or ["exit status %d" % done.returncode])[0]), where=where)
    return done.stdout
