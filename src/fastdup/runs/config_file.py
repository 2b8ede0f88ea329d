"""``config.json``: what was asked of the last run, by what it was done, what came of it."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from fastdup import __version__
from fastdup.config import RunConfig
from fastdup.errors import WorkDirError
from fastdup.runs.summary import Summary
from fastdup.sources import is_url
from fastdup.sources.kinds import IMAGE_ENDINGS
from fastdup.sources.signed import without_secrets
from fastdup.workdir import WorkDir
from fastdup.workdir.csv_files import write_atomically
from fastdup.workdir.last_run import is_of_last_run, read_config

#: A list of inputs that is longer is one of files, and is not written down.
_MOST_INPUTS = 1000


def write_config(
    work: WorkDir,
    options: Mapping[str, Any],
    model: Mapping[str, Any] | None,
    summary: Summary,
    inputs: Sequence[str] = (),
) -> None:
    """Write ``config.json``."""
    content = {
        "fastdup": __version__,
        "options": dict(options),
        "inputs": list(inputs),
        "model": model,
        "neighbours": summary.provider,
        "counts": summary.counts(),
        "seconds": _rounded(summary.seconds),
        "thread_seconds": _rounded(summary.thread_seconds),
    }
    # ASCII, so that names that are no valid UTF-8 still make valid JSON.
    text = json.dumps(content, indent=2, ensure_ascii=True) + "\n"
    write_atomically(work.config, lambda file: file.write(text.encode()))


def plain_options(config: RunConfig) -> Mapping[str, Any]:
    """Return the options as JSON can hold them; a Python list of inputs by its length.

    The features are named in full, to be found from any other folder; secrets are left out.
    """
    options = {f.name: getattr(config, f.name) for f in fields(config)}
    for name, value in options.items():
        if isinstance(value, str):
            options[name] = without_secrets(value)
    given = config.input_dir
    if not isinstance(given, str):  # it may be anything where only stored features are searched
        count = len(given) if isinstance(given, Sequence) else 0
        options["input_dir"] = f"a list of {count} inputs" if count else None
    if config.features_out_file:
        options["features_out_file"] = os.path.abspath(config.features_out_file)
    return options


def plain_inputs(config: RunConfig) -> list[str]:
    """Return what a run was given, as full paths, without single images; [] for a long list."""
    given = config.input_dir
    several = given if isinstance(given, Sequence) else ()  # it may be anything, see above
    names = [given] if isinstance(given, str | os.PathLike) else several
    texts = [os.fspath(name) for name in names if isinstance(name, str | os.PathLike) and name]
    texts = [text for text in texts if not text.lower().endswith(IMAGE_ENDINGS)]
    if len(texts) > _MOST_INPUTS:
        return []
    return [without_secrets(text) if is_url(text) else os.path.abspath(text) for text in texts]


def read_inputs(config: Mapping[str, Any]) -> list[str]:
    """Return what the run was given, by the content of ``config.json``; see `plain_inputs`."""
    return [name for name in config.get("inputs", ()) if isinstance(name, str)]


def read_options(work_dir: str) -> Mapping[str, Any]:
    """Return the options of the last run in a work folder.

    Raises
    ------
    WorkDirError
        When there is no finished run.
    """
    return options_of(read_config(work_dir))


def holds_search(config: Mapping[str, Any]) -> bool:
    """Return whether the content of ``config.json`` is of a run that searched."""
    return "pairs" in config.get("counts", {})


def results_hold(work: WorkDir) -> bool:
    """Return whether these very features were searched; rows that change end that search's run."""
    try:
        return is_of_last_run(work) and holds_search(read_config(work.root))
    except WorkDirError:
        return False


def options_of(config: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the options in the content of ``config.json``; those it leaves out are at default."""
    defaults = {f.name: f.default for f in fields(RunConfig) if f.name != "input_dir"}
    return {**defaults, **config.get("options", {})}


def _rounded(seconds: Mapping[str, float]) -> dict[str, float]:
    return {stage: round(value, 3) for stage, value in seconds.items()}
