"""Finds training pictures that the network itself finds similar: its most useful mistakes."""

from __future__ import annotations

import dataclasses

import numpy as np
import torch
from torch import Tensor

CHUNK = 1024
TWINS = 16
"""So many twins of one picture are looked for."""


@dataclasses.dataclass(frozen=True)
class LookAlikes:
    """What a search among all n pictures found.

    Attributes
    ----------
    labels : ndarray of int64, shape (n,)
        Equal for twins: pictures so close that they must not count as different ones.
    groups : ndarray of int64, shape (n, k)
        Each picture followed by its k - 1 nearest others, twins left out.
    """

    labels: np.ndarray
    groups: np.ndarray

    @classmethod
    def none(cls, count: int) -> LookAlikes:
        """Before the first search every picture stands alone."""
        rows = np.arange(count)
        return cls(rows, rows[:, None])

    def state_dict(self) -> dict[str, Tensor]:
        """Tensors to be stored in a checkpoint."""
        return {"labels": torch.from_numpy(self.labels), "groups": torch.from_numpy(self.groups)}

    @classmethod
    def from_state(cls, state: dict[str, Tensor]) -> LookAlikes:
        """Go back from what `state_dict` returned."""
        return cls(state["labels"].numpy(), state["groups"].numpy())


def find(vectors: Tensor, twin_cosine: float, group: int) -> LookAlikes:
    """Search the nearest others of each picture.

    Parameters
    ----------
    vectors : Tensor of float32, shape (n, d)
        Unit vectors of the pictures as they are.
    twin_cosine : float
        Pairs at least this close are twins.
    group : int
        Size of the groups.
    """
    neighbours, pairs = [], []
    for start in range(0, len(vectors), CHUNK):
        cosine = vectors[start : start + CHUNK] @ vectors.T
        twins = cosine >= twin_cosine  # each picture itself is among them
        closest, columns = cosine.topk(TWINS)
        rows = torch.arange(start, start + len(cosine))[:, None].expand_as(columns)
        pairs.append(torch.stack([rows, columns], -1)[closest >= twin_cosine])
        neighbours.append(cosine.masked_fill(twins, -2.0).topk(group - 1).indices)
    itself = torch.arange(len(vectors))[:, None]
    groups = torch.cat([itself, torch.cat(neighbours)], 1).numpy()
    return LookAlikes(connect(len(vectors), torch.cat(pairs).numpy()), groups)


def connect(count: int, pairs: np.ndarray) -> np.ndarray:
    """Give pictures that are joined by a chain of pairs, shape (m, 2), the same label."""
    labels = np.arange(count)
    while True:
        before = labels.copy()
        np.minimum.at(labels, pairs[:, 0], labels[pairs[:, 1]])
        np.minimum.at(labels, pairs[:, 1], labels[pairs[:, 0]])
        if np.array_equal(before, labels):
            return labels
