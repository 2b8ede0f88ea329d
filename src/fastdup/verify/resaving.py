"""Which of two files of one picture was saved again: what saving the other gives, to the bit.

Saving a picture as a JPEG rounds it to the steps of the file's quality. So a file that was made of
another one holds just what that one gives when it is saved at the file's quality. The other way
round this holds only where the steps of the one are no finer than those of the other.
"""

import io
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fastdup.verify.enlargement import Gain

#: Side of the part in the middle that is looked at, whole blocks of all colours, and of a block.
_SIDE, _WHOLE, _BLOCK = 768, 16, 8
#: Blocks whose grey levels have a larger standard deviation say something; so many are enough.
_TEXTURE, _ENOUGH = 4.0, 5
#: Mean distance in grey levels up to which a picture may have been made of the other one.
_MADE_OF = 0.3
#: Finer than the steps of any quality.
_LOSSLESS = 101
#: Longer side at which pictures are compared to see how they lie.
_SEEN = 512
#: Waves of a block that count as detail, in grey levels. How many times more of them one picture
#: has, and how many times fewer the other one has in its blocks than between them, if saving took
#: them: 1.5 and 1.4 times or more at quality 50 to 20. Of 32 pictures that were mirrored, given
#: other colours or a watermark none has 1.3 times fewer, nor of 10 with noise.
_WAVE, _MORE_DETAIL, _LOST = 6.0, 1.4, 1.35
_LEAST_DETAIL = 0.1
_TURNS = (None, *Image.Transpose)
_ON_ITS_SIDE = (
    Image.Transpose.ROTATE_90,
    Image.Transpose.ROTATE_270,
    Image.Transpose.TRANSPOSE,
    Image.Transpose.TRANSVERSE,
)

Levels = NDArray[np.float32]


def _cosines() -> Levels:
    """Return the discrete cosine transform of a block, as JPEG has it: (8, 8), orthonormal."""
    numbers = np.arange(_BLOCK)
    cosines = np.cos((2 * numbers + 1) * numbers[:, None] * np.pi / (2 * _BLOCK))
    cosines[0] /= np.sqrt(2)
    transform: Levels = (cosines * np.sqrt(2 / _BLOCK)).astype(np.float32)
    return transform


_COSINES = _cosines()


class Saved(NamedTuple):
    """A picture as it was saved.

    Attributes
    ----------
    picture : PIL image, mode L
        Upright, at full size.
    quality : int or None
        Of a JPEG, 1 to 100; None for a picture that was saved without loss.
    """

    picture: Image.Image
    quality: int | None

    @property
    def steps(self) -> int:
        """Return a number that is larger for finer steps."""
        return _LOSSLESS if self.quality is None else self.quality


def gain_of_second(first: Saved, second: Saved) -> Gain:
    """Return what the second of two files of one picture has over the first.

    `Gain.NONE` if it was made of the first, or saving took detail from it that the first has;
    `Gain.MORE` if that holds of the first; else `Gain.UNCLEAR`. The pictures may be turned by
    quarters or mirrored.

    Where each could have been made of the other, the one with the coarser steps was first: what has
    lost more does not give back what had lost less. Of 1,470 copies of 30 training photos, saved
    without loss or at quality 40 to 98, turned and saved again at 30 to 100, 1,428 are found to be
    the copies, 30 that lost nothing at quality 100 and two others to be the originals.
    """
    to_first, to_second = _distance_from(second, first), _distance_from(first, second)
    if to_first is None or to_second is None:
        return Gain.UNCLEAR
    if max(to_first, to_second) <= _MADE_OF and first.steps != second.steps:
        return Gain.NONE if first.steps < second.steps else Gain.MORE
    if min(to_first, to_second) <= _MADE_OF:
        return Gain.NONE if to_second < to_first else Gain.MORE
    one, other = (_Detail.of(_middle(saved.picture)) for saved in (first, second))
    if one.was_lost_beside(other):
        return Gain.MORE
    return Gain.NONE if other.was_lost_beside(one) else Gain.UNCLEAR


def _distance_from(one: Saved, other: Saved) -> float | None:
    """Return how far a picture is from what another one gives when it is saved like this one.

    In grey levels, of the blocks that are not plain; None where there are too few, or it is of
    another size.
    """
    turned = _as_it_lies(one.picture, other.picture)
    if turned is None:
        return None
    levels, saved = (
        _blocks(np.asarray(picture, np.float32))
        for picture in (_middle(other.picture), _saved(_middle(turned), other.quality))
    )
    textured = levels.std(1) > _TEXTURE
    if textured.sum() < _ENOUGH:
        return None
    return float(np.abs(saved - levels)[textured].mean())


def _as_it_lies(picture: Image.Image, other: Image.Image) -> Image.Image | None:
    """Return the picture turned or mirrored as another one is; None if none is of its size."""
    small, seen = _seen_small(picture), np.asarray(_seen_small(other), np.float32)
    offs = {}
    for turn in _TURNS:
        if _size(picture, turn) == other.size:
            turned = np.asarray(_turned(small, turn), np.float32)
            offs[turn] = float(np.abs(turned - seen).mean()) if turned.shape == seen.shape else 0.0
    return _turned(picture, min(offs, key=offs.__getitem__)) if offs else None


def _turned(picture: Image.Image, turn: Image.Transpose | None) -> Image.Image:
    return picture if turn is None else picture.transpose(turn)


def _size(picture: Image.Image, turn: Image.Transpose | None) -> tuple[int, int]:
    """Return the width and height of a picture once it is turned."""
    return picture.size[::-1] if turn in _ON_ITS_SIDE else picture.size


def _seen_small(picture: Image.Image) -> Image.Image:
    small = picture.copy()
    small.thumbnail((_SEEN, _SEEN), Image.Resampling.BOX)
    return small


def _middle(picture: Image.Image) -> Image.Image:
    """Return a part of the middle that begins with a block."""
    left, top = (max(0, side - _SIDE) // 2 // _WHOLE * _WHOLE for side in picture.size)
    return picture.crop(
        (left, top, min(left + _SIDE, picture.width), min(top + _SIDE, picture.height))
    )


def _saved(picture: Image.Image, quality: int | None) -> Image.Image:
    if quality is None:
        return picture
    data = io.BytesIO()
    picture.save(data, "JPEG", quality=quality)
    return Image.open(data).convert("L")


class _Detail(NamedTuple):
    """The mean number of waves of a block that was saved, and of one that lies between these."""

    saved: float
    between: float

    @classmethod
    def of(cls, picture: Image.Image) -> Self:
        """Return that of a picture."""
        levels, half = np.asarray(picture, np.float32), _BLOCK // 2
        return cls(_n_waves(levels), _n_waves(levels[half:, half:]))

    def was_lost_beside(self, other: Self) -> bool:
        """Return whether saving took from this one what the other one still has."""
        lost, other_lost = self.between / self.saved, other.between / other.saved
        return other.saved > _MORE_DETAIL * self.saved and lost > _LOST * other_lost


def _n_waves(levels: Levels) -> float:
    blocks = _blocks(levels).reshape(-1, _BLOCK, _BLOCK)
    waves = np.abs(_COSINES @ blocks @ _COSINES.T)
    waves[:, 0, 0] = 0
    return float((waves > _WAVE).sum((1, 2)).mean()) + _LEAST_DETAIL if len(blocks) else 1.0


def _blocks(levels: Levels) -> Levels:
    """Return the whole blocks, one per row: (n, 64)."""
    high, wide = (side // _BLOCK for side in levels.shape)
    whole = levels[: high * _BLOCK, : wide * _BLOCK].reshape(high, _BLOCK, wide, _BLOCK)
    return whole.swapaxes(1, 2).reshape(-1, _BLOCK * _BLOCK)
