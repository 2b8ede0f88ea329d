"""Pictures that show other pictures: a grid, a page, the screen of a phone."""

import numpy as np
from PIL import Image, ImageDraw


def grid_of(pictures, side=300, gap=12):
    """Return four pictures, squashed to squares, in a grid."""
    page = Image.new("RGB", (2 * side + gap, 2 * side + gap))
    for number, picture in enumerate(pictures):
        place = number % 2 * (side + gap), number // 2 * (side + gap)
        page.paste(picture.resize((side, side)), place)
    return page


def page_with(picture, width=260, place=(330, 420)):
    """Return a page of text, with the picture in it."""
    page = Image.new("RGB", (700, 900), "white")
    draw, rng = ImageDraw.Draw(page), np.random.default_rng(5)
    for y in range(40, 860, 18):
        line = "".join(rng.choice(list("abcdefghilmnoprstu     "), 90))
        draw.text((40, y), line, "black", font_size=12)
    shown = picture.resize((width, width * picture.height // picture.width))
    left, top = place
    draw.rectangle((left - 8, top - 8, left + shown.width + 8, top + shown.height + 8), "white")
    page.paste(shown, place)
    return page


def phone_screen(picture):
    """Return the screen of a phone that shows the picture."""
    screen = Image.new("RGB", (400, 860), "white")
    shown = picture.resize((400, 400 * picture.height // picture.width))
    screen.paste(shown, (0, (860 - shown.height) // 2))
    draw = ImageDraw.Draw(screen)
    draw.text((15, 8), "12:41", "gray", font_size=16)
    draw.text((335, 8), "82%", "gray", font_size=16)
    draw.text((25, 815), "<    Share    Edit    Delete", "gray", font_size=20)
    return screen


def screen_with(picture, width=240, place=(770, 300)):
    """Return a screen of 1200 × 800 with a window of text, and the picture small beside it."""
    screen = Image.new("RGB", (1200, 800), (40, 60, 90))
    draw, rng = ImageDraw.Draw(screen), np.random.default_rng(3)
    draw.rectangle((40, 40, 700, 760), "white")
    for y in range(60, 740, 20):
        line = "".join(rng.choice(list("abcdefghilmnoprstu     "), 80))
        draw.text((60, y), line, "black", font_size=14)
    screen.paste(picture.resize((width, width * picture.height // picture.width)), place)
    return screen
