"""Merges the extractions of several nodes, each of which covers a part of one listing."""

import os
from collections.abc import Iterator, Sequence
from itertools import islice, pairwise
from typing import NamedTuple

from fastdup.errors import WorkDirError
from fastdup.workdir.append_only import ListedRow, Widths, stored_rows
from fastdup.workdir.commits import Part, Signature, note_part, read_part, read_signature
from fastdup.workdir.csv_files import read_table, remove_files, write_table
from fastdup.workdir.last_run import last_run
from fastdup.workdir.paths import WorkDir
from fastdup.workdir.store import FeatureStore

#: Rows per write.
_ROWS_PER_WRITE = 1024


class _Extraction(NamedTuple):
    """A finished extraction to be merged."""

    work: WorkDir
    part: Part
    signature: Signature

    def __str__(self) -> str:
        return f"{self.work.root} ({self.part.start} to {self.part.stop})"


def merge_parts(folders: Sequence[str], out: WorkDir) -> FeatureStore:
    """Write the rows of all `folders` to `out` in listing order, and return the closed store.

    Parameters
    ----------
    folders : sequence of str
        The work folders of the parts, in any order.
    out : WorkDir
        Receives the files that one extraction over the whole listing would have written, labels
        and annotations included. Files that it holds are replaced.

    Raises
    ------
    WorkDirError
        When parts are missing, overlap, are unfinished, or differ in model or options.
    """
    parts = sorted(map(_open, folders), key=lambda extraction: extraction.part)
    _check_places(parts, out)
    _check_alike(parts)
    # A share that lies beyond the end of the listing is empty, and lacks nothing.
    parts = [each for each in parts if each.part.stop > each.part.start] or parts
    _check_whole(parts)
    _join_labels(parts, out)
    _join_annotations(parts, out)
    with FeatureStore(out, parts[0].signature) as store:
        if store.n_listed:
            store.set_aside()
        rows = (row for extraction in parts for row in _rows(extraction))
        while block := list(islice(rows, _ROWS_PER_WRITE)):
            store.append(block)
        store.finish()
    note_part(out.journal, Part(0, store.n_listed, reaches_end=True))
    return store


def _open(folder: str) -> _Extraction:
    work = _work_dir(folder)
    signature = read_signature(work.journal)
    if signature is None:
        raise WorkDirError(f"{folder} holds no extraction: run it with run_mode=1 first")
    part = read_part(work.journal)
    if part is None:
        raise WorkDirError(f"the extraction in {folder} is not finished: run it again")
    return _Extraction(work, part, signature)


def _work_dir(folder: str) -> WorkDir:
    """Return the folder's files, also if ``features_out_file`` put the features elsewhere."""
    work = WorkDir(folder)
    return work if os.path.exists(work.journal) else last_run(folder)


def _check_places(parts: Sequence[_Extraction], out: WorkDir) -> None:
    if not parts:
        raise WorkDirError("nothing to merge: name the work folders of the parts")
    for extraction in parts:
        if os.path.realpath(extraction.work.root) == os.path.realpath(out.root):
            raise WorkDirError(f"{out.root} is one of the parts: choose another folder")


def _check_alike(parts: Sequence[_Extraction]) -> None:
    first = parts[0]
    for other in parts[1:]:
        names = sorted(first.signature.keys() | other.signature.keys())
        for name in names:
            values = first.signature.get(name), other.signature.get(name)
            if values[0] != values[1]:
                raise WorkDirError(
                    f"{first.work.root} and {other.work.root} were made with different settings "
                    f"({name}: {values[0]} and {values[1]}): extract one of them again"
                )


def _check_whole(parts: Sequence[_Extraction]) -> None:
    """Check that the sorted parts cover the whole listing, each position once."""
    if parts[0].part.start:
        raise _missing(0, parts[0].part.start)
    for left, right in pairwise(parts):
        if right.part.start < left.part.stop:
            raise WorkDirError(f"{left} and {right} overlap: leave one out, or extract one again")
        if left.part.reaches_end:
            raise WorkDirError(
                f"for {left} the listing ends where {right} goes on: the images changed in "
                "between, extract both again"
            )
        if right.part.start > left.part.stop:
            raise _missing(left.part.stop, right.part.start)
    if not parts[-1].part.reaches_end:
        raise _missing(parts[-1].part.stop, None)


def _missing(start: int, stop: int | None) -> WorkDirError:
    where = f"positions {start} to {stop}" if stop else f"positions from {start} on"
    how = f"min_offset={start}" + (f" and max_offset={stop}" if stop else "")
    return WorkDirError(f"{where} of the listing are missing: extract them with {how}")


def _join_labels(parts: Sequence[_Extraction], out: WorkDir) -> None:
    """Write the labels from the data sets of all parts, in listing order.

    Only parts with captions have a column for them.
    """
    tables = _tables([extraction.work.labels for extraction in parts])
    widest = max((header for _, header, _ in tables), key=len, default=[])
    padded = (_padded(rows, len(widest)) for _, _, rows in tables)
    wide = [(path, widest, rows) for (path, _, _), rows in zip(tables, padded, strict=True)]
    _write_joined(wide, out.labels)


def _padded(rows: Iterator[Sequence[str]], n_fields: int) -> Iterator[Sequence[str]]:
    return ((*row, *[""] * (n_fields - len(row))) for row in rows)


def _join_annotations(parts: Sequence[_Extraction], out: WorkDir) -> None:
    """Write the user's annotations, each row once: every node may have been given all of them."""
    tables = _tables([extraction.work.annotations for extraction in parts])
    for path, header, _ in tables[1:]:
        if header != tables[0][1]:
            raise WorkDirError(
                f"{tables[0][0]} and {path} have different columns: run one of the parts again "
                "with the annotations of the other"
            )
    distinct = dict.fromkeys(tuple(row) for _, _, rows in tables for row in rows)
    _write_joined(
        [(path, header, iter(distinct)) for path, header, _ in tables[:1]], out.annotations
    )


#: An existing CSV file: its path, its header, and the rows after the header.
_Table = tuple[str, list[str], Iterator[Sequence[str]]]


def _tables(paths: Sequence[str]) -> list[_Table]:
    found: list[_Table] = []
    for path in filter(os.path.exists, paths):
        rows = read_table(path)
        found.append((path, next(rows, []), rows))
    return found


def _write_joined(tables: Sequence[_Table], path: str) -> None:
    """Write the rows of all tables one after the other; without tables, remove the file."""
    if tables:
        write_table(path, tables[0][1], (row for _, _, rows in tables for row in rows))
    else:
        remove_files([path])


def _rows(extraction: _Extraction) -> Iterator[ListedRow]:
    """Yield the rows of a part, in listing order."""
    n_rows = extraction.part.stop - extraction.part.start
    for row in stored_rows(extraction.work, Widths.of(extraction.signature), n_rows):
        n_rows -= 1
        yield row
    if n_rows:
        raise WorkDirError(f"{extraction} lacks {n_rows} rows: run the same command again")
