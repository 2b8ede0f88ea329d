"""What a gallery shows, whatever its kind: cards of images, in an order."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from heapq import nsmallest

from fastdup.report.gallery_options import BY_SCORE, GalleryOptions
from fastdup.report.gallery_rows import Row
from fastdup.report.selection import ExactCopies, Selection


@dataclass(frozen=True, slots=True)
class Member:
    """One image of a card.

    Attributes
    ----------
    path : str
        As listed.
    role : str
        What it is to the others, "" when all are alike.
    similarity : float or None
        To the first image of the card.
    """

    path: str
    role: str = ""
    similarity: float | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """Images shown together.

    Attributes
    ----------
    members : tuple of Member
        The first is what the others are compared with.
    similarity : float or None
        Of the card as a whole.
    facts : tuple of str
        What else there is to know of it.
    n_more : int
        Images left out.
    values : mapping of str to float
        What the page can sort by.
    """

    members: tuple[Member, ...]
    similarity: float | None = None
    facts: tuple[str, ...] = ()
    n_more: int = 0
    values: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Deck:
    """The cards of one gallery, and the facts about them as a whole.

    Attributes
    ----------
    kind : str
        Such as "duplicates".
    cards : tuple of Card
        In the order asked for.
    n_total : int
        How many there are in all.
    order : str
        The order in words: "most similar first".
    facts : tuple of (str, str)
        Terms and their values, for the top of the page.
    title : str
        Of the page; "": that of the kind.
    exact : ExactCopies or None
        Exact copies that are listed and not shown.
    """

    kind: str
    cards: tuple[Card, ...]
    n_total: int
    order: str
    facts: tuple[tuple[str, str], ...]
    title: str = ""
    exact: ExactCopies | None = None


def pair_cards(selection: Selection, roles: tuple[str, str] = ("", "")) -> tuple[Card, ...]:
    """Return a card for each pair."""
    return tuple(
        Card(
            (Member(first, roles[0]), Member(second, roles[1], similarity)),
            similarity,
            values={"similarity": similarity},
        )
        for first, second, similarity in selection.pairs
    )


def neighbour_cards(
    rows: Iterable[Row], options: GalleryOptions, *, limit: int, descending: bool
) -> tuple[tuple[Card, ...], int]:
    """Return a card for each image with its neighbours, and how many such images there are.

    Parameters
    ----------
    rows : iterable of Row
        Image, neighbour, similarity.
    options : GalleryOptions
        Which to show, and how many neighbours of each.
    limit : int
        Most cards.
    descending : bool
        Whether those with the most similar neighbours come first. Where the options ask for the
        order by label, those with the fewest neighbours of their own label do.
    """
    neighbours: dict[str, list[tuple[float, str]]] = {}
    for first, second, similarity in rows:
        neighbours.setdefault(first, []).append((similarity, second))
    fewest = options.min_items or 1
    wanted = {
        path: sorted(near, key=lambda item: -item[0])
        for path, near in neighbours.items()
        if len(near) >= fewest and options.wants([path, *(other for _, other in near)])
    }
    sign = -1 if descending else 1
    by_score = isinstance(options.slice, str) and options.slice == BY_SCORE

    def key(item: tuple[str, list[tuple[float, str]]]) -> float:
        path, near = item
        score = options.score(path, [other for _, other in near]) if by_score else None
        return sign * near[0][0] if score is None else score - 1000

    chosen = nsmallest(limit, wanted.items(), key=key)
    return tuple(_neighbour_card(path, near, options) for path, near in chosen), len(wanted)


def _neighbour_card(path: str, near: list[tuple[float, str]], options: GalleryOptions) -> Card:
    most = options.max_items or DEFAULT_MAX_ITEMS
    shown = tuple(Member(other, "", similarity) for similarity, other in near[:most])
    count = len(near)
    facts = [f"{count} neighbour{'s' if count > 1 else ''}"]
    score = options.score(path, [other for _, other in near])
    if score is not None:
        facts.append(f"{score:.0f} % with the same label")
    return Card(
        (Member(path, "Image"), *shown),
        near[0][0],
        tuple(facts),
        n_more=count - len(shown),
        values={"similarity": near[0][0], "images": count},
    )


@dataclass(frozen=True, slots=True)
class Component:
    """A connected component: its files, and the similarities of its pairs."""

    files: Sequence[str]
    mean: float
    lowest: float
    highest: float

    def value(self, sort_by: str) -> float:
        """Return what it is sorted by: its size, mean, min or max."""
        if sort_by == "size":
            return len(self.files)
        return {"mean": self.mean, "min": self.lowest, "max": self.highest}[sort_by]


def component_cards(
    components: Iterable[Component],
    options: GalleryOptions,
    *,
    limit: int,
    descending: bool,
    sort_by: str,
) -> tuple[tuple[Card, ...], int]:
    """Return a card for each component, and how many components there are to show.

    Parameters
    ----------
    components : iterable of Component
    options : GalleryOptions
        Which to show, and how many images of each.
    limit : int
        Most cards.
    descending : bool
        Whether the largest value comes first.
    sort_by : {"size", "mean", "min", "max"}
    """
    wanted = [component for component in components if _is_wanted(component, options)]
    sign = -1 if descending else 1
    first = nsmallest(limit, wanted, key=lambda component: sign * component.value(sort_by))
    return tuple(_component_card(component, options) for component in first), len(wanted)


def _is_wanted(component: Component, options: GalleryOptions) -> bool:
    return (
        len(component.files) >= (options.min_items or 1)
        and (options.threshold is None or component.mean >= options.threshold)
        and options.wants(component.files)
    )


def _component_card(component: Component, options: GalleryOptions) -> Card:
    n_images = len(component.files)
    shown = component.files[: options.max_items or DEFAULT_MAX_ITEMS]
    return Card(
        tuple(map(Member, shown)),
        component.mean,
        (f"{n_images:,} images",),
        n_more=n_images - len(shown),
        values={"similarity": component.mean, "images": n_images},
    )


def value_cards(
    values: Iterable[tuple[str, float]],
    options: GalleryOptions,
    *,
    name: str,
    limit: int,
    descending: bool,
) -> tuple[tuple[Card, ...], int]:
    """Return a card for each image that has one of the first values, and how many there are.

    Parameters
    ----------
    values : iterable of (path, value)
    options : GalleryOptions
        Which to show.
    name : str
        What the value is.
    limit : int
        Most cards.
    descending : bool
        Whether the largest value comes first.
    """
    seen = 0

    def wanted() -> Iterator[tuple[str, float]]:
        nonlocal seen
        for path, value in values:
            if options.wants([path]):
                seen += 1
                yield path, value

    sign = -1 if descending else 1
    first = nsmallest(limit, wanted(), key=lambda item: sign * item[1])
    cards = (
        Card((Member(path),), facts=(f"{name} {_number(value)}",), values={"value": value})
        for path, value in first
    )
    return tuple(cards), seen


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:,.2f}"


#: Most images shown of one component or neighbourhood, unless max_items is given.
DEFAULT_MAX_ITEMS = 24
