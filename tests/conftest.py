"""What several tests share: pictures, a small model, the command line."""

import io
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

#: Photos for tests by path; a clone of the repository alone has none.
PHOTOS = Path(__file__).parents[2] / "shared" / "photos"
EVALS = PHOTOS.parent / "evals"


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


@pytest.fixture
def photos(tmp_path):
    """A folder of 12 scenes, 00.jpg … 11.jpg, and a re-encoded copy of the first two."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for i in range(12):
        (folder / f"{i:02}.jpg").write_bytes(jpeg(scene(i)))
    (folder / "copy-of-00.jpg").write_bytes(jpeg(scene(0), quality=60))
    (folder / "copy-of-01.jpg").write_bytes(jpeg(scene(1).resize((120, 90))))
    return folder


@pytest.fixture(scope="session")
def photo_folder():
    """The folder of real photos, or a skip with the reason."""
    if not PHOTOS.is_dir():
        pytest.skip(f"real photos are not part of the repository (looked for {PHOTOS.name}/)")
    return PHOTOS


def fastdup_command(*words: object, **options) -> subprocess.CompletedProcess:
    """Run the command line in a process of its own."""
    command = [sys.executable, "-W", "error", "-m", "fastdup", *map(os.fspath, map(_word, words))]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, **options)


def _word(word: object) -> str | bytes | os.PathLike:
    return word if isinstance(word, str | bytes | os.PathLike) else str(word)
