#!/usr/bin/env bash
# The demonstration for OpenSearch: three real nodes with the security plugin from plaintext to full security, under a client that writes.
# Arguments go to every ansible-playbook, for example: demo-opensearch.sh -e lab_network=127.0.57
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
export PATH="$PWD/.build/venv/bin:$PATH"
export ANSIBLE_COLLECTIONS_PATH="$PWD/.build/collections"
export LC_ALL=C.UTF-8

inventory=inventories/opensearch_lab
lab=molecule/shared/opensearch_lab
log=$(mktemp)
trap 'rm -f "$log"' EXIT

say() {
    printf '\n################  %s\n' "$1"
}

play() {
    ansible-playbook -i "$inventory" "$@"
}

quietly() {
    play "$@" >"$log" || { cat "$log"; exit 1; }
}

say "1. The lab: three nodes in plaintext, 10 000 documents, and a client that writes"
quietly "$lab/destroy.yml" "$@"
quietly "$lab/create.yml" "$@"
quietly "$lab/client.yml" -e client_state=started "$@"

say "2. The playbook: ansible-playbook -i $inventory interlock.cluster.opensearch"
play interlock.cluster.opensearch "$@" | tee "$log"
closing=$(awk '/^OpenSearch, as proved/ {show = 1} show && !/^(OpenSearch|  )/ {exit} show' "$log")

say "3. The same playbook again changes nothing"
play interlock.cluster.opensearch "$@" >"$log" || true
sed -n '/PLAY RECAP/,$p' "$log"
if ! grep -q 'PLAY RECAP' "$log" || grep -Eq 'changed=[1-9]|failed=[1-9]|unreachable=[1-9]' "$log"; then
    echo "The second run was not without a change:"
    cat "$log"
    exit 1
fi

say "Done"
printf '%s\n' "$closing"
quietly "$lab/client.yml" -e client_state=stopped "$@"
sed -n '/^What the client saw/,/^ok/p' "$log" | grep -v '^ok'
echo
play "$lab/look.yml" "$@" | sed -n '/^The cluster goes on/,/make clean/p'
