"""Rows of data sets as images."""

import io
import os
import random
import sys
import tracemalloc

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fastdup.errors import ConfigError, ImageError, MissingExtraError, Reason
from fastdup.sources import UNREACHABLE, UriReader
from packed import files_of
from tables import images_of, parquet_of, saved_of


@pytest.fixture
def files(photos):
    return files_of(photos)


def contents(source, below):
    """Return name → bytes of all that a source lists."""
    return {uri.removeprefix(f"{below}/"): source.read(uri) for uri in source.uris()}


def failure_of(path, opened, **options):
    """Return why the one thing that a file lists, itself, is bad."""
    source = opened(str(path), **options)
    assert list(source.uris()) == [str(path)]
    with pytest.raises(ImageError) as failure:
        source.read(str(path))
    return failure.value


def test_the_rows_of_a_parquet_file_are_images_named_by_their_number(files, tmp_path, opened):
    path = parquet_of(tmp_path / "train.parquet", {"image": images_of(files)})
    found = contents(opened(str(path)), path)
    assert list(found) == [f"{i:06}" for i in range(len(files))]
    assert list(found.values()) == list(files.values())


@pytest.mark.parametrize("kind", [pa.binary(), pa.large_binary(), pa.binary_view()])
@pytest.mark.parametrize("name", ["jpg", "whatever"])
def test_a_column_of_bytes_holds_images(kind, name, files, tmp_path, opened):
    columns = {"id": range(len(files)), name: pa.array(list(files.values()), kind)}
    try:
        path = parquet_of(tmp_path / "a.parquet", columns)
    except (pa.ArrowNotImplementedError, pa.ArrowTypeError):
        pytest.skip(f"pyarrow {pa.__version__} cannot write {kind}")
    assert list(contents(opened(str(path)), path).values()) == list(files.values())


@pytest.mark.parametrize("name", ["path", "file_name", "image"])
def test_a_column_of_paths_names_files_beside_the_data_set(name, files, photos, opened):
    columns = {name: list(files), "text": ["x"] * len(files)}
    path = parquet_of(photos / "index.parquet", columns)
    assert list(contents(opened(str(path)), path).values()) == list(files.values())


def test_a_struct_without_bytes_names_a_file(files, photos, opened):
    names = list(files)
    cells = [{"bytes": None, "path": str(photos / name)} for name in names]
    path = parquet_of(photos / "a.parquet", {"image": pa.array(cells, images_of(files).type)})
    assert list(contents(opened(str(path)), path).values()) == list(files.values())


def test_folders_saved_by_the_library_of_hugging_face_are_read(files, tmp_path, opened):
    saved_of(tmp_path / "set" / "train", {"image": images_of(files)})
    (tmp_path / "set" / "dataset_dict.json").write_text('{"splits": ["train"]}')
    found = contents(opened(str(tmp_path / "set")), tmp_path / "set" / "train")
    assert list(found)[:2] == [f"data-00000-of-00002.arrow/00000{i}" for i in range(2)]
    assert list(found.values()) == list(files.values())


def test_arrow_files_with_a_footer_are_read(files, tmp_path, opened):
    path = tmp_path / "a.feather"
    table = pa.table({"image": images_of(files)})
    with pa.ipc.new_file(str(path), table.schema) as writer:
        writer.write_table(table, max_chunksize=5)
    assert list(contents(opened(str(path)), path).values()) == list(files.values())


def test_rows_are_the_same_in_whatever_order_they_are_read(files, tmp_path, opened):
    repeated = list(files.values()) * 20
    path = parquet_of(tmp_path / "a.parquet", {"image": repeated}, rows_together=100)
    source = opened(str(path))
    rows = list(range(len(repeated)))
    random.Random(3).shuffle(rows)
    for row in rows[:80]:
        assert source.read(f"{path}/{row:06}") == repeated[row]
    assert source.read(f"{path}/000003", 10) == repeated[3][:10]


def test_few_rows_are_in_memory_at_a_time(tmp_path, opened, monkeypatch):
    module = "fastdup.sources.containers.datasets.column_stream"
    monkeypatch.setattr(f"{module}.MOST_KEPT_BYTES", 2**20)
    rng = np.random.default_rng(0)
    data = [rng.bytes(100_000) for _ in range(400)]
    path = parquet_of(tmp_path / "a.parquet", {"image": data}, rows_together=50)
    source = opened(str(path))
    tracemalloc.start()
    for row, uri in enumerate(source.uris()):
        assert source.read(uri) == data[row]
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 25_000_000  # of 40 MB


def test_the_column_of_images_can_be_named(files, tmp_path, opened):
    cells = list(files.values())
    path = parquet_of(tmp_path / "a.parquet", {"image": cells, "small": cells[::-1]})
    assert contents(opened(str(path)), path)["000000"] == cells[0]
    named = opened(str(path), image_column="small")
    found = contents(named, path)
    assert found["small/000000"] == cells[-1]
    # The name holds the column, as a page knows no options.
    reader = UriReader()
    assert reader.read(f"{path}/small/000001") == cells[-2]
    assert reader.read(f"{path}/image/000001") == reader.read(f"{path}/000001") == cells[1]
    assert reader.stamp(f"{path}/small/000001") == named.stamp(f"{path}/small/000001")
    failure = failure_of(path, opened, image_column="big")
    assert "no column 'big' of images (it has 'image', 'small')" in str(failure)


def test_a_data_set_without_images_is_one_bad_file(tmp_path, opened):
    path = parquet_of(tmp_path / "a.parquet", {"number": [1, 2], "text": ["a", "b"]})
    failure = failure_of(path, opened)
    assert failure.reason is Reason.NOT_AN_IMAGE
    assert "image_column" in str(failure)
    two = parquet_of(tmp_path / "two.parquet", {"left": [b"a"], "right": [b"b"]})
    assert "several columns" in str(failure_of(two, opened))


def test_a_data_set_without_rows_is_one_bad_file(tmp_path, opened):
    path = parquet_of(tmp_path / "a.parquet", {"image": pa.array([], pa.binary())})
    assert failure_of(path, opened).reason is Reason.NOT_AN_IMAGE


def test_rows_without_an_image_are_bad(photos, opened):
    cells = [{"bytes": None, "path": None}, None, {"bytes": b"", "path": "x"}]
    cells += [{"bytes": None, "path": name} for name in ("gone.jpg", "https://host/a.jpg")]
    column = pa.array(cells, images_of({}).type)
    path = parquet_of(photos / "a.parquet", {"image": column})
    source = opened(str(path))
    reasons = []
    for uri in source.uris():
        try:
            reasons.append(len(source.read(uri)))
        except ImageError as exc:
            reasons.append(exc.reason)
    assert reasons == [Reason.EMPTY, Reason.EMPTY, 0, Reason.NOT_FOUND, Reason.UNSUPPORTED]


def test_a_data_set_cut_short_is_one_bad_file(files, tmp_path, opened):
    path = parquet_of(tmp_path / "a.parquet", {"image": images_of(files)})
    os.truncate(path, path.stat().st_size // 2)
    assert failure_of(path, opened).reason is Reason.TRUNCATED


@pytest.mark.parametrize("new", [pa.ipc.new_stream, pa.ipc.new_file])
def test_of_an_arrow_file_that_is_damaged_the_rows_before_that_are_used(
    new, files, tmp_path, opened
):
    cells = list(files.values())
    path = tmp_path / "a.arrow"
    table = pa.table({"image": cells})
    with new(str(path), table.schema) as writer:
        writer.write_table(table, max_chunksize=4)
    data = bytearray(path.read_bytes())
    if new is pa.ipc.new_stream:
        del data[data.index(cells[9]) :]
    else:  # the description of its third batch
        start = data.rindex(b"\xff" * 4, 0, data.index(cells[8]))
        data[start + 8 : start + 40] = b"\xff" * 32
    path.write_bytes(data)
    source = opened(str(path))
    *rows, last = source.uris()
    assert [source.read(uri) for uri in rows] == cells[:8]
    assert last == str(path)
    with pytest.raises(ImageError, match="a damaged data set, after 8 rows") as failure:
        source.read(last)
    assert failure.value.reason is Reason.TRUNCATED


def test_damage_costs_the_rows_of_its_block_and_no_others(files, tmp_path, opened):
    cells = list(files.values())
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"image": cells}), path, row_group_size=4, compression="none")
    data = bytearray(path.read_bytes())
    start = data.index(cells[4])
    data[start - 12 : start] = b"\xff" * 12
    path.write_bytes(data)
    source = opened(str(path))
    outcomes = []
    for row, uri in enumerate(source.uris()):
        try:
            outcomes.append(source.read(uri) == cells[row])
        except ImageError as exc:
            assert exc.reason in (Reason.DECODE_ERROR, Reason.TRUNCATED)
            outcomes.append(False)
    assert outcomes[:4] == [True] * 4
    assert outcomes[8:] == [True] * (len(cells) - 8)
    assert not all(outcomes)


def test_garbage_called_like_a_data_set_is_a_file(tmp_path, opened):
    path = tmp_path / "a.parquet"
    path.write_bytes(b"text")
    source = opened([str(path)])
    assert list(source.uris()) == [str(path)]
    assert source.read(str(path)) == b"text"
    path.write_bytes(b"PAR1" + bytes(range(256)) + b"PAR1")
    assert failure_of(path, opened).reason is Reason.TRUNCATED


@pytest.mark.parametrize("name", ["99", "000099", "-00001", "0000001", "x", "image/0", "٠٠٠٠٠١"])
def test_rows_that_are_not_there_are_not_found(name, files, tmp_path):
    path = parquet_of(tmp_path / "a.parquet", {"image": images_of(files)})
    reader = UriReader()
    assert reader.stamp(f"{path}/{name}") == UNREACHABLE
    with pytest.raises(ImageError) as failure:
        reader.read(f"{path}/{name}")
    assert failure.value.reason is Reason.NOT_FOUND
    reader.close()


def test_a_data_set_that_changed_after_the_listing_is_reported(files, tmp_path, opened):
    path = parquet_of(tmp_path / "a.parquet", {"image": images_of(files)})
    source = opened(str(path))
    first = next(iter(list(source.uris())))
    before = source.stamp(first)
    parquet_of(path, {"image": images_of(files), "more": range(len(files))})
    with pytest.raises(ImageError, match="changed after it was listed"):
        source.read(first)
    assert opened(str(path)).stamp(first) != before


# --- labels ------------------------------------------------------------------------------------


def labels_of(path, opened, **options):
    source = opened(str(path), **options)
    return [source.label(uri) for uri in source.uris()]


def test_labels_are_words_where_the_data_set_has_them(files, tmp_path, opened):
    numbers = [i % 3 for i in range(len(files))]
    columns = {"image": images_of(files), "label": pa.array([None, *numbers[1:]])}
    folder = saved_of(tmp_path / "set", columns, ["cat", "dog"])
    assert labels_of(folder, opened)[:6] == [None, "dog", "2", "cat", "dog", "2"]


def test_a_column_of_labels_is_found_or_named(files, tmp_path, opened):
    n_rows = len(files)
    columns = {"image": images_of(files), "Class": ["a"] * n_rows, "kind": ["b"] * n_rows}
    path = parquet_of(tmp_path / "a.parquet", columns)
    assert set(labels_of(path, opened)) == {"a"}
    assert set(labels_of(path, opened, label_column="kind")) == {"b"}
    assert set(labels_of(path, opened, label_column="none")) == {None}


def test_images_elsewhere_have_no_labels_of_their_own(photos, opened):
    assert set(labels_of(photos, opened)) == {None}
    assert UriReader().label("s3://bucket/a.parquet/000001") is None


# --- without PyArrow ---------------------------------------------------------------------------


@pytest.fixture
def without_pyarrow(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)


def test_without_pyarrow_a_data_set_in_a_folder_is_bad_and_names_the_pip_line(
    files, tmp_path, opened, without_pyarrow
):
    (tmp_path / "set").mkdir()
    path = tmp_path / "set" / "a.parquet"
    path.write_bytes(b"PAR1")
    source = opened(str(tmp_path / "set"))
    assert list(source.uris()) == [str(path)]
    with pytest.raises(ImageError, match=r"pip install pyarrow") as failure:
        source.read(str(path))
    assert failure.value.reason is Reason.UNSUPPORTED


def test_without_pyarrow_a_data_set_named_alone_is_refused(tmp_path, opened, without_pyarrow):
    (tmp_path / "a.parquet").write_bytes(b"PAR1\0")
    with pytest.raises(MissingExtraError, match=r"pip install pyarrow") as refusal:
        opened(str(tmp_path / "a.parquet"))
    assert isinstance(refusal.value, ConfigError)


def test_hostile_descriptions_of_columns_are_no_error(files, tmp_path, opened):
    for number, metadata in enumerate(
        [b"{", b"[]", b'{"info": {"features": {"image": 7}}}', b"\xff"]
    ):
        table = pa.table({"image": images_of(files)}).replace_schema_metadata(
            {b"huggingface": metadata}
        )
        data = io.BytesIO()
        with pa.ipc.new_stream(data, table.schema) as writer:
            writer.write_table(table)
        path = tmp_path / f"{number}.arrow"
        path.write_bytes(data.getvalue())
        assert len(contents(opened(str(path)), path)) == len(files)
