"""The rows for content of new images, made as those of a finished run were."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from fastdup.embed import Embedder, ModelInput, content_of_frames
from fastdup.errors import WorkDirError
from fastdup.images import decode
from fastdup.models import load_spec
from fastdup.sources.local_reader import LocalReader
from fastdup.workdir.append_only import stored_content_model

if TYPE_CHECKING:
    from fastdup.runs.finished import FinishedRun


def new_content(
    run: "FinishedRun", files: Sequence[str | bytes], pixels: Sequence[ModelInput]
) -> NDArray[np.float32]:
    """Return the rows for content of m new images, an (m, c) float32 array.

    Parameters
    ----------
    run : FinishedRun
        It has rows for content.
    files : sequence of m str or bytes
        The path of each file, or the bytes of it.
    pixels : sequence of m ModelInput
        The same images as the built-in model needs them.

    Raises
    ------
    WorkDirError
        When a model made the stored rows, and another one is at hand.
    ModelError
        When it cannot be loaded.
    """
    stored = stored_content_model(run.work)
    if stored is None:
        return content_of_frames(pixels)
    spec = load_spec(run.options["content_model"])
    if spec.sha256 != stored:
        raise WorkDirError(
            f"another model than {spec.name} made the rows for content in {run.work.root}: "
            "run again, or bring the model back"
        )
    embedder, most = Embedder(spec), run.options["max_pixels"]
    pictures = []
    for file in files:
        data = file if isinstance(file, bytes) else LocalReader().read(file)
        picture = decode(data, min_side=embedder.min_side, max_pixels=most, frames=True)
        pictures.append(embedder.prepare_frames(picture))
    return embedder.embed_frames(pictures)
