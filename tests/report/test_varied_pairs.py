"""Which pairs are of interest, and what becomes of exact copies."""

import csv
import shutil

import numpy as np
import pytest

from explored import finished_run
from fastdup.analysis.pairs import Pairs
from fastdup.cli import main
from fastdup.report.gallery import create_duplicates_gallery
from fastdup.report.kinds_of_pairs import NAMES, name_kinds, rank_of
from fastdup.report.varied_pairs import choose_varied
from fastdup.verify.kind_words import WORDS


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    """The work folder of a finished run with one exact copy and three others."""
    return finished_run(tmp_path_factory.mktemp("varied"))


def test_every_kind_has_a_name_that_is_the_same_seen_from_either_picture():
    assert set(NAMES) == set(WORDS)
    for kind, word in WORDS.items():
        others = {NAMES[kind], NAMES[word.back]}
        assert len(others) == 1 or kind == "captioned", kind  # without words it is drawn on
    assert name_kinds(["toned", "grey", "resized"]) == ["grey", "resized"]


def test_exact_copies_are_of_no_interest_and_an_edit_is_of_more_than_a_smaller_copy():
    assert rank_of("same_bytes", ()) == rank_of("same_pixels", ()) == -1
    ranks = [
        rank_of("part_of", ("cropped",)),
        rank_of("edited", ("resized", "mirrored")),
        rank_of("edited", ("brighter",)),
        rank_of("same_picture", ("resized",)),
        rank_of("same_picture", ()),
        rank_of("unverified", ()),
    ]
    assert ranks == sorted(set(ranks))


def test_pairs_are_chosen_of_each_kind_in_turn_and_images_once():
    sources, targets = np.array([0, 2, 0, 6, 8, 9]), np.array([1, 3, 4, 7, 9, 5])
    pairs = Pairs(sources, targets, np.linspace(1, 0.9, 6))
    ranks = np.array([3, 3, 1, 3, -1, 1])
    assert choose_varied(pairs, ranks, 3).tolist() == [2, 1, 5]  # 0 shares an image with 2
    assert choose_varied(pairs, ranks, 9).tolist() == [2, 1, 5, 3, 0]


def test_the_gallery_of_a_run_lists_exact_copies_and_shows_the_others(work, tmp_path, load_page):
    page = load_page(create_duplicates_gallery(work, tmp_path / "page.html"))
    texts = {card["m"][1]["text"] for card in page.cards}
    assert "same bytes" not in texts
    assert any("mirrored" in text for text in texts)
    [line] = page.texts("summary")
    assert line.startswith("1 file is an exact copy of another, ")
    assert [text.endswith("01-same.jpg") for text in page.texts("td")] == [True, False]
    for options in ({"exact": True}, {"num_images": 0}):
        whole = load_page(create_duplicates_gallery(work, tmp_path / "whole.html", **options))
        assert "same bytes" in {card["m"][1]["text"] for card in whole.cards}
        assert len(whole.cards) == len(page.cards) + 1


def test_if_all_pairs_are_exact_they_are_shown(work, tmp_path, load_page):
    copy = shutil.copytree(work, tmp_path / "out")
    with (copy / "similarity.csv").open(newline="") as file:
        rows = [row for row in csv.reader(file) if "01" in row[0] or row[0] == "from"]
    with (copy / "similarity.csv").open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
    page = load_page(create_duplicates_gallery(copy, tmp_path / "page.html"))
    assert [card["m"][1]["text"] for card in page.cards] == ["same bytes"]
    assert page.texts("summary") == []


def test_the_command_shows_pairs_of_at_least_a_similarity(work, tmp_path, load_page, capsys):
    path = str(tmp_path / "some.html")
    assert main(["gallery", str(work), "-o", path, "--threshold", "0.97", "--exact"]) == 0
    similarities = [float(card["s"]) for card in load_page(path).cards]
    assert similarities
    assert min(similarities) >= 0.97
    assert main(["gallery", str(work), "-o", path, "--threshold", "97"]) == 2
    assert "try threshold=0.97" in capsys.readouterr().err
    assert main(["gallery", str(work), "--kind", "stats", "--threshold", "0.9"]) == 2
