"""Whether the images of a run get rows for content, as the rows that are stored already have it."""

from collections.abc import Mapping
from typing import Any

from fastdup.embed import Embedder
from fastdup.errors import ConfigError
from fastdup.extract.batch import BatchExtractor
from fastdup.models import is_builtin, load_spec
from fastdup.workdir import WorkDir
from fastdup.workdir.append_only import stored_content_model
from fastdup.workdir.commits import read_signature
from fastdup.workdir.older_decoding import DECODING


def choose_content(extractor: BatchExtractor, work: WorkDir, *, wanted: bool) -> None:
    """Make an extractor give each image a row for content, or not.

    A model for content makes one of each image. Without one, only the pixels for the built-in model
    make such rows. Rows of an earlier run that would be kept have them or not, and decide: a work
    folder has them for all its images, or for none.

    Parameters
    ----------
    extractor : BatchExtractor
    work : WorkDir
        Where the rows go.
    wanted : bool
        Whether new rows are to have them.
    """
    if extractor.content_embedder is not None:
        return
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


def open_content_model(content_model: str | None, compute: str) -> Embedder | None:
    """Return the model for content, ready to run; None where there is to be none.

    Parameters
    ----------
    content_model : str or None
        As for `load_spec`.
    compute : {"cpu", "gpu"}

    Raises
    ------
    ModelError
        When it cannot be loaded, or not run here.
    """
    if content_model is None:
        return None
    embedder = Embedder(load_spec(content_model), compute)
    embedder.open()
    return embedder


def require_made_by(content_model: str | None, work: WorkDir) -> None:
    """Refuse stored rows for content that another model made, or none, where one is named.

    Raises
    ------
    ConfigError
        When another one did.
    ModelError
        When the model cannot be loaded.
    """
    if content_model is None:
        return
    if load_spec(content_model).sha256 != stored_content_model(work):
        raise ConfigError(
            f"content_model={content_model!r} did not make the rows for content that are stored "
            f"in {work.root}: run there without run_mode=2"
        )


def _but_decoding(signature: Mapping[str, Any]) -> dict[str, Any]:
    return {**signature, DECODING: None}
