"""Runs the stages in order: list, extract, search, analyse, write. Only this module knows all."""

import contextlib
import logging
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fastdup.analysis.cross_set import nearest_among, nearest_in_other_set
from fastdup.analysis.pairs import select_pairs
from fastdup.analysis.stars import Similarity
from fastdup.arrays import IntArray
from fastdup.config import RunConfig
from fastdup.config.checks import EXTRACT_ONLY, SEARCH_ONLY
from fastdup.embed import Embedder
from fastdup.errors import ConfigError, FastdupError, SourceError
from fastdup.executors import Executor, ExecutorOptions, open_executor
from fastdup.extract.batch import BatchExtractor
from fastdup.extract.content_choice import choose_content, open_content_model, require_made_by
from fastdup.extract.threads import extract
from fastdup.index import Metric, Neighbours, Resources, SearchOptions, self_join
from fastdup.index.dedupe import DistinctRows
from fastdup.index.join import SearchFiles, SelfJoin, most_neighbours
from fastdup.models import load_spec
from fastdup.progress import Progress, SilentProgress, Stopwatch
from fastdup.runs.bad_counts import count_bad, require_some_found
from fastdup.runs.config_file import plain_inputs, plain_options, results_hold, write_config
from fastdup.runs.content_space import ContentSpace
from fastdup.runs.decided_rows import DecidedRows, decided_rows, keep_digests
from fastdup.runs.later_files import update_later_files
from fastdup.runs.named_features import named_features
from fastdup.runs.near_content import n_for_outliers, outlier_scores
from fastdup.runs.results import group, write_results
from fastdup.runs.summary import Summary
from fastdup.runs.writers import write_labels, write_verdicts
from fastdup.scale import Scale
from fastdup.sources import Reader, list_images
from fastdup.sources.disk_list import DiskList
from fastdup.sources.inputs import open_listing, open_reader
from fastdup.videos import N_SPARE, Elsewhere, Videos, report_videos
from fastdup.workdir import WorkDir
from fastdup.workdir.commits import Part, note_part, read_signature
from fastdup.workdir.csv_files import remove_files
from fastdup.workdir.decision_file import read_decisions
from fastdup.workdir.features import copy_bad_list, load_binary_feature
from fastdup.workdir.last_run import is_of_last_run
from fastdup.workdir.lock import exclusive
from fastdup.workdir.store import FeatureStore

if TYPE_CHECKING:
    from fastdup.judging import JudgedPairs, Judging, MorePairs
    from fastdup.judging.listed_pictures import ListedPictures

logger = logging.getLogger(__name__)


def run_pipeline(config: RunConfig, progress: Progress | None = None) -> Summary:
    """Run all stages that `config` asks for, and return a summary.

    Raises
    ------
    FastdupError
        When the run fails. Bad images do not make it fail; they are listed.
    """
    config = config.replace(features_out_file=config.features_out_file or named_features(config))
    work = WorkDir(config.work_dir, config.features_out_file)
    work.create()
    with (
        exclusive(work.root),
        open_executor(config.executor, _executor_options(config, work)) as executor,
    ):
        read_decisions(work.decisions)  # a damaged file is refused before any image is read
        run = _Run(config, work, executor, progress or SilentProgress())
        if config.run_mode != SEARCH_ONLY:
            run.extract()
        else:
            require_made_by(config.content_model, work)
        if config.run_mode != EXTRACT_ONLY:
            run.search()
        return run.finish()


@dataclass
class _Run:
    """One run. Its stages write their files, and store their counts here."""

    config: RunConfig
    work: WorkDir
    executor: Executor
    progress: Progress
    watch: Stopwatch = field(default_factory=Stopwatch)
    found: dict[str, Any] = field(default_factory=lambda: {"thread_seconds": {}})

    def extract(self) -> None:
        """List the images, and bring the stored features up to date."""
        config, work = self.config, self.work
        compute = "cpu" if self.executor.is_distributed else config.compute  # a driver has none
        embedder = Embedder(load_spec(config.model_path), compute)
        if config.model_path or compute != "cpu":
            embedder.open()  # the built-in model runs on every CPU, and may not be needed
        for_content = open_content_model(config.content_model, compute)
        _check_width(config, embedder.dim)
        if config.run_mode != EXTRACT_ONLY:
            SearchOptions.of(config).check(embedder.dim)  # before the first image is read
        reader = open_reader(config, work.known_videos)
        listing = open_listing(_with_test_dir(config), reader, exclude=work.outputs())
        extractor = BatchExtractor(
            reader, embedder, config.max_pixels, config.least_sides, content_embedder=for_content
        )
        choose_content(extractor, work, wanted=config.content)
        listed = listing.uris()
        with contextlib.closing(reader), self._list(listed) as uris:
            if not len(uris):
                _say_nothing_listed(config, listing.name)
            reaches_end = next(listed, None) is None
            with self.watch.stage("extract"), FeatureStore(work, extractor.signature()) as store:
                steps = self._extract(reader, uris, store, extractor)
            write_labels(work, uris, reader)
        self._account_for(store, len(uris))
        if listing.is_list_file and not store.n_good:
            require_some_found(work, listing.name)
        start, _ = config.listing_range
        note_part(work.journal, Part(start, start + len(uris), reaches_end))
        self.found["thread_seconds"] = steps.seconds

    def _extract(
        self, reader: Reader, uris: DiskList, store: FeatureStore, extractor: BatchExtractor
    ) -> Stopwatch:
        config, executor = self.config, self.executor
        if not executor.is_distributed:
            return extract(
                reader, uris, store, extractor, n_threads=config.n_threads, progress=self.progress
            )
        from fastdup.extract.shard import ShardWorker
        from fastdup.extract.shards import extract_shards

        on_gpu = config.compute == "gpu"
        for_content = extractor.content_embedder
        worker = ShardWorker(
            self.work.unfinished_extraction,
            config.model_path and os.path.abspath(extractor.embedder.spec.path),
            config.compute,
            extractor.signature(),
            reader=reader,
            n_threads=executor.threads_per_gpu if on_gpu else 1,
            content_model=os.path.abspath(for_content.spec.path) if for_content else None,
        )
        return extract_shards(
            reader, uris, store, worker, executor, on_gpu=on_gpu, progress=self.progress
        )

    def _account_for(self, store: FeatureStore, n_listed: int) -> None:
        """Check that no file was lost, and record how many are good and bad."""
        if store.n_listed != n_listed:
            raise FastdupError(f"{store.n_listed} of {n_listed} listed files are accounted for")
        if n_listed and store.n_good == 0:
            message = "none of the %d files is a usable image: see %s"
            logger.warning(message, n_listed, self.work.bad_csv)
        copy_bad_list(self.work)
        n_bad, bad = count_bad(self.work)
        self.found |= {"n_listed": n_listed, "n_good": store.n_good, "n_bad": n_bad, "bad": bad}

    def search(self) -> None:
        """Find the neighbours of the stored features, analyse them, and write the results."""
        config, work = self.config, self.work
        if not is_of_last_run(work):
            remove_files(work.results())  # it was found in other features
        paths, features = load_binary_feature(work.features)
        _check_width(config, features.shape[1])
        videos = Videos.among(paths)
        k = config.nearest_neighbors_k or most_neighbours(len(features))
        k = min(k, max(len(features) - 1, 1))  # there are no more, and each takes memory
        decided = self._decided(paths)
        files = self._files_to_judge(paths)
        # A picture alone makes no pair: what judges takes 30 ms to load.
        judging = self._judging(files, videos) if files and len(files) > 1 else None
        n_searched = min(max(k, judging.n_searched), max(len(features) - 1, 1)) if judging else k
        n_near = n_searched + (N_SPARE if videos.paths else 0)
        with self.watch.stage("search"):
            wide = self._join(paths, features, max(n_near, n_for_outliers(len(features))))
            join = wide.narrowed(n_near)
            scale = Scale.of(work, config.model_path, config.distance)
            elsewhere = self._elsewhere(features, videos, n_searched, scale)
            judging, files = (judging, files) if join.zero_row < 0 else (None, None)
            if judging is None or videos.paths:
                near = scale.neighbours(join.neighbours)
                few = elsewhere.keep(near, n_searched if judging else k)
                kept = select_pairs(few.indices, few.similarities, config.least_threshold)
        pairs = None if files is None else _no_pairs()
        more = self._parts(judging, join, features, scale)
        if judging:
            with self.watch.stage("judge"):
                pairs, rows = judging.judge(join, features, scale, elsewhere.searched, more)
                near = rows.of_all(n_near)
                few = elsewhere.keep(near, k, rows.revalued)
                kept = rows.with_different(few, k, config.least_threshold)
                del rows, few  # of many images they are large
                if config.grouping == "strict":
                    least = config.component_threshold
                    grouped = partial(group, config, len(paths), kept, decided=decided)
                    pairs = judging.with_centres(pairs, grouped, features, scale, least)
        with self.watch.stage("report"):
            similarity: Similarity = partial(scale.between, features)
            verdicts = pairs.lookup(len(paths)) if pairs is not None else None
            if verdicts is not None:
                similarity = partial(verdicts.copy_similarities, plain=similarity)
            space = ContentSpace.of_search(config, work, features)
            scores = outlier_scores(
                wide, space, scale, pairs, verdicts, config.n_threads, config.test_dir is not None
            )
            counts = write_results(
                config, work, paths, near, kept, scores, verdicts, similarity, k, decided
            )
            write_verdicts(work, paths, pairs)
            n_video_pairs = report_videos(work, paths, videos, near, config.threshold, k)
        n_bad, bad = count_bad(work)
        stored = {"n_listed": len(paths) + n_bad, "n_good": len(paths), "n_bad": n_bad, "bad": bad}
        searched = {"n_video_pairs": n_video_pairs, "provider": join.description}
        self.found = {**stored, **self.found, **counts, **searched}
        if pairs is not None:
            self.found |= {"verdicts": pairs.counts(), "n_unread": len(pairs.unread)}

    def _decided(self, paths: Sequence[str]) -> DecidedRows:
        """Return what a person decided on the images."""
        work = self.work
        with contextlib.closing(open_reader(self.config, work.known_videos)) as reader:
            decided, digests = decided_rows(work, paths, reader, downloads=True)
        keep_digests(work, digests, listed=paths)
        return decided

    def _files_to_judge(self, paths: Sequence[str]) -> "ListedPictures | None":
        """Return the pictures to judge, None where similarities stay those of the features."""
        if self.config.verify == "none":
            return None
        from fastdup.judging import files_to_judge

        return files_to_judge(self.work, paths, self.config.distance)

    def _judging(self, files: "ListedPictures", videos: Videos) -> "Judging":
        """Return what judges pairs of these pictures."""
        from fastdup.judging import Judging, have_frames

        config, work = self.config, self.work
        return Judging(
            files=files,
            groups=np.full(len(files), -1) if config.video_duplicates else videos.groups,
            has_frames=have_frames(work, len(files)),
            threshold=config.least_threshold,
            all_of_them=config.verify == "all",
            one_way=config.test_dir is not None,
            reader=open_reader(config, work.known_videos),
            max_pixels=config.max_pixels,
            work=work,
            executor=self.executor,
            progress=self.progress,
        )

    def _parts(
        self, judging: "Judging | None", join: SelfJoin, features: NDArray[Any], scale: Scale
    ) -> "MorePairs | None":
        """Return more pairs to judge: of pictures that may show parts of others."""
        if not self.config.parts or len(features) < 2:
            return None
        if not judging:
            logger.warning("parts are not searched: no pairs are judged with these features")
            return None
        from fastdup.parts import find_parts

        stores = self.work.known_parts, self.work.known_places
        with self.watch.stage("parts"):
            return find_parts(judging, join, features, scale, *stores, self.config.n_threads)

    def _elsewhere(
        self, features: NDArray[np.float32], videos: Videos, n_found: int, scale: Scale
    ) -> Elsewhere:
        """Return what finds the neighbours that are reported: none of an image's own video."""
        config = self.config

        def find(rows: IntArray, others: IntArray, k: int) -> Neighbours:
            return nearest_among(features, rows, others, k, config.distance, config.n_threads)

        groups = np.full(len(features), -1) if config.video_duplicates else videos.groups
        again = find if config.test_dir is None else None
        return Elsewhere(groups, config.least_threshold, again, n_found, scale.similarities)

    def _join(self, paths: Sequence[str], features: NDArray[np.float32], k: int) -> SelfJoin:
        config = self.config
        if config.test_dir is not None:
            return _join_across(config, k, paths, features)
        work = self.work
        resources = Resources(
            n_threads=config.n_threads,
            executor=self.executor,
            progress=self.progress,
            max_memory_bytes=config.max_memory_bytes,
            scratch=Path(work.unfinished_search),
        )
        files = SearchFiles(index=Path(work.faiss_index), cache=Path(work.known_neighbours))
        return self_join(features, k, SearchOptions.of(config), resources, files)

    def finish(self) -> Summary:
        """Write ``config.json`` with the options and the summary; return the summary.

        An extraction that found nothing to change leaves that of the search before it as it is: its
        results still hold, and by its options they are read.
        """
        work = self.work
        summary = Summary(
            work_dir=work.root,
            features_file=work.features_file,
            seconds=self.watch.seconds,
            **self.found,
        )
        if self.config.run_mode != EXTRACT_ONLY or not results_hold(work):
            options, inputs = plain_options(self.config), plain_inputs(self.config)
            write_config(work, options, read_signature(work.journal), summary, inputs)
        searched = self.config.run_mode != EXTRACT_ONLY or results_hold(work)
        update_later_files(work, wanted=self.config.compat_files, searched=searched)
        return summary

    def _list(self, listed: Iterator[str]) -> DiskList:
        self.progress.start("listing")
        with self.watch.stage("list"):
            uris = DiskList(islice(listed, *self.config.listing_range), self.work.root)
        self.progress.finish()
        return uris


def _no_pairs() -> "JudgedPairs":
    from fastdup.judging import JudgedPairs

    return JudgedPairs.none()


def _executor_options(config: RunConfig, work: WorkDir) -> ExecutorOptions:
    """Return what the executor may use."""
    return ExecutorOptions(
        n_threads=config.n_threads,
        max_tasks=None if config.num_threads == -1 else config.num_threads,
        address=config.address,
        needs_gpu=config.compute == "gpu" and config.run_mode != SEARCH_ONLY,
        folder=work.root,
        mark=os.path.basename(work.shared_mark),
    )


def _say_nothing_listed(config: RunConfig, name: str) -> None:
    """Refuse a place without files; a share beyond the end of a listing is empty, which is fine."""
    start, stop = config.listing_range
    if not start and stop != 0:
        raise SourceError(f"no files in {name}: nothing to do")
    last = "the end" if stop is None else stop
    message = "no files in %s at the positions from %d to %s: nothing to do in this share"
    logger.warning(message, name, start, last)


def _join_across(
    config: RunConfig, k: int, paths: Sequence[str], features: NDArray[np.float32]
) -> SelfJoin:
    """Compare the images of `test_dir` with all others; compare no other pairs."""
    only_test = config.replace(input_dir=config.test_dir, test_dir=None)
    test_images = set(list_images(only_test))
    is_test = np.fromiter((path in test_images for path in paths), np.bool_, len(paths))
    neighbours = nearest_in_other_set(
        features, is_test, k, distance=config.distance, n_threads=config.n_threads
    )
    n_test = int(is_test.sum())
    if n_test == len(paths):
        logger.warning("test_dir holds all %d images: there is none to compare them with", n_test)
    description = f"brute_force (exact): {n_test:,} test images against {len(paths) - n_test:,}"
    different = DistinctRows.all_different(len(paths))
    return SelfJoin(Metric.of(config.distance), description, different, neighbours)


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
