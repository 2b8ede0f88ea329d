"""A run over pictures and edited copies of them, which it is to find."""

import os
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from fastdup.arrays import IntArray
from fastdup.config import InputDir, RunConfig
from fastdup.errors import ConfigError, ImageError, SourceError
from fastdup.evaluation.planter import COMMON_EDITS, CopyMaker, fitted, load_edits, write_truth
from fastdup.evaluation.truth import TruePair
from fastdup.images import decode
from fastdup.pipeline import run_pipeline
from fastdup.progress import Progress, SilentProgress
from fastdup.runs import FinishedRun
from fastdup.runs.near_content import stored_copies
from fastdup.sources import Reader, list_images
from fastdup.sources.inputs import open_reader
from fastdup.sources.side_files import is_side_name

#: Neighbours of each image that the run keeps, so that a whole curve can be drawn.
N_NEIGHBOURS = 5
#: Where no pairs were judged, two pictures as similar as this are the same one.
_ALMOST_IDENTICAL = 0.98


@dataclass(frozen=True, kw_only=True)
class Planting:
    """How copies are made; see `evaluate`."""

    n: int
    per: int
    seed: int
    edits: str | None

    def check(self) -> None:
        """Refuse numbers out of range.

        Raises
        ------
        ConfigError
            When one is.
        """
        for name, least in (("n", 0), ("per", 1), ("seed", 0)):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < least:
                raise ConfigError(
                    f"{name}={value!r} is not allowed: give a whole number of at least {least}"
                )


class Planted(NamedTuple):
    """A run over pictures and copies.

    Attributes
    ----------
    run : FinishedRun
    pairs : list of TruePair
    originals : frozenset of str
        The pictures of which copies were made.
    n_unusable : int
        Chosen pictures that could not be read.
    facts : dict
    """

    run: FinishedRun
    pairs: list[TruePair]
    originals: frozenset[str]
    n_unusable: int
    facts: dict[str, Any]


def run_on_copies(
    input_dir: InputDir,
    folder: str,
    planting: Planting,
    options: dict[str, Any],
    progress: Progress | None = None,
) -> Planted:
    """Make copies in `folder`, run over the pictures and the copies, and return the run.

    Raises
    ------
    ConfigError
        When the folder holds copies already.
    SourceError
        When no picture can be used.
    """
    progress = progress or SilentProgress()
    folder = os.path.abspath(folder)
    copies, work_dir = Path(folder) / "copies", os.path.join(folder, "run")
    if copies.exists():
        raise ConfigError(f"{folder} holds copies already: give a new folder, or remove it")
    copies.mkdir(parents=True)
    edits = COMMON_EDITS if planting.edits is None else Path(planting.edits)
    maker = CopyMaker(load_edits(edits), str(planting.seed), planting.per)
    config = RunConfig(input_dir=input_dir)
    uris = chosen(list(filter(lambda uri: not is_side_name(uri), list_images(config))), planting.n)
    rows, used = [], []
    progress.start("plant", len(uris))
    with closing(open_reader(config)) as reader:
        for uri in uris:
            progress.advance(1)
            try:
                picture = _picture(reader, uri)
            except (ImageError, OSError):
                continue
            used.append(uri)
            for made in maker.copies(_name(uri, input_dir), picture):
                path = copies / f"{len(used):06}-{made.number}-{made.edit}.jpg"
                made.save(path)
                rows.append((str(path), uri, made.edit))
    progress.finish()
    if not used:
        raise SourceError(f"none of the {len(uris):,} pictures in {input_dir} can be used")
    write_truth(Path(folder) / "truth.csv", rows)
    run_pipeline(_run_config([*used, str(copies)], work_dir, options), progress)
    facts = {"edits": edits.name, "unusable": len(uris) - len(used)}
    return Planted(
        FinishedRun(work_dir),
        [TruePair(copy, original, edit) for copy, original, edit in rows],
        frozenset(used),
        len(uris) - len(used),
        facts,
    )


def chosen(uris: Sequence[str], n_wanted: int) -> Sequence[str]:
    """Return so many of the pictures, spread evenly; 0: all of them."""
    return uris[:: max(1, len(uris) // n_wanted)][:n_wanted] if n_wanted else uris


def same_originals(planted: Planted) -> tuple[IntArray, IntArray]:
    """Return the rows of each two originals that the run takes for the same picture."""
    run = planted.run
    found = stored_copies(run)
    if found is None:
        near = run.found_pairs(_ALMOST_IDENTICAL)
        found = near.sources, near.targets
    is_own = np.fromiter((path in planted.originals for path in run.paths), bool, len(run.paths))
    pairs = np.sort(np.column_stack(found), axis=1)
    pairs = np.unique(pairs[is_own[pairs].all(axis=1)], axis=0)
    return pairs[:, 0], pairs[:, 1]


def _run_config(inputs: list[str], work_dir: str, options: dict[str, Any]) -> RunConfig:
    return RunConfig(
        input_dir=inputs,
        work_dir=work_dir,
        threshold=0.0,
        nearest_neighbors_k=N_NEIGHBOURS,
        **options,
    )


def _picture(reader: Reader, uri: str) -> Image.Image:
    """Return the picture as it is shown, small enough to be edited."""
    return fitted(decode(reader.read(uri)).image)


def _name(uri: str, input_dir: InputDir) -> str:
    """Return the path of a picture below the input: where that lies is of no matter."""
    if isinstance(input_dir, str | os.PathLike):
        root = os.path.abspath(os.path.expanduser(input_dir))
        if os.path.isdir(root) and uri.startswith(os.path.join(root, "")):
            return "__".join(os.path.relpath(uri, root).split(os.sep))
    return uri.replace("\\", "/").rpartition("/")[2]
