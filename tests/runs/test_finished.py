"""Opening a finished run and reading its tables, whole and damaged."""

import json
import os
import shutil

import numpy as np
import pytest

import fastdup
from explored import finished_run
from fastdup.errors import WorkDirError
from fastdup.runs import FinishedRun
from fastdup.runs.tables import (
    BAD,
    COMPONENT_INFO,
    COMPONENTS,
    OUTLIER_SCORES,
    OUTLIERS,
    SIMILARITY,
    VIDEOS,
    labels_schema,
)

#: Table → how to read it from a finished run.
READERS = {
    "similarity.csv": lambda run: run.columns(SIMILARITY),
    "outliers.csv": lambda run: run.columns(OUTLIERS),
    "outlier_scores.csv": lambda run: run.columns(OUTLIER_SCORES),
    "connected_components.csv": lambda run: run.columns(COMPONENTS),
    "component_info.csv": lambda run: run.columns(COMPONENT_INFO),
    "stats.csv": lambda run: run.stats(needed=True),
    "metadata.csv": lambda run: run.metadata_columns(needed=True),
    "features.bad.csv": lambda run: run.columns(BAD),
    "features.dat.csv": lambda run: run.paths,
    "videos.csv": lambda run: run.columns(VIDEOS),
    "labels.csv": lambda run: run.labels(),
    "annotations.csv": lambda run: run.labels(),
    "config.json": lambda run: run.config,
}
TABLES = [name for name in READERS if name.endswith(".csv")]
#: Not there where there is nothing to write.
OPTIONAL = {"features.bad.csv", "videos.csv", "labels.csv", "annotations.csv"}
#: The last column is a number.
NUMBERED = set(TABLES) - OPTIONAL - {"features.dat.csv", "metadata.csv"} | {"videos.csv"}
VIDEO_ROW = "a.mp4,b.mp4,0.9,1.0,0.5,3,6,0.0,2.0,1.0,3.0\n"


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A finished run that has every table."""
    work = finished_run(tmp_path_factory.mktemp("run"))
    (work / "videos.csv").write_text(f"{','.join(VIDEOS.columns)}\n{VIDEO_ROW}")
    for name in ("labels.csv", "annotations.csv"):
        (work / name).write_text("filename,label\n/a.jpg,cat\n/b.jpg,\n")
    outliers = work / "outliers.csv"
    if len(outliers.read_text().splitlines()) == 1:
        first = (work / "similarity.csv").read_text().splitlines()[1]
        outliers.write_text(f"from,to,distance\n{first}\n")
    return work


@pytest.fixture
def work(whole, tmp_path):
    shutil.copytree(whole, tmp_path / "out")
    return tmp_path / "out"


def rows_of(path):
    header, *rows = path.read_text(errors="surrogateescape").splitlines()
    return header, rows


def failure(work, name):
    """Return the one line that reading a table of a run fails with."""
    with pytest.raises(WorkDirError) as caught:
        READERS[name](FinishedRun(work))
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_every_table_of_a_finished_run_is_read(work):
    run = FinishedRun(work)
    for read in READERS.values():
        assert len(read(run))
    assert run.labels() == {"/a.jpg": "cat"}
    assert run.columns(VIDEOS)[2:7] == ([0.9], [1.0], [0.5], [3], [6])
    n_images = len(run.paths)
    assert len(run.stats("width")["width"]) == n_images
    pairs, similarities = run.pairs(), run.columns(SIMILARITY, "distance")[0]
    assert pairs.similarities.tolist() == list(similarities)
    assert [run.paths[row] for row in pairs.sources] == list(run.columns(SIMILARITY, "from")[0])
    least = similarities[2]
    assert run.pairs(least).similarities.min() == least
    assert len(run.pairs(least).sources) == sum(value >= least for value in similarities)
    row, other = pairs.sources[0], pairs.targets[:1]
    assert run.similarity(row, other).tolist() == [pairs.similarities[0]]


@pytest.mark.parametrize("name", READERS)
def test_without_a_run_one_line_says_what_to_do(tmp_path, name):
    for folder in (tmp_path, tmp_path / "nowhere"):
        assert f"there is no finished run in {folder}: run there first" in failure(folder, name)


@pytest.mark.parametrize("name", TABLES)
def test_a_missing_table_is_named_with_the_run_that_writes_it(work, name):
    (work / name).unlink()
    if name in OPTIONAL:
        READERS[name](FinishedRun(work))
        return
    said = failure(work, name)
    assert str(work) in said
    assert "run_mode=" in said


@pytest.mark.parametrize("name", READERS)
def test_an_empty_file_is_damaged(work, name):
    (work / name).write_text("")
    if name in ("labels.csv", "annotations.csv"):
        assert not READERS[name](FinishedRun(work)) or name == "labels.csv"
        return
    assert f"{work / name} is damaged: " in failure(work, name)


@pytest.mark.parametrize("name", sorted(set(TABLES) - {"labels.csv", "annotations.csv"}))
def test_a_table_with_another_header_is_damaged(work, name):
    _, rows = rows_of(work / name)
    (work / name).write_text("a,b,c\n1,2,3\n" + "\n".join(rows) + "\n")
    said = failure(work, name)
    assert f"{work / name} is damaged: it " in said
    assert said.endswith(": fix it, or run again to write it anew")


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("torn", ["cut", "longer"])
def test_a_row_with_too_few_or_too_many_fields_is_damaged(work, name, torn):
    if name == "labels.csv":
        (work / "annotations.csv").unlink()
    header, rows = rows_of(work / name)
    rows[0] = rows[0].rpartition(",")[0] if torn == "cut" else f"{rows[0]},more"
    (work / name).write_text("\n".join([header, *rows]) + "\n", errors="surrogateescape")
    said = failure(work, name)
    assert f"{work / name} is damaged: line 2 " in said
    assert said.endswith(": fix it, or run again to write it anew")


@pytest.mark.parametrize("value", ["nan", "inf", "high", ""])
@pytest.mark.parametrize("name", sorted(NUMBERED))
def test_a_value_that_is_no_number_is_damaged(work, name, value):
    header, rows = rows_of(work / name)
    rows[-1] = f"{rows[-1].rpartition(',')[0]},{value}"
    (work / name).write_text("\n".join([header, *rows]) + "\n", errors="surrogateescape")
    assert f"{work / name} is damaged: line {len(rows) + 1}: {value!r} is not a " in failure(
        work, name
    )


@pytest.mark.parametrize("name", ["similarity.csv", "outliers.csv", "connected_components.csv"])
def test_names_of_other_images_are_damage(work, name):
    header, rows = rows_of(work / name)
    rows[0] = f"/elsewhere.jpg,{rows[0].partition(',')[2]}"
    (work / name).write_text("\n".join([header, *rows]) + "\n", errors="surrogateescape")
    said = failure(work, name)
    assert f"{work / name} is damaged: it names '/elsewhere.jpg', which is not one of" in said
    if name != "connected_components.csv":
        with pytest.raises(WorkDirError, match="is not one of the run's images"):
            FinishedRun(work).pairs() if name == "similarity.csv" else FinishedRun(work).outliers()


def test_statistics_of_other_images_are_no_statistics(work):
    header, rows = rows_of(work / "stats.csv")
    swapped = [rows[1], rows[0], *rows[2:]]
    (work / "stats.csv").write_text("\n".join([header, *swapped]), errors="surrogateescape")
    assert FinishedRun(work).stats() == {}
    assert "there are no statistics of these images in" in failure(work, "stats.csv")
    (work / "stats.csv").unlink()
    assert f"there is no {work / 'stats.csv'}, so these" in failure(work, "stats.csv")


@pytest.mark.parametrize("content", ["", "[]", "{", '{"options": 3}', '{"counts": []}'])
def test_a_config_file_that_makes_no_sense_is_damaged(work, content):
    (work / "config.json").write_text(content)
    assert f"{work / 'config.json'} is damaged: " in failure(work, "config.json")


def test_a_path_with_a_line_break_leaves_the_message_one_line(work, tmp_path):
    folder = tmp_path / "two\nlines"
    os.rename(work, folder)
    (folder / "similarity.csv").write_text("from,to,distance\na\n")
    assert r"two\nlines" in failure(folder, "similarity.csv")


def test_a_bad_row_is_named_by_the_line_that_an_editor_shows(work):
    table = work / "component_info.csv"
    header, rows = rows_of(table)
    table.write_text(f"{header}\n\n{rows[0]}\n\nx\n")
    assert "is damaged: line 5 has 1 fields, not 5" in failure(work, "component_info.csv")
    (work / "labels.csv").write_text('filename,label\n"/two\nlines",x\n/a\n')
    (work / "annotations.csv").unlink()
    assert "is damaged: line 4 has 1 fields, not 2" in failure(work, "labels.csv")
    (work / "features.dat.csv").write_text('index,filename\n0,"/two\nlines"\n7,/b\n')
    assert "is damaged: line 4 is ['7', '/b']" in failure(work, "features.dat.csv")


def test_a_long_field_is_not_shown_whole(work):
    (work / "similarity.csv").write_text(f"from,to,distance\na,b,{'9' * 5}{'x' * 5000}\n")
    assert len(failure(work, "similarity.csv")) < 300


def test_columns_are_found_by_name_and_blank_lines_do_no_harm(work):
    header, rows = rows_of(work / "similarity.csv")
    turned = [",".join(reversed(row.split(","))) for row in rows if '"' not in row]
    whole = FinishedRun(work).columns(SIMILARITY, "distance")[0][0]
    (work / "similarity.csv").write_text("\n\n".join(["distance,to,from", *turned]) + "\n\n")
    assert FinishedRun(work).columns(SIMILARITY, "distance")[0][0] == whole
    assert header == "from,to,distance"


def test_a_mark_at_the_start_of_a_file_is_no_part_of_its_header(tmp_path):
    path = tmp_path / "labels.csv"
    path.write_bytes(b"\xef\xbb\xbffilename,label\n/a,x\n")
    assert list(labels_schema().read(str(path))) == [("/a", "x")]


def test_what_is_written_is_read_back(tmp_path):
    path = str(tmp_path / "similarity.csv")
    names = ['com,ma "quoted"', "new\nline", os.fsdecode(b"caf\xe9")]
    SIMILARITY.write(path, (names, names[::-1], [1.0, 0.9999996, 0.1234564]))
    found = list(SIMILARITY.read(path))
    assert found == list(zip(names, names[::-1], [1.0, 1.0, 0.123456], strict=True))


def test_rows_are_read_block_by_block(tmp_path):
    path = str(tmp_path / "component_info.csv")
    n = 10_001
    numbers, halves = list(range(n)), [0.5] * n
    COMPONENT_INFO.write(path, (numbers, numbers, halves, halves, halves))
    assert [row[0] for row in COMPONENT_INFO.read(path)] == numbers
    with open(path, "a") as file:
        file.write("7\n")
    rows = COMPONENT_INFO.read(path, "count")
    assert next(rows) == (0,)
    with pytest.raises(WorkDirError, match=f"line {n + 2} has 1 fields, not 5"):
        list(rows)


def test_what_an_earlier_run_found_is_not_that_of_one_that_only_extracted(work):
    config = json.loads((work / "config.json").read_text())
    config["counts"] = {"listed": 15, "good": 13, "bad": 2}
    (work / "config.json").write_text(json.dumps(config))
    for name in ("similarity.csv", "outliers.csv", "connected_components.csv", "videos.csv"):
        assert "only extracted features: run with run_mode=2" in failure(work, name)


def test_old_folders_without_some_options_are_opened(work):
    config = json.loads((work / "config.json").read_text())
    for name in ("features_out_file", "ccthreshold", "test_dir"):
        del config["options"][name]
    (work / "config.json").write_text(json.dumps(config))
    run = FinishedRun(work)
    assert run.options["ccthreshold"] == -1
    assert run.work.features == str(work / "features.dat")


def test_neighbours_are_those_of_the_run(tmp_path):
    features = np.random.default_rng(0).normal(size=(30, 8))
    fastdup.save_binary_feature(tmp_path, [f"/{row}" for row in range(30)], features)
    assert fastdup.run("", tmp_path, run_mode=2, threshold=0, nearest_neighbors_k=3) == 0
    run = FinishedRun(tmp_path)
    indices, similarities = run.neighbours(3)
    pairs = run.pairs()
    found = {
        (row, near): value
        for row, (nears, values) in enumerate(zip(indices, similarities, strict=True))
        for near, value in zip(nears.tolist(), values.tolist(), strict=True)
    }
    assert found == {(a, b): value for a, b, value in zip(*map(list, pairs), strict=True)}
