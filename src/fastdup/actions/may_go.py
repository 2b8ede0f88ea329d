"""Which copies may go for another's sake, by what the two pictures are to each other."""

from collections.abc import Collection
from typing import NamedTuple

from fastdup.actions.offers import PART_OF
from fastdup.verify.verdict import Verdict

#: What is the same picture; it may always go.
SAFE = (Verdict.SAME_BYTES, Verdict.SAME_PIXELS, Verdict.SAME_PICTURE)
#: Kinds that make a copy no less the same picture.
_HARMLESS = frozenset({"resized", "enlarged"})
#: How a pair is called the other way round.
_REVERSED = {"cropped": "framed", "framed": "cropped", "blurred": "sharpened"}
_REVERSED |= {"sharpened": "blurred"}


class Relation(NamedTuple):
    """What a file is to the one that would stay.

    Attributes
    ----------
    verdict : Verdict
    kinds : tuple of str
        How it differs from the one that stays; see `fastdup.verify.Judgement`.
    """

    verdict: Verdict
    kinds: tuple[str, ...] = ()

    def reversed(self) -> "Relation":
        """Return what the one that would stay is to it."""
        return Relation(self.verdict, tuple(_REVERSED.get(kind, kind) for kind in self.kinds))

    def may_go(self, also: Collection[str]) -> bool:
        """Return whether the file may go, given the kinds of copies that were named."""
        if self.verdict in SAFE:
            return True
        return bool(missing := self.needs()) and missing <= set(also)

    def needs(self) -> frozenset[str]:
        """Return which kinds must be named for the file to go; none where no kind will do."""
        if self.verdict is Verdict.PART_OF:
            return frozenset({PART_OF})
        if self.verdict is Verdict.EDITED:
            return frozenset(self.kinds) - _HARMLESS
        return frozenset()


UNKNOWN = Relation(Verdict.UNVERIFIED)
