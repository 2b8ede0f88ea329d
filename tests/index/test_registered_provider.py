"""Providers of somebody else's that fail, or return what makes no sense."""

import logging

import numpy as np
import pytest

import fastdup
from fastdup.errors import NeighbourError
from fastdup.index import Candidates, SearchOptions, self_join
from toy_provider import ToyProvider

FEATURES = np.random.default_rng(3).standard_normal((20, 4)).astype(np.float32)
RIGHT = np.tile(np.arange(20), (20, 1))


class OddProvider(ToyProvider):
    """Returns, or raises, what it is asked to."""

    answer = None

    def search(self, queries, n_candidates):
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


class FailingProvider(OddProvider):
    """Fails in one method."""

    fails_in = ""

    def __getattribute__(self, name):
        if name == object.__getattribute__(self, "fails_in"):
            raise RuntimeError("of my\nown")
        return object.__getattribute__(self, name)


def search(answer, monkeypatch):
    fastdup.register_provider("odd", OddProvider)
    monkeypatch.setattr(OddProvider, "answer", answer)
    return self_join(FEATURES, 3, SearchOptions(provider="odd")).neighbours


def with_one(value):
    positions = RIGHT.copy()
    positions[4, 2] = value
    return positions


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (None, "None, not Candidates: return Candidates(positions)"),
        (RIGHT, "a ndarray, not Candidates: return Candidates(positions)"),
        (Candidates(with_one(20)), "the position 20: they go from 0 to 19, -1 for none"),
        (Candidates(with_one(-2)), "the position -2: they go from 0 to 19, -1 for none"),
        (Candidates(RIGHT.astype(float)), "positions of float64: they are an array of int64"),
        (Candidates(RIGHT > 0), "positions of bool: they are an array of int64"),
        (Candidates(RIGHT.tolist()), "positions of list: they are an array of int64"),
        (
            Candidates(RIGHT[:7]),
            "positions of shape (7, 20): they have a row for each of the 20 queries",
        ),
        (
            Candidates(RIGHT[0]),
            "positions of shape (20,): they have a row for each of the 20 queries",
        ),
        (
            Candidates(RIGHT[:, :0]),
            "no candidates: return some for each query, -1 where there are fewer",
        ),
        (Candidates(RIGHT, [1.0] * 20), "cutoffs of list: they are None or float64"),
        (Candidates(RIGHT, np.ones(3)), "cutoffs that are not one number for each query"),
    ],
)
def test_candidates_that_make_no_sense_are_one_line(answer, message, monkeypatch):
    with pytest.raises(NeighbourError) as error:
        search(answer, monkeypatch)
    assert str(error.value) == f"search of the neighbour provider 'odd' returned {message}"


@pytest.mark.parametrize("method", ["announce", "build", "search", "describe", "close"])
def test_a_provider_that_fails_is_named_in_one_line(method, monkeypatch):
    fastdup.register_provider("failing", FailingProvider)
    monkeypatch.setattr(FailingProvider, "answer", Candidates(RIGHT))
    monkeypatch.setattr(FailingProvider, "fails_in", method)
    with pytest.raises(NeighbourError) as error:
        self_join(FEATURES, 3, SearchOptions(provider="failing"))
    assert str(error.value) == (
        f"the neighbour provider 'failing' failed in {method} (RuntimeError: of my own): "
        "fix its class, or choose another nn_provider"
    )
    assert isinstance(error.value.__cause__, RuntimeError)


@pytest.mark.parametrize("answer", [KeyError("album"), RuntimeError("bug"), None])
def test_a_run_ends_with_one_line_where_a_provider_fails(
    answer, photos, tmp_path, caplog, monkeypatch
):
    fastdup.register_provider("odd", OddProvider)
    monkeypatch.setattr(OddProvider, "answer", answer)
    with caplog.at_level(logging.ERROR, "fastdup"):
        assert fastdup.run(photos, tmp_path / "out", nn_provider="odd") == 1
    assert [message.count("\n") for message in caplog.messages] == [0]
    assert "neighbour provider 'odd'" in caplog.text


@pytest.mark.parametrize("dtype", [np.int64, np.int32, np.uint8])
def test_repeated_candidates_count_once(dtype, monkeypatch):
    right = search(Candidates(RIGHT), monkeypatch)
    repeated = search(Candidates(np.repeat(RIGHT, 3, axis=1).astype(dtype)), monkeypatch)
    assert np.array_equal(repeated.indices, right.indices)
    assert np.array_equal(repeated.similarities, right.similarities)
    assert all(len(set(row)) == 3 for row in right.indices.tolist())
