"""The main job on a few pictures made here; fails where a planted copy is not found."""

import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

import fastdup

with tempfile.TemporaryDirectory() as folder:
    photos, out = Path(folder, "photos"), Path(folder, "out")
    photos.mkdir()
    for seed in range(12):
        coarse = np.random.default_rng(seed).integers(0, 256, (5, 6, 3), dtype=np.uint8)
        Image.fromarray(coarse).resize((300, 200)).save(photos / f"{seed:02}.png")
    Image.open(photos / "03.png").resize((150, 100)).save(photos / "copy-of-03.jpg")
    assert fastdup.run(photos, out) == 0
    assert "copy-of-03.jpg" in (out / "similarity.csv").read_text()
