"""A deck of cards → all that its page holds: facts of images and cards as JSON, and pictures."""

import base64
import os
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from threadpoolctl import threadpool_limits

from fastdup.config.machine import available_cores
from fastdup.quantities import size_text
from fastdup.report.cards import Card, Deck
from fastdup.report.differences import Seen, describe_difference
from fastdup.report.gallery_options import GalleryOptions
from fastdup.report.gallery_rows import FindingOf, no_finding
from fastdup.report.thumbnails import Failure, Picture, look_at
from fastdup.report.wording import (
    failure_text,
    in_pieces,
    shared_root,
    similarity_text,
    similarity_word,
    split_path,
)

#: Most pictures of a page → longest side of each, so that pages stay small enough to open.
_SIDES = ((64, 512), (400, 360), (2000, 240))
_LEAST_SIDE = 160
#: Cards whose pictures are made together, and pictures kept to be compared again.
_CARDS_AT_ONCE = 32
_KEPT_PICTURES = 128


@dataclass(frozen=True, slots=True)
class PageData:
    """What a page holds.

    Attributes
    ----------
    facts : dict
        Of JSON values: ``folders``, ``images``, ``cards``.
    pictures : list of str
        Of each image the thumbnail, a JPEG in base64; "" when it cannot be shown.
    """

    facts: dict[str, Any]
    pictures: list[str]


def page_data(deck: Deck, options: GalleryOptions, finding_of: FindingOf = no_finding) -> PageData:
    """Read the images of `deck`, compare those shown together, and return what to show.

    Parameters
    ----------
    deck : Deck
    options : GalleryOptions
    finding_of : callable
        Two paths → what a run found about them, None if it did not look.
    """
    paths = list(dict.fromkeys(member.path for card in deck.cards for member in card.members))
    number_of = {path: number for number, path in enumerate(paths)}
    side = options.max_width or thumbnail_side(len(paths))
    cards: list[dict[str, Any]] = []
    n_threads = available_cores()
    # The pool has all cores: matrix products on several threads would only wait for each other.
    with threadpool_limits(limits=1, user_api="blas"), ThreadPoolExecutor(n_threads) as pool:
        album = _Album(pool, side, to_compare=options.differences)
        for some in _parts(deck.cards, _CARDS_AT_ONCE):
            album.open({member.path for card in some for member in card.members})
            compared = pool.map(lambda card: _differences(card, album, finding_of), some)
            for card, differences in zip(some, compared, strict=True):
                if deck.kind == "outliers":  # that they are only alike goes without saying
                    differences = [found if "t" in found else {} for found in differences]
                cards.append(_card(card, differences, number_of))
    folders = {folder: number for number, folder in enumerate(dict.fromkeys(map(_folder, paths)))}
    images = [_image(path, album.pictures[path], folders, options) for path in paths]
    reached = {_folder(path) for path in paths if isinstance(album.pictures[path], Picture)}
    facts = {
        "root": shared_root(folders),
        "folders": [
            {"name": in_pieces(f), "uri": _address(f) if f in reached else ""} for f in folders
        ],
        "images": images,
        "cards": cards,
    }
    return PageData(facts, [_base64(album.pictures[path]) for path in paths])


def thumbnail_side(n_pictures: int) -> int:
    """Return the longest side, in pixels, that each of so many pictures gets."""
    return next((side for most, side in _SIDES if n_pictures <= most), _LEAST_SIDE)


class _Album:
    """The images of a page: thumbnails of all, and the last few large enough to be compared."""

    def __init__(self, pool: ThreadPoolExecutor, side: int, *, to_compare: bool) -> None:
        self.pictures: dict[str, Picture | Failure] = {}
        self.to_compare = to_compare
        self._large: OrderedDict[str, Seen] = OrderedDict()
        self._pool = pool
        self._side = side

    def open(self, paths: Iterable[str]) -> None:
        """Have all of `paths` ready to be compared."""
        wanted = dict.fromkeys(paths)
        for path in wanted.keys() & self._large.keys():
            self._large.move_to_end(path)
        missing = sorted(wanted.keys() - self._large.keys())
        for path, seen in zip(missing, self._pool.map(self._look, missing), strict=True):
            self.pictures.setdefault(path, seen.facts)
            self._large[path] = seen
        while len(self._large) > max(_KEPT_PICTURES, len(wanted)):
            self._large.popitem(last=False)

    def seen(self, path: str) -> Seen:
        """Return what there is to be compared of an image."""
        return self._large[path]

    def _look(self, path: str) -> Seen:
        look = look_at(path, self._side, to_compare=self.to_compare)
        return Seen.of(look) if self.to_compare else Seen(look[0], None)


def _differences(card: Card, album: _Album, finding_of: FindingOf) -> list[dict[str, Any]]:
    """Return for each image of a card how it differs from the first."""
    if not album.to_compare:
        return [{} for _ in card.members]
    paths = [member.path for member in card.members]
    first = album.seen(paths[0])
    others = (
        describe_difference(first, album.seen(path), finding_of(paths[0], path))
        for path in paths[1:]
    )
    return [{}, *others]


def _card(
    card: Card, differences: list[dict[str, Any]], number_of: dict[str, int]
) -> dict[str, Any]:
    members = []
    for member, difference in zip(card.members, differences, strict=True):
        shown: dict[str, Any] = {"i": number_of[member.path]}
        if member.role:
            shown["role"] = member.role
        if member.similarity is not None:
            shown["s"] = similarity_text(member.similarity)
        members.append(shown | difference)
    shown_card: dict[str, Any] = {"m": members, "v": card.values}
    if card.similarity is not None:
        shown_card["s"] = similarity_text(card.similarity)
        shown_card["word"] = similarity_word(card.similarity)
    if card.facts:
        shown_card["facts"] = card.facts
    if card.n_more:
        shown_card["more"] = card.n_more
    return shown_card


def _folder(path: str) -> str:
    return split_path(path)[0]


def _address(folder: str) -> str:
    """Return what the addresses of a folder's files begin with."""
    return Path(folder or ".").absolute().as_uri().rstrip("/") + "/"


def _base64(picture: Picture | Failure) -> str:
    return base64.b64encode(picture.jpeg).decode() if isinstance(picture, Picture) else ""


def _image(
    path: str, picture: Picture | Failure, folders: dict[str, int], options: GalleryOptions
) -> dict[str, Any]:
    folder, name = split_path(path)
    image: dict[str, Any] = {
        "name": in_pieces(options.shown_name(path, name)),
        "dir": folders[folder],
    }
    for key, text in (("label", options.label(path)), ("extra", options.extra(path))):
        if text is not None:
            image[key] = in_pieces(text)
    if isinstance(picture, Failure):
        return image | {"why": failure_text(picture.reason), "detail": in_pieces(picture.detail)}
    for key, text in (("taken", picture.taken), ("camera", picture.camera)):
        if text:
            image[key] = in_pieces(text)
    return image | {
        "w": picture.width,
        "h": picture.height,
        "bytes": picture.n_bytes,
        "size": size_text(picture.n_bytes),
        "format": picture.format_name,
        "uri": quote(os.fsencode(name)),
        "tw": picture.thumbnail_width,
        "th": picture.thumbnail_height,
    }


def _parts(cards: tuple[Card, ...], size: int) -> Iterator[tuple[Card, ...]]:
    for start in range(0, len(cards), size):
        yield cards[start : start + size]
