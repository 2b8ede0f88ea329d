"""The training pictures: their selection, and the memory-mapped array that holds them."""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from training.augment import Source
from training.config import Config
from training.generate import generate
from training.pack import Pack, write_pack

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp"}
HELD_OUT_TWINS = {"freedoom_9450fdf5.jpg", "freedoom_e51c9fc0.jpg"}
"""Held-out pictures that are copies of another held-out one, found by eye: used for nothing."""


def list_pictures(folder: Path) -> list[Path]:
    """Picture files directly in `folder`, by name."""
    return sorted(p for p in folder.iterdir() if p.suffix.lower() in SUFFIXES)


def is_held_out(path: Path, one_in: int) -> bool:
    """Whether a picture belongs to the validation set: decided by its name alone."""
    return int(hashlib.sha1(path.name.encode()).hexdigest(), 16) % one_in == 0


def split(folder: Path, config: Config) -> tuple[list[Path], list[Path]]:
    """Training and validation pictures of `folder`."""
    pictures = list_pictures(folder)
    train = [p for p in pictures if not is_held_out(p, config.holdout_one_in)]
    held = [p for p in pictures if is_held_out(p, config.holdout_one_in)]
    return train, [p for p in held if p.name not in HELD_OUT_TWINS]


def content_hash(pictures: list[Path]) -> str:
    """SHA-256 over the names and bytes of the pictures, in the given order."""
    digest = hashlib.sha256()
    for path in pictures:
        digest.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


class Folder:
    """The training photos of a folder; can be gone through like a `Pack`."""

    def __init__(self, folder: Path, config: Config):
        self._paths, _ = split(folder, config)
        self.sha256 = content_hash(self._paths)

    def __len__(self) -> int:
        """Return the number of photos."""
        return len(self._paths)

    def __iter__(self) -> Iterator[tuple[Image.Image, float]]:
        """Decode the photos, in the order of their names, each with its width / height."""
        for path in self._paths:
            with Image.open(path) as file:
                picture = file.convert("RGB")
            yield picture, picture.width / picture.height


@dataclasses.dataclass(frozen=True)
class Pictures:
    """All training pictures in memory.

    Attributes
    ----------
    pixels : ndarray of uint8, shape (n, side, side, 3)
        RGB, squashed to a square.
    aspects : ndarray of float32, shape (n,)
        Width / height before squashing.
    sha256 : str
        Hash of the source files (the generated pictures follow from the seed).
    """

    pixels: np.ndarray
    aspects: np.ndarray
    sha256: str

    def __len__(self) -> int:
        """Return the number of pictures."""
        return len(self.pixels)

    def source(self, row: int) -> Source:
        """Return one picture to make views of."""
        return Source(self.pixels[row], float(self.aspects[row]))


def prepare(photos: Path, work: Path, config: Config) -> Pictures:
    """Decode the training photos, generate the procedural ones, and open both memory-mapped.

    Made once per `work` folder; the file that names the parts is written last. `photos` is a
    folder or a file that `pack.py` wrote.
    """
    work.mkdir(parents=True, exist_ok=True)
    card = work / "data.json"
    if not card.exists():
        _build(photos, work, config)
    info = json.loads(card.read_text())
    pixels = np.load(work / "pixels.npy", mmap_mode="r")
    return Pictures(pixels, np.load(work / "aspects.npy"), info["sha256"])


def _build(photos: Path, work: Path, config: Config) -> None:
    source = Pack(photos) if photos.is_file() else Folder(photos, config)
    share = config.procedural_share
    generated = round(len(source) * share / (1 - share))
    side = config.cached_side
    pixels = np.lib.format.open_memmap(
        work / "pixels.npy", "w+", np.uint8, (len(source) + generated, side, side, 3)
    )
    aspects = np.ones(len(pixels), np.float32)
    for row, (picture, aspect) in enumerate(source):
        aspects[row] = aspect
        pixels[row] = picture.resize((side, side), Image.Resampling.BICUBIC)
    for row in range(generated):
        rng = np.random.default_rng([config.seed, row])
        pixels[len(source) + row] = generate(rng, side)
    pixels.flush()
    np.save(work / "aspects.npy", aspects)
    info = {"photos": len(source), "generated": generated, "sha256": source.sha256}
    (work / "data.json").write_text(json.dumps(info))


def main() -> None:
    """Pack the training photos of a folder."""
    parser = argparse.ArgumentParser(prog="python -m training.data", description=main.__doc__)
    parser.add_argument("photos", type=Path, help="folder of pictures")
    parser.add_argument("target", type=Path, help="file to write, ending in .npz")
    given = parser.parse_args()
    photos = Folder(given.photos, Config())
    write_pack(given.target, photos, photos.sha256)
    print(f"{len(photos)} photos, {given.target.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
