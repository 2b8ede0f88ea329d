#!/usr/bin/env bash
# usage: packaging/lowest.sh [PYTEST ARGUMENT…]
# Runs the tests with each dependency, those of the extras too, at the lowest version admitted.
set -euo pipefail
. "$(dirname "$0")/tools.sh"

"$PYTHON" "$root/packaging/bounds.py" >"$work/lowest.txt"
"$PYTHON" -m venv "$work/tools"
"$tools/python" -m pip install --quiet "$(grep ^uv "$root/packaging/requirements.txt")"
"$tools/uv" venv --quiet --python "$PYTHON" "$work/lowest"
"$tools/uv" pip install --quiet --python "$work/lowest/bin/python" --constraint "$work/lowest.txt" \
    --editable "$root" --group "$root/pyproject.toml:dev"
"$tools/uv" pip freeze --python "$work/lowest/bin/python" | grep -iFf <(cut -d= -f1 "$work/lowest.txt")
cd "$root"
# Old releases of faiss warn of their own bindings while they are imported.
"$work/lowest/bin/python" -m pytest -W ignore::DeprecationWarning "$@"
