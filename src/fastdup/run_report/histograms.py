"""How values are spread: the bars and ticks of a chart that a template draws, and words."""

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastdup.arrays import FloatArray

#: Size of the drawing, and where its bars stand, in units of its view box.
WIDTH, HEIGHT, TOP, BASE = 320, 150, 14, 126
#: Space between two bars, and the height of the lowest bar that is not empty.
_GAP, _LEAST = 1.0, 1.5
_MOST_TICKS = 5

Text = Callable[[float], str]


class Bar(NamedTuple):
    """A bar: where it is drawn, of which values it is, and how many there are."""

    x: float
    y: float
    width: float
    height: float
    words: str
    n: int


class Tick(NamedTuple):
    """A mark below the bars."""

    x: float
    text: str
    anchor: str


class Histogram(NamedTuple):
    """A chart of how many values lie where.

    Attributes
    ----------
    title, noun : str
        What is shown, and what is counted.
    bars : sequence of Bar
    ticks : sequence of Tick
    most : int
        The count of the highest bar.
    words : str
        The chart in a sentence, for those who do not see it.
    """

    title: str
    noun: str
    bars: Sequence[Bar]
    ticks: Sequence[Tick]
    most: int
    words: str


def even_histogram(
    title: str, noun: str, values: NDArray[Any], span: tuple[float, float], n_bins: int, text: Text
) -> Histogram | None:
    """Return the chart of values from a span, in bins of one width; None without values."""
    if not len(values):
        return None
    edges = np.linspace(*span, n_bins + 1)
    return _histogram(title, noun, np.asarray(values, np.float64), edges, text)


def widening_histogram(
    title: str, noun: str, values: NDArray[Any], text: Text, steps: Sequence[float] = (1, 2, 5)
) -> Histogram | None:
    """Return the chart of values of any size, in bins that widen from 1 to 2 to 5 to 10, and so on.

    Values below 1 are counted with the first bin. None without values.
    """
    if not len(values):
        return None
    values = np.maximum(np.asarray(values, np.float64), 1.0)
    first, last = int(math.log10(values.min())), int(math.log10(values.max())) + 1
    edges = [step * 10.0**power for power in range(first, last + 1) for step in steps]
    begin = max(0, int(np.searchsorted(edges, values.min(), "right")) - 1)
    end = int(np.searchsorted(edges, values.max(), "right")) + 1
    return _histogram(title, noun, values, np.array(edges[begin:end]), text)


def doubling_histogram(title: str, noun: str, values: NDArray[Any], text: Text) -> Histogram | None:
    """Return the chart of values of any size, in bins each twice as wide as the one before."""
    if not len(values):
        return None
    values = np.maximum(np.asarray(values, np.float64), 1.0)
    first, last = math.floor(math.log2(values.min())), math.floor(math.log2(values.max())) + 1
    return _histogram(
        title, noun, values, np.exp2(np.arange(first, last + 1, dtype=np.float64)), text
    )


def _histogram(
    title: str, noun: str, values: FloatArray, edges: FloatArray, text: Text
) -> Histogram:
    counts, _ = np.histogram(np.clip(values, edges[0], edges[-1]), edges)
    most, step = int(counts.max()), WIDTH / len(counts)
    bars = [
        _bar(number * step, step, int(count), most, f"{text(low)} to {text(high)}")
        for number, (count, low, high) in enumerate(
            zip(counts.tolist(), edges[:-1].tolist(), edges[1:].tolist(), strict=True)
        )
    ]
    highest = max(bars, key=lambda bar: bar.n)
    words = f"{title} of {len(values):,} {noun}: most, {most:,}, from {highest.words}"
    return Histogram(title, noun, bars, _ticks(edges, text), most, words)


def _bar(x: float, step: float, count: int, most: int, words: str) -> Bar:
    height = max(_LEAST, (BASE - TOP) * count / most) if count else 0.0
    left, width = round(x + _GAP / 2, 2), round(step - _GAP, 2)
    return Bar(left, round(BASE - height, 2), width, round(height, 2), words, count)


def _ticks(edges: FloatArray, text: Text) -> list[Tick]:
    last = len(edges) - 1
    least = math.ceil(last / _MOST_TICKS)
    every = next((step for step in range(least, 2 * least) if last % step == 0), least)
    places = [place for place in range(0, last + 1, every) if last - place >= every / 2]
    return [
        Tick(
            round(WIDTH * place / last, 2),
            text(float(edges[place])),
            "start" if place == 0 else "end" if place == last else "middle",
        )
        for place in [*places, last]
    ]
