"""What kind of pair it is, whichever of the two comes first; the most interesting kinds first."""

from collections.abc import Mapping, Sequence

from fastdup.verify.verdict import Verdict

#: Word of `fastdup.verify.kind_words` → its name for both directions, the most interesting first.
NAMES: Mapping[str, str] = {
    "mirrored": "mirrored",
    "turned": "turned",
    "cut out": "inside a larger picture",
    "in a larger picture": "inside a larger picture",
    "cropped": "cropped",
    "extended": "cropped",
    "framed": "framed",
    "unframed": "framed",
    "captioned": "captioned",
    "overlaid": "drawn on",
    "uncovered": "drawn on",
    "inverted": "negative",
    "perspective": "seen from another side",
    "bent": "bent",
    "stretched": "stretched",
    "one frame": "one frame of several",
    "several frames": "one frame of several",
    "grey": "grey",
    "in colour": "grey",
    "other colours": "different colours",
    "more colourful": "paler or more colourful",
    "paler": "paler or more colourful",
    "brighter": "brighter or darker",
    "darker": "brighter or darker",
    "more contrast": "more or less contrast",
    "less contrast": "more or less contrast",
    "toned": "different tones",
    "blurred": "softer or sharper",
    "softer": "softer or sharper",
    "sharpened": "softer or sharper",
    "sharper": "softer or sharper",
    "noisy": "noisy",
    "less noisy": "noisy",
    "resized": "resized",
    "enlarged": "resized",
}
#: Verdicts of files that show nothing but the same pixels.
EXACT = (Verdict.SAME_BYTES, Verdict.SAME_PIXELS)
#: Verdicts that are of interest by themselves, and those that are of the least.
_FIRST, _LAST = (Verdict.PART_OF, Verdict.ALTERED), (Verdict.UNVERIFIED, Verdict.LOOK_ALIKE)
_PLACES: Mapping[str, int] = {name: n for n, name in enumerate(dict.fromkeys(NAMES.values()))}


def name_kinds(kinds: Sequence[str]) -> list[str]:
    """Return the names of the kinds of a pair for both directions, the most interesting first.

    General words for which there is an exact one are left out.
    """
    from fastdup.verify.kind_words import most_exact  # loads all that judges pictures

    names = {NAMES.get(kind, kind) for kind in most_exact(kinds)}
    return sorted(names, key=lambda name: (_PLACES.get(name, len(_PLACES)), name))


def rank_of(verdict: str, kinds: Sequence[str]) -> int:
    """Return how interesting a pair is, 0 for the most, equal for pairs of one kind; -1 if exact.

    Parameters
    ----------
    verdict : str
        A `fastdup.verify.Verdict`.
    kinds : sequence of str
        How the second picture differs from the first.
    """
    if verdict in EXACT:
        return -1
    if verdict in _FIRST:
        return _FIRST.index(Verdict(verdict))
    n_before = len(_FIRST) + len(_PLACES) + 1
    if verdict in _LAST:
        return n_before + _LAST.index(Verdict(verdict))
    names = name_kinds(kinds)
    return len(_FIRST) + (_PLACES.get(names[0], len(_PLACES)) if names else len(_PLACES))
