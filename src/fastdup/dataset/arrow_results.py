"""The tables of a work folder as Arrow's, which polars, DuckDB and others take as they are."""

from typing import TYPE_CHECKING

from fastdup.actions.export import copy_batches
from fastdup.actions.offers import COPIES
from fastdup.dataset.opened_folder import OpenedFolder
from fastdup.runs.arrow_tables import open_batches

if TYPE_CHECKING:
    import pyarrow as pa


class ArrowResults(OpenedFolder):
    """The results as tables of Arrow, with the columns of the files in the work folder."""

    def to_arrow(self, table: str) -> "pa.Table":
        """Return a table of results in memory; ``polars.DataFrame`` and pandas take it as it is.

        Parameters
        ----------
        table : str
            As for `fastdup.export`, such as "similarity", "stats" or "features".

        Returns
        -------
        table
            The columns of the file in the work folder; those of "features" are ``filename`` and
            ``embedding``, a list of d float32 values.

        Raises
        ------
        ConfigError
            When there is no such table.
        MissingExtraError
            When PyArrow is not installed.
        WorkDirError
            When there is no finished run, or the table is missing or damaged.
        """
        return self.arrow_batches(table).read_all()

    def arrow_batches(self, table: str) -> "pa.RecordBatchReader":
        """Return the same as batches of up to 65,536 rows, read when they are asked for.

        Parameters
        ----------
        table : str
            As for `to_arrow`.
        """
        if table == COPIES:
            return copy_batches(self._work_dir)
        return open_batches(self._run, table)
