"""What two pictures are to each other, in a sentence: how the second differs from the first."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from fastdup.judging.finding import Finding

Box = tuple[float, float, float, float]
"""Left, top, right and bottom, in unit coordinates."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PairFacts:
    """What was found about a pair.

    Attributes
    ----------
    verdict : str
        A `fastdup.verify.Verdict`.
    kinds : tuple of str
        How the second picture differs from the first; see `fastdup.verify.Judgement`.
    of_first, of_second : float
        Share of the first picture that the second shows, and of the second that the first shows.
    scale : float
        Pixels of the second for one of the first, along a side.
    angle : float
        Degrees by which the second is turned, clockwise, from -180 to 180.
    changed : float
        Share of what both show that differs.
    n_places : int or None
        Number of places that differ; None: not known.
    """

    verdict: str
    kinds: tuple[str, ...] = ()
    of_first: float = 1.0
    of_second: float = 1.0
    scale: float = 1.0
    angle: float = 0.0
    changed: float = 0.0
    n_places: int | None = None

    @classmethod
    def of_finding(cls, found: "Finding") -> Self:
        """Return what a run found, which stores one overlap and no places."""
        is_cropped, is_framed = "cropped" in found.kinds, "framed" in found.kinds
        return cls(
            verdict=found.verdict,
            kinds=found.kinds,
            of_first=found.overlap if is_cropped or not is_framed else 1.0,
            of_second=found.overlap if is_framed or not is_cropped else 1.0,
            scale=found.scale or 1.0,
            angle=found.angle,
            changed=found.changed,
        )

    @property
    def overlap(self) -> float:
        """Share in common, of the picture of which it is less."""
        return min(self.of_first, self.of_second)


#: Verdict → the words that a page can choose pairs by; an edited pair is chosen by its kinds.
_CHOICES = {
    "same_bytes": "same bytes",
    "same_pixels": "same pixels",
    "same_picture": "saved again",
    "part_of": "part of the other",
    "altered": "parts differ",
    "look_alike": "look-alike",
}
#: Kinds that say that one picture shows more than the other.
_FRAMINGS = frozenset(
    {"cropped", "cut out", "unframed", "framed", "in a larger picture", "extended"}
)
#: Kinds that say which file has more frames or pages.
_OF_FRAMES = frozenset({"one frame", "several frames"})
#: Kinds that are said by a factor of the sides.
_SIZED = frozenset({"resized", "enlarged"})
#: Verdict → kinds that it says already.
_SAID_BY = {
    "part_of": _FRAMINGS,
    "altered": frozenset({"overlaid", "uncovered", "captioned"}),
}
#: Factors of the lengths of the sides that have a name.
_SIZES = {
    1 / 4: "a quarter of the size",
    1 / 3: "a third of the size",
    1 / 2: "half the size",
    2.0: "twice the size",
    3.0: "three times the size",
    4.0: "four times the size",
}
_SIZE_TOLERANCE = 0.02
#: Degrees within which a turn counts as one by a quarter or a half.
_STRAIGHT = 0.75
#: Sides of a box beyond which it reaches across the picture.
_ACROSS = 0.6
_ROWS, _COLUMNS = ("top", "middle", "bottom"), ("left", "middle", "right")


def describe_pair(facts: PairFacts) -> str:
    """Return what the pictures are to each other, as "mirrored, cropped to 62 % of the area".

    It is said of the second picture, unless the first is named; "" when nobody looked.
    """
    phrases = list(_phrases(facts))
    match facts.verdict:
        case "same_bytes" | "same_pixels":
            return facts.verdict.replace("_", " ")
        case "same_picture":
            again = "same picture, saved again"
            if not _SIZED.isdisjoint(facts.kinds):
                again += f" at {_size(facts.scale)}"
            return _joined(again, *phrases)
        case "edited":
            return _joined(*phrases) or "edited"
        case "part_of":
            if not _OF_FRAMES.isdisjoint(facts.kinds):
                return _joined(*phrases)
            part = f"one shows a part of the other ({share_text(facts.overlap)})"
            return _joined(part, *phrases)
        case "altered":
            return _joined(_places(facts), *phrases)
        case "look_alike":
            return "look-alike"
        case "unverified":
            return ""
        case unknown:
            return _joined(unknown.replace("_", " "), *phrases)


def kinds_of(facts: PairFacts) -> tuple[str, ...]:
    """Return the words to choose pairs by, without numbers: "mirrored", "look-alike"."""
    choice = _CHOICES.get(facts.verdict)
    own = (choice,) if choice else ()
    return own + tuple(_PLAIN.get(kind, kind) for kind in _said_kinds(facts))


def name_place(box: Box) -> str:
    """Return where in a picture a box lies: "top left", "along the bottom"."""
    left, top, right, bottom = box
    is_wide, is_high = right - left > _ACROSS, bottom - top > _ACROSS
    row = _ROWS[min(2, int(3 * max(0.0, (top + bottom) / 2)))]
    column = _COLUMNS[min(2, int(3 * max(0.0, (left + right) / 2)))]
    if is_wide and is_high:
        return "nearly everywhere"
    if is_wide or is_high:
        side = row if is_wide else column
        return "across the middle" if side == "middle" else f"along the {side}"
    if row == "middle":
        return column
    return row if column == "middle" else f"{row} {column}"


def share_text(share: float) -> str:
    """Return a share in percent: "62 %", "1.4 %", "less than 0.1 %"."""
    percent = 100 * share
    if percent < 0.05:
        return "less than 0.1 %"
    text = f"{percent:.0f}" if percent >= 9.95 else f"{percent:.1f}".removesuffix(".0")
    return f"{text} %"


def _joined(*phrases: str) -> str:
    return ", ".join(phrases)


def _said_kinds(facts: PairFacts) -> list[str]:
    """Return the kinds that say more than the verdict does."""
    from fastdup.verify.kind_words import most_exact  # loads all that judges pictures

    left_out = _SAID_BY.get(facts.verdict, frozenset())
    return [kind.replace("_", " ") for kind in most_exact(facts.kinds) if kind not in left_out]


def _phrases(facts: PairFacts) -> Iterator[str]:
    kinds = _said_kinds(facts)
    if facts.verdict == "same_picture":  # it is said with the verdict
        kinds = [kind for kind in kinds if kind not in _SIZED]
    if {"cropped", "extended"} <= set(kinds):
        yield f"another section ({share_text(facts.overlap)} in common)"
        kinds = [kind for kind in kinds if kind not in ("cropped", "extended")]
    if "mirrored" in kinds and 180 - abs(facts.angle) < _STRAIGHT:
        yield "mirrored top to bottom"
        kinds = [kind for kind in kinds if kind not in ("mirrored", "turned")]
    for kind in kinds:
        yield _WORDS[kind](facts) if kind in _WORDS else _PLAIN.get(kind, kind)


def _places(facts: PairFacts) -> str:
    if not facts.n_places:
        return f"parts differ ({share_text(facts.changed)})" if facts.changed else "details differ"
    nouns = "place differs" if facts.n_places == 1 else "places differ"
    return f"{facts.n_places} {nouns} ({share_text(facts.changed)})"


def _size(scale: float) -> str:
    """Return how large a picture is beside another, by the lengths of their sides."""
    for factor, words in _SIZES.items():
        if abs(scale / factor - 1) < _SIZE_TOLERANCE:
            return words
    if scale < 1:
        return f"{share_text(scale)} of the size"
    return (
        f"{f'{scale:.1f}'.removesuffix('.0') if scale >= 1.05 else f'{scale:.2f}'} times the size"
    )


def _resized(facts: PairFacts) -> str:
    if _FRAMINGS.isdisjoint(facts.kinds) and facts.verdict != "part_of":
        return _size(facts.scale)
    return f"shown at {_size(facts.scale)}"


def _turned(facts: PairFacts) -> str:
    degrees = round(abs(facts.angle))
    if abs(degrees - 180) < _STRAIGHT:
        return "turned by 180°"
    return f"turned by {degrees}° {'clockwise' if facts.angle > 0 else 'counter-clockwise'}"


def _drawn_on(facts: PairFacts) -> str:
    return f"something drawn on it ({share_text(facts.changed)} of the area)"


#: Kind → what is said of the second picture.
_WORDS: Mapping[str, Callable[[PairFacts], str]] = {
    "cropped": lambda facts: f"cropped to {share_text(facts.of_first)} of the area",
    "cut out": lambda facts: f"cut out of a larger picture ({share_text(facts.of_first)} of it)",
    "unframed": lambda _: "without the frame of the first image",
    "extended": lambda facts: f"shows more: the first image is {share_text(facts.of_second)} of it",
    "in a larger picture": lambda facts: (
        f"in a larger picture ({share_text(facts.of_second)} of it)"
    ),
    "turned": _turned,
    "resized": _resized,
    "enlarged": _resized,
    "overlaid": _drawn_on,
    "uncovered": lambda facts: (
        f"without what is drawn on the first image ({share_text(facts.changed)} of the area)"
    ),
    "one frame": lambda _: "one of the frames or pages of the first file",
    "several frames": lambda _: "has more frames or pages: the first image is one of them",
    "captioned": lambda facts: f"captioned ({share_text(facts.changed)} of the area)",
}
#: Kind → the words without numbers, where its name is not plain enough.
_PLAIN = {
    "extended": "shows more",
    "inverted": "a negative",
    "overlaid": "something drawn on it",
    "perspective": "seen from another side",
    "bent": "bent",
    "toned": "different tones",
    "uncovered": "something drawn on the first",
    "unframed": "without the frame",
}
