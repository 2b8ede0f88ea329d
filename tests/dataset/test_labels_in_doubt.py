"""Labels in doubt and labels confused, of collections of real features."""

import numpy as np
import pandas as pd
import pytest

import fastdup
from fastdup.errors import ConfigError

N_EACH = 30
CHANGED = ["/3", "/17", "/41", "/80"]


@pytest.fixture(scope="module")
def animals(tmp_path_factory):
    """90 rows of three kinds; four carry another label, and one of two equal rows does."""
    rng = np.random.default_rng(8)
    rows = rng.normal(0, 0.1, (3 * N_EACH + 1, 16))
    for kind in range(3):
        rows[kind * N_EACH : (kind + 1) * N_EACH, kind] += 1
    rows[-1] = rows[0]
    names = [f"/{row}" for row in range(len(rows))]
    labels = [*np.repeat(["cat", "dog", "owl"], N_EACH), "owl"]
    frame = pd.DataFrame({"filename": names, "label": labels})
    frame.loc[frame["filename"].isin(CHANGED), "label"] = ["dog", "owl", "cat", "cat"]
    work = tmp_path_factory.mktemp("animals")
    fastdup.save_binary_feature(work, names, rows)
    collection = fastdup.create(work)
    collection.run(run_mode=2, annotations=frame)
    return collection


def test_copies_with_two_labels_come_before_what_neighbours_doubt(animals):
    found = animals.mislabels()
    assert found["filename"].tolist()[:2] == ["/0", "/90"]
    assert found["suggested"].tolist()[:2] == ["owl", "cat"]
    assert found["nearest"].tolist()[:2] == ["/90", "/0"]
    assert found["distance"].tolist()[:2] == [1.0, 1.0]
    assert sorted(found["filename"][2:]) == sorted(CHANGED)
    assert (found["score"].between(0.5, 1)).all()


def test_the_whole_ranking_goes_on_after_the_sure_ones(animals):
    sure, ranking = animals.mislabels(), animals.mislabels(only_sure=False)
    assert len(ranking) > len(sure)
    assert ranking.head(len(sure)).equals(sure)


def test_labels_that_are_confused_are_a_table(animals):
    found = animals.confused_labels()
    assert list(found) == ["label", "suggested", "count", "share"]
    pairs = set(zip(found["label"], found["suggested"], found["count"], strict=True))
    assert {("owl", "cat", 2), ("dog", "cat", 1), ("cat", "dog", 1), ("cat", "owl", 1)} <= pairs
    assert found["share"].between(0, 0.2).all()
    assert (np.diff(found["count"]) <= 0).all()


def test_confused_labels_need_labels_and_neighbours(tmp_path, animals):
    with pytest.raises(ConfigError, match="k=0 is not allowed"):
        animals.confused_labels(k=0)
    fastdup.save_binary_feature(tmp_path, list("abc"), np.eye(3))
    fastdup.create(tmp_path).run(run_mode=2)
    with pytest.raises(ConfigError, match="no image has a label"):
        fastdup.create(tmp_path).confused_labels()
