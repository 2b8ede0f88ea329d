"""Procedural pictures: noise, shapes, small random networks, fractals, scenes, text pages."""

from __future__ import annotations

import string
from collections.abc import Callable

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Field = NDArray[np.floating]
Colour = tuple[int, int, int]
LETTERS = np.array(list(string.ascii_letters + string.digits + "     .,-"))


def random_words(rng: Generator, length: int) -> str:
    """Nonsense of `length` letters, digits and spaces."""
    return "".join(rng.choice(LETTERS, length))


def random_colour(rng: Generator) -> Colour:
    """Any colour, each channel uniform in 0…255."""
    red, green, blue = rng.integers(0, 256, 3).tolist()
    return red, green, blue


def to_picture(field: Field) -> Picture:
    """Stretch each channel of a float array (S, S, 3) to the full range of uint8."""
    low, high = np.percentile(field, [1, 99], axis=(0, 1))
    scaled = (field - low) / np.maximum(high - low, 1e-6)
    return (scaled.clip(0, 1) * 255).astype(np.uint8)


def noise_field(rng: Generator, side: int, slope: float, channels: int = 3) -> Field:
    """Noise of amplitude spectrum 1 / f**slope, shape (side, side, channels)."""
    frequency = np.hypot(np.fft.fftfreq(side)[:, None], np.fft.rfftfreq(side)[None])
    frequency[0, 0] = 1
    spectrum = np.fft.rfft2(rng.standard_normal((channels, side, side)))
    field = np.fft.irfft2(spectrum / frequency**slope, s=(side, side))
    return field.transpose(1, 2, 0)


def coloured_noise(rng: Generator, side: int) -> Picture:
    """1/f noise with correlated colour channels."""
    mixing = np.eye(3) * rng.uniform(0.2, 1.5) + rng.standard_normal((3, 3))
    return to_picture(noise_field(rng, side, rng.uniform(0.7, 2.0)) @ mixing)


def dead_leaves(rng: Generator, side: int) -> Picture:
    """Occluding shapes of power-law sizes, flat or shaded, as far as the eye reaches."""
    canvas = np.full((side, side, 3), random_colour(rng), np.uint8)
    palette = rng.integers(0, 256, (rng.integers(3, 12), 3))
    kinds = rng.choice(4, rng.integers(1, 4), replace=False)
    for _ in range(rng.integers(60, 300)):
        radius = int(np.clip(2.5 / rng.uniform(0.02, 1) ** 0.9, 2, side / 2.5))
        x, y = (int(v) for v in rng.integers(0, side, 2))
        jitter = rng.integers(-25, 26, 3)
        red, green, blue = (palette[rng.integers(len(palette))] + jitter).clip(0, 255).tolist()
        draw_shape(canvas, rng, int(rng.choice(kinds)), (x, y), radius, (red, green, blue))
    if rng.random() < 0.5:
        shade = noise_field(rng, side, 1.2, 1)
        factor = 1 + 0.25 * shade / (np.abs(shade).max() + 1e-6)
        canvas = (canvas * factor).clip(0, 255).astype(np.uint8)
    return canvas


def draw_shape(
    canvas: Picture,
    rng: Generator,
    kind: int,
    centre: tuple[int, int],
    radius: int,
    colour: Colour,
) -> None:
    """Draw an ellipse (0), polygon (1), tilted rectangle (2) or thick line (3) on `canvas`."""
    if kind == 0:
        axes = (radius, max(1, int(radius * rng.uniform(0.3, 1))))
        cv2.ellipse(canvas, centre, axes, rng.uniform(0, 180), 0, 360, colour, -1, cv2.LINE_AA)
    elif kind == 1:
        angles = np.sort(rng.uniform(0, 2 * np.pi, rng.integers(3, 8)))
        points = np.stack([np.cos(angles), np.sin(angles)], 1) * radius + centre
        cv2.fillPoly(canvas, [points.astype(np.int32)], colour, cv2.LINE_AA)
    elif kind == 2:
        box = (centre, (2 * radius, 2 * radius * rng.uniform(0.2, 1)), rng.uniform(0, 90))
        cv2.fillPoly(canvas, [cv2.boxPoints(box).astype(np.int32)], colour, cv2.LINE_AA)
    else:
        angle = rng.uniform(0, np.pi)
        step = (np.array([np.cos(angle), np.sin(angle)]) * radius).astype(int)
        start, stop = (tuple(int(v) for v in np.array(centre) + s) for s in (step, -step))
        cv2.line(canvas, start, stop, colour, max(1, radius // 6), cv2.LINE_AA)


def random_network(rng: Generator, side: int) -> Picture:
    """Colour each point by a small random network of its position (a CPPN)."""
    y, x = np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j] * rng.uniform(0.8, 4)
    x, y = x + rng.normal(), y + rng.normal()
    values = np.stack([x, y, np.hypot(x, y), np.ones_like(x)], -1)
    functions: list[Callable[[Field], Field]] = [
        np.sin,
        np.tanh,
        np.cos,
        lambda v: np.exp(-np.square(v)),
        np.abs,
    ]
    for _ in range(rng.integers(2, 5)):
        weights = rng.standard_normal((values.shape[-1], 12)) * rng.uniform(0.6, 1.4)
        values = values @ weights
        for unit in range(values.shape[-1]):
            values[..., unit] = functions[rng.integers(len(functions))](values[..., unit])
    return to_picture(values @ rng.standard_normal((values.shape[-1], 3)))


def fractal(rng: Generator, side: int) -> Picture:
    """Draw the attractor of a random system of affine maps, coloured by the map last taken."""
    maps = int(rng.integers(2, 6))
    turns, _ = np.linalg.qr(rng.standard_normal((maps, 2, 2)))
    linear = turns * rng.uniform(0.35, 0.9, (maps, 1, 2))
    shift = rng.uniform(-1, 1, (maps, 2))
    points = rng.uniform(-1, 1, (3000, 2))
    colours = rng.integers(60, 256, (maps, 3)).astype(np.float32)
    canvas = np.zeros((side, side, 3), np.float32)
    for step in range(28):
        choice = rng.integers(0, maps, len(points))
        points = np.einsum("nij,nj->ni", linear[choice], points) + shift[choice]
        if step < 8:
            low, high = points.min(0), points.max(0)
            continue
        cells = ((points - low) / (high - low + 1e-6) * (side - 1)).astype(int)
        inside = ((cells >= 0) & (cells < side)).all(1)
        np.add.at(canvas, tuple(cells[inside].T), colours[choice[inside]])
    back = np.array(random_colour(rng)) * rng.uniform(0, 0.5)
    return (255 * (1 - np.exp(-canvas / 150)) + back).clip(0, 255).astype(np.uint8)


def scene(rng: Generator, side: int) -> Picture:
    """Sky, ground and a few shaded objects."""
    horizon = int(side * rng.uniform(0.25, 0.8))
    ramp = np.linspace(0, 1, side)[:, None, None]
    sky = np.array(random_colour(rng)) * (1 - ramp) + np.array(random_colour(rng)) * ramp
    canvas = np.repeat(sky, side, 1) + noise_field(rng, side, 1.3) * rng.uniform(0, 2)
    ground = np.array(random_colour(rng)) + noise_field(rng, side, 0.9) * rng.uniform(1, 12)
    canvas[horizon:] = ground[horizon:]
    canvas = canvas.clip(0, 255).astype(np.uint8)
    for _ in range(rng.integers(2, 12)):
        radius = int(rng.uniform(0.04, 0.3) * side)
        centre = (int(rng.integers(0, side)), int(horizon + rng.normal() * side * 0.15))
        colour = random_colour(rng)
        kind = int(rng.integers(0, 3))
        draw_shape(canvas, rng, kind, centre, radius, colour)
        red, green, blue = (min(255, int(v * 1.4) + 15) for v in colour)
        shifted = (centre[0] - radius // 3, centre[1] - radius // 3)
        draw_shape(canvas, rng, kind, shifted, max(1, radius // 3), (red, green, blue))
    return cv2.GaussianBlur(canvas, (0, 0), rng.uniform(0.4, 1.2))


def text_page(rng: Generator, side: int) -> Picture:
    """Set a page of lines, headings, a table or a plot, dark on light or light on dark."""
    dark = rng.random() < 0.25
    paper = rng.integers(0, 60, 3) if dark else rng.integers(215, 256, 3)
    ink = tuple(int(v) for v in (rng.integers(170, 256, 3) if dark else rng.integers(0, 90, 3)))
    canvas = np.full((side, side, 3), paper, np.uint8)
    left, y = int(rng.uniform(0.02, 0.15) * side), int(rng.uniform(0.04, 0.15) * side)
    while y < side:
        kind = rng.random()
        if kind < 0.12:
            height, x0 = int(rng.uniform(0.1, 0.35) * side), left + int(rng.uniform(0, 0.3) * side)
            corner = (min(side, x0 + int(rng.uniform(0.2, 0.7) * side)), y + height)
            cv2.rectangle(canvas, (x0, y), corner, random_colour(rng), int(rng.choice([-1, 1, 2])))
            x = np.linspace(x0, corner[0], 12)
            curve = y + height * (0.5 + 0.4 * np.sin(np.cumsum(rng.normal(0, 0.8, 12))))
            line = np.stack([x, curve], 1).astype(np.int32)
            cv2.polylines(canvas, [line], False, random_colour(rng), 1, cv2.LINE_AA)
            y += height + 8
        elif kind < 0.25:
            words = random_words(rng, int(rng.integers(5, 18)))
            colour = random_colour(rng) if rng.random() < 0.4 else ink
            cv2.putText(canvas, words, (left, y + 10), 2, rng.uniform(0.4, 0.8), colour, 1, 16)
            y += int(rng.uniform(14, 26))
        else:
            words = random_words(rng, int(rng.integers(10, 60)))
            cv2.putText(canvas, words, (left, y + 6), 0, rng.uniform(0.22, 0.34), ink, 1, 16)
            y += int(rng.uniform(7, 13))
    return canvas


PATTERNS = (coloured_noise, dead_leaves, dead_leaves, random_network, fractal, scene, text_page)
