"""A shard: the rows of a range of the listing, in a work folder of its own.

A shard is independent of other shards and of the scheduler.
"""

import contextlib
import os
import re
import shutil
import socket
import tempfile
import uuid
from collections.abc import Sequence
from functools import cached_property
from typing import Any, NamedTuple

from fastdup.embed import Embedder
from fastdup.errors import ModelError
from fastdup.executors import SharedFolder
from fastdup.extract.batch import BatchExtractor
from fastdup.extract.threads import extract
from fastdup.models import load_spec
from fastdup.progress import SilentProgress, Stopwatch
from fastdup.sources import Reader
from fastdup.workdir import WorkDir
from fastdup.workdir.append_only import CONTENT
from fastdup.workdir.commits import Signature
from fastdup.workdir.store import FeatureStore

_NAME = re.compile(r"\d+-\d+")


class ShardTask(NamedTuple):
    """Files to extract.

    Attributes
    ----------
    name : str
        Of the shard.
    uris : tuple of str
        In listing order.
    """

    name: str
    uris: tuple[str, ...]


class ShardDone(NamedTuple):
    """A finished shard.

    Attributes
    ----------
    watch : Stopwatch
        Seconds per stage.
    files : mapping of str to bytes, or None
        Its files, if this machine does not see the shared folder; else None.
    """

    watch: Stopwatch
    files: dict[str, bytes] | None


class ShardWorker:
    """Makes shards on any machine. Picklable; opens the model on first use in each process.

    Parameters
    ----------
    folder : str
        The folder of finished shards; made if missing. Other machines may or may not see it.
    model_path : str or None
        As for `load_spec`.
    compute : {"cpu", "gpu"}
        Where the model runs.
    signature : mapping
        Everything that determines the rows, as found on the driver. A worker compares it with its
        own.
    reader : Reader
        Reads the images.
    n_threads : int
        Number of batches processed in parallel.
    content_model : str or None
        The model for content, as for `load_spec`; None: there is none.
    """

    def __init__(
        self,
        folder: str,
        model_path: str | None,
        compute: str,
        signature: Signature,
        *,
        reader: Reader,
        n_threads: int,
        content_model: str | None = None,
    ) -> None:
        self.signature = dict(signature)
        self._shared = _marked(folder)
        self._model_path, self._content_model = model_path, content_model
        self._compute = compute
        self._reader = reader
        self._n_threads = n_threads

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what belongs to this process."""
        return {name: value for name, value in vars(self).items() if name != "_extractor"}

    @property
    def folder(self) -> str:
        """Absolute path of the folder of finished shards."""
        return self._shared.path

    def __call__(self, task: ShardTask) -> ShardDone:
        """Make a shard, in the shared folder if this machine sees it. A finished one is kept.

        Raises
        ------
        FastdupError
            When this machine cannot extract at all, for example because its model differs.
        """
        if not self._shared.is_here():
            with tempfile.TemporaryDirectory(prefix="shard-") as folder:
                watch = self._make(task.uris, folder)
                return ShardDone(watch, _files_in(folder))
        final = os.path.join(self._shared.path, task.name)
        if os.path.isdir(final):
            return ShardDone(Stopwatch(), None)
        # A unique name, as another machine may be making the same shard.
        folder = f"{final}.{uuid.uuid4().hex}"
        os.mkdir(folder)
        try:
            watch = self._make(task.uris, folder)
            put_in_place(folder, final)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        return ShardDone(watch, None)

    def _make(self, uris: Sequence[str], folder: str) -> Stopwatch:
        with FeatureStore(WorkDir(folder), self.signature) as store:
            return extract(
                self._reader,
                uris,
                store,
                self._extractor,
                n_threads=self._n_threads,
                progress=SilentProgress(),
            )

    @cached_property
    def _extractor(self) -> BatchExtractor:
        spec = load_spec(self._model_path)
        for_content = self._content_model and load_spec(self._content_model)
        width, height = self.signature.get("least_sides", (0, 0))
        extractor = BatchExtractor(
            self._reader,
            Embedder(spec, self._compute),
            int(self.signature["max_pixels"]),
            (width, height),
            has_content=CONTENT in self.signature,
            content_embedder=Embedder(for_content, self._compute) if for_content else None,
        )
        if extractor.signature() != self.signature:
            places = " or ".join(each.path for each in (spec, for_content) if each)
            raise ModelError(
                f"{socket.gethostname()} has another model at {places}: "
                "copy the same file to all machines, and install the same fastdup"
            )
        return extractor


def _marked(folder: str) -> SharedFolder:
    """Return the folder, marked as shared, without the leftovers of workers that died."""
    os.makedirs(folder, exist_ok=True)
    for entry in os.scandir(folder):
        if entry.is_dir(follow_symlinks=False) and not _NAME.fullmatch(entry.name):
            shutil.rmtree(entry.path, ignore_errors=True)
    return SharedFolder.marked(folder, ".shared")


def put_in_place(folder: str, final: str) -> None:
    """Rename a finished shard to its final name, unless another worker was faster."""
    with contextlib.suppress(OSError):
        os.rename(folder, final)
    if not os.path.isdir(final):
        os.rename(folder, final)  # it failed for another reason: raise it


def _files_in(folder: str) -> dict[str, bytes]:
    files = {}
    for entry in os.scandir(folder):
        with open(entry.path, "rb") as file:
            files[entry.name] = file.read()
    return files
