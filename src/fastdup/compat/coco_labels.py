"""Labels of images from files of boxes, as a mapping that galleries take."""

import os

from fastdup.dataset.boxes import read_boxes
from fastdup.errors import ConfigError

#: The classes of COCO, https://cocodataset.org, after number 0, which stands for none.
_COCO = (
    "__background__", "person", "bicycle", "car", "motorcycle", "airplane", "bus", "train", "truck",
    "boat", "traffic light", "fire hydrant", "stop sign", "parking meter", "bench", "bird", "cat",
    "dog", "horse", "sheep", "cow", "elephant", "bear", "zebra", "giraffe", "backpack", "umbrella",
    "handbag", "tie", "suitcase", "frisbee", "skis", "snowboard", "sports ball", "kite",
    "baseball bat", "baseball glove", "skateboard", "surfboard", "tennis racket", "bottle",
    "wine glass", "cup", "fork", "knife", "spoon", "bowl", "banana", "apple", "sandwich", "orange",
    "broccoli", "carrot", "hot dog", "pizza", "donut", "cake", "chair", "couch", "potted plant",
    "bed", "dining table", "toilet", "tv", "laptop", "mouse", "remote", "keyboard", "cell phone",
    "microwave", "oven", "toaster", "sink", "refrigerator", "book", "clock", "vase", "scissors",
    "teddy bear", "hair drier", "toothbrush",
)  # fmt: skip


def read_coco_labels(path: str | os.PathLike[str]) -> dict[str, str]:
    """Return file → label, for ``get_label_func=``, by the first box of each image.

    Parameters
    ----------
    path : path
        A folder of YOLO ``.txt`` files, beside the images or alone; or a COCO ``.json`` file.
        Names of classes are those of ``classes.txt`` or ``data.yaml``, else those of COCO, counted
        from 1 as later releases do.

    Returns
    -------
    dict of str to str
        Of a folder: `path` and the image's name, ``.jpg`` if there is no image. Of a file: the
        names in it.

    Raises
    ------
    ConfigError
        When it cannot be read, or has no boxes.
    """
    place = os.path.expanduser(os.fspath(path))
    is_folder = os.path.isdir(place)
    boxes = read_boxes(place, place if is_folder else None)
    labels: dict[str, str] = {}
    for filename, label in zip(boxes["filename"], boxes["label"], strict=True):
        name = _named(filename, place) if is_folder else str(filename)
        if name not in labels:
            labels[name] = _class_name(label) if is_folder else str(label)
    return labels


def _named(filename: str, folder: str) -> str:
    """Return the path of an image below `folder` as a person would write it."""
    relative = os.path.relpath(filename, os.path.abspath(folder))
    known = os.path.exists(filename)
    return os.path.join(folder, relative if known else f"{relative}.jpg")


def _class_name(label: str) -> str:
    """Return the name of a class that has a number alone."""
    if not label.isdecimal():
        return label
    if int(label) >= len(_COCO):
        raise ConfigError(
            f"class {label} has no name: put a classes.txt with a name per line beside the labels"
        )
    return _COCO[int(label)]
