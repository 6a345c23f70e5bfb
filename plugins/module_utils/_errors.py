# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one base of every error the collection raises on purpose."""

from __future__ import annotations


class InterlockError(Exception):
    """Something an operator has to know about, said so that they can act on it.

    message: what was found. where: the file, setting or address it was found in.
    remedy: what to do about it. The text joins the three; the boundary in
    _ansible adds nothing but the host, which Ansible prints itself.
    """

    def __init__(self, message, where=None, remedy=None):
        self.message = message
        self.where = where
        self.remedy = remedy
        super().__init__(message)

    def __str__(self):
        text = self.message if self.where is None else "%s: %s" % (self.where, self.message)
        text = text.rstrip(".")
        return text + "." if self.remedy is None else "%s. %s" % (text, self.remedy)
