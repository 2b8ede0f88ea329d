"""Landscapes that look like photos and are computed: sky, clouds, mountains, a lake, trees.

The screenshots of the docs are made with them: they are nobody's photos.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SIZE = (480, 360)
Array = NDArray[np.float64]
#: Colours of the sky at the top and at the horizon, of the sun, and of the land, by hour.
_HOURS = (
    ((58, 110, 180), (190, 214, 232), (255, 252, 235), (66, 86, 58)),
    ((44, 52, 110), (250, 160, 96), (255, 226, 150), (52, 48, 60)),
    ((96, 128, 168), (246, 208, 190), (255, 240, 214), (84, 82, 78)),
    ((90, 118, 150), (226, 222, 206), (255, 248, 226), (92, 98, 60)),
)


def fractal(rng: np.random.Generator, shape: tuple[int, int], power: float) -> Array:
    """Return noise whose amplitude falls with the frequency to a power, 0 to 1, as of clouds.

    Parameters
    ----------
    rng : numpy Generator
    shape : (int, int)
        Height and width.
    power : float
        The larger, the smoother.
    """
    fy, fx = np.fft.fftfreq(shape[0])[:, None], np.fft.rfftfreq(shape[1])[None]
    frequency = np.hypot(fy * shape[0] / shape[1], fx)
    frequency[0, 0] = np.inf
    phases = np.exp(2j * np.pi * rng.random(frequency.shape))
    noise = np.fft.irfft2(frequency**-power * phases, shape)
    return (noise - noise.min()) / np.ptp(noise)


def ridge(rng: np.random.Generator, width: int, roughness: float) -> Array:
    """Return the outline of mountains: heights from 0 to 1, one for each column."""
    outline = fractal(rng, (8, width * 2), roughness)[4, :width]
    return (outline - outline.min()) / max(np.ptp(outline), 1e-9)


def landscape(rng: np.random.Generator, size: tuple[int, int] = SIZE) -> Image.Image:
    """Return a landscape; each generator gives another one.

    Parameters
    ----------
    rng : numpy Generator
    size : (int, int)
        Width and height in pixels.
    """
    width, height = size
    top, horizon, sun, land = (np.array(c, float) for c in _HOURS[rng.integers(len(_HOURS))])
    level = int(height * rng.uniform(0.58, 0.72))  # of the water
    picture = _sky(rng, size, level, (top, horizon, sun))
    n_ridges = int(rng.integers(3, 6))
    tint = rng.uniform(0.8, 1.25, 3)
    for layer in range(n_ridges):
        near = (layer + 1) / n_ridges
        colour = horizon * (1 - near) * 0.9 + land * tint * near
        tall = height * (0.42 - 0.3 * near) * rng.uniform(0.7, 1.2)
        base = level - height * 0.16 * (1 - near)
        outline = base - tall * ridge(rng, width, 1.15 + 0.2 * near)
        _raise(rng, picture, outline, colour, snow=layer == 0 and tall > height * 0.22)
    if rng.random() < 0.75:
        _reflect(rng, picture, level)
    else:
        _raise(rng, picture, np.full(width, level - 4.0), land * tint * 0.8, snow=False)
    _plant(rng, picture, level, land * 0.35)
    picture += rng.normal(0, 3, picture.shape)
    return Image.fromarray(picture.clip(0, 255).astype(np.uint8))


def _sky(
    rng: np.random.Generator, size: tuple[int, int], level: int, colours: tuple[Array, ...]
) -> Array:
    width, height = size
    top, horizon, sun = colours
    y, x = np.mgrid[:height, :width].astype(float)
    share = np.clip(y / level, 0, 1)[..., None] ** 1.3
    picture = top + (horizon - top) * share
    at = np.hypot(x - rng.uniform(0.1, 0.9) * width, y - rng.uniform(0.25, 0.75) * level)
    picture += (sun - picture) * np.exp(-at / (0.16 * width))[..., None] * 0.85
    clouds = np.clip((fractal(rng, (height, width), 1.7) - rng.uniform(0.42, 0.6)) * 3.5, 0, 1)
    lit = horizon * 0.35 + sun * 0.65
    return picture + (lit - picture) * (clouds * (0.35 + 0.65 * share[..., 0]))[..., None]


def _raise(
    rng: np.random.Generator, picture: Array, outline: Array, colour: Array, *, snow: bool
) -> None:
    """Put land below an outline, with slopes in light and shade."""
    height, width, _ = picture.shape
    y = np.arange(height)[:, None]
    depth = y - outline
    slopes = fractal(rng, (height, width), 1.45)
    light = np.gradient(slopes, axis=1)
    shade = np.clip(1 + light / (light.std() + 1e-9) * 0.13, 0.55, 1.5)[..., None]
    ground = colour * shade
    if snow:
        white = np.clip(1.1 - depth / (6 + 70 * slopes**2), 0, 1)[..., None]
        ground = ground + (np.array([238, 242, 248.0]) * shade**0.5 - ground) * white * 0.9
    covered = np.clip(depth, 0, 1)[..., None]
    picture += (ground - picture) * covered


def _reflect(rng: np.random.Generator, picture: Array, level: int) -> None:
    """Turn all below a level into water that mirrors what is above."""
    height, width, _ = picture.shape
    rows = np.arange(level, height)
    ripples = fractal(rng, (len(rows), width), 0.9) - 0.5
    depth = (rows - level)[:, None]
    mirrored = np.clip(level - depth + ripples * (3 + 0.12 * depth), 0, level - 1).astype(int)
    water = picture[mirrored, np.arange(width)]
    darker = 0.82 - 0.25 * (depth / max(height - level, 1))[..., None]
    picture[level:] = water * darker + ripples[..., None] * 26


def _plant(rng: np.random.Generator, picture: Array, level: int, colour: Array) -> None:
    """Put fir trees on the shore in front."""
    height, width, _ = picture.shape
    y, x = np.mgrid[:height, :width].astype(float)
    shore = height * rng.uniform(0.9, 1.02) - 20 * ridge(rng, width, 1.6)
    _raise(rng, picture, shore, colour * 1.2, snow=False)
    for _ in range(rng.integers(0, 9)):
        at = rng.uniform(0, width)
        foot = shore[int(at)] + rng.uniform(2, 12)
        tall = height * rng.uniform(0.14, 0.5)
        down = (y - (foot - tall)) / tall
        jag = 0.6 + 0.4 * (1 - (down * 11 + 0.2 * np.sin(x)) % 1)
        half = tall * 0.2 * np.clip(down, 0, 1) * jag
        tree = (np.abs(x - at) < half) & (down > 0) & (y < foot)
        picture[tree] = colour * rng.uniform(0.75, 1.25)
