# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an audit sees only when it looks at all nodes together: who trusts whom, who shares a key, which CAs are in use."""

from __future__ import annotations

from ansible_collections.interlock.cluster.plugins.module_utils._pki.audit_facts import names_as_issuer
from ansible_collections.interlock.cluster.plugins.module_utils._pki.audit_findings import moment

__all__ = ["across", "authorities", "listed", "moment"]


def across(found, nodes, layers):
    """Findings between nodes, on the layers on which they talk to each other."""
    for layer in layers:
        served = [(name, endpoint) for name, node in nodes.items() for endpoint in node["endpoints"]
                  if endpoint["layer"] == layer and endpoint["certificate"]]
        _distrusted(found, served, _trusting(nodes, layer), layer)
        _shared(found, served, layer)


def _trusting(nodes, layer):
    """[(CA certificates, names of the nodes whose truststore holds exactly these)] of the nodes whose truststore could be read."""
    groups = {}
    for name, node in nodes.items():
        stores = [file for file in node["files"] if file["layer"] == layer and file["kind"] in ("truststore", "certificate_authorities")
                  and file["exists"] and not file["problem"]]
        if stores:
            held = {certificate["sha256"]: certificate for file in stores for certificate in trusted_by(file)}
            groups.setdefault(frozenset(held), (list(held.values()), []))[1].append(name)
    return list(groups.values())


def trusted_by(file):
    """What a truststore makes its node trust; a private key's own certificate counts, as it does for Java."""
    return file["authorities"] + ([file["certificate"]] if file["certificate"] else [])


def _distrusted(found, served, trusting, layer):
    for name, endpoint in served:
        path = [endpoint["certificate"]] + endpoint["chain"]
        refusing = [other for trusted, names in trusting if not leads_to(path, trusted) for other in names]
        if refusing:
            found.of(name).add(
                "critical", "not_trusted", "its chain, which ends at %s, leads to no CA that %s" % (
                    path[-1]["issuer"], "%s trusts" % refusing[0] if len(refusing) == 1 else "%s trust" % listed(refusing)),
                layer, "%s:%s" % (endpoint["host"], endpoint["port"]))


def leads_to(path, trusted):
    """Whether a served chain reaches one of the trusted certificates, which are all anchors, as in a Java truststore."""
    held = {certificate["sha256"] for certificate in trusted}
    return any(certificate["sha256"] in held or any(names_as_issuer(certificate, anchor) for anchor in trusted) for certificate in path)


def _shared(found, served, layer):
    """One certificate on several nodes: a thief of one node is all of them."""
    holders = {}
    for name, endpoint in served:
        holders.setdefault(endpoint["certificate"]["sha256"], {})[name] = endpoint["certificate"]
    for names in holders.values():
        if len(names) > 1:
            subject = next(iter(names.values()))["subject"]
            text = "%s serve one certificate (%s), so they share a key" % (listed(names), subject)
            found.of(None).add("warning", "shared_key", text, layer)


def authorities(nodes, ca):
    """Every CA certificate seen: {facts, issues, trusted_by, in_directory}; issues: whether a certificate in use leads over it."""
    seen = {}

    def note(certificate):
        return seen.setdefault(certificate["sha256"], {"facts": certificate, "issues": False, "trusted_by": [], "in_directory": False})

    leaves = []
    for name, node in nodes.items():
        paths = [[item["certificate"]] + item["chain"] for item in node["endpoints"] if item["certificate"]]
        for file in node["files"]:
            if file["layer"] and file["kind"] in ("truststore", "certificate_authorities"):
                for certificate in file["authorities"]:
                    if certificate["is_ca"] and name not in note(certificate)["trusted_by"]:
                        note(certificate)["trusted_by"].append(name)
            elif file["layer"] and file["certificate"]:
                paths.append([file["certificate"]] + file["chain"])
        for path in paths:
            leaves += path
            for certificate in path[1:]:
                note(certificate)["issues"] = True
    for generation in (ca or {}).get("generations", []):
        entry = note(dict(_UNTOLD, **generation["facts"]))
        entry["in_directory"] = True
        entry["issues"] = entry["issues"] or bool(generation["current"])
    for entry in seen.values():
        entry["issues"] = entry["issues"] or any(names_as_issuer(leaf, entry["facts"]) for leaf in leaves
                                                 if leaf["sha256"] != entry["facts"]["sha256"])
    return sorted(seen.values(), key=lambda entry: entry["facts"]["not_after"])


# What ca_info does not tell of a CA certificate; every CA that issues is in a truststore or a chain as well.
_UNTOLD = {"signature": None, "both_sides": True, "subject_key_id": None, "authority_key_id": None, "authority_serial": False,
           "self_signed": True}


def listed(names, most=5):
    """Names for people: the first few, and how many more."""
    names = sorted(names)
    return ", ".join(names[:most]) + (" and %d more" % (len(names) - most) if len(names) > most else "")
