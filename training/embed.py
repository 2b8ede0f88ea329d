"""Run an exported model over picture files, fed as the package feeds them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from onnxruntime import InferenceSession
from PIL import Image

from fastdup.images import decode
from training.config import Config

BATCH = 32


def load_picture(path: Path, side: int) -> NDArray[np.uint8]:
    """Decode a file as the package does, and squash it to a square.

    Returns
    -------
    ndarray of uint8, shape (side, side, 3)
        RGB.
    """
    picture = decode(path.read_bytes(), min_side=side).image
    return np.asarray(picture.resize((side, side), Image.Resampling.BOX))


def prepare(paths: Sequence[Path], config: Config) -> NDArray[np.uint8]:
    """Return the model's input for picture files, shape (n, side, side, 3)."""
    return np.stack([load_picture(path, config.input_side) for path in paths])


def embed(paths: Sequence[Path], session: InferenceSession, config: Config) -> NDArray[np.float32]:
    """Return the unit vectors of picture files, shape (n, embedding)."""
    rows = []
    for start in range(0, len(paths), BATCH):
        images = prepare(paths[start : start + BATCH], config)
        rows.append(session.run(["features"], {"images": images})[0])
    return np.concatenate(rows)
