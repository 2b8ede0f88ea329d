"""Makes the files of an extraction by an earlier version those of this one.

These stored no metadata. Their rows stay valid; only ``metadata.csv`` is missing.
"""

import logging
import os
from typing import BinaryIO

from fastdup.workdir.append_only import METADATA_HEADER, NO_METADATA, AppendOnlyFiles, rows_of
from fastdup.workdir.commits import Signature, recover, signature_line
from fastdup.workdir.csv_files import csv_field, csv_line, encode_line, write_atomically

logger = logging.getLogger(__name__)


def add_metadata(files: AppendOnlyFiles, signature: Signature) -> None:
    """Give the rows of an earlier version an empty row each in ``metadata.csv``.

    Without such rows, nothing is changed. A kill at any moment leaves the files as they were.
    """
    *older, metadata = files.data_files()
    commit = recover(files.journal, older, signature)
    if commit is None:
        return

    def write_rows(file: BinaryIO) -> None:
        file.write(csv_line(METADATA_HEADER))
        for index, name in rows_of(files.names):
            file.write(encode_line(f"{index},{csv_field(name)},{NO_METADATA}"))

    def write_journal(file: BinaryIO) -> None:
        file.write(signature_line(signature))
        file.write(commit._replace(lengths=(*commit.lengths, os.path.getsize(metadata))).line())

    write_atomically(metadata, write_rows)
    write_atomically(files.journal, write_journal)
    logger.warning(
        "%d images of an earlier version have no dates and cameras in %s: "
        "a run in a new work folder reads them",
        commit.n_good,
        metadata,
    )
