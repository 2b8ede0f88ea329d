"""Perceptual hashes as descriptors: PDQ with 256 bits and pHash with 64.

An image becomes one row of bits, or one row for each of its eight orientations. The similarity of
two images is the largest share of equal bits. An exact search over all pairs finds the nearest
neighbours.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

BLOCK = 256


def pdq_bits(image: Image.Image) -> np.ndarray:
    """Return the 256 bits of PDQ, as its reference library computes them."""
    import pdqhash

    bits, _quality = pdqhash.compute(np.asarray(image))
    return np.asarray([bits], bool)


def pdq_bits_of_orientations(image: Image.Image) -> np.ndarray:
    """Return the 256 bits of PDQ for the image upright, turned and mirrored, upright first."""
    import pdqhash

    bits, _quality = pdqhash.compute_dihedral(np.asarray(image))
    return np.asarray(bits, bool)


def phash_bits(image: Image.Image) -> np.ndarray:
    """Return the 64 bits of pHash, as the package ImageHash computes them by default."""
    import imagehash

    return np.asarray(imagehash.phash(image).hash, bool).reshape(1, -1)


DESCRIPTORS: dict[str, Callable[[Image.Image], np.ndarray]] = {
    "pdq": pdq_bits,
    "pdq8": pdq_bits_of_orientations,
    "phash": phash_bits,
}


def nearest(bits: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the k nearest other images of each image, nearest first, ties by lower index.

    Parameters
    ----------
    bits : ndarray of bool, shape (n, orientations, d)
        Each orientation of an image is compared with the first one of the others.
    k : int
        At most n - 1.

    Returns
    -------
    indices : ndarray of int, shape (n, k)
    similarities : ndarray of float, shape (n, k)
        Share of bits that agree, 0 to 1.
    """
    n, n_orientations, n_bits = bits.shape
    signs = np.where(bits, 1, -1).astype(np.float32)
    indices = np.empty((n, k), int)
    similarities = np.empty((n, k))
    for start in range(0, n, BLOCK):
        stop = min(n, start + BLOCK)
        agreement = np.full((stop - start, n), -np.inf, np.float32)
        for i in range(n_orientations):  # agreeing minus disagreeing bits, exact in float32
            np.maximum(agreement, signs[start:stop, i] @ signs[:, 0].T, out=agreement)
        agreement[np.arange(stop - start), np.arange(start, stop)] = -np.inf
        order = np.argsort(-agreement, axis=1, kind="stable")[:, :k]
        indices[start:stop] = order
        similarities[start:stop] = np.take_along_axis(agreement, order, 1) / (2 * n_bits) + 0.5
    return indices, similarities


def hash_pairs(images: Path, name: str, k: int) -> list[tuple[str, str, float]]:
    """Return `(from, to, similarity)` for the k nearest others of each image by the hash `name`."""
    paths = sorted(images.iterdir())
    rows = []
    for path in paths:
        with Image.open(path) as image:
            rows.append(DESCRIPTORS[name](image.convert("RGB")))
    indices, similarities = nearest(np.stack(rows), min(k, len(paths) - 1))
    return [
        (path.name, paths[j].name, float(similarity))
        for path, near, values in zip(paths, indices, similarities, strict=True)
        for j, similarity in zip(near, values, strict=True)
    ]
