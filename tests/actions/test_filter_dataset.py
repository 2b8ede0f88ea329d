"""Data sets of Hugging Face's library come back without what goes."""

import os

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import fastdup
from fastdup.errors import ConfigError
from packed import files_of
from pictures import jpeg, scene
from tables import images_of, parquet_of, saved_of


class Image:
    """The kind of a column of images."""


class Rows:
    """What is used of a ``datasets.Dataset``."""

    def __init__(self, table):
        self.table, self.features = table, {"number": None, "image": Image()}

    def __len__(self):
        return len(self.table)

    def select(self, rows):
        return Rows(self.table.take(pa.array(list(rows), pa.int64())))

    def select_columns(self, names):
        return Rows(self.table.select(names))

    def with_format(self, kind):
        assert kind == "arrow"
        return self

    def iter(self, batch_size):
        return iter([self.table[i : i + batch_size] for i in range(0, len(self), batch_size)])

    def __getitem__(self, column):
        return self.table[column].to_pylist()


def standing_in(path):
    if path.is_dir():
        names = sorted(name for name in os.listdir(path) if name.endswith(".arrow"))
        tables = [pa.ipc.open_stream(path / name).read_all() for name in names]
        return Rows(pa.concat_tables(tables))
    return Rows(pq.read_table(path))


def real(path):
    datasets = pytest.importorskip(
        "datasets", reason="datasets is not installed: pip install --group interop"
    )
    if path.is_dir():
        return datasets.load_from_disk(str(path))
    found = datasets.load_dataset(
        "parquet", data_files=str(path), split="train", cache_dir=str(path.parent / "cache")
    )
    return found.cast_column("image", datasets.Image())


@pytest.fixture(params=[standing_in, real], ids=["stand-in", "datasets"])
def opened(request):
    """What opens a data set."""
    return request.param


@pytest.fixture(scope="module")
def content():
    """Columns of eight rows: the second and last are copies of the first and third, one is bad."""
    pictures = [jpeg(scene(seed)) for seed in (0, 0, 3, 6, 7, 14, 16)]
    pictures[1] = jpeg(scene(0), quality=60)
    pictures[5] = b"no picture"
    pictures.append(pictures[2])
    files = {f"{i}.jpg": data for i, data in enumerate(pictures)}
    return {"image": images_of(files), "number": list(range(8))}


def test_of_each_group_one_row_stays_and_bad_rows_go(opened, content, tmp_path):
    path = parquet_of(tmp_path / "train.parquet", content)
    fd = fastdup.create(tmp_path / "out", path)
    fd.run()
    given = opened(path)
    left = list(fd.filter_dataset(given)["number"])
    assert (0 in left) + (1 in left) == 1
    assert (2 in left) + (7 in left) == 1
    assert {3, 4, 6} < set(left)
    assert 5 not in left
    assert len(left) == 5
    assert 5 in list(fd.filter_dataset(given, drop_bad=False)["number"])
    assert {0, 1} < set(fd.filter_dataset(given, exact=True)["number"])
    fd.decide("remove", f"{path}/000003")
    assert 3 not in list(fd.filter_dataset(given)["number"])
    assert len(given) == 8


def test_a_data_set_in_several_files_is_one(opened, content, tmp_path):
    path = saved_of(tmp_path / "saved", content)
    fd = fastdup.create(tmp_path / "out", path)
    fd.run()
    left = list(fd.filter_dataset(opened(path))["number"])
    assert len(left) == 5
    assert {3, 4, 6} < set(left)


def test_another_order_and_another_length_are_noticed(opened, content, tmp_path):
    path = parquet_of(tmp_path / "train.parquet", content)
    fastdup.run(path, tmp_path / "out")
    given = opened(path)
    for wrong, message in (
        (given.select(range(7, -1, -1)), "row 0 of the data set holds another image"),
        (given.select(range(7)), "the run listed 8 rows, and the data set has 7"),
        ({"train": given}, "is a dict: give a datasets.Dataset"),
    ):
        with pytest.raises(ConfigError, match=message):
            fastdup.filter_dataset(wrong, tmp_path / "out")


def test_images_in_files_are_known_by_their_paths(photos, tmp_path):
    fastdup.run(photos, tmp_path / "out")
    names = sorted(files_of(photos))
    paths = [str(photos / name) for name in names]
    table = pa.table({"image": pa.array([{"bytes": None, "path": path} for path in paths])})
    left = [cell["path"] for cell in fastdup.filter_dataset(Rows(table), tmp_path / "out")["image"]]
    assert len(left) == len(paths) - 2
    elsewhere = pa.table({"image": pa.array([{"bytes": None, "path": "/elsewhere.jpg"}])})
    with pytest.raises(ConfigError, match=r"1 of 1 rows .* such as '/elsewhere.jpg'"):
        fastdup.filter_dataset(Rows(elsewhere), tmp_path / "out")
