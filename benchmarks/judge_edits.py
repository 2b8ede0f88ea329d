"""Edits that are hard to judge: the third table, for what one squashed view does not show.

Screens, stories, pages and grids that contain the picture; parts of it; covers; copies on paper;
and changes of tone that keep the content. `plant.py --edits benchmarks/judge_edits.py` plants
them. No name is in the tables of `common_edits.py` and `edits.py`. Deterministic: all chance comes
from the `random.Random` that is passed in.

The file imports no other module of this folder, because it is loaded by its path.
"""

import math
import random
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont, ImageOps

Picture = Image.Image
Colour = tuple[int, int, int]
Edit = Callable[[Picture, random.Random], Picture]

LETTERS = "abcdefghilmnoprstu     "


# --- what the edits share --------------------------------------------------------------------


def _colour(rng: random.Random, low: int = 0, high: int = 255) -> Colour:
    return rng.randint(low, high), rng.randint(low, high), rng.randint(low, high)


def _font(size: float) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size=max(9, round(size)))


def _line(rng: random.Random, n_letters: int) -> str:
    return "".join(rng.choice(LETTERS) for _ in range(n_letters))


def _as_wide(image: Picture, width: int, highest: int) -> Picture:
    """Return the picture scaled to a width, or to a height where that is less."""
    factor = min(width / image.width, highest / image.height)
    size = (max(8, round(side * factor)) for side in image.size)
    return image.resize(tuple(size), Image.Resampling.LANCZOS)


def _other(size: tuple[int, int], rng: random.Random) -> Picture:
    """Return another picture: clouds of colour, shapes before them, and grain."""
    source = np.random.default_rng(rng.getrandbits(64))
    ground = Image.fromarray(source.integers(0, 256, (4, 5, 3), dtype=np.uint8))
    ground = ground.resize(size, Image.Resampling.BICUBIC)
    draw = ImageDraw.Draw(ground)
    for _ in range(rng.randint(6, 14)):
        x, y = rng.randint(0, size[0]), rng.randint(0, size[1])
        width, height = (rng.randint(4, 3 + max(4, side // 4)) for side in size)
        shape = rng.choice([draw.ellipse, draw.rectangle])
        shape((x, y, x + width, y + height), fill=_colour(rng))
    grain = source.normal(0, 6, (size[1], size[0], 1))
    return _to_picture(np.asarray(ground, np.float32) + grain)


def _to_picture(values: np.ndarray) -> Picture:
    return Image.fromarray(values.clip(0, 255).round().astype(np.uint8))


def _by_levels(level: Callable[[int], float]) -> Edit:
    """Return an edit that maps the levels of each channel."""
    return lambda image, rng: image.point(lambda value: round(level(value)))


# --- the picture in something larger ---------------------------------------------------------


def _phone_screenshot(image: Picture, rng: random.Random) -> Picture:
    """Show the picture in a phone's gallery: status bar above, buttons below."""
    width, height = 400, 860
    ground = rng.choice([(0, 0, 0), (255, 255, 255)])
    screen = Image.new("RGB", (width, height), ground)
    shown = _as_wide(image, width, 640)
    screen.paste(shown, ((width - shown.width) // 2, (height - shown.height) // 2))
    draw, grey = ImageDraw.Draw(screen), (128, 128, 128)
    draw.text((15, 8), f"{rng.randint(0, 23)}:{rng.randint(10, 59)}", grey, _font(16))
    draw.text((335, 8), f"{rng.randint(5, 99)}%", grey, _font(16))
    draw.text((25, 815), "<    Share    Edit    Delete", grey, _font(20))
    return screen


def _story_frame(image: Picture, rng: random.Random) -> Picture:
    """Lay the picture on a blurred enlargement of itself, with a line of text."""
    size = (360, 640)
    frame = image.resize(size).filter(ImageFilter.GaussianBlur(20))
    shown = _as_wide(image, round(size[0] * rng.uniform(0.78, 0.92)), 480)
    frame.paste(shown, ((size[0] - shown.width) // 2, (size[1] - shown.height) // 2))
    text = rng.choice(["look at this", "so good", "where is this?"])
    ImageDraw.Draw(frame).text((40, 40), text, (255, 255, 255), _font(28))
    return frame


def _on_page(share: float) -> Edit:
    """Return an edit that sets the picture into a page of text, as wide as a share of it."""

    def set_page(image: Picture, rng: random.Random) -> Picture:
        width, height = 700, 900
        page = Image.new("RGB", (width, height), (255, 255, 255))
        draw = ImageDraw.Draw(page)
        draw.text((40, 24), _line(rng, 24).title(), (20, 20, 20), _font(24))
        for y in range(66, height - 30, 18):
            draw.text((40, y), _line(rng, 90), (0, 0, 0), _font(12))
        shown = _as_wide(image, round(width * share), 600)
        left = rng.randint(30, width - shown.width - 30)
        top = rng.randint(60, height - shown.height - 60)
        box = (left - 8, top - 8, left + shown.width + 8, top + shown.height + 8)
        draw.rectangle(box, fill=(255, 255, 255))
        page.paste(shown, (left, top))
        return page

    return set_page


def _in_grid(n_along: int, side: int) -> Edit:
    """Return an edit that makes the picture, cut to a square, one of many in a grid."""

    def set_grid(image: Picture, rng: random.Random) -> Picture:
        gap = 4
        length = n_along * side + (n_along - 1) * gap
        page = Image.new("RGB", (length, length), _colour(rng))
        tiles = [_other((side, side), rng) for _ in range(n_along**2 - 1)]
        tiles.insert(rng.randrange(n_along**2), ImageOps.fit(image, (side, side)))
        for number, tile in enumerate(tiles):
            row, column = divmod(number, n_along)
            page.paste(tile, (column * (side + gap), row * (side + gap)))
        return page

    return set_grid


def _contact_sheet(image: Picture, rng: random.Random) -> Picture:
    """Show the picture, uncut, as one of twenty with a number below each."""
    columns, rows, width, height = 5, 4, 170, 150
    page = Image.new("RGB", (columns * width, rows * height), (250, 250, 250))
    draw, place = ImageDraw.Draw(page), rng.randrange(columns * rows)
    for number in range(columns * rows):
        shown = image if number == place else _other((320, 240), rng)
        shown = _as_wide(shown, width - 16, height - 30)
        left, top = number % columns * width + 8, number // columns * height + 6
        page.paste(shown, (left + (width - 16 - shown.width) // 2, top))
        draw.text((left + 40, top + height - 28), f"IMG_{rng.randint(1000, 9999)}", 0, _font(11))
    return page


def _desktop(image: Picture, rng: random.Random) -> Picture:
    """Show the picture in a window on a screen, beside a window of text."""
    screen = _other((1280, 800), rng)
    draw = ImageDraw.Draw(screen)
    draw.rectangle((0, 0, 1280, 24), fill=(40, 40, 44))
    draw.rectangle((60, 80, 660, 740), fill=(255, 255, 255))
    for y in range(100, 720, 20):
        draw.text((76, y), _line(rng, 70), (30, 30, 30), _font(14))
    shown = _as_wide(image, 340, 300)
    left, top = rng.randint(680, 1260 - shown.width), rng.randint(120, 480)
    draw.rectangle((left - 2, top - 26, left + shown.width + 1, top), fill=(210, 210, 214))
    screen.paste(shown, (left, top))
    return screen


def _before_after(image: Picture, rng: random.Random) -> Picture:
    """Show the picture beside its own pale version."""
    pale = ImageEnhance.Brightness(ImageEnhance.Color(image).enhance(0.2)).enhance(1.2)
    both = [image, pale]
    rng.shuffle(both)
    page = Image.new("RGB", (2 * image.width, image.height))
    for number, half in enumerate(both):
        page.paste(half, (number * image.width, 0))
    return page


# --- a part of it, turned --------------------------------------------------------------------


def _straightened(image: Picture, rng: random.Random) -> Picture:
    """Turn by 8 to 28 degrees and cut, in the old proportions, until no corner is empty."""
    angle = rng.choice([-1, 1]) * rng.uniform(8, 28)
    width, height = image.size
    cosine, sine = (abs(f(math.radians(angle))) for f in (math.cos, math.sin))
    share = min(width / (width * cosine + height * sine), height / (width * sine + height * cosine))
    turned = image.rotate(angle, Image.Resampling.BICUBIC)
    left, top = width * (1 - share) / 2 + 1, height * (1 - share) / 2 + 1
    return turned.crop((round(left), round(top), round(width - left), round(height - top)))


def _at_any_angle(image: Picture, rng: random.Random) -> Picture:
    """Turn by an angle far from upright, on a plain ground that holds all of it."""
    angle = rng.choice([30, 45, 60, 120, 135, 150]) + rng.uniform(-10, 10)
    ground = _colour(rng)
    return image.rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor=ground)


def _part(area: float, shape: float, factor: float) -> Edit:
    """Return an edit that keeps a share of the area, and scales what is left.

    `shape` is how many times wider the part is than the picture, for its height.
    """

    def cut(image: Picture, rng: random.Random) -> Picture:
        width = round(image.width * min(1, math.sqrt(area * shape)))
        height = round(image.height * min(1, math.sqrt(area / shape)))
        left, top = rng.randint(0, image.width - width), rng.randint(0, image.height - height)
        part = image.crop((left, top, left + width, top + height))
        size = round(width * factor), round(height * factor)
        return part.resize(size, Image.Resampling.BICUBIC)

    return cut


# --- covers ----------------------------------------------------------------------------------


def _corner_covered(image: Picture, rng: random.Random) -> Picture:
    """Cover a corner, 20 to 30 % of the area, with one colour."""
    image, share = image.copy(), math.sqrt(rng.uniform(0.2, 0.3))
    (width, height), colour = image.size, _colour(rng)
    left = rng.choice([0, round(width * (1 - share))])
    top = rng.choice([0, round(height * (1 - share))])
    box = (left, top, left + round(width * share), top + round(height * share))
    ImageDraw.Draw(image).rectangle(box, fill=colour)
    return image


def _bar_covered(image: Picture, rng: random.Random) -> Picture:
    """Cover a bar along one side, 20 to 30 % of the area, and write on it."""
    image, share = image.copy(), rng.uniform(0.2, 0.3)
    width, height = image.size
    x, y = round(width * share), round(height * share)
    boxes = [(0, 0, width, y), (0, height - y, width, height)]
    box = rng.choice([*boxes, (0, 0, x, height), (width - x, 0, width, height)])
    draw = ImageDraw.Draw(image)
    draw.rectangle(box, fill=_colour(rng, 0, 120))
    draw.text((box[0] + 6, box[1] + 6), _line(rng, 12), (255, 255, 255), _font(height / 14))
    return image


# --- paper -----------------------------------------------------------------------------------


def _photocopy(image: Picture, rng: random.Random) -> Picture:
    """Copy on paper: grey, hard contrast, grain, slightly turned and soft."""
    grey = ImageOps.autocontrast(ImageOps.grayscale(image), cutoff=5)
    grey = grey.point(lambda value: round(min(255, max(0, (value - 60) * 255 / 140))))
    source = np.random.default_rng(rng.getrandbits(64))
    values = np.asarray(grey, np.float32) + source.normal(0, 18, (image.height, image.width))
    angle = rng.uniform(-2, 2)
    copy = _to_picture(values).rotate(angle, Image.Resampling.BICUBIC, fillcolor=255)
    return copy.filter(ImageFilter.GaussianBlur(0.7)).convert("RGB")


def _from_the_side(image: Picture, corners: list[tuple[float, float]]) -> Picture:
    """Return what lies between four corners, from the upper left one counter-clockwise.

    In true perspective: `Image.Transform.QUAD` would bend straight lines.
    """
    width, height = image.size
    equations, values = [], []
    own = ((0, 0), (0, height), (width, height), (width, 0))
    for (x, y), (u, v) in zip(corners, own, strict=True):
        equations += [[u, v, 1, 0, 0, 0, -u * x, -v * x], [0, 0, 0, u, v, 1, -u * y, -v * y]]
        values += [x, y]
    numbers = np.linalg.solve(np.array(equations, float), np.array(values, float))
    perspective, bicubic = Image.Transform.PERSPECTIVE, Image.Resampling.BICUBIC
    return image.transform(image.size, perspective, tuple(numbers.tolist()), bicubic)


def _print_perspective(image: Picture, rng: random.Random) -> Picture:
    """Photograph a print from the side and cut to the paper: corners moved by up to 12 %."""
    width, height = image.size
    x = [width * rng.uniform(0, 0.12) for _ in range(4)]
    y = [height * rng.uniform(0, 0.12) for _ in range(4)]
    left, right = [(x[0], y[0]), (x[1], height - y[1])], [width - x[2], width - x[3]]
    corners = [*left, (right[0], height - y[2]), (right[1], y[3])]
    shot = _from_the_side(image, corners)
    light = np.linspace(rng.uniform(0.8, 1.0), rng.uniform(0.8, 1.0), width)[:, None]
    return _to_picture(np.asarray(shot, np.float32) * light)


# --- tone ------------------------------------------------------------------------------------


def _negative(image: Picture, rng: random.Random) -> Picture:
    """Invert all channels."""
    return ImageOps.invert(image)


def _grey_negative(image: Picture, rng: random.Random) -> Picture:
    """Invert the grey picture, as film does."""
    return ImageOps.invert(ImageOps.grayscale(image)).convert("RGB")


def _posterised(image: Picture, rng: random.Random) -> Picture:
    """Keep four levels of each channel."""
    return ImageOps.posterize(image, 2)


def _solarised(image: Picture, rng: random.Random) -> Picture:
    """Invert what is lighter than the middle."""
    return ImageOps.solarize(image, 128)


def _channels_swapped(image: Picture, rng: random.Random) -> Picture:
    """Let red be green, green be blue, blue be red."""
    red, green, blue = image.split()
    return Image.merge("RGB", (green, blue, red))


def _thumbnail(side: int) -> Edit:
    """Return an edit that shrinks to a longest side."""
    return lambda image, rng: _as_wide(image, side, side)


EDITS: dict[str, Edit] = {
    "phone_screenshot": _phone_screenshot,
    "story_frame": _story_frame,
    "page_third": _on_page(0.34),
    "page_half": _on_page(0.5),
    "page_fifth": _on_page(0.2),
    "one_of_four": _in_grid(2, 298),
    "one_of_nine": _in_grid(3, 220),
    "contact_sheet": _contact_sheet,
    "desktop": _desktop,
    "before_after": _before_after,
    "straightened": _straightened,
    "far_angle": _at_any_angle,
    "part10_enlarged": _part(0.1, 1.0, 1.8),
    "part20": _part(0.2, 1.0, 1.0),
    "part30_enlarged": _part(0.3, 1.1, 1.8),
    "part30_wide": _part(0.3, 2.0, 1.0),
    "part50_tall": _part(0.5, 0.6, 1.0),
    "part50_small": _part(0.5, 1.0, 0.5),
    "corner_covered": _corner_covered,
    "bar_covered": _bar_covered,
    "photocopy": _photocopy,
    "print_perspective": _print_perspective,
    "negative": _negative,
    "grey_negative": _grey_negative,
    "posterised": _posterised,
    "dark": _by_levels(lambda value: value * 0.2),
    "solarised": _solarised,
    "channels_swapped": _channels_swapped,
    "thumb96": _thumbnail(96),
    "thumb64": _thumbnail(64),
}
