"""Templates → one self-contained HTML file, written whole or not at all."""

import base64
import functools
import hashlib
import io
import logging
import os
import re
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastdup.errors import ReportError, WorkDirError
from fastdup.quantities import size_text
from fastdup.report import wording
from fastdup.report.cards import Deck
from fastdup.report.gallery_kinds import KINDS
from fastdup.report.page import PageData
from fastdup.workdir.csv_files import place_file_again, write_atomically

if TYPE_CHECKING:
    from jinja2 import Environment

logger = logging.getLogger(__name__)

#: Whose templates all pages can use.
_PACKAGE = "fastdup.report"
#: Of the script of a gallery, in order.
_MODULES = ("elements.js", "planes.js", "marks.js", "gestures.js", "viewer.js", "gallery.js")
#: By what a page is known for one of ours.
_MARK = b'<meta name="generator" content="fastdup">'
#: What makes a script a module: lines that import, and the word before what is exported.
_MODULE_WORDS = re.compile(r"^import .*\n|^export (?=const |function )", re.MULTILINE)


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


def place_again(page: Path, place: Path) -> None:
    """Make a page available under another name too, in no more space where the disk can do so.

    A file there that is not a gallery stays.

    Raises
    ------
    ReportError
        If it cannot be written.
    """
    try:
        if os.path.lexists(place) and not _is_gallery(place):
            logger.warning("%s is not a gallery, and was left as it is: see %s", place, page)
            return
        place.parent.mkdir(parents=True, exist_ok=True)
        place_file_again(str(page), str(place))
    except (OSError, WorkDirError) as exc:
        raise ReportError(f"cannot write {str(place)!r}: {exc}; give another save_path") from exc


def _is_gallery(path: Path) -> bool:
    with path.open("rb") as file:
        return _MARK in file.read(2**12)


def render(deck: Deck, data: PageData) -> str:
    """HTML of a gallery. Names reach it as JSON and are only ever shown as text."""
    return render_page(
        _PACKAGE,
        "gallery.html",
        read_template(_PACKAGE, "gallery.css"),
        _script(),
        kind=KINDS[deck.kind],
        deck=deck,
        data=data,
        n_images=len(data.pictures),
    )


def render_page(package: str, template: str, style: str, script: str = "", **facts: Any) -> str:
    """Return the HTML of a page that may use this style, this script, and nothing else.

    Parameters
    ----------
    package : str
        Whose folder ``templates`` has the template.
    template : str
        Its name. It gets the policy, the style, the script and the icon beside the facts.
    style, script : str
    **facts
        What it shows; texts are escaped.
    """
    page = _environment(package).get_template(template)
    policy = _policy(style, script)
    return page.render(style=style, script=script, policy=policy, icon=_icon(), **facts)


def _policy(style: str, script: str) -> str:
    """Content-Security-Policy: this style, this script and the pictures within; nothing else."""
    scripts = f"script-src {_hash(script)}; " if script else ""
    return (
        f"default-src 'none'; img-src data:; style-src {_hash(style)}; {scripts}"
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest())
    return f"'sha256-{digest.decode()}'"


@functools.cache
def _script() -> str:
    """Return the modules as one script: what is inlined cannot be imported."""
    modules = "\n".join(read_template(_PACKAGE, name) for name in _MODULES)
    return '"use strict";\n{\n' + _MODULE_WORDS.sub("", modules) + "}\n"


@functools.cache
def read_template(package: str, name: str) -> str:
    """Return a file in the folder ``templates`` of a package."""
    return (files(package) / "templates" / name).read_text(encoding="utf-8")


@functools.cache
def _environment(package: str) -> "Environment":
    from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=ChoiceLoader([PackageLoader(package), PackageLoader(_PACKAGE)]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        pieces=wording.pieces, count="{:,}".format, size=size_text, plain=wording.plain
    )
    environment.policies["json.dumps_kwargs"] = {"separators": (",", ":")}
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
