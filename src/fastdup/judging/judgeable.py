"""Whose pairs can be judged: pictures of which the built-in model made the features."""

from collections.abc import Sequence

from fastdup.judging.open_pictures import PictureFile
from fastdup.models import is_builtin
from fastdup.sources import Stamp
from fastdup.workdir import WorkDir
from fastdup.workdir.append_only import mtimes_and_sizes
from fastdup.workdir.commits import read_signature


def files_to_judge(work: WorkDir, paths: Sequence[str], distance: str) -> list[PictureFile] | None:
    """Return the pictures of a work folder, None where similarities stay those of the features.

    So it is with features of one's own, other models and other distances: what a pair has to show
    to be looked at was found for the built-in model alone.

    Parameters
    ----------
    work : WorkDir
    paths : sequence of str
        The good images.
    distance : str
        That of the run.
    """
    signature = read_signature(work.journal)
    if distance != "cosine" or signature is None or not is_builtin(str(signature["model"])):
        return None
    stamps = mtimes_and_sizes(work, len(paths))
    if stamps is None:
        return None
    mtimes_ns, sizes = (values.tolist() for values in stamps)
    files = zip(paths, sizes, mtimes_ns, strict=True)
    return [PictureFile(path, Stamp(size, mtime_ns)) for path, size, mtime_ns in files]
