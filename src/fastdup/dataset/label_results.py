"""What the labels of a collection are worth, as data frames."""

from typing import TYPE_CHECKING

from fastdup.actions.label_issues import Mislabel, confused, mislabelled
from fastdup.analysis.mislabels import N_ASKED
from fastdup.dataset.labels import LABEL
from fastdup.dataset.opened_folder import OpenedFolder

if TYPE_CHECKING:
    import pandas as pd


class LabelResults(OpenedFolder):
    """The labels in doubt, and those that are confused."""

    def mislabels(
        self,
        k: int = N_ASKED,
        least_share: float = 0.5,
        label_col: str = LABEL,
        only_sure: bool = True,
    ) -> "pd.DataFrame":
        """Return the images whose label is in doubt, the surest first.

        Copies with different labels come first: one of these labels is wrong. Then come images
        among neighbours of another label, by how much more of their weight is for it than for the
        image's own.

        Parameters
        ----------
        k : int
            Neighbours that are asked, however near. Near ones weigh more, and several copies of a
            picture count once.
        least_share : float
            How much of the neighbours' weight must be for one other label, 0 to 1, exclusive.
        label_col : str
            Which column of the annotations holds the labels.
        only_sure : bool
            Whether that label must have 8 times the weight of the image's own, too. If not, all
            images with a neighbour of another label are returned, to be read from the top.

        Returns
        -------
        data frame
            ``filename, label, suggested, score, nearest, distance``: the image, its label, the one
            that its neighbours suggest, the share of their weight for it (1 where a copy has it),
            the nearest image with that label, and the similarity to it.

        Raises
        ------
        ConfigError
            When no image has a label, or an option is out of range.
        """
        self._require_pandas()
        rows = mislabelled(
            self._run,
            self._annotations.labels(label_col),
            k=k,
            least_share=least_share,
            only_sure=only_sure,
        )
        frame: pd.DataFrame = self._frames.frame_of(rows, Mislabel._fields)
        return frame

    def confused_labels(self, k: int = N_ASKED, label_col: str = LABEL) -> "pd.DataFrame":
        """Return the pairs of labels that are confused, those of most images first.

        Parameters
        ----------
        k, label_col
            As for `mislabels`.

        Returns
        -------
        data frame
            ``label, suggested, count, share``: so many images with this label, and which share of
            all of them, have neighbours that suggest the other one.

        Raises
        ------
        ConfigError
            When no image has a label, or `k` is out of range.
        """
        self._require_pandas()
        rows = confused(self._run, self._annotations.labels(label_col), k=k)
        frame: pd.DataFrame = self._frames.frame_of(rows, ("label", "suggested", "count", "share"))
        return frame.astype({"count": int, "share": float})
