"""Plan groups as plain files that other tools read: CSV, JSON, lists, FiftyOne, COCO."""

import json
import os
from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import groupby
from typing import Any

from fastdup.actions.decided_plan import without_decided
from fastdup.actions.keep import DEFAULT_KEEP, CopyChoice, Folders, folder_names, kind_names
from fastdup.actions.offers import FORMATS
from fastdup.actions.plan import GOES, KEEP, Plan, Step
from fastdup.actions.plan_file import SAME_BYTES, read_plan
from fastdup.actions.planning import make_plan
from fastdup.errors import ConfigError
from fastdup.runs import FinishedRun
from fastdup.scale import decimal
from fastdup.workdir.csv_files import csv_line, write_atomically

GROUPS_HEADER = (
    "group", "role", "filename", "kept", "similarity", "same_bytes", "width", "height", "file_size",
    "companions",
)  # fmt: skip
KEPT, DUPLICATE = "kept", "duplicate"
#: No name has it.
_BETWEEN_NAMES = "/"
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def export(
    work_dir: str | os.PathLike[str],
    output: str | os.PathLike[str],
    format: str = "csv",
    *,
    keep: str = DEFAULT_KEEP,
    threshold: float | None = None,
    never: Folders = (),
    prefer: Folders = (),
    exact: bool = False,
    also: str | Collection[str] = (),
    across: bool = False,
    within: bool = False,
    plan: str | os.PathLike[str] | None = None,
) -> str:
    """Write the groups of copies, with which one stays, to the file `output`, and return its path.

    Groups are made as `clean` makes them, with images in archives and stores too. A copy that stays
    for a file that belongs to it is in none.

    Parameters
    ----------
    work_dir : path
        The folder of a finished run.
    output : path
        Written whole or not at all.
    format : {"csv", "json", "list", "list0", "fiftyone", "coco"}
        See docs/cleaning.md. ``list``: the names of the copies and of what goes with them, a line
        each; ``list0``: each ended by a zero byte.
    keep, threshold, never, prefer, exact, also, across, within
        As for `clean`.
    plan : path or None
        A plan to export instead of planning.

    Raises
    ------
    ConfigError
        When an option is out of range, or a name holds a line break and `format` is ``list``.
    WorkDirError
        When there is no finished run, or `output` cannot be written.
    """
    choice = CopyChoice(
        keep=keep,
        threshold=threshold,
        never=folder_names(never),
        prefer=folder_names(prefer),
        exact=exact,
        also=kind_names(also),
        across=across,
        within=within,
    )
    data = exported(work_dir, format, choice, plan=plan)
    write_atomically(os.fspath(output), lambda file: file.write(data))
    return os.fspath(output)


def exported(
    work_dir: str | os.PathLike[str],
    format: str,
    choice: CopyChoice,
    *,
    plan: str | os.PathLike[str] | None = None,
) -> bytes:
    """Return what `export` writes."""
    if format not in FORMATS:
        raise ConfigError.not_among("format", format, FORMATS, "csv")
    if plan is not None:
        given = read_plan(os.fspath(plan))
        if any(step.is_flawed for step in given.steps):
            raise ConfigError(f"{os.fspath(plan)} has no copies, but files that go for their flaws")
        return _WRITERS[format](without_decided(given, FinishedRun(work_dir)))
    return _WRITERS[format](make_plan(work_dir, choice, only_files=False))


def name_list(names: Sequence[str], *, null: bool = False) -> bytes:
    r"""Return names as the very bytes they are, each ended by a line break or a zero byte.

    Raises
    ------
    ConfigError
        When a name holds a line break and names end with line breaks.
    """
    end = b"\0" if null else b"\n"
    split = next((name for name in names if not null and ("\n" in name or "\r" in name)), None)
    if split is not None:
        raise ConfigError(
            f"{split!r} holds a line break: end names with zero bytes instead "
            "(--null, or the format list0)"
        )
    return b"".join(os.fsencode(name) + end for name in names)


def _csv(plan: Plan) -> bytes:
    return csv_line(GROUPS_HEADER) + b"".join(map(csv_line, map(_csv_fields, plan.steps)))


def _csv_fields(step: Step) -> tuple[object, ...]:
    return (
        step.group,
        _role(step),
        no_formula(step.path),
        no_formula(step.kept),
        decimal(step.similarity),
        SAME_BYTES[step.same_bytes],
        step.width,
        step.height,
        max(step.size_bytes, 0),
        no_formula(_BETWEEN_NAMES.join(_companions(step))),
    )


def no_formula(name: str) -> str:
    """Return a name that no spreadsheet takes for a formula, and that means the same file.

    Full paths and URLs never look like one; a relative name, which only features of one's own can
    bring, gets ``./`` before it.
    """
    return f"./{name}" if name.startswith(_FORMULA_STARTS) else name


def _json(plan: Plan) -> bytes:
    groups = []
    for number, steps in groupby(plan.steps, key=lambda step: step.group):
        files = [_file(step) for step in steps]
        groups.append({"group": number, "files": files})
    return _dumped({"threshold": plan.threshold, "keep": plan.keep, "groups": groups})


def _file(step: Step) -> dict[str, Any]:
    return {
        "filename": step.path,
        "role": _role(step),
        "kept": step.kept,
        "similarity": step.similarity,
        "same_bytes": step.same_bytes,
        "width": step.width,
        "height": step.height,
        "file_size": step.size_bytes,
        "companions": _companions(step),
    }


def _fiftyone(plan: Plan) -> bytes:
    """Return a FiftyOneImageClassificationDataset's ``labels.json``, with full paths."""
    labels = {
        step.path: {
            "label": [KEPT, DUPLICATE].index(_role(step)),
            "confidence": step.similarity,
            "attributes": {
                "group": step.group,
                "kept": step.kept,
                "companions": _companions(step),
            },
        }
        for step in plan.steps
    }
    return _dumped({"classes": [KEPT, DUPLICATE], "labels": labels})


def _coco(plan: Plan) -> bytes:
    """Return COCO's object format: each image whole, its category the role."""
    categories = [
        {"id": number, "name": name, "supercategory": "copies"}
        for number, name in enumerate((KEPT, DUPLICATE), 1)
    ]
    images = [
        {"id": number, "file_name": step.path, "width": step.width, "height": step.height}
        for number, step in enumerate(plan.steps, 1)
    ]
    annotations = [
        {
            "id": number,
            "image_id": number,
            "category_id": 1 if step.action == KEEP else 2,
            "bbox": [0, 0, step.width, step.height],
            "area": step.width * step.height,
            "iscrowd": 0,
            "segmentation": [],
            "group": step.group,
            "kept": step.kept,
            "similarity": step.similarity,
            "companions": _companions(step),
        }
        for number, step in enumerate(plan.steps, 1)
    ]
    return _dumped(
        {
            "info": {"description": "copies found by fastdup"},
            "licenses": [],
            "categories": categories,
            "images": images,
            "annotations": annotations,
        }
    )


def _names(plan: Plan) -> list[str]:
    return [path for step in plan.removals() for path in step.paths(GOES)]


def _companions(step: Step) -> list[str]:
    return [one.name for one in step.companions]


def _role(step: Step) -> str:
    return KEPT if step.action == KEEP else DUPLICATE


def _dumped(content: Mapping[str, Any]) -> bytes:
    # ASCII, so that names that are no valid UTF-8 still make valid JSON.
    return json.dumps(content, indent=1, ensure_ascii=True).encode() + b"\n"


#: Format → the function that writes a plan in it.
_WRITERS: Mapping[str, Callable[[Plan], bytes]] = {
    "csv": _csv,
    "json": _json,
    "list": lambda plan: name_list(_names(plan)),
    "list0": lambda plan: name_list(_names(plan), null=True),
    "fiftyone": _fiftyone,
    "coco": _coco,
}
