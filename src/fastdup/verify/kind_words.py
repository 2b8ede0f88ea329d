"""The words for how the second of two copies differs from the first: all there are, in one place.

A word can say more exactly what a general word says: "grey" what "toned" says. A judgement then
has both, the general one first, so that pairs can be chosen by either.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple


class KindWord(NamedTuple):
    """What belongs to a word.

    Attributes
    ----------
    back : str
        The word for the same pair when the first picture is seen from the second.
    general : str
        The word that says the same less exactly; "" for a general word.
    """

    back: str
    general: str = ""


#: A still of an animation, and an animation or a document of which the first is one frame or page.
ONE_FRAME, SEVERAL_FRAMES = "one frame", "several frames"

#: Word → what belongs to it.
WORDS: Mapping[str, KindWord] = {
    # Which part is shown. What is cropped goes on around; "framed" is a frame of one colour.
    "cropped": KindWord("extended"),
    "unframed": KindWord("framed", "cropped"),
    "cut out": KindWord("in a larger picture", "cropped"),
    "framed": KindWord("unframed"),
    "extended": KindWord("cropped", "framed"),
    "in a larger picture": KindWord("cut out", "framed"),
    # How it lies. What was enlarged shows no more than the smaller one.
    "mirrored": KindWord("mirrored"),
    "turned": KindWord("turned"),
    "perspective": KindWord("perspective"),
    "bent": KindWord("bent"),
    "stretched": KindWord("stretched"),
    "resized": KindWord("resized"),
    "enlarged": KindWord("resized", "resized"),
    # Its colours.
    "inverted": KindWord("inverted"),
    "toned": KindWord("toned"),
    "brighter": KindWord("darker", "toned"),
    "darker": KindWord("brighter", "toned"),
    "more contrast": KindWord("less contrast", "toned"),
    "less contrast": KindWord("more contrast", "toned"),
    "grey": KindWord("in colour", "toned"),
    "in colour": KindWord("grey", "toned"),
    "more colourful": KindWord("paler", "toned"),
    "paler": KindWord("more colourful", "toned"),
    "other colours": KindWord("other colours", "toned"),
    # Its fine detail. "sharper" and "softer" is what was done to the first.
    "blurred": KindWord("sharper"),
    "softer": KindWord("sharpened", "blurred"),
    "sharpened": KindWord("softer"),
    "sharper": KindWord("blurred", "sharpened"),
    "noisy": KindWord("less noisy"),
    "less noisy": KindWord("noisy"),
    # What was put on it; "uncovered" is what was put on the first.
    "overlaid": KindWord("uncovered"),
    "captioned": KindWord("uncovered", "overlaid"),
    "uncovered": KindWord("overlaid", "overlaid"),
    # How many frames or pages it has.
    ONE_FRAME: KindWord(SEVERAL_FRAMES),
    SEVERAL_FRAMES: KindWord(ONE_FRAME),
}


def with_general(kinds: Iterable[str]) -> tuple[str, ...]:
    """Return the words, each after the general one for the same, and none twice."""
    found: dict[str, None] = {}
    for kind in kinds:
        general = WORDS[kind].general if kind in WORDS else ""
        found |= dict.fromkeys(filter(None, (general, kind)))
    return tuple(found)


def most_exact(kinds: Collection[str]) -> tuple[str, ...]:
    """Return the words without the general ones for which there is an exact one."""
    said_better = {WORDS[kind].general for kind in kinds if kind in WORDS}
    return tuple(kind for kind in kinds if kind not in said_better)


def seen_from_second(kinds: Collection[str]) -> tuple[str, ...]:
    """Return the words for how the first picture differs from the second."""
    back = (WORDS[kind].back if kind in WORDS else kind for kind in most_exact(kinds))
    return with_general(back)
