"""Pickles of work sent to other machines; arrays in shared files are sent as paths, not bytes."""

import io
import mmap
import os
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastdup.executors.shared_folder import SharedFolder


class NotSharedError(Exception):
    """An array lies in a folder that this machine does not see; never leaves this package."""


@dataclass(frozen=True)
class SharedArrayPickle:
    """A pickled object with its arrays beside it, uncopied.

    Attributes
    ----------
    data : bytes
        The pickle. It comes from this program through Ray, whose machines run each other's code
        anyway; nothing else is ever unpickled.
    buffers : list of uint8 arrays
        The bytes of its arrays.
    """

    data: bytes
    buffers: list[NDArray[np.uint8]]

    @classmethod
    def dump(cls, content: object, shared: SharedFolder | None) -> "SharedArrayPickle":
        """Pickle `content`; of an array mapped from a file in `shared`, only its path is stored."""
        file = io.BytesIO()
        buffers: list[pickle.PickleBuffer] = []
        _Pickler(file, buffers.append, shared).dump(content)
        return cls(file.getvalue(), [np.frombuffer(buffer.raw(), np.uint8) for buffer in buffers])

    def load(self) -> Any:
        """Return the content, whose arrays must not be written to.

        Raises
        ------
        NotSharedError
            When an array lies in a folder that this machine does not see.
        """
        return pickle.loads(self.data, buffers=self.buffers)  # noqa: S301


class _Pickler(pickle.Pickler):
    def __init__(
        self,
        file: io.BytesIO,
        on_buffer: Callable[[pickle.PickleBuffer], Any],
        shared: SharedFolder | None,
    ) -> None:
        super().__init__(file, protocol=5, buffer_callback=on_buffer)
        self._shared = shared

    def reducer_override(self, value: Any) -> Any:
        """Store the path of an array that is a whole mapped file in the shared folder."""
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
