"""How much memory does an image take in each step of a run after the extraction?

usage: step_memory.py [--images 200000] [--out results/step-memory.json]

Makes up a finished extraction, the neighbours of each image, and what was found of one pair for
five images; no picture is read, and nothing is searched. Then it takes the steps in their order
under `tracemalloc`, which counts the arrays of NumPy too; what is mapped from files is not counted.
Each step is taken with half the images and with all: the difference is what an image takes.
"""

import argparse
import logging
import tempfile
import tracemalloc
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from machine import describe_machine, store_result

from fastdup.config import RunConfig
from fastdup.embed import Embedder
from fastdup.extract.batch import BatchExtractor
from fastdup.index import Metric, Neighbours
from fastdup.index.dedupe import DistinctRows
from fastdup.index.group_by import group_by
from fastdup.index.join import SelfJoin
from fastdup.judging import Finding, JudgedPairs, JudgedRows, files_to_judge, have_frames
from fastdup.judging.candidates import choose_in_rounds
from fastdup.judging.more_candidates import merged
from fastdup.models import load_spec
from fastdup.runs.content_space import ContentSpace
from fastdup.runs.decided_rows import decided_rows
from fastdup.runs.near_content import outlier_scores
from fastdup.runs.results import write_results
from fastdup.runs.writers import write_verdicts
from fastdup.scale import Scale
from fastdup.sources import UriReader
from fastdup.verify import Verdict
from fastdup.videos import Videos
from fastdup.views import inset_scores, worn_scores
from fastdup.workdir import WorkDir
from fastdup.workdir.append_only import GoodRow
from fastdup.workdir.features import load_binary_feature
from fastdup.workdir.store import FeatureStore

#: Neighbours of an image in a run with the defaults, of many.
N_NEIGHBOURS = 16
#: Images for one pair that is judged, and what a copy has.
IMAGES_PER_PAIR = 5
#: Images for one that has the same row as another.
IMAGES_PER_IDENTICAL = 50
STATS = ("500", "375", "180000", "300.0", "120.0", "0.0", "255.0", "60.0", "70000", "60.0")
#: The cosine of two copies, and those of other neighbours from the nearest to the farthest.
COPIES, NEAREST, FARTHEST = 0.9, 0.5, 0.45
BATCH = 1000
#: Of numbers in rows: so small that about as many images as of photos may show others.
SPREAD = 0.003


def make_extraction(work: WorkDir, n_images: int) -> None:
    """Store rows of features and for content, and what there is beside them."""
    rng = np.random.default_rng(0)
    signature = BatchExtractor(
        UriReader(), Embedder(load_spec()), 10**9, has_content=True
    ).signature()
    widths = int(signature["dim"]), int(signature["content"]["dim"])
    with FeatureStore(work, signature) as store:
        for start in range(0, n_images, BATCH):
            features, content = (
                rng.normal(0, SPREAD, (BATCH, width)).astype(np.float32) for width in widths
            )
            store.append(
                [
                    GoodRow(
                        f"/data/photos/album-{start // BATCH:05}/picture-{start + n:08}.jpg",
                        (70_000 + n, 1_700_000_000_000_000_000 + n),
                        features[n],
                        STATS,
                        content=content[n],
                    )
                    for n in range(min(BATCH, n_images - start))
                ]
            )
        store.finish()


def made_up_neighbours(n_images: int) -> Neighbours:
    """Return those before and after each image, as on a ring; one in `IMAGES_PER_PAIR` has a copy.

    So nearly all are neighbours of each other, as those of photos are.
    """
    beside = np.arange(2, N_NEIGHBOURS + 2) // 2 * np.where(np.arange(N_NEIGHBOURS) % 2, -1, 1)
    indices = (np.arange(n_images)[:, None] + beside) % n_images
    cosines = np.tile(np.linspace(NEAREST, FARTHEST, N_NEIGHBOURS), (n_images, 1))
    cosines[::IMAGES_PER_PAIR, 0] = COPIES
    return Neighbours(indices, cosines)


class Steps:
    """The steps of a run over made-up data, in their order; what one returns stays for the next."""

    def __init__(self, work: WorkDir, n_images: int) -> None:
        self.work, self.n_images = work, n_images
        self.config = RunConfig(input_dir="/data/photos", work_dir=work.root)
        self.scale = Scale.of(work, None, "cosine")
        # Every so many images are the same as the one before.
        kinds = np.arange(n_images) - np.arange(n_images) // IMAGES_PER_IDENTICAL
        n_kinds = int(kinds[-1]) + 1
        distinct = DistinctRows(kinds, *group_by(kinds, n_kinds))
        near = made_up_neighbours(n_kinds)
        self.join = SelfJoin(Metric.COSINE, "made up", distinct, near)
        self.groups = np.full(n_images, -1)

    def names(self) -> None:
        """Load the names; the features are mapped."""
        self.paths, self.features = load_binary_feature(self.work.features)

    def videos(self) -> None:
        """Look for frames of videos among the names."""
        self.of_videos = Videos.among(self.paths)

    def decisions(self) -> None:
        """Read what was decided on: nothing."""
        self.decided, _ = decided_rows(self.work, self.paths, UriReader())

    def pictures(self) -> None:
        """List the pictures to judge, and which have frames."""
        self.files = files_to_judge(self.work, self.paths, "cosine")
        self.frames = have_frames(self.work, self.n_images)

    def similarities(self) -> None:
        """Put what a search found on the scale of similarities."""
        self.near_kinds = self.scale.neighbours(self.join.of_distinct)

    def scores(self) -> None:
        """Say which pictures may show others, or are worn."""
        first = self.join.distinct.first
        self.shows_others = inset_scores(self.features, first)
        self.worn = worn_scores(self.features, first)

    def candidates(self) -> None:
        """Choose the pairs of the first round."""
        cosines, shows_others = self.join.of_distinct.similarities, self.shows_others
        rounds = choose_in_rounds(self.near_kinds, cosines, 0.9, shows_others=shows_others)
        self.chosen = merged([next(rounds)], len(cosines))

    def judged(self) -> None:
        """Make up what was found of pairs."""
        low = np.arange(0, self.n_images - 1, IMAGES_PER_PAIR)
        found = [
            Finding(verdict=Verdict.EDITED, overlap=0.9 + n % 7 / 100, scale=1.0, n_inliers=n)
            for n in range(len(low))
        ]
        values = np.full(len(low), 0.95)
        self.pairs = JudgedPairs(low, low + 1, values, values, found, frozenset())

    def rows(self) -> None:
        """Give each row its neighbours by what was found."""
        distinct, pairs = self.join.distinct, self.pairs
        rows = JudgedRows(pairs, distinct, self.near_kinds, self.groups, one_way=False)
        self.near = rows.of_all(N_NEIGHBOURS)
        self.kept = rows.with_different(self.near, N_NEIGHBOURS, self.config.least_threshold)
        del self.near_kinds

    def outliers(self) -> None:
        """Look for images that stand apart."""
        self.verdicts = self.pairs.lookup(self.n_images)
        space = ContentSpace.of_search(self.config, self.work, self.features)
        self.apart = outlier_scores(self.join, space, self.scale, self.pairs, self.verdicts)

    def tables(self) -> None:
        """Write the tables."""
        similarity = partial(self.verdicts.copy_similarities, plain=self.plain)
        write_results(
            self.config, self.work, self.paths, self.near, self.kept, self.apart, self.verdicts,
            similarity, N_NEIGHBOURS, self.decided,
        )  # fmt: skip
        write_verdicts(self.work, self.paths, self.pairs)

    def plain(self, row: int, others: Any) -> Any:
        """Return the similarities of a row with others by their features."""
        return self.scale.between(self.features, row, others)


#: In the order of a run.
STEPS = (
    "names", "videos", "decisions", "pictures", "similarities", "scores", "candidates", "judged",
    "rows", "outliers", "tables",
)  # fmt: skip


def traced(n_images: int) -> dict[str, tuple[int, int]]:
    """Take all steps; return the bytes that each needs at its peak, and leaves."""
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        work = WorkDir(folder)
        work.create()
        make_extraction(work, n_images)
        steps = Steps(work, n_images)
        tracemalloc.start()
        for name in STEPS:
            before, _ = tracemalloc.get_traced_memory()
            tracemalloc.reset_peak()
            getattr(steps, name)()
            after, peak = tracemalloc.get_traced_memory()
            found[name] = peak - before, after - before
        tracemalloc.stop()
    return found


def main() -> None:
    """Measure, print and store."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--images", type=int, default=200_000)
    stored = Path(__file__).parent / "results/step-memory.json"
    parser.add_argument("--out", type=Path, default=stored)
    options = parser.parse_args()
    logging.disable()
    n_fewer = options.images // 2
    n_more = options.images - n_fewer
    fewer, all_of_them = traced(n_fewer), traced(options.images)
    steps = {
        name: {
            key: round((more - less) / n_more)
            for key, less, more in zip(
                ("peak_bytes", "kept_bytes"), fewer[name], all_of_them[name], strict=True
            )
        }
        for name in STEPS
    }
    machine = describe_machine()
    store_result({"machine": machine, "n_images": options.images, "per_image": steps}, options.out)


if __name__ == "__main__":
    main()
