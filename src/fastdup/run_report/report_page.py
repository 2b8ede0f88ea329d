"""A finished run → one self-contained HTML page that says all that was found."""

import os
from typing import NamedTuple

from fastdup.actions.found import FoundImages
from fastdup.actions.keep import CopyChoice
from fastdup.actions.planning import make_plan
from fastdup.advice import Advice, advise
from fastdup.advice.advice_chart import chart
from fastdup.quantities import size_text
from fastdup.report.gallery_file import Gallery, SavePath
from fastdup.report.html import page_path, read_template, render_page, write_page
from fastdup.run_report.copies_found import CopiesFound
from fastdup.run_report.issues_found import IssuesFound
from fastdup.run_report.report_album import ReportAlbum
from fastdup.run_report.report_sections import CleanUp, Sections
from fastdup.run_report.sets_found import SetsFound
from fastdup.runs import FinishedRun

#: Name of the page in a work folder.
PAGE = "report.html"
#: Most pairs of each section, and most images of each issue, that are shown with pictures.
_N_PAIRS, _N_LEAKS, _N_DOUBTS, _N_WORST = 12, 4, 6, 6


class Tile(NamedTuple):
    """A number at the top of the page, what it is, and what belongs to it."""

    words: str
    number: str
    note: str = ""


def create_report(work_dir: str | os.PathLike[str], save_path: SavePath | None = None) -> Gallery:
    """Path of an HTML file that says all that a run found: numbers, charts and pictures.

    It holds its pictures and loads nothing. Only the images that it shows are read, and those of
    which a plan of copies needs to see more; none is changed.

    Parameters
    ----------
    work_dir : path
        The folder of a finished run.
    save_path : path or None
        Folder for ``report.html``, or the page itself; None: the work folder.

    Raises
    ------
    WorkDirError
        When there is no finished run, or a file of it is missing or damaged.
    ReportError
        When the page cannot be written.
    """
    run = FoundImages(os.fspath(work_dir))
    path = page_path(run.work.root if save_path is None else save_path, PAGE)
    write_page(path, _render(run))
    return Gallery(path)


def _render(run: FoundImages) -> str:
    copies, issues, album = CopiesFound(run), IssuesFound(run), ReportAlbum(run)
    sets, sections = SetsFound(run, copies.pairs), Sections(run, copies, album)
    clean_up = CleanUp.of(make_plan(run.work.root, CopyChoice())) if run.has_searched else None
    quality = issues.quality(_N_WORST)
    advice = _advice(run)
    return render_page(
        "fastdup.run_report",
        "report.html",
        read_template("fastdup.report", "gallery.css")
        + read_template("fastdup.run_report", "report.css"),
        title=f"What is in {os.path.basename(album.folder) or 'the images'}",
        work_dir=os.path.abspath(run.work.root),
        folder=album.folder,
        threshold=run.threshold,
        has_searched=run.has_searched,
        tiles=_tiles(run, copies, issues, sets, clean_up),
        copies=copies,
        clean_up=clean_up,
        pairs=sections.pairs(copies.interesting(_N_PAIRS)),
        groups=sections.groups(),
        bursts=sections.bursts(),
        advice=list(advice.sentences()) if advice else [],
        advice_chart=chart(advice) if advice else "",
        quality=sections.issues(quality),
        issues=issues,
        sets=sets,
        leaks=sections.pairs(sets.leaks.picked(slice(_N_LEAKS)), sets),
        doubts=sections.doubts(sets, _N_DOUBTS),
        charts=sections.charts(),
        relative=album.name,
    )


def _advice(run: FoundImages) -> Advice | None:
    """Return what the judged pairs say of thresholds; None where there are none."""
    if not run.has_searched or not os.path.exists(run.work.verdicts):
        return None
    advice = advise(run.work.root, k=0)  # a report searches nothing
    return advice if advice.n_judged else None


def _tiles(
    run: FinishedRun,
    copies: CopiesFound,
    issues: IssuesFound,
    sets: SetsFound,
    clean_up: CleanUp | None,
) -> list[Tile]:
    n_bytes = int(copies.sizes.sum())
    tiles = [_tile(len(run.paths), "image", size_text(n_bytes) if n_bytes else "")]
    if run.has_searched:
        n_grouped = sum(len(group.rows) for group in copies.groups)
        tiles += [
            _tile(len(copies.groups), "group", f"{n_grouped:,} images in groups of copies"),
            Tile("in exact copies", size_text(copies.exact.n_bytes), _files(copies.exact.n_copies)),
            Tile("in copies", size_text(copies.n_bytes), "all but the largest file of each group"),
        ]
    if clean_up:
        note = f"{_files(clean_up.n_files)}, at the usual settings"
        tiles.append(Tile("a clean-up would free", clean_up.size, note))
    n_bad, n_others = sum(bad.n_files for bad in issues.bad), issues.n_side_files
    side = f"and {_files(n_others)} of other kinds" if n_others else ""
    tiles.append(_tile(n_bad, "bad file", side))
    if copies.bursts:
        tiles.append(_tile(len(copies.bursts), "burst", f"{sum(map(len, copies.bursts)):,} images"))
    if sets.splits:
        tiles.append(_tile(len(sets.leaks.sources), "leak", "pairs of images in two splits"))
    if sets.labels:
        n_conflicts = len(sets.conflicts.sources)
        note = f"and {n_conflicts:,} pairs of copies with different ones"
        tiles.append(Tile("labels in doubt", f"{len(sets.in_doubt):,}", note))
    return tiles


def _tile(n: int, noun: str, note: str) -> Tile:
    return Tile(noun if n == 1 else f"{noun}s", f"{n:,}", note)


def _files(n: int) -> str:
    return "1 file" if n == 1 else f"{n:,} files"
