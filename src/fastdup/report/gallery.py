"""The galleries: a table of pairs in, the path of one HTML file out."""

import operator
import os
from dataclasses import dataclass
from html import escape
from pathlib import Path

from fastdup.errors import ConfigError
from fastdup.report.html import page_path, render, write_page
from fastdup.report.rows import OUTLIERS, SIMILARITY, TableKind, TableSource, open_table
from fastdup.report.selection import Selection, select_pairs
from fastdup.report.thumbnails import Failure, Picture, make_picture
from fastdup.report.wording import plain, split_path


class Gallery(str):
    """The path of a gallery's HTML file; in a notebook it displays itself.

    It is a str in every other way: compare it, open it, print it.
    """

    __slots__ = ()

    def _repr_html_(self) -> str:
        """Show the page in a frame of its own, so that its style does not leak."""
        try:
            page = Path(self).read_text(encoding="utf-8")
        except OSError as exc:
            return f"<p>Cannot show {escape(plain(self))}: {escape(exc.strerror or str(exc))}.</p>"
        return (
            f'<iframe srcdoc="{escape(page)}" title="{escape(plain(self))}" sandbox '
            'style="width:100%;height:44rem;max-height:85vh;border:0;border-radius:8px"></iframe>'
        )


@dataclass(frozen=True, slots=True)
class _Kind:
    """How one kind of gallery reads, chooses and shows its pairs."""

    table: TableKind
    template: str
    file_name: str
    unordered: bool


_DUPLICATES = _Kind(SIMILARITY, "duplicates.html", "duplicates.html", unordered=True)
_OUTLIERS = _Kind(OUTLIERS, "outliers.html", "outliers.html", unordered=False)


@dataclass(frozen=True, slots=True)
class _Tile:
    """One image of a pair."""

    folder: str
    name: str
    picture: Picture | None
    failure: Failure | None


@dataclass(frozen=True, slots=True)
class _ShownPair:
    """Two images side by side."""

    tiles: tuple[_Tile, _Tile]
    similarity: float
    same_bytes: bool


def create_duplicates_gallery(
    similarity_file: TableSource,
    save_path: str | os.PathLike[str],
    num_images: int = 20,
    descending: bool = True,
) -> Gallery:
    """Path of an HTML file that shows similar images side by side.

    Parameters
    ----------
    similarity_file : str, path or data frame
        ``similarity.csv``, the work_dir that holds it, or a data frame with its columns
        ``from``, ``to``, ``distance`` (which holds the similarity, 1 = identical).
    save_path : str or path
        Folder for ``duplicates.html``, made if missing; or a path that ends in ``.html``.
    num_images : int
        Most pairs to show, at least 1. Two rows about the same two images are one pair.
    descending : bool
        Whether the most similar come first.

    Returns
    -------
    Gallery
        The path; in a notebook it displays itself.

    Raises
    ------
    ReportError
        If the table cannot be read or the page cannot be written.
    ConfigError
        If `num_images` is out of range.

    Notes
    -----
    The page holds its own thumbnails and loads nothing. An image that can no longer be read
    is shown as a tile with the reason. Manual, "Visualizing the outputs".
    """
    return _create(_DUPLICATES, similarity_file, save_path, num_images, descending)


def create_outliers_gallery(
    outliers_file: TableSource,
    save_path: str | os.PathLike[str],
    num_images: int = 20,
    descending: bool = False,
) -> Gallery:
    """Path of an HTML file that shows outliers, each beside its nearest image.

    Parameters
    ----------
    outliers_file : str, path or data frame
        ``outliers.csv``, the work_dir that holds it, or a data frame with its columns
        ``from``, ``to``, ``distance``, or ``outlier``, ``nearest``, ``distance``.
    save_path : str or path
        Folder for ``outliers.html``, made if missing; or a path that ends in ``.html``.
    num_images : int
        Most outliers to show, at least 1.
    descending : bool
        Whether the most similar come first; by default the strangest do.

    Returns
    -------
    Gallery
        The path; in a notebook it displays itself.

    Raises
    ------
    ReportError
        If the table cannot be read or the page cannot be written.
    ConfigError
        If `num_images` is out of range.
    """
    return _create(_OUTLIERS, outliers_file, save_path, num_images, descending)


def _create(
    kind: _Kind,
    source: TableSource,
    save_path: str | os.PathLike[str],
    num_images: int,
    descending: bool,
) -> Gallery:
    limit = _checked_count(num_images)
    table = open_table(source, kind.table)
    selection = select_pairs(
        table.rows, limit=limit, descending=descending, unordered=kind.unordered
    )
    path = page_path(save_path, kind.file_name)
    html = render(
        kind.template,
        pairs=_shown_pairs(selection),
        selection=selection,
        descending=descending,
        origin=table.origin,
    )
    write_page(path, html)
    return Gallery(path)


def _checked_count(num_images: int) -> int:
    try:
        count = operator.index(num_images)
    except TypeError:
        count = 0
    if count < 1:
        raise ConfigError(
            f"num_images={num_images!r} is not allowed: give a whole number of at least 1"
        )
    return count


def _shown_pairs(selection: Selection) -> list[_ShownPair]:
    """Pairs with their pictures; each image is read once, however often it appears."""
    paths = dict.fromkeys(path for pair in selection.pairs for path in pair[:2])
    images = {path: make_picture(path) for path in paths}
    return [
        _ShownPair(
            tiles=(_tile(first, images[first]), _tile(second, images[second])),
            similarity=similarity,
            same_bytes=_same_bytes(images[first], images[second]),
        )
        for first, second, similarity in selection.pairs
    ]


def _tile(path: str, image: Picture | Failure) -> _Tile:
    folder, name = split_path(path)
    if isinstance(image, Picture):
        return _Tile(folder, name, image, None)
    return _Tile(folder, name, None, image)


def _same_bytes(first: Picture | Failure, second: Picture | Failure) -> bool:
    return (
        isinstance(first, Picture) and isinstance(second, Picture) and first.digest == second.digest
    )
