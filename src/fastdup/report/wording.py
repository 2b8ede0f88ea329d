"""Numbers, file names and failures in words that a person reads."""

import os
import re
import unicodedata
from collections.abc import Iterable, Iterator
from decimal import ROUND_FLOOR, Decimal
from typing import Any

from fastdup.errors import Reason

IDENTICAL_FROM = 0.99999
"""Smallest similarity that is called identical, inclusive: 1 less what six decimals lose."""

_SIMILARITY_WORDS = (
    (IDENTICAL_FROM, "identical"),
    (0.98, "almost identical"),
    (0.85, "very similar"),
    (0.6, "similar"),
    (0.3, "slightly similar"),
)
_FAILURES = {
    Reason.NOT_FOUND: "The file is gone",
    Reason.NO_ACCESS: "No permission to read it",
    Reason.TIMEOUT: "Reading took too long",
    Reason.EMPTY: "The file is empty",
    Reason.TRUNCATED: "The file is cut short",
    Reason.NOT_AN_IMAGE: "Not an image",
    Reason.SIDE_FILE: "A file of another kind, not an image",
    Reason.UNSUPPORTED: "This kind of file cannot be shown",
    Reason.TOO_LARGE: "Too large to show",
    Reason.TOO_SMALL: "Smaller than asked for",
    Reason.DECODE_ERROR: "The file is damaged",
    Reason.NO_CONTENT: "All of it is transparent",
}
# Joiners that emoji and several scripts need; harmless, unlike the marks that turn text around.
_HARMLESS_FORMAT = frozenset("\u200c\u200d")
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_SHORT_ESCAPES = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}


def similarity_word(similarity: float) -> str:
    """Return how similar two images are, in one or two words; thresholds are inclusive."""
    for lowest, word in _SIMILARITY_WORDS:
        if similarity >= lowest:
            return word
    return "not similar"


def similarity_text(similarity: float) -> str:
    """Four decimals, rounded down so that the number never contradicts its word.

    Rounded to nearest, 0.97996 would read 0.9800 and still be below "almost identical".
    """
    if IDENTICAL_FROM <= similarity < 1:
        return "1.0000"
    return str(Decimal(repr(similarity + 0.0)).quantize(Decimal("0.0001"), rounding=ROUND_FLOOR))


def taken_text(taken: str, taken_from: str) -> str:
    """Return when a picture was taken, by the local clock: 2019-07-14 12:33:01.25.

    Parameters
    ----------
    taken, taken_from : str
        As in `fastdup.metadata.Metadata`.
    """
    day, _, time = taken.partition("T")
    local = f"{day} {re.split('[+-]', time)[0]}".rstrip()
    return f"saved {local}" if taken_from == "saved" else local


def failure_text(reason: Reason) -> str:
    """Say what happened to an image that cannot be shown."""
    return _FAILURES[reason]


def split_path(path: str) -> tuple[str, str]:
    """Folder (with its last slash) and file name; together they are `path` again."""
    name = re.split(r"[/\\]" if os.sep == "\\" else "/", path)[-1]
    return path[: len(path) - len(name)], name


def shared_root(paths: Iterable[str]) -> str:
    """Return what all paths begin with, up to the folder that they share, without its name.

    Pages show folders from that name on: photos/2019/ for /home/me/photos/2019/. Empty where there
    is no such folder, and for addresses, whose first part says where they are.
    """
    found = list(paths)
    first, last = min(found, default=""), max(found, default="")
    ends = (at for at, both in enumerate(zip(first, last, strict=False)) if both[0] != both[1])
    folder, _ = split_path(first[: next(ends, len(first))])
    root, _ = split_path(folder[:-1])
    return root if len(root) > 1 and "://" not in root else ""


def pieces(text: str) -> Iterator[tuple[str, bool]]:
    r"""Split `text` into (shown, is_escape), all that is invisible or misleading escaped.

    Control characters, marks that reverse the direction of writing, and bytes that are not
    UTF-8 (which Python holds as surrogates) come out as ``\n``, ``\u202E``, ``\xNN``.
    """
    run = ""
    for character in text:
        if not _is_misleading(character):
            run += character
            continue
        if run:
            yield run, False
            run = ""
        yield _escape(character), True
    if run:
        yield run, False


def in_pieces(text: str) -> str | list[list[Any]]:
    """Return `text`; as lists [piece, is it an escape] where `pieces` escapes something."""
    found = list(pieces(text))
    if any(escaped for _, escaped in found):
        return [[piece, int(escaped)] for piece, escaped in found]
    return text


def plain(text: str) -> str:
    """`text` as `pieces` shows it, for places that hold no markup."""
    return "".join(piece for piece, _ in pieces(text))


def _is_misleading(character: str) -> bool:
    return unicodedata.category(character) in _INVISIBLE and character not in _HARMLESS_FORMAT


def _escape(character: str) -> str:
    code = ord(character)
    if character in _SHORT_ESCAPES:
        return _SHORT_ESCAPES[character]
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02X}"
    if code <= 0xFF:
        return f"\\x{code:02X}" if code < 0x80 else f"\\u{code:04X}"
    return f"\\u{code:04X}" if code <= 0xFFFF else f"\\U{code:08X}"
