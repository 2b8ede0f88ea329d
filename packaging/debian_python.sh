#!/usr/bin/env bash
# usage: packaging/debian_python.sh WHEEL [SUITE]
# As root: installs the wheel, without a compiler, on the Python of another Debian (trixie has 3.13,
# sid 3.14) in a root made by debootstrap (or a copy of the one in BASE), and does the main job there.
set -euo pipefail
. "$(dirname "$0")/tools.sh"
wheel=$1
suite=${2:-sid}
debian=$work/debian

if [ -n "${BASE:-}" ]; then
    cp -a "$BASE" "$debian"
else
    debootstrap --variant=minbase --include=python3,python3-venv,ca-certificates \
        "$suite" "$debian" >"$work/debootstrap.log"
fi
cp "$wheel" "$root/packaging/conda/main_job.py" "$debian/"
# The wheels are fetched here, where the index is, for the Python there.
version=$(chroot "$debian" python3 -c "import sys; print('%d.%d' % sys.version_info[:2])")
"$PYTHON" -m pip download --quiet --only-binary :all: --python-version "$version" \
    --dest "$debian/wheels" "$wheel"
cat >"$debian/prove" <<'INSIDE'
set -eu
! command -v cc && ! command -v gcc
python3 --version
python3 -m venv /venv
/venv/bin/pip install --quiet --no-index --find-links /wheels /fastdup-*.whl
/venv/bin/fastdup --version
/venv/bin/python -W error /main_job.py
echo "PROVED on $(python3 --version), Debian $(cat /etc/debian_version)"
INSIDE
unshare --mount --pid --net --fork --mount-proc="$debian/proc" chroot "$debian" sh /prove
