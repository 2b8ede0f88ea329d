"""How a JPEG was encoded, by its quantisation tables.

The tables of the Independent JPEG Group scale those of Annex K of ISO/IEC 10918-1 (ITU-T T.81) by a
quality from 1 to 100 (libjpeg, jcparam.c). Most programs save with them. Cameras and some editors
have tables of their own.
"""

import hashlib
from bisect import bisect_left
from functools import cache, lru_cache

Table = tuple[int, ...]
"""64 values, row by row."""

IJG = "ijg"
_HASH_BYTES = 4
#: Tables K.1, luminance, and K.2, chrominance.
_LUMINANCE: Table = (
    *(16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55),
    *(14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51, 87, 80, 62),
    *(18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92),
    *(49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99),
)
_CHROMINANCE: Table = (
    *(17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99),
    *(24, 26, 56, 99, 99, 99, 99, 99, 47, 66, 99, 99, 99, 99, 99, 99),
    *(99,) * 32,
)
_SAMPLINGS: dict[tuple[tuple[int, int], ...], str] = {
    ((1, 1), (1, 1), (1, 1)): "4:4:4",
    ((2, 1), (1, 1), (1, 1)): "4:2:2",
    ((2, 2), (1, 1), (1, 1)): "4:2:0",
    ((1, 2), (1, 1), (1, 1)): "4:4:0",
    ((4, 1), (1, 1), (1, 1)): "4:1:1",
}


@lru_cache(256)
def encoder_and_quality(tables: tuple[Table, ...]) -> tuple[str, int]:
    """Return the kind of a JPEG's quantisation tables, and the quality that they stand for.

    Parameters
    ----------
    tables : tuple of tables
        That of the luminance first; at least one.

    Returns
    -------
    encoder : str
        "ijg", or a hash of 8 characters.
    quality : int
        1 to 100; for other tables, that of the IJG's luminance table with the nearest sum.
    """
    quality = _quality(sum(tables[0]))
    standard = tuple(_scaled(base, quality) for base in (_LUMINANCE, _CHROMINANCE))
    if tables == standard[: len(tables)]:
        return IJG, quality
    return hashlib.blake2b(repr(tables).encode(), digest_size=_HASH_BYTES).hexdigest(), quality


def sampling_name(factors: tuple[tuple[int, int], ...]) -> str:
    """Return the usual name of a JPEG's sampling factors, "" where there is none or no colour."""
    return _SAMPLINGS.get(factors, "")


def _quality(total: int) -> int:
    sums = _sums()  # falls with the quality
    place = bisect_left(sums, -total, key=int.__neg__)
    near = [at for at in (place - 1, place) if 0 <= at < len(sums)]
    return 1 + min(near, key=lambda at: (abs(sums[at] - total), -at))


@cache
def _sums() -> list[int]:
    """Return the sum of the IJG's luminance table at each quality from 1 to 100."""
    return [sum(_scaled(_LUMINANCE, quality)) for quality in range(1, 101)]


def _scaled(table: Table, quality: int) -> Table:
    percent = 5000 // quality if quality < 50 else 200 - 2 * quality
    return tuple(max(1, min((value * percent + 50) // 100, 255)) for value in table)
