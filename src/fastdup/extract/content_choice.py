"""Whether the images of a run get rows for content, as the rows that are stored already have it."""

from collections.abc import Mapping
from typing import Any

from fastdup.extract.batch import BatchExtractor
from fastdup.models.spec import is_builtin
from fastdup.workdir import WorkDir
from fastdup.workdir.commits import read_signature
from fastdup.workdir.older_decoding import DECODING


def choose_content(extractor: BatchExtractor, work: WorkDir, *, wanted: bool) -> None:
    """Make an extractor give each image a row for content, or not.

    Only the pixels for the built-in model make such rows. Rows of an earlier run that would be kept
    have them or not, and decide: a work folder has them for all its images, or for none.

    Parameters
    ----------
    extractor : BatchExtractor
    work : WorkDir
        Where the rows go.
    wanted : bool
        Whether new rows are to have them.
    """
    extractor.has_content = False
    if not is_builtin(extractor.embedder.spec.sha256):
        return
    bare, stored = extractor.signature(), read_signature(work.journal)
    extractor.has_content = True
    full = extractor.signature()
    for has_content, signature in ((False, bare), (True, full)):
        if stored is not None and _but_decoding(stored) == _but_decoding(signature):
            extractor.has_content = has_content
            return
    extractor.has_content = wanted


def _but_decoding(signature: Mapping[str, Any]) -> dict[str, Any]:
    return {**signature, DECODING: None}
