#!/usr/bin/env bash
# Make sure that this machine has the programs a part of the test suite needs.
#
#   prerequisites.sh python   a Python >= 3.11 that can make virtual environments (PYTHON names another one)
#   prerequisites.sh engines  Java, Maven, unzip and openssl, for the engines and their own tools
#   prerequisites.sh redis    Redis' server and client; the service that Debian's package brings is not left running
#   prerequisites.sh containers  podman, runc and debootstrap, for hosts with systemd
#   prerequisites.sh scanner  sslyze, which grades TLS, in .build/scanner: it wants other versions of libraries than the suite
#   prerequisites.sh lint     shellcheck; the only one that can be done without
#
# As root on a Debian-like system what is missing is installed; elsewhere it is named and the script fails.
set -euo pipefail

PYTHON="${PYTHON:-python3}"

# program:package, the package being Debian's.
ENGINE_PROGRAMS=(java:default-jdk-headless javac:default-jdk-headless keytool:default-jdk-headless
                 mvn:maven unzip:unzip openssl:openssl)

can_install() {
    [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null
}

install() {
    echo "Installing with apt-get: $*"
    apt-get update -q
    DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$@"
}

# Install the named packages, or say which programs are missing and how to get them.
provide() {
    local what="$1"
    shift
    if can_install; then
        install "$@"
    else
        {
            echo "Missing: ${what}."
            echo "On Debian or Ubuntu: sudo apt-get install $*"
            echo "Elsewhere: install what provides them and run this again; as root on a Debian-like system it is done for you."
        } >&2
        exit 1
    fi
}

python_is_new_enough() {
    "$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))'
}

python_makes_environments() {
    "$PYTHON" -c 'import ensurepip, venv' 2>/dev/null
}

need_python() {
    if [ "$PYTHON" = python3 ] && ! command -v python3 >/dev/null; then
        provide python3 python3 python3-venv
    fi
    if ! command -v "$PYTHON" >/dev/null; then
        echo "There is no ${PYTHON}, which PYTHON names." >&2
        exit 1
    fi
    if ! python_is_new_enough; then
        echo "$("$PYTHON" --version) is too old: Python 3.11 or newer is needed. Name another one: make PYTHON=python3.12 ..." >&2
        exit 1
    fi
    python_makes_environments || provide "Python's venv and ensurepip modules" python3-venv
    if ! python_makes_environments; then
        echo "$(command -v "$PYTHON") cannot make virtual environments (no ensurepip). Install it for this Python, or name" \
             "another one: make PYTHON=..." >&2
        exit 1
    fi
}

need_engines() {
    local programs=() packages=() pair
    for pair in "${ENGINE_PROGRAMS[@]}"; do
        if ! command -v "${pair%%:*}" >/dev/null; then
            programs+=("${pair%%:*}")
            packages+=("${pair##*:}")
        fi
    done
    [ "${#programs[@]}" -eq 0 ] && return
    mapfile -t packages < <(printf '%s\n' "${packages[@]}" | sort -u)
    provide "${programs[*]}" "${packages[@]}"
}

# The package starts a server of its own unless it is told not to; on a machine without a service manager there is nothing to tell.
need_redis() {
    command -v redis-server >/dev/null && command -v redis-cli >/dev/null && return
    local policy=/usr/sbin/policy-rc.d
    if can_install && [ ! -e "$policy" ]; then
        trap 'rm -f /usr/sbin/policy-rc.d' EXIT
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod 0755 "$policy"
    fi
    provide "redis-server redis-cli" redis-server redis-tools
}

need_containers() {
    command -v podman >/dev/null && command -v runc >/dev/null && command -v debootstrap >/dev/null && return
    provide "podman, runc and debootstrap" podman runc debootstrap openssh-client
}

need_scanner() {
    [ -x .build/scanner/bin/sslyze ] && return
    "$PYTHON" -m venv --clear .build/scanner
    .build/scanner/bin/python -m pip install --quiet --disable-pip-version-check 'sslyze >= 6.3, < 7'
}

want_lint() {
    if ! command -v shellcheck >/dev/null && can_install; then
        install shellcheck
    fi
}

case "${1:-}" in
    python) need_python ;;
    engines) need_engines ;;
    redis) need_redis ;;
    containers) need_containers ;;
    scanner) need_scanner ;;
    lint) want_lint ;;
    *) echo "usage: $0 python|engines|redis|containers|scanner|lint" >&2; exit 2 ;;
esac
