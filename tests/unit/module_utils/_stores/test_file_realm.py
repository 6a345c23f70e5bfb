# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files of the file realm: one line more, one line less, and nothing else touched."""

from __future__ import annotations

import pytest
from ansible_collections.interlock.cluster.plugins.module_utils._stores import file_realm

NAME = "interlock_recovery_1"


@pytest.mark.parametrize("users, roles", [
    (None, None), (b"", b""), (b"# ours\nadmin:$2a$10$x\n", b"superuser:admin\n"), (b"admin:x", b"viewer:admin,other"),
])
def test_a_user_comes_and_goes(users, roles):
    more = file_realm.with_user(users, roles, NAME, "HASH", "superuser")
    assert more[0].splitlines()[-1] == b"interlock_recovery_1:HASH" and more[1].splitlines()[-1] == b"superuser:interlock_recovery_1"
    less = file_realm.without_users(*more, "interlock_recovery_")
    assert [line for content in less for line in content.splitlines()] == [line for content in (users, roles) for line in (content or b"").splitlines()]


def test_files_that_end_with_a_line_end_are_the_same_afterwards():
    users, roles = b"admin:x\n\n# end\n", b"superuser:admin\n"
    assert file_realm.without_users(*file_realm.with_user(users, roles, NAME, "HASH", "superuser"), "interlock_recovery_") == (users, roles)


def test_files_that_are_not_there_need_not_be():
    assert file_realm.without_users(None, None, "x") == (None, None)


def test_a_hash_is_of_the_kind_that_its_prefix_says():
    stored = file_realm.hashed("secret", bytes(range(32)))
    # echo -n secret, PBKDF2-HMAC-SHA512, 10000 rounds, 32 bytes, by openssl kdf
    assert stored == "{PBKDF2}10000$AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=$%s" % OF_OPENSSL
    assert stored != file_realm.hashed("other", bytes(range(32)))


OF_OPENSSL = "PcxzfTZkOTIdi6MhFDS/G3GjH5zQD160GQGbVthKlfk="
