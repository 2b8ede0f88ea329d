"""What a run found, written to the tables of its work folder."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fastdup.analysis.components import Components
from fastdup.analysis.outliers import OutlierScores
from fastdup.analysis.pairs import Pairs
from fastdup.analysis.video_pairs import VideoPairs
from fastdup.arrays import FloatArray, IntArray
from fastdup.index.rows import spans
from fastdup.runs.tables import (
    COMPONENT_INFO,
    COMPONENTS,
    KIND_SEPARATOR,
    OUTLIER_SCORES,
    VERDICTS,
    VIDEOS,
    Schema,
    labels_schema,
)
from fastdup.scale import rounded
from fastdup.sources.uri_reader import UriReader
from fastdup.workdir import WorkDir
from fastdup.workdir.csv_files import remove_files, write_table

#: The column of ``labels.csv`` with the captions of images, where there are any.
CAPTION = "caption"

if TYPE_CHECKING:
    from fastdup.judging.judged import JudgedPairs


def write_pairs(work: WorkDir, paths: Sequence[str], pairs: Pairs, table: Schema) -> None:
    """Write ``similarity.csv``, or ``outliers.csv``."""
    sources, targets = _named(paths, pairs.sources), _named(paths, pairs.targets)
    table.write(table.path(work), (sources, targets, _plain(pairs.similarities)))


def write_outlier_scores(work: WorkDir, paths: Sequence[str], scores: OutlierScores) -> None:
    """Write ``outlier_scores.csv``: every image that has others, the one apart most first."""
    order = scores.order()
    OUTLIER_SCORES.write(
        work.outlier_scores,
        (
            _named(paths, order),
            _plain(scores.means[order]),
            _named(paths, scores.nearest[order]),
            _plain(scores.similarities[order]),
        ),
    )


def write_components(work: WorkDir, paths: Sequence[str], components: Components) -> None:
    """Write ``connected_components.csv`` and ``component_info.csv``."""
    COMPONENTS.write(work.components, component_columns(paths, components))
    COMPONENT_INFO.write(work.component_info, component_info_columns(components))


def component_columns(paths: Sequence[str], components: Components) -> list[Iterable[Any]]:
    """Return the columns of ``connected_components.csv``."""
    ids = components.component_ids
    members = (ids, components.counts[ids], *(values[ids] for values in _spreads(components)))
    return [_named(paths, components.members), *map(_plain, members)]


def component_info_columns(components: Components) -> list[list[Any]]:
    """Return the columns of ``component_info.csv``."""
    counts = components.counts
    return [values.tolist() for values in (np.arange(len(counts)), counts, *_spreads(components))]


def _spreads(components: Components) -> list[FloatArray]:
    """Return the mean, least and largest similarity of each component, as files have them."""
    return [rounded(values) for values in (components.mean, components.min, components.max)]


def write_videos(
    work: WorkDir, videos: Sequence[str], n_frames: IntArray, pairs: VideoPairs
) -> None:
    """Write ``videos.csv``: the pairs of videos, by their numbers in `videos`, that match."""
    VIDEOS.write(
        work.videos,
        (
            _named(videos, pairs.sources),
            _named(videos, pairs.targets),
            pairs.similarities.tolist(),
            pairs.source_shares.tolist(),
            pairs.target_shares.tolist(),
            n_frames[pairs.sources].tolist(),
            n_frames[pairs.targets].tolist(),
            [part.start_s for part in pairs.parts],
            [part.end_s for part in pairs.parts],
            [part.other_start_s for part in pairs.parts],
            [part.other_end_s for part in pairs.parts],
        ),
    )


def write_verdicts(work: WorkDir, paths: Sequence[str], pairs: "JudgedPairs | None") -> None:
    """Write ``verdicts.csv``, most similar first; where no pairs were judged, remove it."""
    if pairs is None:
        remove_files([work.verdicts])
        return
    order = np.lexsort((pairs.high, pairs.low, -pairs.similarities))
    findings = [pairs.findings[place] for place in order.tolist()]
    VERDICTS.write(
        work.verdicts,
        (
            _named(paths, pairs.low[order]),
            _named(paths, pairs.high[order]),
            pairs.similarities[order].tolist(),
            pairs.cosines[order].tolist(),
            (found.verdict.value for found in findings),
            (KIND_SEPARATOR.join(found.kinds) for found in findings),
            (found.overlap for found in findings),
            (found.scale for found in findings),
            (found.angle for found in findings),
            (found.changed for found in findings),
            (found.n_inliers for found in findings),
        ),
    )


def write_labels(work: WorkDir, uris: Iterable[str], reader: UriReader) -> None:
    """Write ``labels.csv``; where there are no labels and captions, there is no such file.

    Parameters
    ----------
    work : WorkDir
    uris : iterable of str
        The images listed.
    reader : UriReader
        Knows what data sets and tars say of them.
    """
    header = tuple(labels_schema().columns)
    rows: Iterator[tuple[str, ...]]
    if reader.has_captions:
        header = (*header, CAPTION)
        rows = ((uri, reader.label(uri) or "", reader.caption(uri) or "") for uri in uris)
    else:
        rows = ((uri, reader.label(uri) or "") for uri in uris)
    said = (row for row in rows if any(row[1:]))
    first = next(said, None)
    if first is None:
        remove_files([work.labels])
    else:
        write_table(work.labels, header, chain([first], said))


def _named(names: Sequence[str], numbers: IntArray) -> Iterator[str]:
    return map(names.__getitem__, _plain(numbers))


def _plain(values: NDArray[Any]) -> Iterator[Any]:
    """Yield values as Python's numbers, never all at once: each takes 32 bytes."""
    for start, stop in spans(len(values)):
        yield from values[start:stop].tolist()
