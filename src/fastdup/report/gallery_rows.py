"""Rows of file names and numbers out of a CSV file, a work folder or a data frame."""

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from fastdup.errors import ReportError, WorkDirError
from fastdup.runs import FinishedRun, tables
from fastdup.runs.stored_findings import StoredFindings, load_findings
from fastdup.workdir import WorkDir

if TYPE_CHECKING:
    from fastdup.judging.finding import Finding

Row: TypeAlias = tuple[str, str, float]
"""Two image paths as listed, and their similarity (1 = same)."""
FindingOf: TypeAlias = "Callable[[str, str], Finding | None]"
"""Two paths → what the second image is, seen from the first; None if no run looked."""


def no_finding(_first: str, _second: str) -> None:
    """Nothing is known of any two images."""


@dataclass(frozen=True, slots=True)
class RunBeside:
    """The run that wrote a table.

    Attributes
    ----------
    run : FinishedRun
    findings : StoredFindings
        What it found about pairs.
    """

    run: FinishedRun
    findings: StoredFindings

    def finding_of(self, first: str, second: str) -> "Finding | None":
        """Return what the second of two images is, seen from the first; None if it is unknown."""
        row_of = self.run.row_of
        if first not in row_of or second not in row_of:
            return None
        return self.findings.find(row_of[first], row_of[second])


class Frame(Protocol):
    """What a gallery needs of a pandas (or any other) data frame."""

    @property
    def columns(self) -> Any:
        """Names of the columns."""

    def __getitem__(self, key: Any, /) -> Any:
        """Values of one column."""


TableSource: TypeAlias = str | os.PathLike[str] | Frame


@dataclass(frozen=True, slots=True)
class TableKind:
    """Which table a gallery is made of, and which of its columns.

    Attributes
    ----------
    argument : str
        Name of the public parameter, for messages.
    schema : Schema
    names : tuple of str
        The columns: paths, then numbers.
    labels : tuple of (str, tuple of str)
        A column of paths → where a data frame may have their labels.
    """

    argument: str
    schema: tables.Schema
    names: tuple[str, ...]
    labels: tuple[tuple[str, tuple[str, ...]], ...] = (("filename", ("label",)),)

    @property
    def file_name(self) -> str:
        """Name of the file inside a work folder."""
        return os.path.basename(self.schema.path(WorkDir("")))


_LABELS_OF_PAIRS = (("from", ("label_from", "label")), ("to", ("label_to", "label2")))
SIMILARITY = TableKind(
    "similarity_file", tables.SIMILARITY, ("from", "to", "distance"), _LABELS_OF_PAIRS
)
OUTLIERS = TableKind(
    "outliers_file",
    tables.OUTLIERS,
    ("from", "to", "distance"),
    (("from", ("label_outlier", "label_from", "label")), ("to", ("label_nearest", "label_to"))),
)
COMPONENTS = TableKind(
    "work_dir",
    tables.COMPONENTS,
    ("filename", "component_id", "mean_distance", "min_distance", "max_distance"),
)


def stats_table(column: str) -> TableKind:
    """Return the kind of table that has one statistic of each image."""
    return TableKind("work_dir", tables.STATS, ("filename", column))


@dataclass(frozen=True, slots=True)
class Table:
    """Rows to read once, and where they come from.

    Attributes
    ----------
    rows : iterator of tuple
        As many paths and numbers as the kind has columns, `Row` for pairs. Raises ReportError at
        the first row that makes no sense.
    origin : str
        The file's absolute path, or "a data frame".
    beside : RunBeside or None
        The run that wrote the table; None where it is not known.
    labels : mapping of str to object
        Path → label, where a data frame has them.
    """

    rows: Iterator[Any]
    origin: str
    beside: RunBeside | None = None
    labels: Mapping[str, Any] = field(default_factory=dict)

    @property
    def finding_of(self) -> FindingOf:
        """What the run that wrote the table found about two images."""
        return self.beside.finding_of if self.beside else no_finding


def open_table(source: TableSource, kind: TableKind) -> Table:
    """Rows of `source`, which is read lazily.

    Parameters
    ----------
    source : path of a CSV file, path of a work folder, or data frame
        Of a work folder, what the last run there found.
    kind : TableKind

    Raises
    ------
    ReportError
        If there is no such file, or a data frame lacks the columns.
    """
    if isinstance(source, str | os.PathLike):
        path = _csv_path(source, kind)
        folder = os.path.expanduser(source)
        rows = _stored_rows(folder, path, kind)
        return Table(rows, str(path.absolute()), _run_beside(path, kind))
    if hasattr(source, "columns"):
        return Table(_frame_rows(source, kind), "a data frame", labels=_frame_labels(source, kind))
    raise ReportError(
        f"{kind.argument} is a {type(source).__name__}: give the path of {kind.file_name}, "
        "the work_dir that holds it, or a data frame"
    )


def _run_beside(path: Path, kind: TableKind) -> RunBeside | None:
    """Return the run that wrote the table at `path`; None if that is not known."""
    work = WorkDir(str(path.parent))
    is_judged = os.path.exists(work.verdicts)
    if path.name != kind.file_name or not (is_judged or os.path.exists(work.config)):
        return None
    try:
        run = FinishedRun(work.root)
        return RunBeside(run, load_findings(run))
    except WorkDirError as exc:
        if not is_judged:  # then the table is enough
            return None
        raise ReportError(str(exc)) from exc


def _csv_path(source: str | os.PathLike[str], kind: TableKind) -> Path:
    path = Path(os.path.expanduser(source))
    if path.is_dir():
        path = path / kind.file_name
    if not path.is_file():
        raise ReportError(
            f"there is no file {str(path)!r}: give the path of {kind.file_name} or the work_dir "
            "that holds it; fastdup.run(input_dir, work_dir) writes it"
        )
    return path


def _stored_rows(folder: str, path: Path, kind: TableKind) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a file; in the folder of a finished run, only those of that run."""
    try:
        if os.path.isdir(folder) and os.path.exists(WorkDir(folder).config):
            run = FinishedRun(folder)
            run.table_path(kind.schema)
            if kind.schema is tables.STATS:
                yield from zip(*run.stats(*kind.names, needed=True).values(), strict=True)
                return
        if _may_be_decided_on(path, kind):
            yield from zip(*FinishedRun(path.parent).columns(kind.schema, *kind.names), strict=True)
            return
        yield from kind.schema.read(str(path), *kind.names)
    except WorkDirError as exc:
        raise ReportError(str(exc)) from exc


def _may_be_decided_on(path: Path, kind: TableKind) -> bool:
    """Return whether this is the table of a run, and a person decided on its images."""
    work = WorkDir(str(path.parent))
    is_table = path.name == kind.file_name and os.path.exists(work.config)
    return is_table and os.path.lexists(work.decisions)


def _frame_rows(frame: Frame, kind: TableKind) -> Iterator[tuple[Any, ...]]:
    names = [str(name) for name in frame.columns]
    try:
        columns = [frame[names[place]] for place in kind.schema.places(names, kind.names)]
        records = zip(*columns, strict=True)
        for block in kind.schema.parse_blocks(records, kind.names, kind.names):
            yield from zip(*block, strict=True)
    except ValueError as exc:
        raise ReportError(f"the data frame makes no sense: {exc}: fix it") from exc


def _frame_labels(frame: Frame, kind: TableKind) -> dict[str, Any]:
    """Return path → label, of the paths that have one in the frame itself."""
    names = [str(name) for name in frame.columns]
    labels: dict[str, Any] = {}
    for column, places in kind.labels:
        place = next((place for place in places if place in names), None)
        known = (column, *kind.schema.also.get(column, ()))
        paths = next((name for name in known if name in names), None)
        if place is not None and paths is not None:
            rows = zip(frame[paths], frame[place], strict=True)
            # What is missing is not equal to itself.
            labels |= {os.fspath(path): label for path, label in rows if label == label}
    return {path: label for path, label in labels.items() if label is not None}
