"""Pictures made on the spot, and where real ones may be."""

import io
from pathlib import Path

import numpy as np
from PIL import Image

#: Real photos, and what plants copies among them, may lie beside a clone; in it they do not.
SHARED = Path(__file__).parents[2] / "shared"
PHOTOS, EVALS = SHARED / "photos", SHARED / "evals"


def scene(seed: int, size: tuple[int, int] = (200, 150)) -> Image.Image:
    """Return a picture of a few large coloured shapes, different for each seed."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (5, 6, 3), dtype=np.uint8)
    smooth = Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC)
    blocks = Image.fromarray(rng.integers(0, 256, (3, 4, 3), dtype=np.uint8))
    mask = Image.fromarray((rng.random((7, 9)) > 0.6).astype(np.uint8) * 255)
    smooth.paste(blocks.resize(size, Image.Resampling.NEAREST), mask=mask.resize(size))
    return smooth


def jpeg(image: Image.Image, quality: int = 90) -> bytes:
    """Return the picture as the bytes of a JPEG file."""
    data = io.BytesIO()
    image.save(data, "JPEG", quality=quality)
    return data.getvalue()
