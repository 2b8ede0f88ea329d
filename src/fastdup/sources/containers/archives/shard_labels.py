"""What the members of a tar say of the images beside them, by the rules of WebDataset.

The members of one sample have the same name up to its first dot: ``000012.jpg``, ``000012.cls``,
``000012.json``, ``000012.txt``.
"""

import json
import sqlite3
import threading
import weakref
from collections.abc import Callable
from typing import Any, NamedTuple

from fastdup.sources.containers.archives.members import Member
from fastdup.workdir.name_codec import encode_name

#: Larger members are no labels.
MOST_BYTES = 2**16
#: Members that hold nothing but the label, by their ending; and nothing but the caption.
_LABEL_ENDINGS = ("cls", "cls.txt")
_CAPTION_ENDINGS = ("txt", "caption")
#: What labels and captions are called in a ``.json``, in the order in which they are looked for.
_LABEL_FIELDS = ("label", "cls", "class", "class_name", "category", "target")
_CAPTION_FIELDS = ("caption", "text")

_SCHEMA = """
CREATE TABLE said (
    place BLOB, sample BLOB, label TEXT, caption TEXT, PRIMARY KEY (place, sample)
) WITHOUT ROWID
"""
_ADD = """
INSERT INTO said VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE
SET label = coalesce(label, excluded.label), caption = coalesce(caption, excluded.caption)
"""


class Said(NamedTuple):
    """The label and the caption of an image; None where there is none."""

    label: str | None = None
    caption: str | None = None


class ShardLabels:
    """What was found while tars were listed; kept on disk, safe to use from several threads.

    Parameters
    ----------
    label_name : str or None
        The ending of the members, or the field of their ``.json``, with the labels; None: found.
    """

    def __init__(self, label_name: str | None = None) -> None:
        self._label_name = label_name.lower().lstrip(".") if label_name else None
        self._lock = threading.Lock()
        self._database: sqlite3.Connection | None = None
        #: Whether any image has a caption.
        self.has_captions = False

    def close(self) -> None:
        """Drop what was found."""
        with self._lock:
            if self._database:
                self._database.close()
            self._database = None

    def forget(self, path: str) -> None:
        """Drop what was found in the tar at `path`."""
        with self._lock:
            if self._database:
                self._database.execute("DELETE FROM said WHERE place = ?", (encode_name(path),))

    def note(self, path: str, member: Member, read: Callable[[int], bytes]) -> None:
        """Take up what a member of the tar at `path` says; `read` returns its first bytes."""
        sample, ending = _sample(member.name)
        size = member.stat.stamp.size_bytes if member.stat else 0
        if not 0 < size <= MOST_BYTES or not self._is_wanted(ending):
            return
        said = self._said(ending, read(size))
        if said == Said():
            return
        self.has_captions = self.has_captions or said.caption is not None
        with self._lock:
            if self._database is None:
                self._database = self._opened()
            self._database.execute(_ADD, (encode_name(path), encode_name(sample), *said))

    def find(self, path: str, name: str) -> Said:
        """Return what was found for the image called `name` in the tar at `path`."""
        sample, ending = _sample(name)
        if self._database is None or self._is_wanted(ending):
            return Said()
        query = "SELECT label, caption FROM said WHERE place = ? AND sample = ?"
        with self._lock:
            found = self._database.execute(query, (encode_name(path), encode_name(sample)))
            return Said(*(found.fetchone() or ()))

    def _is_wanted(self, ending: str) -> bool:
        known = (*_LABEL_ENDINGS, *_CAPTION_ENDINGS, "json")
        return ending in known or (ending == self._label_name and bool(ending))

    def _said(self, ending: str, data: bytes) -> Said:
        try:
            text = data.decode("utf-8-sig").strip()
        except UnicodeDecodeError:
            return Said()
        if ending == "json":
            return self._in_json(text)
        if ending == (self._label_name or ending) and ending not in _CAPTION_ENDINGS:
            return Said(label=text or None)
        if ending in _CAPTION_ENDINGS:
            is_label = ending == self._label_name
            return Said(text or None if is_label else None, text or None)
        return Said()

    def _in_json(self, text: str) -> Said:
        try:
            content = json.loads(text)
        except (ValueError, RecursionError):
            return Said()
        if not isinstance(content, dict):
            return Said()
        wanted = (self._label_name,) if self._label_name else _LABEL_FIELDS
        fields = {str(name).lower(): value for name, value in content.items()}
        return Said(_first(fields, wanted), _first(fields, _CAPTION_FIELDS))

    def _opened(self) -> sqlite3.Connection:
        # The empty name makes a private file on disk that vanishes with the connection.
        database = sqlite3.connect("", check_same_thread=False, isolation_level=None)
        weakref.finalize(self, database.close)  # for a reader that nobody closed
        database.execute(_SCHEMA)
        return database


def _sample(name: str) -> tuple[str, str]:
    """Return the name that a sample's members share, and the ending of this one in lower case."""
    folder, slash, last = name.rpartition("/")
    first, _, ending = last.partition(".")
    return folder + slash + first, ending.lower()


def _first(fields: dict[str, Any], names: tuple[str, ...]) -> str | None:
    """Return the first of these fields that is a number or a text."""
    values = (fields.get(name) for name in names)
    texts = (str(value).strip() for value in values if isinstance(value, str | int | float))
    return next(filter(None, texts), None)
