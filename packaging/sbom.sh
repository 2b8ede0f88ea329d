#!/usr/bin/env bash
# usage: packaging/sbom.sh [OUT]
# Writes OUT/fastdup-VERSION.cdx.json (default: dist/): what the wheel brings along, with the
# extras of the Debian package, as a CycloneDX software bill of materials.
set -euo pipefail
. "$(dirname "$0")/tools.sh"
out=${1:-$root/dist}

make_tools
"$tools/python" -m build --quiet --wheel --outdir "$work/wheel" "$root"
wheel=$(echo "$work"/wheel/*.whl)
bundle_environment "$work/bundle" "$wheel[$(cat "$root/packaging/deb/extras")]"
version=$("$work/bundle/bin/python" -c "import fastdup; print(fastdup.__version__)")
mkdir -p "$out"
write_sbom "$work/bundle" "$out/fastdup-$version.cdx.json"
echo "$out/fastdup-$version.cdx.json"
