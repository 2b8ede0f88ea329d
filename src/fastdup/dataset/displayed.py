"""What a notebook shows of a collection: counts, and the first groups with pictures."""

from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby, islice

from fastdup.errors import WorkDirError
from fastdup.report.wording import plain, similarity_text
from fastdup.run_report.report_album import ReportAlbum, Shown
from fastdup.runs import FinishedRun
from fastdup.runs.tables import COMPONENTS

#: Groups that are shown, and pictures of each; their longest side in pixels.
_MOST_GROUPS, _MOST_MEMBERS, _SIDE = 3, 6, 128
#: What is counted → its words, one and several.
_COUNTED = {
    "good": ("image", "images"),
    "groups": ("group of similar images", "groups of similar images"),
    "outliers": ("outlier", "outliers"),
}
_METHODS = ("report()", "vis.duplicates_gallery()", "vis.component_gallery()", "explore()")


def collection_html(work_dir: str) -> str:
    """Return what is known of the collection in a work folder, as HTML for a notebook's cell.

    Names are text, whatever they contain; what cannot be read is said in words.
    """
    where = f"<code>{_text(work_dir)}</code>"
    try:
        run = FinishedRun(work_dir)
        groups = "".join(_groups(run))
    except WorkDirError as exc:
        return f"<p>{where}: no results. {_text(str(exc))}</p>"
    counts = [*_counts(run), *_bad(run)]
    methods = " · ".join(f"<code>.{name}</code>" for name in _METHODS)
    return f"<div><p>{where}: {', '.join(counts)}</p>{groups}<p>More: {methods}</p></div>"


def _counts(run: FinishedRun) -> Iterator[str]:
    for name, words in _COUNTED.items():
        n = run.config["counts"].get(name)
        if n is not None:
            yield f"<b>{n:,}</b> {words[n != 1]}"


def _bad(run: FinishedRun) -> Iterator[str]:
    counts = run.config["counts"]
    n_bad = counts["bad"] - counts.get("side_files", 0)
    if n_bad:
        yield f"<b>{n_bad:,}</b> bad {'file' if n_bad == 1 else 'files'}"


def _groups(run: FinishedRun) -> Iterator[str]:
    """Yield the largest groups."""
    if not run.has_searched:
        return
    album = ReportAlbum(run)
    names = ("component_id", "filename", "count", "mean_distance")
    rows = zip(*run.columns(COMPONENTS, *names), strict=True)
    for _, members in islice(groupby(rows, lambda row: row[0]), _MOST_GROUPS):
        paths = list(members)
        *_, n_images, similarity = paths[0]
        shown = album.of((run.row_of[row[1]] for row in paths[:_MOST_MEMBERS]), _SIDE)
        title = f"{n_images:,} images, mean similarity {similarity_text(similarity)}"
        yield f"<p>{title}</p>{_strip(shown)}"


def _strip(images: Sequence[Shown]) -> str:
    tiles = "".join(map(_tile, images))
    return f'<div style="display:flex;flex-wrap:wrap;gap:12px">{tiles}</div>'


def _tile(image: Shown) -> str:
    name, folder = _text(image.name), _text(image.folder)
    size = f"max-width:{_SIDE}px;max-height:{_SIDE}px"
    picture = f'<img src="{image.source}" alt="{name}" style="{size}">'
    if not image.source:
        picture = f"<em>{_text(image.facts)}</em>"
    return (
        f'<figure style="margin:0;width:{_SIDE}px;overflow-wrap:anywhere;font-size:0.8em">'
        f'{picture}<figcaption title="{folder}{name}">{name}</figcaption></figure>'
    )


def _text(text: str) -> str:
    return escape(plain(text))
