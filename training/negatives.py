"""Fit the basis of the features in which a picture and its negative differ by signs alone.

Inverting a picture twice gives the picture back. So the features fall into two parts: what a
picture and its negative have in common, and what is of opposite sign. The canonical correlation
analysis of pictures with their negatives (Hotelling, "Relations between two sets of variates",
Biometrika 1936) finds them: the sign of a correlation is that of its component.

    python -m training.negatives PHOTOS src/fastdup/views/negatives.npz
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from fastdup.embed import Embedder
from fastdup.images import decode
from fastdup.models import load_spec
from training.config import RECIPES
from training.data import split

N_COMPONENTS = 96
#: Part of the mean variance that is added to all variances, against chance.
RIDGE = 0.03
BATCH = 32

Floats = NDArray[np.float64]


class Views(NamedTuple):
    """Features of n photos, of their negatives and of their grey negatives: (n, d) each."""

    photos: Floats
    negatives: Floats
    grey_negatives: Floats


class Basis(NamedTuple):
    """The components of largest correlation, and its signs.

    Attributes
    ----------
    mean : (d,) array
        Of all features.
    components : (d, p) array
        One per column, scaled by its correlation.
    signs : (p,) array
        1 or -1.
    """

    mean: Floats
    components: Floats
    signs: Floats


def embed_views(photos: list[Path]) -> Views:
    """Return the features of photos, their negatives and their grey negatives."""
    embedder, parts = Embedder(load_spec()), []
    for start in range(0, len(photos), BATCH):
        pictures = [
            Image.fromarray(
                embedder.prepare(decode(p.read_bytes(), min_side=embedder.min_side).image)
            )
            for p in photos[start : start + BATCH]
        ]
        negatives = [ImageOps.invert(picture) for picture in pictures]
        grey = [ImageOps.grayscale(picture).convert("RGB") for picture in negatives]
        parts.append(
            [embedder.embed(list(map(np.asarray, views))) for views in (pictures, negatives, grey)]
        )
    return Views(*(np.concatenate(part).astype(np.float64) for part in zip(*parts, strict=True)))


def fit(views: Views, n_components: int = N_COMPONENTS, ridge: float = RIDGE) -> Basis:
    """Return the basis. Both views of a pair are taken both ways, so it is the same for both."""
    one = np.concatenate([views.photos, views.photos])
    other = np.concatenate([views.negatives, views.grey_negatives])
    mean = (one.mean(0) + other.mean(0)) / 2
    one, other = one - mean, other - mean
    within, between = one.T @ one + other.T @ other, one.T @ other + other.T @ one
    within += ridge * np.trace(within) / len(within) * np.eye(len(within))
    variances, axes = np.linalg.eigh(within)
    whitened = axes / np.sqrt(variances)
    correlations, rotation = np.linalg.eigh(whitened.T @ between @ whitened)
    chosen = np.argsort(-np.abs(correlations), kind="stable")[:n_components]
    components = (whitened @ rotation)[:, chosen] * np.abs(correlations[chosen])
    components /= np.abs(components).max()
    return Basis(mean, components, np.sign(correlations[chosen]))


def main() -> None:
    """Fit and write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("photos", type=Path)
    parser.add_argument("out", type=Path)
    options = parser.parse_args()
    photos, _ = split(options.photos, RECIPES["first"])
    basis = fit(embed_views(photos))
    np.savez(
        options.out,
        mean=basis.mean.astype(np.float32),
        components=basis.components.astype(np.float16),
        signs=basis.signs.astype(np.int8),
    )
    print(f"{len(photos)} photos, {basis.components.shape[1]} components: {options.out}")


if __name__ == "__main__":
    main()
