"""Pictures that show another picture: grids, pages, screenshots, stories, pictures on pictures."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from PIL import Image, ImageDraw, ImageFilter, ImageFont, ImageOps

Picture = Image.Image
Colour = tuple[int, int, int]
#: A picture, others, chance → a picture that shows the first.
Composition = Callable[[Picture, Sequence[Picture], random.Random], Picture]

LETTERS = "abcdefghilmnoprstu     "


def compose(picture: Picture, others: Sequence[Picture], rng: random.Random) -> Picture:
    """Return a picture, made in one of several ways, that shows the given one."""
    return rng.choice(COMPOSITIONS)(picture, others, rng)


def _grid(picture: Picture, others: Sequence[Picture], rng: random.Random) -> Picture:
    """One of four to nine in a grid."""
    across, down = rng.choice([(2, 2), (2, 2), (3, 3), (2, 3), (3, 2)])
    height, gap = rng.randint(100, 220), rng.choice([0, 2, 4, 8, 12])
    width = round(height * rng.choice([1, 1, 0.75, 1.33]))
    size = across * (width + gap) + gap, down * (height + gap) + gap
    page, place = Image.new("RGB", size, _colour(rng)), rng.randrange(across * down)
    for number in range(across * down):
        shown = picture if number == place else rng.choice(others)
        is_cut = rng.random() < 0.7
        tile = ImageOps.fit(shown, (width, height)) if is_cut else shown.resize((width, height))
        left, top = gap + number % across * (width + gap), gap + number // across * (height + gap)
        page.paste(tile, (left, top))
    return page


def _side_by_side(picture: Picture, others: Sequence[Picture], rng: random.Random) -> Picture:
    """Beside another, or above or below it."""
    both, side, gap = [picture, rng.choice(others)], 200, rng.choice([0, 0, 4, 10])
    rng.shuffle(both)
    if rng.random() < 0.6:
        shown = [_of_size(p, max(8, p.width * side // p.height), side) for p in both]
        size, places = (shown[0].width + gap + shown[1].width, side), (shown[0].width + gap, 0)
    else:
        shown = [_of_size(p, side, max(8, p.height * side // p.width)) for p in both]
        size, places = (side, shown[0].height + gap + shown[1].height), (0, shown[0].height + gap)
    page = Image.new("RGB", size, _colour(rng))
    page.paste(shown[0], (0, 0))
    page.paste(shown[1], places)
    return page


def _phone(picture: Picture, others: Sequence[Picture], rng: random.Random) -> Picture:
    """On the screen of a phone."""
    width, height = rng.choice([(400, 860), (360, 780), (400, 711)])
    ground = rng.choice([(0, 0, 0), (255, 255, 255), (18, 18, 18), (245, 245, 245)])
    ink = tuple(255 - level for level in ground)
    screen, shown = Image.new("RGB", (width, height), ground), None
    shown = _within(picture, width * rng.choice([1, 1, 1, 0.92]), height * 0.72)
    top = round((height - shown.height) * rng.choice([0.5, 0.5, rng.uniform(0.15, 0.6)]))
    draw = ImageDraw.Draw(screen)
    draw.text((15, 8), f"{rng.randint(0, 23)}:{rng.randint(10, 59)}", ink, _font(16))
    draw.text((width - 60, 8), f"{rng.randint(5, 99)}%", ink, _font(16))
    if rng.random() < 0.6:
        for number in range(rng.randint(1, 6)):
            y = min(height - 30, top + shown.height + 12 + 22 * number)
            draw.text((15, y), _line(rng, rng.randint(10, 40)), ink, _font(15))
    if rng.random() < 0.5:
        draw.text((25, height - 45), "<    Share    Edit    Delete", ink, _font(20))
    screen.paste(shown, ((width - shown.width) // 2, top))
    return screen


def _page(picture: Picture, others: Sequence[Picture], rng: random.Random) -> Picture:
    """In a page of text."""
    width, height = rng.choice([(700, 900), (640, 905), (900, 700), (1000, 620)])
    ground = rng.choice([(255, 255, 255)] * 3 + [(250, 246, 235), (30, 30, 34)])
    ink = (0, 0, 0) if ground[0] > 100 else (220, 220, 220)
    page, size = Image.new("RGB", (width, height), ground), rng.choice([10, 12, 14])
    draw = ImageDraw.Draw(page)
    for y in range(40, height - 20, round(1.5 * size)):
        if rng.random() < 0.93:
            draw.text(
                (30, y), _line(rng, rng.randint(60, int(1.9 * width / size))), ink, _font(size)
            )
    shown = _within(picture, width * rng.uniform(0.25, 0.7), height * 0.7)
    left, top = (
        rng.randint(10, width - shown.width - 10),
        rng.randint(20, height - shown.height - 10),
    )
    margin, has_line = rng.choice([4, 8, 16]), rng.random() < 0.4
    right, bottom = left + shown.width + margin, top + shown.height + margin
    clear = (
        (0, top - margin, width, bottom)
        if has_line
        else (left - margin, top - margin, right, bottom)
    )
    draw.rectangle(clear, fill=ground)
    page.paste(shown, (left, top))
    return page


def _story(picture: Picture, others: Sequence[Picture], rng: random.Random) -> Picture:
    """On a blurred enlargement of itself or of another."""
    size = 360, 640
    ground = picture if rng.random() < 0.6 else rng.choice(others)
    frame = ground.resize(size).filter(ImageFilter.GaussianBlur(rng.choice([12, 20, 30])))
    shown = _within(picture, size[0] * rng.uniform(0.7, 0.95), size[1] * 0.75)
    frame.paste(shown, ((size[0] - shown.width) // 2, (size[1] - shown.height) // 2))
    ImageDraw.Draw(frame).text((40, 40), _line(rng, 14), (255, 255, 255), _font(28))
    return frame


def _on_another(picture: Picture, others: Sequence[Picture], rng: random.Random) -> Picture:
    """Laid on another picture, with or without a white rim."""
    page = rng.choice(others).resize(rng.choice([(500, 375), (375, 500), (480, 480)]))
    shown = _within(
        picture, page.width * rng.uniform(0.35, 0.75), page.height * rng.uniform(0.35, 0.75)
    )
    left, top = rng.randint(0, page.width - shown.width), rng.randint(0, page.height - shown.height)
    if rng.random() < 0.4:
        rim = (left - 4, top - 4, left + shown.width + 4, top + shown.height + 4)
        ImageDraw.Draw(page).rectangle(rim, fill=(255, 255, 255))
    page.paste(shown, (left, top))
    return page


#: Twice what is seen most.
COMPOSITIONS: tuple[Composition, ...] = (
    _grid,
    _grid,
    _side_by_side,
    _phone,
    _phone,
    _page,
    _page,
    _story,
    _on_another,
)


def _colour(rng: random.Random) -> Colour:
    grey = rng.randint(0, 255)
    any_colour = rng.randint(0, 255), rng.randint(0, 255), rng.randint(0, 255)
    return rng.choice([(0, 0, 0), (255, 255, 255), (grey, grey, grey), any_colour])


def _font(size: float) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size=size)


def _line(rng: random.Random, n_letters: int) -> str:
    return "".join(rng.choice(LETTERS) for _ in range(n_letters))


def _of_size(picture: Picture, width: int, height: int) -> Picture:
    return picture.resize((width, height))


def _within(picture: Picture, width: float, height: float) -> Picture:
    """Return the picture as large as fits."""
    factor = min(width / picture.width, height / picture.height)
    return picture.resize(
        (max(8, round(picture.width * factor)), max(8, round(picture.height * factor)))
    )
