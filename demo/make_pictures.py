"""Make a small folder of pictures with planted copies, an odd one out and two broken files.

usage: make_pictures.py OUT

The originals are scenes cut from the two photographs that scikit-learn carries, and generated
pictures of falling leaves. OUT-planted.csv lists which file is a copy of which.
"""

import contextlib
import csv
import io
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont, ImageOps
from sklearn.datasets import load_sample_image

SEED = 11
SCENE_SIZE = (320, 240)
N_LEAF_PICTURES = 12


def caption(image: Image.Image) -> Image.Image:
    """Write a line over the picture."""
    image = image.copy()
    font = ImageFont.load_default(size=26)
    ImageDraw.Draw(image).text((16, 16), "wish you were here", fill="white", font=font)
    return image


def frame(image: Image.Image) -> Image.Image:
    """Put a white frame around the picture."""
    return ImageOps.expand(image, 18, fill="white")


def crop(image: Image.Image) -> Image.Image:
    """Cut a margin away, a different one on each side."""
    width, height = image.size
    return image.crop((width // 12, height // 10, width - width // 20, height - height // 16))


EDITS: dict[str, Callable[[Image.Image], Image.Image]] = {
    "blurred": lambda image: image.filter(ImageFilter.GaussianBlur(1.5)),
    "brighter": lambda image: ImageEnhance.Brightness(image).enhance(1.15),
    "captioned": caption,
    "cropped": crop,
    "framed": frame,
    "faded": lambda image: ImageEnhance.Color(image).enhance(0.4),
    "mirrored": ImageOps.mirror,
    "reencoded": lambda image: image,
    "small": lambda image: image.resize((160, 120)),
    "turned": lambda image: image.transpose(Image.Transpose.ROTATE_90),
}


def scenes() -> list[Image.Image]:
    """Return twelve scenes, none sharing a pixel with another: 3 × 2 of each photograph."""
    found = []
    for name in ("china.jpg", "flower.jpg"):
        photo = load_sample_image(name)
        height, width = photo.shape[0] // 2, photo.shape[1] // 3
        for row in range(2):
            for column in range(3):
                tile = photo[row * height :, column * width :][:height, :width]
                found.append(Image.fromarray(tile).resize(SCENE_SIZE))
    return found


def leaves(rng: np.random.Generator) -> Image.Image:
    """Return discs of a few colours, one over the other."""
    picture = Image.new("RGB", SCENE_SIZE)
    draw = ImageDraw.Draw(picture)
    palette = rng.integers(0, 256, (6, 3))
    for _ in range(400):
        radius = 4 + 60 * rng.random() ** 3
        x, y = rng.random() * SCENE_SIZE[0], rng.random() * SCENE_SIZE[1]
        colour = tuple(int(c) for c in palette[rng.integers(len(palette))])
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)
    return picture


def odd_one_out(rng: np.random.Generator) -> Image.Image:
    """Return coloured noise: it resembles nothing else here."""
    noise = rng.integers(0, 256, (SCENE_SIZE[1] // 4, SCENE_SIZE[0] // 4, 3), dtype=np.uint8)
    return Image.fromarray(noise).resize(SCENE_SIZE, Image.Resampling.NEAREST)


def make_pictures(out: Path, originals: Sequence[Image.Image] = ()) -> list[tuple[str, str, str]]:
    """Fill the folder `out` and return (copy, original, edit) of each planted copy.

    Without `originals` they are the scenes and the leaves.
    """
    rng = np.random.default_rng(SEED)
    shutil.rmtree(out, ignore_errors=True)
    for folder in ("album", "album/copies", "broken"):
        (out / folder).mkdir(parents=True)
    originals = originals or [*scenes(), *(leaves(rng) for _ in range(N_LEAF_PICTURES))]
    copies = []
    for number, image in enumerate(originals):
        original = f"album/{number:02}.jpg"
        image.save(out / original, quality=92)
        edit = list(EDITS)[number % len(EDITS)]
        copy = f"album/copies/{number:02}-{edit}.{'png' if edit == 'faded' else 'jpg'}"
        EDITS[edit](image).save(out / copy, quality=80)
        copies.append((copy, original, edit))
    shutil.copy(out / "album/00.jpg", out / "album/copies/00-same-bytes.jpg")
    copies.append(("album/copies/00-same-bytes.jpg", "album/00.jpg", "same bytes"))
    odd_one_out(rng).save(out / "album/odd-one-out.png")
    _make_broken(originals[0], out / "broken")
    return copies


def _make_broken(image: Image.Image, out: Path) -> None:
    whole = io.BytesIO()
    image.save(whole, "JPEG")
    (out / "cut-short.jpg").write_bytes(whole.getvalue()[: len(whole.getvalue()) // 2])
    (out / "not-an-image.jpg").write_text("This is a text that calls itself a picture.\n")


def main() -> None:
    """Make the pictures and write down what was planted, beside them; once."""
    out = Path(sys.argv[1])
    planted = out.with_name(out.name + "-planted.csv")
    if planted.exists() and out.exists():  # a run may be reading them
        print(f"{out} has its pictures already")
        return
    shutil.rmtree(out, ignore_errors=True)
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent) as making:
        copies = make_pictures(Path(making) / out.name)
        with contextlib.suppress(OSError):  # another one has put the same pictures there
            os.rename(Path(making) / out.name, out)
    with open(planted, "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("copy", "original", "edit"))
        writer.writerows(copies)
    print(f"made {sum(p.is_file() for p in out.rglob('*'))} files in {out}, {len(copies)} copies")


if __name__ == "__main__":
    main()
