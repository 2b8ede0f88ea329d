"""The loss: pulls the two views of a picture together, and pushes all other pictures apart."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy


def pair_loss(
    vectors: Tensor, labels: Tensor, temperature: float, koleo_weight: float
) -> tuple[Tensor, Tensor]:
    """Contrastive loss of a batch of view pairs plus a term that spreads the vectors out.

    Parameters
    ----------
    vectors : Tensor of float32, shape (2·P, D)
        Unit vectors; row i and row i + P are views of the same picture.
    labels : Tensor of int64, shape (P,)
        Pictures of one label show the same thing and are not pushed apart.
    temperature : float
        Divisor of the cosines in InfoNCE.
    koleo_weight : float
        Weight of the Kozachenko-Leonenko term: minus the mean log distance from each view to
        the nearest view of another picture.

    Returns
    -------
    info_nce, koleo : Tensor
        Scalars; the loss is their sum, the second already weighted.
    """
    total = len(vectors)
    rows = torch.arange(total, device=vectors.device)
    partner = (rows + total // 2) % total
    labels = labels.repeat(2)
    same = labels[:, None] == labels
    cosine = vectors @ vectors.T

    is_partner = partner[:, None] == rows
    candidates = cosine.masked_fill(same & ~is_partner, -torch.inf)
    info_nce = cross_entropy(candidates / temperature, partner)

    nearest = cosine.masked_fill(same, -2.0).amax(1)
    koleo = -(2 - 2 * nearest).clamp(min=1e-6).sqrt().log().mean()
    return info_nce, koleo_weight * koleo


def distil_loss(vectors: Tensor, lessons: Tensor, weight: float) -> Tensor:
    """Mean distance of both views of each picture from the teacher's vector of it.

    Parameters
    ----------
    vectors : Tensor of float32, shape (2·P, D)
        Unit vectors; row i and row i + P are views of the same picture.
    lessons : Tensor of float32, shape (P, D)
        The teacher's unit vectors of the pictures as they are.
    weight : float
        Factor of 1 - cosine.
    """
    return weight * (1 - (vectors * lessons.repeat(2, 1)).sum(1).mean())
