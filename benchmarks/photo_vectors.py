"""Features of photos, of parts of them and of edited copies: real vectors for neighbours.py.

usage: photo_vectors.py PHOTOS OUT

Each photo gives eleven pictures: itself, five crops of a quarter to a half of its sides, which
show different things as a rule, and five common edits (common_edits.py) of any of these six. OUT
becomes a folder that neighbours.py takes with --real: the features in random order, without rows
that are the same to three decimals.
"""

import argparse
import random
from functools import cache
from multiprocessing import Pool
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from fastdup import save_binary_feature
from fastdup.embed import Embedder
from fastdup.evaluation.common_edits import EDITS
from fastdup.models import load_spec

N_CROPS = N_EDITS = 5
CROPPED = (0.25, 0.5)
MOST_PIXELS_OF_A_SIDE = 512
SEED = 0


@cache
def embedder() -> Embedder:
    """Return the built-in model, once for each process."""
    return Embedder(load_spec())


def features_of(photo: Path) -> NDArray[np.float32]:
    """Return the features of all pictures that one photo gives: (11, d)."""
    rng = random.Random(photo.name)
    with Image.open(photo) as opened:
        whole = ImageOps.exif_transpose(opened).convert("RGB")
    whole.thumbnail((MOST_PIXELS_OF_A_SIDE, MOST_PIXELS_OF_A_SIDE))
    pictures = [whole, *(crop(whole, rng) for _ in range(N_CROPS))]
    names = sorted(EDITS)
    edited = [EDITS[rng.choice(names)](rng.choice(pictures), rng) for _ in range(N_EDITS)]
    inputs = [embedder().prepare(picture.convert("RGB")) for picture in [*pictures, *edited]]
    return embedder().embed(inputs)


def crop(image: Image.Image, rng: random.Random) -> Image.Image:
    """Return a part of a picture, anywhere in it."""
    share = rng.uniform(*CROPPED)
    width, height = (min(side, max(32, int(side * share))) for side in image.size)
    x, y = rng.randint(0, image.width - width), rng.randint(0, image.height - height)
    return image.crop((x, y, x + width, y + height))


def without_repetition(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the rows in random order, one of those that are the same to three decimals."""
    rounded: NDArray[Any] = np.ascontiguousarray((rows * 1000).round().astype(np.int16))
    _, first = np.unique(rounded.view(f"V{2 * rows.shape[1]}").ravel(), return_index=True)
    return rows[np.random.default_rng(SEED).permutation(np.sort(first))]


def main() -> None:
    """Read the command line, embed and write."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("photos", type=Path)
    parser.add_argument("out", type=Path)
    given = parser.parse_args()
    photos = sorted(path for path in given.photos.iterdir() if path.is_file())
    with Pool() as pool:
        rows = without_repetition(np.concatenate(pool.map(features_of, photos, chunksize=8)))
    save_binary_feature(given.out, [f"{i:07}" for i in range(len(rows))], rows)


if __name__ == "__main__":
    main()
