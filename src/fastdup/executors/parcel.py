"""Work on its way to other machines: its arrays travel uncopied, or stay where all can map them."""

import io
import mmap
import os
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastdup.executors.shared import SharedFolder


class NotSharedError(Exception):
    """An array lies in a folder that is not seen here; never leaves this package."""


@dataclass(frozen=True)
class Parcel:
    """A pickled object whose arrays lie beside it.

    Attributes
    ----------
    data : bytes
        The pickle; made and read by the same program on machines that run its code anyway.
    buffers : list of uint8 arrays
        The bytes of its arrays.
    """

    data: bytes
    buffers: list[NDArray[np.uint8]]

    @classmethod
    def of(cls, content: object, shared: SharedFolder | None) -> "Parcel":
        """Pack `content`; of arrays that are mapped files in `shared` only the place is packed."""
        file = io.BytesIO()
        buffers: list[pickle.PickleBuffer] = []
        _Packer(file, buffers.append, shared).dump(content)
        return cls(file.getvalue(), [np.frombuffer(buffer.raw(), np.uint8) for buffer in buffers])

    def unpack(self) -> Any:
        """Return the content; its arrays are not to be written to.

        Raises
        ------
        NotSharedError
            When an array lies in a folder that this machine does not see.
        """
        return pickle.loads(self.data, buffers=self.buffers)  # noqa: S301


class _Packer(pickle.Pickler):
    def __init__(
        self,
        file: io.BytesIO,
        take: Callable[[pickle.PickleBuffer], Any],
        shared: SharedFolder | None,
    ) -> None:
        super().__init__(file, 5, buffer_callback=take)
        self._shared = shared

    def reducer_override(self, value: Any) -> Any:
        """Pack a whole mapped file in the shared folder by its place."""
        is_map = isinstance(value, np.memmap) and isinstance(value.base, mmap.mmap)
        if not is_map or self._shared is None or not value.filename:
            return NotImplemented
        path, root = os.path.realpath(value.filename), os.path.realpath(self._shared.path)
        if os.path.commonpath([path, root]) != root:
            return NotImplemented
        inside = os.path.relpath(path, root)
        return _map_file, (self._shared, inside, value.dtype, value.shape, value.offset)


def _map_file(
    shared: SharedFolder, inside: str, dtype: Any, shape: tuple[int, ...], offset: int
) -> NDArray[Any]:
    if not shared.is_here():
        raise NotSharedError
    return np.memmap(os.path.join(shared.path, inside), dtype, "r", offset, shape)
