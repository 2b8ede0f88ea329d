"""Changes of one place in a picture, with the box of what changed: to measure what is found.

`CHANGES` maps a kind to a function of a picture and a `random.Random`. `planted` adds the box, of
the pixels that really differ. Each covers 1 to 5 % of the area, or is one line of text.
"""

import math
import random
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

Picture = Image.Image
Change = Callable[[Picture, random.Random], Picture]
Box = tuple[int, int, int, int]

# fmt: off
WORDS = (
    "river", "green", "apple", "stone", "quiet", "paper", "window", "market", "signal", "train",
    "cloud", "garden",
)
# fmt: on
#: Steps of any channel from which on a pixel counts as changed.
VISIBLE = 16


def _place(image: Picture, rng: random.Random, shape: float = 1.0) -> Box:
    """Return a box of 1 to 5 % of the area, `shape` times as wide as high, somewhere."""
    area = rng.uniform(0.01, 0.05) * image.width * image.height
    width = min(image.width // 2, max(6, round(math.sqrt(area * shape))))
    height = min(image.height // 2, max(6, round(math.sqrt(area / shape))))
    left, top = rng.randint(0, image.width - width), rng.randint(0, image.height - height)
    return left, top, left + width, top + height


def _flat(image: Picture, rng: random.Random) -> Picture:
    """Cover a place with one colour."""
    colour = tuple(rng.randint(0, 255) for _ in range(3))
    ImageDraw.Draw(image).rectangle(_place(image, rng, 2.0), fill=colour)
    return image


def _moved(image: Picture, rng: random.Random) -> Picture:
    """Cover a place with another part of the same picture, as a retoucher does."""
    left, top, right, bottom = _place(image, rng)
    x, y = rng.randint(0, image.width - (right - left)), rng.randint(0, image.height - bottom + top)
    image.paste(image.crop((x, y, x + right - left, y + bottom - top)), (left, top))
    return image


def _patch(image: Picture, rng: random.Random) -> Picture:
    """Put a small other picture there: shapes on a ground."""
    left, top, right, bottom = _place(image, rng)
    patch = Image.new("RGB", (64, 64), tuple(rng.randint(0, 255) for _ in range(3)))
    draw = ImageDraw.Draw(patch)
    for _ in range(7):
        x, y, side = rng.randint(-8, 56), rng.randint(-8, 56), rng.randint(8, 32)
        fill = tuple(rng.randint(0, 255) for _ in range(3))
        rng.choice([draw.ellipse, draw.rectangle])((x, y, x + side, y + side), fill=fill)
    image.paste(patch.resize((right - left, bottom - top)), (left, top))
    return image


def _caption(image: Picture, rng: random.Random) -> Picture:
    """Write two words."""
    font = ImageFont.load_default(size=max(11, image.height // 12))
    text, draw = " ".join(rng.sample(WORDS, 2)), ImageDraw.Draw(image)
    _, _, right, bottom = draw.textbbox((0, 0), text, font=font)
    left = rng.randint(0, max(1, image.width - round(right)))
    top = rng.randint(0, max(1, image.height - round(bottom) - 2))
    draw.text((left, top), text, rng.choice(["white", "black", "red"]), font)
    return image


def _smudged(image: Picture, rng: random.Random) -> Picture:
    """Make a place unrecognisable, as faces and number plates are."""
    box = _place(image, rng)
    part = image.crop(box).filter(ImageFilter.GaussianBlur(max(4, (box[2] - box[0]) // 6)))
    image.paste(part, box[:2])
    return image


CHANGES: dict[str, Change] = {
    "caption": _caption,
    "flat": _flat,
    "moved": _moved,
    "patch": _patch,
    "smudged": _smudged,
}


def planted(image: Picture, kind: str, seed: str) -> tuple[Picture, Box]:
    """Return the picture with a change of that kind, and the box of what changed.

    Places where nearly nothing would change, such as text of the ground's colour, are not taken.
    """
    for attempt in range(20):
        changed = CHANGES[kind](image.copy(), random.Random(f"{seed} {kind} {attempt}"))
        steps = np.abs(np.asarray(changed, np.int16) - np.asarray(image, np.int16)).max(2)
        rows, columns = np.nonzero(steps > VISIBLE)
        least = 0.001 if kind == "caption" else 0.008
        if len(rows) >= least * steps.size:
            box = columns.min(), rows.min(), columns.max() + 1, rows.max() + 1
            return changed, tuple(int(side) for side in box)
    raise ValueError(f"no place for a change of the kind {kind} in 20 attempts")
