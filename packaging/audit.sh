#!/usr/bin/env bash
# usage: packaging/audit.sh
# Asks the advisories of the package index about all that fastdup and its extras install; fails where it
# cannot be told of a package, too.
set -euo pipefail
. "$(dirname "$0")/tools.sh"

make_tools
"$PYTHON" -m venv --without-pip "$work/audited"
"$tools/python" -m pip --python "$work/audited/bin/python" install --quiet "$root[all]"
site=$("$work/audited/bin/python" -c "import sysconfig; print(sysconfig.get_path('purelib'))")
"$tools/pip-audit" --path "$site" --strict --progress-spinner off "$@"
