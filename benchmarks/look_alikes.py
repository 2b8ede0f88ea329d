"""Pictures that look alike and are no copies: drawn kinds, fifty of each and more.

`LOOK_ALIKES` maps a kind to a function of a `random.Random`: two pictures of one kind have their
layout, colours and marks in common, and other content. Nobody would call one a copy of the other.
`ALTERED` are the kinds that are the same picture but for local content: one form with other
values, one photo with other captions, one grid with another curve.

    python benchmarks/look_alikes.py OUT --each 50
"""

import argparse
import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

Picture = Image.Image
Painter = Callable[[random.Random], Picture]

# fmt: off
WORDS = (
    "total", "amount", "order", "river", "green", "apple", "stone", "quiet", "paper", "window",
    "market", "signal", "train", "cloud", "garden", "seven", "letter", "planet", "coffee",
    "bridge", "yellow", "doctor", "harbour", "ticket",
)
# fmt: on
BLACK, WHITE, GREY = (0, 0, 0), (255, 255, 255), (180, 180, 180)


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size=size)


def _words(rng: random.Random, least: int, most: int) -> str:
    return " ".join(rng.choice(WORDS) for _ in range(rng.randint(least, most)))


def _canvas(
    width: int, height: int, colour: tuple[int, int, int] = WHITE
) -> tuple[Picture, ImageDraw.ImageDraw]:
    picture = Image.new("RGB", (width, height), colour)
    return picture, ImageDraw.Draw(picture)


# --- nature ----------------------------------------------------------------------------------


def _cells(rng: random.Random) -> Picture:
    """Draw blood under a microscope."""
    picture, draw = _canvas(360, 270, (235, 200, 210))
    for _ in range(60):
        x, y, radius = rng.randint(-10, 360), rng.randint(-10, 270), rng.randint(10, 16)
        red = (215, 130 + rng.randint(-15, 15), 150)
        box = (x - radius, y - radius, x + radius, y + radius)
        draw.ellipse(box, fill=red, outline=(190, 100, 120))
        inner = radius // 3
        draw.ellipse((x - inner, y - inner, x + inner, y + inner), fill=(235, 180, 190))
    return picture.filter(ImageFilter.GaussianBlur(1))


def _noise(rng: random.Random, size: tuple[int, int], cells: tuple[int, ...]) -> np.ndarray:
    """Return noise of shape (height, width) in octaves, 0 to 255."""
    source = np.random.default_rng(rng.getrandbits(64))
    total = np.zeros((size[1], size[0]), np.float32)
    for n_cells in cells:
        coarse = Image.fromarray(source.random((n_cells, n_cells * 4 // 3), np.float32) * 255)
        total += np.asarray(coarse.resize(size, Image.Resampling.BICUBIC)) / n_cells**0.5
    lowest, highest = total.min(), total.max()
    return (total - lowest) / (highest - lowest) * 255


def _texture(rng: random.Random) -> Picture:
    """Draw a rough wall."""
    values = _noise(rng, (360, 270), (6, 12, 24, 48, 96))
    return Image.fromarray(values.astype(np.uint8)).convert("RGB")


def _bricks(rng: random.Random) -> Picture:
    """Draw a wall of bricks on one grid, each in its own tone."""
    picture, draw = _canvas(400, 300, (190, 185, 175))
    for row in range(13):
        for column in range(-1, 9):
            x, y = column * 50 + (row % 2) * 25, row * 24
            tone = rng.randint(-25, 25)
            draw.rectangle((x + 2, y + 2, x + 47, y + 21), fill=(165 + tone, 85 + tone, 65 + tone))
    grain = np.random.default_rng(rng.getrandbits(64)).normal(0, 8, (300, 400, 1))
    return Image.fromarray((np.asarray(picture) + grain).clip(0, 255).astype(np.uint8))


# --- screens ---------------------------------------------------------------------------------


def _chat(rng: random.Random) -> Picture:
    """Draw a conversation in one messenger."""
    picture, draw = _canvas(360, 640, (236, 229, 221))
    draw.rectangle((0, 0, 360, 56), fill=(7, 94, 84))
    draw.text((60, 16), rng.choice(["Anna", "Ben", "Chris", "Dana"]), WHITE, _font(20))
    draw.ellipse((12, 10, 48, 46), fill=(200, 200, 200))
    for y in range(70, 590, 42):
        text, is_left = _words(rng, 2, 6), rng.random() < 0.5
        width = min(340, round(draw.textlength(text, font=_font(14))) + 20)
        x = 10 if is_left else 350 - width
        fill = WHITE if is_left else (220, 248, 198)
        draw.rounded_rectangle((x, y, x + width, y + 30), 8, fill=fill)
        draw.text((x + 10, y + 6), text, BLACK, _font(14))
    draw.rectangle((0, 600, 360, 640), fill=WHITE)
    draw.text((20, 610), "Message", (150, 150, 150), _font(16))
    return picture


def _slide(rng: random.Random) -> Picture:
    """Draw a slide of one company."""
    picture, draw = _canvas(640, 360)
    draw.rectangle((0, 0, 640, 60), fill=(30, 60, 120))
    draw.text((20, 14), _words(rng, 3, 3).title(), WHITE, _font(26))
    draw.text((540, 335), "Company 2024", (120, 120, 120), _font(12))
    draw.ellipse((590, 12, 626, 48), fill=(240, 180, 0))
    for line in range(rng.randint(3, 6)):
        draw.text((50, 90 + line * 40), "- " + _words(rng, 3, 7), BLACK, _font(20))
    return picture


def _terminal(rng: random.Random) -> Picture:
    """Draw a terminal full of output."""
    picture, draw = _canvas(640, 400, (20, 20, 20))
    for line in range(22):
        prompt = "$ " if rng.random() < 0.3 else ""
        draw.text((8, 6 + line * 18), prompt + _words(rng, 2, 9), (200, 220, 200), _font(13))
    return picture


def _code(rng: random.Random) -> Picture:
    """Draw an editor with numbered lines."""
    picture, draw = _canvas(560, 420)
    for line in range(22):
        start = rng.choice(["if", "for", "def", "return", "x =", "y ="])
        text = f"{start} {rng.choice(WORDS)}({rng.choice(WORDS)}, {rng.randint(0, 99)})"
        place = (40 + rng.choice([0, 20, 40]), 8 + line * 18)
        draw.text(place, text, rng.choice([(0, 0, 160), BLACK, (0, 120, 0)]), _font(13))
        draw.text((8, 8 + line * 18), str(line + 1), (150, 150, 150), _font(13))
    return picture


# --- paper -----------------------------------------------------------------------------------


def _chart(rng: random.Random) -> Picture:
    """Draw a line chart on one grid, with one title."""
    picture, draw = _canvas(480, 360)
    draw.rectangle((50, 30, 450, 320), outline=BLACK)
    for mark in range(6):
        draw.line((50, 30 + mark * 58, 450, 30 + mark * 58), fill=(220, 220, 220))
        draw.text((20, 25 + mark * 58), str(100 - 20 * mark), BLACK, _font(12))
        draw.text((50 + mark * 78, 325), str(2000 + mark * 4), BLACK, _font(12))
    y, points = rng.randint(80, 260), []
    for x in range(50, 451, 10):
        y = min(315, max(35, y + rng.randint(-22, 22)))
        points.append((x, y))
    draw.line(points, fill=(31, 119, 180), width=2)
    draw.text((160, 8), "Sales by year", BLACK, _font(16))
    return picture


def _music(rng: random.Random) -> Picture:
    """Draw a page of notes."""
    picture, draw = _canvas(480, 640)
    for staff in range(8):
        top = 40 + staff * 75
        for line in range(5):
            draw.line((30, top + line * 8, 450, top + line * 8), fill=BLACK)
        for note in range(14):
            x, y = 50 + note * 28, top + rng.randint(-1, 9) * 4
            draw.ellipse((x - 5, y - 4, x + 5, y + 4), fill=BLACK)
            draw.line((x + 5, y, x + 5, y - 28), fill=BLACK, width=2)
    return picture


def _map(rng: random.Random) -> Picture:
    """Draw a street map in one style."""
    picture, draw = _canvas(400, 400, (242, 239, 233))
    for _ in range(14):
        points = [(rng.randint(0, 400), rng.randint(0, 400)) for _ in range(3)]
        colour = rng.choice([WHITE, (250, 210, 120), (170, 211, 223)])
        draw.line(points, fill=colour, width=rng.choice([4, 6, 10]))
    for _ in range(8):
        place = (rng.randint(0, 330), rng.randint(0, 380))
        draw.text(place, rng.choice(WORDS).title(), (80, 80, 80), _font(13))
    return picture


def _table(rng: random.Random) -> Picture:
    """Draw a table of numbers."""
    picture, draw = _canvas(600, 440)
    for row in range(16):
        draw.line((10, 10 + row * 27, 590, 10 + row * 27), fill=GREY)
    for column in range(6):
        draw.line((10 + column * 97, 10, 10 + column * 97, 415), fill=GREY)
    for row in range(15):
        for column in range(6):
            text = rng.choice(WORDS).title() if column == 0 else f"{rng.randint(0, 9999) / 10}"
            draw.text((16 + column * 97, 15 + row * 27), text, BLACK, _font(14))
    return picture


def _form(rng: random.Random) -> Picture:
    """Draw an invoice of one company: other numbers, another date, the same lines."""
    picture, draw = _canvas(640, 828)
    draw.rectangle((0, 0, 640, 90), fill=(30, 60, 120))
    draw.text((30, 30), "ACME  Invoice", WHITE, _font(34))
    number, customer = rng.randint(10000, 99999), rng.randint(100, 999)
    date = f"20{rng.randint(10, 25)}-0{rng.randint(1, 9)}-{rng.randint(10, 28)}"
    head = f"No. {number}\nDate {date}\nCustomer C{customer}"
    draw.text((45, 135), head, BLACK, _font(20))
    for item in range(6):
        y = 285 + item * 45
        draw.line((45, y, 595, y), fill=BLACK)
        draw.text((52, y + 11), f"Item {item + 1}", BLACK, _font(18))
        price = f"{rng.randint(10, 999)}.{rng.randint(10, 99)}"
        draw.text((480, y + 11), price, BLACK, _font(18))
    total = f"Total {rng.randint(1000, 9999)}.{rng.randint(10, 99)}"
    draw.text((420, 600), total, BLACK, _font(26))
    return picture


# --- things ----------------------------------------------------------------------------------


def _garment(rng: random.Random) -> Picture:
    """Draw a shirt before one wall: plain, striped or printed, in any colour."""
    picture, draw = _canvas(300, 400, (240, 240, 240))
    colour = tuple(rng.randint(20, 230) for _ in range(3))
    outline = [(90, 60), (210, 60), (280, 140), (245, 170), (220, 140)]
    draw.polygon([*outline, (220, 360), (80, 360), (80, 140), (55, 170), (20, 140)], fill=colour)
    pattern = rng.randint(0, 3)
    if pattern == 1:
        stripe = tuple(255 - value for value in colour)
        for y in range(150, 350, rng.randint(14, 40)):
            draw.rectangle((80, y, 220, y + 8), fill=stripe)
    elif pattern == 2:
        draw.text((110, 200), rng.choice(WORDS).upper(), WHITE, _font(24))
    return picture


def _meme(rng: random.Random) -> Picture:
    """Write two lines on one and the same scene."""
    scene = random.Random("the scene of all memes")
    tones = [_noise(scene, (600, 450), (4, 8, 16, 32, 64, 128)) for _ in range(3)]
    picture = Image.fromarray(np.stack(tones, axis=2).astype(np.uint8))
    draw = ImageDraw.Draw(picture)
    for _ in range(12):
        x, y, radius = scene.randint(0, 600), scene.randint(0, 450), scene.randint(15, 60)
        fill = tuple(scene.randint(0, 255) for _ in range(3))
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=fill)
    for y in (40, 400):
        text = " ".join(rng.sample(WORDS, 3)).upper()[:24]
        style = {"anchor": "mm", "stroke_width": 3, "stroke_fill": BLACK}
        draw.text((300, y), text, WHITE, _font(40), **style)
    return picture


LOOK_ALIKES: dict[str, Painter] = {
    "bricks": _bricks,
    "cells": _cells,
    "charts": _chart,
    "chats": _chat,
    "code": _code,
    "forms": _form,
    "garments": _garment,
    "maps": _map,
    "memes": _meme,
    "music": _music,
    "slides": _slide,
    "tables": _table,
    "terminals": _terminal,
    "textures": _texture,
}
#: Kinds of which two are one picture with other local content.
ALTERED = frozenset({"charts", "forms", "memes"})


def draw_kind(kind: str, n_pictures: int, seed: str = "1") -> list[Picture]:
    """Return pictures of one kind; the same for the same seed."""
    paint = LOOK_ALIKES[kind]
    return [paint(random.Random(f"{seed} {kind} {number}")) for number in range(n_pictures)]


def main() -> None:
    """Draw all kinds into folders."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", type=Path, help="a new folder")
    parser.add_argument("--each", type=int, default=50, help="pictures of each kind")
    parser.add_argument("--seed", default="1")
    options = parser.parse_args()
    for kind in LOOK_ALIKES:
        folder = options.out / kind
        folder.mkdir(parents=True)
        for number, picture in enumerate(draw_kind(kind, options.each, options.seed)):
            picture.save(folder / f"{kind}-{number:03}.png")
    print(f"{len(LOOK_ALIKES)} kinds of {options.each} pictures drawn: {options.out}")


if __name__ == "__main__":
    main()
