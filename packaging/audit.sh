#!/usr/bin/env bash
# usage: packaging/audit.sh
# Checks everything that fastdup and its extras install against the advisories of the package index.
# Also fails if the index has no information about a package.
set -euo pipefail
. "$(dirname "$0")/tools.sh"

make_tools
"$PYTHON" -m venv --without-pip "$work/audited"
"$tools/python" -m pip --python "$work/audited/bin/python" install --quiet "$root[all]"
site=$("$work/audited/bin/python" -c "import sysconfig; print(sysconfig.get_path('purelib'))")
"$tools/pip-audit" --path "$site" --strict --progress-spinner off "$@"
