"""The tables of a run in Arrow, Parquet and CSV, read back by the libraries that others use."""

import logging
import os
import shutil

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import fastdup
from explored import finished_run
from fastdup.actions.offers import TABLES
from fastdup.runs import FinishedRun
from fastdup.runs.arrow_tables import FEATURES, RUN_TABLES, csv_lines, open_batches
from fastdup.workdir.features import save_binary_feature

#: Library that is not needed here → how to install it.
ABSENT = "{} is not installed: pip install --group interop"


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    """A finished run, not to be changed."""
    return finished_run(tmp_path_factory.mktemp("run"))


@pytest.fixture(scope="module")
def run(work):
    return FinishedRun(work)


@pytest.fixture(scope="module")
def fd(work):
    return fastdup.create(work)


def test_every_table_is_on_offer():
    assert {*TABLES} == {"copies", FEATURES, *RUN_TABLES}


@pytest.mark.parametrize("name", RUN_TABLES)
def test_the_values_and_types_are_those_of_the_data_frame_and_the_file(name, run, tmp_path):
    table = RUN_TABLES[name]
    columns = dict(zip(table.columns, run.columns(table), strict=True))
    for format, read in (("parquet", pq.read_table), ("arrow", read_arrow)):
        path = fastdup.export(run.work.root, tmp_path / f"{name}.{format}", format, table=name)
        found = read(path)
        assert found.to_pydict() == columns
        kinds = [kind.dtype for kind in table.columns.values()]
        assert [pa.types.is_string(type_) for type_ in found.schema.types] == [
            kind is object for kind in kinds
        ]
    path = table.path(run.work)
    if os.path.exists(path):
        with open(path, "rb") as file:
            assert b"".join(csv_lines(run, name)) == file.read()
    else:
        assert table.is_optional
        assert list(csv_lines(run, name)) == [",".join(table.columns).encode() + b"\n"]


def read_arrow(path):
    with pa.memory_map(path) as file:
        return pa.ipc.open_file(file).read_all()


def test_features_are_lists_of_float32(run, fd, tmp_path):
    path = fd.export(tmp_path / "features.parquet", "parquet", table="features")
    found = pq.read_table(path)
    rows = np.stack(found["embedding"].to_numpy())
    assert rows.dtype == np.float32
    assert np.array_equal(rows, run.features)
    assert found["filename"].to_pylist() == run.paths
    assert fd.to_arrow("features").schema.field("embedding").type.list_size == rows.shape[1]
    with pytest.raises(fastdup.ConfigError, match="features have no CSV"):
        fd.export(tmp_path / "features.csv", table="features")


def test_a_large_table_is_read_a_part_at_a_time(work, run, tmp_path):
    copy = tmp_path / "out"
    shutil.copytree(work, copy)
    header, first = (copy / "similarity.csv").read_text().splitlines()[:2]
    (copy / "similarity.csv").write_text("\n".join([header, *[first] * 700, ""]))
    batches = open_batches(FinishedRun(copy), "similarity", rows_together=200)
    assert [batch.num_rows for batch in batches] == [256, 256, 188]
    features = open_batches(run, "features", rows_together=5)
    n_rows = [batch.num_rows for batch in features]
    assert (sum(n_rows), max(n_rows)) == (len(run.paths), 5)


def test_copies_are_a_table_too(fd, tmp_path):
    path = fd.export(tmp_path / "copies.parquet", "parquet", threshold=0.9)
    rows = pq.read_table(path).to_pylist()
    assert fd.to_arrow("copies").schema == pq.read_schema(path)
    same = next(row for row in rows if row["filename"].endswith("01-same.jpg"))
    assert (same["role"], same["same_bytes"], same["similarity"]) == ("duplicate", True, 1.0)
    assert same["kept"] in [row["filename"] for row in rows if row["role"] == "kept"]
    assert same["companions"] == []


def test_decisions_hold_at_once(work, tmp_path):
    copy = tmp_path / "out"
    shutil.copytree(work, copy)
    fd = fastdup.create(copy)
    first = next(r for r in fd.to_arrow("similarity").to_pylist() if r["distance"] < 1)
    pair = {first["from"], first["to"]}
    fd.decide("not-copies", sorted(pair))
    assert pair not in [{r["from"], r["to"]} for r in fd.to_arrow("similarity").to_pylist()]
    fd.export(tmp_path / "similarity.csv", table="similarity")
    assert f"{first['from']},{first['to']}" not in (tmp_path / "similarity.csv").read_text()


def test_a_name_that_is_no_utf_8_is_escaped_and_named_in_a_warning(album_of_bytes, caplog):
    with caplog.at_level(logging.WARNING):
        names = album_of_bytes.to_arrow("features")["filename"].to_pylist()
    assert names == ["/a.jpg", r"/\xff.jpg"]
    assert "no UTF-8" in caplog.text


@pytest.fixture
def album_of_bytes(tmp_path):
    save_binary_feature(tmp_path, ["/a.jpg", os.fsdecode(b"/\xff.jpg")], [[1, 0]] * 2)
    assert fastdup.run("", tmp_path, run_mode=2) == 0
    return fastdup.create(tmp_path)


def test_what_has_no_meaning_for_a_table_is_refused(fd, tmp_path):
    for options, message in (
        ({"table": "similarties"}, "try table='similarity'"),
        ({"table": "stats", "format": "coco"}, "try format='csv'"),
        ({"table": "stats", "threshold": 0.99}, "is for table='copies'"),
        ({"table": "stats", "plan": "x.csv", "format": "arrow"}, "is for table='copies'"),
    ):
        with pytest.raises(fastdup.ConfigError, match=message):
            fd.export(tmp_path / "x", **options)
    assert not (tmp_path / "x").exists()


def test_polars_takes_it_as_it_is(fd):
    polars = pytest.importorskip("polars", reason=ABSENT.format("polars"))
    frame = polars.DataFrame(fd.to_arrow("similarity"))
    assert frame.columns == ["from", "to", "distance"]
    assert frame.rows() == list(fd.similarity()[["from", "to", "distance"]].itertuples(index=False))


def test_duckdb_reads_it_batch_by_batch(fd):
    duckdb = pytest.importorskip("duckdb", reason=ABSENT.format("duckdb"))
    stats = fd.arrow_batches("stats")
    ((n,),) = duckdb.sql("select count(*) from stats where width > 100").fetchall()
    assert n == (fd.img_stats()["width"] > 100).sum()
    assert stats is not None
