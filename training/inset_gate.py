"""Fit the classifier of features that finds pictures which may show other pictures.

    python -m training.inset_gate PHOTOS src/fastdup/views/inset_gate.npz

Logistic regression of photos against compositions of them (`composites.py`). The threshold is what
one in six photos exceeds that were not used to fit.
"""

from __future__ import annotations

import argparse
import io
import random
from pathlib import Path

import numpy as np
from PIL import Image

from fastdup.embed import Embedder
from fastdup.images import decode
from fastdup.models import load_spec
from training.composites import compose
from training.config import RECIPES
from training.data import split
from training.logistic import Floats, fit_logistic

N_COMPOSITES, N_OTHERS = 16_000, 9
SEED = 11
#: Drawings on white, and nothing that anyone lays into a page.
LEFT_OUT = ("emojitwo", "freedoom")
SHARE_OF_PHOTOS = 0.17
N_ROUNDS = 12
BATCH = 32


def embed(pictures: list[bytes], embedder: Embedder) -> Floats:
    """Return the features of the pictures in some files."""
    prepared = [embedder.prepare(decode(p, min_side=embedder.min_side).image) for p in pictures]
    return embedder.embed(prepared).astype(np.float64)


def embed_photos(photos: list[Path], embedder: Embedder) -> Floats:
    """Return the features of photos."""
    batches = [photos[start : start + BATCH] for start in range(0, len(photos), BATCH)]
    return np.concatenate([embed([p.read_bytes() for p in batch], embedder) for batch in batches])


def embed_composites(photos: list[Path], n_wanted: int, embedder: Embedder) -> Floats:
    """Return the features of compositions of photos, saved as JPEG."""
    rng, parts = random.Random(SEED), []
    for _ in range(0, n_wanted, BATCH):
        files = []
        for _ in range(BATCH):
            picture, *others = (
                Image.open(path).convert("RGB") for path in rng.sample(photos, 1 + N_OTHERS)
            )
            file = io.BytesIO()
            compose(picture, others, rng).save(file, "JPEG", quality=rng.randint(60, 92))
            files.append(file.getvalue())
        parts.append(embed(files, embedder))
    return np.concatenate(parts)


def fit(photos: Floats, composites: Floats) -> Floats:
    """Return the weights of compositions against photos, by Newton's method: (d,)."""
    rows = np.concatenate([photos, composites])
    scale = rows.std()
    rows = np.column_stack([rows / scale, np.ones(len(rows))])
    target = np.arange(len(rows)) >= len(photos)
    weights = fit_logistic(rows, target, N_ROUNDS)
    return np.asarray(weights[:-1] / scale)


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
    weights = fit(
        embed_photos(train, embedder), embed_composites(train, N_COMPOSITES, embedder)
    ).astype(np.float32)
    least = np.quantile(embed_photos(held_out, embedder) @ weights, 1 - SHARE_OF_PHOTOS)
    np.savez(options.out, weights=weights, least=np.float32(least))
    print(f"{len(train)} photos, {N_COMPOSITES} compositions: {options.out}")


if __name__ == "__main__":
    main()
