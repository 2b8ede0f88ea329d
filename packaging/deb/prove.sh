#!/usr/bin/env bash
# usage: packaging/deb/prove.sh DEB PHOTOS
# Proves, as root, that the package does the main job where there is no Python: makes a minimal
# Debian by debootstrap (of SUITE, default bookworm; or copies the one in BASE), installs DEB by
# dpkg -i, and, without a network and as nobody, runs the commands on the photos in the folder
# PHOTOS, in one process and in several. Tells sizes and seconds.
set -euo pipefail
deb=$(realpath "$1")
photos=$(realpath "$2")
suite=${SUITE:-bookworm}
place=$(mktemp -d "${TMPDIR:-/tmp}/fastdup-prove.XXXXXX")
trap 'rm -rf "$place"' EXIT
debian=$place/root

if [ -n "${BASE:-}" ]; then
    cp -a "$BASE" "$debian"
else
    debootstrap --variant=minbase "$suite" "$debian" >"$place/debootstrap.log"
fi
cp "$deb" "$debian/fastdup.deb"
mkdir "$debian/photos"
cp -rL "$photos/." "$debian/photos/"
first=$(cd "$debian/photos" && find . -type f | sort | head -1)
cp "$debian/photos/$first" "$debian/photos/planted-copy.jpg"
echo "no picture" >"$debian/photos/broken.jpg"
n_files=$(find "$debian/photos" -type f | wc -l)
[ "$n_files" -ge 1002 ] || { echo "$photos: give at least 1000 photos, as many as several processes need"; exit 2; }
chmod -R a+rX "$debian/photos"

cat >"$debian/prove" <<'INSIDE'
set -eu
fail() { echo "FAILED: $*"; exit 1; }
for name in python python3 python3.11 python3.13; do
    ! command -v $name || fail "$name is here"
done
kib=$(du -sk --exclude=/proc --exclude=/photos / | cut -f1)
dpkg -i /fastdup.deb
echo "installed: $(($(du -sk --exclude=/proc --exclude=/photos / | cut -f1) - kib)) KiB"

as_nobody() { chroot --userspec=nobody:nogroup / env HOME=/out "$@"; }
mkdir /out && chown nobody /out
as_nobody fastdup --version

seconds() { awk '{ print $1 }' /proc/uptime; }
timed() {
    start=$(seconds)
    as_nobody fastdup run /photos -w "/out/$1" --num-threads "$2" || fail "run with $2 threads"
    seconds | awk -v start="$start" -v n="$2" '{ printf "%d threads: %.2f s to the results\n", n, $1 - start }'
}
timed cold 2
timed one 2
timed several 5 &
job=$!
most=0
while kill -0 $job 2>/dev/null; do
    now=$(cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\0' '\n' | grep -c '^fastdup.executors.worker$' || true)
    [ "$now" -le "$most" ] || most=$now
done
wait $job
echo "worker processes seen: $most"
[ "$most" -ge 5 ] || fail "no worker processes were used"
cmp /out/one/similarity.csv /out/several/similarity.csv || fail "the results differ"
cmp /out/one/features.dat /out/several/features.dat || fail "the features differ"

grep -q planted-copy /out/one/similarity.csv || fail "the planted copy was not found"
grep -q broken.jpg /out/one/features.bad.csv || fail "the broken file is not listed"
good=$(($(wc -l </out/one/features.dat.csv) - 1))
bad=$(($(wc -l </out/one/features.bad.csv) - 1))
[ $((good + bad)) -eq "$N_FILES" ] || fail "$good good and $bad bad of $N_FILES files"

for kind in duplicates outliers components similarity stats; do
    as_nobody fastdup gallery /out/one --kind $kind || fail "gallery $kind"
done
as_nobody fastdup search /out/one /photos/planted-copy.jpg -k 1 || fail search
as_nobody fastdup run /photos -w /out/part --run-mode 1 || fail "run mode 1"
as_nobody fastdup merge /out/part -w /out/merged || fail merge
as_nobody fastdup run /out/merged -w /out/merged --run-mode 2 --nn-provider faiss || fail faiss
as_nobody fastdup models | head -2
if as_nobody fastdup run s3://none/ -w /out/s3 >/out/said 2>&1; then fail "no bucket, no error"; fi
[ "$(grep -c Traceback /out/said)" = 0 ] || fail "a traceback"
tail -1 /out/said

for file in man/man1/fastdup.1.gz bash-completion/completions/fastdup fish/vendor_completions.d/fastdup.fish \
    zsh/vendor-completions/_fastdup doc/fastdup/copyright doc/fastdup/changelog.gz doc/fastdup/fastdup.cdx.json; do
    dpkg -L fastdup | grep -qx "/usr/share/$file" || fail "$file is missing"
done
dpkg -r fastdup
[ ! -e /opt/fastdup ] && [ ! -e /usr/bin/fastdup ] || fail "removing it leaves files"
echo "PROVED on Debian $(cat /etc/debian_version), $good good and $bad bad files"
INSIDE

echo "package: $(stat -c %s "$deb") bytes"
N_FILES=$n_files unshare --mount --pid --net --fork --mount-proc="$debian/proc" \
    chroot "$debian" sh /prove
