"""Generated pictures of a fixed layout, which differ only in their content.

A descriptor easily confuses codes, boards, tables and charts, because their frame is always the
same.
"""

from __future__ import annotations

import itertools

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from training.procedural import Colour, Picture, random_colour, random_words

Cells = NDArray[np.integer]


def _dark(rng: Generator) -> Colour:
    """Mostly black, sometimes a dark colour."""
    if rng.random() < 0.6:
        return (0, 0, 0)
    red, green, blue = rng.integers(0, 110, 3).tolist()
    return red, green, blue


def _paper(rng: Generator, side: int) -> Picture:
    """Return a white or pale canvas, rarely one of any colour."""
    kind = rng.random()
    colour = (255, 255, 255) if kind < 0.6 else rng.integers(200, 256, 3)
    return np.full((side, side, 3), random_colour(rng) if kind > 0.93 else colour, np.uint8)


def _paste(canvas: Picture, cells: Cells, inks: list[Colour], left: int, top: int) -> None:
    """Draw cells (rows, columns) of ink numbers; 0 leaves the canvas as it is.

    They fill what is left between the margins, as squares.
    """
    side = len(canvas)
    size = min((side - 2 * left) / cells.shape[1], (side - top - left) / cells.shape[0])
    rows, columns = (max(1, round(n * size)) for n in cells.shape)
    large = cv2.resize(cells.astype(np.uint8), (columns, rows), interpolation=cv2.INTER_NEAREST)
    large = large[: side - top, : side - left]
    window = canvas[top : top + large.shape[0], left : left + large.shape[1]]
    for number, ink in enumerate(inks, 1):
        window[large == number] = ink


def matrix_code(rng: Generator, side: int) -> Picture:
    """Draw a square code with three finder marks, as on tickets and posters."""
    modules = 17 + 4 * int(rng.integers(1, 11))
    cells = (rng.random((modules, modules)) < rng.uniform(0.42, 0.55)).astype(np.int64)
    cells[6, :], cells[:, 6] = np.arange(modules) % 2 == 0, np.arange(modules) % 2 == 0
    mark = np.ones((8, 8), int)
    mark[7], mark[:, 7] = 0, 0
    mark[1:6, 1:6] = 0
    mark[2:5, 2:5] = 1
    cells[:8, :8], cells[:8, -8:], cells[-8:, :8] = mark, mark[:, ::-1], mark[::-1]
    canvas = _paper(rng, side)
    margin = int(side * rng.uniform(0, 0.16))
    ink = _dark(rng)
    _paste(canvas, cells, [ink], margin, margin)
    middle = (side // 2, side // 2)
    if rng.random() < 0.2:
        cv2.circle(canvas, middle, int(side * rng.uniform(0.06, 0.13)), random_colour(rng), -1)
    if rng.random() < 0.2:
        words = random_words(rng, int(rng.integers(4, 14)))
        cv2.putText(canvas, words, (margin, side - 4), 2, rng.uniform(0.3, 0.6), ink, 1, 16)
    return canvas


def bar_code(rng: Generator, side: int) -> Picture:
    """Draw bars of several widths with digits below, on a label that may be larger."""
    canvas, ink = _paper(rng, side), _dark(rng)
    widths = rng.choice([1, 1, 2, 3], int(rng.integers(30, 80)))
    bars = np.repeat(np.arange(len(widths)) % 2, widths)
    left, top = int(rng.uniform(0.02, 0.15) * side), int(rng.uniform(0.02, 0.4) * side)
    bottom = int(rng.uniform(0.6, 0.9) * side)
    columns = np.arange(side - 2 * left) * len(bars) // (side - 2 * left)
    canvas[top:bottom, left : side - left][:, bars[columns] == 1] = ink
    digits = " ".join(str(d) for d in rng.integers(0, 10, 13))
    cv2.putText(canvas, digits, (left, bottom + 14), 0, rng.uniform(0.3, 0.5), ink, 1, 16)
    return canvas


def board(rng: Generator, side: int) -> Picture:
    """Draw a chequered, crossword-like, coloured or mosaic board of few or many fields."""
    count = int(rng.integers(4, 22))
    y, x = np.mgrid[:count, :count]
    kind = rng.integers(4)
    colours = int(rng.integers(2, 7))
    if kind == 0:
        cells = (x + y) % 2 + 2 * (rng.random((count, count)) < 0.3)
    elif kind == 1:
        cells = (rng.random((count, count)) < rng.uniform(0.1, 0.4)).astype(int)
        cells |= cells[::-1, ::-1]
    else:
        cells = rng.integers(0, colours + 1, (count, count))
    if kind == 3:
        cells[:, count // 2 :] = cells[:, ::-1][:, count // 2 :]  # a mirrored emblem
    inks = [_dark(rng)] + [random_colour(rng) for _ in range(colours)]
    canvas = _paper(rng, side)
    margin = int(side * rng.uniform(0, 0.12))
    _paste(canvas, cells, inks, margin, margin)
    if rng.random() < 0.6:
        grid = np.linspace(margin, side - margin, count + 1).astype(int)
        for place in grid:
            cv2.line(canvas, (margin, int(place)), (side - margin, int(place)), inks[0], 1)
            cv2.line(canvas, (int(place), margin), (int(place), side - margin), inks[0], 1)
    return canvas


def table(rng: Generator, side: int) -> Picture:
    """Rule rows and columns of words and numbers under a coloured head."""
    canvas, ink = _paper(rng, side), _dark(rng)
    rows, columns = int(rng.integers(5, 16)), int(rng.integers(2, 6))
    height, width = side // rows, side // columns
    cv2.rectangle(canvas, (0, 0), (side, height), random_colour(rng), -1)
    striped, ruled = rng.random(2) < 0.5
    for row in range(rows):
        y = row * height
        if striped and row % 2:
            canvas[y : y + height] = (canvas[y : y + height] * 0.93).astype(np.uint8)
        if ruled:
            cv2.line(canvas, (0, y), (side, y), ink, 1)
        for column in range(columns):
            words = random_words(rng, int(rng.integers(1, max(3, width // 6))))
            place = (column * width + 3, y + height // 2 + 3)
            cv2.putText(canvas, words, place, 0, rng.uniform(0.24, 0.34), ink, 1, cv2.LINE_AA)
    return canvas


def chart(rng: Generator, side: int) -> Picture:
    """Draw axes with bars, lines, points or a pie, and a title."""
    canvas, ink = _paper(rng, side), _dark(rng)
    left, bottom = int(side * 0.12), int(side * 0.86)
    title = random_words(rng, int(rng.integers(6, 24)))
    cv2.putText(canvas, title, (left, 12), 0, rng.uniform(0.3, 0.45), ink, 1, cv2.LINE_AA)
    colours = [random_colour(rng) for _ in range(int(rng.integers(1, 5)))]
    if rng.random() < 0.2:
        _draw_pie(canvas, rng)
        return canvas
    cv2.line(canvas, (left, 18), (left, bottom), ink, 1)
    cv2.line(canvas, (left, bottom), (side - 6, bottom), ink, 1)
    count = int(rng.integers(4, 25))
    x = np.linspace(left + 6, side - 10, count)
    bars = rng.random() < 0.4
    for colour in colours:
        level = np.cumsum(rng.normal(0, 1, count)) if rng.random() < 0.6 else rng.random(count)
        level = (level - level.min()) / (np.ptp(level) + 1e-6)
        y = bottom - 4 - level * (bottom - 30) * rng.uniform(0.4, 1)
        points = np.stack([x, y], 1).astype(np.int32)
        if bars:
            for px, py in points.tolist():
                cv2.rectangle(canvas, (px - 2, py), (px + 2, bottom), colour, -1)
        else:
            cv2.polylines(canvas, [points], False, colour, 1, cv2.LINE_AA)
    return canvas


def _draw_pie(canvas: Picture, rng: Generator) -> None:
    """Draw a pie of a few slices."""
    side = len(canvas)
    angles = np.concatenate([[0], np.sort(rng.uniform(0, 360, int(rng.integers(2, 8)))), [360]])
    for start, stop in itertools.pairwise(angles):
        axes = (int(side * 0.32), int(side * 0.32))
        centre = (side // 2, int(side * 0.54))
        cv2.ellipse(canvas, centre, axes, 0, start, stop, random_colour(rng), -1, cv2.LINE_AA)


DIAGRAMS = (matrix_code, matrix_code, bar_code, board, table, chart)
