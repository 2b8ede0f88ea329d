"""Charts as SVG: lines, bands, bars and marks on axes. Plain text, no library, nothing loaded."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from html import escape

# Colours after Okabe and Ito, which colour-blind people can distinguish.
BLUE, ORANGE, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "#767676"
INK = "#222222"

_LINE, _PAPER = "#d0d0d0", "#ffffff"
_FONT = "system-ui, sans-serif"

Point = tuple[float, float]


@dataclass
class Panel:
    """A rectangle with axes, in which things are drawn.

    Attributes
    ----------
    left, top, width, height : float
        Where it is in the chart, in pixels.
    x_range, y_range : (float, float)
        The values at its edges: left and right, bottom and top.
    scale : callable
        What is done to y values before they are placed, such as a square root.
    """

    left: float
    top: float
    width: float
    height: float
    x_range: Point = (0.0, 1.0)
    y_range: Point = (0.0, 1.0)
    scale: Callable[[float], float] = float
    _parts: list[str] = field(default_factory=list)

    def x(self, value: float) -> float:
        """Return the pixel of an x value."""
        low, high = self.x_range
        return self.left + (value - low) / (high - low) * self.width

    def y(self, value: float) -> float:
        """Return the pixel of a y value."""
        low, high = map(self.scale, self.y_range)
        return self.top + self.height - (self.scale(value) - low) / (high - low) * self.height

    def axes(
        self,
        title: str,
        x_label: str,
        x_ticks: Sequence[tuple[float, str]],
        y_ticks: Sequence[tuple[float, str]],
    ) -> None:
        """Draw the frame: a title above, ticks with their words, and lines for the y ticks."""
        bottom = self.top + self.height
        for value, words in y_ticks:
            y = self.y(value)
            self._line((self.left, y), (self.left + self.width, y), _LINE)
            self._text((self.left - 6, y + 4), words, "end")
        for value, words in x_ticks:
            self._line((self.x(value), bottom), (self.x(value), bottom + 4), INK)
            self._text((self.x(value), bottom + 17), words, "middle")
        self._line((self.left, bottom), (self.left + self.width, bottom), INK)
        if title:
            self._text((self.left, self.top - 10), title, "start", weight="600")
        if x_label:
            self._text((self.left + self.width / 2, bottom + 34), x_label, "middle")

    def line(self, points: Sequence[Point], colour: str, words: str = "") -> None:
        """Draw a line through points."""
        places = " ".join(f"{self.x(x):.1f},{self.y(y):.1f}" for x, y in points)
        shape = f'<polyline points="{places}" fill="none" stroke="{colour}" stroke-width="2"'
        self._parts.append(f"{shape}>{_title(words)}</polyline>")

    def band(self, points: Sequence[tuple[float, float, float]], colour: str) -> None:
        """Fill between two y values at each x."""
        upper = [f"{self.x(x):.1f},{self.y(high):.1f}" for x, _, high in points]
        lower = [f"{self.x(x):.1f},{self.y(low):.1f}" for x, low, _ in reversed(points)]
        places = " ".join(upper + lower)
        self._parts.append(f'<polygon points="{places}" fill="{colour}" fill-opacity="0.18"/>')

    def bar(self, x: Point, y: Point, colour: str, words: str = "") -> None:
        """Fill the rectangle from one x to another and from one y to another."""
        left, right = sorted(map(self.x, x))
        top, bottom = sorted(map(self.y, y))
        self._parts.append(
            f'<rect x="{left:.1f}" y="{top:.1f}" width="{max(0.0, right - left):.1f}" '
            f'height="{max(0.0, bottom - top):.1f}" fill="{colour}">{_title(words)}</rect>'
        )

    def dot(self, point: Point, colour: str, words: str = "") -> None:
        """Draw a dot."""
        place = f'cx="{self.x(point[0]):.1f}" cy="{self.y(point[1]):.1f}"'
        self._parts.append(f'<circle {place} r="4" fill="{colour}">{_title(words)}</circle>')

    def swatch(self, x: float, y: float, colour: str, words: str) -> None:
        """Draw what a colour stands for, at a pixel of the chart."""
        place = f'x="{x:.1f}" y="{y:.1f}" width="10" height="10"'
        self._parts.append(f'<rect {place} fill="{colour}"/>')
        self._text((x + 15, y + 9), words, "start")

    def mark(self, x: float, words: str, colour: str = INK, row: int = 0) -> None:
        """Draw a dashed upright line with words beside it, in the first or another row."""
        place = self.x(x)
        self._line((place, self.top), (place, self.top + self.height), colour, dashes="4 3")
        is_right = place > self.left + self.width * 0.6
        at = (place - 5 if is_right else place + 5, self.top + 12 + 15 * row)
        self._text(at, words, "end" if is_right else "start")

    def words(self, x: float, y: float, text: str, anchor: str = "start") -> None:
        """Write text at a pixel of the chart."""
        self._text((x, y), text, anchor)

    def parts(self) -> Iterator[str]:
        """Yield the SVG elements, in the order in which they were drawn."""
        yield from self._parts

    def _line(self, start: Point, end: Point, colour: str, dashes: str = "") -> None:
        (x1, y1), (x2, y2) = start, end
        dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
        place = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
        self._parts.append(f'<line {place} stroke="{colour}"{dashed}/>')

    def _text(self, place: Point, words: str, anchor: str, weight: str = "400") -> None:
        at = f'x="{place[0]:.1f}" y="{place[1]:.1f}" text-anchor="{anchor}"'
        style = f'font-weight="{weight}" fill="{INK}"'
        self._parts.append(f"<text {at} {style}>{escape(words)}</text>")


def svg(width: int, height: int, panels: Sequence[Panel], *, title: str, description: str) -> str:
    """Return a chart as an SVG document that can stand alone or within HTML.

    Parameters
    ----------
    width, height : int
        Size in pixels.
    panels : sequence of Panel
    title, description : str
        For those who do not see it.
    """
    parts = "\n".join(part for panel in panels for part in panel.parts())
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" role="img" font-family="{_FONT}" font-size="12">\n'
        f"<title>{escape(title)}</title>\n<desc>{escape(description)}</desc>\n"
        f'<rect width="{width}" height="{height}" fill="{_PAPER}"/>\n{parts}\n</svg>\n'
    )


def _title(words: str) -> str:
    """Return what is shown when the pointer rests on a shape."""
    return f"<title>{escape(words)}</title>" if words else ""
