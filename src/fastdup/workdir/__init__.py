"""The files of a work folder: names, formats, reading, writing, recovery after a crash."""

from fastdup.workdir.append_only import BadRow, GoodRow, ListedRow, stored_rows
from fastdup.workdir.commits import Part, Signature, note_part, read_signature
from fastdup.workdir.csv_files import (
    csv_line,
    read_table,
    remove_files,
    write_atomically,
    write_table,
)
from fastdup.workdir.features import (
    copy_bad_list,
    count_bad,
    load_binary_feature,
    save_binary_feature,
    store_features,
)
from fastdup.workdir.last_run import last_run, read_config
from fastdup.workdir.lock import exclusive
from fastdup.workdir.merge_parts import merge_parts
from fastdup.workdir.name_codec import decode_name, encode_name
from fastdup.workdir.paths import WorkDir
from fastdup.workdir.previous import PreviousRows
from fastdup.workdir.store import FeatureStore

__all__ = [
    "BadRow",
    "FeatureStore",
    "GoodRow",
    "ListedRow",
    "Part",
    "PreviousRows",
    "Signature",
    "WorkDir",
    "copy_bad_list",
    "count_bad",
    "csv_line",
    "decode_name",
    "encode_name",
    "exclusive",
    "last_run",
    "load_binary_feature",
    "merge_parts",
    "note_part",
    "read_config",
    "read_signature",
    "read_table",
    "remove_files",
    "save_binary_feature",
    "store_features",
    "stored_rows",
    "write_atomically",
    "write_table",
]
