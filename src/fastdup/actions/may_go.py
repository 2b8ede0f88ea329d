"""Which copies may go for another's sake, by what the two pictures are to each other."""

from collections.abc import Collection
from typing import NamedTuple

from fastdup.actions.offers import ALSO, PART_OF
from fastdup.verify.kind_words import SEVERAL_FRAMES, WORDS, most_exact, seen_from_second
from fastdup.verify.verdict import Verdict

#: What is the same picture; it may always go.
SAFE = (Verdict.SAME_BYTES, Verdict.SAME_PIXELS, Verdict.SAME_PICTURE)
#: What a photo may have been given on purpose, however slight: then its name is needed.
_TONED = "toned"
#: Kinds that make a copy no less the same picture.
_HARMLESS = frozenset({"resized", "enlarged"})
#: Kind → the one that is named for it, where it is offered under another name.
_NAMED = {"less noisy": "noisy"}


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
        return Relation(self.verdict, seen_from_second(self.kinds))

    def may_go(self, also: Collection[str]) -> bool:
        """Return whether the file may go, given the kinds of copies that were named."""
        missing = self.needs()
        return missing <= set(also) if missing else self.verdict in SAFE

    def needs(self) -> frozenset[str]:
        """Return which kinds must be named for the file to go; none where no kind will do."""
        if self.verdict is Verdict.PART_OF and SEVERAL_FRAMES not in self.kinds:
            return frozenset({PART_OF})
        if self.verdict is Verdict.SAME_PICTURE and _TONED in self.kinds:
            return frozenset({_TONED})
        if self.verdict is Verdict.EDITED:
            return frozenset(map(_named, most_exact(self.kinds))) - _HARMLESS
        return frozenset()


def _named(kind: str) -> str:
    """Return the kind that must be named for such a copy to go: one of those on offer."""
    if kind in ALSO or kind not in WORDS:
        return kind
    return _NAMED.get(kind) or WORDS[kind].general or kind


UNKNOWN = Relation(Verdict.UNVERIFIED)
