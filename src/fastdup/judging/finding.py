"""What was found about a pair of pictures: the verdict and the evidence, as it is stored."""

from dataclasses import dataclass, fields
from typing import Any

from fastdup.scale import rounded
from fastdup.verify import Judgement, Verdict, judged_similarity

#: Verdicts of pairs that are no copies: they join no component.
NO_COPIES = frozenset({Verdict.ALTERED, Verdict.LOOK_ALIKE})
#: Verdicts of pairs that show the same picture: what is asked about content counts them once.
SAME_CONTENT = frozenset(
    {Verdict.SAME_BYTES, Verdict.SAME_PIXELS, Verdict.SAME_PICTURE, Verdict.EDITED}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What two pictures are to each other; numbers have 6 decimals.

    Attributes
    ----------
    verdict : Verdict
    kinds : tuple of str
        How the second differs from the first; see `Judgement`.
    overlap : float
        Share that they have in common, of the picture of which it is less; 0 where they could not
        be aligned.
    scale : float
        Pixels of the second for one of the first, along a side; 0 where they could not be aligned.
    angle : float
        Degrees by which the second is turned, clockwise.
    changed : float
        Share of the overlap that differs.
    n_inliers : int
        Matched points that agree.
    same : float
        Share of the cells that show the same detail.
    """

    verdict: Verdict
    kinds: tuple[str, ...] = ()
    overlap: float = 0.0
    scale: float = 0.0
    angle: float = 0.0
    changed: float = 0.0
    n_inliers: int = 0
    same: float = 0.0

    @classmethod
    def of(cls, judgement: Judgement) -> "Finding":
        """Return what a judgement found."""
        placement, agreement = judgement.placement, judgement.agreement
        if placement is None:
            return cls(verdict=judgement.verdict)
        return cls(
            verdict=judgement.verdict,
            kinds=judgement.kinds,
            overlap=_plain(min(placement.of_first, placement.of_second)),
            scale=_plain(placement.scale),
            angle=_plain(placement.angle),
            changed=_plain(judgement.changed),
            n_inliers=placement.n_inliers,
            same=_plain(agreement.same if agreement else 0.0),
        )

    @classmethod
    def identical(cls, verdict: Verdict) -> "Finding":
        """Return what is found of the same file, or the same pixels."""
        return cls(verdict=verdict, overlap=1.0, scale=1.0, same=1.0)

    @classmethod
    def from_values(cls, values: list[Any]) -> "Finding":
        """Return what `values` gave the values of; ValueError or TypeError if it did not."""
        verdict, kinds, overlap, scale, angle, changed, n_inliers, same = values
        return cls(
            verdict=Verdict(verdict),
            kinds=tuple(map(str, kinds)),
            overlap=float(overlap),
            scale=float(scale),
            angle=float(angle),
            changed=float(changed),
            n_inliers=int(n_inliers),
            same=float(same),
        )

    def values(self) -> list[Any]:
        """Return all values as JSON has them."""
        values = (getattr(self, field.name) for field in fields(self))
        return [list(value) if isinstance(value, tuple) else value for value in values]

    def similarity(self, plain: float) -> float:
        """Return the similarity of the pair, given that of its features."""
        return judged_similarity(self.verdict, plain, self.same, self.n_inliers)

    @property
    def is_copy(self) -> bool:
        """Whether it joins the two pictures in a component: it is a copy, whole or in part."""
        return self.verdict not in NO_COPIES


UNVERIFIED = Finding(verdict=Verdict.UNVERIFIED)


def _plain(value: float) -> float:
    """Return the number as it is stored: with 6 decimals, and no negative zero."""
    return float(rounded(value)) + 0.0
