"""Decisions that are remembered: which files are no copies of each other, which always stay."""

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial

from fastdup.actions.decision_changes import groups_of, with_decided, with_more, without
from fastdup.errors import ActionError, ConfigError, ImageError, WorkDirError
from fastdup.printable import ShownAsLines
from fastdup.runs import FinishedRun
from fastdup.runs.decided_rows import (
    StampedFile,
    decided_rows,
    digest_of_file,
    keep_digests,
    read_digest,
    stamped,
)
from fastdup.sources import Reader, ReaderOptions, UriReader, is_url
from fastdup.workdir import WorkDir
from fastdup.workdir.csv_files import write_atomically
from fastdup.workdir.decision_file import (
    KEEP,
    MOST_BYTES,
    NOT_COPIES,
    ON_ONE_FILE,
    REMOVE,
    DecidedFile,
    DecisionColumns,
    change_decisions,
    decisions_bytes,
    parse_decisions,
    read_decisions,
)

FORGET, LIST, IMPORT, EXPORT = "forget", "list", "import", "export"
#: What to do → the words for it.
DEEDS: Mapping[str, str] = {
    NOT_COPIES: "none of the files is a copy of another one of them",
    KEEP: "the files never go",
    REMOVE: "the files go when a copy of them stays",
    FORGET: "what was decided on one file, or between several",
    LIST: "list what was decided",
    IMPORT: "add the decisions of another work folder's file",
    EXPORT: "write them to a file, for another work folder",
}

Path = str | os.PathLike[str]

#: Most files that are decided on at once.
_MOST_FILES = 100_000
_ALL_FILES = ReaderOptions(include_hidden=True, include_system=True)


@dataclass(frozen=True, kw_only=True)
class DecideReport(ShownAsLines):
    """What is decided now, and what changed.

    Attributes
    ----------
    file : str
        Where the decisions are kept; for "export" the file that was written.
    decided : tuple of DecidedFile
        All that is decided now.
    n_added, n_forgotten : int
        How many decisions are new, and how many were forgotten or became smaller.
    """

    file: str
    decided: tuple[DecidedFile, ...]
    n_added: int = 0
    n_forgotten: int = 0

    def lines(self) -> Iterator[str]:
        """Yield the lines that a person reads."""
        if self.n_added:
            yield f"{self.n_added:,} new"
        if self.n_forgotten:
            yield f"{self.n_forgotten:,} forgotten"
        numbers = {(file.number, file.decision) for file in self.decided}
        counts = Counter(decision for _, decision in numbers)
        yield (
            f"decided: {counts[NOT_COPIES]:,} not copies, {counts[KEEP]:,} always kept, "
            f"{counts[REMOVE]:,} to remove: {self.file}"
        )


def decide(
    work_dir: Path, what: str, files: Path | Sequence[Path] = (), *, only: str | None = None
) -> DecideReport:
    """Remember a decision on files, and return what is decided now.

    Decisions hold for the content of files, wherever it lies, until they are forgotten. Runs,
    groups, plans, exports, galleries and the explorer go by them.

    Parameters
    ----------
    work_dir : path
        The folder of a run.
    what : {"not-copies", "keep", "remove", "forget", "list", "import", "export"}
        "not-copies": none of the files is a copy of another one of them. "keep": the files never
        go. "remove": each goes when a copy of it stays, even if it is edited or larger; it has one
        of these two. "forget": all that was decided on one file, or what was decided between
        several and on each of them by itself. "import", "export": from and to a file.
    files : path or sequence of paths
        Images; for "import" and "export" the one file to read or write.
    only : {"not-copies", "keep", "remove"} or None
        Forget only such decisions.

    Raises
    ------
    ConfigError
        When `what` or the number of files makes no sense, or the files have the same bytes.
    ActionError
        When a file cannot be read, or what is imported makes no sense.
    WorkDirError
        When the decisions are damaged or cannot be written.
    """
    given = [files] if isinstance(files, str | os.PathLike) else files
    names = [os.fspath(name) for name in given]
    _check(what, names, only)
    work = WorkDir(os.fspath(work_dir))
    if what == IMPORT:
        work.create()
    elif not os.path.isdir(work.root):
        raise WorkDirError(f"there is no folder {work.root}: run there first")
    if what == EXPORT:
        return _export(work, names[0])
    if what == LIST:
        known = read_decisions(work.decisions)
        return DecideReport(file=work.decisions, decided=tuple(known.rows()))
    run = _finished_run(work)
    with closing(run.open_reader() if run else UriReader(_ALL_FILES)) as reader:
        if what == FORGET:
            states = change_decisions(work, partial(without, _chosen(names, reader), only))
            return replace(_report(work, *states), n_added=0)  # what is left of larger ones
        if what == IMPORT:
            groups = list(groups_of(_imported(names[0])))
            states = change_decisions(work, lambda known: with_more(known, groups))
        else:
            states = decide_on(work, what, names, reader)
        if run:  # so that what has the same bytes need not be looked for by others
            keep_digests(work, decided_rows(work, run.paths, reader, decided=states[1])[1])
    return _report(work, *states)


def decide_on(
    work: WorkDir, what: str, names: Sequence[str], reader: Reader, *, is_star: bool = False
) -> tuple[DecisionColumns, DecisionColumns]:
    """Remember a decision on images; return what was decided, and what is now; see `decide`.

    With `is_star` the first is no copy of each of the others, which may be copies of each other.
    """
    contents = {file: _digest(file, reader) for file in map(partial(_stamped, reader), names)}
    if what == NOT_COPIES and len(set(contents.values())) < 2:
        raise ConfigError("the files have the same bytes: they are copies, whatever is decided")
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    rows = [
        DecidedFile(0, what, file.path, file.size_bytes, digest, now)
        for file, digest in contents.items()
    ]
    groups = [[rows[0], row] for row in rows[1:]] if is_star else [rows]

    def change(known: DecisionColumns) -> DecisionColumns:
        return with_more(known, groups) if what == NOT_COPIES else with_decided(known, rows)

    states = change_decisions(work, change)
    keep_digests(work, contents)
    return states


def _check(what: str, names: Sequence[str], only: str | None) -> None:
    if what not in DEEDS:
        raise ConfigError.not_among("what", what, DEEDS, NOT_COPIES)
    decisions = (NOT_COPIES, *ON_ONE_FILE)
    if only not in (None, *decisions):
        raise ConfigError.not_among("only", only, decisions, NOT_COPIES)
    if only and what != FORGET:
        raise ConfigError(f"only={only!r} goes with 'forget', not with {what!r}")
    least, most = {
        NOT_COPIES: (2, _MOST_FILES),
        KEEP: (1, _MOST_FILES),
        REMOVE: (1, _MOST_FILES),
        FORGET: (1, _MOST_FILES),
        LIST: (0, 0),
        IMPORT: (1, 1),
        EXPORT: (1, 1),
    }[what]
    if not least <= len(names) <= most:
        wanted = f"{least}" if least == most else f"at least {least}"
        raise ConfigError(f"{what} takes {wanted} files, not {len(names):,}")


def _finished_run(work: WorkDir) -> FinishedRun | None:
    return FinishedRun(work.root) if os.path.exists(work.config) else None


def _stamped(reader: Reader, name: str) -> StampedFile:
    path = name if is_url(name) else os.path.abspath(os.path.expanduser(name))
    return stamped(path, reader)


def _digest(file: StampedFile, reader: Reader) -> str:
    if os.path.isdir(file.path):
        raise ActionError(f"{file.path!r} is a folder: name the files in it")
    try:
        return read_digest(reader, file.path)
    except ImageError as exc:
        raise ActionError(f"cannot read {file.path!r}: {exc}") from exc


def _report(work: WorkDir, before: DecisionColumns, after: DecisionColumns) -> DecideReport:
    old, new = _sizes(before), _sizes(after)
    return DecideReport(
        file=work.decisions,
        decided=tuple(after.rows()),
        n_added=sum(key not in old for key in new),
        n_forgotten=sum(new[key] < size for key, size in old.items()),
    )


def _sizes(decided: DecisionColumns) -> Counter[tuple[int, str]]:
    """Return the number of files of each decision."""
    return Counter(zip(decided.numbers, decided.decisions, strict=True))


def _chosen(names: Sequence[str], reader: Reader) -> list[tuple[str, str]]:
    """Return path and digest of each file; an empty digest where it cannot be read any more."""
    files = [_stamped(reader, name) for name in names]
    return [(file.path, digest_of_file(reader, file)) for file in files]


def _imported(name: str) -> DecisionColumns:
    try:
        if os.path.getsize(name) > MOST_BYTES:
            raise ValueError(f"it has more than {MOST_BYTES:,} bytes")
        with open(name, "rb") as file:
            return parse_decisions(file.read(MOST_BYTES))
    except OSError as exc:
        raise ActionError(f"cannot read {name!r}: {exc.strerror}") from exc
    except ValueError as exc:
        raise ActionError(f"nothing was imported from {name!r}: {exc}") from exc


def _export(work: WorkDir, output: str) -> DecideReport:
    decided = read_decisions(work.decisions)
    data = decisions_bytes(decided)
    write_atomically(output, lambda file: file.write(data))
    return DecideReport(file=output, decided=tuple(decided.rows()))
