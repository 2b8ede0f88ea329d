"""All settings that determine the model, in one frozen class."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True)
class Config:
    """Settings of one training run.

    Sizes are pixels, probabilities lie in [0, 1], fractions of an area are of the picture.
    Everything is stored in the checkpoint and in the card of the model.
    """

    seed: int = 21

    # Data
    cached_side: int = 192
    """Pictures are squashed to a square of this side once and held as uint8."""
    holdout_one_in: int = 16
    """One picture in so many, by the hash of its name, is never trained on."""
    procedural_share: float = 0.22
    """Share of generated pictures in the training mix."""

    # Network (the input side is that of the shipped model; training uses smaller ones, because
    # crops show things larger than whole pictures do)
    input_side: int = 160
    mean: int = 127
    """The level that counts as 0: whole, so that bytes go into the quantised network unchanged."""
    std: float = 63.0
    widths: tuple[int, int, int] = (4, 10, 24)
    """Channels per orientation after each down-sampling step; times eight in memory."""
    head_width: int = 144
    embedding: int = 576

    # Loss
    temperature: float = 0.05
    koleo_weight: float = 2.0
    distil_weight: float = 0.0
    """Weight of the distance (1 - cosine) between a view and the teacher's vector of the picture
    as it is."""
    twin_cosine: float = 0.86
    """Training pictures at least this close, as they are, never count as different ones."""

    # Look-alikes in the same batch
    hard_from: float = 0.05
    """Share of the run after which batches hold groups of look-alikes."""
    hard_share: float = 0.5
    """Part of a batch that consists of such groups."""
    hard_group: int = 6
    """A picture and its nearest others."""

    # Optimisation
    pairs: int = 256
    """Pictures per step over all processes; each gives two views."""
    round_steps: int = 600
    """Steps after which look-alikes are searched anew and the validation is measured."""
    learning_rate: float = 1.2e-3
    betas: tuple[float, float] = (0.9, 0.98)
    weight_decay: float = 0.05
    clip_norm: float = 5.0
    warmup: float = 0.03
    """Share of the run in which the learning rate rises; it then falls as a cosine to zero."""
    ema_decay: float = 0.998
    sides: tuple[tuple[float, int], ...] = ((0.0, 128), (0.4, 144))
    """(share of the run, side of the views from there on), ascending."""

    # Augmentation of the strong view: probability of each edit
    crop: float = 0.7
    crop_min_area: float = 0.15
    crop_min_area_within: float = 0.35
    """The same for a picture that is tilted, warped or put into surroundings as well."""
    warp: float = 0.08
    """Perspective, as of a photo of a screen or print."""
    tilt: float = 0.4
    """Rotation by some degrees; `any_angle` of these by an arbitrary angle."""
    any_angle: float = 0.7
    orientation: float = 0.5
    """One of the eight rotations and mirrors of the picture inside its surroundings."""
    surround: float = 0.42
    """Something around the picture, of one of the following kinds, by weight."""
    surroundings: tuple[float, ...] = (0.17, 0.14, 0.16, 0.33, 0.12, 0.08)
    """Frame, letterbox, screenshot page, collage, another picture below, four in a grid."""
    page_least_height: float = 0.5
    """Of the picture on a screenshot page; the tall screens of phones leave it less."""
    text: float = 0.22
    watermark: float = 0.13
    patch: float = 0.18
    """A logo or another picture covers a part."""
    patch_side: float = 0.42
    """Longest side of what covers a part, of that of the picture."""
    bar: float = 0.0
    """Share of what covers a part that goes from one edge to the other."""
    sticker: float = 0.07
    tone: float = 0.5
    colour: float = 0.34
    grey: float = 0.4
    """Share of the changes of colour that leave none."""
    hue: int = 24
    """Hues are shifted by up to so many of 180 steps, to either side."""
    filter: float = 0.14
    """A curve for each channel, a map from grey to colours, or darker corners."""
    posterise: float = 0.02
    reproduce: float = 0.0
    """A photocopy, a print made of dots, a solarised or a very dark picture."""
    blur: float = 0.16
    motion_blur: float = 0.2
    """Share of the blurs that go in one direction."""
    down_up: float = 0.08
    sharpen: float = 0.06
    noise: float = 0.12
    jpeg: float = 0.35

    def side_at(self, progress: float) -> int:
        """Side of the training views, in pixels, at a progress in [0, 1]."""
        return [side for start, side in self.sides if progress >= start][-1]


SECOND = Config(
    seed=20,
    input_side=128,
    learning_rate=1.6e-3,
    sides=((0.0, 112), (0.45, 128)),
    crop=0.65,
    tilt=0.34,
    any_angle=0.6,
    surroundings=(0.2, 0.16, 0.18, 0.33, 0.1, 0.03),
    filter=0.1,
)
"""From the result of the first stage: harder edits, look-alikes in one batch."""
FIRST = dataclasses.replace(
    SECOND,
    hard_share=0.0,
    pairs=192,
    learning_rate=2e-3,
    sides=((0.0, 96), (0.5, 112), (0.8, 128)),
    crop_min_area=0.2,
    crop_min_area_within=0.2,
    warp=0.0,
    tilt=0.25,
    any_angle=0.25,
    surround=0.4,
    surroundings=(0.24, 0.2, 0.22, 0.24, 0.1, 0.0),
    watermark=0.06,
    sticker=0.0,
    colour=0.3,
    grey=0.25,
    filter=0.0,
    posterise=0.0,
    blur=0.14,
    motion_blur=0.0,
)
"""From random numbers: fewer and milder edits."""
THIRD = Config()
"""From the result of the second stage: larger pictures, more crops, angles and grids."""
FOURTH = dataclasses.replace(
    THIRD,
    seed=22,
    input_side=128,
    sides=((0.0, 112), (0.4, 128)),
    text=0.26,
    patch=0.24,
    patch_side=0.6,
    colour=0.45,
    hue=60,
    filter=0.22,
)
"""From the result of the third stage: smaller pictures again, more colours and covered parts."""
NARROW = dataclasses.replace(
    FOURTH,
    seed=23,
    widths=(4, 10, 20),
    head_width=128,
    input_side=96,
    sides=((0.0, 96),),
    distil_weight=2.0,
    surroundings=(0.16, 0.12, 0.16, 0.3, 0.1, 0.16),
    patch=0.28,
    bar=0.3,
    reproduce=0.1,
)
"""Half of the multiply-adds, distilled: small pictures, more covers, grids and reproductions."""
NARROW_SECOND = dataclasses.replace(
    NARROW,
    seed=24,
    surround=0.48,
    surroundings=(0.12, 0.1, 0.2, 0.3, 0.1, 0.18),
    page_least_height=0.3,
    patch=0.34,
    patch_side=0.7,
)
"""From the result of that: still more covers, grids and pages."""
NARROW_THIRD = dataclasses.replace(
    NARROW_SECOND,
    seed=25,
    learning_rate=1.4e-3,
    distil_weight=1.0,
    crop=0.78,
    crop_min_area=0.1,
    crop_min_area_within=0.25,
)
"""From the result of that: smaller crops, less of the teacher."""
NARROW_112 = dataclasses.replace(
    NARROW, widths=(4, 8, 16), input_side=112, sides=((0.0, 96), (0.4, 112))
)
"""The same with fewer channels instead of fewer pixels."""
NARROW_ALONE = dataclasses.replace(NARROW, distil_weight=0.0)
"""The same without a teacher."""
GPU = Config(
    cached_side=160,
    hard_from=0.2,
    pairs=1024,
    round_steps=500,
    learning_rate=3e-3,
    sides=((0.0, 96), (0.4, 128)),
)
"""From random numbers in one go, where steps are cheap."""

RECIPES = {
    "first": FIRST,
    "second": SECOND,
    "third": THIRD,
    "fourth": FOURTH,
    "narrow": NARROW,
    "narrow-second": NARROW_SECOND,
    "narrow-third": NARROW_THIRD,
    "narrow-112": NARROW_112,
    "narrow-alone": NARROW_ALONE,
    "gpu": GPU,
}
