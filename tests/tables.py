"""Data sets made on the spot."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

IMAGE = pa.struct([("bytes", pa.binary()), ("path", pa.string())])


def parquet_of(path: Path, columns: Mapping[str, Any], rows_together: int = 4) -> Path:
    """Write a Parquet file, `rows_together` in each of its row groups."""
    pq.write_table(pa.table(dict(columns)), path, row_group_size=rows_together)
    return path


def images_of(files: Mapping[str, bytes]) -> pa.Array:
    """Return a column of images as Hugging Face's writer makes it."""
    return pa.array([{"bytes": data, "path": name} for name, data in files.items()], IMAGE)


def saved_of(folder: Path, columns: Mapping[str, Any], words: Sequence[str] = ()) -> Path:
    """Write a folder as ``save_to_disk`` of Hugging Face's library does, in two files."""
    folder.mkdir(parents=True)
    table = pa.table(dict(columns))
    features: dict[str, Any] = {
        field.name: {"dtype": str(field.type), "_type": "Value"} for field in table.schema
    }
    features["image"] = {"_type": "Image"}
    if words:
        features["label"] = {"names": list(words), "_type": "ClassLabel"}
    metadata = {b"huggingface": json.dumps({"info": {"features": features}}).encode()}
    table = table.replace_schema_metadata(metadata)
    half = (len(table) + 1) // 2
    names = [f"data-0000{i}-of-00002.arrow" for i in range(2)]
    for name, part in zip(names, (table[:half], table[half:]), strict=True):
        with pa.ipc.new_stream(str(folder / name), table.schema) as writer:
            writer.write_table(part, max_chunksize=3)
    (folder / "dataset_info.json").write_text(json.dumps({"features": features}))
    files = [{"filename": name} for name in names]
    formats = {"_format_type": None, "_format_kwargs": {}, "_format_columns": None}
    state = {"_data_files": files, "_fingerprint": "0", "_split": None, **formats}
    (folder / "state.json").write_text(json.dumps({**state, "_output_all_columns": False}))
    return folder
