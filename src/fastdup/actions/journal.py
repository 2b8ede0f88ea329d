"""The journal of what is done with files: written before it is done, so that it can be undone.

Each line is a JSON object; its first key says what it is:

``clean``   a new session begins: its number
``folder``  a folder as it was before the session's first step in it, or was not there yet
``do``      the record of a file that is about to be acted on
``done``    the numbers of records carried out, and the times of their folders then
``dropped`` the numbers of records not carried out
``undo``    the number of a session about to be undone, and the folders whose times go back
``undone``  the numbers of records undone, or settled otherwise
``over``    the number of a session whose folders have their times back
"""

import dataclasses
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Self

from fastdup.errors import ActionError


@dataclass(frozen=True, kw_only=True)
class Record:
    """A file that is acted on: all that is needed to find it again and put it back.

    Attributes
    ----------
    number : int
        Counts all records of the journal.
    action : str
        What is done with it.
    path, kept, to : str
        The file, the copy that stays, where the file goes (empty when nowhere).
    info, shown_path : str
        The desktop trash's note of where the file came from, if any, and the path in that note.
    size_bytes, mtime_ns, atime_ns, mode, owner, group, device, inode : int
        Its state before.
    digest : str
        Of its bytes, when a link takes its place.
    xattrs : mapping of str to str
        Its extended attributes, in base 64, when a link takes its place.
    """

    number: int
    action: str
    path: str
    kept: str
    to: str = ""
    info: str = ""
    shown_path: str = ""
    size_bytes: int
    mtime_ns: int
    atime_ns: int
    mode: int
    owner: int
    group: int
    device: int
    inode: int
    digest: str = ""
    xattrs: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the fields that are not empty."""
        return {name: value for name, value in dataclasses.asdict(self).items() if value != ""}


@dataclass
class Session:
    """One clean-up, as the journal has it.

    Attributes
    ----------
    number : int
    records : dict of int to Record
        In the order in which they were written.
    done, settled : set of int
        Records carried out, and those with nothing left to undo: dropped or undone.
    folders : dict of str to (int, int) or None
        Times of access and change of each folder before the first step; None: it was not there.
    after : dict of str to int
        Time of change of each folder after the last step that ended.
    undoing : dict of str to (int, int) or None
        Folders whose times go back, once undoing has begun.
    is_over : bool
        Whether they have gone back.
    """

    number: int
    records: dict[int, Record] = field(default_factory=dict)
    done: set[int] = field(default_factory=set)
    settled: set[int] = field(default_factory=set)
    folders: dict[str, tuple[int, int] | None] = field(default_factory=dict)
    after: dict[str, int] = field(default_factory=dict)
    undoing: dict[str, tuple[int, int]] | None = None
    is_over: bool = False

    def pending(self) -> list[Record]:
        """Return the records of which it is not known whether they were carried out."""
        return [r for n, r in self.records.items() if n not in self.done | self.settled]

    def to_undo(self) -> list[Record]:
        """Return the records that are not settled, the last one first."""
        return [r for n, r in reversed(self.records.items()) if n not in self.settled]


class Journal:
    """The journal of a work folder, read whole and open for appending; a context manager.

    Parameters
    ----------
    path : str
        The file, made if missing. A torn last line, which a kill leaves, is cut off.

    Attributes
    ----------
    sessions : list of Session
        All of them, the oldest first; kept up to date with what is written.

    Raises
    ------
    ActionError
        When it cannot be read or written, or is damaged before its last line.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.sessions: list[Session] = []
        self._file = self._open()
        self.next_number = 1 + max((max(s.records, default=0) for s in self.sessions), default=0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def begin(self) -> Session:
        """Begin a new session."""
        self._write([{"clean": len(self.sessions) + 1}])
        return self.sessions[-1]

    def intend(
        self, folders: Mapping[str, tuple[int, int] | None], records: Iterable[Record]
    ) -> None:
        """Write, to the disk itself, what is about to be done in the last session."""
        lines: list[dict[str, Any]] = [
            {"folder": name, "times": times} for name, times in folders.items()
        ]
        self._write([*lines, *({"do": record.to_json()} for record in records)])

    def note_done(
        self, session: Session, numbers: Sequence[int], after: Mapping[str, int] | None = None
    ) -> None:
        """Write which records of a session were carried out, and their folders' times then."""
        if numbers or after:
            self._write(
                [{"done": list(numbers), "after": dict(after or {}), "session": session.number}]
            )

    def note_dropped(self, session: Session, numbers: Sequence[int]) -> None:
        """Write which records of a session were not carried out."""
        if numbers:
            self._write([{"dropped": list(numbers), "session": session.number}])

    def begin_undo(self, session: Session, folders: Mapping[str, tuple[int, int]]) -> None:
        """Write that a session is about to be undone."""
        self._write([{"undo": session.number, "folders": dict(folders)}])

    def note_undone(self, session: Session, numbers: Sequence[int]) -> None:
        """Write which records of a session need no undoing any more."""
        if numbers:
            self._write([{"undone": list(numbers), "session": session.number}])

    def note_over(self, session: Session) -> None:
        """Write that the folders of a session have their times back."""
        self._write([{"over": session.number}])

    def _write(self, lines: Sequence[Mapping[str, Any]]) -> None:
        # ASCII, so that names that are no valid UTF-8 still make valid JSON.
        data = b"".join(json.dumps(line, ensure_ascii=True).encode() + b"\n" for line in lines)
        with _reported(f"cannot write {self.path}"):
            self._file.write(data)
            self._file.flush()
            os.fsync(self._file.fileno())
        for line in lines:
            self._take(json.loads(json.dumps(line)))

    def _open(self) -> BinaryIO:
        with _reported(f"cannot read {self.path}"):
            file = open(self.path, "a+b")  # noqa: SIM115 — closed by __exit__
        try:
            self._read_all(file)
        except BaseException:
            file.close()
            raise
        return file

    def _read_all(self, file: BinaryIO) -> None:
        with _reported(f"cannot read {self.path}"):
            file.seek(0)
            whole = 0
            for number, line in enumerate(file, 1):
                if not line.endswith(b"\n"):
                    break
                self._read(number, line)
                whole += len(line)
            file.truncate(whole)

    def _read(self, number: int, line: bytes) -> None:
        try:
            self._take(json.loads(line))
        except (ValueError, TypeError, KeyError, IndexError) as exc:
            raise ActionError(
                f"{self.path}, line {number} is damaged: {exc}; put files back by hand, from "
                "what the lines before and after it say"
            ) from exc

    def _take(self, entry: dict[str, Any]) -> None:
        match entry:
            case {"clean": number}:
                self.sessions.append(Session(number))
            case {"folder": name, "times": times}:
                self.sessions[-1].folders.setdefault(name, tuple(times) if times else None)
            case {"do": fields}:
                record = Record(**fields)
                self.sessions[-1].records[record.number] = record
            case {"done": numbers, "after": after, "session": number}:
                self.sessions[number - 1].done |= set(numbers)
                self.sessions[number - 1].after |= after
            case {"dropped": numbers, "session": number}:
                self.sessions[number - 1].settled |= set(numbers)
            case {"undo": number, "folders": folders}:
                undoing = {name: tuple(times) for name, times in folders.items()}
                self.sessions[number - 1].undoing = undoing
            case {"undone": numbers, "session": number}:
                self.sessions[number - 1].settled |= set(numbers)
            case {"over": number}:
                self.sessions[number - 1].is_over = True
            case _:
                raise ValueError(f"{str(entry)[:60]!r} is no line of a journal")


@contextmanager
def _reported(failure: str) -> Iterator[None]:
    try:
        yield
    except OSError as exc:
        raise ActionError(f"{failure}: {exc.strerror}") from exc
