"""What differs between two images shown together, and how to lay one over the other."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from fastdup.report.pair_wording import PairFacts, describe_pair, kinds_of, name_place
from fastdup.report.thumbnails import Failure, Look, Picture

if TYPE_CHECKING:
    from fastdup import verify
    from fastdup.judging.finding import Finding
    from fastdup.verify.verdict import Judgement

#: Boxes that are drawn at most, the largest first.
MOST_BOXES = 24
#: Verdicts of a run that need no second look: there is nothing to draw or to measure.
_PLAIN = frozenset({"same_pixels", "same_picture", "look_alike"})
#: Verdicts of pairs in which some places may differ.
_WITH_BOXES = frozenset({"edited", "altered", "part_of"})
#: Where a picture lies that shows all of the other, upright.
_IDENTITY = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0]


@dataclass(frozen=True, slots=True)
class Seen:
    """An image that is shown, ready to be compared.

    Attributes
    ----------
    facts : Picture or Failure
    pixels : fastdup.verify.Picture or None
        None when it cannot be shown.
    """

    facts: Picture | Failure
    pixels: "verify.Picture | None"

    @classmethod
    def of(cls, look: Look) -> "Seen":
        """Return what `look_at` made of an image."""
        from fastdup.verify import Picture as Compared

        facts, image = look
        if image is None or isinstance(facts, Failure):
            return cls(facts, None)
        return cls(facts, Compared(image, (facts.width, facts.height)))


def describe_difference(
    first: Seen, second: Seen, stored: "Finding | None" = None
) -> dict[str, Any]:
    """Return as JSON values how the second image differs; nothing when one cannot be shown.

    ``text`` is a sentence, ``kinds`` has the words to choose pairs by. ``t`` is where the second
    lies in the first: a 3 × 3 matrix, row by row, from its unit coordinates to those of the first.
    ``boxes`` are the places that differ, in unit coordinates of the first, ``at`` their names.

    Parameters
    ----------
    first, second : Seen
    stored : Finding or None
        What a run found about them: its verdict is the one that counts.
    """
    one, other = first.facts, second.facts
    if isinstance(one, Failure) or isinstance(other, Failure):
        return {}
    if one.digest == other.digest:
        return _shown(PairFacts(verdict="same_bytes")) | {"t": _IDENTITY}
    if stored is not None and stored.verdict == "same_bytes":
        stored = None  # a file was changed since
    if stored is not None and stored.verdict in _PLAIN:
        placement = {} if stored.verdict == "look_alike" else {"t": _IDENTITY}
        return _shown(PairFacts.of_finding(stored)) | placement
    return _judged(first, second, stored)


def _judged(first: Seen, second: Seen, stored: "Finding | None") -> dict[str, Any]:
    """Return what a look at both pictures shows; a run's verdict counts, and its words."""
    from fastdup.judging.pair_judge import LEAST_SIDE
    from fastdup.verify import judge

    one, other = first.pixels, second.pixels
    if one is None or other is None or min(*one.size, *other.size) < LEAST_SIDE:
        return {}
    judgement = judge(one, other)
    facts = PairFacts(verdict=judgement.verdict)
    place = judgement.placement
    if place is not None:
        facts = PairFacts(
            verdict=judgement.verdict,
            kinds=judgement.kinds,
            of_first=place.of_first,
            of_second=place.of_second,
            scale=place.scale,
            angle=place.angle,
            changed=judgement.changed,
            n_places=len(judgement.regions),
        )
    if stored is not None and stored.verdict == judgement.verdict:
        facts = replace(facts, kinds=stored.kinds)
    elif stored is not None:
        facts = PairFacts.of_finding(stored)
    return _shown(facts) | _drawn(judgement, facts)


def _drawn(judgement: "Judgement", facts: PairFacts) -> dict[str, Any]:
    """Return where the second lies in the first, and what differs there."""
    if judgement.placement is None or judgement.verdict == "look_alike":
        return {}
    to_first = judgement.placement.to_first
    to_first = to_first / to_first[2, 2]
    found: dict[str, Any] = {"t": [round(value, 6) for value in to_first.ravel().tolist()]}
    regions = judgement.regions[:MOST_BOXES]
    if regions and facts.verdict in _WITH_BOXES:
        found["boxes"] = [[round(value, 4) for value in region.box] for region in regions]
        found["at"] = list(dict.fromkeys(name_place(region.box) for region in regions))
    return found


def _shown(facts: PairFacts) -> dict[str, Any]:
    text = describe_pair(facts)
    return {"text": text, "kinds": list(kinds_of(facts))} if text else {}
