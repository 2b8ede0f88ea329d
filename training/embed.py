"""Run an exported model over picture files, fed as the package feeds them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from onnxruntime import InferenceSession
from PIL import Image

from training.config import Config

BATCH = 32


def load_picture(path: Path, side: int) -> NDArray[np.uint8]:
    """Decode a file and squash it to a square.

    Large pictures are first halved, in the decoder or after it, while both sides keep twice the
    wanted one.

    Returns
    -------
    ndarray of uint8, shape (side, side, 3)
        RGB.
    """
    enough = 2 * side
    with Image.open(path) as file:
        file.draft(None, (enough, enough))
        picture = file.convert("RGB")
    factor = 1
    while min(picture.size) // (2 * factor) >= enough:
        factor *= 2
    picture = picture.reduce(factor)
    return np.asarray(picture.resize((side, side), Image.Resampling.BILINEAR))


def embed(paths: Sequence[Path], session: InferenceSession, config: Config) -> NDArray[np.float32]:
    """Return the unit vectors of picture files, shape (n, embedding)."""
    rows = []
    for start in range(0, len(paths), BATCH):
        batch = [load_picture(path, config.input_side) for path in paths[start : start + BATCH]]
        images = np.stack(batch).transpose(0, 3, 1, 2).astype(np.float32)
        images = (images - np.float32(config.mean)) / np.float32(config.std)
        rows.append(session.run(["features"], {"images": images})[0])
    return np.concatenate(rows)
