# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import datetime
import os

from ansible_collections.interlock.cluster.plugins.module_utils._ansible.ca_directory import CaDirectory
from ansible_collections.interlock.cluster.plugins.module_utils._errors import InterlockError
from ansible_collections.interlock.cluster.plugins.module_utils._pki import authority as authorities
from ansible_collections.interlock.cluster.plugins.module_utils._pki import facts, keys
from ansible_collections.interlock.cluster.plugins.module_utils._pki.assessment import Wanted
from ansible_collections.interlock.cluster.plugins.module_utils._pki.node_certificate import PROFILES, Request, issue, serial_from
from ansible_collections.interlock.cluster.plugins.module_utils._stores import pem
from ansible_collections.interlock.cluster.plugins.plugin_utils import _node_files, _signed_certificate
from ansible_collections.interlock.cluster.plugins.plugin_utils._action import InterlockAction
from ansible_collections.interlock.cluster.plugins.plugin_utils._certificate_files import CertificateFiles, decide, served_certificate
from ansible_collections.interlock.cluster.plugins.plugin_utils._node_files import SECURE_SETTING, secure_password


HELD_KEY_MODE = "0600"  # of a key that is made on its node: nobody but the user of the service reads it


class CertificateError(InterlockError):
    """A certificate that may not or cannot be placed on a node."""


class ActionModule(InterlockAction):
    """Make sure that a node has the certificate it should have."""

    ARGUMENTS = dict(
        format=dict(type="str", choices=["pkcs12", "pem"], default="pkcs12"),
        profile=dict(type="str", choices=list(PROFILES), default=PROFILES[0]),
        keystore=dict(type="path"),
        truststore=dict(type="path"),
        private_key=dict(type="path"),
        private_key_origin=dict(type="str", choices=["controller", "node"], default="controller", no_log=False),
        private_key_owner=dict(type="str", no_log=False),
        certificate=dict(type="path"),
        certificate_authorities=dict(type="path"),
        password=dict(type="str", no_log=True),
        password_setting=SECURE_SETTING,
        truststore_password=dict(type="str", no_log=True),
        truststore_password_setting=SECURE_SETTING,
        ca_directory=dict(type="path"),
        ca_certificate=dict(type="str"),
        ca_private_key=dict(type="str", no_log=True),
        ca_passphrase=dict(type="str", no_log=True),
        ca_generation=dict(type="int"),
        trusted=dict(type="list", elements="str"),
        common_name=dict(type="str", required=True),
        dns=dict(type="list", elements="str", default=[]),
        ip=dict(type="list", elements="str", default=[]),
        tolerate_extra_names=dict(type="bool", default=False),
        key_type=dict(type="str", choices=list(keys.KEY_TYPES), default=keys.DEFAULT_KEY_TYPE),
        validity_days=dict(type="int", default=1095),
        renew_days=dict(type="int", default=30),
        renew=dict(type="bool", default=False),
        reissue=dict(type="bool", default=False),
        in_use=dict(type="bool", default=True),
        rotation=dict(type="str", choices=["trust", "certificate"]),
        port=dict(type="int"),
        address=dict(type="str", default="127.0.0.1"),
        manifest_directory=dict(type="path"),
        staged=dict(type="bool", default=False),
        switched=dict(type="bool", default=False),
        owner=dict(type="str"),
        group=dict(type="str"),
        mode=dict(type="str", default="0640"),
        directory_mode=dict(type="str", default="0750"),
        **_signed_certificate.arguments(),
    )
    RULES = dict(
        mutually_exclusive=[("password", "password_setting"), ("truststore_password", "truststore_password_setting"),
                            ("ca_directory", "ca_certificate"), ("staged", "switched")],
        required_one_of=[("ca_directory", "ca_certificate")],
        required_by={"ca_private_key": "ca_certificate"},
        required_if=[("format", "pkcs12", ("keystore",)),
                     ("format", "pem", ("private_key", "certificate"))],
    )
    BEARS_SECRETS = True

    def perform(self, options):
        now = datetime.datetime.now(datetime.timezone.utc)
        files = certificate_files(options)
        found, result = self._read(files, options)
        passwords = self._passwords(found, options)
        current = files.current(found, *passwords) if options["in_use"] else None
        authority = CertificateAuthority(options, now)
        wanted = Wanted(request_from(options), authority.trusted, authority.certificate, options["renew_days"],
                        options["tolerate_extra_names"])
        decision = decide(current, wanted, served_certificate(result.get("transport")), options["renew"], now, options["reissue"],
                          options["rotation"])
        given = _signed_certificate.given(options)
        if given:
            decision = given.decided(decision, current)
        for warning in decision.warnings:
            self.warn(warning)
        if decision.verdict == "refuse":
            raise CertificateError(
                "; ".join(decision.texts), where=files.key,
                remedy="The node already speaks TLS: a change of issuer or trust would cut it off from the others. "
                       "It takes a rotation of the CA (the playbook rotate_ca).")
        before = None if current is None or current.certificate is None else facts.certificate_facts(current.certificate)
        issued = None
        if decision.verdict == "issue" and given:
            issued = given.issued(found, wanted, now)
        elif decision.verdict == "issue" and files.held and not self.checking:
            raise CertificateError("a new certificate is due (%s), and the key of this node is nowhere else" % "; ".join(decision.texts),
                                   where=files.key, remedy="Have a request of it signed first (certificate_request, ca_sign).")
        elif decision.verdict == "issue" and not self.checking:
            issued = issue(authority.load(), wanted.request, now, serial_from(os.urandom))
            if issued.capped:
                self.warn("the certificate of %s ends with its CA, before the validity asked for" % options["common_name"])
        if decision.verdict != "keep" and not self.checking:
            arguments = self._file_arguments(files, issued, wanted, passwords, options)
            if files.held and issued and given.path != files.key:
                arguments.insert(0, _node_files.file_argument(
                    files.key, given.path, HELD_KEY_MODE, options["private_key_owner"], options["group"], options["directory_mode"]))
            # Before it is handed out: better an entry for a certificate that nobody got than a certificate nobody knows of.
            authority.record(None if given else issued, now)
            _node_files.write(self, options["manifest_directory"] or os.path.dirname(files.key), arguments, options["staged"],
                              options["switched"])
        after = before if decision.verdict == "trust" else facts.certificate_facts(issued.certificate) if issued else None
        return {
            "changed": decision.verdict != "keep",
            "verdict": decision.verdict,
            "reasons": decision.texts,
            "certificate": before if decision.verdict == "keep" else after,
            "diff": diff(files, before, after, decision, wanted),
        }

    def _read(self, files, options):
        settings = [options[name]["path"] for name in ("password_setting", "truststore_password_setting") if options[name]]
        given = _signed_certificate.given(options)
        waiting = [given.path] if given and given.path else []
        settings += [] if files.held else waiting
        held = sorted({files.key, *waiting}) if files.held else []
        return _node_files.read(self, files.read_paths + sorted(set(settings)), staged=options["staged"], public_keys=held,
                                transport_port=options["port"], fallback_address=options["address"])

    def _passwords(self, found, options):
        key = _password(options["password"], options["password_setting"], found)
        given = options["truststore_password"] or options["truststore_password_setting"]
        return key, _password(options["truststore_password"], options["truststore_password_setting"], found) if given else key

    @staticmethod
    def _file_arguments(files, issued, wanted, passwords, options):
        """What has to be written, as staged_files takes it; every file that Java opens with a password must have one."""
        key_password, trust_password = passwords
        if files.format == "pkcs12" and not (key_password and (trust_password or files.trust is None)):
            raise CertificateError("there is no password for the store", where=files.key,
                                   remedy="Set its secure setting first (elasticsearch_keystore, generate), or give one.")
        contents = files.key_files(issued, options["common_name"], key_password) if issued else {}
        contents.update(files.trust_files(wanted.authorities, trust_password))
        attributes = [options[name] for name in ("mode", "owner", "group", "directory_mode")]
        return [_node_files.file_argument(path, content, *attributes) for path, content in contents.items()]


class CertificateAuthority:
    """The CA by its directory on the control node, or by its content as a vault lookup gives it."""

    def __init__(self, options, now):
        self.options, self.now = options, now
        self.directory = CaDirectory(options["ca_directory"]) if options["ca_directory"] else None
        self.generation, known = None, []
        if self.directory is None:
            self.chain = pem.load_certificates(options["ca_certificate"].encode("utf-8"), "ca_certificate")
            self.certificate = self.chain[0]
        else:
            known = self.directory.load_public() if self.directory.exists() else []
            self.generation = options["ca_generation"] or (self.directory.current() if known else None)
            issuing = [entry.certificate for entry in known if entry.number == self.generation]
            self.certificate = issuing[0] if issuing else None
        given = [pem.load_certificates(text.encode("utf-8"), "trusted")[0] for text in options["trusted"] or []]
        kept = [entry.certificate for entry in known]
        self.trusted = tuple(given or kept) or ((self.certificate,) if self.certificate is not None else ())

    def load(self):
        """The Authority, with its key."""
        if self.directory is not None:
            return self.directory.load(self.options["ca_passphrase"], self.now, self.generation)
        if not self.options["ca_private_key"]:
            raise CertificateError("the private key of the CA is needed to issue a certificate", where="ca_private_key",
                                   remedy="Give its content beside ca_certificate.")
        key = pem.load_key(self.options["ca_private_key"].encode("utf-8"), self.options["ca_passphrase"], "ca_private_key")
        authorities.check(key, self.certificate, self.chain[1:], self.now, "ca_certificate")
        return authorities.Authority(key, self.certificate, tuple(self.chain[1:]), 1)

    def record(self, issued, now):
        """Write what was issued into the CA's ledger; a CA given by content has none here."""
        if issued is not None and self.directory is not None:
            self.directory.append(issued, self.generation, now)


def certificate_files(options):
    """Where the certificate stands on the node."""
    if options["format"] == "pkcs12":
        return CertificateFiles("pkcs12", options["keystore"], None, options["truststore"])
    return CertificateFiles("pem", options["private_key"], options["certificate"], options["certificate_authorities"],
                            options["private_key_origin"] == "node")


def request_from(options):
    """The certificate asked for."""
    return Request(options["common_name"], tuple(options["dns"]), tuple(options["ip"]), options["key_type"], options["validity_days"],
                   options["profile"])


def diff(files, before, after, decision, wanted):
    """Public facts before and after, with the reasons."""
    if decision.verdict == "keep":
        return {}
    planned = dict(after or {"subject": "CN=%s" % wanted.request.common_name, "san_dns": list(wanted.request.dns),
                             "san_ip": list(wanted.request.ip), "key_type": wanted.request.key_type},
                   reasons=decision.texts)
    return {"before_header": files.key, "after_header": files.key, "before": before or {}, "after": planned}


def _password(given, setting, found):
    return given if given or not setting else secure_password(setting, found)
