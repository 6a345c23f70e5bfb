# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The file realm of Elasticsearch: the files users (NAME:HASH) and users_roles (ROLE:NAME,NAME). Pure, bytes in and bytes out.

Elasticsearch reads both anew within seconds, and tells the kind of a hash by its prefix, whatever it makes itself.
"""

from __future__ import annotations

import base64
import hashlib

ITERATIONS = 10000  # what Elasticsearch has for pbkdf2; the passwords hashed here are random
SALT_LENGTH = 32
HASH_LENGTH = 32


def hashed(password, salt):
    """A password as the file holds it: org.elasticsearch.xpack.core.security.authc.support.Hasher, PBKDF2. salt: 32 random bytes."""
    key = hashlib.pbkdf2_hmac("sha512", password.encode("utf-8"), salt, ITERATIONS, HASH_LENGTH)
    return "{PBKDF2}%d$%s$%s" % (ITERATIONS, base64.b64encode(salt).decode("ascii"), base64.b64encode(key).decode("ascii"))


def with_user(users, roles, name, password_hash, role):
    """(users, roles) with one more user at their ends; every other byte stays. users, roles: bytes, None for no file."""
    return _with_line(users, "%s:%s" % (name, password_hash)), _with_line(roles, "%s:%s" % (role, name))


def without_users(users, roles, prefix):
    """(users, roles) without the users whose names begin like this, and without the lines that with_user() made of their roles."""
    return (_without(users, lambda line: line.startswith(prefix)),
            _without(roles, lambda line: line.partition(":")[2].strip().startswith(prefix)))


def _with_line(content, line):
    content = content or b""
    separator = b"" if not content or content.endswith(b"\n") else b"\n"
    return content + separator + line.encode("utf-8") + b"\n"


def _without(content, unwanted):
    if content is None:
        return None
    return b"".join(line for line in content.splitlines(keepends=True) if not unwanted(line.decode("utf-8", "replace")))
