"""Judges files of several frames or pages: all that is looked at has to agree."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from fastdup.judging.finding import Finding
from fastdup.judging.open_pictures import OpenPicture
from fastdup.verify import Picture, Verdict, judge
from fastdup.verify.kind_words import ONE_FRAME, SEVERAL_FRAMES

#: What two frames of the same picture are to each other, the surest first.
_COPIES = (Verdict.SAME_PICTURE, Verdict.EDITED, Verdict.PART_OF)
#: Share of the frames that agree from which on two files are the same but for others.
_ALTERED = 0.5
#: What noise looks like: verdicts and kinds, its share of the area, and of the frames.
_SPOTTED = frozenset({Verdict.EDITED, Verdict.ALTERED})
_SPOTS = frozenset({"overlaid", "uncovered", "captioned", "bent"})
_MOST_CHANGED, _MOST_SPOTTED = 0.005, 0.25

_Frames = Sequence[Picture | None]
_Judge = Callable[[Picture, Picture], Finding]


def judge_frames(one: OpenPicture, other: OpenPicture) -> Finding:
    """Return what two files are to each other, of which one at least has several frames.

    Frames at the same moments are compared, and pages of the same number. All agree: the files are
    copies, as much as the frames that differ most. A picture that is one frame of the other file,
    or pages that are the first ones of it, are a part.

    Raises
    ------
    ImageError
        When a file cannot be decoded.
    """
    known: dict[tuple[int, int], Finding] = {}

    def compare(first: Picture, second: Picture) -> Finding:
        key = id(first), id(second)
        if key not in known:
            known[key] = Finding.of(judge(first, second))
        return known[key]

    if not other.frames:
        found = _best_of(one.frames, lambda frame: compare(frame, other.picture))
        return _as_part(found, ONE_FRAME)
    if not one.frames:
        found = _best_of(other.frames, lambda frame: compare(one.picture, frame))
        return _as_part(found, SEVERAL_FRAMES)
    has_noise = one.is_gif or other.is_gif
    found = _of_frames(one.frames, other.frames, compare, has_noise=has_noise)
    if len(one.frames) != len(other.frames):
        fewer = ONE_FRAME if len(other.frames) < len(one.frames) else SEVERAL_FRAMES
        return _as_part(found, fewer)
    if one.n_beyond != other.n_beyond and found.verdict in _COPIES:
        return replace(found, verdict=Verdict.ALTERED)
    return found


def _of_frames(one: _Frames, other: _Frames, compare: _Judge, *, has_noise: bool) -> Finding:
    """Return what is found of the frames that differ most, as far as there are frames of both."""
    pairs = list(zip(one, other, strict=False))
    findings = [compare(first, second) for first, second in pairs if first and second]
    if has_noise:
        findings = _without_noise(findings)
    copies = [found for found in findings if found.verdict in _COPIES]
    n_blank = sum(not (first or second) for first, second in pairs)
    if copies and len(copies) + n_blank == len(pairs):
        return max(copies, key=lambda found: (_COPIES.index(found.verdict), -found.same))
    if copies and len(copies) >= _ALTERED * len(pairs):
        return replace(copies[0], verdict=Verdict.ALTERED)
    return Finding(verdict=Verdict.LOOK_ALIKE)


def _without_noise(findings: list[Finding]) -> list[Finding]:
    """Return the findings with those that the few colours of a GIF explain put right.

    These are tiny spots, or no straight lines, in a few frames; all others are the same picture.
    """
    same = [found for found in findings if found.verdict is Verdict.SAME_PICTURE]
    others = [found for found in findings if found.verdict is not Verdict.SAME_PICTURE]
    is_noise = all(
        found.verdict in _SPOTTED and set(found.kinds) <= _SPOTS and found.changed < _MOST_CHANGED
        for found in others
    )
    if is_noise and len(others) <= _MOST_SPOTTED * len(findings):
        return [*same, *same[: len(others)]]
    return findings


def _best_of(frames: _Frames, compare: Callable[[Picture], Finding]) -> Finding:
    """Return what is found of the frame that is nearest to a picture."""
    found = [compare(frame) for frame in dict.fromkeys(frames) if frame]
    order = (*_COPIES, Verdict.ALTERED)
    found = [finding for finding in found if finding.verdict in order]
    nothing = Finding(verdict=Verdict.LOOK_ALIKE)
    return min(found, key=lambda f: (order.index(f.verdict), -f.same), default=nothing)


def _as_part(found: Finding, kind: str) -> Finding:
    """Return the finding of a file that is but a frame of another, or the other way round."""
    if found.verdict not in _COPIES:
        return found
    return replace(found, verdict=Verdict.PART_OF, kinds=(*found.kinds, kind))
