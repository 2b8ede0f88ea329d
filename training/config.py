"""Every number that decides what the model becomes, in one frozen place."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True)
class Config:
    """Settings of one training run.

    Sizes are pixels, probabilities lie in [0, 1], fractions of an area are of the picture.
    Everything is stored in the checkpoint and in the card of the model.
    """

    seed: int = 20

    # Data
    cached_side: int = 192
    """Pictures are squashed to a square of this side once and held as uint8."""
    holdout_one_in: int = 16
    """One picture in so many, by the hash of its name, is never trained on."""
    procedural_share: float = 0.17
    """Share of generated pictures in the training mix."""

    # Network (the input side is that of the shipped model; training may use smaller ones)
    input_side: int = 128
    mean: float = 127.5
    std: float = 63.0
    widths: tuple[int, int, int] = (4, 10, 24)
    """Channels per orientation after each down-sampling step; times eight in memory."""
    head_width: int = 144
    embedding: int = 576

    # Loss
    temperature: float = 0.05
    koleo_weight: float = 2.0

    # Optimisation
    pairs: int = 192
    """Pictures per step over all processes; each gives two views."""
    learning_rate: float = 2e-3
    betas: tuple[float, float] = (0.9, 0.98)
    weight_decay: float = 0.05
    clip_norm: float = 5.0
    warmup: float = 0.03
    """Share of the run in which the learning rate rises; it then falls as a cosine to zero."""
    ema_decay: float = 0.998
    sides: tuple[tuple[float, int], ...] = ((0.0, 96), (0.5, 112), (0.8, 128))
    """(share of the run, side of the views from there on), ascending."""

    # Augmentation of the strong view: probability of each edit
    crop: float = 0.65
    crop_min_area: float = 0.2
    tilt: float = 0.25
    """Rotation by some degrees; `any_angle` of these by an arbitrary angle."""
    any_angle: float = 0.25
    orientation: float = 0.5
    """One of the eight rotations and mirrors of the picture inside its surroundings."""
    surround: float = 0.40
    """Frame, letterbox, screenshot page, collage, or lying on another picture."""
    text: float = 0.22
    watermark: float = 0.06
    patch: float = 0.18
    """A logo or another picture covers a part."""
    tone: float = 0.5
    colour: float = 0.3
    blur: float = 0.14
    down_up: float = 0.08
    sharpen: float = 0.06
    noise: float = 0.12
    jpeg: float = 0.35

    def side_at(self, progress: float) -> int:
        """Side of the training views, in pixels, at a progress in [0, 1]."""
        return [side for start, side in self.sides if progress >= start][-1]
