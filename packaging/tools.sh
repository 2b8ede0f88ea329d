# Sourced by the scripts beside it: the folders they share, and the tools they run.
# sets: root, work (removed at the end), tools (the programs of requirements.txt)
# needs: PYTHON, an interpreter; KEEP=1 keeps the work folder.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/fastdup-packaging.XXXXXX")
tools=$work/tools/bin
PYTHON=${PYTHON:-python3}
# The time of the last release or commit, so that the same sources give the same bytes.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git -C "$root" log -1 --format=%ct 2>/dev/null || stat -c %Y "$root/CHANGELOG.md")}
export SOURCE_DATE_EPOCH
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore

trap '[ -n "${KEEP:-}" ] || rm -rf "$work"' EXIT

make_tools() {
    "$PYTHON" -m venv "$work/tools"
    "$tools/python" -m pip install --quiet --upgrade --requirement "$root/packaging/requirements.txt"
}

# bundle_environment FOLDER WHEEL[EXTRAS]: an environment that holds what is redistributed and no more.
bundle_environment() {
    "$PYTHON" -m venv --without-pip "$1"
    "$tools/python" -m pip --python "$1/bin/python" install --quiet --only-binary :all: "$2"
}

# write_sbom FOLDER FILE: the parts of the environment FOLDER as CycloneDX.
write_sbom() {
    "$tools/cyclonedx-py" environment --pyproject "$root/pyproject.toml" --short-PURLs \
        --output-reproducible --output-format JSON --output-file "$2" "$1/bin/python"
}
