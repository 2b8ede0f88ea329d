"""The journal of what is done with files: written before it is done, so that it can be undone.

Each line is a JSON object and its signature; see `journal_key`. Its first key says what it is:

``clean``   a new session begins: its number
``folder``  a folder as it was before the session's first step in it, or was not there yet
``do``      the record of a file that is about to be acted on
``done``    the numbers of records carried out, and the times of their folders then
``dropped`` the numbers of records not carried out
``undo``    the number of a session about to be undone, and the folders whose times go back
``undone``  the numbers of records undone, or settled otherwise
``over``    the number of a session whose folders have their times back
"""

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any, BinaryIO, Self

from fastdup.actions.journal_key import MARK, LineSigner, key_path, own_key
from fastdup.actions.journal_record import Record
from fastdup.errors import ActionError
from fastdup.workdir.own_files import open_own

#: Longest line that is read.
_MOST_BYTES = 2**24


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
    trust : bool
        Whether lines without a signature of this user on this machine are believed, too. What is
        added to such a journal has none either.

    Attributes
    ----------
    sessions : list of Session
        All of them, the oldest first; kept up to date with what is written.

    Raises
    ------
    ActionError
        When it cannot be read or written, is damaged before its last line, or is not signed.
    """

    def __init__(self, path: str, *, trust: bool = False) -> None:
        self.path = path
        self.sessions: list[Session] = []
        self._trust = trust
        with _reported(f"cannot read or make {key_path()}, the key that signs journals"):
            self._signer: LineSigner | None = LineSigner(own_key())
        self._file = self._open()
        self.next_number = 1 + max((max(s.records, default=0) for s in self.sessions), default=0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with _reported(f"cannot write {self.path}"):  # what a full disk did not take before
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
        texts = [json.dumps(line, ensure_ascii=True).encode() for line in lines]
        if self._signer:
            texts = list(map(self._signer.signed, texts))
        data = b"".join(text + b"\n" for text in texts)
        with _reported(f"cannot write {self.path}"):
            self._file.write(data)
            self._file.flush()
            os.fsync(self._file.fileno())
        for line in lines:
            self._take(json.loads(json.dumps(line)))

    def _open(self) -> BinaryIO:
        with _reported(f"cannot read {self.path}"):
            file = open_own(self.path, "a+b")
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
            for number in count(1):
                line = file.readline(_MOST_BYTES)
                if not line.endswith(b"\n"):
                    if len(line) == _MOST_BYTES:
                        raise self._damaged(number, "it is too long")
                    break
                self._read(number, line.rstrip(b"\n"))
                whole += len(line)
            file.truncate(whole)

    def _read(self, number: int, line: bytes) -> None:
        content = self._without_signature(number, line)
        try:
            self._take(json.loads(content))
        except (ValueError, TypeError, KeyError, IndexError, AttributeError) as exc:
            raise self._damaged(number, exc) from exc
        except RecursionError as exc:
            raise self._damaged(number, "it is nested too deep") from exc

    def _without_signature(self, number: int, line: bytes) -> bytes:
        if self._signer is None:
            return line.rpartition(MARK)[0] or line
        try:
            return self._signer.checked(line)
        except ValueError as exc:
            if self._trust:
                self._signer = None
                return line.rpartition(MARK)[0] or line
            raise ActionError(
                f"{self.path}, line {number}: {exc}; nothing was touched. If you know where the "
                "journal comes from and believe what it says: --trust-journal (trust_journal=True)"
            ) from exc

    def _damaged(self, number: int, why: object) -> ActionError:
        return ActionError(
            f"{self.path}, line {number} is damaged: {why!s:.200}; put files back by hand, from "
            "what the lines before and after it say"
        )

    def _take(self, entry: dict[str, Any]) -> None:
        match entry:
            case {"clean": int()}:
                self.sessions.append(Session(len(self.sessions) + 1))
            case {"folder": str(name), "times": times}:
                self.sessions[-1].folders.setdefault(name, _times_of(times) if times else None)
            case {"do": dict(fields)}:
                record = Record(**fields)
                self.sessions[-1].records[record.number] = record
            case {"done": list(numbers), "after": dict(after), "session": int(number)}:
                session = self._session(number)
                session.done |= _numbers(numbers)
                session.after |= {name: _number(time) for name, time in after.items()}
            case {"dropped": list(numbers), "session": int(number)}:
                self._session(number).settled |= _numbers(numbers)
            case {"undo": int(number), "folders": dict(folders)}:
                undoing = {name: _times_of(times) for name, times in folders.items()}
                self._session(number).undoing = undoing
            case {"undone": list(numbers), "session": int(number)}:
                self._session(number).settled |= _numbers(numbers)
            case {"over": int(number)}:
                self._session(number).is_over = True
            case _:
                raise ValueError(f"{str(entry)[:60]!r} is not a line of a journal")

    def _session(self, number: int) -> Session:
        if not 0 < number <= len(self.sessions):
            raise ValueError(f"there is no session {number}")
        return self.sessions[number - 1]


def _number(value: object) -> int:
    if type(value) is not int or not -(2**63) <= value < 2**63:
        raise ValueError(f"{value!s:.40} is not a whole number that fits")
    return value


def _numbers(values: list[object]) -> set[int]:
    return set(map(_number, values))


def _times_of(values: Any) -> tuple[int, int]:
    accessed, changed = map(_number, values)
    return accessed, changed


@contextmanager
def _reported(failure: str) -> Iterator[None]:
    try:
        yield
    except OSError as exc:
        raise ActionError(f"{failure}: {exc.strerror}") from exc
