"""Thumbnails of many images in one picture, and the features for TensorBoard's projector."""

import io
import math
import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from fastdup.compat.later_options import warn_of
from fastdup.errors import ConfigError, ReportError
from fastdup.workdir.csv_files import write_atomically
from fastdup.workdir.features import load_binary_feature

Path = str | os.PathLike[str]
LabelOf = Callable[[str], Any] | Mapping[str, Any]

#: Longest side of a thumbnail in pixels.
_SIDE = 100
_SAMPLE_METHODS = ("random", "first")


def generate_sprite_image(
    img_list: Sequence[Path],
    sample_size: int,
    log_dir: Path,
    get_label_func: LabelOf | None = None,
    h: int = 0,
    w: int = 0,
    alternative_filename: Path | None = None,
    alternative_width: int | None = None,
    max_width: int | None = None,
    **options: Any,
) -> tuple[str, list[Any]]:
    """Return the path of one picture with the thumbnails of images in rows, and their labels.

    Parameters
    ----------
    img_list : sequence of paths
        The images; one that cannot be read is a grey tile.
    sample_size : int
        Most images to show, the first ones.
    log_dir : path
        Folder for ``sprite.png``, made if missing.
    get_label_func : callable, mapping or None
        Path → label.
    h, w : int
        Height and width of a tile in pixels; 0: 100.
    alternative_filename : path or None
        The file to write, instead of ``sprite.png``.
    alternative_width : int or None
        Tiles in a row; None: as many as make a square.
    max_width : int or None
        Most pixels of a row; the whole picture is made smaller if it is wider.
    **options
        Those of later releases that mean nothing here are named in a warning.

    Raises
    ------
    ConfigError
        When there are no images, or a size makes no sense.
    """
    warn_of("generate_sprite_image", options, {"input_dir": "the list holds full paths"})
    paths = [os.fspath(path) for path in img_list][: max(int(sample_size), 0)]
    sizes = (h, w, alternative_width or 0, max_width or 0)
    if not paths or min(sizes) < 0:
        raise ConfigError("there is nothing to show: give images, sample_size=10, sizes from 0 on")
    height, width = int(h) or _SIDE, int(w) or _SIDE
    n_columns = alternative_width or math.ceil(math.sqrt(len(paths)))
    by_default = os.path.join(log_dir, "sprite.png")
    place = os.path.expanduser(os.fspath(alternative_filename or by_default))
    try:
        os.makedirs(os.path.dirname(place) or ".", exist_ok=True)
    except OSError as exc:
        raise ReportError(f"cannot make the folder of {place!r}: {exc.strerror}") from exc
    _write_sprite(place, paths, (width, height), n_columns, max_width or 0)
    label_of = get_label_func.get if isinstance(get_label_func, Mapping) else get_label_func
    return place, [label_of(path) for path in paths] if label_of else []


def export_to_tensorboard_projector(
    work_dir: Path,
    log_dir: Path,
    sample_size: int = 900,
    sample_method: str = "random",
    with_images: bool = True,
    get_label_func: LabelOf | None = None,
    d: int | None = None,
    file_list: Sequence[Path] | None = None,
    **options: Any,
) -> str:
    """Return the folder with what TensorBoard's projector shows: vectors, names, pictures.

    TensorBoard itself is not needed; start it with ``tensorboard --logdir LOG_DIR``.

    Parameters
    ----------
    work_dir : path
        The folder of a run.
    log_dir : path
        The folder to write to, made if missing.
    sample_size : int
        Most images, at least 1.
    sample_method : {"random", "first"}
        Which ones; random ones are the same each time.
    with_images : bool
        Whether to write their thumbnails too.
    get_label_func : callable, mapping or None
        Path → label.
    d : int or None
        Width that the features must have.
    file_list : sequence of paths or None
        Only these images of the run.
    **options
        Those of later releases that mean nothing here are named in a warning.

    Raises
    ------
    ConfigError
        When an option is out of range.
    """
    warn_of("export_to_tensorboard_projector", options, {"input_dir": "names are full paths"})
    if sample_method not in _SAMPLE_METHODS:
        raise ConfigError.not_among("sample_method", sample_method, _SAMPLE_METHODS, "random")
    if sample_size < 1:
        raise ConfigError(f"sample_size={sample_size} is not allowed: try sample_size=900")
    paths, features = load_binary_feature(work_dir, d)
    wanted = None if file_list is None else {os.fspath(path) for path in file_list}
    rows = [row for row, path in enumerate(paths) if wanted is None or path in wanted]
    if sample_method == "random" and len(rows) > sample_size:
        rows = sorted(np.random.default_rng(0).choice(rows, sample_size, replace=False).tolist())
    rows = rows[:sample_size]
    folder, names = os.path.expanduser(os.fspath(log_dir)), [paths[row] for row in rows]
    os.makedirs(folder, exist_ok=True)
    label_of = get_label_func.get if isinstance(get_label_func, Mapping) else get_label_func
    vectors = ("\t".join(f"{value:.6g}" for value in features[row].tolist()) for row in rows)
    _write_lines(os.path.join(folder, "features.tsv"), vectors)
    known = (f"{_plain(path)}\t{_plain(label_of(path)) if label_of else ''}" for path in names)
    _write_lines(os.path.join(folder, "metadata.tsv"), ["filename\tlabel", *known])
    lines = ["embeddings {", '  tensor_path: "features.tsv"', '  metadata_path: "metadata.tsv"']
    if with_images and names:
        generate_sprite_image(names, len(names), folder)
        lines += ["  sprite {", '    image_path: "sprite.png"']
        lines += [f"    single_image_dim: {_SIDE}"] * 2 + ["  }"]
    _write_lines(os.path.join(folder, "projector_config.pbtxt"), [*lines, "}"])
    return folder


def _write_sprite(
    place: str, paths: Sequence[str], tile: tuple[int, int], n_columns: int, max_width: int
) -> None:
    from PIL import Image

    from fastdup.report.thumbnails import Picture, look_at

    width, height = tile
    n_rows = -(-len(paths) // n_columns)
    sprite = Image.new("RGB", (n_columns * width, n_rows * height), "white")
    for number, path in enumerate(paths):
        found, _ = look_at(path, max(tile))
        corner = (number % n_columns * width, number // n_columns * height)
        if isinstance(found, Picture):
            with Image.open(io.BytesIO(found.jpeg)) as picture:
                sprite.paste(picture.convert("RGB").resize(tile), corner)
        else:
            sprite.paste("grey", (*corner, corner[0] + width, corner[1] + height))
    if 0 < max_width < sprite.width:
        sprite.thumbnail((max_width, sprite.height))
    is_jpeg = place.lower().endswith((".jpg", ".jpeg"))
    write_atomically(place, lambda file: sprite.save(file, "JPEG" if is_jpeg else "PNG"))


def _plain(value: object) -> str:
    return str(value).replace("\t", " ").replace("\n", " ")


def _write_lines(path: str, lines: Any) -> None:
    text = "".join(f"{line}\n" for line in lines)
    write_atomically(path, lambda file: file.write(text.encode("utf-8", "backslashreplace")))
