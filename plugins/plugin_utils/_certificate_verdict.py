# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What there is to say of a node's certificate before anything is changed: the one verdict of every engine, as public data."""

from __future__ import annotations

from ansible_collections.interlock.cluster.plugins.module_utils._pki import facts, keys
from ansible_collections.interlock.cluster.plugins.module_utils._pki.assessment import Wanted
from ansible_collections.interlock.cluster.plugins.module_utils._pki.authority import issued_by
from ansible_collections.interlock.cluster.plugins.module_utils._pki.node_certificate import NODE, Request
from ansible_collections.interlock.cluster.plugins.module_utils._stores import pem
from ansible_collections.interlock.cluster.plugins.plugin_utils import _signed_certificate
from ansible_collections.interlock.cluster.plugins.plugin_utils._certificate_files import decide, public_key_of, served_certificate


def arguments():
    """What is looked at on a node, and what certificate it should have, as options of an action (doc fragment: node_verdicts)."""
    return dict(
        home=dict(type="path", required=True),
        http_port=dict(type="int", default=9200),
        transport_port=dict(type="int", default=9300),
        keystore_password=dict(type="str", no_log=True),
        store_password=dict(type="str", no_log=True),
        authorities=dict(type="list", elements="str", default=[]),
        issuer=dict(type="str"),
        san_dns=dict(type="list", elements="str", default=[]),
        san_ip=dict(type="list", elements="str", default=[]),
        key_type=dict(type="str", choices=list(keys.KEY_TYPES), default=keys.DEFAULT_KEY_TYPE),
        validity_days=dict(type="int", default=1095),
        renew_days=dict(type="int", default=30),
        renew=dict(type="bool", default=False),
        reissue=dict(type="bool", default=False),
    )


def verdict_on(place, files, passwords, transport, common_name, names, options, now, in_use=True):
    """Verdict, reasons and public facts of a node's certificate, and the CAs it holds or serves that are not ours.

    place: CertificateFiles; files: {path: NodeFile}; passwords: of key and trust, None where unknown; transport: a probe of the live
    port, None without one; names: (DNS names, addresses); options: authorities, issuer, key_type, validity_days, renew_days, renew and
    reissue; rotation (see decide); profile, where it is not that of a node; given (a GivenCertificate) and external where certificates may
    be signed elsewhere; replace: one of another CA that is served is replaced as any other, because nobody but clients has to trust it;
    valid_only: a CA that has expired is not trusted any more. in_use: False where the settings name other files, so that what stands
    here is left over and counts for nothing.
    """
    known = [pem.load_certificates(text.encode("utf-8"), "authorities")[0] for text in options["authorities"]]
    issuer = pem.load_certificates(options["issuer"].encode("utf-8"), "issuer")[0] if options["issuer"] else None
    served = served_certificate(transport)
    current = place.current(files, *passwords) if in_use else None
    request = Request(str(common_name), *names, options["key_type"], options["validity_days"], options.get("profile") or NODE)
    # While a CA is rotated there are two, and all of them are trusted.
    trusted = tuple(one for one in known if one == issuer or not (options.get("valid_only") and expired(one, now))) if issuer else ()
    wanted = Wanted(request, trusted, issuer, options["renew_days"], tolerate_extra_names=transport is None)
    bound = None if options.get("replace") and not (issuer and served and issued_by(served, issuer)) else served
    decision = decide(current, wanted, bound, options["renew"], now, options["reissue"], options.get("rotation"))
    given = options.get("given")
    decision = given.decided(decision, current) if given else decision
    held = [] if current is None or current.certificate is None else [("holds", current.certificate)]
    serving = [("serves", served)] if served else []
    foreign = [foreign_authority(how, certificate) for how, certificate in held + serving
               if not options.get("replace") and not any(issued_by(certificate, authority) for authority in known)]
    return {
        "verdict": decision.verdict,
        "in_use": in_use,
        "reasons": decision.texts,
        "warnings": list(decision.warnings),
        "problem": signing_problem(decision, given, files, wanted, options, now),
        "spent_key": bool(given and held and given.belongs_to(current.certificate, files)) or is_spent(place, files, current, options),
        "keeps_key": bool(place.held and held and current.key_type == options["key_type"] and not options["reissue"]),
        "facts": facts.certificate_facts(current.certificate) if held else None,
        "trusted": None if current is None or current.trusted is None else [facts.certificate_facts(found) for found in current.trusted],
        "trust_problem": None if current is None else current.trust_problem,
        "foreign": foreign,
    }


def is_spent(place, files, current, options):
    """Whether the key that waited for a certificate, on a node that makes its keys itself, is the live one by now."""
    waiting = files.get(options.get("signed_key_path"))
    if not place.held or waiting is None or not waiting.public_key or current is None or current.certificate is None:
        return False
    return waiting.path != place.key and keys.matches(public_key_of(waiting), current.certificate)


def expired(certificate, now):
    """Whether a certificate has come to its end."""
    return certificate.not_valid_after_utc < now


def signing_problem(decision, given, files, wanted, options, now):
    """Why a node cannot get the certificate it needs when certificates are signed elsewhere; None when it can."""
    if decision.verdict != "issue":
        return None
    if given:
        return _signed_certificate.problem_of(given, files, wanted, now)
    if options.get("external"):
        return "needs a certificate that is signed elsewhere (%s). %s" % ("; ".join(decision.texts), _signed_certificate.REMEDY)
    return None


def foreign_authority(how, certificate):
    """A certificate of another CA as the option foreign_authorities of the module ca takes it."""
    known = facts.certificate_facts(certificate)
    return {"how": how, "subject": known["subject"], "issuer": known["issuer"], "sha256": known["sha256"]}
