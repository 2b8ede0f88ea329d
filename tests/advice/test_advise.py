"""Advice on the threshold of a real run, and of features whose pairs nobody judged."""

import csv
import io
import json

import numpy as np
import pytest
from PIL import ImageDraw

import fastdup
from command import fastdup_command
from explored import finished_run
from pictures import jpeg, photo


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    """A run with three copies of one picture, edited and not, and one of the same bytes."""
    return finished_run(tmp_path_factory.mktemp("advise"))


def test_the_numbers_are_those_of_the_tables_of_the_run(work):
    advice = fastdup.advise(work, 0.9)
    verdicts = fastdup.create(work).similarity()
    rows = {row.threshold: row for row in advice.rows}
    pairs = {frozenset(pair) for pair in zip(verdicts["from"], verdicts["to"], strict=True)}
    at_run = rows[0.75]
    assert at_run.pairs == len(pairs)
    assert at_run.copies + at_run.others + at_run.not_judged == at_run.pairs
    # 00 with three copies, and those with each other: one stays; 01 with its twin.
    assert rows[1.0].same_files >= 1
    assert rows[0.85].files == 4
    assert rows[0.85].precision == 1
    assert rows[0.85].precision_low < 0.9 < rows[0.85].precision_high == 1
    assert advice.threshold <= 0.85
    assert sum(sum(bar[1:]) for bar in advice.histogram) >= rows[0.5].pairs
    stored = fastdup.advise(work, 0.9, k=0)  # of what is below the run's threshold little is known
    assert (stored.rows[0].threshold, stored.curve[0][0]) == (0.75, 0.75)
    assert stored.rows[0].copies == at_run.copies


def test_altered_pictures_are_counted_as_no_copies_and_apart(tmp_path):
    (tmp_path / "photos").mkdir()
    pictures = {"a": captioned("BRACE YOURSELVES"), "b": captioned("WAIT WHAT IS THIS")}
    pictures |= {"c": pictures["a"].resize((320, 240)), "d": photo(2)}
    for name, picture in pictures.items():
        (tmp_path / "photos" / f"{name}.jpg").write_bytes(jpeg(picture))
    assert fastdup.run(tmp_path / "photos", tmp_path / "out", threshold=0.5) == 0
    with (tmp_path / "out/verdicts.csv").open(newline="") as file:
        found = [(row["verdict"], float(row["similarity"])) for row in csv.DictReader(file)]
    assert [verdict for verdict, _ in found].count("altered") == 2
    for row in fastdup.advise(tmp_path / "out").rows:
        reach = [verdict for verdict, similarity in found if similarity >= row.threshold]
        assert row.altered == reach.count("altered")
        assert row.others == row.altered + reach.count("look_alike")
        assert row.copies == reach.count("same_picture") + reach.count("edited")


def captioned(text):
    picture = photo(1).copy()
    place = (picture.width / 2, 430)
    ImageDraw.Draw(picture).text(place, text, "white", anchor="mm", font_size=48)
    return picture


def test_a_decision_of_a_person_counts_more_than_a_verdict(work):
    before = {row.threshold: row.copies for row in fastdup.advise(work, 0.9, k=0).rows}
    pair = [work.parent / "photos/00.jpg", work.parent / "photos/copies/00-small.jpg"]
    fastdup.decide(work, "not-copies", pair)
    try:
        after = {row.threshold: row.copies for row in fastdup.advise(work, 0.9, k=0).rows}
    finally:
        fastdup.decide(work, "forget", pair)
    assert after[0.85] == before[0.85] - 1


def test_the_command_prints_a_table_or_csv_and_writes_a_page_with_the_figure(work, tmp_path):
    page, figure = tmp_path / "advice.html", tmp_path / "advice.svg"
    done = fastdup_command("advise", work, "-o", page, "-o", figure)
    assert done.returncode == 0, done.stderr
    assert "so the intervals are wide" in done.stdout
    assert "is the lowest threshold with a precision of 99 %" in done.stdout
    assert figure.read_text() in page.read_text()
    printed = fastdup_command("advise", work, "--format", "csv").stdout
    rows = list(csv.DictReader(io.StringIO(printed)))
    advice = json.loads(fastdup_command("advise", work, "--format", "json").stdout)
    assert [float(row["threshold"]) for row in rows] == [r["threshold"] for r in advice["rows"]]
    assert "<svg" in fastdup.create(work).advise()._repr_html_()


def test_where_nothing_was_judged_it_says_what_it_cannot_know(tmp_path):
    rows = np.array([[1, 0], [1, 0.1], [0, 1], [0.1, 1]])
    fastdup.save_binary_feature(tmp_path, [f"/{name}.jpg" for name in "abcd"], rows)
    assert fastdup.run("", tmp_path, run_mode=2, threshold=0.9) == 0
    advice = fastdup.advise(tmp_path)
    assert (advice.threshold, advice.n_judged, advice.curve) == (None, 0, ())
    assert all(row.precision is None for row in advice.rows)
    assert {row.threshold: row.files for row in advice.rows}[0.9] == 2
    lines = "\n".join(advice.lines())
    assert "no pair was judged" in lines and "no precision can be given" in lines
    assert "the sizes of the files are not known" in lines


@pytest.mark.parametrize(("precision", "k"), [(0, 10), (1.1, 10), (0.9, -1), (True, 10)])
def test_numbers_out_of_range_are_refused(work, precision, k):
    with pytest.raises(fastdup.ConfigError, match="is not allowed"):
        fastdup.advise(work, precision, k=k)
