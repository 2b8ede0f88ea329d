"""Does any damaged file end a run, make it hang, or cost a good photo?

usage: fuzz.py PHOTOS [--images N] [--containers N] [--together N] [--seed S] [--keep FOLDER]
               [--out results/fuzz.json]

Writes folders of damaged images of 14 formats, then folders of damaged archives, data sets and
videos of 8 kinds, each with good photos among them, and runs the command line on each folder. A
folder that ends its run, hangs, or loses a good photo is kept in FOLDER.
"""

import argparse
import csv
import io
import os
import random
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import av
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from machine import describe_machine, store_result
from mutations import mutated
from PIL import Image

try:
    import pillow_heif

    pillow_heif.register_heif_opener()
except ImportError:
    pass

#: Format as Pillow knows it → ending, and how it is saved.
IMAGE_FORMATS: Mapping[str, tuple[str, dict[str, object]]] = {
    "JPEG": ("jpg", {}),
    "PNG": ("png", {}),
    "GIF": ("gif", {}),
    "TIFF": ("tif", {"compression": "tiff_lzw"}),
    "WEBP": ("webp", {}),
    "AVIF": ("avif", {}),
    "BMP": ("bmp", {}),
    "HEIF": ("heic", {}),
    "JPEG2000": ("jp2", {}),
    "ICO": ("ico", {}),
    "PPM": ("ppm", {}),
    "TGA": ("tga", {}),
    "PCX": ("pcx", {}),
    "DDS": ("dds", {}),
}
N_PHOTOS = 20
SIDE = 96
#: A run over one folder that takes longer hangs.
MOST_S = 900


def sound_images(pictures: Sequence[Image.Image]) -> dict[str, list[bytes]]:
    """Return ending → files of the pictures, of all formats that can be written here."""
    found: dict[str, list[bytes]] = {}
    for name, (ending, options) in IMAGE_FORMATS.items():
        for picture in pictures:
            data = io.BytesIO()
            picture.save(data, name, **options)
            found.setdefault(ending, []).append(data.getvalue())
    return found


def sound_containers(pictures: Sequence[Image.Image]) -> dict[str, list[bytes]]:
    """Return ending → files that hold the pictures."""
    images = []
    for picture in pictures:
        data = io.BytesIO()
        picture.save(data, "JPEG")
        images.append(data.getvalue())
    found: dict[str, list[bytes]] = {}
    for start in range(0, len(images), 3):
        some, shown = images[start : start + 3], pictures[start : start + 3]
        rows = pa.table({"image": some, "label": list(range(len(some)))})
        made = {
            "tar": _tar(some, "w"),
            "tgz": _tar(some, "w:gz"),
            "zip": _zip(some),
            "parquet": _parquet(rows),
            "arrow": _arrow(rows, pa.ipc.new_file if start % 2 else pa.ipc.new_stream),
            "mp4": _video(shown, "mp4", "libx264"),
            "mkv": _video(shown, "matroska", "libx264"),
            "avi": _video(shown, "avi", "mpeg4"),
        }
        for ending, data in made.items():
            found.setdefault(ending, []).append(data)
    return found


def _tar(images: Sequence[bytes], mode: str) -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode=mode) as tar:
        for number, image in enumerate(images):
            info = tarfile.TarInfo(f"{number}.jpg")
            info.size = len(image)
            tar.addfile(info, io.BytesIO(image))
    return data.getvalue()


def _zip(images: Sequence[bytes]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, image in enumerate(images):
            archive.writestr(f"{number}.jpg", image)
    return data.getvalue()


def _parquet(rows: pa.Table) -> bytes:
    data = io.BytesIO()
    pq.write_table(rows, data, row_group_size=2)
    return data.getvalue()


def _arrow(rows: pa.Table, new: type) -> bytes:
    data = io.BytesIO()
    with new(data, rows.schema) as writer:
        writer.write_table(rows, max_chunksize=2)
    return data.getvalue()


def _video(pictures: Sequence[Image.Image], form: str, codec: str) -> bytes:
    data = io.BytesIO()
    with av.open(data, "w", format=form) as container:
        stream = container.add_stream(codec, rate=5)
        stream.width = stream.height = SIDE
        stream.pix_fmt = "yuv420p"
        stream.gop_size = 2
        for picture in pictures:
            frame = av.VideoFrame.from_ndarray(np.asarray(picture), format="rgb24")
            container.mux(stream.encode(frame))
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return data.getvalue()


class Fuzzer:
    """Runs fastdup on folders of damaged files, and counts what comes of them."""

    def __init__(self, photos: Sequence[bytes], keep: Path | None) -> None:
        self._photos = photos
        self._keep = keep
        self.counts: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()
        self.peaks_mib: list[int] = []

    def run(self, folder: Path, sound: Mapping[str, Sequence[bytes]], n: int, seed: int) -> None:
        """Write `n` damaged files and the photos, run, and check the outcome."""
        rng = random.Random(seed)
        given = folder / "in"
        given.mkdir()
        for number, photo in enumerate(self._photos):
            (given / f"photo-{number:02}.jpg").write_bytes(photo)
        endings = list(sound)
        for number in range(n):
            ending = endings[number % len(endings)]
            data = mutated(rng.choice(sound[ending]), rng)
            (given / f"{number:05}.{ending}").write_bytes(data)
        self.counts["files"] += n
        self.counts["runs"] += 1
        fault = self._outcome(given, folder / "out")
        if fault:
            self.counts[fault] += 1
            print(f"seed {seed}: {fault}", flush=True)
            if self._keep:
                shutil.copytree(folder, self._keep / f"seed-{seed}", dirs_exist_ok=True)

    def _outcome(self, given: Path, out: Path) -> str:
        """Run; return what is wrong, "" when nothing is."""
        command = [sys.executable, "-m", "fastdup", "run", str(given), "-w", str(out)]
        with open(f"{out}.log", "wb") as log:
            process = subprocess.Popen([*command, "--verify", "none"], stdout=log, stderr=log)
            until_s = time.monotonic() + MOST_S
            done, status, usage = 0, 0, None
            while not done and time.monotonic() < until_s:
                time.sleep(0.05)
                done, status, usage = os.wait4(process.pid, os.WNOHANG)
        if not done or usage is None:
            process.kill()
            process.wait()
            return "hangs"
        process.returncode = os.waitstatus_to_exitcode(status)
        self.peaks_mib.append(usage.ru_maxrss // 1024)
        if process.returncode:
            return "runs ended"
        return self._wrong_tables(given, out)

    def _wrong_tables(self, given: Path, out: Path) -> str:
        good = [row["filename"] for row in _rows(out / "features.dat.csv")]
        bad = _rows(out / "features.bad.csv")
        self.counts["good"] += len(good)
        self.counts["bad"] += len(bad)
        self.reasons.update(row["reason"] for row in bad)
        photos = {str(given / f"photo-{number:02}.jpg") for number in range(len(self._photos))}
        if not photos <= set(good):
            return "runs with a good photo lost"
        n_features = (out / "features.dat").stat().st_size
        if not good or n_features % len(good):
            return "runs with other features than images"
        # Each file is good, is bad, or is opened: then something in it is one of these.
        named = good + [row["filename"] for row in bad]
        files = {name[len(str(given)) + 1 :].partition("/")[0].partition("#")[0] for name in named}
        if files != set(os.listdir(given)) or len(named) != len(set(named)):
            return "runs that lost count of files"
        return ""

    def result(self) -> dict[str, object]:
        """Return the counts."""
        peaks = sorted(self.peaks_mib)
        return {
            **{name: self.counts[name] for name in ("files", "runs", "good", "bad")},
            "runs_ended": self.counts["runs ended"],
            "hangs": self.counts["hangs"],
            "runs_with_a_good_photo_lost": self.counts["runs with a good photo lost"],
            "runs_that_lost_count": self.counts["runs that lost count of files"]
            + self.counts["runs with other features than images"],
            "reasons": dict(self.reasons.most_common()),
            "peak_rss_mib": {"least": peaks[0], "median": peaks[len(peaks) // 2], "most": peaks[-1]}
            if peaks
            else {},
        }


def _rows(path: Path) -> list[dict[str, str]]:
    with open(path, newline="", errors="surrogateescape") as file:
        return list(csv.DictReader(file))


def main() -> None:
    """Measure, print and store."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", type=Path)
    parser.add_argument("--images", type=int, default=100_000)
    parser.add_argument("--containers", type=int, default=10_000)
    parser.add_argument("--together", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results/fuzz.json")
    options = parser.parse_args()
    files = sorted(options.photos.rglob("*.jpg"))
    random.Random(options.seed).shuffle(files)
    photos = [path.read_bytes() for path in files[:N_PHOTOS]]
    pictures = [
        Image.open(path).convert("RGB").resize((SIDE, SIDE)) for path in files[N_PHOTOS:][:6]
    ]
    result: dict[str, object] = {"machine": describe_machine()}
    for kind, sound, n_files in (
        ("images", sound_images(pictures), options.images),
        ("containers", sound_containers(pictures), options.containers),
    ):
        fuzzer = Fuzzer(photos, options.keep)
        for start in range(0, n_files, options.together):
            n_now = min(options.together, n_files - start)
            with tempfile.TemporaryDirectory() as folder:
                fuzzer.run(Path(folder), sound, n_now, options.seed * 1_000_000 + start)
        if n_files:
            result[kind] = {"kinds": list(sound), **fuzzer.result()}
    store_result(result, options.out)


if __name__ == "__main__":
    main()
