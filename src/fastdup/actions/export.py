"""Results as files that other tools read: CSV, Parquet, Arrow, JSON, lists, FiftyOne, COCO."""

import io
import json
import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from fastdup.actions.decided_plan import without_decided
from fastdup.actions.keep import DEFAULT_KEEP, CopyChoice, Folders, folder_names, kind_names
from fastdup.actions.offers import BINARY_FORMATS, COPIES, FORMATS, TABLE_FORMATS, TABLES
from fastdup.actions.plan import GOES, KEEP, Plan, Step
from fastdup.actions.plan_batches import plan_batches
from fastdup.actions.plan_file import SAME_BYTES, read_plan
from fastdup.actions.planning import make_plan
from fastdup.errors import ConfigError
from fastdup.runs import FinishedRun
from fastdup.runs.arrow_tables import csv_lines, open_batches, write_batches
from fastdup.scale import decimal
from fastdup.workdir.csv_files import csv_line, write_atomically

if TYPE_CHECKING:
    import pyarrow as pa

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
    table: str = COPIES,
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
    """Write a table of results to the file `output`, and return its path.

    By default it is that of the groups of copies, with which one stays. These are made as `clean`
    makes them, with images in archives and stores too. A copy that stays for a file that belongs to
    it is in none.

    Parameters
    ----------
    work_dir : path
        The folder of a finished run.
    output : path
        Written whole or not at all.
    format : {"csv", "parquet", "arrow", "json", "list", "list0", "fiftyone", "coco"}
        See docs/cleaning.md and docs/data-frames.md; other tables than "copies" have the first
        three. ``list``: the names of the copies and of what goes with them, a line each;
        ``list0``: each ended by a zero byte.
    table : str
        "copies", "similarity", "outliers", "outlier_scores", "components", "component_info",
        "verdicts", "videos", "stats", "metadata", "bad" or "features". All but "copies" are written
        in parts, in little memory.
    keep, threshold, never, prefer, exact, also, across, within
        As for `clean`; of "copies" only.
    plan : path or None
        A plan to export instead of planning; of "copies" only.

    Raises
    ------
    ConfigError
        When an option is out of range, or has no meaning for the table, or a name holds a line
        break and `format` is ``list``.
    MissingExtraError
        When `format` needs PyArrow, and it is not installed.
    WorkDirError
        When there is no finished run, or `output` cannot be written.
    """
    choice = chosen_copies(
        keep=keep,
        threshold=threshold,
        never=never,
        prefer=prefer,
        exact=exact,
        also=also,
        across=across,
        within=within,
    )
    return export_to(output, work_dir, format, choice, table=table, plan=plan)


def chosen_copies(
    *,
    keep: str = DEFAULT_KEEP,
    threshold: float | None = None,
    never: Folders = (),
    prefer: Folders = (),
    exact: bool = False,
    also: str | Collection[str] = (),
    across: bool = False,
    within: bool = False,
) -> CopyChoice:
    """Return what the options of `export` choose."""
    return CopyChoice(
        keep=keep,
        threshold=threshold,
        never=folder_names(never),
        prefer=folder_names(prefer),
        exact=exact,
        also=kind_names(also),
        across=across,
        within=within,
    )


def export_to(
    output: str | os.PathLike[str],
    work_dir: str | os.PathLike[str],
    format: str,
    choice: CopyChoice,
    *,
    table: str = COPIES,
    plan: str | os.PathLike[str] | None = None,
) -> str:
    """Do what `export` does."""
    path = os.fspath(output)
    if table == COPIES or format not in BINARY_FORMATS:
        parts = export_parts(work_dir, format, choice, table=table, plan=plan)
        write_atomically(path, lambda file: file.writelines(parts))
    else:
        _check_table(table, format, choice, plan)
        batches = open_batches(FinishedRun(work_dir), table)
        write_atomically(path, lambda file: write_batches(batches, format, file))
    return path


def export_parts(
    work_dir: str | os.PathLike[str],
    format: str,
    choice: CopyChoice,
    *,
    table: str = COPIES,
    plan: str | os.PathLike[str] | None = None,
) -> Iterator[bytes]:
    """Return what `export` writes, line by line; of binary formats, "copies" only."""
    if table == COPIES:
        return iter(exported(work_dir, format, choice, plan=plan).splitlines(keepends=True))
    _check_table(table, format, choice, plan)
    return csv_lines(FinishedRun(work_dir), table)


def _check_table(
    table: str, format: str, choice: CopyChoice, plan: str | os.PathLike[str] | None
) -> None:
    """Refuse what is not there for a table, and options that would have no effect on it."""
    if table not in TABLES:
        raise ConfigError.not_among("table", table, TABLES, COPIES)
    if format not in TABLE_FORMATS:
        raise ConfigError.not_among("format", format, TABLE_FORMATS, "csv")
    if plan is not None or choice != CopyChoice():
        raise ConfigError(
            f"table={table!r} has all rows: what chooses copies, such as keep, threshold and plan, "
            f"is for table={COPIES!r}"
        )


def exported(
    work_dir: str | os.PathLike[str],
    format: str,
    choice: CopyChoice,
    *,
    plan: str | os.PathLike[str] | None = None,
) -> bytes:
    """Return what `export` writes of copies."""
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


def copy_batches(work_dir: str | os.PathLike[str]) -> "pa.RecordBatchReader":
    """Return the groups of copies as batches, with what goes by default."""
    return _batches(make_plan(work_dir, CopyChoice(), only_files=False))


def _batches(plan: Plan) -> "pa.RecordBatchReader":
    return plan_batches([{"group": step.group, **_file(step)} for step in plan.steps])


def _binary(plan: Plan, format: str) -> bytes:
    file = io.BytesIO()
    write_batches(_batches(plan), format, file)
    return file.getvalue()


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
            **coco_whole(step.width, step.height),
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


def coco_whole(width: int, height: int) -> dict[str, Any]:
    """Return what COCO's format says of the place of something that is an image as a whole."""
    return {
        "bbox": [0, 0, width, height],
        "area": width * height,
        "iscrowd": 0,
        "segmentation": [[0, 0, width, 0, width, height, 0, height]],
    }


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
    "parquet": lambda plan: _binary(plan, "parquet"),
    "arrow": lambda plan: _binary(plan, "arrow"),
    "json": _json,
    "list": lambda plan: name_list(_names(plan)),
    "list0": lambda plan: name_list(_names(plan), null=True),
    "fiftyone": _fiftyone,
    "coco": _coco,
}
