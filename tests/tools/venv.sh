#!/usr/bin/env bash
# Make the virtual environment .build/venv from tests/requirements.txt. PYTHON names the interpreter.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
VENV=.build/venv

tests/tools/prerequisites.sh python
# The interpreter itself: PYTHON may be that of the environment which is about to be replaced.
python="$("${PYTHON:-python3}" -c 'import sys; print(sys._base_executable)')"

echo "Making ${VENV} with $("$python" --version)"
"$python" -m venv --clear "$VENV"
"$VENV/bin/python" -m pip install --quiet --disable-pip-version-check --requirement tests/requirements.txt

# The checkout as Ansible sees a collection: interlock.cluster on a collections path.
collection=.build/collections/ansible_collections/interlock/cluster
mkdir -p "$(dirname "$collection")"
ln -sfn "$PWD" "$collection"
touch "$VENV/.complete"
