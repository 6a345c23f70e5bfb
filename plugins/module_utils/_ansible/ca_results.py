# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the modules ca and ca_info return about a CA: public data only."""

from __future__ import annotations

from ansible_collections.interlock.cluster.plugins.module_utils._errors import InterlockError
from ansible_collections.interlock.cluster.plugins.module_utils._pki import assessment, facts
from ansible_collections.interlock.cluster.plugins.module_utils._stores import pem


def results(directory, outcome, now):
    """The results of ca for an Outcome of ca_lifecycle.ensure()."""
    issuing = outcome.authority
    known = facts.certificate_facts(issuing.certificate) if issuing else outcome.predicted
    kept = [generation.certificate for generation in directory.load_public()]
    if issuing and issuing.certificate not in kept:
        kept.append(issuing.certificate)
    generation = issuing.generation if issuing else 1
    return {
        "changed": outcome.changed,
        "action": outcome.action,
        "created": outcome.action == "created",
        "adopted": outcome.action == "adopted",
        "certificate": text(issuing.certificate) if issuing else None,
        "certificates": [text(certificate) for certificate in kept],
        "chain": [text(certificate) for certificate in issuing.chain] if issuing else [],
        "facts": known,
        "generation": generation,
        "days_left": assessment.days_left(issuing.certificate, now) if issuing else None,
        "directory": directory.path,
        "paths": {
            "certificate": directory.file(generation, "ca.crt"),
            "private_key": directory.file(generation, "ca.key"),
            "ledger": directory.ledger_path,
        },
        "diff": {"before": {} if outcome.changed else known, "after": known},
    }


def text(certificate):
    """One certificate as PEM text."""
    return pem.dump_certificates([certificate]).decode("ascii")


def report(directory, passphrase, now):
    """The results of ca_info; what cannot be found out is a line in problems. passphrase: None leaves the key closed."""
    notes = _Notes()
    notes.problems += [str(problem) for problem in notes.trying([], directory.problems)]
    kept = notes.trying([], directory.load_public)
    current = notes.trying(None, directory.current)
    entries, damaged = notes.trying(([], []), directory.ledger)
    if damaged:
        notes.problems.append("%s: line %s cannot be read" % (directory.ledger_path, ", ".join(map(str, damaged))))
    if current is None and kept:
        notes.problems.append("%s: no generation is current; the next run of the module ca completes it." % directory.path)
    issuing = next((generation.certificate for generation in kept if generation.number == current), None)
    if issuing:
        notes.problems += _expired(directory, issuing, now)
    return {
        "exists": current is not None,
        "generation": current,
        "generations": [_described(notes, directory, generation, current, now) for generation in kept],
        "certificates": [text(generation.certificate) for generation in kept],
        "facts": facts.certificate_facts(issuing) if issuing else None,
        "days_left": assessment.days_left(issuing, now) if issuing else None,
        "external": notes.trying(False, lambda: directory.external(current)) if issuing else False,
        "key_opens": _key_opens(notes, directory, passphrase, now) if passphrase and issuing else None,
        "ledger_count": len(entries),
        "ledger": entries,
        "problems": list(dict.fromkeys(notes.problems)),
    }


class _Notes:
    def __init__(self):
        self.problems = []

    def trying(self, otherwise, function):
        """What function returns, or otherwise with the error noted as a problem."""
        try:
            return function()
        except InterlockError as error:
            self.problems.append(str(error))
            return otherwise


def _described(notes, directory, generation, current, now):
    return {
        "generation": generation.number,
        "current": generation.number == current,
        "origin": notes.trying(None, lambda: directory.origin(generation.number)),
        "key_encrypted": notes.trying(None, lambda: directory.key_encrypted(generation.number)),
        "expired": now > generation.certificate.not_valid_after_utc,
        "facts": facts.certificate_facts(generation.certificate),
    }


def _key_opens(notes, directory, passphrase, now):
    if directory.external(directory.current()):
        return None
    return notes.trying(None, lambda: directory.load(passphrase, now)) is not None


def _expired(directory, certificate, now):
    if now <= certificate.not_valid_after_utc:
        return []
    return [
        "%s: the CA certificate %s expired on %s. The cluster needs a new CA."
        % (directory.path, facts.label(certificate), facts.timestamp(certificate.not_valid_after_utc))
    ]
