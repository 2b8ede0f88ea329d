"""Looks at the pictures that may show others, on the executor of the run."""

from collections.abc import Iterator, Sequence

from fastdup.executors import Executor
from fastdup.executors.in_order import in_order
from fastdup.judging.inset_embedder import InsetEmbedder, InsetTask
from fastdup.judging.inset_store import InsetStore
from fastdup.judging.judge_processes import workers
from fastdup.judging.open_pictures import PictureFile
from fastdup.progress import Progress
from fastdup.views import Projected

_PICTURES_PER_TASK = 16
#: Each process looks at this many pictures at least, so that starting it pays off.
LEAST_OF_A_PROCESS = 200


def embed_insets(
    files: Sequence[PictureFile],
    embedder: InsetEmbedder,
    store: InsetStore,
    executor: Executor,
    progress: Progress,
) -> dict[PictureFile, Projected]:
    """Return the rows of the parts of the pictures in `files`, of those that could be read.

    Parameters
    ----------
    files : sequence of PictureFile
    embedder : InsetEmbedder
        Looks at pictures.
    store : InsetStore
        Knows what earlier runs saw; is given what is new, in this order.
    executor : Executor
        Where it is done.
    progress : Progress
        Counts the pictures.
    """
    if not files:
        return {}
    known = store.known(files)
    new = [file for file in files if file not in known]
    progress.start("insets", len(files))
    progress.advance(len(files) - len(new))
    with workers(embedder, executor.n_threads, len(new), LEAST_OF_A_PROCESS) as work:
        for task, found in in_order(executor.run(work, _tasks(new))):
            rows = [
                (file, of_parts)
                for file, of_parts in zip(task.files, found, strict=True)
                if of_parts is not None
            ]
            store.add(rows)
            known.update(rows)
            progress.advance(len(found))
    progress.finish()
    return known


def _tasks(files: Sequence[PictureFile]) -> Iterator[InsetTask]:
    for number, start in enumerate(range(0, len(files), _PICTURES_PER_TASK)):
        yield InsetTask(number, tuple(files[start : start + _PICTURES_PER_TASK]))
