"""Edits as people make them: the half of the quality benchmark that is held out of training.

`plant.py --edits benchmarks/edits.py` loads the table `EDITS`. None of these edits is in the table
of `common_edits.py`, and `training/` never imports this file. After each edit, a person would still
recognise the picture as made from the original. So there is no negative and no pencil sketch. The
edits are deterministic: all random numbers come from the `random.Random` that is passed in.

The file imports no other module of this folder, because it is loaded by its path.
"""

import io
import math
import random
from collections.abc import Callable, Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont, ImageOps

Picture = Image.Image
Colour = tuple[int, int, int]
Point = tuple[float, float]
Edit = Callable[[Picture, random.Random], Picture]

WORDS = ("when", "you", "only", "wanted", "to", "see", "how", "far", "the", "old", "road", "goes")


# --- what the edits share --------------------------------------------------------------------


def _numpy_rng(rng: random.Random) -> np.random.Generator:
    return np.random.default_rng(rng.getrandbits(64))


def _colour(rng: random.Random, low: int = 0, high: int = 255) -> Colour:
    return rng.randint(low, high), rng.randint(low, high), rng.randint(low, high)


def _font(size: float) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size=max(9, round(size)))


def _sentence(rng: random.Random, n_words: int) -> str:
    return " ".join(rng.choice(WORDS) for _ in range(n_words))


def _to_picture(values: np.ndarray) -> Picture:
    return Image.fromarray(values.clip(0, 255).round().astype(np.uint8))


def _grid(width: int, height: int) -> tuple[np.ndarray, np.ndarray]:
    """Return x and y of every pixel, each of shape (height, width), -1 to 1 across the middle."""
    x, y = np.linspace(-1, 1, width), np.linspace(-1, 1, height)
    return np.broadcast_to(x, (height, width)), np.broadcast_to(y[:, None], (height, width))


def _sample(image: Picture, x: np.ndarray, y: np.ndarray) -> Picture:
    """Return the picture that shows at each pixel what `image` has at (x, y), both -1 to 1."""
    values = np.asarray(image, np.float32)
    rows, columns = values.shape[:2]
    column = ((x + 1) / 2 * (columns - 1)).clip(0, columns - 1.001)
    row = ((y + 1) / 2 * (rows - 1)).clip(0, rows - 1.001)
    left, top = column.astype(int), row.astype(int)
    right_share, low_share = (column - left)[..., None], (row - top)[..., None]
    upper = values[top, left] * (1 - right_share) + values[top, left + 1] * right_share
    lower = values[top + 1, left] * (1 - right_share) + values[top + 1, left + 1] * right_share
    return _to_picture(upper * (1 - low_share) + lower * low_share)


def _project(image: Picture, corners: Sequence[Point], background: Picture) -> Picture:
    """Return `background` with `image` seen in perspective between four corners.

    The corners are in pixels of the background, from the upper left one clockwise.
    """
    width, height = image.size
    own = [(0, 0), (width, 0), (width, height), (0, height)]
    equations, values = [], []
    for (x, y), (u, v) in zip(corners, own, strict=True):
        equations += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    coefficients = np.linalg.solve(np.array(equations, float), np.array(values, float))
    layer = image.convert("RGBA").transform(
        background.size,
        Image.Transform.PERSPECTIVE,
        tuple(coefficients.tolist()),
        Image.Resampling.BICUBIC,
    )
    return Image.alpha_composite(background.convert("RGBA"), layer).convert("RGB")


def _jittered_corners(box: Sequence[float], amount: float, rng: random.Random) -> list[Point]:
    """Return the corners of a box, each moved inward by up to `amount` of its sides."""
    left, top, right, bottom = box
    move_x, move_y = amount * (right - left), amount * (bottom - top)
    signs = [(left, 1, top, 1), (right, -1, top, 1), (right, -1, bottom, -1), (left, 1, bottom, -1)]
    return [
        (x + inward_x * rng.uniform(0, move_x), y + inward_y * rng.uniform(0, move_y))
        for x, inward_x, y, inward_y in signs
    ]


def _smooth_noise(size: tuple[int, int], cells: int, rng: random.Random) -> np.ndarray:
    """Return noise of shape (height, width), 0 to 1, in octaves from `cells` blobs across."""
    source, total = _numpy_rng(rng), np.zeros((size[1], size[0]))
    weight = 0.5
    while cells < min(size) and weight > 0.02:
        coarse = Image.fromarray(source.random((cells, cells), np.float32))
        total += weight * np.asarray(coarse.resize(size, Image.Resampling.BICUBIC))
        cells, weight = cells * 2, weight / 2
    lowest, highest = float(total.min()), float(total.max())
    return np.asarray((total - lowest) / max(1e-6, highest - lowest))


# --- other pictures: scenes that look like photos from afar ------------------------------------


def _scene(size: tuple[int, int], rng: random.Random) -> Picture:
    """Return a made-up photo: a landscape, a street, things on a table, or leaves."""
    paint = rng.choice([_landscape, _street, _table, _leaves])
    values = np.asarray(paint(size, rng).filter(ImageFilter.GaussianBlur(0.8)), np.float32)
    grey = values.mean(2, keepdims=True)
    values = grey + 0.6 * (values - grey)
    light = 0.75 + 0.5 * _smooth_noise(size, 2, rng)[..., None]
    grain = _numpy_rng(rng).normal(0, 5, values.shape)
    return _to_picture(values * light + grain)


def _fade(size: tuple[int, int], above: Colour, below: Colour) -> Picture:
    """Return a vertical gradient."""
    share = np.linspace(0, 1, size[1])[:, None, None]
    rows = np.array(above) * (1 - share) + np.array(below) * share
    return _to_picture(np.broadcast_to(rows, (size[1], size[0], 3)))


def _landscape(size: tuple[int, int], rng: random.Random) -> Picture:
    """Return a sky over ranges of hills."""
    width, height = size
    scene = _fade(size, _colour(rng, 40, 220), _colour(rng, 120, 255))
    draw = ImageDraw.Draw(scene)
    x, y, radius = (
        rng.uniform(0, width),
        rng.uniform(0, height / 2),
        height * rng.uniform(0.03, 0.1),
    )
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=_colour(rng, 200, 255))
    horizon = rng.uniform(0.3, 0.6)
    for layer in range(rng.randint(2, 5)):
        profile = _smooth_noise((width, 64), rng.randint(2, 6), rng)[rng.randrange(64)]
        level = height * (horizon + 0.14 * layer) - profile * height * rng.uniform(0.1, 0.35)
        outline = [*enumerate(level.tolist()), (width, height), (0, height)]
        draw.polygon(outline, fill=_colour(rng, 20, 190))
    return scene


def _street(size: tuple[int, int], rng: random.Random) -> Picture:
    """Return houses with windows under a sky."""
    width, height = size
    scene = _fade(size, _colour(rng, 30, 230), _colour(rng, 100, 255))
    draw = ImageDraw.Draw(scene)
    left = -rng.uniform(0, width / 8)
    while left < width:
        right, top = left + width * rng.uniform(0.1, 0.35), height * rng.uniform(0.05, 0.6)
        draw.rectangle((left, top, right, height), fill=_colour(rng, 30, 220))
        glass, across, down = (
            _colour(rng, 0, 255),
            rng.randint(2, 5),
            height * rng.uniform(0.05, 0.1),
        )
        step, row = (right - left) / across, top + down / 2
        while row < height * 0.85:
            for i in range(across):
                x = left + (i + 0.25) * step
                draw.rectangle((x, row, x + step / 2, row + down / 2), fill=glass)
            row += down
        left = right + rng.choice([0, 0, width * 0.03])
    draw.rectangle((0, height * 0.88, width, height), fill=_colour(rng, 40, 120))
    return scene


def _table(size: tuple[int, int], rng: random.Random) -> Picture:
    """Return shaded balls in front of a wall."""
    width, height = size
    values = np.asarray(
        _fade(size, _colour(rng, 60, 255), _colour(rng, 20, 200)), np.float32
    ).copy()
    row, column = np.mgrid[:height, :width]
    edge = rng.uniform(0.45, 0.7) * height
    values[row > edge] = values[row > edge] * 0.4 + 0.6 * np.array(_colour(rng, 30, 220))
    for _ in range(rng.randint(2, 6)):
        radius = min(size) * rng.uniform(0.08, 0.25)
        x, y = rng.uniform(0, width), rng.uniform(edge - radius, height - radius / 2)
        dx, dy = (column - x) / radius, (row - y) / radius
        inside = dx**2 + dy**2 < 1
        shade = (0.75 - 0.35 * dx - 0.45 * dy)[inside][:, None]
        values[inside] = shade * np.array(_colour(rng, 40, 255))
    return _to_picture(values)


def _leaves(size: tuple[int, int], rng: random.Random) -> Picture:
    """Return overlapping leaves of two or three colours."""
    width, height = size
    scene = Image.new("RGB", size, _colour(rng, 0, 120))
    draw = ImageDraw.Draw(scene)
    palette = [_colour(rng, 20, 235) for _ in range(3)]
    for _ in range(rng.randint(80, 250)):
        x, y, turn = rng.uniform(0, width), rng.uniform(0, height), rng.uniform(0, math.tau)
        length, breadth = min(size) * rng.uniform(0.04, 0.2), rng.uniform(0.25, 0.6)
        outline = []
        for step in range(14):
            angle = step / 14 * math.tau
            u, v = length * math.cos(angle), length * breadth * math.sin(angle)
            along, across = math.cos(turn), math.sin(turn)
            outline.append((x + u * along - v * across, y + u * across + v * along))
        fill = tuple(min(255, round(v * rng.uniform(0.6, 1.3))) for v in rng.choice(palette))
        draw.polygon(outline, fill=fill)
    return scene


# --- shape -------------------------------------------------------------------------------------


def _perspective(image: Picture, rng: random.Random) -> Picture:
    """See the picture from the side, on a plain ground."""
    fill = rng.choice([(0, 0, 0), (255, 255, 255), _colour(rng)])
    corners = _jittered_corners((0, 0, *image.size), 0.25, rng)
    return _project(image, corners, Image.new("RGB", image.size, fill))


def _any_angle(image: Picture, rng: random.Random) -> Picture:
    """Turn by any angle; the corners are filled."""
    fill = rng.choice([(0, 0, 0), (255, 255, 255), _colour(rng)])
    angle = rng.uniform(0, 360)
    return image.rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor=fill)


def _any_angle_cropped(image: Picture, rng: random.Random) -> Picture:
    """Turn by any angle and crop, in the old proportions, until no corner is empty."""
    width, height = image.size
    angle = rng.uniform(0, 360)
    cos, sin = abs(math.cos(math.radians(angle))), abs(math.sin(math.radians(angle)))
    share = min(width / (width * cos + height * sin), height / (width * sin + height * cos))
    turned = image.rotate(angle, Image.Resampling.BICUBIC, expand=True)
    half_x, half_y = width * share / 2, height * share / 2
    x, y = turned.width / 2, turned.height / 2
    left, top, right, bottom = x - half_x, y - half_y, x + half_x, y + half_y
    return turned.crop((round(left), round(top), round(right), round(bottom)))


def _swirl(image: Picture, rng: random.Random) -> Picture:
    """Twist the middle."""
    x, y = _grid(*image.size)
    amount = rng.choice([-1, 1]) * rng.uniform(0.6, 1.3)
    angle = amount * (1 - np.hypot(x, y)).clip(0) ** 2
    return _sample(
        image, x * np.cos(angle) - y * np.sin(angle), x * np.sin(angle) + y * np.cos(angle)
    )


def _ripple(image: Picture, rng: random.Random) -> Picture:
    """Shift rows and columns along waves."""
    x, y = _grid(*image.size)
    size, waves = rng.uniform(0.015, 0.035), rng.uniform(2, 6) * math.pi
    phase = rng.uniform(0, math.tau)
    return _sample(image, x + size * np.sin(waves * y + phase), y + size * np.sin(waves * x))


def _lens(image: Picture, rng: random.Random) -> Picture:
    """Bulge or pinch as a wide-angle lens or an old tube does."""
    x, y = _grid(*image.size)
    bend = rng.choice([rng.uniform(-0.28, -0.15), rng.uniform(0.15, 0.35)])
    factor = (1 + bend * (x**2 + y**2)) / (1 + max(0.0, bend))
    return _sample(image, x * factor, y * factor)


def _stretch(image: Picture, rng: random.Random) -> Picture:
    """Make one side 1.6 times as long."""
    width, height = image.size
    size = rng.choice([(round(width * 1.6), height), (width, round(height * 1.6))])
    return image.resize(size, Image.Resampling.BICUBIC)


def _strip(image: Picture, rng: random.Random) -> Picture:
    """Cut 40 % away from one side."""
    width, height = image.size
    x, y = round(width * 0.4), round(height * 0.4)
    boxes = [(x, 0, width, height), (0, 0, width - x, height), (0, y, width, height)]
    return image.crop(rng.choice([*boxes, (0, 0, width, height - y)]))


# --- things on top -----------------------------------------------------------------------------


def _covered(image: Picture, rng: random.Random) -> Picture:
    """Cover 20 to 35 % of the area with one black box."""
    image, (width, height) = image.copy(), image.size
    area, shape = rng.uniform(0.20, 0.35), math.exp(rng.uniform(-0.4, 0.4))
    box_width, box_height = width * math.sqrt(area * shape), height * math.sqrt(area / shape)
    x, y = rng.uniform(0, width - box_width), rng.uniform(0, height - box_height)
    ImageDraw.Draw(image).rectangle((x, y, x + box_width, y + box_height), fill=(0, 0, 0))
    return image


def _stickers(image: Picture, rng: random.Random) -> Picture:
    """Paste faces, hearts and stars."""
    image, side = image.copy(), min(image.size)
    for _ in range(rng.randint(3, 6)):
        sticker = rng.choice([_face, _heart, _star])(rng)
        length = round(side * rng.uniform(0.14, 0.28))
        sticker = sticker.rotate(rng.uniform(-25, 25)).resize((length, length))
        place = rng.randint(0, image.width - length), rng.randint(0, image.height - length)
        image.paste(sticker, place, sticker)
    return image


def _face(rng: random.Random) -> Picture:
    """Return a round face, 256 × 256, RGBA."""
    sticker = Image.new("RGBA", (256, 256))
    draw = ImageDraw.Draw(sticker)
    draw.ellipse((16, 16, 240, 240), fill=(255, rng.randint(190, 225), 60, 255))
    for x in (90, 166):
        draw.ellipse((x - 14, 80, x + 14, 122), fill=(60, 40, 20, 255))
    mouth = (70, 90, 186, 200)
    if rng.random() < 0.5:
        draw.chord(mouth, 10, 170, fill=(130, 30, 40, 255))
    else:
        draw.arc(mouth, 20, 160, fill=(60, 40, 20, 255), width=12)
    return sticker


def _heart(rng: random.Random) -> Picture:
    """Return a heart, 256 × 256, RGBA."""
    sticker = Image.new("RGBA", (256, 256))
    steps = [i / 60 * math.tau for i in range(60)]
    outline = [
        (
            128 + 7 * 16 * math.sin(t) ** 3,
            116 - 7 * (13 * math.cos(t) - 5 * math.cos(2 * t) - 2 * math.cos(3 * t)),
        )
        for t in steps
    ]
    ImageDraw.Draw(sticker).polygon(outline, fill=(rng.randint(200, 255), 30, 70, 255))
    return sticker


def _star(rng: random.Random) -> Picture:
    """Return a star of five points, 256 × 256, RGBA."""
    sticker = Image.new("RGBA", (256, 256))
    outline = []
    for i in range(10):
        radius, angle = (116, 48)[i % 2], i / 10 * math.tau - math.pi / 2
        outline.append((128 + radius * math.cos(angle), 128 + radius * math.sin(angle)))
    ImageDraw.Draw(sticker).polygon(outline, fill=(*_colour(rng, 60, 255), 255))
    return sticker


def _annotated(image: Picture, rng: random.Random) -> Picture:
    """Draw a ring, an arrow and a marker line over the picture, as in a bug report."""
    layer, (width, height) = Image.new("RGBA", image.size), image.size
    draw, pen = ImageDraw.Draw(layer), max(3, min(image.size) // 60)
    ink = (*rng.choice([(230, 20, 30), (30, 90, 230), (20, 20, 20)]), 255)
    x, y = rng.uniform(0.1, 0.6) * width, rng.uniform(0.1, 0.6) * height
    ring = (x, y, x + rng.uniform(0.2, 0.35) * width, y + rng.uniform(0.2, 0.35) * height)
    draw.ellipse(ring, outline=ink, width=pen)
    tail = rng.uniform(0, width), rng.uniform(0, height)
    draw.line((*tail, x, y), fill=ink, width=pen)
    for turn in (-0.5, 0.5):
        angle = math.atan2(tail[1] - y, tail[0] - x) + turn
        barb = x + 7 * pen * math.cos(angle), y + 7 * pen * math.sin(angle)
        draw.line((x, y, *barb), fill=ink, width=pen)
    line_y = rng.uniform(0.1, 0.9) * height
    draw.line((width * 0.1, line_y, width * 0.8, line_y), fill=(255, 235, 0, 130), width=5 * pen)
    draw.text((width * 0.1, line_y), _sentence(rng, 4), fill=ink, font=_font(height / 16))
    return Image.alpha_composite(image.convert("RGBA"), layer).convert("RGB")


def _inset(image: Picture, rng: random.Random) -> Picture:
    """Put another picture, small and framed, into a corner: picture in picture."""
    image, (width, height) = image.copy(), image.size
    share = rng.uniform(0.28, 0.4)
    inner = _scene((round(width * share), round(height * share)), rng)
    inner = ImageOps.expand(inner, max(2, min(image.size) // 100), fill=(255, 255, 255))
    gap = min(image.size) // 30
    left = rng.choice([gap, width - inner.width - gap])
    image.paste(inner, (left, rng.choice([gap, height - inner.height - gap])))
    return image


def _blend(image: Picture, rng: random.Random) -> Picture:
    """Let another picture shine through by 30 %."""
    return Image.blend(image, _scene(image.size, rng), 0.3)


# --- things around -----------------------------------------------------------------------------


def _card(image: Picture, rng: random.Random) -> Picture:
    """Round the corners and lay the picture with a shadow on a plain ground."""
    width, height = image.size
    margin, radius = round(min(image.size) * rng.uniform(0.1, 0.18)), min(image.size) // 10
    size = width + 2 * margin, height + 2 * margin
    mask = Image.new("L", image.size)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, width - 1, height - 1), radius, fill=255)
    shadow = Image.new("L", size)
    shadow.paste(mask.point(lambda v: v * 0.6), (margin + margin // 5, margin + margin // 4))
    shadow = shadow.filter(ImageFilter.GaussianBlur(margin / 4))
    ground = Image.new("RGB", size, _colour(rng, 150, 255))
    ground.paste((20, 20, 25), (0, 0), shadow)
    ground.paste(image, (margin, margin), mask)
    return ground


def _meme(image: Picture, rng: random.Random) -> Picture:
    """Add white bars with a caption above and below."""
    width, height = image.size
    above, below = (round(height * rng.uniform(0.16, 0.28)) for _ in range(2))
    page = Image.new("RGB", (width, height + above + below), (255, 255, 255))
    page.paste(image, (0, above))
    draw = ImageDraw.Draw(page)
    for middle in (above / 2, above + height + below / 2):
        text = _sentence(rng, 5) + "\n" + _sentence(rng, 4)
        font = _font(min(above, below) / 3.2)
        draw.text((width / 2, middle), text, (0, 0, 0), font, anchor="mm", align="center")
    return page


def _phone_dark(image: Picture, rng: random.Random) -> Picture:
    """Show the picture as a post on a phone in dark mode."""
    width = 420
    height = round(width * rng.uniform(1.8, 2.17))
    page = Image.new("RGB", (width, height), rng.choice([(0, 0, 0), (18, 18, 20), (21, 32, 43)]))
    shown = ImageOps.contain(image, (width, round(height * 0.62)))
    top = round(height * 0.14)
    page.paste(shown, ((width - shown.width) // 2, top))
    draw = ImageDraw.Draw(page)
    draw.text((24, 10), f"{rng.randint(0, 23)}:{rng.randint(10, 59)}", (240, 240, 240), _font(16))
    draw.rounded_rectangle((width - 56, 12, width - 24, 26), 4, outline=(240, 240, 240))
    draw.ellipse((14, top - 58, 56, top - 16), fill=_colour(rng, 60, 255))
    draw.text((68, top - 52), _sentence(rng, 2), (235, 235, 235), _font(17))
    draw.text((68, top - 30), f"{rng.randint(2, 23)} hours ago", (140, 140, 145), _font(13))
    below = top + shown.height + 16
    for i in range(3):
        draw.ellipse(
            (16 + 44 * i, below, 42 + 44 * i, below + 26), outline=(235, 235, 235), width=3
        )
    for line in range(rng.randint(2, 5)):
        draw.text((16, below + 44 + 24 * line), _sentence(rng, 7), (200, 200, 205), _font(15))
    return page


def _beside_photo(image: Picture, rng: random.Random) -> Picture:
    """Put another photo beside the picture or below it, with a thin gap."""
    width, height = image.size
    other, gap = _scene(image.size, rng), rng.choice([0, 6])
    places = [(0, 0), (width + gap, 0)]
    page = Image.new("RGB", (2 * width + gap, height), (255, 255, 255))
    if rng.random() < 0.4:
        places = [(0, 0), (0, height + gap)]
        page = Image.new("RGB", (width, 2 * height + gap), (255, 255, 255))
    rng.shuffle(places)
    page.paste(image, places[0])
    page.paste(other, places[1])
    return page


def _grid_of_four(image: Picture, rng: random.Random) -> Picture:
    """Make the picture one of four in a grid."""
    width, height = (max(32, round(side * 0.7)) for side in image.size)
    page = Image.new("RGB", (2 * width + 4, 2 * height + 4), (255, 255, 255))
    places = [(0, 0), (width + 4, 0), (0, height + 4), (width + 4, height + 4)]
    rng.shuffle(places)
    page.paste(image.resize((width, height), Image.Resampling.LANCZOS), places[0])
    for place in places[1:]:
        page.paste(_scene((width, height), rng), place)
    return page


def _on_photo(image: Picture, rng: random.Random) -> Picture:
    """Paste the picture, smaller, onto another photo."""
    page = _scene(image.size, rng)
    share = rng.uniform(0.55, 0.75)
    small = image.resize((round(image.width * share), round(image.height * share)))
    place = rng.randint(0, page.width - small.width), rng.randint(0, page.height - small.height)
    page.paste(small, place)
    return page


def _print_photo(image: Picture, rng: random.Random) -> Picture:
    """Photograph a print on a table: perspective, uneven light, moiré, blur and noise."""
    width, height = (round(side * 1.3) for side in image.size)
    grain = _smooth_noise((width, 32), 12, rng)[rng.randrange(32)]
    wood = np.array(_colour(rng, 60, 200)) * (0.7 + 0.5 * grain[:, None])
    ground = _to_picture(np.broadcast_to(wood, (height, width, 3)))
    paper = ImageOps.expand(image, max(2, min(image.size) // 25), fill=(245, 243, 238))
    box = (width * 0.05, height * 0.05, width * 0.95, height * 0.95)
    shot = _project(paper, _jittered_corners(box, 0.12, rng), ground)
    values = np.asarray(shot.filter(ImageFilter.GaussianBlur(rng.uniform(0.8, 1.6))), np.float32)
    x, y = _grid(width, height)
    light = 1 - 0.35 * ((x - rng.uniform(-0.5, 0.5)) ** 2 + (y - rng.uniform(-0.5, 0.5)) ** 2)
    moire = 7 * np.sin(rng.uniform(60, 140) * x + rng.uniform(-80, 80) * y + 4 * x * y)
    noise = _numpy_rng(rng).normal(0, rng.uniform(4, 9), values.shape)
    return _to_picture(values * light[..., None].clip(0.25) + moire[..., None] + noise)


# --- colour ------------------------------------------------------------------------------------


def _vintage(image: Picture, rng: random.Random) -> Picture:
    """Apply the filter of a photo app: sepia, dark corners, faded blacks."""
    values = np.asarray(image, np.float32)
    sepia = values.mean(2, keepdims=True) * np.array([1.12, 0.98, 0.76])
    share = rng.uniform(0.5, 0.9)
    x, y = _grid(*image.size)
    corners = 1 - rng.uniform(0.25, 0.4) * (x**2 + y**2)
    toned = (sepia * share + values * (1 - share)) * corners[..., None]
    lift = rng.uniform(25, 55)
    return _to_picture(lift + toned * (235 - lift) / 255)


def _duotone(image: Picture, rng: random.Random) -> Picture:
    """Show brightness in two colours, as on a poster."""
    grey = ImageOps.autocontrast(ImageOps.grayscale(image), cutoff=1)
    return ImageOps.colorize(grey, _colour(rng, 0, 90), _colour(rng, 170, 255))


def _bgr(image: Picture, rng: random.Random) -> Picture:
    """Swap red and blue, the classic slip in image code."""
    red, green, blue = image.split()
    return Image.merge("RGB", (blue, green, red))


def _posterise(image: Picture, rng: random.Random) -> Picture:
    """Keep 2 or 3 bits of each channel."""
    return ImageOps.posterize(image, rng.choice([2, 3]))


def _gif(image: Picture, rng: random.Random) -> Picture:
    """Dither to a palette of 8 to 32 colours, as in a small GIF."""
    small = ImageOps.contain(image, (360, 360))
    palette = small.quantize(rng.choice([8, 16, 32]))
    return small.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG).convert("RGB")


def _newsprint(image: Picture, rng: random.Random) -> Picture:
    """Print with black dots at 45 degrees."""
    row, column = np.mgrid[: image.height, : image.width]
    pitch = max(3.6, min(image.size) / 120) * rng.uniform(0.9, 1.3) / math.pi
    screen = 2 + np.sin((column + row) / pitch / 1.414) + np.sin((column - row) / pitch / 1.414)
    grey = np.asarray(ImageOps.grayscale(image), np.float32) / 255
    ink = ((grey * 4 - screen) * 2 + 0.5).clip(0, 1)[..., None]
    return _to_picture(ink * np.array([243, 240, 230]) + (1 - ink) * np.array([35, 33, 38]))


# --- loss --------------------------------------------------------------------------------------


def _motion_blur(image: Picture, rng: random.Random) -> Picture:
    """Smear along a line of 3 to 5 % of the diagonal."""
    length = max(5, round(math.hypot(*image.size) * rng.uniform(0.03, 0.05)))
    angle = rng.uniform(0, math.pi)
    values = np.pad(np.asarray(image, np.float32), ((length,), (length,), (0,)), mode="edge")
    total = np.zeros((image.height, image.width, 3), np.float32)
    for step in range(length):
        distance = step - length / 2
        x, y = round(distance * math.cos(angle)), round(distance * math.sin(angle))
        top, left = length + y, length + x
        total += values[top : top + image.height, left : left + image.width]
    return _to_picture(total / length)


def _jpeg_twice(image: Picture, rng: random.Random) -> Picture:
    """Save at quality 6 to 14, cut 3 pixels off so that the blocks shift, and save again."""
    for _ in range(2):
        file = io.BytesIO()
        image.crop((3, 3, *image.size)).save(file, "JPEG", quality=rng.randint(6, 14))
        image = Image.open(file).convert("RGB")
    return image


EDITS: dict[str, Edit] = {
    "perspective": _perspective,
    "any_angle": _any_angle,
    "any_angle_cropped": _any_angle_cropped,
    "swirl": _swirl,
    "ripple": _ripple,
    "lens": _lens,
    "stretch": _stretch,
    "strip": _strip,
    "covered": _covered,
    "stickers": _stickers,
    "annotated": _annotated,
    "inset": _inset,
    "blend": _blend,
    "card": _card,
    "meme": _meme,
    "phone_dark": _phone_dark,
    "beside_photo": _beside_photo,
    "grid_of_four": _grid_of_four,
    "on_photo": _on_photo,
    "print_photo": _print_photo,
    "vintage": _vintage,
    "duotone": _duotone,
    "bgr": _bgr,
    "posterise": _posterise,
    "gif": _gif,
    "newsprint": _newsprint,
    "motion_blur": _motion_blur,
    "jpeg_twice": _jpeg_twice,
}
