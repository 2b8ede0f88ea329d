"""How long a large search will take: by value, and as it is logged."""

import json
import re
from pathlib import Path

import pytest

from fastdup.index.ivf.estimate import Estimate, estimate_join, measure_comparison_s
from fastdup.index.ivf.provider import IvfJoin

#: Of a process that imports faiss and ONNX Runtime.
START_CPU_S = 0.7


def test_a_million_rows_take_what_their_parts_cost() -> None:
    # 6000 lists, of which 5000 rows are compared. A row costs 5000 + 0.35·6000 + 0.35·5000 = 8850
    # comparisons of 4 ns in the join, all together 5·10⁷ more, and 0.7·1,000,000 of them when all
    # pairs are compared.
    estimate = estimate_join(1_000_000, comparison_s=4e-9)
    assert (estimate.n_lists, estimate.n_compared) == (6000, 5000)
    assert estimate.join_s == pytest.approx(35.6)
    assert estimate.all_pairs_s == pytest.approx(2800)


def test_a_thousand_rows_are_all_compared() -> None:
    # 190 lists: 5·10⁷ + 1000·(5000 + 0.35·190 + 0.35·1000).
    estimate = estimate_join(1000, comparison_s=1e-6)
    assert (estimate.n_lists, estimate.n_compared) == (190, 1000)
    assert estimate.join_s == pytest.approx(55.4165)
    assert estimate.all_pairs_s == pytest.approx(0.7)


def test_of_many_million_rows_each_probes_few_lists() -> None:
    estimate = estimate_join(13_000_000, comparison_s=4e-9)
    assert (estimate.n_lists, estimate.n_compared) == (21_633, round(3 * 13e6 / 21_633))


@pytest.mark.parametrize("size", ["photos-20k", "photos-50k", "photos-100k", "1m-k10"])
def test_the_estimate_is_near_the_seconds_that_the_benchmark_measured(size: str) -> None:
    results = Path(__file__).parents[3] / "benchmarks" / "results" / f"neighbours-{size}.json"
    result = json.loads(results.read_text())
    comparison_s = result["bare_product_of_all_pairs_cpu_s"] / result["rows"] ** 2
    cpu_s = result["methods"]["fastdup ivf_join"]["cpu_s"]
    estimated_s = estimate_join(result["rows"], comparison_s).join_s
    assert estimated_s == pytest.approx(cpu_s - START_CPU_S, rel=0.25)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.4, "0 s"), (89.4, "89 s"), (90, "2 min"), (2800, "47 min"), (5400, "1.5 h")],
)
def test_the_estimate_is_read_in_seconds_minutes_or_hours(seconds: float, text: str) -> None:
    assert str(Estimate(n_lists=6000, n_compared=5000, join_s=seconds, all_pairs_s=7200)) == (
        "all pairs would take about 2.0 h here; each is compared with about 5,000 others in 6,000 "
        f"lists, in about {text}, which finds nearly all close pairs"
    )


def test_a_comparison_of_longer_rows_takes_longer() -> None:
    short_s, long_s = (min(measure_comparison_s(dim, 1) for _ in range(5)) for dim in (64, 4096))
    assert 0 < short_s < long_s < 1e-5


@pytest.mark.parametrize(("reason", "shown"), [("many images", "many images"), ("", "ivf_join")])
def test_the_estimate_is_logged_with_the_reason(
    reason: str, shown: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO", "fastdup"):
        IvfJoin().announce(40_000, 8, reason)
    (message,) = caplog.messages
    assert re.fullmatch(
        rf"{shown}: all pairs would take about \d+ s here; each is compared with about 5,000 "
        r"others in 1,200 lists, in about \d+ s, which finds nearly all close pairs",
        message,
    )


def test_a_search_of_few_rows_is_not_announced(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", "fastdup"):
        IvfJoin().announce(19_999, 8, "")
        IvfJoin().announce(0, 8, "")
    assert not caplog.messages
