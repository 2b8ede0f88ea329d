"""Lists of images that the page offers as files for other tools."""

from collections.abc import Callable, Sequence

from fastdup.actions.offers import TAG_FORMATS
from fastdup.actions.tagged_export import TaggedImage, tagged
from fastdup.errors import ConfigError
from fastdup.explorer.collection import Collection
from fastdup.explorer.data_sets import DataSets
from fastdup.explorer.issues import Issues
from fastdup.explorer.params import Params

#: List → the tag that its images have beside their own.
_TAGS = {
    "chosen": "",
    "decided": "",
    "images": "",
    "issue": "",
    "leaks": "leak",
    "conflicts": "label-conflict",
    "mislabels": "label-in-doubt",
}


class Exports:
    """Writes lists of images.

    Parameters
    ----------
    collection : Collection
    issues : Issues
    data_sets : DataSets
    decision_of : callable
        Row → "keep", "remove" or "".
    """

    def __init__(
        self,
        collection: Collection,
        issues: Issues,
        data_sets: DataSets,
        decision_of: Callable[[int], str],
    ) -> None:
        self._collection, self._issues, self._data_sets = collection, issues, data_sets
        self._decision_of = decision_of

    def file(self, params: Params) -> bytes:
        """Return the images of a list, with their tags, as a file.

        Parameters
        ----------
        params : Params
            ``of``: "chosen", those with the numbers ``rows``; "decided", those that a person keeps
            or removes; "issue", "leaks", "conflicts", "mislabels", "images": of the list by that
            name, with what narrows it. ``format``: one of `TAG_FORMATS`.

        Raises
        ------
        ConfigError
            When there is no such list or format.
        """
        of = params.text("of")
        if of not in _TAGS:
            raise ConfigError.not_among("of", of, _TAGS, "decided")
        form = params.text("format", "csv")
        if form not in TAG_FORMATS:
            raise ConfigError.not_among("format", form, TAG_FORMATS, "csv")
        return tagged([self._tagged(row, _TAGS[of]) for row in self._rows(of, params)], form)

    def _rows(self, of: str, params: Params) -> Sequence[int]:
        if of == "chosen":
            return list(dict.fromkeys(params.rows("rows")))
        if of == "issue":
            rows: list[int] = self._issues.rows(params).tolist()
            return rows
        if of == "decided":
            return list(filter(self._decision_of, range(self._collection.n_images)))
        return self._data_sets.rows(of, params)

    def _tagged(self, row: int, tag: str) -> TaggedImage:
        stats, classes = self._collection.stats, self._data_sets.classes
        issue = self._issues.name_of(row)
        tags = (self._decision_of(row), tag, f"issue:{issue}" if issue else "")
        return TaggedImage(
            path=self._collection.paths[row],
            tags=tuple(filter(None, tags)),
            label=classes.labels.of_row(row),
            split=classes.splits.of_row(row),
            width=int(stats["width"][row]) if stats else 0,
            height=int(stats["height"][row]) if stats else 0,
        )
