"""Bounding boxes from COCO JSON files and YOLO text files, as a table of annotations."""

import json
import math
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from fastdup.config import InputDir
from fastdup.dataset.files_below import files_below
from fastdup.errors import ConfigError
from fastdup.sources.crops import Box, RotatedBox, crop_name

if TYPE_CHECKING:
    import pandas as pd

BOX_COLUMNS = ("col_x", "row_y", "width", "height")
#: The same four under other names, as scripts for later releases have them.
_OTHER_BOX_COLUMNS = (("bbox_x", "bbox_y", "bbox_w", "bbox_h"), ("x", "y", "w", "h"))
#: Corners of rotated boxes.
CORNER_COLUMNS = ("x1", "y1", "x2", "y2", "x3", "y3", "x4", "y4")
#: Column that marks boxes given in percent of the image, as YOLO's are.
PERCENT_COLUMN = "is_percent"

_NOT_LABELS = ("classes.txt", "obj.names", "train.txt", "val.txt", "test.txt")
_ITEM = re.compile(r"\s*(?:-|(\d+)\s*:)\s*(.+?)\s*(?:#.*)?")


def read_boxes(path: str, input_dir: InputDir | None) -> "pd.DataFrame":
    """Return ``filename, col_x, row_y, width, height, label`` of a COCO file or a YOLO folder.

    Parameters
    ----------
    path : str
        A COCO ``.json`` file, or a folder of YOLO ``.txt`` files, one per image in `input_dir`.
        YOLO's class names come from ``classes.txt`` or ``data.yaml`` in that folder or its parent.
    input_dir : path, sequence of paths or None
        The folder of the images; only YOLO files need it.

    Raises
    ------
    ConfigError
        When it cannot be read or is not valid.
    """
    import pandas as pd

    try:
        found = _yolo_rows(path, input_dir) if os.path.isdir(path) else _coco_rows(path)
        rows = list(found)
    except (OSError, ValueError) as exc:
        if isinstance(exc, ConfigError):
            raise
        raise ConfigError(f"cannot read the annotations {path}: {exc}") from exc
    if not rows:
        raise ConfigError(f"there are no boxes in {path}")
    columns = ["filename", *BOX_COLUMNS, "label", PERCENT_COLUMN]
    frame = pd.DataFrame(rows, columns=columns, dtype=object)
    return frame if frame[PERCENT_COLUMN].any() else frame.drop(columns=[PERCENT_COLUMN])


def with_boxes(frame: "pd.DataFrame") -> "pd.DataFrame":
    """Return annotations with boxes under their own names, whatever their columns are called."""
    columns = set(frame.columns)
    if columns >= set(BOX_COLUMNS) or columns >= set(CORNER_COLUMNS):
        return frame
    for names in _OTHER_BOX_COLUMNS:
        if columns >= set(names):
            return frame.assign(
                **{own: frame[name] for own, name in zip(BOX_COLUMNS, names, strict=True)}
            )
    return frame


def has_boxes(frame: "pd.DataFrame") -> bool:
    """Return whether annotations have columns of boxes, upright or rotated."""
    return any(set(frame.columns) >= set(names) for names in (BOX_COLUMNS, CORNER_COLUMNS))


def name_crops(frame: "pd.DataFrame") -> list[str]:
    """Return the name of each row's crop, or the image's name if the row has no box.

    Where a table has both, the upright boxes count.

    Raises
    ------
    ConfigError
        When a box is not four finite numbers, or a rotated one not eight.
    """
    names = BOX_COLUMNS if set(frame.columns) >= set(BOX_COLUMNS) else CORNER_COLUMNS
    columns = [frame[name].tolist() for name in ("filename", *names)]
    percents = frame[PERCENT_COLUMN].tolist() if PERCENT_COLUMN in frame else [False] * len(frame)
    return [
        _crop_name(name, box, bool(is_percent))
        for (name, *box), is_percent in zip(zip(*columns, strict=True), percents, strict=True)
    ]


def _crop_name(name: str, box: Sequence[Any], is_percent: bool) -> str:
    wanted = f"give {'four' if len(box) == len(BOX_COLUMNS) else 'eight'} numbers"
    try:
        numbers = [math.nan if value in ("", None) else float(value) for value in box]
    except (TypeError, ValueError) as exc:
        raise ConfigError(f"the box of {name!r} is {box!r}: {wanted}") from exc
    if all(map(math.isnan, numbers)):
        return name
    if not all(map(math.isfinite, numbers)) or max(map(abs, numbers)) > 10**8:
        raise ConfigError(f"the box of {name!r} is {box!r}: {wanted}")
    if len(numbers) == len(CORNER_COLUMNS):
        return crop_name(name, RotatedBox(tuple(numbers)))
    x, y, width, height = numbers
    return crop_name(name, Box(x, y, width, height, is_percent))


# --- COCO -----------------------------------------------------------------------------------


def _coco_rows(path: str) -> Iterator[tuple[Any, ...]]:
    with open(path, encoding="utf-8") as file:
        content = json.load(file)
    try:
        names = {image["id"]: str(image["file_name"]) for image in content["images"]}
        labels = {kind["id"]: kind["name"] for kind in content.get("categories", ())}
        for annotation in content["annotations"]:
            if "bbox" not in annotation:
                continue
            x, y, width, height = annotation["bbox"]
            label = labels.get(annotation.get("category_id"))
            yield names[annotation["image_id"]], x, y, width, height, label, False
    except (AttributeError, KeyError, TypeError, ValueError) as exc:
        raise ConfigError(
            f"{path} is not a COCO file of boxes ({type(exc).__name__}: {exc}): it needs images "
            "with id and file_name, and annotations with image_id and bbox"
        ) from exc


# --- YOLO -----------------------------------------------------------------------------------


def _yolo_rows(folder: str, input_dir: InputDir | None) -> Iterator[tuple[Any, ...]]:
    if not isinstance(input_dir, str | os.PathLike) or not os.path.isdir(input_dir):
        raise ConfigError(f"the boxes in {folder} need input_dir=, the folder of their images")
    root = os.path.abspath(input_dir)
    images = _by_stem(root)
    words = _class_names(folder)
    for path in files_below(folder):
        if not path.endswith(".txt") or os.path.basename(path) in _NOT_LABELS:
            continue
        stem = os.path.splitext(os.path.relpath(path, folder))[0]
        # A missing image is listed too; the run reports it in the bad list.
        image = images.get(stem) or os.path.join(root, stem)
        with open(path, encoding="utf-8") as file:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    yield image, *_yolo_box(line, words, f"{path}, line {number}"), True


def _yolo_box(line: str, words: Mapping[int, str], where: str) -> tuple[Any, ...]:
    fields = line.split()
    try:
        kind = int(fields[0])
        x, y, width, height = (100 * float(field) for field in fields[1:5])
    except (IndexError, ValueError) as exc:
        raise ConfigError(
            f"{where}: {line.strip()[:80]!r} is not a box; wanted: class, x and y of the centre, "
            "width, height, as shares of the image"
        ) from exc
    return x - width / 2, y - height / 2, width, height, words.get(kind, str(kind))


def _by_stem(root: str) -> dict[str, str]:
    """Map the relative path without extension to the full path, for each file below `root`."""
    paths = (path for path in files_below(root) if not path.endswith((".txt", ".yaml", ".json")))
    return {os.path.splitext(os.path.relpath(path, root))[0]: path for path in paths}


def _class_names(folder: str) -> dict[int, str]:
    """Return the name of each class number; empty if there is no list of names."""
    for place in (folder, os.path.dirname(os.path.abspath(folder))):
        text_file = os.path.join(place, "classes.txt")
        if os.path.isfile(text_file):
            with open(text_file, encoding="utf-8") as file:
                return dict(enumerate(line.strip() for line in file if line.strip()))
        yaml_file = os.path.join(place, "data.yaml")
        if os.path.isfile(yaml_file):
            with open(yaml_file, encoding="utf-8") as file:
                return names_in_yaml(file.read())
    return {}


def names_in_yaml(text: str) -> dict[int, str]:
    """Return ``names`` of a YOLO ``data.yaml``: ``[a, b]``, ``- a`` lines, or ``0: a`` lines.

    The rest of the file is ignored, and no YAML tag is ever interpreted.
    """
    lines = iter(text.splitlines())
    for line in lines:
        key, colon, rest = line.partition(":")
        if key != "names" or not colon:
            continue
        rest = rest.strip()
        if rest.startswith("["):
            while "]" not in rest and (more := next(lines, None)) is not None:
                rest += more.strip()
            inside = rest[1:].partition("]")[0]
            return dict(enumerate(_plain(item) for item in inside.split(",") if item.strip()))
        return _block_of(lines)
    return {}


def _block_of(lines: Iterator[str]) -> dict[int, str]:
    found: dict[int, str] = {}
    for line in lines:
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        item = _ITEM.fullmatch(line)
        if item is None:
            break
        found[len(found) if item[1] is None else int(item[1])] = _plain(item[2])
    return found


def _plain(text: str) -> str:
    return text.strip().strip("'\"")
