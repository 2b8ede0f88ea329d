"""Images with tags as plain files that other tools read: CSV, lists, FiftyOne, COCO."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from fastdup.actions.export import coco_whole, name_list, no_formula
from fastdup.actions.offers import TAG_FORMATS
from fastdup.errors import ConfigError
from fastdup.workdir.csv_files import csv_line

TAGS_HEADER = ("filename", "tags", "label", "split", "width", "height")
#: Between two tags in a cell.
_BETWEEN = ";"
#: What a spreadsheet takes for a formula; signed numbers are none.
_FORMULA = re.compile(r"[=@\t\r]|[+-](?!\d*\.?\d+$)")


class TaggedImage(NamedTuple):
    """An image, and what is to be said of it.

    Attributes
    ----------
    path : str
    tags : tuple of str
        Such as "remove", "issue:blurry"; none holds a semicolon.
    label, split : str
        "" where there is none.
    width, height : int
        In pixels; 0 where it was not measured.
    """

    path: str
    tags: tuple[str, ...] = ()
    label: str = ""
    split: str = ""
    width: int = 0
    height: int = 0


def tagged(images: Sequence[TaggedImage], format: str) -> bytes:
    """Return a file about images in one of `TAG_FORMATS`.

    Raises
    ------
    ConfigError
        When there is no such format, or a name holds a line break and the format is ``list``.
    """
    if format not in TAG_FORMATS:
        raise ConfigError.not_among("format", format, TAG_FORMATS, "csv")
    return _WRITERS[format](images)


def _csv(images: Sequence[TaggedImage]) -> bytes:
    return csv_line(TAGS_HEADER) + b"".join(csv_line(_fields(image)) for image in images)


def _fields(image: TaggedImage) -> tuple[object, ...]:
    texts = (_no_formula(text) for text in (_BETWEEN.join(image.tags), image.label, image.split))
    return (no_formula(image.path), *texts, image.width, image.height)


def _no_formula(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula: an apostrophe is put before one."""
    return f"'{text}" if _FORMULA.match(text) else text


def _fiftyone(images: Sequence[TaggedImage]) -> bytes:
    """Return the samples of a FiftyOne data set, by their full paths, with their tags."""
    return _dumped({"samples": [_sample(image) for image in images]})


def _sample(image: TaggedImage) -> dict[str, Any]:
    sample: dict[str, Any] = {"filepath": image.path, "tags": list(image.tags)}
    if image.split:
        sample["tags"].append(image.split)
    if image.label:
        sample["ground_truth"] = {"_cls": "Classification", "label": image.label}
    return sample


def _coco(images: Sequence[TaggedImage]) -> bytes:
    """Return COCO's object format: each image whole, once for each of its tags."""
    names = list(dict.fromkeys(tag for image in images for tag in image.tags))
    numbers = {name: number for number, name in enumerate(names, 1)}
    annotations = [
        {
            "image_id": number,
            "category_id": numbers[tag],
            **coco_whole(image.width, image.height),
        }
        for number, image in enumerate(images, 1)
        for tag in image.tags
    ]
    return _dumped(
        {
            "info": {"description": "images chosen in fastdup"},
            "licenses": [],
            "categories": [
                {"id": number, "name": name, "supercategory": "tags"}
                for name, number in numbers.items()
            ],
            "images": [
                {"id": number, "file_name": image.path, "width": image.width}
                | {"height": image.height, "label": image.label, "split": image.split}
                for number, image in enumerate(images, 1)
            ],
            "annotations": [{"id": number} | one for number, one in enumerate(annotations, 1)],
        }
    )


def _dumped(content: Mapping[str, Any]) -> bytes:
    # ASCII, so that names that are no valid UTF-8 still make valid JSON.
    return json.dumps(content, indent=1, ensure_ascii=True).encode() + b"\n"


#: Format → the function that writes images in it.
_WRITERS: Mapping[str, Callable[[Sequence[TaggedImage]], bytes]] = {
    "csv": _csv,
    "list": lambda images: name_list([image.path for image in images]),
    "list0": lambda images: name_list([image.path for image in images], null=True),
    "fiftyone": _fiftyone,
    "coco": _coco,
}
