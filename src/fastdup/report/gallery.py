"""The galleries: each function takes a table and returns the path of one HTML file.

In all of them, `save_path` is a folder, made if missing, or a path that ends in ``.html``.
`num_images` is the maximum number of cards, 0 for all. Further options are those of
`GalleryOptions`, and those of the original's galleries that have no meaning here. All raise
`ReportError` if the table cannot be read or the page cannot be written, `ConfigError` if a number
is out of range, and `TypeError` if an option is misspelt. The page contains its pictures and loads
nothing. An image that can no longer be read is shown as a tile with the reason.
"""

import operator
import sys
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from fastdup.errors import ConfigError
from fastdup.report.cards import (
    Component,
    Deck,
    component_cards,
    neighbour_cards,
    pair_cards,
    value_cards,
)
from fastdup.report.gallery_file import Gallery, SavePath
from fastdup.report.gallery_options import BY_SCORE, GalleryOptions, gallery_options
from fastdup.report.gallery_rows import (
    COMPONENTS,
    OUTLIERS,
    SIMILARITY,
    Row,
    Table,
    TableSource,
    open_table,
    stats_table,
)
from fastdup.report.html import page_path, place_again, render, write_page
from fastdup.report.page import page_data
from fastdup.report.selection import select_pairs
from fastdup.report.stat_metrics import find_metric
from fastdup.report.varied_pairs import varied_pairs
from fastdup.report.wording import similarity_text
from fastdup.workdir.paths import OTHER_PAGES

#: What components can be sorted by, in all spellings.
_ORDERS = {
    "comp_size": "size",
    "count": "size",
    "size": "size",
    "distance": "mean",
    "mean": "mean",
    "mean_distance": "mean",
    "min_distance": "min",
    "max_distance": "max",
}


def create_duplicates_gallery(
    similarity_file: TableSource,
    save_path: SavePath = ".",
    num_images: int = 20,
    descending: bool = True,
    **options: Any,
) -> Gallery:
    """Path of an HTML file that shows similar images side by side, and what differs.

    Parameters
    ----------
    similarity_file : path or data frame
        ``similarity.csv``, the work_dir that holds it, or a data frame with its columns
        ``from``, ``to``, ``distance`` (which holds the similarity, 1 = identical).
    save_path : path
        Folder for ``duplicates.html``, or the page itself.
    num_images : int
        Most pairs to show. Two rows about the same two images are one pair. Of a run, some pairs
        of each kind are chosen, and exact copies are only listed unless there are no others, or
        ``exact=True``; 0 shows all.
    descending : bool
        Whether the most similar come first.
    **options
        See the head of this module.
    """
    _count(num_images)
    table = open_table(similarity_file, SIMILARITY)
    return _show_pairs("duplicates", table, save_path, num_images, descending, options)


def create_outliers_gallery(
    outliers_file: TableSource,
    save_path: SavePath = ".",
    num_images: int = 20,
    descending: bool = False,
    **options: Any,
) -> Gallery:
    """Path of an HTML file that shows outliers, each beside its nearest image.

    Parameters
    ----------
    outliers_file : path or data frame
        ``outliers.csv``, the work_dir that holds it, or a data frame with its columns
        ``from``, ``to``, ``distance``, or ``outlier``, ``nearest``, ``distance``.
    save_path : path
        Folder for ``outliers.html``, or the page itself.
    num_images : int
        Most outliers to show.
    descending : bool
        Whether the most similar come first; by default the strangest do.
    **options
        See the head of this module.
    """
    _count(num_images)
    table = open_table(outliers_file, OUTLIERS)
    return _show_pairs("outliers", table, save_path, num_images, descending, options)


def create_mislabels_gallery(
    pairs: Sequence[Row],
    save_path: SavePath,
    num_images: int = 20,
    descending: bool = True,
    **options: Any,
) -> Gallery:
    """Path of an HTML file that shows images whose label is in doubt.

    Parameters
    ----------
    pairs : sequence of Row
        The image, the nearest one with the label that its neighbours suggest, their similarity.
    save_path : path
        Folder for ``mislabels.html``, or the page itself.
    num_images : int
        Most images to show.
    descending : bool
        Whether those with the most similar neighbour come first.
    **options
        See the head of this module.
    """
    table = Table(iter(pairs), "the labels of neighbours")
    return _show_pairs("mislabels", table, save_path, num_images, descending, options)


def create_similarity_gallery(
    similarity_file: TableSource,
    save_path: SavePath = ".",
    num_images: int = 20,
    descending: bool = True,
    **options: Any,
) -> Gallery:
    """Path of an HTML file that shows each image with its neighbours.

    Parameters
    ----------
    similarity_file : path or data frame
        As for `create_duplicates_gallery`.
    save_path : path
        Folder for ``similarity.html``, or the page itself.
    num_images : int
        Most images whose neighbours are shown.
    descending : bool
        Whether those with the most similar neighbours come first.
    **options
        See the head of this module.
    """
    chosen = gallery_options("create_similarity_gallery", options)
    limit, table = _count(num_images), open_table(similarity_file, SIMILARITY)
    chosen = chosen.with_labels(table.labels)
    rows = (row for row in table.rows if row[2] >= (chosen.threshold or 0))
    cards, n_total = neighbour_cards(rows, chosen, limit=limit, descending=descending)
    order = f"{'most' if descending else 'least'} similar first"
    if isinstance(chosen.slice, str) and chosen.slice == BY_SCORE:
        order = "fewest neighbours of the same label first"
    deck = Deck("similarity", cards, n_total, order, (("From", table.origin),))
    return _write(deck, save_path, chosen, table)


def create_components_gallery(
    work_dir: TableSource,
    save_path: SavePath = ".",
    num_images: int = 20,
    descending: bool = True,
    *,
    sort_by: str = "comp_size",
    metric: str | None = None,
    **options: Any,
) -> Gallery:
    """Path of an HTML file that shows components: groups of similar images.

    Parameters
    ----------
    work_dir : path or data frame
        The folder of a run, its ``connected_components.csv``, or a data frame with the columns of
        that file.
    save_path : path
        Folder for ``components.html``, or the page itself.
    num_images : int
        Most components to show.
    descending : bool
        Whether the largest, or most similar, come first.
    sort_by : str
        ``comp_size``, ``mean_distance``, ``min_distance`` or ``max_distance``.
    metric : str or None
        Another name of `sort_by`.
    **options
        See the head of this module.
    """
    chosen = gallery_options("create_components_gallery", options)
    by = metric or sort_by
    if by not in _ORDERS:
        raise ConfigError(f"sort_by={by!r} is not known: choose from {', '.join(_ORDERS)}")
    limit, table = _count(num_images), open_table(work_dir, COMPONENTS)
    chosen = chosen.with_labels(table.labels)
    cards, n_total = component_cards(
        _components(table), chosen, limit=limit, descending=descending, sort_by=_ORDERS[by]
    )
    ends = ("smallest", "largest") if _ORDERS[by] == "size" else ("least similar", "most similar")
    order = f"{ends[descending]} first"
    deck = Deck("components", cards, n_total, order, (("From", table.origin),))
    return _write(deck, save_path, chosen, table)


def create_stats_gallery(
    work_dir: TableSource,
    save_path: SavePath = ".",
    num_images: int = 20,
    descending: bool | None = None,
    *,
    metric: str = "blur",
    **options: Any,
) -> Gallery:
    """Path of an HTML file that shows the blurriest, darkest, brightest, smallest, … images.

    Parameters
    ----------
    work_dir : path or data frame
        The folder of a run, its ``stats.csv``, or a data frame with the columns of that file.
    save_path : path
        Folder for ``stats-METRIC.html``, or the page itself. Later releases named the page for
        its column, ``blur.html``; it is there under that name too.
    num_images : int
        Most images to show.
    descending : bool or None
        Whether the largest values come first; None: as the metric suggests.
    metric : str
        One of `fastdup.report.METRICS`: ``blur``, ``dark``, ``bright``, ``size``, …
    **options
        See the head of this module.
    """
    chosen = gallery_options("create_stats_gallery", options)
    found = find_metric(metric)
    down = found.descending if descending is None else descending
    _count(num_images)
    table = open_table(work_dir, stats_table(found.column))
    order = f"{found.highest if down else found.lowest} first"
    name = found.column.replace("_", " ")
    file_name = f"stats-{metric}.html"
    return _show_values(table, save_path, num_images, down, chosen, name, order, file_name)


def create_values_gallery(
    values: Sequence[tuple[str, float]],
    save_path: SavePath,
    num_images: int,
    descending: bool,
    *,
    name: str,
    order: str,
    file_name: str,
    options: Mapping[str, Any],
) -> Gallery:
    """Path of an HTML file that shows images by any number that each has.

    Parameters
    ----------
    values : sequence of (path, value)
    save_path : path
        Folder for `file_name`, or the page itself.
    num_images : int
        Most images to show.
    descending : bool
        Whether the largest values come first.
    name, order : str
        What the value is, and the order in words.
    file_name : str
    options : mapping
        See the head of this module.
    """
    chosen = gallery_options("create_stats_gallery", options)
    table = Table(iter(values), f"the {name} of each image")
    return _show_values(table, save_path, num_images, descending, chosen, name, order, file_name)


def _show_values(
    table: Table,
    save_path: SavePath,
    num_images: int,
    descending: bool,
    chosen: GalleryOptions,
    name: str,
    order: str,
    file_name: str,
) -> Gallery:
    limit, chosen = _count(num_images), chosen.with_labels(table.labels)
    cards, n_total = value_cards(table.rows, chosen, name=name, limit=limit, descending=descending)
    deck = Deck("stats", cards, n_total, order, (("From", table.origin),), title=f"Images, {order}")
    return _write(deck, save_path, chosen, table, file_name)


#: What the two images of a pair are to each other.
_ROLES = {
    "duplicates": ("", ""),
    "mislabels": ("Label in doubt", "Nearest image with another label"),
    "outliers": ("Outlier", "Nearest image"),
}


def _show_pairs(
    kind: str,
    table: Table,
    save_path: SavePath,
    num_images: int,
    descending: bool,
    options: dict[str, Any],
) -> Gallery:
    chosen, limit = gallery_options(f"create_{kind}_gallery", options), _count(num_images)
    chosen = chosen.with_labels(table.labels)
    is_varied = kind == "duplicates" and descending and limit < sys.maxsize
    selection, exact = varied_pairs(table, chosen, limit) if is_varied else (None, None)
    if selection is None:
        least = chosen.threshold
        selection = select_pairs(
            (r for r in table.rows if (least is None or r[2] >= least) and chosen.wants(r[:2])),
            limit=limit,
            descending=descending,
            unordered=kind == "duplicates",
        )
    cards = pair_cards(selection, _ROLES[kind])
    order = f"{'most' if descending else 'least'} similar first"
    facts = []
    if cards:
        shown = [card.similarity for card in cards if card.similarity is not None]
        facts.append(("Similarity shown", _range(shown)))
        if len(cards) < selection.n_total:
            facts.append(("Similarity of all", _range([selection.lowest, selection.highest])))
    facts.append(("From", table.origin))
    deck = Deck(kind, cards, selection.n_total, order, tuple(facts), exact=exact)
    return _write(deck, save_path, chosen, table)


def _components(table: Table) -> Iterator[Component]:
    """Put the rows of each component together; in the file they follow one another."""
    for _, rows in groupby(sorted(table.rows, key=operator.itemgetter(1)), operator.itemgetter(1)):
        members = list(rows)
        yield Component([row[0] for row in members], *members[0][2:])


def _write(
    deck: Deck, save_path: SavePath, options: GalleryOptions, table: Table, file_name: str = ""
) -> Gallery:
    path = page_path(save_path, file_name or f"{deck.kind}.html")
    write_page(path, render(deck, page_data(deck, options, table.finding_of)))
    if path.name == file_name and (other := OTHER_PAGES.get(file_name)):
        place_again(path, path.with_name(other))
    return Gallery(path)


def _range(similarities: list[float]) -> str:
    lowest, highest = (similarity_text(f(similarities, default=0.0)) for f in (min, max))
    return lowest if lowest == highest else f"{lowest} – {highest}"


def _count(num_images: int) -> int:
    try:
        count = operator.index(num_images)
    except TypeError:
        count = -1
    if count < 0:
        raise ConfigError(
            f"num_images={num_images!r} is not allowed: give a whole number, 0 for all"
        )
    return count or sys.maxsize
