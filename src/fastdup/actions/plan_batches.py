"""A plan as a table of Arrow's: a row for each file of each group."""

from typing import TYPE_CHECKING, Any

from fastdup.runs.arrow_tables import batches_of, require_pyarrow

if TYPE_CHECKING:
    import pyarrow as pa

#: Column → Arrow's name of its type.
_TYPES = {
    "group": "int64",
    "role": "string",
    "filename": "string",
    "kept": "string",
    "similarity": "float64",
    "same_bytes": "bool",
    "width": "int64",
    "height": "int64",
    "file_size": "int64",
}
_COMPANIONS = "companions"


def plan_batches(files: list[dict[str, Any]]) -> "pa.RecordBatchReader":
    """Return the files of a plan as batches, ``companions`` as lists of names.

    Parameters
    ----------
    files : list of dict
        A value for each column.

    Raises
    ------
    MissingExtraError
        When PyArrow is not installed.
    """
    pa = require_pyarrow()
    fields = [pa.field(name, pa.type_for_alias(type_)) for name, type_ in _TYPES.items()]
    schema = pa.schema([*fields, pa.field(_COMPANIONS, pa.list_(pa.string()))])
    return batches_of(schema, tuple([file[name] for file in files] for name in schema.names))
