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


def _any_colour(rng: random.Random) -> tuple[int, int, int]:
    return rng.randint(20, 230), rng.randint(20, 230), rng.randint(20, 230)


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


def _stars(rng: random.Random) -> Picture:
    """Draw a night sky."""
    picture, draw = _canvas(400, 300, (8, 10, 24))
    for _ in range(220):
        x, y, light = rng.randint(0, 400), rng.randint(0, 300), rng.randint(90, 255)
        radius = rng.choice([0, 0, 0, 1, 1, 2])
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=(light,) * 3)
    return picture.filter(ImageFilter.GaussianBlur(0.6))


def _fingerprint(rng: random.Random) -> Picture:
    """Draw the ridges of a finger, around one middle, bent by chance."""
    y, x = np.mgrid[:320, :260].astype(np.float32)
    bend = (_noise(rng, (260, 320), (3, 6)) - 128) / 4
    rings = np.hypot(x - 130 + bend * 0.3, (y - 170) * 0.8) + bend
    values = 150 + 90 * np.sin(rings * 0.85)
    is_finger = ((x - 130) / 115) ** 2 + ((y - 160) / 150) ** 2 < 1
    values = np.where(is_finger, values, 235).clip(0, 255)
    return Image.fromarray(values.astype(np.uint8)).convert("RGB")


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


def _settings(rng: random.Random) -> Picture:
    """Draw a page of switches of one system."""
    picture, draw = _canvas(360, 640, (242, 242, 247))
    draw.text((20, 24), "Settings", BLACK, _font(28))
    for row in range(11):
        y = 80 + row * 50
        draw.rectangle((0, y, 360, y + 48), fill=WHITE)
        draw.rounded_rectangle((16, y + 10, 44, y + 38), 6, fill=_any_colour(rng))
        draw.text((60, y + 14), _words(rng, 1, 2).capitalize(), BLACK, _font(16))
        is_on = rng.random() < 0.5
        draw.rounded_rectangle(
            (290, y + 10, 340, y + 38), 14, fill=(52, 199, 89) if is_on else (229, 229, 234)
        )
        knob = 314 if is_on else 292
        draw.ellipse((knob, y + 12, knob + 24, y + 36), fill=WHITE)
    return picture


def _weather(rng: random.Random) -> Picture:
    """Draw the weather of a place, as a telephone shows it."""
    picture, draw = _canvas(360, 640, (70, 130, 200))
    draw.text((180, 70), rng.choice(WORDS).title(), WHITE, _font(28), anchor="mm")
    draw.text((180, 150), f"{rng.randint(-9, 38)}°", WHITE, _font(80), anchor="mm")
    for day in range(7):
        y = 270 + day * 50
        draw.line((20, y - 12, 340, y - 12), fill=(120, 165, 220))
        draw.text((30, y), f"Day {day + 1}", WHITE, _font(18))
        if rng.random() < 0.5:
            draw.ellipse((160, y, 184, y + 24), fill=(255, 210, 60))
        else:
            draw.ellipse((152, y + 6, 176, y + 24), fill=(230, 230, 235))
            draw.ellipse((166, y, 192, y + 24), fill=(230, 230, 235))
        draw.text((250, y), f"{rng.randint(-9, 15)}°  {rng.randint(16, 38)}°", WHITE, _font(18))
    return picture


def _app_icon(rng: random.Random) -> Picture:
    """Draw an icon: a round square of two tones with one sign on it."""
    picture, draw = _canvas(192, 192)
    draw.rounded_rectangle((8, 8, 184, 184), 40, fill=_any_colour(rng))
    sign, ink = rng.randint(0, 3), _any_colour(rng)
    x, y, reach = rng.randint(80, 112), rng.randint(80, 112), rng.randint(30, 56)
    box = (x - reach, y - reach, x + reach, y + reach)
    if sign == 0:
        draw.ellipse(box, fill=ink)
    elif sign == 1:
        draw.regular_polygon((x, y, reach), rng.randint(3, 8), rng.randint(0, 90), fill=ink)
    elif sign == 2:
        draw.arc(box, rng.randint(0, 180), rng.randint(200, 360), fill=ink, width=14)
    else:
        draw.text((x, y), rng.choice("ABCDEFGHKMNPRSTWXZ"), ink, _font(reach * 2), anchor="mm")
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


def _bar_chart(rng: random.Random) -> Picture:
    """Draw seven bars on one scale, with one title."""
    picture, draw = _canvas(480, 360)
    draw.text((240, 16), "Visitors per day", BLACK, _font(18), anchor="mm")
    draw.line((50, 40, 50, 320, 460, 320), fill=BLACK)
    for bar in range(7):
        x, height = 65 + bar * 56, rng.randint(15, 265)
        draw.rectangle((x, 320 - height, x + 38, 319), fill=(240, 140, 40))
        draw.text((x + 19, 335), "MTWTFSS"[bar], BLACK, _font(14), anchor="mm")
    return picture


def _scatter(rng: random.Random) -> Picture:
    """Draw points between two axes."""
    picture, draw = _canvas(480, 360)
    draw.rectangle((50, 20, 460, 320), outline=BLACK)
    for mark in range(5):
        draw.text((20, 30 + mark * 65), f"{1 - mark / 4:.2f}", BLACK, _font(12))
        draw.text((60 + mark * 92, 328), f"{mark * 25}", BLACK, _font(12))
    slope = rng.uniform(-0.6, 0.6)
    for _ in range(120):
        x = rng.randint(55, 455)
        y = 170 + slope * (x - 255) + rng.gauss(0, 35)
        draw.ellipse((x - 3, y - 3, x + 3, y + 3), fill=(31, 119, 180))
    return picture


def _receipt(rng: random.Random) -> Picture:
    """Draw a receipt of one shop."""
    picture, draw = _canvas(300, 640, (250, 249, 245))
    draw.text((150, 30), "CITY MARKET", BLACK, _font(26), anchor="mm")
    draw.text((150, 60), "12 Harbour Street", BLACK, _font(14), anchor="mm")
    draw.text((20, 85), f"{rng.randint(1, 28):02}.{rng.randint(1, 12):02}.2024", BLACK, _font(14))
    n_items, total = rng.randint(6, 16), 0
    for item in range(n_items):
        price = rng.randint(50, 4999)
        total += price
        draw.text((20, 115 + item * 24), _words(rng, 1, 2).upper(), BLACK, _font(15))
        place = 280, 115 + item * 24
        draw.text(place, f"{price / 100:.2f}", BLACK, _font(15), anchor="ra")
    y = 130 + n_items * 24
    draw.line((20, y, 280, y), fill=BLACK)
    draw.text((20, y + 10), "TOTAL", BLACK, _font(22))
    draw.text((280, y + 10), f"{total / 100:.2f}", BLACK, _font(22), anchor="ra")
    draw.text((150, 615), "THANK YOU", BLACK, _font(16), anchor="mm")
    return picture


def _modules(picture: Picture, flags: np.ndarray, place: tuple[int, int], side: int) -> None:
    """Draw a grid of black and white squares."""
    squares = Image.fromarray(np.where(flags, 0, 255).astype(np.uint8)).convert("RGB")
    size = flags.shape[1] * side, flags.shape[0] * side
    picture.paste(squares.resize(size, Image.Resampling.NEAREST), place)


def _qr_code(rng: random.Random) -> Picture:
    """Draw a code of one size: three marks in the corners, and other bits between them."""
    picture, _ = _canvas(330, 330)
    flags = np.random.default_rng(rng.getrandbits(64)).random((29, 29)) < 0.5
    mark = np.zeros((8, 8), bool)
    mark[:7, :7] = True
    mark[1:6, 1:6] = False
    mark[2:5, 2:5] = True
    flags[:8, :8], flags[:8, -8:], flags[-8:, :8] = mark, mark[:, ::-1], mark[::-1]
    flags[6, 8:-8] = flags[8:-8, 6] = np.arange(13) % 2 == 0
    _modules(picture, flags, (20, 20), 10)
    return picture


def _crossword(rng: random.Random) -> Picture:
    """Draw an empty puzzle on one grid."""
    picture, draw = _canvas(450, 450)
    number = 0
    for row in range(13):
        for column in range(13):
            x, y = 15 + column * 32, 15 + row * 32
            is_black = rng.random() < 0.22
            draw.rectangle((x, y, x + 32, y + 32), fill=BLACK if is_black else WHITE, outline=BLACK)
            if not is_black and rng.random() < 0.3:
                number += 1
                draw.text((x + 3, y + 2), str(number), BLACK, _font(10))
    return picture


def _sudoku(rng: random.Random) -> Picture:
    """Draw a puzzle of numbers on one grid."""
    picture, draw = _canvas(400, 400)
    for line in range(10):
        place, width = 20 + line * 40, 3 if line % 3 == 0 else 1
        draw.line((20, place, 380, place), fill=BLACK, width=width)
        draw.line((place, 20, place, 380), fill=BLACK, width=width)
    for cell in rng.sample(range(81), 28):
        place = 40 + cell % 9 * 40, 40 + cell // 9 * 40
        draw.text(place, str(rng.randint(1, 9)), BLACK, _font(24), anchor="mm")
    return picture


def _chess(rng: random.Random) -> Picture:
    """Draw a position on one board, letters for pieces."""
    picture, draw = _canvas(400, 400)
    for square in range(64):
        x, y = square % 8 * 50, square // 8 * 50
        is_dark = (square % 8 + square // 8) % 2
        draw.rectangle((x, y, x + 49, y + 49), fill=(181, 136, 99) if is_dark else (240, 217, 181))
    for square in rng.sample(range(64), 20):
        x, y, ink = square % 8 * 50 + 25, square // 8 * 50 + 25, rng.choice([WHITE, BLACK])
        style = {"stroke_width": 2, "stroke_fill": (90, 90, 90)}
        draw.text((x, y), rng.choice("PPPPRNBQK"), ink, _font(34), anchor="mm", **style)
    return picture


def _calendar(rng: random.Random) -> Picture:
    """Draw a month: days, some of them marked."""
    picture, draw = _canvas(480, 400)
    draw.rectangle((0, 0, 480, 60), fill=(190, 40, 40))
    months = ("January", "February", "March", "April", "May", "June", "July", "August")
    title = f"{rng.choice(months)} {rng.randint(1990, 2030)}"
    draw.text((240, 30), title, WHITE, _font(28), anchor="mm")
    first, n_days = rng.randint(0, 6), rng.choice([30, 31, 31])
    for column in range(7):
        draw.text((45 + column * 65, 80), "MTWTFSS"[column], GREY, _font(18), anchor="mm")
    for day in range(n_days):
        x, y = 45 + (first + day) % 7 * 65, 115 + (first + day) // 7 * 50
        if rng.random() < 0.12:
            draw.ellipse((x - 20, y - 20, x + 20, y + 20), outline=(190, 40, 40), width=2)
        draw.text((x, y), str(day + 1), BLACK, _font(20), anchor="mm")
    return picture


def _handwriting(rng: random.Random) -> Picture:
    """Draw lines of one hand on ruled paper."""
    picture, draw = _canvas(480, 400, (252, 250, 240))
    for line in range(10):
        y = 40 + line * 36
        draw.line((0, y + 8, 480, y + 8), fill=(170, 200, 230))
        x, points = 30.0, []
        while x < rng.randint(380, 460):
            x += rng.uniform(1.5, 5)
            points.append((x, y - rng.choice([0, 4, 8, 8, 18]) + rng.uniform(-2, 2)))
            if rng.random() < 0.06:
                draw.line(points, fill=(20, 30, 110), width=2, joint="curve")
                x, points = x + 12, []
        draw.line(points, fill=(20, 30, 110), width=2, joint="curve")
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


def _plate(rng: random.Random) -> Picture:
    """Draw a number plate of one country."""
    picture, draw = _canvas(420, 110)
    draw.rounded_rectangle((4, 4, 416, 106), 12, outline=BLACK, width=4)
    draw.rectangle((8, 8, 48, 102), fill=(0, 51, 153))
    letters = "".join(rng.choice("ABCDEFGHJKLMNPRSTUVWXYZ") for _ in range(3))
    text = f"{letters[0]} {letters[1:]} {rng.randint(100, 9999)}"
    draw.text((230, 55), text, BLACK, _font(64), anchor="mm")
    return picture


def _playing_card(rng: random.Random) -> Picture:
    """Draw a card: its number in two corners, its sign as often as that."""
    picture, draw = _canvas(250, 350)
    draw.rounded_rectangle((4, 4, 246, 346), 16, outline=GREY, width=2)
    number, suit = rng.randint(2, 10), rng.randint(0, 3)
    ink = (200, 20, 30) if suit % 2 else BLACK
    draw.text((28, 34), str(number), ink, _font(36), anchor="mm")
    draw.text((222, 316), str(number), ink, _font(36), anchor="mm")
    for place in range(number):
        x, y = (90, 160)[place % 2], 60 + place // 2 * 55 + rng.randint(-3, 3)
        if suit == 0:
            draw.ellipse((x - 16, y - 16, x + 16, y + 16), fill=ink)
        else:
            draw.regular_polygon((x, y, 18), suit + 2, 0, fill=ink)
    return picture


def _floor_plan(rng: random.Random) -> Picture:
    """Draw the rooms of a flat within the same walls."""
    picture, draw = _canvas(480, 360)
    draw.rectangle((30, 30, 450, 330), outline=BLACK, width=7)
    x, y = rng.randint(120, 360), rng.randint(100, 260)
    draw.line((x, 30, x, 330), fill=BLACK, width=5)
    for left, right in ((30, x), (x, 450)):
        wall = y + rng.randint(-50, 50)
        draw.line((left, wall, right, wall), fill=BLACK, width=5)
        door = rng.randint(left + 5, right - 35)
        draw.line((door, wall, door + 30, wall), fill=WHITE, width=7)
        draw.arc((door - 30, wall - 30, door + 30, wall + 30), 270, 360, fill=GREY)
        for top in (30, wall):
            text = f"{rng.choice(['Room', 'Bath', 'Hall', 'Kitchen'])} {rng.randint(4, 32)} m2"
            draw.text(((left + right) / 2, top + 40), text, BLACK, _font(13), anchor="mm")
    return picture


LOOK_ALIKES: dict[str, Painter] = {
    "bar_charts": _bar_chart,
    "bricks": _bricks,
    "calendars": _calendar,
    "cells": _cells,
    "charts": _chart,
    "chats": _chat,
    "chess": _chess,
    "code": _code,
    "crosswords": _crossword,
    "fingerprints": _fingerprint,
    "floor_plans": _floor_plan,
    "forms": _form,
    "garments": _garment,
    "handwriting": _handwriting,
    "icons": _app_icon,
    "maps": _map,
    "memes": _meme,
    "music": _music,
    "plates": _plate,
    "playing_cards": _playing_card,
    "qr_codes": _qr_code,
    "receipts": _receipt,
    "scatter_plots": _scatter,
    "settings": _settings,
    "slides": _slide,
    "stars": _stars,
    "sudokus": _sudoku,
    "tables": _table,
    "terminals": _terminal,
    "textures": _texture,
    "weather": _weather,
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
