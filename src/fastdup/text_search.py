"""Words against a finished work folder: which images show that, by a model that reads texts."""

from collections.abc import Sequence

import numpy as np

from fastdup.errors import ConfigError, WorkDirError
from fastdup.image_search import Hit
from fastdup.index import Metric, nearest
from fastdup.models.presets import PRESET_ALIASES, PRESETS, Preset
from fastdup.models.spec import file_sha256
from fastdup.models.text_tower import TextTower
from fastdup.runs import FinishedRun
from fastdup.runs.content_space import ContentSpace
from fastdup.scale import Scale
from fastdup.workdir.append_only import stored_content_model


def search_texts(work_dir: str, texts: Sequence[str], k: int) -> list[Hit]:
    """Return the `k` stored images that fit each text best, the best first.

    Parameters
    ----------
    work_dir : str
        The folder of a run with a `content_model` that reads texts, such as clip-vit-b-32.
    texts : sequence of str
    k : int
        At least 1.

    Returns
    -------
    list of Hit
        The similarity is the cosine of the rows of text and image, from 0 to 1. Those of images
        that fit are low as well (.2 to .35 with CLIP): only the order means something.

    Raises
    ------
    ConfigError
        When `k` is no such number, a text is empty, or the rows for content are of no such model.
    ModelError
        When the half of the model that reads texts is not downloaded.
    MissingExtraError
        When the extra `text` is not installed.
    """
    if isinstance(k, bool) or not isinstance(k, int | np.integer) or k < 1:
        raise ConfigError(f"k={k!r} is not allowed: give a whole number of at least 1; try k=5")
    if not texts or not all(text.strip() for text in texts):
        raise ConfigError("there is no text to search for: give words such as 'a red car'")
    run = FinishedRun(work_dir)
    preset, content = _preset_of(run), ContentSpace.of_run(run).content
    if content is None:
        return []
    rows = TextTower(preset).embed(texts)
    found = nearest(content, rows, min(k, len(content)))
    values = Scale(Metric.COSINE).similarities(found.similarities)
    return [
        Hit(text, run.paths[index], float(value))
        for text, near, cosines in zip(texts, found.indices, values, strict=True)
        for index, value in zip(near.tolist(), cosines, strict=True)
        if index >= 0
    ]


def _preset_of(run: FinishedRun) -> Preset:
    """Return the preset that made the rows for content of a run, if it reads texts."""
    name = str(run.options["content_model"] or "")
    preset = PRESETS.get(PRESET_ALIASES.get(name, name))
    if preset is None or preset.text is None:
        able = [preset.name for preset in PRESETS.values() if preset.text]
        raise ConfigError(
            f"no texts can be searched for in {run.work.root}: run with one of these as "
            f"content_model: {', '.join(able)}"
        )
    if file_sha256(str(preset.path)) != stored_content_model(run.work):
        raise WorkDirError(
            f"another model than {preset.name} made the rows for content in {run.work.root}: "
            "run again"
        )
    return preset
