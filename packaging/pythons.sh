#!/usr/bin/env bash
# usage: packaging/pythons.sh PYTHON [PYTEST ARGUMENT…]
# Runs the tests on the interpreter PYTHON, in a new environment, with the newest dependencies.
set -euo pipefail
. "$(dirname "$0")/tools.sh"
interpreter=$1
shift

"$interpreter" -m venv "$work/env"
"$work/env/bin/python" -m pip install --quiet --upgrade "$(grep '^pip>' "$root/packaging/requirements.txt")"
(cd "$root" && "$work/env/bin/python" -m pip install --quiet --editable . --group dev)
cd "$root"
"$work/env/bin/python" --version
"$work/env/bin/python" -m pytest "$@"
