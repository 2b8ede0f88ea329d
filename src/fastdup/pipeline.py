"""The order of the stages: list, extract, search, judge, write; the only module to know all."""

import dataclasses
import logging
import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastdup.analysis import find_components, find_outliers, select_pairs
from fastdup.config import EXTRACT_ONLY, SEARCH_ONLY, RunConfig
from fastdup.embed import Embedder
from fastdup.errors import FastdupError, SourceError
from fastdup.extract import BatchExtractor, extract
from fastdup.index import (
    SelfJoin,
    check_options,
    cosine_equivalent,
    self_join,
    similarities_from_raw,
)
from fastdup.models import find_calibration, load_spec
from fastdup.progress import Progress, SilentProgress, Stopwatch
from fastdup.results import Summary, write_components, write_config, write_outliers, write_pairs
from fastdup.sources import list_uris, open_source
from fastdup.workdir import (
    FeatureStore,
    WorkDir,
    exclusive,
    load_binary_feature,
    read_signature,
    write_atomically,
)

logger = logging.getLogger(__name__)


def run_pipeline(config: RunConfig, progress: Progress | None = None) -> Summary:
    """Do what `config` asks, and return what was found.

    Raises
    ------
    FastdupError
        When it cannot be done. Bad images are no such reason; they are listed.
    """
    progress = progress or SilentProgress()
    work = _work_dir(config)
    work.create()
    with exclusive(work.root):
        watch = Stopwatch()
        summary = Summary(
            work_dir=work.root, n_listed=0, n_good=0, n_bad=0, seconds={}, thread_seconds={}
        )
        if config.run_mode != SEARCH_ONLY:
            summary = _extract(config, work, watch, progress, summary)
        if config.run_mode != EXTRACT_ONLY:
            summary = _search(config, work, watch, progress, summary)
        summary = dataclasses.replace(summary, seconds=watch.seconds)
        write_config(work, _plain_options(config), read_signature(work.journal), summary)
    return summary


def _work_dir(config: RunConfig) -> WorkDir:
    """Return the work folder; when only searching, input_dir may name the features instead."""
    features_file = config.features_out_file
    is_search_only = config.run_mode == SEARCH_ONLY
    if is_search_only and features_file is None and isinstance(config.input_dir, str):
        if os.path.isfile(config.input_dir):
            features_file = config.input_dir
        elif os.path.isfile(os.path.join(config.input_dir, "features.dat")):
            features_file = os.path.join(config.input_dir, "features.dat")
    return WorkDir(config.work_dir, features_file)


def _extract(
    config: RunConfig, work: WorkDir, watch: Stopwatch, progress: Progress, summary: Summary
) -> Summary:
    """List the images and bring the stored features up to date with them."""
    spec = load_spec(config.model_path)
    embedder = Embedder(spec, config.compute)
    embedder.open()
    _check_search(config, embedder.dim)
    source = open_source(config, exclude=work.outputs())
    signature = {
        "model": spec.sha256,
        "name": spec.name,
        "dim": embedder.dim,
        "max_pixels": config.max_pixels,
    }
    with watch.stage("list"):
        progress.start("listing")
        uris = list_uris(source, config)
        progress.finish()
    if not uris:
        raise SourceError(_nothing_listed(config, source.name))
    with watch.stage("extract"), FeatureStore(work, signature) as store:
        extractor = BatchExtractor(source, embedder, config.max_pixels)
        steps = extract(
            source, uris, store, extractor, n_threads=config.n_threads, progress=progress
        )
    if store.n_listed != len(uris):
        raise FastdupError(f"{store.n_listed} of {len(uris)} listed files are accounted for")
    if store.n_good == 0:
        logger.warning("none of the %d files is a usable image: see %s", len(uris), work.bad_csv)
    _copy_bad_list(work)
    return dataclasses.replace(
        summary,
        n_listed=store.n_listed,
        n_good=store.n_good,
        n_bad=store.n_bad,
        thread_seconds=steps.seconds,
    )


def _nothing_listed(config: RunConfig, name: str) -> str:
    start, stop = config.listing_range
    if start or stop is not None:
        last = "the end" if stop is None else stop
        return f"no files in {name} at the positions from {start} to {last}: nothing to do"
    return f"no files in {name}: nothing to do"


def _check_search(config: RunConfig, dim: int) -> None:
    """Refuse what the search could not do, before the first image is read."""
    if config.run_mode != EXTRACT_ONLY:
        check_options(
            nn_provider=config.nn_provider,
            nnmodel=config.nnmodel,
            distance=config.distance,
            faiss_mode=config.faiss_mode,
            faiss_param=config.faiss_param,
            dim=dim,
        )


def _search(
    config: RunConfig, work: WorkDir, watch: Stopwatch, progress: Progress, summary: Summary
) -> Summary:
    """Find the neighbours of the stored features, judge them, write the result files."""
    paths, features = load_binary_feature(work.features)
    with watch.stage("search"):
        join = self_join(
            features,
            config.nearest_neighbors_k,
            nn_provider=config.nn_provider,
            nnmodel=config.nnmodel,
            distance=config.distance,
            faiss_mode=config.faiss_mode,
            faiss_param=config.faiss_param,
            n_threads=config.n_threads,
            index_path=Path(work.faiss_index),
            progress=progress,
        )
        similarities = _similarities(config, work, join)
    with watch.stage("report"):
        counts = _write_results(config, work, paths, join.neighbours.indices, similarities)
    return dataclasses.replace(
        summary,
        n_good=len(paths),
        n_listed=summary.n_listed or len(paths),
        provider=join.description,
        **counts,
    )


def _similarities(config: RunConfig, work: WorkDir, join: SelfJoin) -> NDArray[np.float64]:
    """Return the neighbours' similarities on the scale that belongs to the model.

    A model without a scale of its own, and features of one's own, keep the metric's similarity.
    """
    raw = join.neighbours.similarities
    signature = read_signature(work.journal)
    calibration = signature and find_calibration(str(signature["model"]), config.model_path)
    if calibration:
        return calibration.apply(cosine_equivalent(raw, join.metric))
    return similarities_from_raw(raw)


def _write_results(
    config: RunConfig,
    work: WorkDir,
    paths: Sequence[str],
    indices: NDArray[np.int64],
    similarities: NDArray[np.float64],
) -> dict[str, Any]:
    pairs = select_pairs(indices, similarities, config.threshold)
    outliers = find_outliers(indices, similarities, config.lower_threshold)
    components = find_components(pairs, len(paths))
    write_pairs(work, paths, pairs)
    write_outliers(work, paths, outliers)
    write_components(work, paths, components)
    return {
        "n_pairs": len(pairs.sources),
        "n_outliers": len(outliers.outliers),
        "n_groups": len(components.counts),
        "n_grouped": len(components.members),
    }


def _copy_bad_list(work: WorkDir) -> None:
    """Write the bad list under the manual's other name too."""
    with open(work.bad_csv, "rb") as bad_list:
        write_atomically(work.bad_csv_alias, lambda file: shutil.copyfileobj(bad_list, file))


def _plain_options(config: RunConfig) -> Mapping[str, Any]:
    """Return the options as JSON can hold them; a Python list of inputs by its length."""
    options = {f.name: getattr(config, f.name) for f in dataclasses.fields(config)}
    if not isinstance(config.input_dir, str):
        options["input_dir"] = f"a list of {len(config.input_dir)} inputs"  # type: ignore[arg-type]
    return options
