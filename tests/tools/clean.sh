#!/usr/bin/env bash
# Stop the labs of the demo and of molecule, then remove everything that `make` made in this checkout.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.."

if [ -x .build/venv/bin/ansible-playbook ]; then
    for inventory in inventories/lab molecule/shared/inventory; do
        LC_ALL=C.UTF-8 .build/venv/bin/ansible-playbook --inventory "$inventory" molecule/shared/lab/destroy.yml
    done
    for inventory in inventories/opensearch_lab molecule/opensearch/inventory molecule/opensearch_dashboards/inventory; do
        LC_ALL=C.UTF-8 .build/venv/bin/ansible-playbook --inventory "$inventory" molecule/shared/opensearch_lab/destroy.yml
    done
    LC_ALL=C.UTF-8 .build/venv/bin/ansible-playbook --inventory inventories/redis_lab molecule/shared/redis_lab/destroy.yml
fi
rm -rf .build .ansible .hypothesis tests/.pytest_cache
find . -name __pycache__ -type d -prune -exec rm -rf {} +
