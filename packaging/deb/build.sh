#!/usr/bin/env bash
# usage: packaging/deb/build.sh [OUT]
# Builds OUT/fastdup_VERSION_amd64.deb (default: dist/): the command line with an interpreter of its
# own under /opt/fastdup, man page, completions, licences and bill of materials. On Debian, with
# python3-venv and libpython3 installed; lintian too, for the check at the end.
# The maintainer's name comes from DEBFULLNAME and DEBEMAIL, as with Debian's own tools.
set -euo pipefail
PYTHON=${PYTHON:-/usr/bin/python3}
. "$(dirname "$0")/../tools.sh"
out=${1:-$root/dist}
here=$root/packaging/deb
maintainer="${DEBFULLNAME:-fastdup authors} <${DEBEMAIL:-fastdup@packages.invalid}>"
export PYTHONHASHSEED=0 # PyInstaller's archives are in the order of a set

echo "building in $work"
make_tools
"$tools/python" -m build --quiet --wheel --outdir "$work/wheel" "$root"
wheel=$(echo "$work"/wheel/*.whl)
bundle=$work/bundle
bundle_environment "$bundle" "$wheel[$(cat "$here/extras")]"
version=$("$bundle/bin/python" -c "import fastdup; print(fastdup.__version__)")

# The licences are collected before PyInstaller joins the packages.
write_sbom "$bundle" "$work/sbom.json"
"$tools/pip-licenses" --python "$bundle/bin/python" --from mixed --ignore-packages fastdup \
    --format json >"$work/parts.json"
"$tools/pip-licenses" --python "$bundle/bin/python" --from mixed --ignore-packages fastdup \
    --with-urls --format plain >"$work/THIRD_PARTY"

"$tools/python" -m pip --python "$bundle/bin/python" install --quiet \
    "$(grep ^pyinstaller "$root/packaging/requirements.txt")"
"$bundle/bin/pyinstaller" --log-level WARN --noconfirm --distpath "$work/frozen" \
    --workpath "$work/pyinstaller" "$here/fastdup.spec"

tree=$work/tree
doc=$tree/usr/share/doc/fastdup
mkdir -p "$tree/DEBIAN" "$tree/opt" "$tree/usr/bin" "$tree/usr/share/lintian/overrides" "$doc"
cp -r "$work/frozen/fastdup" "$tree/opt/fastdup"
ln -s /opt/fastdup/fastdup "$tree/usr/bin/fastdup"
cp -r "$bundle"/share/{man,bash-completion,fish} "$tree/usr/share/"
mkdir -p "$tree/usr/share/zsh/vendor-completions"
cp "$bundle/share/zsh/site-functions/_fastdup" "$tree/usr/share/zsh/vendor-completions/"
cp "$here/lintian-overrides" "$tree/usr/share/lintian/overrides/fastdup"
cp "$work/sbom.json" "$doc/fastdup.cdx.json"
cp "$work/THIRD_PARTY" "$doc/THIRD_PARTY"
"$bundle/bin/python" "$here/licences.py" "$tree/opt/fastdup" "$doc" <"$work/parts.json"
"$PYTHON" "$here/changelog.py" "$version" "$maintainer" "$SOURCE_DATE_EPOCH" \
    <"$root/CHANGELOG.md" | gzip -9n >"$doc/changelog.gz"
gzip -9n "$tree/usr/share/man/man1/fastdup.1"

find "$tree" -type d -exec chmod 755 {} +
find "$tree" -type f -exec chmod 644 {} +
chmod 755 "$tree/opt/fastdup/fastdup"
find "$tree" -newermt "@$SOURCE_DATE_EPOCH" -exec touch --no-dereference --date "@$SOURCE_DATE_EPOCH" {} +

glibc=$(grep -rhaoE "GLIBC_2\.[0-9]+" "$tree/opt/fastdup" | sort -Vu | tail -1 | cut -d_ -f2)
cat >"$tree/DEBIAN/control" <<CONTROL
Package: fastdup
Version: $version
Architecture: amd64
Maintainer: $maintainer
Installed-Size: $(du -sk --exclude DEBIAN "$tree" | cut -f1)
Depends: libc6 (>= $glibc), zlib1g
Recommends: ca-certificates
Section: graphics
Priority: optional
Description: find duplicate, near-duplicate, odd and broken images
 fastdup searches a collection of images, in folders, archives or object
 stores, for copies (even after re-encoding, cropping, framing, rotation or
 captions), for images that resemble no other, and for files that cannot be
 read. It needs no GPU. Images are only read, and nothing is sent.
 .
 This package needs no Python: it contains an interpreter of its own.
CONTROL
(cd "$tree" && find opt usr -type f -print0 | sort -z | xargs -0 md5sum) >"$tree/DEBIAN/md5sums"

mkdir -p "$out"
deb=$out/fastdup_${version}_amd64.deb
dpkg-deb --root-owner-group -Zxz --build "$tree" "$deb" >/dev/null
if command -v lintian >/dev/null; then
    lintian --allow-root --fail-on error "$deb"
else
    echo "lintian is not installed: not checked" >&2
fi
echo "$deb: $(stat -c %s "$deb") bytes, installed $(du -sk --exclude DEBIAN "$tree" | cut -f1) KiB"
