"""Edits that make copies as they are met every day: the first half of the quality benchmark.

`EDITS` is the table that `planter` uses by default: saved again, resized, toned, cropped, framed,
turned, written on. A kind is here only when a person who sees both pictures would say that one was
made from the other. Deterministic: all chance comes from the `random.Random` handed in.
"""

import io
import random
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter, ImageFont, ImageOps

Picture = Image.Image
Edit = Callable[[Picture, random.Random], Picture]

_WORDS = ("summer", "market", "from", "the", "river", "with", "three", "friends", "at", "noon")


def _colour(rng: random.Random, low: int = 0, high: int = 255) -> tuple[int, int, int]:
    return rng.randint(low, high), rng.randint(low, high), rng.randint(low, high)


def _either(rng: random.Random, low: float, high: float) -> float:
    """Return a factor between `low` and `high`, or its inverse."""
    factor = rng.uniform(low, high)
    return factor if rng.random() < 0.5 else 1 / factor


def _resized(image: Picture, width: float, height: float) -> Picture:
    size = max(8, round(image.width * width)), max(8, round(image.height * height))
    return image.resize(size, Image.Resampling.BICUBIC)


def _saved(quality: int) -> Edit:
    def save(image: Picture, rng: random.Random) -> Picture:
        file = io.BytesIO()
        image.save(file, "JPEG", quality=quality)
        return Image.open(file).convert("RGB")

    return save


def _scaled(share: float) -> Edit:
    return lambda image, rng: _resized(image, share, share)


def _cropped(area: float) -> Edit:
    """Return an edit that keeps a share of the area, somewhere in the picture."""

    def crop(image: Picture, rng: random.Random) -> Picture:
        stretch = rng.uniform(0.9, 1.1)
        width = round(image.width * min(1, area**0.5 * stretch))
        height = round(image.height * min(1, area**0.5 / stretch))
        left, top = rng.randint(0, image.width - width), rng.randint(0, image.height - height)
        return image.crop((left, top, left + width, top + height))

    return crop


def _tilted(degrees: float) -> Edit:
    """Return an edit that turns by some degrees, to either side, on a plain ground."""

    def tilt(image: Picture, rng: random.Random) -> Picture:
        angle = rng.choice([-1, 1]) * degrees
        ground = rng.choice([(0, 0, 0), (255, 255, 255)])
        return image.rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor=ground)

    return tilt


def _turned(turn: Image.Transpose) -> Edit:
    return lambda image, rng: image.transpose(turn)


def _enhanced(kind: Callable[[Picture], ImageEnhance._Enhance], low: float, high: float) -> Edit:
    return lambda image, rng: kind(image).enhance(_either(rng, low, high))


def _thumb128(image: Picture, rng: random.Random) -> Picture:
    return ImageOps.contain(image, (128, 128))


def _aspect(image: Picture, rng: random.Random) -> Picture:
    return _resized(image, _either(rng, 1.15, 1.35), 1)


def _gamma(image: Picture, rng: random.Random) -> Picture:
    exponent = _either(rng, 1.4, 1.9)
    return image.point([round(255 * (v / 255) ** exponent) for v in range(256)] * 3)


def _gray(image: Picture, rng: random.Random) -> Picture:
    return ImageOps.grayscale(image).convert("RGB")


def _hue(image: Picture, rng: random.Random) -> Picture:
    hue, saturation, value = image.convert("HSV").split()
    shift = rng.choice([-1, 1]) * rng.randint(15, 40)
    hue = hue.point([(v + shift) % 256 for v in range(256)])
    return Image.merge("HSV", (hue, saturation, value)).convert("RGB")


def _blur(image: Picture, rng: random.Random) -> Picture:
    return image.filter(ImageFilter.GaussianBlur(min(image.size) * rng.uniform(0.006, 0.014)))


def _sharpen(image: Picture, rng: random.Random) -> Picture:
    return image.filter(ImageFilter.UnsharpMask(2, rng.randint(120, 220), 2))


def _noise(image: Picture, rng: random.Random) -> Picture:
    source = np.random.default_rng(rng.getrandbits(64))
    values = np.asarray(image, np.float32)
    noisy = values + source.normal(0, rng.uniform(10, 22), values.shape)
    return Image.fromarray(noisy.clip(0, 255).astype(np.uint8))


def _border(image: Picture, rng: random.Random) -> Picture:
    width = max(2, round(min(image.size) * rng.uniform(0.03, 0.1)))
    return ImageOps.expand(image, width, fill=_colour(rng))


def _letterbox(image: Picture, rng: random.Random) -> Picture:
    """Put bars at two sides, as for a screen of another shape."""
    width, height = image.size
    bar = round(max(image.size) * rng.uniform(0.12, 0.25))
    is_upright = height > width
    size = (width + 2 * bar, height) if is_upright else (width, height + 2 * bar)
    page = Image.new("RGB", size, (0, 0, 0))
    page.paste(image, (bar, 0) if is_upright else (0, bar))
    return page


def _font(height: float) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size=max(9, round(height)))


def _sentence(rng: random.Random, n_words: int) -> str:
    return " ".join(rng.choices(_WORDS, k=n_words))


def _text(image: Picture, rng: random.Random) -> Picture:
    """Write a line across the picture."""
    written = image.copy()
    height = image.height * rng.uniform(0.06, 0.12)
    place = image.width * 0.04, rng.uniform(0.05, 0.8) * image.height
    ink, edge = rng.choice([((255, 255, 255), (0, 0, 0)), ((255, 230, 0), (0, 0, 0))])
    font = _font(height)
    draw = ImageDraw.Draw(written)
    draw.text(place, _sentence(rng, 5), ink, font, stroke_width=2, stroke_fill=edge)
    return written


def _watermark(image: Picture, rng: random.Random) -> Picture:
    """Write the same word all over, half transparent."""
    layer = Image.new("L", image.size, 0)
    draw, font = ImageDraw.Draw(layer), _font(image.height * 0.07)
    word = rng.choice(_WORDS).upper()
    for row in range(6):
        for column in range(4):
            x = (column + row % 2 / 2) * image.width / 3.5
            draw.text((x, row * image.height / 5.5), word, rng.randint(70, 120), font)
    return Image.composite(Image.new("RGB", image.size, (255, 255, 255)), image, layer)


def _logo(image: Picture, rng: random.Random) -> Picture:
    """Put a badge of two colours in a corner."""
    marked = image.copy()
    side = round(min(image.size) * rng.uniform(0.14, 0.24))
    left = rng.choice([side // 4, image.width - side - side // 4])
    top = rng.choice([side // 4, image.height - side - side // 4])
    draw = ImageDraw.Draw(marked)
    draw.ellipse((left, top, left + side, top + side), fill=_colour(rng))
    inner = side // 4
    box = (left + inner, top + inner, left + side - inner, top + side - inner)
    draw.rectangle(box, fill=_colour(rng, 160))
    return marked


def _screenshot(image: Picture, rng: random.Random) -> Picture:
    """Show the picture on a page with a bar above, buttons, and lines of text below."""
    width = round(image.width * rng.uniform(1.1, 1.4))
    bar, below = round(image.height * 0.12), round(image.height * rng.uniform(0.2, 0.4))
    page = Image.new("RGB", (width, bar + image.height + below), (250, 250, 250))
    draw = ImageDraw.Draw(page)
    draw.rectangle((0, 0, width, bar), fill=_colour(rng, 30, 220))
    for number in range(3):
        left = bar * (number + 0.3)
        draw.ellipse((left, bar * 0.3, left + bar * 0.4, bar * 0.7), fill=(255, 255, 255))
    left = (width - image.width) // 2
    page.paste(image, (left, bar))
    for number in range(3):
        top = bar + image.height + below * (0.15 + 0.27 * number)
        draw.text((left, top), _sentence(rng, 7), (40, 40, 40), _font(below * 0.16))
    return page


def _shapes(size: tuple[int, int], rng: random.Random) -> Picture:
    """Return another picture: large smooth colours with shapes before them."""
    source = np.random.default_rng(rng.getrandbits(64))
    coarse = Image.fromarray(source.integers(0, 256, (4, 5, 3), dtype=np.uint8))
    page = coarse.resize(size, Image.Resampling.BICUBIC)
    draw = ImageDraw.Draw(page)
    for _ in range(6):
        x, y = rng.uniform(0, size[0]), rng.uniform(0, size[1])
        reach = rng.uniform(0.05, 0.25) * min(size)
        shape = rng.choice([draw.ellipse, draw.rectangle])
        shape((x - reach, y - reach, x + reach, y + reach), fill=_colour(rng))
    return page


def _collage(image: Picture, rng: random.Random) -> Picture:
    """Put another picture of the same size beside or below."""
    other = _shapes(image.size, rng)
    pair = rng.choice([(image, other), (other, image)])
    is_wide = rng.random() < 0.5
    width, height = image.size
    page = Image.new("RGB", (2 * width, height) if is_wide else (width, 2 * height))
    page.paste(pair[0], (0, 0))
    page.paste(pair[1], (width, 0) if is_wide else (0, height))
    return page


def _shifted(image: Picture, rng: random.Random) -> Picture:
    """Move by a few per cent; what leaves at one side comes in at the other."""
    x, y = (round(rng.choice([-1, 1]) * rng.uniform(0.02, 0.05) * side) for side in image.size)
    return ImageChops.offset(image, x, y)


def _combo(image: Picture, rng: random.Random) -> Picture:
    """Apply two or three mild edits, one after the other."""
    for edit in rng.sample(_MILD, rng.randint(2, 3)):
        image = edit(image, rng)
    return _saved(rng.randint(40, 70))(image, rng)


def _combo_hard(image: Picture, rng: random.Random) -> Picture:
    """Crop to 60 %, change the colours, add something, and save with little quality."""
    image = _cropped(0.6)(image, rng)
    image = rng.choice([_gray, _hue, _gamma])(image, rng)
    image = rng.choice([_text, _logo, _border, _screenshot])(image, rng)
    return _saved(rng.randint(15, 30))(_resized(image, 0.6, 0.6), rng)


_MILD: tuple[Edit, ...] = (
    _cropped(0.9),
    _scaled(0.6),
    _gamma,
    _border,
    _text,
    _tilted(2),
    _enhanced(ImageEnhance.Color, 1.4, 1.8),
)

EDITS: dict[str, Edit] = {
    "aspect": _aspect,
    "blur": _blur,
    "border": _border,
    "bright": _enhanced(ImageEnhance.Brightness, 1.25, 1.5),
    "collage": _collage,
    "combo": _combo,
    "combo_hard": _combo_hard,
    "contrast": _enhanced(ImageEnhance.Contrast, 1.3, 1.7),
    "crop30": _cropped(0.3),
    "crop50": _cropped(0.5),
    "crop70": _cropped(0.7),
    "crop90": _cropped(0.9),
    "double": _scaled(2),
    "gamma": _gamma,
    "gray": _gray,
    "half": _scaled(0.5),
    "hue": _hue,
    "jpeg_q20": _saved(20),
    "jpeg_q50": _saved(50),
    "letterbox": _letterbox,
    "logo": _logo,
    "mirror": _turned(Image.Transpose.FLIP_LEFT_RIGHT),
    "noise": _noise,
    "rot10": _tilted(10),
    "rot180": _turned(Image.Transpose.ROTATE_180),
    "rot3": _tilted(3),
    "rot90": _turned(Image.Transpose.ROTATE_90),
    "saturate": _enhanced(ImageEnhance.Color, 1.5, 2.2),
    "screenshot": _screenshot,
    "sharpen": _sharpen,
    "shift": _shifted,
    "text": _text,
    "thumb128": _thumb128,
    "watermark": _watermark,
}
