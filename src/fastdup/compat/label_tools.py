"""Files that tools for labels open: images with the labels that they are to be looked at with."""

import os
from collections.abc import Sequence
from typing import Any
from xml.etree import ElementTree as ET

from fastdup.errors import ConfigError
from fastdup.report.thumbnails import Picture, look_at
from fastdup.workdir.csv_files import write_atomically

Path = str | os.PathLike[str]

#: Longest side at which a picture is decoded to learn its size.
_SIDE = 16


def export_to_cvat(files: Sequence[Path], labels: Sequence[Any], save_path: Path) -> str:
    """Return the path of ``annotations.xml``, which CVAT imports as *CVAT for images 1.1*.

    Each image has its labels as tags. Make a task of the same images first: CVAT finds them by
    their names.

    Parameters
    ----------
    files : sequence of paths
        The images.
    labels : sequence
        The label of each image, or a list of labels.
    save_path : path
        The folder for the file, made if missing.

    Raises
    ------
    ConfigError
        When there are not as many labels as files, or an image cannot be read.
    """
    root = ET.Element("annotations")
    ET.SubElement(root, "version").text = "1.1"
    kinds = ET.SubElement(ET.SubElement(ET.SubElement(root, "meta"), "task"), "labels")
    rows = _checked(files, labels)
    for name in sorted({label for _, names in rows for label in names}):
        ET.SubElement(ET.SubElement(kinds, "label"), "name").text = name
    for number, (path, names) in enumerate(rows):
        width, height = _size_of(path)
        at = {"id": str(number), "name": os.path.basename(path)}
        image = ET.SubElement(root, "image", at, width=str(width), height=str(height))
        for name in names:
            ET.SubElement(image, "tag", label=name, source="manual")
    return _written(root, save_path, "annotations.xml")


def export_to_labelImg(files: Sequence[Path], labels: Sequence[Any], save_path: Path) -> str:  # noqa: N802 - its name
    """Return the folder with ``NAME.xml`` of each image, as labelImg opens them (Pascal VOC).

    Each label is a box around the whole picture.

    Parameters
    ----------
    files, labels, save_path
        As for `export_to_cvat`.

    Raises
    ------
    ConfigError
        As `export_to_cvat`; also when two images have the same name.
    """
    rows = _checked(files, labels)
    stems = [os.path.splitext(os.path.basename(path))[0] for path, _ in rows]
    if len(set(stems)) < len(stems):
        twice = next(stem for stem in stems if stems.count(stem) > 1)
        raise ConfigError(
            f"two images are named {twice!r}, and labelImg has one file of each name: export the "
            "images of one folder at a time"
        )
    for (path, names), stem in zip(rows, stems, strict=True):
        width, height = _size_of(path)
        root = ET.Element("annotation")
        _add(root, folder=os.path.basename(os.path.dirname(os.path.abspath(path))))
        _add(root, filename=os.path.basename(path), path=os.path.abspath(path))
        _add(ET.SubElement(root, "size"), width=width, height=height, depth=3)
        _add(root, segmented=0)
        for name in names:
            box = ET.SubElement(root, "object")
            _add(box, name=name, pose="Unspecified", truncated=0, difficult=0)
            _add(ET.SubElement(box, "bndbox"), xmin=1, ymin=1, xmax=width, ymax=height)
        _written(root, save_path, f"{stem}.xml")
    return os.path.expanduser(os.fspath(save_path))


def _checked(files: Sequence[Path], labels: Sequence[Any]) -> list[tuple[str, list[str]]]:
    """Return each path with its labels."""
    paths, given = [os.path.expanduser(os.fspath(path)) for path in files], list(labels)
    if len(paths) != len(given):
        raise ConfigError(f"there are {len(paths)} files and {len(given)} labels: give one to each")
    names = ([str(one) for one in ([label] if _is_one(label) else label)] for label in given)
    return list(zip(paths, names, strict=True))


def _is_one(label: object) -> bool:
    return not isinstance(label, list | tuple | set)


def _size_of(path: str) -> tuple[int, int]:
    """Return width and height of an image as it is shown."""
    found, _ = look_at(path, _SIDE)
    if not isinstance(found, Picture):
        raise ConfigError(f"cannot read {path}: {found.detail}")
    return found.width, found.height


def _add(parent: ET.Element, **texts: object) -> None:
    for name, text in texts.items():
        ET.SubElement(parent, name).text = str(text)


def _written(root: ET.Element, save_path: Path, name: str) -> str:
    folder = os.path.expanduser(os.fspath(save_path))
    os.makedirs(folder, exist_ok=True)
    place = os.path.join(folder, name)
    ET.indent(root)
    tree = ET.ElementTree(root)
    write_atomically(place, lambda file: tree.write(file, "utf-8", xml_declaration=True))
    return place
