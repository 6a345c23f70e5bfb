#!/usr/bin/env bash
# The demonstration for Redis: a real cluster of three masters and three replicas in plaintext, with a client that writes without a pause,
# taken to required TLS by the playbook in two steps, and the proof.
# Arguments go to every ansible-playbook, for example: demo-redis.sh -e lab_network=127.0.35
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
export PATH="$PWD/.build/venv/bin:$PATH"
export ANSIBLE_COLLECTIONS_PATH="$PWD/.build/collections"
export LC_ALL=C.UTF-8

inventory=inventories/redis_lab
lab=molecule/shared/redis_lab
log=$(mktemp)
trap 'rm -f "$log"' EXIT

say() {
    printf '\n################  %s\n' "$1"
}

play() {
    ansible-playbook -i "$inventory" -e cluster=redis_cluster "$@"
}

quietly() {
    play "$@" >"$log" || { cat "$log"; exit 1; }
}

say "1. The lab: three masters and three replicas in plaintext, and a client that writes"
quietly "$lab/destroy.yml" "$@"
quietly "$lab/create.yml" "$@"
quietly "$lab/client.yml" -e client_state=started "$@"

say "2. To preferred: ansible-playbook -i $inventory interlock.cluster.redis -e cluster=redis_cluster"
play interlock.cluster.redis "$@"

say "3. The client moves to TLS"
quietly "$lab/client.yml" -e client_state=moved "$@"

say "4. To required: the same with -e redis_tls_mode=required"
play interlock.cluster.redis -e redis_tls_mode=required "$@" | tee "$log"
closing=$(sed -n '/^What the required mode lets in/,/^ok/p' "$log" | grep -v '^ok')

say "5. The same playbook again changes nothing"
play interlock.cluster.redis -e redis_tls_mode=required "$@" | tee "$log" | sed -n '/PLAY RECAP/,$p'
if grep -Eq 'changed=[1-9]|failed=[1-9]|unreachable=[1-9]' "$log"; then
    echo "The second run was not without a change:"
    cat "$log"
    exit 1
fi

say "Done"
printf '%s\n' "$closing"
quietly "$lab/client.yml" -e client_state=stopped "$@"
sed -n '/^What the client saw/,/^ok/p' "$log" | grep -v '^ok'
echo
echo "The cluster goes on running. To look at it, and to remove it:"
echo "  redis-cli --tls -h 127.0.34.1 -p 6380 --cert ... (see $inventory/group_vars)"
echo "  make clean"
