"""Whatever is written to a table comes back: names drawn by hypothesis, not thought up."""

import csv
import io
import os

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from fastdup.workdir import WorkDir
from fastdup.workdir.append_only import GoodRow
from fastdup.workdir.csv_files import csv_line, read_table, write_table
from fastdup.workdir.features import load_binary_feature
from fastdup.workdir.store import FeatureStore

#: What files can be called: any bytes, valid UTF-8 or not.
FILE_NAMES = st.binary(max_size=30).map(os.fsdecode)
#: What a Python list can hold besides: zero bytes, quotes, line ends, the separators of Unicode.
NAMES = st.one_of(
    FILE_NAMES,
    st.text(max_size=30),
    st.text(alphabet='",\r\n\t\0 \x1c\x85\u2028\ufeff;=\\', max_size=10),
)


@given(st.integers(1, 4).flatmap(lambda n: st.lists(st.tuples(*[NAMES] * n), max_size=5)))
@example([("",)])
@example([("\ufeff",)])
def test_a_table_is_read_as_it_was_written(tmp_path_factory, rows):
    path = str(tmp_path_factory.getbasetemp() / "table.csv")
    header = ("filename", "b", "c", "d")[: len(rows[0]) if rows else 1]
    write_table(path, header, rows)
    assert list(read_table(path)) == [list(header), *map(list, rows)]


@given(st.lists(NAMES, min_size=1, max_size=4))
def test_other_programs_read_the_same_fields(fields):
    text = csv_line(fields).decode("utf-8", "surrogateescape")
    assert list(csv.reader(io.StringIO(text, newline=""))) == [fields]


@given(st.lists(NAMES, unique=True, min_size=1, max_size=6), st.data())
def test_stored_features_go_by_the_names_they_were_stored_under(tmp_path_factory, names, data):
    work = WorkDir(str(tmp_path_factory.mktemp("store")))
    features = np.arange(len(names) * 2, dtype=np.float32).reshape(-1, 2)
    rows = [GoodRow(n, (1, 2), f, ["0"] * 10) for n, f in zip(names, features, strict=True)]
    n_first = data.draw(st.integers(0, len(rows)))
    with FeatureStore(work, {"dim": 2}) as store:
        store.append(rows[:n_first])
    with FeatureStore(work, {"dim": 2}) as store:  # goes on where the first one was
        store.append(rows[n_first:])
        assert [file.uri for file in store.stored()] == names
        store.finish()
    stored_names, stored = load_binary_feature(work.root)
    assert stored_names == names
    assert np.array_equal(stored, features)
