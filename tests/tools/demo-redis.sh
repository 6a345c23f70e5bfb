#!/usr/bin/env bash
# The demonstration for Redis: a real cluster of three masters and three replicas in plaintext, with a client that writes without a pause,
# taken to required TLS by the playbook in two steps, and the proof.
# Arguments go to every ansible-playbook, for example: demo-redis.sh -e lab_network=127.0.35
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
export PATH="$PWD/.build/venv/bin:$PATH"
export ANSIBLE_COLLECTIONS_PATH="$PWD/.build/collections"
export LC_ALL=C.UTF-8
# The labs ask for it all the time, and a container may have none.
export USER="${USER:-$(id -un)}"

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

# A variable of the first node. told VARIABLE ARGUMENTS...
told() {
    local variable=$1
    shift
    ansible c1 -i "$inventory" -m ansible.builtin.debug -a "msg='{{ $variable }}'" "$@" | sed -n 's/^ *"msg": "\(.*\)"$/\1/p'
}

# What a report in the log says, without the lines of Ansible around it.
table() {
    sed -n "/^$1/,/^ok/p" "$log" | grep -v '^ok'
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
links=$(table "What the required mode lets in")

say "5. The same playbook again changes nothing"
play interlock.cluster.redis -e redis_tls_mode=required "$@" | tee "$log" | sed -n '/PLAY RECAP/,$p'
if grep -Eq 'changed=[1-9]|failed=[1-9]|unreachable=[1-9]' "$log"; then
    echo "The second run was not without a change:"
    cat "$log"
    exit 1
fi

say "6. The client stops and reads everything back; a scanner grades the client port and the bus of a node"
quietly "$lab/client.yml" -e client_state=stopped "$@"
client=$(table "What the client saw")
directory=$(told lab_node_directory "$@")
address=$(told lab_address "$@")
secure_port=$(told lab_secure_port "$@")
bus_port=$(told 'lab_port | int + 10000' "$@")
tests/tools/prerequisites.sh scanner
grades=$(.build/scanner/bin/python tests/tools/grade.py --cert "$directory/tls/redis.crt" --key "$directory/tls/redis.key" --ca "$directory/tls/ca.crt" \
    "$address:$secure_port" "$address:$bus_port") || { printf "%s\n" "$grades"; exit 1; }

say "Done"
printf '%s\n\n%s\n\n%s\n' "$links" "$client" "$grades"
if printf '%s' "$client" | awk 'NR > 1 && /^ *[0-9]/ {bad = $2 + $3} END {exit !bad}'; then
    echo "The client saw errors or lost writes."
    exit 1
fi
cat <<END

The cluster goes on running. To look at it:
  REDISCLI_AUTH=\$(cat $directory/../secrets/password) redis-cli -c --tls -h $address -p $secure_port \\
      --cert $directory/tls/redis.crt --key $directory/tls/redis.key --cacert $directory/tls/ca.crt cluster nodes
To remove it: make clean
END
