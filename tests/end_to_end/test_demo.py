"""What `make demo` does, and what a user must see of it."""

import csv
import os
import subprocess
import sys
from pathlib import Path

import pytest

import fastdup
from fastdup.workdir.csv_files import read_table

DEMO = Path(__file__).parents[2] / "demo"


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """The folder of a demo: pictures/, pictures-planted.csv and results/."""
    folder = tmp_path_factory.mktemp("demo")
    make = [sys.executable, DEMO / "make_pictures.py", folder / "pictures"]
    subprocess.run(make, check=True, capture_output=True)
    assert fastdup.run(folder / "pictures", folder / "results") == 0
    return folder


def rows(path):
    _, *found = read_table(str(path))
    return found


def test_pictures_that_a_run_may_be_reading_are_left_alone(demo):
    before = {path: path.stat().st_mtime_ns for path in (demo / "pictures").rglob("*")}
    again = [sys.executable, DEMO / "make_pictures.py", demo / "pictures"]
    done = subprocess.run(again, check=True, capture_output=True, text=True)
    assert done.stdout == f"{demo / 'pictures'} has its pictures already\n"
    assert {path: path.stat().st_mtime_ns for path in (demo / "pictures").rglob("*")} == before


def test_every_planted_copy_is_found(demo):
    found = {frozenset(row[:2]) for row in rows(demo / "results/similarity.csv")}
    with open(demo / "pictures-planted.csv", newline="") as file:
        planted = list(csv.DictReader(file))
    pictures = demo / "pictures"
    missed = [
        row["edit"]
        for row in planted
        if frozenset((str(pictures / row["copy"]), str(pictures / row["original"]))) not in found
    ]
    assert len(planted) == 25
    assert missed == []


def test_nothing_but_planted_copies_is_found(demo):
    for first, second, _ in rows(demo / "results/similarity.csv"):
        assert os.path.basename(first)[:2] == os.path.basename(second)[:2]


def test_the_odd_one_out_comes_first(demo):
    first, _, similarity = rows(demo / "results/outliers.csv")[0]
    assert os.path.basename(first) == "odd-one-out.png"
    assert float(similarity) < 0.3


def test_the_broken_files_are_listed_with_reasons(demo):
    reasons = {os.path.basename(r[0]): r[1] for r in rows(demo / "results/features.bad.csv")}
    assert reasons == {"cut-short.jpg": "truncated", "not-an-image.jpg": "not_an_image"}


def test_the_comparison_shows_what_was_found(demo):
    compare = [sys.executable, DEMO / "compare.py", demo / "pictures", demo / "results"]
    done = subprocess.run(compare, check=True, capture_output=True, text=True)
    assert done.stdout == "planted copies found: 25 of 25\n"
