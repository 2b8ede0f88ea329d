"""What each kind of gallery is called, and how its cards are laid out."""

from typing import NamedTuple


class Kind(NamedTuple):
    """The words and the layout of a kind of gallery.

    Attributes
    ----------
    title : str
        Of the page.
    noun, nouns : str
        What a card is, and several of them.
    layout : {"pair", "lone", "row", "single"}
        How the images of a card stand.
    sorts : tuple of (str, str)
        What the page can sort by, the value and its words; a leading "-": largest first.
    nothing : str
        Heading when there is nothing to show.
    advice : str
        What to do then.
    """

    title: str
    noun: str
    nouns: str
    layout: str
    sorts: tuple[tuple[str, str], ...]
    nothing: str
    advice: str


_BY_SIMILARITY = (("-similarity", "Most similar first"), ("similarity", "Least similar first"))
_BY_NUMBER = (("-images", "Most images first"), ("images", "Fewest images first"))
_LOWER = "Run again with a lower threshold to see images that are less similar."

KINDS = {
    "duplicates": Kind(
        "Similar images", "pair", "pairs", "pair", _BY_SIMILARITY, "No similar images", _LOWER
    ),
    "outliers": Kind(
        "Outliers",
        "outlier",
        "outliers",
        "lone",
        _BY_SIMILARITY,
        "No outliers",
        "No image stands apart from the others. Run again with outlier_percentile=0.05 to see the "
        "5 % that stand apart most.",
    ),
    "mislabels": Kind(
        "Labels in doubt",
        "image",
        "images",
        "pair",
        _BY_SIMILARITY,
        "No labels in doubt",
        "No image has copies, or mostly neighbours, with another label.",
    ),
    "similarity": Kind(
        "Images and their neighbours",
        "image",
        "images",
        "row",
        _BY_SIMILARITY + _BY_NUMBER,
        "No similar images",
        _LOWER,
    ),
    "components": Kind(
        "Groups of similar images",
        "group",
        "groups",
        "row",
        _BY_NUMBER + _BY_SIMILARITY,
        "No groups",
        _LOWER,
    ),
    "stats": Kind(
        "Images by a statistic",
        "image",
        "images",
        "single",
        (("-value", "Largest value first"), ("value", "Smallest value first")),
        "No images",
        "There are no statistics: run with run_mode=0 or 1 first.",
    ),
}
