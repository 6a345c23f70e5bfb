#!/usr/bin/env bash
# The demonstration: three real Elasticsearch nodes in plaintext, taken to mutual TLS by the playbook, and the proof.
# Arguments go to every ansible-playbook, for example: demo.sh -e lab_network=127.0.7
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
export PATH="$PWD/.build/venv/bin:$PATH"
export ANSIBLE_COLLECTIONS_PATH="$PWD/.build/collections"
export LC_ALL=C.UTF-8

inventory=inventories/lab
log=$(mktemp)
trap 'rm -f "$log"' EXIT

say() {
    printf '\n################  %s\n' "$1"
}

play() {
    ansible-playbook -i "$inventory" "$@"
}

# Findings are what it is about here; without fail_on=never they would be its exit status.
audit() {
    play interlock.cluster.audit -e certificate_audit_fail_on=never "$@" | sed -n '/^Certificates of/,/Verdict:/p'
}

# A lab that an earlier demonstration left is secured already.
say "1. The lab: three nodes in plaintext, 10 000 documents"
play molecule/shared/lab/destroy.yml "$@" >/dev/null
play molecule/shared/lab/create.yml "$@" >"$log" || { cat "$log"; exit 1; }

say "2. Audit of the plaintext cluster"
audit "$@"

say "3. The playbook: ansible-playbook -i $inventory interlock.cluster.elasticsearch"
play interlock.cluster.elasticsearch "$@" | tee "$log"
closing=$(awk '/^Transport layer, as proved/ {show = 1} show && !/^(Transport|  )/ {exit} show' "$log")

say "4. Audit after"
audit "$@"

say "5. The same playbook again changes nothing"
play interlock.cluster.elasticsearch "$@" | tee "$log" | sed -n '/PLAY RECAP/,$p'
if grep -Eq 'changed=[1-9]|failed=[1-9]|unreachable=[1-9]' "$log"; then
    echo "The second run was not without a change:"
    cat "$log"
    exit 1
fi

say "Done"
printf '%s\n' "$closing"
play molecule/shared/lab/look.yml "$@" | sed -n '/^The cluster goes on/,/make clean/p'
