"""Fit the classifiers of features that find prints made of dots, and pictures that were covered.

    python -m training.worn_gate PHOTOS src/fastdup/views/worn_gate.npz

Logistic regressions of photos against worn copies of them. The thresholds are what a small share of
the photos exceeds that were not used to fit.
"""

from __future__ import annotations

import argparse
import io
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageOps

from fastdup.embed import Embedder
from fastdup.models import load_spec
from training.config import RECIPES
from training.data import split
from training.inset_gate import BATCH, LEFT_OUT, embed, embed_photos, fit
from training.logistic import Floats

N_COPIES = 1_200
SEED = 17
#: Share of the photos that are looked at more closely, as prints and as covered pictures.
SHARES_OF_PHOTOS = (0.02, 0.018)
LONGEST_SIDE = 400

Picture = Image.Image


def dotted(picture: Picture, rng: random.Random) -> Picture:
    """Return a print of dots: of any angle, size and hardness, in one ink, seldom in three."""
    y, x = np.mgrid[: picture.height, : picture.width]
    distance = rng.uniform(3.2, 7.5) * max(1.0, min(picture.size) / 400)
    values = np.asarray(picture if rng.random() < 0.2 else ImageOps.grayscale(picture), np.float32)
    values = values.reshape(*values.shape[:2], -1) / 255
    inks = []
    for number in range(values.shape[2]):
        angle = rng.uniform(0, np.pi / 2) + number * np.pi / 6
        across = (x * np.cos(angle) + y * np.sin(angle)) * (2 * np.pi / distance)
        along = (y * np.cos(angle) - x * np.sin(angle)) * (2 * np.pi / distance)
        screen = 0.5 + 0.25 * (np.sin(across) + np.sin(along))
        inks.append(((values[:, :, number] - screen) * rng.uniform(2, 10) + 0.5).clip(0, 1))
    paper, ink = rng.uniform(0.85, 1.0), rng.uniform(0.0, 0.2)
    shown = ink + (paper - ink) * np.stack(inks * (3 // len(inks)), axis=2)
    found = Image.fromarray((shown * 255).astype(np.uint8))
    return found.filter(ImageFilter.GaussianBlur(rng.uniform(0, 0.7)))


def covered(picture: Picture, rng: random.Random) -> Picture:
    """Return the picture with one or two plain boxes over 8 to 45 % of it."""
    picture, draw = picture.copy(), None
    draw = ImageDraw.Draw(picture)
    for _ in range(rng.choice((1, 1, 1, 2))):
        area, shape = rng.uniform(0.08, 0.4), np.exp(rng.uniform(-1.0, 1.0))
        width = picture.width * min(1.0, (area * shape) ** 0.5)
        height = picture.height * min(1.0, (area / shape) ** 0.5)
        left = rng.choice((0.0, rng.random(), rng.random(), 1.0)) * (picture.width - width)
        top = rng.choice((0.0, rng.random(), rng.random(), 1.0)) * (picture.height - height)
        colour = rng.choice(((0, 0, 0), (0, 0, 0), (255, 255, 255), (128, 128, 128)))
        if rng.random() < 0.3:
            colour = (rng.randrange(256), rng.randrange(256), rng.randrange(256))
        draw.rectangle((left, top, left + width, top + height), fill=colour)
    return picture


def embed_copies(
    photos: list[Path], edit: Callable[[Picture, random.Random], Picture], embedder: Embedder
) -> Floats:
    """Return the features of worn copies of photos, saved as JPEG."""
    rng, parts = random.Random(SEED), []
    for files in _batches(photos, edit, rng):
        parts.append(embed(files, embedder))
    return np.concatenate(parts)


def _batches(
    photos: list[Path], edit: Callable[[Picture, random.Random], Picture], rng: random.Random
) -> Iterator[list[bytes]]:
    for _ in range(0, N_COPIES, BATCH):
        files = []
        for path in rng.sample(photos, BATCH):
            with Image.open(path) as image:
                picture = ImageOps.contain(image.convert("RGB"), (LONGEST_SIDE, LONGEST_SIDE))
            file = io.BytesIO()
            edit(picture, rng).save(file, "JPEG", quality=rng.randint(60, 92))
            files.append(file.getvalue())
        yield files


def main() -> None:
    """Fit and write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("photos", type=Path)
    parser.add_argument("out", type=Path)
    options = parser.parse_args()
    train, held_out = (
        [path for path in paths if not path.name.startswith(LEFT_OUT)]
        for paths in split(options.photos, RECIPES["first"])
    )
    embedder = Embedder(load_spec())
    of_photos, of_held_out = embed_photos(train, embedder), embed_photos(held_out, embedder)
    columns, least = [], []
    for edit, share in zip((dotted, covered), SHARES_OF_PHOTOS, strict=True):
        weights = fit(of_photos, embed_copies(train, edit, embedder)).astype(np.float32)
        columns.append(weights)
        least.append(np.quantile(of_held_out @ weights, 1 - share))
    np.savez(options.out, weights=np.stack(columns, axis=1), least=np.array(least, np.float32))
    print(f"{len(of_photos)} photos, {N_COPIES} copies of each kind: {options.out}")


if __name__ == "__main__":
    main()
