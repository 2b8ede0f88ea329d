"""Templates → one self-contained HTML file, written whole or not at all."""

import base64
import functools
import io
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastdup.errors import ReportError, WorkDirError
from fastdup.report import wording
from fastdup.workdir import write_atomically

if TYPE_CHECKING:
    from jinja2 import Environment


def page_path(save_path: str | os.PathLike[str], file_name: str) -> Path:
    """Absolute path of the file to write; its folder exists afterwards.

    Parameters
    ----------
    save_path : str or path
        A folder, or a path that ends in ``.html`` (or ``.htm``) and is no folder.
    file_name : str
        Name of the file when `save_path` is a folder.

    Raises
    ------
    ReportError
        If the folder cannot be made.
    """
    path = Path(os.path.expanduser(save_path)).absolute()
    if path.suffix.lower() not in {".html", ".htm"} or path.is_dir():
        path = path / file_name
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise ReportError(
            f"cannot make the folder {str(path.parent)!r}: {exc.strerror or exc}; "
            "give another save_path"
        ) from exc
    return path


def write_page(path: Path, html: str) -> None:
    """Replace the file `path` by `html`, so that nobody ever sees half a page.

    Raises
    ------
    ReportError
        If it cannot be written; what was there before stays.
    """
    try:
        data = html.encode("utf-8", "backslashreplace")
        write_atomically(str(path), lambda file: file.write(data))
    except WorkDirError as exc:
        raise ReportError(f"{exc}; give another save_path") from exc


def render(template: str, **values: Any) -> str:
    """HTML of `template`; every value is escaped."""
    return _environment().get_template(template).render(icon=_icon(), **values)


@functools.cache
def _environment() -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("fastdup.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        pieces=wording.pieces,
        plain=wording.plain,
        similarity=wording.similarity_text,
        similarity_word=wording.similarity_word,
        size=wording.size_text,
        failure=wording.failure_text,
        split_ending=wording.split_ending,
        count="{:,}".format,
    )
    return environment


@functools.cache
def _icon() -> str:
    """Icon of the page, two overlapping squares, as a data: URI of a PNG."""
    from PIL import Image, ImageDraw

    image = Image.new("RGBA", (32, 32))
    draw = ImageDraw.Draw(image)
    draw.rounded_rectangle((2, 2, 21, 21), radius=4, fill=(47, 111, 106, 255))
    draw.rounded_rectangle((10, 10, 29, 29), radius=4, fill=(124, 196, 186, 255))
    buffer = io.BytesIO()
    image.save(buffer, format="PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")
