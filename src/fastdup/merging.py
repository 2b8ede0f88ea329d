"""Merges the work folders of several nodes into one, which can then be searched."""

import os
from collections.abc import Sequence

from fastdup.actions.decision_changes import groups_of, with_more
from fastdup.progress import Stopwatch
from fastdup.runs.bad_counts import count_bad
from fastdup.runs.config_file import write_config
from fastdup.runs.summary import Summary
from fastdup.workdir import WorkDir
from fastdup.workdir.commits import read_signature
from fastdup.workdir.decision_file import change_decisions, read_decisions
from fastdup.workdir.features import copy_bad_list
from fastdup.workdir.lock import exclusive
from fastdup.workdir.merge_parts import merge_parts


def merge(work_dirs: Sequence[str | os.PathLike[str]], out: str | os.PathLike[str]) -> str:
    """Merge the extractions of several nodes into one work folder.

    Each node ran with ``run_mode=1`` over its own ``min_offset`` and ``max_offset`` of the same
    input. Afterwards, ``run(…, work_dir=out, run_mode=2)`` gives the results of a single run. What
    was decided in the parts, see `decide`, is added to what was decided in `out`.

    Parameters
    ----------
    work_dirs : sequence of paths
        The work folders of the parts, in any order.
    out : path
        The merged work folder, made if missing. An extraction in it is replaced.

    Returns
    -------
    str
        `out`.

    Raises
    ------
    WorkDirError
        When parts are missing, overlap, are unfinished, or differ in model or options, or when the
        decisions of one are damaged. The message says which, and what to extract or mend.
    """
    return merge_runs(work_dirs, out).work_dir


def merge_runs(work_dirs: Sequence[str | os.PathLike[str]], out: str | os.PathLike[str]) -> Summary:
    """Merge extractions as `merge` does, and return the summary of the result."""
    folders = [os.fspath(folder) for folder in work_dirs]
    work = WorkDir(os.fspath(out))
    work.create()
    watch = Stopwatch()
    with exclusive(work.root):
        with watch.stage("merge"):
            parts = [read_decisions(WorkDir(folder).decisions) for folder in folders]
            decided = [files for part in parts for files in groups_of(part)]
            store = merge_parts(folders, work)
            copy_bad_list(work)
            if decided:
                change_decisions(work, lambda known: with_more(known, decided))
        summary = Summary(
            work_dir=work.root,
            n_listed=store.n_listed,
            n_good=store.n_good,
            n_bad=store.n_bad,
            bad=count_bad(work)[1],
            seconds=watch.seconds,
            thread_seconds={},
        )
        write_config(work, {"merged_from": folders}, read_signature(work.journal), summary)
    return summary
