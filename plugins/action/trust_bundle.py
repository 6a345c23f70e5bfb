# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os

from ansible_collections.interlock.cluster.plugins.module_utils._ansible.ca_directory import CaDirectory
from ansible_collections.interlock.cluster.plugins.module_utils._errors import InterlockError
from ansible_collections.interlock.cluster.plugins.module_utils._pki import facts, names
from ansible_collections.interlock.cluster.plugins.module_utils._pki.assessment import trust_differences
from ansible_collections.interlock.cluster.plugins.module_utils._stores import pem, pkcs12
from ansible_collections.interlock.cluster.plugins.plugin_utils import _node_files
from ansible_collections.interlock.cluster.plugins.plugin_utils._action import InterlockAction


class BundleError(InterlockError):
    """There is nothing that could be trusted."""


class ActionModule(InterlockAction):
    """Make sure that a file holds exactly the CA certificates to trust."""

    ARGUMENTS = dict(
        path=dict(type="path", required=True),
        format=dict(type="str", choices=["pem", "pkcs12"], default="pem"),
        password=dict(type="str", no_log=True),
        ca_directory=dict(type="path"),
        certificates=dict(type="list", elements="str"),
        manifest_directory=dict(type="path"),
        staged=dict(type="bool", default=False),
        owner=dict(type="str"),
        group=dict(type="str"),
        mode=dict(type="str", default="0644"),
        directory_mode=dict(type="str", default="0755"),
    )
    RULES = dict(required_one_of=[("ca_directory", "certificates")], required_if=[("format", "pkcs12", ("password",))])
    BEARS_SECRETS = True

    def perform(self, options):
        path = options["path"]
        wanted = wanted_certificates(options)
        files, _result = _node_files.read(self, [path], staged=options["staged"])
        held, problem = held_certificates(files[path], options)
        missing, unwanted = trust_differences(held, wanted)
        result = {"changed": bool(missing or unwanted or problem), "added": _subjects(missing), "removed": _subjects(unwanted),
                  "problem": problem, "certificates": [facts.certificate_facts(certificate) for certificate in wanted],
                  "diff": {"before_header": path, "after_header": path, "before": _lines(held), "after": _lines(wanted)}}
        if result["changed"] and not self.checking:
            attributes = [options[name] for name in ("mode", "owner", "group", "directory_mode")]
            directory = options["manifest_directory"] or os.path.dirname(path)
            _node_files.write(self, directory, [_node_files.file_argument(path, dumped(wanted, options), *attributes)], options["staged"])
        return result


def wanted_certificates(options):
    """The CA certificates to trust: those given, and all generations of the directory."""
    given = [certificate for text in options["certificates"] or []
             for certificate in pem.load_certificates(text.encode("utf-8"), "certificates")]
    directory = CaDirectory(options["ca_directory"]) if options["ca_directory"] else None
    kept = [entry.certificate for entry in directory.load_public()] if directory and directory.exists() else []
    if not given + kept:
        raise BundleError("there is no CA yet, so there is nothing to trust", where=options["ca_directory"] or "certificates",
                          remedy="Make the CA first, with the playbook of the engine or the role cluster_ca.")
    leaves = [certificate for certificate in given if not facts.is_ca(certificate)]
    if leaves:
        raise BundleError("%s is no CA certificate" % names.text(leaves[0].subject), where="certificates",
                          remedy="Give the certificate of the CA that issued it. With a leaf in it a client would trust an expired server.")
    return list(dict.fromkeys(kept + given))


def held_certificates(file, options):
    """(the certificates in the file, why it cannot be read)."""
    if not file.exists:
        return (), None
    try:
        if options["format"] == "pkcs12":
            return pkcs12.load_truststore(file.readable(), options["password"], file.path), None
        return pem.load_certificates(file.readable(), file.path), None
    except (pkcs12.StoreError, pem.PemError) as error:
        return (), str(error)


def dumped(certificates, options):
    """The bytes of the file."""
    if options["format"] == "pkcs12":
        return pkcs12.dump_truststore(certificates, options["password"])
    return pem.dump_certificates(certificates)


def _subjects(certificates):
    return [names.text(certificate.subject) for certificate in certificates]


def _lines(certificates):
    return "".join("%s, until %s, %s\n" % (names.text(certificate.subject), facts.timestamp(certificate.not_valid_after_utc),
                                           facts.fingerprint(certificate)) for certificate in certificates)
