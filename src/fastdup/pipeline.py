"""The order of the stages: list, extract, search, judge, write; the only module to know all."""

import contextlib
import dataclasses
import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastdup.analysis import (
    find_components,
    find_outliers,
    nearest_across,
    select_pairs,
    share_cutoff,
)
from fastdup.config import EXTRACT_ONLY, SEARCH_ONLY, RunConfig
from fastdup.embed import Embedder
from fastdup.errors import ConfigError, FastdupError, SourceError
from fastdup.extract import BatchExtractor, extract
from fastdup.index import Metric, SelfJoin, check_options, most_neighbours, self_join
from fastdup.models import load_spec
from fastdup.progress import Progress, SilentProgress, Stopwatch
from fastdup.results import Summary, write_components, write_config, write_outliers, write_pairs
from fastdup.search import calibrated
from fastdup.sources import SpooledUris, open_source
from fastdup.workdir import (
    FeatureStore,
    Part,
    Signature,
    WorkDir,
    copy_bad_list,
    exclusive,
    load_binary_feature,
    note_part,
    read_signature,
)

logger = logging.getLogger(__name__)


def run_pipeline(config: RunConfig, progress: Progress | None = None) -> Summary:
    """Do what `config` asks, and return what was found.

    Raises
    ------
    FastdupError
        When it cannot be done. Bad images are no such reason; they are listed.
    """
    work = WorkDir(config.work_dir, config.features_out_file or _named_features(config))
    work.create()
    with exclusive(work.root):
        run = _Run(config, work, progress or SilentProgress())
        if config.run_mode != SEARCH_ONLY:
            run.extract()
        if config.run_mode != EXTRACT_ONLY:
            run.search()
        return run.finish()


def _named_features(config: RunConfig) -> str | None:
    """Return the features that `input_dir` names when only searching, None for the default.

    It may be a features file; or the folder that holds one, if the work folder does not.
    """
    given = config.input_dir
    if config.run_mode != SEARCH_ONLY or not isinstance(given, str) or not given:
        return None
    if os.path.isfile(given) and os.path.isfile(WorkDir("", given).features_csv):
        return given
    in_folder = WorkDir(given).features
    has_own = os.path.isfile(WorkDir(config.work_dir).features)
    return in_folder if os.path.isfile(in_folder) and not has_own else None


class _Run:
    """One run: its stages write their files and leave their counts here."""

    def __init__(self, config: RunConfig, work: WorkDir, progress: Progress) -> None:
        self._config = config
        self._work = work
        self._progress = progress
        self._watch = Stopwatch()
        self._found: dict[str, Any] = {"thread_seconds": {}}

    def extract(self) -> None:
        """List the images and bring the stored features up to date with them."""
        config, work = self._config, self._work
        embedder = Embedder(load_spec(config.model_path), config.compute)
        embedder.open()
        _check_width(config, embedder.dim)
        _check_search(config, embedder.dim)
        source = open_source(_with_test_dir(config), exclude=work.outputs())
        extractor = BatchExtractor(source, embedder, config.max_pixels)
        listed = source.uris()
        with contextlib.closing(source), self._list(listed) as uris:
            if not len(uris):
                raise SourceError(_nothing_listed(config, source.name))
            reaches_end = next(listed, None) is None
            signature = _signature(embedder, config)
            with self._watch.stage("extract"), FeatureStore(work, signature) as store:
                steps = extract(
                    *(source, uris, store, extractor),
                    n_threads=config.n_threads,
                    progress=self._progress,
                )
        self._account_for(store, len(uris))
        start, _ = config.listing_range
        part = Part(start, start + len(uris), reaches_end)
        note_part(work.journal, part)
        self._found["thread_seconds"] = steps.seconds

    def _account_for(self, store: FeatureStore, n_listed: int) -> None:
        """Check that no file was lost, and note how many are good and bad."""
        if store.n_listed != n_listed:
            raise FastdupError(f"{store.n_listed} of {n_listed} listed files are accounted for")
        if store.n_good == 0:
            message = "none of the %d files is a usable image: see %s"
            logger.warning(message, n_listed, self._work.bad_csv)
        copy_bad_list(self._work)
        self._found |= {"n_listed": n_listed, "n_good": store.n_good, "n_bad": store.n_bad}

    def search(self) -> None:
        """Find the neighbours of the stored features, judge them, write the result files."""
        config, work = self._config, self._work
        paths, features = load_binary_feature(work.features)
        _check_width(config, features.shape[1])
        with self._watch.stage("search"):
            join = self._join(paths, features)
            raw = join.neighbours.similarities
            similarities = calibrated(work, config.model_path, raw, join.metric)
        with self._watch.stage("report"):
            found = _write_results(config, work, paths, join.neighbours.indices, similarities)
        counts = {"n_listed": len(paths), "n_good": len(paths), "n_bad": 0}
        self._found = {**counts, **self._found, **found, "provider": join.description}

    def _join(self, paths: Sequence[str], features: NDArray[np.float32]) -> SelfJoin:
        config = self._config
        k = config.nearest_neighbors_k or most_neighbours(len(features))
        if config.test_dir is not None:
            return _join_across(config, k, paths, features)
        return self_join(
            features,
            k,
            **_search_options(config),
            n_threads=config.n_threads,
            index_path=Path(self._work.faiss_index),
            known_path=Path(self._work.known_neighbours),
            scratch=Path(self._work.unfinished_search),
            max_memory_bytes=config.max_memory_bytes,
            progress=self._progress,
        )

    def finish(self) -> Summary:
        """Write what was asked and found, and return it."""
        summary = Summary(work_dir=self._work.root, seconds=self._watch.seconds, **self._found)
        model = read_signature(self._work.journal)
        write_config(self._work, _plain_options(self._config), model, summary)
        return summary

    def _list(self, listed: Iterator[str]) -> SpooledUris:
        self._progress.start("listing")
        with self._watch.stage("list"):
            uris = SpooledUris(islice(listed, *self._config.listing_range), self._work.root)
        self._progress.finish()
        return uris


def _signature(embedder: Embedder, config: RunConfig) -> Signature:
    """Return all that decides the rows of features besides the files."""
    return {
        "model": embedder.spec.sha256,
        "name": embedder.spec.name,
        "dim": embedder.dim,
        "feeding": embedder.spec.feeding(),
        "max_pixels": config.max_pixels,
    }


def _nothing_listed(config: RunConfig, name: str) -> str:
    start, stop = config.listing_range
    if start or stop is not None:
        last = "the end" if stop is None else stop
        return f"no files in {name} at the positions from {start} to {last}: nothing to do"
    return f"no files in {name}: nothing to do"


def _search_options(config: RunConfig) -> dict[str, str]:
    names = ("nn_provider", "nnmodel", "distance", "faiss_mode", "faiss_param")
    return {name: getattr(config, name) for name in names}


def _check_search(config: RunConfig, dim: int) -> None:
    """Refuse what the search could not do, before the first image is read."""
    if config.run_mode != EXTRACT_ONLY:
        check_options(**_search_options(config), dim=dim)


def _join_across(
    config: RunConfig, k: int, paths: Sequence[str], features: NDArray[np.float32]
) -> SelfJoin:
    """Compare the images of `test_dir` with all others, and nothing else."""
    test_images = set(open_source(config.replace(input_dir=config.test_dir, test_dir=None)).uris())
    is_test = np.fromiter((path in test_images for path in paths), np.bool_, len(paths))
    neighbours = nearest_across(
        features,
        is_test,
        k,
        distance=config.distance,
        n_threads=config.n_threads,
    )
    n_test = int(is_test.sum())
    told = f"brute_force (exact): {n_test:,} test images against {len(paths) - n_test:,}"
    return SelfJoin(neighbours, Metric.of(config.distance), told)


def _with_test_dir(config: RunConfig) -> RunConfig:
    """Return the options with the images of `test_dir` among the inputs."""
    if config.test_dir is None:
        return config
    given = config.input_dir
    inputs = [given] if isinstance(given, str | os.PathLike) else list(given)
    return config.replace(input_dir=[*inputs, config.test_dir])


def _check_width(config: RunConfig, dim: int) -> None:
    if config.d not in (-1, dim):
        raise ConfigError(f"d={config.d}, but the features have width {dim}: leave d out")


def _write_results(
    config: RunConfig,
    work: WorkDir,
    paths: Sequence[str],
    indices: NDArray[np.int64],
    similarities: NDArray[np.float64],
) -> dict[str, Any]:
    pairs = select_pairs(indices, similarities, config.threshold)
    if not config.nearest_neighbors_k:
        _tell_cut(similarities, config.threshold)
    share = config.outlier_percentile
    lowest = config.lower_threshold if share < 0 else share_cutoff(indices, similarities, share)
    outliers = find_outliers(indices, similarities, lowest)
    joining = select_pairs(indices, similarities, config.component_threshold)
    components = find_components(joining, len(paths))
    write_pairs(work, paths, pairs)
    write_outliers(work, paths, outliers)
    write_components(work, paths, components)
    return {
        "n_pairs": len(pairs.sources),
        "n_outliers": len(outliers.outliers),
        "n_groups": len(components.counts),
        "n_grouped": len(components.members),
    }


def _tell_cut(similarities: NDArray[np.float64], threshold: float) -> None:
    """Say how many images may have more neighbours than were kept of "all"."""
    n_images, k = similarities.shape
    n_cut = int((similarities[:, -1] >= threshold).sum()) if n_images > k else 0
    if n_cut:
        message = "%d images have %d neighbours or more at or above %g: only the nearest are kept"
        logger.warning(message, n_cut, k, threshold)


def _plain_options(config: RunConfig) -> Mapping[str, Any]:
    """Return the options as JSON can hold them; a Python list of inputs by its length."""
    options = {f.name: getattr(config, f.name) for f in dataclasses.fields(config)}
    if not isinstance(config.input_dir, str):
        options["input_dir"] = f"a list of {len(config.input_dir)} inputs"  # type: ignore[arg-type]
    return options
