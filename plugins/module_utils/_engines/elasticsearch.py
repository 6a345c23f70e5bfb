# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Elasticsearch calls things: settings, secure settings, API paths, and what its answers mean. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ansible_collections.interlock.cluster.plugins.module_utils._stores.settings_file import same_value


@dataclass(frozen=True)
class Layer:
    """A layer of a node that can speak TLS. prefix: of its settings and secure settings; hosts: where it is published or bound."""

    name: str
    prefix: str
    hosts: tuple

    @property
    def keystore_password(self):
        """The secure setting with the password of its keystore."""
        return self.prefix + "keystore.secure_password"

    @property
    def keystore_key_password(self):
        """The secure setting with the password of the key in its keystore, where that has one of its own."""
        return self.prefix + "keystore.secure_key_password"

    @property
    def truststore_password(self):
        """The secure setting with the password of its truststore."""
        return self.prefix + "truststore.secure_password"

    @property
    def key_passphrase(self):
        """The secure setting with the passphrase of its PEM key."""
        return self.prefix + "secure_key_passphrase"

    @property
    def store_passwords(self):
        """The secure settings with the passwords of its stores."""
        return self.keystore_password, self.truststore_password


def _layer(name):
    hosts = (("%s.publish_host" % name,), ("network.publish_host",), ("%s.host" % name, "%s.bind_host" % name),
             ("network.host", "network.bind_host"))
    return Layer(name, "xpack.security.%s.ssl." % name, hosts)


SECURITY = "xpack.security.enabled"
TRANSPORT, HTTP = LAYERS = (_layer("transport"), _layer("http"))
TRANSPORT_TLS = TRANSPORT.prefix + "enabled"
HTTP_TLS = HTTP.prefix + "enabled"
ALLOCATION = "cluster.routing.allocation.enable"
BOOTSTRAP_PASSWORD = "bootstrap.password"
SETTINGS_FILE = "elasticsearch.yml"
KEYSTORE_FILE = "elasticsearch.keystore"
SUPPORTED = ((7, 17), (8, 0), (9, 0))
SHORTEST_PASSWORD = 6  # org.elasticsearch.xpack.core.security.support.Validation.Users

API_NODE = ("/_nodes/_local/settings,transport,http?flat_settings=true&filter_path=cluster_name,nodes.*.name,nodes.*.version,"
            "nodes.*.settings,nodes.*.transport.publish_address,nodes.*.http.publish_address")
API_HEALTH = "/_cluster/health?master_timeout=3s&timeout=3s"
API_MEMBERS = "/_nodes/_all/transport?filter_path=nodes.*.name,nodes.*.version,nodes.*.transport_address,nodes.*.roles"
API_MASTER = "/_nodes/_master?filter_path=nodes.*.name"
API_SETTINGS = "/_cluster/settings?flat_settings=true&master_timeout=3s"
API_DOCUMENTS = "/_stats/docs?expand_wildcards=open,hidden&filter_path=indices.*.primaries.docs.count"
API_CLIENTS = "/_nodes/_local/stats/http?filter_path=nodes.*.http.clients"
API_REMOTES = "/_remote/info"
API_SNAPSHOTS = "/_snapshot/*/*?size=1&sort=start_time&order=desc&ignore_unavailable=true&filter_path=snapshots.start_time_in_millis"
# The snapshots come last: a repository that answers slowly then costs nothing but its own answer.
API_PATHS = (API_NODE, API_HEALTH, API_MEMBERS, API_MASTER, API_SETTINGS, API_DOCUMENTS, API_CLIENTS, API_REMOTES, API_SNAPSHOTS)
AUTO_CONFIGURED = b"BEGIN SECURITY AUTO CONFIGURATION"  # org.elasticsearch.xpack.security.cli.AutoConfigureNode
# Of each pair only one may be set (SslConfigurationLoader); a plain password beside a secure one is refused as well.
CONTRADICTIONS = {
    "keystore.path": ("key", "certificate", "key_passphrase", "keystore.password", "keystore.key_password"),
    "truststore.path": ("certificate_authorities", "truststore.password"),
    "certificate": ("keystore.path", "keystore.password", "keystore.key_password"),
    "certificate_authorities": ("truststore.path", "truststore.password"),
}


def version_of(jar_names):
    """The version an installation has, from the names in its lib directory; None when they do not tell."""
    for name in jar_names or ():
        found = re.match(r"elasticsearch-(\d+\.\d+\.\d+[^/]*)\.jar$", name)
        if found:
            return found.group(1)
    return None


def is_supported(version):
    """Whether the collection was made for a version: 7.17, 8.x, 9.x."""
    numbers = tuple(int(part) for part in version.split(".")[:2])
    return any(numbers[0] == major and numbers[1] >= minor for major, minor in SUPPORTED)


def security_enabled(settings):
    """Whether a settings file switches security on; None when it does not say (8.x then means yes, 7.17 no)."""
    value = settings.get(SECURITY)
    return None if value is None else same_value(value, True)


def transport_encrypted(settings):
    """Whether a settings file makes the transport layer encrypted: both switches are needed."""
    return bool(security_enabled(settings)) and same_value(settings.get(TRANSPORT_TLS, False), True)


def publish_names(settings, layer=TRANSPORT):
    """Literal names and addresses the settings publish or bind a layer at; special values such as _site_ tell none."""
    for names in layer.hosts:
        found = [value for name in names for value in as_list(settings.get(name)) if is_literal(value)]
        if found:
            return found
    return []


def seed_hosts(settings):
    """The hosts of discovery.seed_hosts without their ports: "10.0.0.7:9300", "es1", "[::1]:9300", "::1"."""
    def host(seed):
        if seed.startswith("["):
            return seed[1:].partition("]")[0]
        return seed if seed.count(":") > 1 else seed.partition(":")[0]

    return [host(seed) for seed in as_list(settings.get("discovery.seed_hosts")) if is_literal(seed)]


def finds_others(settings):
    """Whether a node is told where the others are (DiscoveryModule: seed hosts or their providers, in 7.x also by older names).

    A process that has none of it looks at its own loopback addresses only; whom it knew before a restart it does not know after.
    """
    return any(as_list(settings.get(name)) for name in ("discovery.seed_hosts", "discovery.seed_providers",
                                                        "discovery.zen.ping.unicast.hosts", "discovery.zen.hosts_provider"))


def peer_addresses(settings, live, transport_port):
    """Where the other nodes of a cluster are dialled, as "host:port": the seeds and the members, without this node itself."""
    members = [member["address"] for name, member in (live["members"] or {}).items() if name != live["name"]]
    seeds = []
    for seed in filter(is_literal, as_list(settings.get("discovery.seed_hosts"))):
        found = re.match(r"(\[[^]]*\]|[^:]*):([0-9]+)", seed)
        host, port = found.groups() if found else (seed.strip("[]"), transport_port)
        seeds.append("%s:%s" % ("[%s]" % host if ":" in host.strip("[]") and not found else host, port))
    own = {"%s:%s" % (name, transport_port) for name in (*publish_names(settings), *live["transport_names"])}
    return sorted(set(members + seeds) - own)


def contradictions(settings, wanted):
    """The names of settings in a file that Elasticsearch does not take beside the wanted ones."""
    return [layer.prefix + other for layer in LAYERS for name, others in CONTRADICTIONS.items() if layer.prefix + name in wanted
            for other in others if layer.prefix + other in settings and layer.prefix + other not in wanted]


def superseded(settings, wanted, own):
    """Of the contradictions() those that name files of this collection, which stand where others are wanted now.

    own: the paths of all its stores and files as it writes them into the settings.
    """
    return [name for name in contradictions(settings, wanted) if settings[name] and set(as_list(settings[name])) <= set(own)]


def own_seeds(settings, known):
    """The seed hosts that mean this node: one of the names it is known by, also with a domain behind it."""
    known = {name.lower() for name in known if name}
    return [seed for seed in seed_hosts(settings) if seed.lower() in known or seed.lower().partition(".")[0] in known]


def http_address(settings):
    """The literal address the settings bind the HTTP layer to, None when they tell none."""
    for name in ("http.bind_host", "http.host", "network.bind_host", "network.host"):
        found = [value for value in as_list(settings.get(name)) if is_literal(value)]
        if found:
            return found[0]
    return None


def as_list(value):
    """A setting that may be a list or a comma-separated text, as a list of text."""
    if value is None:
        return []
    if isinstance(value, (list, tuple)):
        return [str(item).strip() for item in value]
    return [item.strip() for item in str(value).split(",") if item.strip()]


def is_literal(value):
    """Whether a host value is a name or address itself: not _special_, not ${placeholder}, not a wildcard."""
    return bool(value) and not value.startswith(("_", "$")) and value not in ("0.0.0.0", "::", "0")


def host_of(publish_address):
    """The host of a publish address as the API tells it: "10.0.0.7:9300", "es1/10.0.0.7:9300", "[::1]:9300"."""
    return publish_address.rpartition(":")[0].rpartition("/")[2].strip("[]")


def names_of(publish_address):
    """Every name in a publish address: with a host name both it and its address are dialled."""
    return [part.strip("[]") for part in publish_address.rpartition(":")[0].split("/") if part]


def log_file(settings, home, cluster_name):
    """Where a node writes its log: path.logs is below the home by default."""
    directory = str(settings.get("path.logs", "%s/logs" % home)).replace("${ES_HOME}", home or "")
    return "%s/%s.log" % (directory, cluster_name or settings.get("cluster.name", "elasticsearch"))


def live_facts(api):
    """What the API answers of one node tell; every value is None where the answer did not come.

    security, name, version, cluster_name, transport_names, http_names, health, relocating, members {name: {version, address, roles}},
    duplicates, master (the elected one's name), allocation {persistent, transient}, documents {index: count}, clients, remotes,
    last_snapshot (start in seconds since the epoch), denied.
    """
    answers = {path: answer["answer"] for path, answer in api["answers"].items() if answer["status"] == 200}
    denied = any(answer["status"] in (401, 403) for answer in api["answers"].values())
    found = {"denied": denied, "security": True if denied else None, "name": None, "version": None, "cluster_name": None,
             "transport_names": [], "http_names": [], "health": None, "relocating": None, "members": None, "duplicates": [], "master": None,
             "allocation": None, "documents": None, "clients": [], "remotes": [], "last_snapshot": None}
    if answers.get(API_NODE):
        node = next(iter(answers[API_NODE]["nodes"].values()))
        found.update(name=node["name"], version=node["version"], cluster_name=answers[API_NODE]["cluster_name"],
                     transport_names=names_of(node.get("transport", {}).get("publish_address", "")),
                     http_names=names_of(node.get("http", {}).get("publish_address", "")),
                     security=_live_security(node))
    if answers.get(API_HEALTH):
        found.update(health=answers[API_HEALTH]["status"], relocating=answers[API_HEALTH]["relocating_shards"])
    if answers.get(API_MEMBERS):
        nodes = answers[API_MEMBERS]["nodes"].values()
        names = [node["name"] for node in nodes]
        found["members"] = {node["name"]: {"version": node["version"], "address": node["transport_address"], "roles": node.get("roles", [])}
                            for node in nodes}
        found["duplicates"] = sorted({name for name in names if names.count(name) > 1})
    if answers.get(API_MASTER):
        found["master"] = next(iter(answers[API_MASTER]["nodes"].values()))["name"]
    if answers.get(API_SNAPSHOTS):
        found["last_snapshot"] = max((snapshot["start_time_in_millis"] / 1000 for snapshot in answers[API_SNAPSHOTS].get("snapshots", [])),
                                     default=None)
    if answers.get(API_SETTINGS):
        found["allocation"] = {kind: answers[API_SETTINGS][kind].get(ALLOCATION) for kind in ("persistent", "transient")}
    if API_DOCUMENTS in answers:
        indices = (answers[API_DOCUMENTS] or {}).get("indices", {})
        found["documents"] = count_documents(indices)
    found["clients"] = _clients(answers.get(API_CLIENTS))
    found["remotes"] = _remotes(answers.get(API_REMOTES))
    return found


def count_documents(indices):
    """{index: documents} of an answer's indices, without the security index, which switching security on makes and fills."""
    return {name: stats["primaries"]["docs"]["count"] for name, stats in indices.items() if not name.startswith(".security")}


def _live_security(node):
    """8.x and 9.x are secure unless told otherwise; 7.17 on its default licence only when told so."""
    default = "false" if node["version"].startswith("7.") else "true"
    return str(node.get("settings", {}).get(SECURITY, default)).lower() == "true"


def _clients(answer):
    """Who is connected to the HTTP layer and has used it, without this collection itself and what has closed."""
    seen = {}
    for node in ((answer or {}).get("nodes") or {}).values():
        for client in node.get("http", {}).get("clients", []):
            agent = client.get("agent") or "unnamed client"
            if client.get("closed_time_millis") or not client.get("request_count") or "interlock.cluster" in agent:
                continue
            source = client.get("x_forwarded_for") or host_of(client.get("remote_address", "?:0"))
            seen[(source, agent)] = seen.get((source, agent), 0) + 1
    return [{"address": source, "agent": agent, "connections": count} for (source, agent), count in sorted(seen.items())]


def _remotes(answer):
    return [{"name": name, "connected": remote.get("connected"), "seeds": remote.get("seeds") or [remote.get("proxy_address")]}
            for name, remote in sorted((answer or {}).items()) if isinstance(remote, dict)]
