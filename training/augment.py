"""Edited views of a picture, like its copies in the wild: framed, cropped, re-encoded and so on.

Everything works on a small square of RGB bytes, mostly with one affine warp, so that a view takes
much less than a millisecond.
"""

from __future__ import annotations

import dataclasses

import cv2
import numpy as np
from numpy.random import Generator

from training.config import Config
from training.procedural import (
    Colour,
    Picture,
    draw_shape,
    noise_field,
    random_colour,
    random_words,
)

GREY = np.array([0.299, 0.587, 0.114], np.float32)
Box = tuple[float, float, float, float]
"""x, y, width, height as fractions of the canvas."""


@dataclasses.dataclass(frozen=True)
class Source:
    """A picture to make views of.

    Attributes
    ----------
    pixels : ndarray of uint8, shape (side, side, 3)
        RGB, squashed to a square.
    aspect : float
        Width / height before squashing; decides what a rotation does to it.
    """

    pixels: Picture
    aspect: float


class Augmenter:
    """Makes weak and strong views.

    Parameters
    ----------
    config : Config
        Probabilities of the edits.
    rng : Generator
        Decides everything.
    side : int
        Side of the views in pixels.
    """

    def __init__(self, config: Config, rng: Generator, side: int):
        self.config, self.rng, self.side = config, rng, side

    def chance(self, probability: float) -> bool:
        """Toss a coin."""
        return bool(self.rng.random() < probability)

    def weak(self, source: Source) -> Picture:
        """Untouched in half of the cases, else slightly cropped, toned or re-encoded."""
        if self.chance(0.5):
            return shrink(source.pixels, self.side)
        pixels = source.pixels
        if self.chance(0.4):
            pixels = self._crop(pixels, 0.75)
        view = shrink(pixels, self.side)
        if self.chance(0.4):
            view = self._tone(view, 0.5)
        if self.chance(0.15):
            view = self._text(view)
        if self.chance(0.4):
            view = self._jpeg(view, 35)
        return view

    def strong(self, source: Source, other: Source) -> Picture:
        """Several edits at once; `other` serves as background, neighbour or cover."""
        view = self._colours(self._geometry(source, other))
        if self.chance(self.config.patch):
            view = self._patch(view, other)
        if self.chance(self.config.sticker):
            view = self._stickers(view)
        if self.chance(self.config.text):
            view = self._text(view)
        if self.chance(self.config.watermark):
            view = self._watermark(view)
        return self._degrade(view)

    # Geometry

    def _geometry(self, source: Source, other: Source) -> Picture:
        config = self.config
        pixels, aspect = source.pixels, source.aspect
        angle = self._angle() if self.chance(config.tilt) else 0.0
        surrounded, warped = self.chance(config.surround), self.chance(config.warp)
        if self.chance(config.crop):
            within = surrounded or warped or angle
            least = config.crop_min_area_within if within else config.crop_min_area
            pixels = self._crop(pixels, least)
        if self.chance(config.orientation):
            turns = int(self.rng.integers(4))
            pixels = np.rot90(pixels, turns)
            aspect = 1 / aspect if turns % 2 else aspect
            pixels = pixels[:, ::-1] if self.chance(0.5) else pixels
        if warped:
            pixels = self._warp(pixels)
        if surrounded:
            return self._place(pixels, aspect, angle, *self._surround(other))
        if angle:
            canvas = np.full((self.side, self.side, 3), self._fill(), np.uint8)
            return self._place(pixels, aspect, angle, canvas, (0.0, 0.0, 1.0, 1.0))
        return shrink(pixels, self.side)

    def _angle(self) -> float:
        """Any angle, or some degrees."""
        if self.chance(self.config.any_angle):
            return self.rng.uniform(-180, 180)
        return self.rng.normal(0, 7)

    def _fill(self) -> Colour:
        """Colour of an empty background: mostly black or white."""
        return ((0, 0, 0), (255, 255, 255), random_colour(self.rng))[self.rng.integers(3)]

    def _warp(self, pixels: Picture) -> Picture:
        """Move the four corners, as when a picture is photographed from aside."""
        rng, (rows, columns) = self.rng, pixels.shape[:2]
        corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1]])
        moves = rng.uniform(0, rng.uniform(0.08, 0.28), (4, 2)) * (1 - 2 * corners)
        if self.chance(0.35):  # outwards: parts are lost, no background shows
            moves = -0.6 * moves
        size = np.array([columns, rows])
        before = (corners * size).astype(np.float32)
        after = ((corners + moves) * size).astype(np.float32)
        matrix = cv2.getPerspectiveTransform(before, after)
        return cv2.warpPerspective(
            np.ascontiguousarray(pixels), matrix, (columns, rows), borderValue=self._fill()
        )

    def _crop(self, pixels: Picture, min_area: float) -> Picture:
        """Cut out a window of at least `min_area` of the picture; mostly of its aspect."""
        rng = self.rng
        area = np.exp(rng.uniform(np.log(min_area), 0))
        stretch = np.exp(rng.normal(0, 0.25)) if self.chance(0.4) else 1.0
        side = len(pixels)
        width = int(side * min(1.0, np.sqrt(area * stretch)))
        height = int(side * min(1.0, np.sqrt(area / stretch)))
        x, y = rng.integers(0, side - width + 1), rng.integers(0, side - height + 1)
        if self.chance(0.25):
            x, y = (side - width) // 2, (side - height) // 2
        return pixels[y : y + height, x : x + width]

    def _place(
        self, pixels: Picture, aspect: float, angle: float, canvas: Picture, box: Box
    ) -> Picture:
        """Paste the picture, rotated by `angle` degrees, into `box` of `canvas`."""
        side = self.side
        x, y, width, height = (v * side for v in box)
        shrunk = (max(2, round(width)), max(2, round(height)))
        if shrunk[0] * 1.5 < pixels.shape[1] or shrunk[1] * 1.5 < pixels.shape[0]:
            pixels = cv2.resize(pixels, shrunk, interpolation=cv2.INTER_AREA)
        rows, columns = pixels.shape[:2]
        radians = np.deg2rad(angle)
        cos, sin = np.cos(radians), np.sin(radians)
        rotation = np.array([[cos, -sin / aspect], [sin * aspect, cos]])
        if angle and self.chance(0.5):  # enlarge the canvas so that no corner is lost
            rotation /= np.abs(rotation).sum(1, keepdims=True)
        elif angle and self.chance(0.2):  # zoom in until no background shows
            rotation *= np.abs(rotation).sum(1).max()
        linear = np.diag([width, height]) @ rotation @ np.diag([1 / columns, 1 / rows])
        centre = np.array([x + width / 2, y + height / 2])
        shift = centre - linear @ [columns / 2, rows / 2] + linear @ [0.5, 0.5] - 0.5
        affine = np.column_stack([linear, shift])
        mode = cv2.BORDER_TRANSPARENT
        return cv2.warpAffine(
            np.ascontiguousarray(pixels), affine, (side, side), canvas, cv2.INTER_LINEAR, mode
        )

    def _surround(self, other: Source) -> tuple[Picture, Box]:
        """Return a canvas and the box in it where the picture goes."""
        rng, side = self.rng, self.side
        kind = rng.choice(6, p=self.config.surroundings)
        canvas = np.full((side, side, 3), self._fill(), np.uint8)
        if kind == 0:  # frame
            x, y = rng.uniform(0.02, 0.14, 2)
            return canvas, (x, y, 1 - 2 * x, 1 - 2 * y)
        if kind == 1:  # letterbox
            bar = rng.uniform(0.05, 0.25)
            start = bar if self.chance(0.8) else rng.uniform(0, 2 * bar)
            low = (0.0, start, 1.0, 1 - 2 * bar)
            return canvas, low if self.chance(0.5) else (start, 0.0, 1 - 2 * bar, 1.0)
        if kind == 2:
            return self._page()
        if kind == 3:  # collage
            return self._collage(canvas, other)
        if kind == 5:
            return self._grid(other)
        canvas = shrink(other.pixels, side).copy()
        width, height = rng.uniform(0.55, 0.9, 2)
        x, y = rng.uniform(0, 1 - width), rng.uniform(0, 1 - height)
        return canvas, (x, y, width, height)

    def _page(self) -> tuple[Picture, Box]:
        """Return a screenshot page with a coloured bar and lines of text, and a box in it."""
        rng, side = self.rng, self.side
        light = self.chance(0.8)
        paper = rng.integers(235, 256, 3) if light else rng.integers(0, 50, 3)
        ink = (40, 40, 40) if light else (210, 210, 210)
        canvas = np.full((side, side, 3), paper, np.uint8)
        bar = int(side * rng.uniform(0.04, 0.12))
        cv2.rectangle(canvas, (0, 0), (side, bar), random_colour(rng), -1)
        width, height = rng.uniform(0.65, 1.0), rng.uniform(self.config.page_least_height, 0.85)
        x = (1 - width) / 2 if self.chance(0.7) else rng.uniform(0, 1 - width)
        y = rng.uniform(bar / side, 1 - height) if self.chance(0.5) else bar / side + 0.02
        y = min(y, 1 - height)
        line = int((y + height) * side) + 5
        while line < side:
            words = random_words(rng, int(rng.integers(8, 34)))
            cv2.putText(canvas, words, (int(x * side), line), 0, 0.25, ink, 1, cv2.LINE_AA)
            line += int(rng.integers(5, 10))
        return canvas, (x, y, width, height)

    def _collage(self, canvas: Picture, other: Source) -> tuple[Picture, Box]:
        """Put another picture or a smooth pattern beside the place of this one."""
        rng, side = self.rng, self.side
        share = 0.5 if self.chance(0.6) else rng.uniform(0.38, 0.68)
        cut = round(side * share)
        canvas[:, cut:] = self._neighbour(other, (side - cut, side))
        box = (0.0, 0.0, cut / side, 1.0)
        if not self.chance(0.5):
            canvas, box = canvas[:, ::-1], (1 - cut / side, 0.0, cut / side, 1.0)
        if self.chance(0.4):
            canvas, box = canvas.transpose(1, 0, 2), (0.0, box[0], 1.0, box[2])
        return np.ascontiguousarray(canvas), box

    def _neighbour(self, other: Source, size: tuple[int, int]) -> Picture:
        """Fill a place beside the picture: by a part of another one or a smooth pattern."""
        if self.chance(0.45):
            shape = (*self.rng.integers(2, 9, 2), 3)
            cells = self.rng.integers(0, 256, shape).astype(np.uint8)
            return cv2.resize(cells, size, interpolation=cv2.INTER_CUBIC)
        pixels = self._crop(other.pixels, 0.4) if self.chance(0.4) else other.pixels
        return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)

    def _grid(self, other: Source) -> tuple[Picture, Box]:
        """Put three others, parts of one picture and patterns, around a quarter."""
        half = self.side // 2
        canvas = np.empty((self.side, self.side, 3), np.uint8)
        for y in (0, half):
            for x in (0, half):
                size = (self.side - half if x else half, self.side - half if y else half)
                canvas[y : y + size[1], x : x + size[0]] = self._neighbour(other, size)
        x, y = self.rng.choice([0.0, 0.5], 2)
        return canvas, (float(x), float(y), 0.5, 0.5)

    # Colours

    def _colours(self, view: Picture) -> Picture:
        if self.chance(self.config.tone):
            view = self._tone(view, 1.0)
        if self.chance(self.config.colour):
            view = self._recolour(view)
        if self.chance(self.config.filter):
            view = self._filter(view)
        if self.chance(self.config.reproduce):
            view = self._reproduce(view)
        return view

    def _recolour(self, view: Picture) -> Picture:
        """Take the colour away, strengthen or weaken it, or shift it."""
        rng = self.rng
        if self.chance(self.config.grey):
            return cv2.transform(view, np.tile(GREY, (3, 1)))
        kind = rng.integers(3)
        if kind == 0:
            amount = np.exp(rng.uniform(np.log(0.2), np.log(2.8)))
            matrix = amount * np.eye(3) + (1 - amount) * GREY
        elif kind == 1:
            matrix = np.diag(np.exp(rng.normal(0, 0.2, 3)))
        else:
            hsv = cv2.cvtColor(view, cv2.COLOR_RGB2HSV)
            shift = int(rng.integers(-self.config.hue, self.config.hue + 1))
            hsv[..., 0] = (hsv[..., 0].astype(int) + shift) % 180
            return cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB)
        return cv2.transform(view, matrix.astype(np.float32))

    def _filter(self, view: Picture) -> Picture:
        """Apply the kind of filter that photo apps offer."""
        rng, kind = self.rng, self.rng.integers(3)
        if kind == 0:  # a smooth curve for each channel: faded blacks, tinted lights
            start, stop = rng.uniform(0, 70, 3), rng.uniform(185, 256, 3)
            bend = np.exp(rng.normal(0, 0.25, 3))
            levels = (np.arange(256) / 255)[:, None] ** bend
            curve = (start + (stop - start) * levels).astype(np.uint8)
            return cv2.LUT(view, curve[None])
        if kind == 1:  # grey, then from one colour to another, partly mixed in
            grey = cv2.transform(view, np.tile(GREY, (3, 1)))
            dark, light = rng.uniform(0, 110, 3), rng.uniform(150, 256, 3)
            levels = (np.arange(256) / 255)[:, None]
            toned = cv2.LUT(grey, (dark + (light - dark) * levels).astype(np.uint8)[None])
            share = rng.uniform(0.5, 1.0)
            return cv2.addWeighted(toned, share, view, 1 - share, 0)
        across = np.linspace(-1, 1, self.side, dtype=np.float32) ** 2
        shade = 1 - rng.uniform(0.2, 0.45) * (across[:, None] + across[None])
        return (view * shade[..., None]).clip(0, 255).astype(np.uint8)

    def _reproduce(self, view: Picture) -> Picture:
        """Copy the picture in a way that loses most of its levels."""
        rng, kind = self.rng, self.rng.integers(4)
        if kind == 0:  # a photocopy: what is darker than its surroundings is black
            grey = cv2.cvtColor(view, cv2.COLOR_RGB2GRAY).astype(np.float32)
            around = cv2.GaussianBlur(grey, (0, 0), self.side * rng.uniform(0.06, 0.3))
            inked = 128 + (grey - around) * rng.uniform(1.5, 8) + rng.uniform(0, 90)
            return np.repeat(inked.clip(0, 255).astype(np.uint8)[..., None], 3, 2)
        if kind == 1:
            return self._dots(view)
        if kind == 2:  # solarised
            levels = np.arange(256)
            turned = np.where(levels > rng.integers(70, 200), 255 - levels, levels)
            return cv2.LUT(view, turned.astype(np.uint8))
        grain = rng.standard_normal(view.shape, np.float32) * rng.uniform(0, 4)
        dark = view * np.float32(rng.uniform(0.08, 0.35)) + grain
        return dark.clip(0, 255).astype(np.uint8)

    def _dots(self, view: Picture) -> Picture:
        """Print in dots of one ink or three, whose size follows the level."""
        rng, finer = self.rng, 3 * self.side
        inks = view if self.chance(0.5) else cv2.transform(view, np.tile(GREY, (3, 1)))
        large = cv2.resize(inks, (finer, finer), interpolation=cv2.INTER_LINEAR)
        angle, period = rng.uniform(0, np.pi), rng.uniform(3, 10)
        across, down = np.meshgrid(*[np.arange(finer, dtype=np.float32)] * 2)
        u = across * np.cos(angle) + down * np.sin(angle)
        v = down * np.cos(angle) - across * np.sin(angle)
        step = 2 * np.pi / period
        screen = 128 + 60 * (np.cos(u * step) + np.cos(v * step))
        printed = np.where(large > screen[..., None], np.uint8(245), np.uint8(20))
        return cv2.resize(printed, (self.side, self.side), interpolation=cv2.INTER_AREA)

    def _tone(self, view: Picture, strength: float) -> Picture:
        """Change brightness, contrast and gamma through one look-up table."""
        rng = self.rng
        levels = np.arange(256, dtype=np.float32) / 255
        if self.chance(0.5):
            levels = levels ** np.exp(rng.uniform(-0.8, 0.8) * strength)
        if self.chance(0.6):
            levels = levels * np.exp(rng.uniform(-0.6, 0.45) * strength)
        if self.chance(0.6):
            middle = float(view.mean()) / 255
            levels = middle + (levels - middle) * np.exp(rng.uniform(-0.75, 0.65) * strength)
        return cv2.LUT(view, (levels.clip(0, 1) * 255).astype(np.uint8))

    # Things drawn on top

    def _text(self, view: Picture) -> Picture:
        rng, side, view = self.rng, self.side, view.copy()
        for _ in range(rng.integers(1, 4)):
            words = random_words(rng, int(rng.integers(4, 18)))
            place = (int(rng.uniform(-0.05, 0.6) * side), int(rng.uniform(0.08, 1.0) * side))
            size, width = rng.uniform(0.3, 0.8) * side / 128, 1 + int(self.chance(0.25))
            font = int(rng.integers(0, 5))
            cv2.putText(view, words, place, font, size, random_colour(rng), width, cv2.LINE_AA)
        return view

    def _watermark(self, view: Picture) -> Picture:
        """Repeat pale words all over, straight or slanting."""
        rng, side = self.rng, self.side
        words = random_words(rng, int(rng.integers(4, 13)))
        across, down = (int(v) for v in rng.integers(1, 6, 2))
        size, width = rng.uniform(0.25, 0.6) * side / 128, 1 + int(self.chance(0.2))
        mask = np.zeros((side, side), np.uint8)
        for row in range(down):
            for column in range(across):
                place = (column * side // across, int((row + rng.uniform(0.1, 0.5)) * side / down))
                cv2.putText(mask, words, place, 0, size, 255, width, cv2.LINE_AA)
        if self.chance(0.3):
            middle = (side / 2, side / 2)
            turn = cv2.getRotationMatrix2D(middle, rng.uniform(-60, 60), rng.uniform(1, 1.4))
            mask = cv2.warpAffine(mask, turn, (side, side))
        colour = (255, 255, 255) if self.chance(0.7) else random_colour(rng)
        alpha = (mask / np.float32(255) * np.float32(rng.uniform(0.25, 0.7)))[..., None]
        return (view * (1 - alpha) + alpha * np.float32(colour)).astype(np.uint8)

    def _stickers(self, view: Picture) -> Picture:
        """Stick round faces, hearts of discs or bursts on the picture."""
        rng, side, view = self.rng, self.side, view.copy()
        for _ in range(rng.integers(1, 5)):
            radius = int(rng.uniform(0.06, 0.17) * side)
            x, y = (int(v) for v in rng.integers(0, side, 2))
            colour = random_colour(rng)
            if self.chance(0.4):
                kind, shade = int(rng.integers(1, 3)), random_colour(rng)
                draw_shape(view, rng, kind, (x, y), radius, colour)
                draw_shape(view, rng, 0, (x, y), max(2, radius // 2), shade)
                continue
            cv2.circle(view, (x, y), radius, colour, -1, cv2.LINE_AA)
            eye, line = max(1, radius // 6), max(1, radius // 8)
            for dx in (-radius // 3, radius // 3):
                cv2.circle(view, (x + dx, y - radius // 4), eye, (20, 20, 20), -1, cv2.LINE_AA)
            axes = (radius // 2, radius // 2)
            cv2.ellipse(view, (x, y), axes, 0, 20, 160, (20, 20, 20), line, cv2.LINE_AA)
        return view

    def _patch(self, view: Picture, other: Source) -> Picture:
        """Cover a part with a logo, a flat box or another picture, mostly in a corner."""
        rng, side, view = self.rng, self.side, view.copy()
        width, height = (rng.uniform(0.12, self.config.patch_side, 2) * side).astype(int)
        if self.chance(self.config.bar):
            long, short = side - 1, int(rng.uniform(0.1, 0.35) * side)
            width, height = (long, short) if self.chance(0.5) else (short, long)
        kind = rng.integers(3)
        if kind == 0:
            cells = rng.integers(0, 256, (*rng.integers(2, 6, 2), 3)).astype(np.uint8)
            patch = cv2.resize(cells, (width, height), interpolation=cv2.INTER_NEAREST)
        elif kind == 1:
            patch = cv2.resize(other.pixels, (width, height), interpolation=cv2.INTER_AREA)
        else:
            patch = np.full((height, width, 3), random_colour(rng), np.uint8)
        x, y = int(rng.integers(0, side - width)), int(rng.integers(0, side - height))
        if self.chance(0.6):
            x, y = int(rng.choice([0, side - width])), int(rng.choice([0, side - height]))
        view[y : y + height, x : x + width] = patch
        return view

    # Loss of quality

    def _degrade(self, view: Picture) -> Picture:
        rng, config, side = self.rng, self.config, self.side
        if self.chance(config.blur):
            view = self._blur(view)
        if self.chance(config.down_up):
            small = cv2.resize(view, None, fx=(f := rng.uniform(0.3, 0.8)), fy=f, interpolation=3)
            view = cv2.resize(small, (side, side), interpolation=int(rng.integers(0, 3)))
        if self.chance(config.sharpen):
            amount = rng.uniform(0.5, 2.5)
            smooth = cv2.GaussianBlur(view, (0, 0), rng.uniform(0.6, 1.6))
            view = cv2.addWeighted(view, 1 + amount, smooth, -amount, 0)
        if self.chance(config.noise):
            grain = rng.standard_normal(view.shape, np.float32) * rng.uniform(4, 25)
            if self.chance(0.3):
                grain = (noise_field(rng, side, 0.5, 1) * rng.uniform(1, 4)).astype(np.float32)
            view = (view + grain).clip(0, 255).astype(np.uint8)
        if self.chance(config.posterise):
            step = 256 // int(rng.integers(4, 13))
            view = cv2.LUT(
                view, (np.arange(256) // step * step + step // 2).clip(0, 255).astype("u1")
            )
        if self.chance(config.jpeg):
            view = self._jpeg(view, 15)
        return view

    def _blur(self, view: Picture) -> Picture:
        """Blur evenly or, as from a moving camera, in one direction."""
        if not self.chance(self.config.motion_blur):
            sigma = self.rng.uniform(0.4, 2.0) * self.side / 128
            return cv2.GaussianBlur(view, (0, 0), sigma)
        size = 2 * int(self.rng.integers(1, 6)) + 1
        kernel, angle = np.zeros((size, size), np.float32), self.rng.uniform(0, np.pi)
        reach = np.array([np.cos(angle), np.sin(angle)]) * (size // 2)
        start, stop = (tuple((size // 2 + s * reach).round().astype(int).tolist()) for s in (-1, 1))
        cv2.line(kernel, start, stop, 1.0)
        return cv2.filter2D(view, -1, kernel / kernel.sum(), borderType=cv2.BORDER_REFLECT)

    def _jpeg(self, view: Picture, lowest: int) -> Picture:
        quality = int(self.rng.integers(lowest, 91))
        _, encoded = cv2.imencode(".jpg", view, [cv2.IMWRITE_JPEG_QUALITY, quality])
        return cv2.imdecode(encoded, cv2.IMREAD_COLOR)


def shrink(pixels: Picture, side: int) -> Picture:
    """Resize to a square of `side` pixels, averaging where it gets smaller."""
    smaller = side < min(pixels.shape[:2])
    method = cv2.INTER_AREA if smaller else cv2.INTER_LINEAR
    return cv2.resize(np.ascontiguousarray(pixels), (side, side), interpolation=method)
