"""Write in what rows for content of pictures of one kind differ, and what therefore counts less.

Two covariances of `joined_rows` are averaged: of the photos of a theme around its mean, and of
parts of one photo around theirs. No label is needed but the theme, with which the names of the
photos begin, as in ``shoes_0001.jpg``. Each theme counts alike. The directions of most variance are
kept, with how much of each is left out. To be run after ``content_centre.py``.

    python training/content_spread.py PHOTOS --themes shoes trees
"""

import argparse
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from fastdup.content_rows import SPREAD_PATH, content_rows, joined_rows
from fastdup.embed import Embedder
from fastdup.errors import ImageError
from fastdup.images import decode
from fastdup.models import load_spec

#: Most photos of a theme, spread evenly over them, and those of which parts are taken.
_MOST, _MOST_IN_PARTS = 900, 260
#: Photos are decoded at this side, so that their parts are sharp.
_SIDE = 224
#: The share of a photo that a part has, and how much wider or taller it is, as a logarithm.
_SHARES, _STRETCH = (0.35, 0.75), 0.25
#: What the covariance counts beside one that is equal in all directions. Chosen, as the number of
#: directions, on themes that were left out of it.
_STRENGTH, _DIRECTIONS = 0.15, 64


def rows_of(pictures: list[Image.Image], embedder: Embedder) -> np.ndarray:
    """Return the row of each picture, of length 1."""
    pixels = [embedder.prepare(picture) for picture in pictures]
    rows = joined_rows(embedder.embed(pixels), content_rows(np.stack(pixels)))
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def part_of(picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Return a part of a picture, every other one mirrored."""
    side, stretch = rng.uniform(*_SHARES) ** 0.5, np.exp(rng.uniform(-_STRETCH, _STRETCH))
    width = min(picture.width, int(picture.width * side * stretch))
    height = min(picture.height, int(picture.height * side / stretch))
    left = int(rng.integers(0, picture.width - width + 1))
    top = int(rng.integers(0, picture.height - height + 1))
    part = picture.crop((left, top, left + width, top + height))
    return ImageOps.mirror(part) if rng.random() < 0.5 else part


def covariances(paths: list[Path], embedder: Embedder) -> tuple[np.ndarray, np.ndarray]:
    """Return that of the photos of a theme, and that of parts of one photo."""
    rng, whole, apart = np.random.default_rng(5), [], []
    in_parts = set(paths[:: -(-len(paths) // _MOST_IN_PARTS)])
    for path in paths:
        try:
            picture = decode(path.read_bytes(), min_side=_SIDE).image.convert("RGB")
        except ImageError:
            continue
        if path in in_parts:
            rows = rows_of([picture, part_of(picture, rng), part_of(picture, rng)], embedder)
            apart.append(rows[1] - rows[2])
            whole.append(rows[0])
        else:
            whole.append(rows_of([picture], embedder)[0])
    around = np.array(whole) - np.mean(whole, axis=0)
    parts = np.array(apart)
    return around.T @ around / len(around), parts.T @ parts / len(parts)


def main() -> None:
    """Read the photos, and write the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", type=Path)
    parser.add_argument("--themes", nargs="+", required=True)
    parser.add_argument("--out", type=Path, default=SPREAD_PATH)
    options = parser.parse_args()
    embedder = Embedder(load_spec())
    sums = [0.0, 0.0]
    for theme in options.themes:
        paths = sorted(options.photos.glob(f"{theme}_*"))
        found = covariances(paths[:: -(-len(paths) // _MOST)], embedder)
        sums = [total + each for total, each in zip(sums, found, strict=True)]
    total = sum(each / np.trace(each) for each in sums) / 2
    variances, axes = np.linalg.eigh(total * len(total))
    lengths = (1 - _STRENGTH + _STRENGTH * variances[::-1]) ** -0.5
    left_out = 1 - lengths[:_DIRECTIONS] / lengths[_DIRECTIONS]
    spread = axes[:, ::-1][:, :_DIRECTIONS] * np.sqrt(left_out)
    np.save(options.out, spread.astype(np.float16))


if __name__ == "__main__":
    main()
