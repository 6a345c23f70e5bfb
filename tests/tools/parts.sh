#!/usr/bin/env bash
# Run the named parts of the test suite one after the other, each to its end, and sum up.
#
#   parts.sh PART...
#
# A part is a function below. Its exit status says how it went: 0 passed, 77 skipped, anything else failed.
# The last line is always `N passed, N failed, N skipped`; the exit status is 1 when a part failed.
set -uo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit
TOOLS=tests/tools
SKIPPED=77

export PATH="$PWD/.build/venv/bin:$PATH"
export ANSIBLE_COLLECTIONS_PATH="$PWD/.build/collections"
# Ansible insists on a UTF-8 locale.
export LC_ALL=C.UTF-8
# The labs ask for it all the time, and a container may have none.
export USER="${USER:-$(id -un)}"
[ -t 1 ] || export NO_COLOR=1

# A process for each core. A file's tests stay together, because many share what a playbook of theirs has left.
unit() {
    tests_in tests/unit --numprocesses auto --dist loadfile
}

interop() {
    tests_in tests/interop
}

ansible-lint() {
    command ansible-lint --offline
}

sanity() {
    "$TOOLS/prerequisites.sh" lint
    python "$TOOLS/sanity.py"
}

# What runs on managed nodes, by the oldest Python they may have.
sanity-nodes() {
    local directory
    directory="$(python3.8 -c 'import os, sys; print(os.path.dirname(os.path.realpath(sys.executable)))')" \
        || skip "there is no python3.8 on this machine"
    PATH="${PATH%%:*}:$directory:$PATH" python "$TOOLS/sanity.py" --python 3.8 --test compile --test import
}

build() {
    python "$TOOLS/release_check.py"
}

molecule() {
    scenarios default rotation
}

# Kibana's role with a stand-in, and the certificates of clients.
kibana() {
    type -P node npm >/dev/null || skip "Node.js and npm are not on this machine"
    scenarios kibana
}

redis() {
    scenarios redis redis_life
}

# Other versions and builds than this machine's, those that can be had: whole migrations, renewals, impostors; and Valkey's years.
redis-versions() {
    local found valkey
    mapfile -t found < <("$TOOLS/redis_versions.sh" redis-7.4 redis-8.0 valkey-8.0 valkey-8.1 valkey-9.1)
    [ "${#found[@]}" -gt 0 ] || skip "no other version can be had on this machine"
    "$TOOLS/redis_versions.sh" redis-6.2 untls-8.1 untls-8.2 untls-9.1 >/dev/null
    tests_in tests/interop/test_redis_versions.py || return
    INTERLOCK_REDIS_SERVERS=$(printf '%s\n' "${found[@]}" | while read -r place; do echo "$place"/*-server; done | paste -sd:) \
        tests_in tests/interop/test_redis_moves.py -k "not interrupted and not does_not_belong and not does_not_answer" || return
    valkey=$(printf '%s\n' "${found[@]}" | grep valkey-8.0) || return 0
    INTERLOCK_REDIS_SERVER=$valkey/valkey-server INTERLOCK_REDIS_CLIENT=$valkey/valkey-cli scenarios redis_life
}

# A cluster interrupted after every single command, and the playbook at every task; writes the section on Redis of docs/reliability.md.
faults-redis() {
    INTERLOCK_REDIS_STRIDE=1 tests_in tests/interop/test_redis_moves.py -k "interrupted and cluster" || return
    python tests/faults/redis_run.py
}

# Clusters that were secured by other means, by hand and by themselves; what is rarer in the life of a CA; and keys of the nodes.
takeover() {
    scenarios takeover takeover_itself rotation_more own_keys
}

# From plaintext, from the demo's certificates, with everything that goes wrong on the way; and Dashboards, with a stand-in in its place.
opensearch() {
    local chosen=(opensearch opensearch_more opensearch_demo opensearch_older)
    if type -P node npm >/dev/null; then
        chosen+=(opensearch_dashboards)
    else
        echo "SKIPPED: the scenario opensearch_dashboards, because Node.js and npm are not on this machine"
    fi
    scenarios "${chosen[@]}"
}

# Two engines in one inventory.
mixed() {
    scenarios mixed
}

# HTTP beside transport, users, two CAs; graded by a scanner that is installed for it.
stack() {
    scenarios stack
}

# The oldest and the newest supported version.
versions() {
    local chosen=(version_7)
    if grep --quiet --no-messages --extended-regexp '^JAVA_VERSION="(2[1-9]|[3-9][0-9])' \
            "${JAVA_HOME:-}/release" /usr/lib/jvm/*/release /opt/*/release; then
        chosen+=(version_9)
    else
        echo "SKIPPED: the scenario version_9, because there is no JDK >= 21 on this machine"
    fi
    scenarios "${chosen[@]}"
}

# Elasticsearch and Redis as their packages lay them out, on hosts with systemd.
systemd() {
    [ "$(id -u)" -eq 0 ] || skip "the hosts are containers that only root can boot"
    "$TOOLS/prerequisites.sh" containers || skip "podman, runc and debootstrap cannot be had"
    scenarios systemd redis_systemd
}

# The few faults that say most; `make faults` makes all of them and writes docs/reliability.md.
faults-short() {
    python tests/faults/run.py --short
}

faults() {
    python tests/faults/run.py
}

bench() {
    [ -e tests/bench/run.py ] || skip "there is no tests/bench/run.py"
    python tests/bench/run.py && python tests/bench/redis_cost.py
}

# Ansible runs at -vvv here, for the search for secrets; all of that goes into the log, and what counts to the reader.
scenarios() {
    local directory=.build/molecule status=0 scenario run
    mkdir -p "$directory"
    for scenario in "$@"; do
        rm -f "$directory/ansible.log"
        echo "The whole output is in $directory/$scenario.log"
        : >"$directory/$scenario.log"
        MOLECULE_GLOB='molecule/*/molecule.yml' MOLECULE_COMMAND_BORDERS=false command molecule test --scenario-name "$scenario" \
            >"$directory/$scenario.log" 2>&1 &
        run=$!
        tail --pid="$run" --follow --lines=+1 "$directory/$scenario.log" | \
            grep --line-buffered -E '^(INFO|WARNING|ERROR|CRITICAL|TASK|RUNNING HANDLER|PLAY RECAP|fatal)|changed=[0-9]|PASSED|FAILED|[0-9]+ (passed|failed)'
        if ! wait "$run"; then
            status=1
            tail --lines=150 "$directory/$scenario.log"
        fi
    done
    return "$status"
}

tests_in() {
    python -m pytest "$@"
    local status=$?
    [ "$status" -ne 5 ] || skip "there is no test in $1"
    return "$status"
}

skip() {
    echo "Skipped: $1"
    exit "$SKIPPED"
}

run() {
    local part="$1" status outcome started=$SECONDS
    printf '\n=== %s\n' "$part"
    ("$part" </dev/null)
    status=$?
    case "$status" in
        0) outcome=passed; passed=$((passed + 1)) ;;
        "$SKIPPED") outcome=skipped; skipped=$((skipped + 1)) ;;
        *) outcome="failed (exit status $status)"; failed=$((failed + 1)) ;;
    esac
    summary+=("$(printf '%-13s %5d s  %s' "$part" "$((SECONDS - started))" "$outcome")")
}

passed=0 failed=0 skipped=0 summary=()
for part in "$@"; do
    run "$part"
done

printf '\n=== Summary\n'
printf '%s\n' "${summary[@]}"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
