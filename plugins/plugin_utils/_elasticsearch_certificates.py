# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The certificates of an Elasticsearch node, one for each layer that speaks TLS: the names they need, and the verdict on them."""

from __future__ import annotations

from ansible_collections.interlock.cluster.plugins.module_utils._engines import elasticsearch as engine
from ansible_collections.interlock.cluster.plugins.module_utils._pki import authority as authorities
from ansible_collections.interlock.cluster.plugins.module_utils._pki import facts
from ansible_collections.interlock.cluster.plugins.module_utils._pki import names as pki_names
from ansible_collections.interlock.cluster.plugins.module_utils._pki.assessment import Wanted
from ansible_collections.interlock.cluster.plugins.module_utils._pki.node_certificate import Request
from ansible_collections.interlock.cluster.plugins.module_utils._stores import pem
from ansible_collections.interlock.cluster.plugins.plugin_utils import _signed_certificate
from ansible_collections.interlock.cluster.plugins.plugin_utils._certificate_files import decide, foreign_authority, served_certificate


def wanted_names(settings, live, hostname, options):
    """(DNS names, addresses) a node's certificate needs: everything it is dialled by.

    A peer checks the address it dialled, with no reverse look-up (SecurityNetty4Transport): what the node publishes,
    and its entry in discovery.seed_hosts, which is told from the others by the names this host is known by.
    """
    published = live["transport_names"] or engine.publish_names(settings)
    known = {hostname, options["inventory_hostname"], options["ansible_host"], *published}
    seeds = engine.own_seeds(settings, known)
    return tuple(pki_names.split([*published, *seeds, hostname, *options["san_dns"], *options["san_ip"]]))


def wanted_http_names(settings, live, hostname, options):
    """(DNS names, addresses) the certificate of the HTTP layer needs: what clients may know the node by.

    options: san_dns and san_ip, and san_found; without that, those that are given and no others, as a public CA may want it.
    """
    published = live["http_names"] or engine.publish_names(settings, engine.HTTP)
    found = [*published, hostname] if options["san_found"] else []
    return tuple(pki_names.split([*found, *options["san_dns"], *options["san_ip"]]))


def assess_certificate(layer, place, files, secure, probed, names, common_name, options, now):
    """Verdict, reasons and public facts of the certificate of a layer, and the CAs it holds or serves that are not ours.

    place: CertificateFiles; probed: what the live port of the layer shows, None where it does not speak TLS. With replace among the
    options a certificate of another CA is replaced as any other: nobody but clients has to trust it.
    """
    known = [pem.load_certificates(text.encode("utf-8"), "authorities")[0] for text in options["authorities"]]
    issuer = pem.load_certificates(options["issuer"].encode("utf-8"), "issuer")[0] if options["issuer"] else None
    served = served_certificate(probed)
    # A password that is yet to be generated opens nothing: what cannot be opened then has to be made anew anyway.
    passwords = [secure.value(name) if secure else None for name in layer.store_passwords]
    current = place.current(files, *passwords)
    request = Request(str(common_name), *names, options["key_type"], options["validity_days"])
    # While a CA is rotated there are two, and all of them are trusted.
    trusted = tuple(known) if issuer else ()
    wanted = Wanted(request, trusted, issuer, options["renew_days"], tolerate_extra_names=probed is None)
    bound = served if not options.get("replace") or issuer and served and authorities.issued_by(served, issuer) else None
    decision = decide(current, wanted, bound, options["renew"], now, options["reissue"])
    given = options.get("given")
    decision = given.decided(decision, current) if given else decision
    held = [] if current is None or current.certificate is None else [("holds", current.certificate)]
    serving = [("serves", served)] if served else []
    foreign = [foreign_authority(how, certificate) for how, certificate in held + serving
               if not options.get("replace") and not any(authorities.issued_by(certificate, authority) for authority in known)]
    return {
        "verdict": decision.verdict,
        "reasons": decision.texts,
        "warnings": list(decision.warnings),
        "problem": signing_problem(decision, given, files, wanted, options, now),
        "spent_key": bool(given and held and given.belongs_to(current.certificate, files)),
        "facts": facts.certificate_facts(current.certificate) if held else None,
        "trusted": None if current is None or current.trusted is None else [facts.certificate_facts(found) for found in current.trusted],
        "trust_problem": None if current is None else current.trust_problem,
        "foreign": foreign,
    }


def signing_problem(decision, given, files, wanted, options, now):
    """Why a node cannot get the certificate it needs when certificates are signed elsewhere; None when it can."""
    if decision.verdict != "issue":
        return None
    if given:
        return _signed_certificate.problem_of(given, files, wanted, now)
    if options.get("external"):
        return "needs a certificate that is signed elsewhere (%s). %s" % ("; ".join(decision.texts), _signed_certificate.REMEDY)
    return None
