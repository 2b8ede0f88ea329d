"""Pictures made on the spot, and where real ones may be."""

import io
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

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


def textured_scene(seed: int, size: tuple[int, int] = (400, 300)) -> Image.Image:
    """Return a picture with detail at all scales, as photos have it, different for each seed."""
    return _textured_scene(seed, size).copy()


@lru_cache(maxsize=32)
def _textured_scene(seed: int, size: tuple[int, int]) -> Image.Image:
    rng = np.random.default_rng(seed)
    total = np.zeros((size[1], size[0], 3), np.float32)
    for n_cells in (3, 6, 12, 24, 48):
        light = rng.integers(0, 256, (n_cells, n_cells + 1, 1))
        coarse = (0.7 * light + 0.3 * rng.integers(0, 256, (n_cells, n_cells + 1, 3))).astype(
            np.uint8
        )
        smooth = Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC)
        total += (np.asarray(smooth, np.float32) - 128) / n_cells**0.35
    picture = Image.fromarray((128 + total * 0.7).clip(20, 235).astype(np.uint8))
    draw = ImageDraw.Draw(picture)
    for _ in range(40):
        x, y = (int(rng.integers(0, side)) for side in size)
        width, height = (int(rng.integers(8, 50)) for _ in range(2))
        colour = tuple(int(value) for value in rng.integers(20, 236, 3))
        shape = draw.ellipse if rng.random() < 0.5 else draw.rectangle
        shape((x, y, x + width, y + height), fill=colour)
    return picture


def jpeg(image: Image.Image, quality: int = 90) -> bytes:
    """Return the picture as the bytes of a JPEG file."""
    data = io.BytesIO()
    image.save(data, "JPEG", quality=quality)
    return data.getvalue()


def reopened(image: Image.Image, quality: int = 90) -> Image.Image:
    """Return the picture as it is after saving it as a JPEG."""
    return Image.open(io.BytesIO(jpeg(image, quality))).convert("RGB")


def photo(seed: int, size: tuple[int, int] = (640, 480)) -> Image.Image:
    """Return a picture with as much detail as a photo has, different for each seed."""
    return _photo(seed, size).copy()


@lru_cache(maxsize=32)
def _photo(seed: int, size: tuple[int, int]) -> Image.Image:
    rng = np.random.default_rng(seed)
    total = np.zeros((size[1], size[0], 3))
    for n_cells in (3, 6, 12, 24, 48, 96):
        coarse = Image.fromarray(rng.integers(0, 256, (n_cells, n_cells, 3), dtype=np.uint8))
        total += np.asarray(coarse.resize(size, Image.Resampling.BICUBIC), float) / n_cells**0.7
    total -= total.min()
    picture = Image.fromarray((total * 255 / total.max()).astype(np.uint8))
    draw = ImageDraw.Draw(picture)
    for _ in range(40):
        x, y = rng.integers(0, size[0]), rng.integers(0, size[1])
        across, down = rng.integers(10, max(size[0] // 6, 11), 2)
        colour = tuple(rng.integers(0, 256, 3).tolist())
        shape = (draw.rectangle, draw.ellipse)[int(rng.integers(2))]
        shape((x, y, x + across, y + down), fill=colour, outline=tuple(255 - c for c in colour))
    return picture


def opened_jpeg(data: bytes) -> Image.Image:
    """Return the picture of a JPEG file."""
    return Image.open(io.BytesIO(data)).convert("RGB")


#: A small picture as a file; what follows its end changes the bytes, but not what is shown.
SMALL_JPEG = jpeg(scene(7, (160, 120)))
